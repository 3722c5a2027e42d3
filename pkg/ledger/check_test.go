package ledger_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

func gapOf(r ledger.Report, what string) bool {
	return slices.ContainsFunc(r.NotProvable, func(g ledger.Gap) bool { return strings.Contains(g.What, what) })
}

func TestWhatAConfigurationWidensIsToBeAgreed(t *testing.T) {
	widened := map[string]func(c *ledger.Configured){
		"consents without evidence": func(c *ledger.Configured) {
			c.Weakening = []string{"admit.consent_evidence_none: consents without evidence are admitted"}
		},
		"another identity provider": func(
			c *ledger.Configured) {
			c.Organisations[2].Issuer = "https://elsewhere.example"
		},
	}
	for name, widen := range widened {
		s := newStory(t)
		s.configure(s.configured())
		said := s.configured()
		widen(said)
		s.configure(said)
		s.configure(said)
		r := s.verify(s.bundle(wco))
		good(t, r)
		if !gapOf(r, "that both Parties agreed") {
			t.Errorf("%s: not provable: %v", name, r.NotProvable)
		}
	}
	s := newStory(t)
	unbound := s.configured()
	unbound.Organisations = nil
	s.configure(unbound)
	r := s.verify(s.bundle(wco))
	good(t, r)
	if got := said(r, ledger.CheckParties); got != "by the log org_unoct and org_wco" {
		t.Errorf("%q", got)
	}
}

func TestTheConfigurationsSayTheSameOfTheParties(t *testing.T) {
	convicted(t, map[string]lie{
		"a third Party": {ledger.CheckParties, "it names other Parties", forged(func(s *story, _ *chapter) {
			said := s.configured()
			said.Signed = append(said.Signed, ledger.Signed{Party: piu, On: said.Signed[0].On})
			s.configure(said)
		})},
		"one identity provider for two": {ledger.CheckParties, "one identity provider",
			forged(func(s *story, _ *chapter) {
				said := s.configured()
				said.Organisations[2].Issuer = said.Organisations[0].Issuer
				s.configure(said)
			})},
	})
}

// A third party that both Parties recognised has the identity provider that they named, where the bundle shows it, and
// the Arrangement file does not go behind that.
func TestARecognisedOrganisationHasTheProviderThatBothNamed(t *testing.T) {
	tell := func(issuer string) *story {
		s := newStory(t)
		c := s.between()
		fields := map[string]string{"issuer": "https://new.example"}
		first := s.tell(both, fields, ledger.Body{Kind: ledger.KindRecognition, Organisation: wco, Actor: "per_one",
			Terms: &ledger.Terms{Step: ledger.StepFirst, Subject: piu, RecipientRecord: digest("new")}})
		s.tell(both, fields, ledger.Body{Kind: ledger.KindRecognition, Organisation: unoct, Actor: "per_two",
			Terms: &ledger.Terms{Step: ledger.StepSecond, Subject: piu, RecipientRecord: digest("new"),
				Relies: []string{first}}})
		s.configure(s.configured())
		s.tell(both, nil, ledger.Body{Kind: ledger.KindMessage, Organisation: piu, Issuer: issuer, Request: "req_1",
			Terms: &ledger.Terms{Relies: []string{c.request}}})
		return s
	}
	s := tell("https://new.example")
	good(t, s.verify(s.bundle(wco)))
	s = tell(issuerOf(piu))
	wrong(t, s.verify(s.bundle(wco)), ledger.CheckParties, "by the identity provider", 7)
}

func TestACopyIsOfADisclosureThatStands(t *testing.T) {
	copied := func(of func(c *chapter) string, b ledger.Body, opens []string) func(s *story) int {
		return func(s *story) int {
			c := s.between()
			s.read(&c)
			b.Kind, b.Terms = ledger.KindCopy,
				&ledger.Terms{Subject: of(&c), MediaType: "application/pdf", Digest: digest("copy"),
					Relies: []string{c.disclosure}}
			s.tell(opens, nil, b)
			return s.last()
		}
	}
	right := func(*chapter) string { return "dis_4" }
	reader := ledger.Body{Organisation: unoct}
	convicted(t, map[string]lie{
		"of another disclosure": {ledger.CheckCompletions, "stands nowhere earlier",
			copied(func(*chapter) string { return "dis_9" }, reader, both)},
		"by somebody else": {ledger.CheckCompletions, "it is by org_wco",
			copied(right, ledger.Body{Organisation: wco}, both)},
		"that one Party sees": {ledger.CheckEntitled, "it opens to other Parties",
			copied(right, reader, []string{wco})},
	})
	believed(t, map[string]func(*story){"its copy": func(s *story) { copied(right, reader, both)(s) }})
}

func TestWhatAnEntitledPartyCannotOpenIsFound(t *testing.T) {
	convicted(t, map[string]lie{
		"a message of a Party that the other does not see": {ledger.CheckEntitled, "both Parties",
			forged(func(s *story, _ *chapter) {
				s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindMessage, Organisation: unoct, Request: "req_1"})
			})},
		"an authorization of the Recipient's that only the Discloser sees": {ledger.CheckEntitled, "both Parties",
			forged(func(s *story, c *chapter) {
				s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco,
					Terms: s.terms(unoct, c.request)})
			})},
		"a reading of one Party that only the other sees": {ledger.CheckEntitled, "the writer's own Party",
			forged(func(s *story, _ *chapter) {
				s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: unoct})
			})},
	})
}

func TestATransferBeginsWhileItsPermitRuns(t *testing.T) {
	ends := func(began func(s *story) time.Time) func(s *story) int {
		return func(s *story) int {
			c := s.between()
			s.read(&c)
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion, Organisation: unoct,
				Completion: &ledger.Completion{Disclosure: "dis_4", Closes: c.disclosure, End: ledger.EndAborted,
					Length: 10, Began: began(s)}})
			return s.last()
		}
	}
	convicted(t, map[string]lie{
		"before it": {ledger.CheckCompletions, "the permit ran from",
			ends(func(s *story) time.Time { return s.at.Add(-time.Hour) })},
		"after its own end": {ledger.CheckCompletions, "after it ended",
			ends(func(s *story) time.Time { return s.at.Add(30 * time.Minute) })},
		"an open end": {ledger.CheckCompletions, "the permit ran from",
			ends(func(s *story) time.Time { return s.at.Add(48 * time.Hour) })},
		"a permit that never was on": {ledger.CheckTime, "before it was given",
			altered(func(b *ledger.Body) { b.Disclosure.Expires = b.Disclosure.Expires.Add(-2 * time.Hour) })},
	})
	s := newStory(t)
	ends(func(*story) time.Time { return time.Time{} })(s)
	r := s.verify(s.bundle(wco))
	good(t, r)
	if !gapOf(r, "do not say when they began") {
		t.Errorf("not provable: %v", r.NotProvable)
	}
}

func TestReadingPageByPageHandsOutNoFile(t *testing.T) {
	read := func(form string, end ledger.Completion) func(s *story) int {
		return func(s *story) int {
			c := s.between()
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations, b.Disclosure.Form = []string{c.authorization}, form
			c.disclosure = s.tell(both, nil, b)
			end.Disclosure, end.Closes, end.Began = "dis_4", c.disclosure, s.at
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion, Organisation: unoct, Completion: &end})
			return s.last()
		}
	}
	shown := ledger.Completion{End: ledger.EndShown, Pages: "1-3,7"}
	convicted(t, map[string]lie{
		"and its file left": {ledger.CheckCompletions, "a file was handed out",
			read("view", ledger.Completion{End: ledger.EndComplete, Length: 5, Bytes: 5})},
		"and pages that nobody names": {ledger.CheckCompletions, `shown with the pages ""`,
			read("view", ledger.Completion{End: ledger.EndShown})},
		"and pages of what nobody fetched": {ledger.CheckCompletions, `unused with the pages "1"`,
			read("view", ledger.Completion{End: ledger.EndUnused, Pages: "1"})},
		"and bytes beside the pages": {ledger.CheckCompletions, "with 5 of 5 bytes",
			read("view", ledger.Completion{End: ledger.EndShown, Pages: "1", Length: 5, Bytes: 5})},
		"and more bytes than there were": {ledger.CheckCompletions, "aborted with 6 of 5 bytes",
			read("stamped", ledger.Completion{End: ledger.EndAborted, Length: 5, Bytes: 6})},
	})
	believed(t, map[string]func(*story){
		"pages":                  func(s *story) { read("view", shown)(s) },
		"pages of a marked copy": func(s *story) { read("stamped", shown)(s) },
	})
}

func TestTheLogMayBeASecondOrAMinuteOutOfOrder(t *testing.T) {
	s := newStory(t)
	s.configure(s.configured())
	s.at = s.at.Add(-2 * time.Minute)
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: wco})
	good(t, s.verify(s.bundle(wco)))
	s.at = s.at.Add(-4 * time.Minute)
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: wco})
	wrong(t, s.verify(s.bundle(wco)), ledger.CheckTime, "is before", 3)
}

func TestALetterIsHeldAgainstThePaper(t *testing.T) {
	s := newStory(t)
	c := s.between()
	s.abroad(&c)
	b, private := s.consenting(c.ask)
	byLetter(&b)
	delete(private, "id-token")
	s.letter("per_second", b.Request)
	s.tell(both, private, b)
	data := s.bundle(wco)
	r := s.verify(data)
	good(t, r)
	if len(r.Letters) != 1 || !gapOf(r, "on paper") {
		t.Errorf("%v %v", r.Letters, r.NotProvable)
	}
	r, err := ledger.Verify(bundleOf(data),
		ledger.Options{Keys: []note.Verifier{s.key}, Letters: []string{digest("a paper")}})
	must(t, err)
	if len(r.Letters) != 0 || gapOf(r, "on paper") {
		t.Errorf("%v %v", r.Letters, r.NotProvable)
	}
}

func TestAConsentWithoutEvidenceThatIsAdmittedIsSaid(t *testing.T) {
	s := newStory(t)
	said := s.configured()
	said.Weakening = []string{"admit.consent_evidence_none: x"}
	said.Organisations, said.Delegations[0].Holder = nil, ""
	s.configure(said)
	c := s.between()
	s.abroad(&c)
	b, private := s.consenting(c.ask)
	b.Terms.Evidence, b.Terms.EvidenceDigest, b.Terms.EvidenceKey = "none", "", ""
	s.tell(both, private, b)
	r := s.verify(s.bundle(wco))
	good(t, r)
	if !gapOf(r, "without evidence") || !gapOf(r, "a Delegation's holder and a client") {
		t.Errorf("not provable: %v", r.NotProvable)
	}
}

func TestAnAudienceIsATextOrTexts(t *testing.T) {
	convicted(t, map[string]lie{
		"a number": {ledger.CheckEvidence, "neither a text nor a list",
			forgedConsent(func(s *story, b *ledger.Body, private map[string]string) {
				s.claims = func(said map[string]any) { said["aud"] = 7 }
				private["id-token"] = s.token(s.issuer, private["text"])
				b.Terms.EvidenceDigest = digest(private["id-token"])
			})},
	})
}

// The answer to a notice is sealed for whoever gave the notice; a refusal may rest on more than the request.
func TestWhatIsNotSealedForAPartyIsNotMissed(t *testing.T) {
	s := newStory(t)
	c := s.between()
	s.tell(both, map[string]string{"statement": "kept"},
		ledger.Body{Kind: ledger.KindAcknowledgement, Organisation: unoct, Terms: &ledger.Terms{Subject: "not_1"}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindRefusal, Organisation: wco,
		Terms: &ledger.Terms{Relies: []string{c.deposit, c.request}}})
	hidden := func(index int, r *ledger.Record) {
		if index == 4 {
			r.Details = nil
		}
	}
	good(t, s.verify(s.bundle(unoct, hidden)))
}

// asleep is a disk that stops answering for what lies at the end of the file.
type asleep struct{ *bytes.Reader }

func (a asleep) ReadAt(p []byte, off int64) (int, error) {
	if len(p) == 1 {
		return 0, errors.New("input/output error")
	}
	return a.Reader.ReadAt(p, off)
}

func TestADiskThatStopsAnsweringIsNoVerdict(t *testing.T) {
	s := newStory(t)
	s.whole()
	data := s.bundle(wco)
	_, err := ledger.Verify(ledger.Bundle{R: asleep{bytes.NewReader(data)}, Size: int64(len(data))},
		ledger.Options{Keys: []note.Verifier{s.key}})
	refused(t, err, "input/output error")
}

func TestTheEmptyTreeHasOneRoot(t *testing.T) {
	s := newStory(t)
	s.whole()
	r, err := ledger.Verify(bundleOf(s.bundle(wco)),
		ledger.Options{Keys: []note.Verifier{s.key}, Since: s.checkpoint(0, ledger.Hash{1})})
	must(t, err)
	wrong(t, r, ledger.CheckCheckpoints, "the empty tree has another root", -1)
}

func TestAJointVerdictNamesOneTreeWhateverTheOrder(t *testing.T) {
	s := newStory(t)
	s.whole()
	older := s.bundle(wco)
	newer := s.bundle(unoct)
	options := ledger.Options{Keys: []note.Verifier{s.key}}
	one, err := ledger.VerifyJoint(bundleOf(older), bundleOf(newer), options)
	must(t, err)
	other, err := ledger.VerifyJoint(bundleOf(newer), bundleOf(older), options)
	must(t, err)
	good(t, one)
	_, roots, _ := s.tree()
	if one.Size != int64(len(s.entries)) || one.Root != roots[one.Size].String() || other.Size != one.Size ||
		other.Root != one.Root {
		t.Errorf("%d %s; %d %s", one.Size, one.Root, other.Size, other.Root)
	}
}

// More than a hundred findings of one kind leave no room to name one of another.
func TestManyFindingsAreCounted(t *testing.T) {
	s := newStory(t)
	s.configure(s.configured())
	for range 150 {
		s.tell(both, nil, ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Document: "doc_1",
			Terms: &ledger.Terms{}})
	}
	s.tell(both, nil, ledger.Body{Kind: ledger.KindReading, Organisation: wco, Rules: "sha256:" + digest("other")})
	r := s.verify(s.bundle(wco))
	if len(r.Findings) != 100 || r.Bad < 150 || said(r, ledger.CheckRules) != "1 wrong" {
		t.Errorf("%d of %d findings; %q", len(r.Findings), r.Bad, said(r, ledger.CheckRules))
	}
}
