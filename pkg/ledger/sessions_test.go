package ledger_test

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// endsSessions tells that somebody of a Party ended a person's sessions.
func (s *story) endsSessions(by, person, facts string) int {
	private := map[string]string{"facts": facts}
	if facts == "" {
		private = nil
	}
	s.tell([]string{by}, private, ledger.Body{Kind: ledger.KindSessionsEnded, Actor: "per_signs",
		Organisation: by, Terms: &ledger.Terms{People: []string{person}}})
	return s.last()
}

func ofEnding(flags ...string) string {
	a := asked{"end-sessions", map[string]bool{"own_subject": true, "suspended": false}, map[string]string{
		"phase": "in-effect", "roles": "signatory", "side": "party", "sign_in": "fresh"}}
	for _, f := range flags {
		a.flags[f] = true
	}
	return a.String()
}

// Decision 0410: a Party ends the sessions of its own people, and of nobody of whom the log says that they are
// another's, before it or after it; whoever was stopped ends nobody's; and a Party does not say that it was the
// operator.
func TestAPartyEndsTheSessionsOfItsOwnPeople(t *testing.T) {
	convicted(t, map[string]lie{
		"of the other Party's": {ledger.CheckAuthority, "org_wco ended the sessions of somebody who acts for org_unoct",
			forged(func(s *story, c *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindDescribe, Actor: "per_other", Organisation: unoct,
					Outcome: ledger.Refused, Reasons: []string{"gateway/absent"}})
				s.endsSessions(wco, "per_other", ofEnding())
			})},
		"of a third party's": {ledger.CheckAuthority, "somebody who acts for org_piu", forged(
			func(s *story, c *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindDescribe, Actor: "per_third", Organisation: piu,
					Outcome: ledger.Refused, Reasons: []string{"gateway/absent"}})
				s.endsSessions(wco, "per_third", ofEnding())
			})},
		"of somebody who acts for the other Party later": {ledger.CheckAuthority, "acts for org_unoct at index", func(
			s *story) int {
			s.between()
			index := s.endsSessions(wco, "per_other", ofEnding())
			s.tell(both, nil, ledger.Body{Kind: ledger.KindDescribe, Actor: "per_other", Organisation: unoct,
				Outcome: ledger.Refused, Reasons: []string{"gateway/absent"}})
			return index
		}},
		"by somebody who was stopped": {ledger.CheckFacts, "by its facts suspended is false", forged(
			func(s *story, c *chapter) {
				s.stop(ledger.Body{Terms: &ledger.Terms{People: []string{"per_signs"}}})
				s.endsSessions(wco, "per_own", ofEnding())
			})},
		"by a third party": {ledger.CheckGrammar, "\"org_piu\" may not write a sessions-ended", forged(
			func(s *story, _ *chapter) {
				s.tell([]string{wco}, map[string]string{"facts": ofEnding()}, ledger.Body{
					Kind: ledger.KindSessionsEnded, Actor: "per_signs", Organisation: piu,
					Terms: &ledger.Terms{People: []string{"per_own"}}})
			})},
		"so that the other Party alone sees it": {ledger.CheckEntitled, "may open this sessions-ended", forged(
			func(s *story, _ *chapter) {
				s.tell([]string{wco}, map[string]string{"facts": ofEnding()}, ledger.Body{
					Kind: ledger.KindSessionsEnded, Actor: "per_signs", Organisation: unoct,
					Terms: &ledger.Terms{People: []string{"per_own"}}})
			})},
		"and says that it was the operator": {ledger.CheckGrammar, "\"org_wco\" may not write it; who may: the gateway",
			forged(func(s *story, _ *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindOperatorEndedSessions, Actor: "per_signs",
					Organisation: wco, Terms: &ledger.Terms{People: []string{"per_own"}}})
			})},
		"the operator tells one Party only": {ledger.CheckGrammar, "may open it; who has to: both Parties", forged(
			func(s *story, _ *chapter) {
				s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindOperatorEndedSessions})
			})},
	})

	s := newStory(t)
	s.between()
	s.endsSessions(wco, "per_own", "")
	s.tell(both, nil, ledger.Body{Kind: ledger.KindDescribe, Actor: "per_own", Organisation: wco,
		Outcome: ledger.Refused, Reasons: []string{"gateway/absent"}})
	s.endsSessions(wco, "per_own", "")
	s.tell(both, nil, ledger.Body{Kind: ledger.KindOperatorEndedSessions,
		Terms: &ledger.Terms{People: []string{"per_other"}}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindOperatorEndedSessions, Terms: &ledger.Terms{Recipient: unoct}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindOperatorEndedSessions})
	r := s.verify(s.bundle(wco))
	good(t, r)
	if strings.Contains(said(r, ledger.CheckAuthority), "the log says nothing else") {
		t.Errorf("it says %q of people who acted", said(r, ledger.CheckAuthority))
	}

	// What only the Party's word says is said, and fails no honest bundle.
	s.endsSessions(wco, "per_silent", "")
	s.endsSessions(wco, "per_silent", "")
	r, gaps := s.verify(s.bundle(wco)), len(r.NotProvable)
	good(t, r)
	if !strings.Contains(said(r, ledger.CheckAuthority), "of 1 whose sessions a Party ended the log says nothing") ||
		len(r.NotProvable) != gaps {
		t.Errorf("it says %q, with %d gaps of %d before", said(r, ledger.CheckAuthority), len(r.NotProvable), gaps)
	}
}

// The bundles of both Parties, held together: neither a later, rightful ending nor a second one of the same Party hides
// the first, and nobody is the own of two.
func TestAnEarlierEndingOfSessionsIsHiddenByNoneThatFollows(t *testing.T) {
	joint := func(s *story) ledger.Report {
		t.Helper()
		one, other := s.bundle(wco), s.bundle(unoct)
		r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
		must(t, err)
		return r
	}
	for _, acts := range []bool{true, false} {
		s := newStory(t)
		s.between()
		first := s.endsSessions(wco, "per_other", "")
		s.endsSessions(wco, "per_other", "")
		second := s.endsSessions(unoct, "per_other", "")
		s.endsSessions(unoct, "per_other", "")
		if acts {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindDescribe, Actor: "per_other", Organisation: unoct,
				Outcome: ledger.Refused, Reasons: []string{"gateway/absent"}})
		}
		r := joint(s)
		wrong(t, r, ledger.CheckAuthority, "org_unoct ended the sessions of somebody whose sessions org_wco ended as "+
			"its own at index", int64(second))
		want := 1
		if acts {
			want = 2
			wrong(t, r, ledger.CheckAuthority, "org_wco ended the sessions of somebody who acts for org_unoct at index",
				int64(first))
		}
		if r.Bad != want {
			t.Errorf("%d findings; want %d: %v", r.Bad, want, r.Findings)
		}
	}
}
