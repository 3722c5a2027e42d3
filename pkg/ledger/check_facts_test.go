package ledger_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// asked is what the rules were asked, to be altered in a word.
type asked struct {
	act   string
	flags map[string]bool
	words map[string]string
}

func (a asked) String() string {
	yes, no := []string{"yes"}, []string{"no"}
	for _, name := range slices.Sorted(maps.Keys(a.flags)) {
		if a.flags[name] {
			yes = append(yes, name)
		} else {
			no = append(no, name)
		}
	}
	text := a.act + "\n" + strings.Join(yes, " ") + "\n" + strings.Join(no, " ") + "\n"
	for _, name := range slices.Sorted(maps.Keys(a.words)) {
		text += name + " =" + a.words[name] + "\n"
	}
	return text
}

func (a asked) but(alter func(a asked)) asked {
	a.flags, a.words = maps.Clone(a.flags), maps.Clone(a.words)
	alter(a)
	return a
}

// ofReading is what the rules are asked of the reader in the story, as the log tells it.
func ofReading() asked {
	return asked{"disclose", map[string]bool{
		"consented": true, "depositor": false, "operator": false, "own": false, "personal_data": false,
		"proprietary": false, "protected": true, "purpose_named": true, "purpose_permitted": true,
		"retention_over": false, "statement": false, "stopped": false, "suspended": false, "version_closed": false,
		"version_destroyed": false,
	}, map[string]string{"consent": "not-required", "form": "stamped", "grant_form": "stamped", "phase": "in-effect",
		"roles": "staff", "second": "first", "side": "recipient", "sign_in": "fresh"}}
}

// decidedOn tells the reading on such facts, and gives its index.
func (s *story) decidedOn(facts string, alter func(b *ledger.Body)) int64 {
	c := s.between()
	return s.readOn(c, facts, alter)
}

func (s *story) readOn(c chapter, facts string, alter func(b *ledger.Body)) int64 {
	b := s.permit(unoct, "per_reader", c.request)
	b.Disclosure.Authorizations = []string{c.authorization}
	if alter != nil {
		alter(&b)
	}
	s.completion(s.tell(both, map[string]string{"facts": facts}, b), ledger.EndComplete, both)
	return int64(len(s.entries) - 2)
}

// rulebook stands for the rules: they permit what was consented to.
type rulebook struct{ texts []string }

func (r *rulebook) Rules(digest, text string) error {
	if text == "nonsense" {
		return errors.New("no rules")
	}
	r.texts = append(r.texts, digest)
	return nil
}

func (r *rulebook) Again(b *ledger.Body, facts string) (why string, known bool) {
	if !slices.Contains(r.texts, b.Rules) {
		return "", false
	}
	_, yes, _ := strings.Cut(facts, "\nyes ")
	yes, _, _ = strings.Cut(yes, "\n")
	if permits := slices.Contains(strings.Fields(yes), "consented"); permits != (b.Outcome == ledger.Permitted) {
		return fmt.Sprintf("the rules, asked again, say %t", permits), true
	}
	return "", true
}

func (s *story) redecided(party string, change ...func(int, *ledger.Record)) ledger.Report {
	s.t.Helper()
	r, err := ledger.Verify(bundleOf(s.bundle(party, change...)),
		ledger.Options{Keys: []note.Verifier{s.key}, Decider: &rulebook{}})
	must(s.t, err)
	return r
}

func TestFactsThatTheLogBearsOutAreNoFinding(t *testing.T) {
	s := newStory(t)
	c := s.between()
	s.readOn(c, ofReading().String(), nil)
	own := s.permit(wco, "per_staff", "")
	own.Disclosure.Purpose = ""
	facts := ofReading().but(func(a asked) {
		a.flags["own"], a.flags["depositor"] = true, true
		a.flags["purpose_named"], a.flags["purpose_permitted"] = false, false
		a.words["side"], a.words["grant_form"] = "discloser", ""
	})
	s.completion(s.tell([]string{wco}, map[string]string{"facts": facts.String()}, own), ledger.EndComplete,
		[]string{wco})
	s.abroad(&c)
	third := s.permit(piu, "per_analyst", c.ask)
	third.Disclosure.Consent, third.Disclosure.Agreement = c.consent, c.signature
	facts = ofReading().but(func(a asked) {
		a.words["side"], a.words["consent"], a.flags["asker"] = "third-party", "matching", true
	})
	s.completion(s.tell(both, map[string]string{"facts": facts.String()}, third), ledger.EndComplete, both)
	for _, party := range both {
		r, err := ledger.Verify(bundleOf(s.export(party)), ledger.Options{Keys: []note.Verifier{s.key}})
		must(t, err)
		for _, f := range r.Findings {
			if f.Check == ledger.CheckFacts && !strings.Contains(f.Why, "does not say on which facts") {
				t.Errorf("%s: %s", party, f)
			}
		}
	}
}

// Each word that the log can bear out, said otherwise than the log says it, is found.
func TestFactsThatTheLogContradictsAreFound(t *testing.T) {
	for name, is := range ofReading().flags {
		if name == "consented" {
			continue
		}
		s := newStory(t)
		at := s.decidedOn(ofReading().but(func(a asked) { a.flags[name] = !is }).String(), nil)
		wrong(t, s.redecided(unoct), ledger.CheckFacts, "by its facts "+name+" is ", at)
	}
	for name, said := range map[string]string{"phase": "notice-given", "side": "discloser", "form": "view",
		"grant_form": "original", "second": "second"} {
		s := newStory(t)
		at := s.decidedOn(ofReading().but(func(a asked) { a.words[name] = said }).String(), nil)
		wrong(t, s.redecided(wco), ledger.CheckFacts, "by its facts "+name+" is ", at)
	}
}

// Of other acts, too, what the log says is held against what the rules were told.
func TestFactsOfOtherActsAreHeldAgainstTheLog(t *testing.T) {
	for about, tell := range map[string]func(s *story) string{
		"protected": func(s *story) string {
			s.configure(s.configured())
			s.tell(both, map[string]string{"title": "x", "entities": "none",
				"facts": "deposit\nyes\nno personal_data protected\nside =discloser\n"},
				ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Terms: &ledger.Terms{}})
			return "protected"
		},
		"personal data": func(s *story) string {
			s.configure(s.configured())
			s.tell(both, map[string]string{"title": "x", "entities": "none",
				"facts": "deposit\nyes personal_data protected\nno\nside =discloser\n"},
				ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Terms: &ledger.Terms{}})
			return "personal_data"
		},
		"a request that is a Delivery": func(s *story) string {
			c := s.between()
			s.tell(both, map[string]string{"facts": "request\nyes delivery\nno\nside =recipient\n"},
				ledger.Body{Kind: ledger.KindRequest, Organisation: unoct, Request: "req_9",
					Terms: s.terms(unoct, c.deposit)})
			return "delivery"
		},
		"a copy that nobody was given": func(s *story) string {
			s.heldByNobodyOr(s.between(), nil)
			return "copy_held"
		},
		"a copy of which pages were looked at alone": func(s *story) string {
			s.heldByNobodyOr(s.between(), func(b *ledger.Body) { b.Disclosure.Form = "view" })
			return "copy_held"
		},
		"who asks": func(s *story) string {
			c := s.between()
			s.tell(both, map[string]string{"facts": "authorize\nyes asker\nno\nside =discloser\n"},
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Actor: "per_focal", Request: "req_1",
					Terms: s.terms(unoct, c.request)})
			return "asker"
		},
		"a lowering that is called none": func(s *story) string {
			s.deposit("none")
			s.tell(both, map[string]string{"facts": "mark\nyes\nno unprotects\nsecond =first\nside =discloser\n"},
				ledger.Body{Kind: ledger.KindMarking, Organisation: wco,
					Terms: &ledger.Terms{Marking: "non-confidential"}})
			return "unprotects"
		},
		"the side of a third party": func(s *story) string {
			s.between()
			s.tell(both, map[string]string{"facts": "report-leak\nyes\nno\nside =recipient\n"},
				ledger.Body{Kind: ledger.KindLeak, Organisation: piu, Terms: &ledger.Terms{}})
			return "side"
		},
		"a consent that no entry names": func(s *story) string {
			c := s.between()
			s.abroad(&c)
			b := s.permit(piu, "per_analyst", c.ask)
			b.Disclosure.Agreement = c.signature
			s.tell(both, map[string]string{"facts": "disclose\nyes\nno own\nconsent =matching\nside =third-party\n"}, b)
			return "consent"
		},
	} {
		s := newStory(t)
		says := "by its facts " + tell(s) + " is "
		r := s.redecided(wco)
		if !strings.Contains(fmt.Sprint(r.Findings), says) {
			t.Errorf("%s: found %v, want %q", about, r.Findings, says)
		}
	}
}

// heldByNobodyOr tells that the Recipient asks for a third party because it holds a copy; of what it was given, read is
// made, nil: it was given nothing.
func (s *story) heldByNobodyOr(c chapter, read func(b *ledger.Body)) {
	if read != nil {
		s.readOn(c, "", read)
	}
	s.tell(both, map[string]string{"facts": "request\nyes copy_held\nno\nside =recipient\n"},
		ledger.Body{Kind: ledger.KindRequest, Organisation: unoct, Request: "req_9", Terms: s.terms(piu, c.deposit)})
}

// Reading 9: that the Recipient holds a copy the log bears out, where one was disclosed to it.
func TestReading0009ACopyThatWasGivenIsBorneOutByTheLog(t *testing.T) {
	s := newStory(t)
	s.heldByNobodyOr(s.between(), func(*ledger.Body) {})
	if found := fmt.Sprint(s.redecided(wco).Findings); strings.Contains(found, "copy_held") {
		t.Errorf("found %s", found)
	}
}

// Before a configuration, and of an act without a document, the log says nothing of some words.
func TestWhatTheLogDoesNotSayIsNotHeldAgainstFacts(t *testing.T) {
	s := newStory(t)
	s.tell(both, map[string]string{"title": "x", "entities": "none",
		"facts": "deposit\nyes protected\nno personal_data\nphase =ended\nside =discloser\n"},
		ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Terms: &ledger.Terms{}})
	s.tell([]string{wco},
		map[string]string{"facts": "read-log\nyes\nno asker depositor proprietary stopped\nside =party\n"},
		ledger.Body{Kind: ledger.KindReading, Organisation: wco, Terms: &ledger.Terms{Subject: "entries"}})
	for _, f := range s.redecided(wco).Findings {
		if f.Check == ledger.CheckFacts && !strings.Contains(f.Why, "does not say on which facts") {
			t.Error(f)
		}
	}
}

// Of a document that nobody deposited nothing can be held against facts; that it was not is found by itself.
func TestFactsOfADocumentThatWasNeverDeposited(t *testing.T) {
	s := newStory(t)
	s.configure(s.configured())
	b := s.permit(unoct, "per_reader", "")
	s.tell(both, map[string]string{"facts": ofReading().String()}, b)
	r := s.redecided(wco)
	if r.Bad == 0 || strings.Contains(fmt.Sprint(r.Findings), "by its facts v") {
		t.Errorf("found %v", r.Findings)
	}
}

// Whoever may open an entry is shown its facts, the Recipient too: a bundle that holds them back is found.
func TestFactsThatABundleHoldsBackAreFound(t *testing.T) {
	for _, party := range both {
		s := newStory(t)
		at := s.decidedOn(ofReading().String(), nil)
		r := s.redecided(party, func(index int, r *ledger.Record) {
			r.Details = slices.DeleteFunc(r.Details, func(d ledger.Detail) bool { return d.Field == "facts" })
		})
		check := map[string]string{wco: ledger.CheckDetails, unoct: ledger.CheckFacts}[party]
		wrong(t, r, check, "held back", at)
	}
}

// Stops, closed versions and retention are looked up where the log says them.
func TestFactsAreHeldAgainstStopsAndVersions(t *testing.T) {
	for about, before := range map[string]func(s *story){
		"stopped": func(s *story) {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindSuspension, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{}})
		},
		"suspended": func(s *story) {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindSuspension, Organisation: unoct,
				Terms: &ledger.Terms{People: []string{"per_reader"}}})
		},
		"version_closed": func(s *story) {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCorrection, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{DocumentVersion: "ver_2", Closes: "ver_1"}})
		},
		"version_destroyed": func(s *story) {
			s.twice(both, nil, ledger.Body{Kind: ledger.KindDestruction, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{DocumentVersion: "ver_1"}})
		},
	} {
		s := newStory(t)
		c := s.between()
		before(s)
		s.readOn(c, ofReading().String(), nil)
		says := "by its facts " + about + " is false"
		if !strings.Contains(fmt.Sprint(s.redecided(wco).Findings), says) {
			t.Errorf("not found: %s", says)
		}
	}
}

func TestFactsThatCannotBeReadAreFound(t *testing.T) {
	for about, facts := range map[string]string{
		"cannot be read: flags": "disclose\nyes own\n",
		"cannot be read: no li": "disclose\nja own\nno\n",
		"on no facts at all":    "disclose\n",
		"of another act":        ofReading().but(func(asked) {}).rename("request").String(),
	} {
		s := newStory(t)
		at := s.decidedOn(facts, nil)
		wrong(t, s.redecided(wco), ledger.CheckFacts, about, at)
	}
}

func (a asked) rename(act string) asked { a.act = act; return a }

// Once a log commits to facts, each decision does; a log of before is not provable, and says so.
func TestADecisionWithoutFactsIsFoundOnceTheLogHasThem(t *testing.T) {
	s := newStory(t)
	s.whole()
	r := s.redecided(wco)
	if !r.Good || !strings.Contains(fmt.Sprint(r.NotProvable), "decisions of earlier builds") {
		t.Errorf("a log of an earlier build: %v, not provable %v", r.Findings, r.NotProvable)
	}
	s = newStory(t)
	c := s.between()
	first := s.readOn(c, ofReading().String(), nil)
	s.tell(both, nil, ledger.Body{Kind: ledger.KindDisclosure, Outcome: ledger.Refused, Organisation: unoct,
		Document: "doc_1", Reasons: []string{"request/not-found"}})
	s.read(&c)
	r = s.redecided(wco)
	wrong(t, r, ledger.CheckFacts, fmt.Sprintf("the log has done so from index %d on", first), int64(len(s.entries)-2))
	if r.Bad != 2 { // and the export's own entry
		t.Errorf("found %v", r.Findings)
	}
}

// What was refused is decided again as well, and nothing is held against it that it gave away.
func TestARefusalIsDecidedAgain(t *testing.T) {
	s := newStory(t)
	s.between()
	refusal := ledger.Body{Kind: ledger.KindDisclosure, Outcome: ledger.Refused, Organisation: unoct,
		Document: "doc_1", Reasons: []string{"art4.4/authorization-missing"}}
	facts := ofReading().but(func(a asked) { a.flags["consented"], a.flags["own"] = false, true })
	s.tell(both, map[string]string{"facts": facts.String()}, refusal)
	honest := int64(len(s.entries) - 1)
	s.tell(both, map[string]string{"facts": ofReading().String()}, refusal)
	r := s.redecided(wco)
	wrong(t, r, ledger.CheckDecided, "asked again, say true", honest+1)
	for _, f := range r.Findings {
		if f.Index == honest {
			t.Error(f)
		}
	}
}

// The texts of earlier rules come with the bundle; what is under none of them is not provable.
func TestEarlierDecisionsAreTakenAgainByTheRulesOfTheirDay(t *testing.T) {
	s := newStory(t)
	s.earlierRules = []string{"the rules of before"}
	s.configure(s.configured())
	for _, rules := range []string{"the rules of before", "the rules of nobody"} {
		s.tell(both, nil, ledger.Body{Kind: ledger.KindConfiguration, Configured: s.configured(),
			Rules: "sha256:" + digest(rules)})
	}
	c := s.between()
	read := func(rules string) {
		s.readOn(c, ofReading().String(), func(b *ledger.Body) { b.Rules = "sha256:" + digest(rules) })
	}
	read("the rules of before")
	read("the rules of nobody")
	text := fmt.Sprint(s.redecided(wco).NotProvable)
	if !strings.Contains(text, "{decisions under rules whose text is in no bundle: they were not taken again 1}") {
		t.Errorf("not provable: %s", text)
	}
	for range 9 { // of more than eight MiB the last is left out
		s.earlierRules = append(s.earlierRules, strings.Repeat("x", 1<<20))
	}
	s.redecided(unoct)
	s.earlierRules = []string{"nonsense"}
	wrong(t, s.redecided(wco), ledger.CheckDecided, "cannot be used: no rules", -1)
}
