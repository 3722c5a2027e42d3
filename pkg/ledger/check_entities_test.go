package ledger_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// begin puts a lowering to Customs, which is concerned; the name of the first half comes back.
func (s *story) begin(concerned string) string {
	s.deposit(concerned)
	return s.tell(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco, Actor: "per_first",
		Document: "doc_1", Terms: &ledger.Terms{Marking: "non-confidential", Step: ledger.StepFirst}})
}

// says is what an entity decides on a lowering.
func (s *story) says(kind ledger.Kind, entity, first string) string {
	return s.tell([]string{wco}, nil, ledger.Body{Kind: kind, Organisation: entity, Document: "doc_1",
		Terms: &ledger.Terms{Marking: "non-confidential", Relies: []string{first}}})
}

// lower is the second half.
func (s *story) lower(first string, relies ...string) int {
	s.tell(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco, Actor: "per_second", Document: "doc_1",
		Terms: &ledger.Terms{Marking: "non-confidential", Step: ledger.StepSecond,
			Relies: append([]string{first}, relies...)}})
	return s.last()
}

func TestArticle4_4_AnHonestLoweringHasTheAuthorizationOfEachEntity(t *testing.T) {
	s := newStory(t)
	first := s.begin("org_customs,org_wco")
	given := s.says(ledger.KindLoweringAuthorization, "org_customs", first)
	s.lower(first, given)
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindNotConcerned, Organisation: "org_customs",
		Document: "doc_1", Terms: &ledger.Terms{}})
	// who took itself off takes back still what it gave
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindLoweringWithdrawal, Organisation: "org_customs",
		Document: "doc_1", Terms: &ledger.Terms{Relies: []string{first}, Withdraws: []string{given}}})
	r := s.verify(s.bundle(wco))
	good(t, r)
	if !strings.Contains(said(r, ledger.CheckAuthority), "1 lowering of documents") {
		t.Errorf("it says %q", said(r, ledger.CheckAuthority))
	}
	r = s.verify(s.bundle(unoct)) // who is concerned is not the Recipient's to see
	good(t, r)
	if !gapOf(r, "lowerings of documents whose entities concerned") {
		t.Errorf("not provable: %v", r.NotProvable)
	}
}

func TestArticle4_4_NothingIsLoweredNorAnybodyTakenOffWithoutTheEntity(t *testing.T) {
	const without = "without the authorization of the entity concerned org_customs"
	off := func(s *story) int {
		s.twice([]string{wco}, map[string]string{"removed": "org_customs"},
			ledger.Body{Kind: ledger.KindEntities, Organisation: wco, Document: "doc_1", Terms: &ledger.Terms{}})
		return s.last()
	}
	convicted(t, map[string]lie{
		"lowered with nobody asked": {ledger.CheckAuthority, without, func(s *story) int {
			return s.lower(s.begin("org_customs"))
		}},
		"lowered after a refusal": {ledger.CheckAuthority, without, func(s *story) int {
			first := s.begin("org_customs")
			s.says(ledger.KindLoweringRefusal, "org_customs", first)
			return s.lower(first)
		}},
		"lowered after it was taken back": {ledger.CheckAuthority, without, func(s *story) int {
			first := s.begin("org_customs")
			given := s.says(ledger.KindLoweringAuthorization, "org_customs", first)
			s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindLoweringWithdrawal, Organisation: "org_customs",
				Document: "doc_1", Terms: &ledger.Terms{Relies: []string{first}, Withdraws: []string{given}}})
			return s.lower(first, given)
		}},
		"an authorization of a lowering that nobody began": {ledger.CheckAuthority, "stands nowhere earlier",
			func(s *story) int {
				s.deposit("org_customs")
				s.says(ledger.KindLoweringAuthorization, "org_customs", digest("nothing"))
				return s.last()
			}},
		"an authorization by somebody who is not concerned": {ledger.CheckAuthority, "org_piu is no entity concerned",
			func(s *story) int {
				s.says(ledger.KindLoweringAuthorization, piu, s.begin("org_customs"))
				return s.last()
			}},
		"an entity taken off after a request": {ledger.CheckAuthority, "after something was put to it",
			func(s *story) int {
				s.deposit("org_customs")
				s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct, Actor: "per_reader",
					Document: "doc_1", Terms: s.terms(unoct)})
				return off(s)
			}},
		"an entity taken off after a lowering": {ledger.CheckAuthority, "after something was put to it",
			func(s *story) int {
				s.begin("org_customs")
				return off(s)
			}},
	})
}

// authorizing is an authorization with OIDC evidence, to be altered before it is told.
func (s *story) authorizing(request string, alter func(text string) string) func(*story) int {
	t := s.terms(unoct, request)
	t.Evidence = "oidc"
	text := strings.Replace(written(t, "req_1"), "consents, under Article 4(8)", "authorizes, under Article 4(4)", 1)
	text = alter(text)
	token := s.token(s.issuer, text)
	thumbprint, err := ledger.Thumbprint([]byte(jwkOf(s.issuer)))
	must(s.t, err)
	t.Text, t.EvidenceDigest, t.EvidenceKey = digest(text), digest(token), thumbprint
	return func(s *story) int {
		s.tell(both, map[string]string{"text": text, "id-token": token, "evidence-key": jwkOf(s.issuer)},
			ledger.Body{
				Kind:         ledger.KindAuthorization,
				Organisation: wco,
				Issuer:       issuer,
				Actor:        "per_focal",
				Document:     "doc_1",
				Request:      "req_1",
				Terms:        t,
			})
		return s.last()
	}
}

func TestReading0010_AnAuthorizationWithEvidenceIsVerifiedAsAConsent(t *testing.T) {
	s := newStory(t)
	c := s.between()
	s.authorizing(c.request, func(text string) string { return text })(s)
	r := s.verify(s.bundle(wco))
	good(t, r)
	if r.Evidence["oidc"] != 0 || len(r.IssuerKeys) != 1 {
		t.Errorf("consents by evidence %v, keys %v", r.Evidence, r.IssuerKeys)
	}
	convicted(t, map[string]lie{
		"an authorization with the text of a consent": {ledger.CheckEvidence, "the writing is no authorization",
			func(s *story) int {
				c := s.between()
				return s.authorizing(c.request, func(text string) string {
					return strings.Replace(text, "authorizes, under Article 4(4)", "consents, under Article 4(8)", 1)
				})(s)
			}},
	})
}
