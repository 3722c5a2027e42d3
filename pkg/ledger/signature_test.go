package ledger_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// signing is a signature with OIDC evidence, to be altered before it is told.
type signing struct {
	text, token string
	body        ledger.Body
	private     map[string]string
}

func (s *story) signing(alter func(*signing)) int {
	agreed := s.tell(both, nil, ledger.Body{Kind: ledger.KindAgreement, Organisation: wco,
		Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_9", AgreementText: digest("we keep it")}})
	one := signing{
		text: strings.Join([]string{"CHANCERY SIGNATURE, canonical text, version 1",
			"signature: PIU signs, under Article 4(8) of the Arrangement, the Confidentiality Agreement named here",
			"agreement: agr_9", "agreement sha-256: " + digest("we keep it"), "third party: PIU (" + piu + ")",
			"third party record sha-256: " + digest(piu), "signatory: per_head", "mandate: " + delegationOf(piu)},
			"\n") + "\n",
		body: ledger.Body{
			Kind:         ledger.KindSignature,
			Organisation: piu,
			Issuer:       issuerOf(piu),
			Actor:        "per_head",
			Terms: &ledger.Terms{Recipient: piu, RecipientRecord: digest(piu), Agreement: "agr_9",
				AgreementText: digest("we keep it"), Evidence: "oidc", Delegation: delegationOf(piu),
				Relies: []string{agreed}},
		},
	}
	s.claims = func(said map[string]any) { said["iss"] = issuerOf(piu) }
	if alter != nil {
		alter(&one)
	}
	if one.token == "" {
		one.token = s.token(s.issuer, one.text)
	}
	thumbprint, err := ledger.Thumbprint([]byte(jwkOf(s.issuer)))
	must(s.t, err)
	t := one.body.Terms
	if t.Evidence == "oidc" {
		t.Text, t.EvidenceDigest, t.EvidenceKey = digest(one.text), digest(one.token), thumbprint
		one.private = map[string]string{"text": one.text, "id-token": one.token, "evidence-key": jwkOf(s.issuer)}
	}
	s.tell(both, one.private, one.body)
	return s.last()
}

// Reading 0010: a signature under a Confidentiality Agreement is in writing as a consent is, and is verified as one.
func TestReading0010_ASignatureIsVerifiedByItsOwnEvidence(t *testing.T) {
	s := newStory(t)
	s.between()
	s.signing(nil)
	r := s.verify(s.bundle(wco))
	good(t, r)
	if len(r.IssuerKeys) != 1 || r.IssuerKeys[0].Issuer != issuerOf(piu) {
		t.Errorf("keys %+v", r.IssuerKeys)
	}
	old := newStory(t)
	old.between()
	old.signing(func(one *signing) { one.body.Terms.Evidence = "" })
	if with, without := bareActs(r), bareActs(old.verify(old.bundle(wco))); with == without {
		t.Errorf("a signature without evidence is not told among the acts that nobody's own key shows: %q", with)
	}
	says := func(from, to string) func(s *story) int {
		return func(s *story) int {
			s.between()
			return s.signing(func(one *signing) { one.text = strings.Replace(one.text, from, to, 1) })
		}
	}
	convicted(t, map[string]lie{
		"of another agreement": {ledger.CheckEvidence, "the writing says agreement", says("agr_9", "agr_1")},
		"of another text of it": {ledger.CheckEvidence, "the writing says agreement sha-256",
			says(digest("we keep it"), digest("we keep nothing"))},
		"by another person":  {ledger.CheckEvidence, "the writing says signatory", says("per_head", "per_clerk")},
		"under no Mandate":   {ledger.CheckEvidence, "the writing says mandate", says(delegationOf(piu), "none")},
		"of another unit":    {ledger.CheckEvidence, "the writing is of", says("("+piu+")", "(org_customs)")},
		"that is no signing": {ledger.CheckEvidence, "the writing is no signature", says(" signs, ", " reads, ")},
		"with the sign-in of a colleague": {ledger.CheckEvidence, "to whom the Delegation was not given",
			func(s *story) int {
				s.between()
				return s.signing(func(*signing) {
					s.claims = func(said map[string]any) { said["iss"], said["sub"] = issuerOf(piu), "clerk" }
				})
			}},
		"with the sign-in for something else": {ledger.CheckEvidence, "was not made for this text", func(s *story) int {
			s.between()
			return s.signing(func(one *signing) { one.token = s.token(s.issuer, "something else") })
		}},
		"signed in before the agreement was put": {ledger.CheckTime, "before the agreement at index",
			func(s *story) int {
				s.between()
				return s.signing(func(*signing) {
					s.claims = func(said map[string]any) {
						said["iss"], said["iat"] = issuerOf(piu), s.at.Add(-24*time.Hour).Unix()
					}
				})
			}},
		"without any, which no configuration admits": {ledger.CheckEvidence, "without evidence", func(s *story) int {
			s.between()
			return s.signing(func(one *signing) { one.body.Terms.Evidence = "none" })
		}},
	})
}

// bareActs is what a report says of the acts that nobody's own key shows.
func bareActs(r ledger.Report) string {
	for _, limit := range r.Limits {
		if strings.Contains(limit, "bear no signature") {
			return limit
		}
	}
	return ""
}
