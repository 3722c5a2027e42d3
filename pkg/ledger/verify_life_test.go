package ledger_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

const day = 24 * time.Hour

func (s *story) last() int { return len(s.entries) - 1 }

// stop is a suspension by the World Customs Organization, or a report of a leak.
func (s *story) stop(b ledger.Body) string {
	if b.Kind == "" {
		b.Kind = ledger.KindSuspension
	}
	if b.Terms == nil {
		b.Terms = &ledger.Terms{}
	}
	b.Organisation, b.Terms.Subject = wco, fmt.Sprintf("sus_%d", s.stops+1)
	s.stops++
	return s.tell(both, nil, b)
}

func (s *story) lift() string {
	return s.twice(both, nil, ledger.Body{Kind: ledger.KindLifting, Organisation: wco, Document: "doc_1",
		Terms: &ledger.Terms{Subject: "sus_1"}})
}

// notice is given by UNOCT, today.
func (s *story) notice() string {
	return s.twice(both, nil, ledger.Body{Kind: ledger.KindNotice, Organisation: unoct,
		Terms: &ledger.Terms{Subject: unoct, Given: s.at.Truncate(day)}})
}

// after is a disclosure between the Parties that comes after something, and says this of the Arrangement.
func after(phase string, tell func(s *story, c *chapter)) func(*story) int {
	return func(s *story) int {
		c := s.between()
		tell(s, &c)
		b := s.permit(unoct, "per_reader", c.request)
		b.Disclosure.Authorizations, b.Disclosure.Phase = []string{c.authorization}, phase
		s.tell(both, nil, b)
		return s.last()
	}
}

// long makes request and authorization last for a year, for a purpose.
func (s *story) long(c *chapter, purpose string) {
	t := s.terms(unoct, c.deposit)
	t.Until, t.Purposes = s.at.Add(365*day), []string{purpose}
	c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct, Actor: "per_reader",
		Document: "doc_1", Terms: t})
	decision := *t
	decision.Relies = []string{c.request}
	c.authorization = s.tell(both, nil,
		ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1", Terms: &decision})
}

// delegated files a Delegation of the World Customs Organization and names it on an authorization.
func (s *story) delegated(c *chapter, terms ledger.Terms) string {
	terms.Subject, terms.Delegation = "del_1", digest("filed")
	name := s.twice(both, nil, ledger.Body{Kind: ledger.KindDelegation, Organisation: wco, Terms: &terms})
	return name
}

func (s *story) authorize(c *chapter, delegation string) {
	t := s.terms(unoct, c.request)
	t.Delegation = delegation
	s.unnamed = true
	c.authorization = s.tell(both, nil,
		ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1", Terms: t})
}

func forged(tell func(s *story, c *chapter)) func(*story) int {
	return func(s *story) int {
		c := s.between()
		tell(s, &c)
		return s.last()
	}
}

func TestWhatWasStoppedIsNotDisclosed(t *testing.T) {
	convicted(t, map[string]lie{
		"a document that was suspended": {ledger.CheckAuthority, "suspended at index 4",
			after("in-effect", func(s *story, _ *chapter) { s.stop(ledger.Body{Document: "doc_1"}) })},
		"a reader who was suspended": {ledger.CheckAuthority, "reader was suspended at index 4",
			after("in-effect", func(s *story, _ *chapter) {
				s.stop(ledger.Body{Terms: &ledger.Terms{People: []string{"per_reader"}}})
			})},
		"a third party that was suspended": {ledger.CheckAuthority, "org_piu was suspended", func(s *story) int {
			c := s.between()
			s.abroad(&c)
			s.stop(ledger.Body{Terms: &ledger.Terms{Recipient: piu}})
			s.readAbroad(&c)
			return s.last()
		}},
		"a document whose leak was reported": {ledger.CheckAuthority, "suspended at index 4",
			after("in-effect", func(s *story, _ *chapter) {
				s.stop(ledger.Body{Kind: ledger.KindLeak, Document: "doc_1"})
			})},
		"a document whose suspension one person wants to lift": {ledger.CheckAuthority, "suspended at index 4",
			after("in-effect", func(s *story, _ *chapter) {
				s.stop(ledger.Body{Document: "doc_1"})
				s.tell(both, nil, ledger.Body{Kind: ledger.KindLifting, Organisation: wco, Actor: "per_one",
					Terms: &ledger.Terms{Subject: "sus_1", Step: ledger.StepFirst}})
			})},
		"a lifting by one person": {ledger.CheckGrammar, "terms.step is missing", forged(func(s *story, _ *chapter) {
			s.stop(ledger.Body{Document: "doc_1"})
			s.tell(both, nil, ledger.Body{Kind: ledger.KindLifting, Organisation: wco, Actor: "per_one",
				Terms: &ledger.Terms{Subject: "sus_1"}})
		})},
		"a lifting by the other Party": {ledger.CheckLife, "lifts what org_unoct did not stop",
			forged(func(s *story, _ *chapter) {
				s.stop(ledger.Body{Document: "doc_1"})
				s.twice(both, nil, ledger.Body{Kind: ledger.KindLifting, Organisation: unoct,
					Terms: &ledger.Terms{Subject: "sus_1"}})
			})},
	})
	believed(t, map[string]func(*story){
		"after two people lifted it": func(s *story) {
			after("in-effect", func(s *story, _ *chapter) {
				s.stop(ledger.Body{Kind: ledger.KindLeak, Document: "doc_1"})
				s.lift()
			})(s)
		},
		"another document, another person, another organisation": func(s *story) {
			after("in-effect", func(s *story, _ *chapter) {
				s.stop(ledger.Body{Document: "doc_2"})
				s.stop(ledger.Body{Terms: &ledger.Terms{People: []string{"per_other"}}})
				s.stop(ledger.Body{Terms: &ledger.Terms{Recipient: "org_carrier"}})
			})(s)
		},
		"the Discloser's own people, who judge": func(s *story) {
			s.between()
			s.stop(ledger.Body{Document: "doc_1"})
			s.tell([]string{wco}, nil, s.permit(wco, "per_focal", ""))
		},
	})
}

// hold is placed by a Party on the one document, and ended by two of its people.
func (s *story) hold(by string) string {
	return s.tell(both, nil, ledger.Body{Kind: ledger.KindHold, Organisation: by, Document: "doc_1",
		Terms: &ledger.Terms{Subject: "hld_" + by}})
}

func (s *story) endHold(by string) {
	s.twice(both, nil, ledger.Body{Kind: ledger.KindHoldEnded, Organisation: by, Document: "doc_1",
		Terms: &ledger.Terms{Subject: "hld_" + by}})
}

func (s *story) destroy(version string) {
	s.twice(both, nil, ledger.Body{Kind: ledger.KindDestruction, Organisation: wco, Document: "doc_1",
		Terms: &ledger.Terms{DocumentVersion: version}})
}

func (s *story) eraseTitle() {
	s.twice(both, nil, ledger.Body{Kind: ledger.KindErasure, Organisation: wco, Document: "doc_1",
		Terms: &ledger.Terms{Subject: "ent_1", Field: "handling"}})
}

func TestUnderAHoldNothingIsDestroyedNorErased(t *testing.T) {
	convicted(t, map[string]lie{
		"a version, under the Discloser's own": {ledger.CheckDocuments, "was destroyed under the Hold of org_wco",
			forged(func(s *story, _ *chapter) { s.hold(wco); s.destroy("ver_1") })},
		"a version that was given to whose Hold it is": {ledger.CheckDocuments,
			"was destroyed under the Hold of org_unoct", forged(func(s *story, c *chapter) {
				s.read(c)
				s.completion(c.disclosure, ledger.EndComplete, both)
				s.hold(unoct)
				s.destroy("ver_1")
			})},
		"a private field": {ledger.CheckDocuments, `"handling" of entry ent_1 was erased under the Hold of org_unoct`,
			forged(func(s *story, _ *chapter) { s.hold(unoct); s.eraseTitle() })},
		"a Hold that the other Party would end": {ledger.CheckDocuments, "under the Hold of org_unoct",
			forged(func(s *story, _ *chapter) {
				s.hold(unoct)
				s.twice(both, nil, ledger.Body{Kind: ledger.KindHoldEnded, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Subject: "hld_" + unoct}})
				s.eraseTitle()
			})},
		"a Hold of which only the first of two asked the end": {ledger.CheckDocuments, "under the Hold of org_wco",
			forged(func(s *story, _ *chapter) {
				s.hold(wco)
				s.tell(both, nil, ledger.Body{Kind: ledger.KindHoldEnded, Organisation: wco, Actor: "per_one",
					Document: "doc_1", Terms: &ledger.Terms{Subject: "hld_" + wco, Step: ledger.StepFirst}})
				s.destroy("ver_1")
			})},
	})
	believed(t, map[string]func(*story){
		"a version that whose Hold it is was never given": func(s *story) {
			s.between()
			s.hold(unoct)
			s.destroy("ver_1")
		},
		"when two people ended it": func(s *story) {
			s.between()
			s.hold(wco)
			s.endHold(wco)
			s.eraseTitle()
			s.destroy("ver_1")
		},
	})
}

func TestArticle11_NothingIsDisclosedBeforeTheArrangementIsInEffectNorAfterItsEnd(t *testing.T) {
	ended := func(purpose string) func(s *story, c *chapter) {
		return func(s *story, c *chapter) {
			s.long(c, purpose)
			s.notice()
			s.at = s.at.Truncate(day).AddDate(0, 0, 91)
		}
	}
	unsigned := func(change func(*ledger.Configured)) func(s *story, c *chapter) {
		return func(s *story, _ *chapter) {
			c := s.configured()
			change(c)
			s.configure(c)
		}
	}
	forPurpose := func(phase, purpose string, tell func(s *story, c *chapter)) func(*story) int {
		return func(s *story) int {
			c := s.between()
			tell(s, &c)
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations, b.Disclosure.Phase, b.Disclosure.Purpose = []string{c.authorization}, phase,
				purpose
			s.tell(both, nil, b)
			return s.last()
		}
	}
	convicted(t, map[string]lie{
		"after the ninetieth day": {ledger.CheckLife, "had ended on 2027-05-31",
			after("ended", ended("art2.e"))},
		"after the end, and it says otherwise": {ledger.CheckLife, "by the log before it, it was ended",
			after("in-effect", ended("art2.e"))},
		"while notice runs, and it says otherwise": {ledger.CheckLife, "by the log before it, it was notice-given",
			after("in-effect", func(s *story, _ *chapter) { s.notice() })},
		"before a Party signed": {ledger.CheckLife, "not in effect",
			after("not-in-effect", unsigned(func(c *ledger.Configured) { c.Signed[0].On = time.Time{} }))},
		"before the later signature": {ledger.CheckLife, "not in effect",
			after("not-in-effect", unsigned(func(c *ledger.Configured) { c.Signed[1].On = at.AddDate(5, 0, 0) }))},
		"for a specific arrangement that is over": {ledger.CheckLife,
			"specific arrangement of its purpose sa1.a was not in force",
			forPurpose("in-effect", "sa1.a", func(s *story, c *chapter) {
				configured := s.configured()
				configured.Specific[0].Ends = s.at.Truncate(day).AddDate(0, 0, -1)
				s.configure(configured)
				s.long(c, "sa1.a")
			})},
		"for a specific arrangement that was signed after the end": {ledger.CheckLife, "was not in force",
			forPurpose("ended", "sa1.a", func(s *story, c *chapter) {
				ended("sa1.a")(s, c)
				configured := s.configured()
				configured.Specific[0].Signed = s.at.Truncate(day)
				s.configure(configured)
			})},
		"for a specific arrangement that is not signed yet": {ledger.CheckLife, "was not in force",
			forPurpose("in-effect", "sa1.a", func(s *story, c *chapter) {
				configured := s.configured()
				configured.Specific[0].Signed = s.at.AddDate(0, 1, 0)
				s.configure(configured)
				s.long(c, "sa1.a")
			})},
		"notice that counts backwards": {ledger.CheckLife, "which was over (reading 0008)",
			forged(func(s *story, _ *chapter) {
				s.twice(both, nil, ledger.Body{Kind: ledger.KindNotice, Organisation: unoct,
					Terms: &ledger.Terms{Given: s.at.Truncate(day).AddDate(0, 0, -1)}})
			})},
		"notice by one person": {ledger.CheckGrammar, "terms.step is missing", forged(func(s *story, _ *chapter) {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindNotice, Organisation: unoct,
				Terms: &ledger.Terms{Given: s.at.Truncate(day)}})
		})},
	})
	believed(t, map[string]func(*story){
		"on the ninetieth day": func(s *story) {
			after("notice-given", func(s *story, c *chapter) {
				s.long(c, "art2.e")
				s.notice()
				s.at = s.at.Truncate(day).AddDate(0, 0, 91).Add(-2 * time.Minute)
			})(s)
		},
		"after the end, for a specific arrangement in force": func(s *story) {
			forPurpose("ended", "sa1.a",
				ended("sa1.a"))(s)
		},
		"a specific arrangement without an end": func(s *story) {
			forPurpose("ended", "sa1.a", func(s *story, c *chapter) {
				configured := s.configured()
				configured.Specific[0].Ends = time.Time{}
				s.configure(configured)
				ended("sa1.a")(s, c)
			})(s)
		},
		"after the end, to the Discloser's own people": func(s *story) {
			c := s.between()
			ended("art2.e")(s, &c)
			own := s.permit(wco, "per_staff", "")
			own.Disclosure.Phase = "ended"
			s.tell([]string{wco}, nil, own)
		},
		"notice given for a day to come, and a second one that changes nothing": func(s *story) {
			after("in-effect", func(s *story, _ *chapter) {
				for days := range 2 {
					s.twice(both, nil, ledger.Body{Kind: ledger.KindNotice, Organisation: unoct,
						Terms: &ledger.Terms{Given: s.at.Truncate(day).AddDate(0, 0, 3+days)}})
				}
			})(s)
		},
	})
}

// Whoever decides or signs for a third party has a Mandate, which one Party proposed and the other confirmed.
func TestWhoeverSpeaksForAThirdPartyHasAMandateOfBothParties(t *testing.T) {
	from := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	named := digest("a mandate")
	proposed := func(s *story, by, actor string) string {
		return s.tell(both, nil, ledger.Body{Kind: ledger.KindMandate, Organisation: by, Actor: actor,
			Terms: &ledger.Terms{Step: ledger.StepFirst, Subject: piu, Recipient: piu, Instrument: digest("paper"),
				Until: from.AddDate(1, 0, 0)}})
	}
	confirmed := func(s *story, by string, first ...string) {
		s.tell(both, nil, ledger.Body{Kind: ledger.KindMandate, Organisation: by, Actor: "per_second",
			Terms: &ledger.Terms{
				Step:       ledger.StepSecond,
				Subject:    "del_piu",
				Recipient:  piu,
				Delegation: named,
				Instrument: digest("paper"),
				From:       from,
				Until:      from.AddDate(1, 0, 0),
				Relies:     first,
			}})
	}
	ended := func(s *story, of, mandate string) {
		s.tell(both, nil, ledger.Body{Kind: ledger.KindMandateEnded, Organisation: unoct,
			Terms: &ledger.Terms{Subject: "del_piu", Recipient: of, Delegation: mandate}})
	}
	signs := func(s *story, mandate string) {
		text := s.tell(both, nil, ledger.Body{Kind: ledger.KindAgreement, Organisation: wco,
			Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_2", AgreementText: digest("text")}})
		s.tell(both, nil, ledger.Body{Kind: ledger.KindSignature, Organisation: piu,
			Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_2", AgreementText: digest("text"),
				Relies: []string{text}, Delegation: mandate}})
	}
	convicted(t, map[string]lie{
		"a signature without one": {ledger.CheckAuthority, "no Mandate that stands earlier",
			forged(func(s *story, c *chapter) { signs(s, digest("made up")) })},
		"a signature under one of another third party": {ledger.CheckAuthority, "the one it names is of org_customs",
			forged(func(s *story, c *chapter) { signs(s, delegationOf("org_customs")) })},
		"a signature under one that was ended": {ledger.CheckAuthority, "it was ended before",
			forged(func(s *story, c *chapter) {
				ended(s, piu, delegationOf(piu))
				signs(s, delegationOf(piu))
			})},
		"one that one Party proposed and confirmed": {ledger.CheckTwoPeople, "is of per_first of org_wco",
			forged(func(s *story, c *chapter) { confirmed(s, wco, proposed(s, wco, "per_first")) })},
		"one that the third party began and one Party confirmed": {ledger.CheckTwoPeople, "is of per_first of " + piu,
			forged(func(s *story, c *chapter) { confirmed(s, wco, proposed(s, piu, "per_first")) })},
		"one that the third party confirmed itself": {ledger.CheckTwoPeople, "is of per_first of org_wco",
			forged(func(s *story, c *chapter) { confirmed(s, piu, proposed(s, wco, "per_first")) })},
		"the end of one that was never given": {ledger.CheckLife, "stands nowhere earlier",
			forged(func(s *story, c *chapter) { ended(s, piu, named) })},
		"an end by a name that is another third party's": {ledger.CheckLife, "stands nowhere earlier",
			forged(func(s *story, c *chapter) { ended(s, "org_customs", delegationOf(piu)) })},
		"an entity's authorization of a lowering without one": {ledger.CheckAuthority, "no Mandate that stands earlier",
			forged(func(s *story, c *chapter) {
				s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindLoweringAuthorization,
					Organisation: "org_customs", Document: "doc_1", Terms: &ledger.Terms{
						Discloser:       wco,
						Recipient:       unoct,
						Marking:         "non-confidential",
						DocumentVersion: "ver_1",
						Decision:        "aut_9",
						Relies:          []string{c.request},
						Delegation:      digest("made up"),
					}})
			})},
	})
	believed(t, map[string]func(*story){
		"one that both Parties gave, twice ended, and what was signed under it": func(s *story) {
			after("in-effect", func(s *story, c *chapter) {
				own := proposed(s, piu, "per_third")
				first := s.tell(both, nil, ledger.Body{Kind: ledger.KindMandate, Organisation: wco, Actor: "per_first",
					Terms: &ledger.Terms{
						Step:       ledger.StepFirst,
						Subject:    piu,
						Recipient:  piu,
						Instrument: digest("paper"),
						Until:      from.AddDate(1, 0, 0),
						Relies:     []string{own},
					}})
				confirmed(s, unoct, first)
				signs(s, named)
				ended(s, piu, named)
			})(s)
		},
	})
}

func TestArticle4_8_ALeaveRestsOnADelegation(t *testing.T) {
	acts := []string{"authorize", "consent"}
	now := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	filed := func(terms ledger.Terms) func(s *story, c *chapter) {
		return func(s *story, c *chapter) {
			s.delegated(c, terms)
			s.authorize(c, digest("filed"))
		}
	}
	convicted(t, map[string]lie{
		"an authorization without one": {ledger.CheckAuthority, "no Delegation that stands earlier",
			forged(func(s *story, c *chapter) { s.authorize(c, "") })},
		"one that stands nowhere": {ledger.CheckAuthority, "no Delegation that stands earlier",
			forged(func(s *story, c *chapter) { s.authorize(c, digest("made up")) })},
		"one of the other Party": {ledger.CheckAuthority, "the one it names is of org_unoct",
			forged(func(s *story, c *chapter) { s.authorize(c, delegationOf(unoct)) })},
		"one that lets its holder do less": {ledger.CheckAuthority, "lets its holder authorize",
			forged(filed(ledger.Terms{Acts: []string{"refuse"}, From: now, Until: now.AddDate(1, 0, 0)}))},
		"one that is over": {ledger.CheckAuthority, "within its dates",
			forged(filed(ledger.Terms{Acts: acts, From: now.AddDate(-1, 0, 0), Until: now}))},
		"one that has not begun": {ledger.CheckAuthority, "within its dates",
			forged(filed(ledger.Terms{Acts: acts, From: now.AddDate(0, 1, 0), Until: now.AddDate(1, 0, 0)}))},
		"one that was ended": {ledger.CheckAuthority, "it was ended before", forged(func(s *story, c *chapter) {
			s.delegated(c, ledger.Terms{Acts: acts, From: now, Until: now.AddDate(1, 0, 0)})
			s.delegated(c, ledger.Terms{Until: s.at})
			s.authorize(c, digest("filed"))
		})},
		"one that nobody confirmed": {ledger.CheckAuthority, "no Delegation that stands earlier",
			forged(func(s *story, c *chapter) {
				s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindDelegation, Organisation: wco,
					Actor: "per_first", Terms: &ledger.Terms{Step: ledger.StepFirst,
						Delegation: digest("filed"), Acts: acts, From: now, Until: now.AddDate(1, 0, 0)}})
				s.authorize(c, digest("filed"))
			})},
		"one that was confirmed by whoever filed it": {ledger.CheckTwoPeople,
			"its first half, at index 4, is of per_same", forged(func(s *story, c *chapter) {
				b := ledger.Body{Kind: ledger.KindDelegation, Organisation: wco, Actor: "per_same",
					Terms: &ledger.Terms{Step: ledger.StepFirst}}
				name := s.tell([]string{wco}, nil, b)
				b.Terms = &ledger.Terms{
					Step:       ledger.StepSecond,
					Relies:     []string{name},
					Delegation: digest("filed"),
					Acts:       acts,
					From:       now,
					Until:      now.AddDate(1, 0, 0),
				}
				s.tell(both, nil, b)
			})},
		"one that was confirmed and never filed": {ledger.CheckTwoPeople, "first of two people stands nowhere",
			forged(func(s *story, c *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindDelegation, Organisation: wco, Actor: "per_same",
					Terms: &ledger.Terms{
						Step:       ledger.StepSecond,
						Relies:     []string{c.request},
						Delegation: digest("filed"),
						Acts:       acts,
						From:       now,
						Until:      now.AddDate(1, 0, 0),
					}})
			})},
		"one that the other Party confirmed": {ledger.CheckTwoPeople, "first of two people stands nowhere earlier",
			forged(func(s *story, c *chapter) {
				name := s.tell([]string{unoct}, nil,
					ledger.Body{Kind: ledger.KindDelegation, Organisation: unoct, Actor: "per_first",
						Terms: &ledger.Terms{Step: ledger.StepFirst}})
				s.tell(both, nil, ledger.Body{Kind: ledger.KindDelegation, Organisation: wco, Actor: "per_second",
					Terms: &ledger.Terms{Step: ledger.StepSecond,
						Relies: []string{name}, Delegation: digest("filed")}})
			})},
		"a consent without one": {ledger.CheckAuthority, "no Delegation that stands earlier",
			forged(func(s *story, c *chapter) {
				s.unnamed = true
				s.abroad(c)
			})},
		"an instrument filed without one": {ledger.CheckAuthority, "no Delegation that stands earlier",
			forged(func(s *story, c *chapter) {
				s.unnamed = true
				s.twice([]string{wco}, map[string]string{"entity": "org_customs"},
					ledger.Body{Kind: ledger.KindFiling, Organisation: wco, Document: "doc_1",
						Terms: s.terms(unoct, c.request)})
			})},
	})
	believed(t, map[string]func(*story){
		"one that was filed and confirmed, and ended after the decision": func(s *story) {
			after("in-effect", func(s *story, c *chapter) {
				filed(ledger.Terms{Acts: acts, From: now, Until: now.AddDate(1, 0, 0)})(s, c)
				s.delegated(c, ledger.Terms{Until: s.at})
				s.configure(s.configured())
			})(s)
		},
		"one that an earlier build filed, without acts and dates": func(s *story) {
			after("in-effect", filed(ledger.Terms{Until: now.AddDate(1, 0, 0)}))(s)
		},
		"an entity that is no Party": func(s *story) {
			c := chapter{deposit: s.deposit("org_customs")}
			c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Document: "doc_1", Terms: s.terms(unoct, c.deposit)})
			s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindAuthorization, Organisation: "org_customs",
				Document: "doc_1", Terms: s.terms(unoct, c.request)})
		},
		"a log that was begun before configurations named them": func(s *story) {
			s.configure(&ledger.Configured{Arrangement: digest("file")})
			s.unnamed = true
			c := s.between()
			s.read(&c)
		},
	})
}

// A log whose configurations said less proves less, and that is said.
func TestWhatAnOlderConfigurationDoesNotSayIsNotProvable(t *testing.T) {
	s := newStory(t)
	s.configure(&ledger.Configured{Arrangement: digest("file")})
	s.unnamed = true
	c := s.between()
	s.read(&c)
	s.completion(c.disclosure, ledger.EndComplete, both)
	r := s.verify(s.bundle(wco))
	good(t, r)
	for _, what := range []string{"says who the Parties are", "whose identity provider",
		"whether their signatories had one", "whether the Arrangement was in effect"} {
		if !slices.ContainsFunc(r.NotProvable, func(g ledger.Gap) bool { return strings.Contains(g.What, what) }) {
			t.Errorf("not provable: %v; want %s", r.NotProvable, what)
		}
	}
}

func TestTheRulesThatDecidedWereAnnouncedAndAreInTheBundle(t *testing.T) {
	convicted(t, map[string]lie{
		"rules that no configuration named": {ledger.CheckRules, "no configuration before it names the rules",
			forged(func(s *story, c *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindMessage, Rules: "sha256:" + digest("other")})
			})},
		"a configuration that never was": {ledger.CheckRules, `the configuration "ent_9" stands nowhere`,
			forged(func(s *story, c *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindMessage, Configuration: "ent_9"})
			})},
	})
	s := newStory(t)
	s.configure(s.configured())
	s.tell(both, nil, ledger.Body{Kind: ledger.KindConfiguration, Rules: "sha256:" + digest("earlier"),
		Configured: &ledger.Configured{}})
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: wco,
		Rules: "sha256:" + digest("earlier"), Configuration: "ent_1"})
	r := s.verify(s.bundle(wco))
	good(t, r)
	if len(r.NotProvable) != 1 || r.NotProvable[0].Count != 2 {
		t.Errorf("not provable: %v; want two entries under rules whose text is not there", r.NotProvable)
	}
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: wco,
		Rules: "sha256:" + digest("earlier")})
	wrong(t, s.verify(s.export(wco)), ledger.CheckRules, "the text in the bundle hashes to", int64(s.last()))
}

// What one official begins, only the own Party is shown: its bundle proves that there were two, the other's does not
// claim to.
func TestTheOtherPartysFirstHalvesAreNotProvable(t *testing.T) {
	s := newStory(t)
	s.deposit("none")
	name := s.tell([]string{unoct}, nil,
		ledger.Body{Kind: ledger.KindNotice, Organisation: unoct, Actor: "per_first",
			Terms: &ledger.Terms{Step: ledger.StepFirst, Given: s.at.Truncate(day)}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindNotice, Organisation: unoct, Actor: "per_second",
		Terms: &ledger.Terms{Step: ledger.StepSecond, Given: s.at.Truncate(day), Relies: []string{name}}})
	one, other := s.bundle(wco), s.bundle(unoct)
	r := s.verify(one)
	good(t, r)
	if len(r.NotProvable) != 2 {
		t.Errorf("not provable: %v; want what is closed, and the first half", r.NotProvable)
	}
	good(t, s.verify(other))
	r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
	must(t, err)
	good(t, r)
	if len(r.NotProvable) != 0 {
		t.Errorf("both together cannot prove %v", r.NotProvable)
	}
}

func TestWhatADocumentBecameBindsItsDisclosures(t *testing.T) {
	version := func(closes string) func(s *story, c *chapter) {
		return func(s *story, _ *chapter) {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCorrection, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{DocumentVersion: "ver_2", VersionCommitment: "c2", Closes: closes}})
		}
	}
	personal := func(s *story, until time.Time) chapter {
		s.configure(s.configured())
		c := chapter{deposit: s.tell(both, nil,
			ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Document: "doc_1", Terms: &ledger.Terms{
				Discloser:         wco,
				Recipient:         unoct,
				Marking:           "non-confidential",
				Proprietary:       true,
				PersonalData:      true,
				RetainUntil:       until,
				DocumentVersion:   "ver_1",
				VersionCommitment: "c1",
				Purposes:          []string{"art2.e"},
			}})}
		return c
	}
	open := func(s *story, to string) ledger.Body {
		b := s.permit(to, "per_analyst", "")
		b.Disclosure.Marking, b.Disclosure.Proprietary, b.Disclosure.PersonalData = "non-confidential", true, true
		return b
	}
	released := func(by string, private map[string]string) func(*story) int {
		return func(s *story) int {
			personal(s, s.at.AddDate(0, 1, 0).Truncate(day))
			s.tell(both, private, ledger.Body{Kind: ledger.KindRelease, Organisation: by, Document: "doc_1",
				Terms: &ledger.Terms{Recipient: piu, Purposes: []string{"art2.e"}}})
			s.tell(both, nil, open(s, piu))
			return s.last()
		}
	}
	basis := map[string]string{"transfer-basis": "Article 12"}
	convicted(t, map[string]lie{
		"a version that a new one closed": {ledger.CheckDocuments, "was closed at index 4",
			after("in-effect", version("ver_1"))},
		"after a recall that forgot a decision": {ledger.CheckAuthority,
			"recalled at index 4, after the authorization at index 3", after("in-effect", func(s *story, _ *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{}})
			})},
		"for a purpose that was taken off and stated again": {ledger.CheckAuthority,
			"taken off at index 4, after the authorization at index 3", after("in-effect", func(s *story, _ *chapter) {
				for _, purposes := range [][]string{{"art2.b"}, {"art2.e"}} {
					s.tell(both, nil, ledger.Body{Kind: ledger.KindAmendment, Organisation: wco, Document: "doc_1",
						Terms: &ledger.Terms{Purposes: purposes}})
				}
			})},
		"after the retention of personal data": {ledger.CheckDocuments, "personal data was kept until 2027-03-01",
			func(s *story) int {
				personal(s, s.at.Truncate(day))
				s.at = s.at.Truncate(day).Add(day - time.Minute)
				s.tell(both, nil, open(s, unoct))
				return s.last()
			}},
		"for a purpose that is not the document's": {ledger.CheckDocuments,
			`not deposited for the purpose "art2.f"`,
			altered(func(b *ledger.Body) { b.Disclosure.Purpose = "art2.f" })},
		"personal data that is denied": {ledger.CheckDocuments, "speaks of",
			altered(func(b *ledger.Body) { b.Disclosure.PersonalData = true })},
		"personal data without a basis": {ledger.CheckAuthority, "with a basis for the transfer",
			released(wco, nil)},
		"proprietary material without the owner's decision": {ledger.CheckAuthority, "by the owner",
			released(unoct, basis)},
		"a marking lowered by one person": {ledger.CheckTwoPeople, "takes protection away",
			forged(func(s *story, _ *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Marking: "non-confidential"}})
			})},
		"an entity taken off by one person": {ledger.CheckTwoPeople, "takes an entity concerned off",
			forged(func(s *story, _ *chapter) {
				s.tell([]string{wco}, map[string]string{"removed": "org_customs"},
					ledger.Body{Kind: ledger.KindEntities, Organisation: wco, Document: "doc_1",
						Terms: &ledger.Terms{}})
			})},
		"an entity that had refused": {ledger.CheckAuthority, "org_customs had refused", func(s *story) int {
			c := chapter{deposit: s.deposit("org_customs")}
			c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Document: "doc_1", Terms: s.terms(unoct)})
			c.authorization = s.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
			s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindRefusal, Organisation: "org_customs",
				Document: "doc_1", Terms: s.terms(unoct, c.request)})
			forged := s.tell([]string{wco}, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: "org_customs", Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations = []string{c.authorization, forged}
			s.tell(both, nil, b)
			return s.last()
		}},
		"a third party that both Parties recognised anew": {ledger.CheckAuthority, "recognised it anew",
			func(s *story) int {
				c := s.between()
				s.abroad(&c)
				s.recognised(digest("another record"))
				s.readAbroad(&c)
				return s.last()
			}},
		"a third party that one Party recognised alone": {ledger.CheckTwoPeople, "is of per_first of org_wco",
			forged(func(s *story, _ *chapter) {
				s.twice(both, nil, ledger.Body{Kind: ledger.KindRecognition, Organisation: wco,
					Terms: &ledger.Terms{Subject: piu, RecipientRecord: digest(piu)}})
			})},
		"conditions that nobody accepted": {ledger.CheckAuthority, "did not accept the conditions",
			after("in-effect", func(s *story, c *chapter) {
				t := s.terms(unoct, c.request)
				t.Conditions = digest("read on paper")
				c.authorization = s.tell(both, nil,
					ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1", Terms: t})
			})},
	})
	believed(t, map[string]func(*story){
		"conditions of an entity that withdrew and is concerned no longer": func(s *story) {
			c := chapter{deposit: s.deposit("org_customs")}
			c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Document: "doc_1", Terms: s.terms(unoct)})
			c.authorization = s.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
			t := s.terms(unoct, c.request)
			t.Conditions = digest("read on paper")
			decision := s.tell([]string{wco}, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: "org_customs", Document: "doc_1", Terms: t})
			s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: "org_customs",
				Document: "doc_1", Terms: &ledger.Terms{Withdraws: []string{decision}}})
			s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindNotConcerned, Organisation: "org_customs",
				Document: "doc_1", Terms: &ledger.Terms{}})
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations, b.Disclosure.Conditions = []string{c.authorization}, digest("read on paper")
			s.tell(both, nil, b)
		},
		"conditions that nobody set, accepted": func(s *story) {
			c := s.between()
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations, b.Disclosure.Conditions = []string{c.authorization}, digest("read on paper")
			s.tell(both, nil, b)
		},
		"a version that a new one left open": func(s *story) { after("in-effect", version(""))(s) },
		"a closed version, to the Discloser's own people": func(s *story) {
			c := s.between()
			version("ver_1")(s, &c)
			s.tell([]string{wco}, nil, s.permit(wco, "per_staff", ""))
		},
		"decisions given after a recall": func(s *story) {
			after("in-effect", func(s *story, c *chapter) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Withdraws: []string{c.authorization}}})
				s.long(c, "art2.e")
			})(s)
		},
		"on the last day of retention": func(s *story) {
			personal(s, s.at.Truncate(day))
			s.at = s.at.Truncate(day).Add(day - 2*time.Minute)
			s.tell(both, nil, open(s, unoct))
		},
		"a Release with everything": func(s *story) { released(wco, basis)(s) },
		"a third party recognised as it was": func(s *story) {
			c := s.between()
			s.abroad(&c)
			s.recognised(digest(piu))
			s.readAbroad(&c)
		},
		"conditions of two decisions, accepted": func(s *story) {
			c := s.between()
			give := func(words string) string {
				t := s.terms(unoct, c.request)
				t.Conditions = digest(words)
				return s.tell(both, nil, ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco,
					Document: "doc_1", Terms: t})
			}
			leaves := []string{c.authorization, give("read on paper"), give("at the desk")}
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations, b.Disclosure.Conditions = leaves,
				digest(digest("read on paper")+"\n"+digest("at the desk"))
			s.tell(both, nil, b)
		},
	})
}

// recognised is a change of the third party's record, by both Parties.
func (s *story) recognised(record string) {
	first := s.tell(both, nil, ledger.Body{Kind: ledger.KindRecognition, Organisation: wco, Actor: "per_one",
		Terms: &ledger.Terms{Step: ledger.StepFirst, Subject: piu, RecipientRecord: record}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindRecognition, Organisation: unoct, Actor: "per_two",
		Terms: &ledger.Terms{Step: ledger.StepSecond, Subject: piu, RecipientRecord: record, Relies: []string{first}}})
}

// The Discloser may have authorized what it consented to as well, by another of its signatories: a disclosure to a
// third party rests on the consent, and names the Delegation of that.
func TestTheDelegationOfADisclosureAbroadIsThatOfTheConsent(t *testing.T) {
	s := newStory(t)
	said := s.configured()
	deputy := said.Delegations[0]
	deputy.Digest = delegationOf("the deputy of " + wco)
	said.Delegations = append(said.Delegations, deputy)
	s.configure(said)
	c := s.between()
	s.abroad(&c)
	terms := s.terms(piu, c.ask)
	terms.Delegation = deputy.Digest
	too := s.tell(both, nil, ledger.Body{
		Kind:         ledger.KindAuthorization,
		Organisation: wco,
		Actor:        "per_deputy",
		Document:     "doc_1",
		Request:      "req_2",
		Terms:        terms,
	})
	b := s.permit(piu, "per_analyst", c.ask)
	b.Disclosure.Consent, b.Disclosure.Agreement, b.Disclosure.Authorizations = c.consent, c.signature, []string{too}
	b.Disclosure.Delegation = delegationOf(wco)
	s.completion(s.tell(both, nil, b), ledger.EndComplete, both)
	good(t, s.verify(s.bundle(wco)))
}

// A detail that is gone is an erasure, when the log says that two people erased it, and else a forgery.
func TestADetailIsErasedByTwoPeopleOrHeldBack(t *testing.T) {
	without := func(index int, r *ledger.Record) {
		if index == 1 {
			r.Details = r.Details[:1] // entities, and not the title
		}
	}
	s := newStory(t)
	c := s.between()
	s.read(&c)
	s.completion(c.disclosure, ledger.EndComplete, both)
	wrong(t, s.verify(s.bundle(wco, without)), ledger.CheckDetails, `the value of "title" is held back`, 1)
	good(t, s.verify(s.bundle(unoct))) // to whom it was never shown
	wrong(t, s.verify(s.bundle(wco, func(index int, r *ledger.Record) {
		if index == 2 {
			r.Details = nil
		}
		// what the other Party said about the own document
	})), ledger.CheckDetails, `the value of "statement" is held back`, 2)

	held := newStory(t)
	d := held.between()
	held.read(&d)
	held.completion(d.disclosure, ledger.EndComplete, both)
	held.tell([]string{unoct, wco}, map[string]string{"reason": "A dispute"},
		ledger.Body{Kind: ledger.KindHold, Organisation: unoct, Document: "doc_1",
			Terms: &ledger.Terms{Subject: "hld_1"}})
	last := len(held.entries) - 1
	gone := func(index int, r *ledger.Record) {
		if index == last {
			r.Details = nil
		}
	}
	// what the Recipient says of its own Hold was never shown to the Discloser
	good(t, held.verify(held.bundle(wco, gone)))
	wrong(t, held.verify(held.bundle(unoct, gone)), ledger.CheckDetails, `the value of "reason" is held back`,
		int64(last))

	alone := newStory(t)
	alone.between()
	alone.tell([]string{wco}, map[string]string{"text": "of an entity"},
		ledger.Body{Kind: ledger.KindMessage, Organisation: "org_customs"})
	wrong(t, alone.verify(alone.bundle(wco, func(index int, r *ledger.Record) { r.Details = nil })),
		ledger.CheckDetails, "held back", 4)

	erase := ledger.Body{Kind: ledger.KindErasure, Organisation: wco,
		Terms: &ledger.Terms{Subject: "ent_1", Field: "title"}}
	s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindErasure, Organisation: wco, Actor: "per_one",
		Terms: &ledger.Terms{Subject: "ent_1", Field: "title", Step: ledger.StepFirst}})
	wrong(t, s.verify(s.bundle(wco, without)), ledger.CheckDetails, "held back", 1)
	s.twice([]string{wco}, nil, erase)
	r := s.verify(s.bundle(wco, without))
	good(t, r)
	if !bytes.Contains([]byte(said(r, ledger.CheckDetails)), []byte("1 erased")) {
		t.Errorf("%q does not say that one was erased", said(r, ledger.CheckDetails))
	}
	good(t, s.verify(s.bundle(unoct)))
}

func said(r ledger.Report, check string) string {
	for _, c := range r.Checks {
		if c.Name == check {
			return c.Says
		}
	}
	return ""
}
