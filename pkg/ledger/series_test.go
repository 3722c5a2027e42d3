package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// weekly is an honest log of a series, until somebody alters one of its entries: what the Discloser states, what its
// signatory authorizes, a document that a machine deposits, the Delivery that it begins with, and its disclosure.
type weekly struct {
	series, standing, deposit, request, disclosure ledger.Body
	opens                                          []string // of the standing authorization
	entities                                       string
	text                                           string         // of the authorization; empty: as it is written
	before, after                                  func(s *story) // the Delivery, and the standing authorization
	names                                          map[string]string
}

func newWeekly(s *story) *weekly {
	term := s.at.Add(200 * 24 * time.Hour)
	return &weekly{
		opens:    both,
		entities: "none",
		names:    map[string]string{},
		series: ledger.Body{Kind: ledger.KindSeries, Organisation: wco, Actor: "per_focal", Terms: &ledger.Terms{
			Series: "ser_1", Discloser: wco, Recipient: unoct, Markings: []string{"confidential"},
			Purposes: []string{"art2.e"}}},
		standing: ledger.Body{Kind: ledger.KindStanding, Organisation: wco, Actor: "per_focal", Terms: &ledger.Terms{
			Series: "ser_1", Discloser: wco, Recipient: unoct, RecipientRecord: digest(unoct),
			Markings: []string{"confidential"}, Purposes: []string{"art2.e"}, People: []string{"per_machine"},
			Until: term, Form: "stamped", Decision: "aut_1", Evidence: "none"}},
		deposit: ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Actor: "per_gtas", Document: "doc_1",
			Terms: &ledger.Terms{Discloser: wco, Recipient: unoct, Marking: "confidential", DocumentVersion: "ver_1",
				VersionCommitment: "c1", Purposes: []string{"art2.e"}, Series: "ser_1"}},
		request: ledger.Body{Kind: ledger.KindRequest, Organisation: wco, Actor: "per_gtas", Document: "doc_1",
			Request: "req_1", Terms: &ledger.Terms{Discloser: wco, Recipient: unoct, RecipientRecord: digest(unoct),
				Marking: "confidential", DocumentVersion: "ver_1", Purposes: []string{"art2.e"},
				People: []string{"per_machine"}, Delivery: true, Until: term, Form: "stamped", Series: "ser_1"}},
		disclosure: s.permit(unoct, "per_machine", ""),
		before:     func(*story) {},
		after:      func(*story) {},
	}
}

// writes is the canonical text of a standing authorization.
func (w *weekly) writes() string {
	if w.text != "" {
		return w.text
	}
	t := w.standing.Terms
	return strings.Join([]string{
		"decision: World Customs Organization authorizes, under Article 4(4) of the Arrangement",
		"series: " + t.Series, "markings: " + strings.Join(t.Markings, " "), "recipient: UNOCT (" + t.Recipient + ")",
		"recipient record sha-256: " + t.RecipientRecord, "people: " + strings.Join(t.People, " "),
		"purpose: " + strings.Join(t.Purposes, ","), "until: " + t.Until.Format(time.RFC3339), "form: " + t.Form,
		"signatory: " + w.standing.Actor}, "\n") + "\n"
}

func (w *weekly) tell(s *story) {
	c := s.configured()
	c.Weakening = []string{"admit.consent_evidence_none: for tests"}
	s.configure(c)
	w.names["series"] = s.tell(both, map[string]string{"entities": w.entities}, w.series)
	t := w.standing.Terms
	if t.Relies == nil {
		t.Relies = []string{w.names["series"]}
	}
	text := w.writes()
	if t.Text == "" {
		t.Text = digest(text)
	}
	w.names["standing"] = s.tell(w.opens, map[string]string{"text": text}, w.standing)
	w.after(s)
	w.names["deposit"] = s.tell(both, map[string]string{"title": "Arrivals", "entities": w.entities}, w.deposit)
	if w.request.Terms.Relies == nil {
		w.request.Terms.Relies = []string{w.names["deposit"], w.names["standing"]}
	}
	w.names["request"] = s.tell(both, nil, w.request)
	w.before(s)
	d := w.disclosure.Disclosure
	d.Grant, d.Authorizations = w.names["request"], []string{w.names["standing"]}
	d.Delegation, d.Expires = delegationOf(wco), s.at.Add(time.Hour)
	s.tell(both, nil, w.disclosure)
}

// withdraw takes a standing authorization back.
func (w *weekly) withdraw(by, series string) func(s *story) {
	return func(s *story) {
		s.tell(both, map[string]string{"statement": "x"}, ledger.Body{Kind: ledger.KindStandingWithdrawal,
			Organisation: by, Actor: "per_other", Terms: &ledger.Terms{Series: series, Discloser: wco, Recipient: unoct,
				Withdraws: []string{w.names["standing"]}, Relies: []string{w.names["series"]}}})
	}
}

func TestReading0111AnHonestSeriesIsGood(t *testing.T) {
	s := newStory(t)
	newWeekly(s).tell(s)
	for _, party := range both {
		r := s.verify(s.bundle(party))
		good(t, r)
		if r.Disclosures.Protected != 1 {
			t.Errorf("%s: %d protected disclosures", party, r.Disclosures.Protected)
		}
	}
}

// Article 4(4): the Recipient may be an entity concerned of a series itself. What it says of it is sealed for the
// Discloser, as every decision of an entity is: nothing is held back from its own auditor, and from the Discloser's it
// may not be.
func TestArticle4_4TheRecipientAuthorizesASeriesAsAnEntityConcerned(t *testing.T) {
	s := newStory(t)
	w := newWeekly(s)
	w.entities = unoct
	w.after = func(s *story) {
		own := w.standing
		terms := *w.standing.Terms
		own.Organisation, own.Actor, own.Terms = unoct, "per_other", &terms
		terms.People, terms.Decision, terms.Delegation = nil, "aut_2", ""
		text := strings.NewReplacer("World Customs Organization", "UNOCT", "people: per_machine", "people: none",
			"signatory: per_focal", "signatory: per_other").Replace(w.writes())
		terms.Text = digest(text)
		w.names["own"] = s.tell(both, map[string]string{"statement": "Ours", "text": text}, own)
		w.request.Terms.Relies = []string{w.names["deposit"], w.names["standing"], w.names["own"]}
	}
	w.tell(s)
	at := slices.IndexFunc(s.entries, func(e told) bool { return e.private["statement"] == "Ours" })
	silent := func(index int, r *ledger.Record) {
		if index == at {
			r.Details = nil
		}
	}
	for _, party := range both {
		for _, f := range s.verify(s.bundle(party)).Findings {
			if f.Check == ledger.CheckDetails {
				t.Errorf("%s: %v", party, f)
			}
		}
	}
	wrong(t, s.verify(s.bundle(wco, silent)), ledger.CheckDetails, "held back", int64(at))
}

// Reading 0111: an authorization that stands for a series and is forged, or reaches further than it may, is found
// offline.
func TestReading0111AStandingAuthorizationThatIsTooWideIsFound(t *testing.T) {
	for says, forge := range map[string]func(w *weekly){
		"a series is of one Party's documents":     func(w *weekly) { w.series.Terms.Recipient = piu },
		"no authorization of the entity concerned": func(w *weekly) { w.entities = "org_customs" },
		"stands nowhere earlier (reading 0111)":    func(w *weekly) { w.deposit.Terms.Series = "ser_2" },
		"is of other Parties": func(w *weekly) {
			w.deposit.Organisation, w.deposit.Terms.Discloser, w.deposit.Terms.Recipient = unoct, unoct, wco
		},
		"holds nothing marked":      func(w *weekly) { w.deposit.Terms.Marking = "restricted" },
		"holds no personal data":    func(w *weekly) { w.deposit.Terms.PersonalData = true },
		"holds nothing proprietary": func(w *weekly) { w.deposit.Terms.Proprietary = true },
		"serves fewer purposes":     func(w *weekly) { w.deposit.Terms.Purposes = []string{"art2.e", "art2.f"} },
		"and the series stands nowhere earlier": func(w *weekly) {
			w.standing.Terms.Series = "ser_2"
		},
		"and it is for org_piu":          func(w *weekly) { w.standing.Terms.Recipient = piu },
		"wider than the markings":        func(w *weekly) { w.standing.Terms.Markings = []string{"restricted"} },
		"not for one purpose":            func(w *weekly) { w.standing.Terms.Purposes = []string{"art2.e", "art2.f"} },
		"it names nobody":                func(w *weekly) { w.standing.Terms.People = nil },
		"is no entity concerned of":      func(w *weekly) { w.standing.Organisation = unoct },
		"rests on no Delegation":         func(w *weekly) { w.standing.Terms.Delegation = digest("nothing") },
		"the writing says series":        func(w *weekly) { w.text = "decision:  authorizes, under Article 4(4) \n" },
		"no Delivery of a document":      func(w *weekly) { w.request.Terms.Delivery = false },
		"which was withdrawn at index":   func(w *weekly) { w.after = w.withdraw(wco, "ser_1") },
		"which is for another series":    func(w *weekly) { w.request.Terms.Series = "ser_2" },
		"which is for another recipient": func(w *weekly) { w.request.Terms.Recipient = piu },
		"which is for another purpose":   func(w *weekly) { w.request.Terms.Purposes = []string{"art2.f"} },
		"and reaches beyond its end": func(w *weekly) {
			w.request.Terms.Until = w.request.Terms.Until.AddDate(1, 0, 0)
		},
		"and names other people": func(w *weekly) {
			w.request.Terms.People = []string{"per_machine", "per_more"}
		},
		"never gave for this series": func(w *weekly) { w.after = w.withdraw(unoct, "ser_1") },
		"was withdrawn at index":     func(w *weekly) { w.before = w.withdraw(wco, "ser_1") },
		"it stands between the Parties alone": func(w *weekly) {
			w.disclosure.Organisation, w.disclosure.Disclosure.To = piu, piu
		},
		"is none that the request rests on": func(w *weekly) {
			w.request.Terms.Relies = []string{digest("nothing")}
		},
		"the document was recalled": func(w *weekly) {
			w.before = func(s *story) {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco, Actor: "per_focal",
					Terms: &ledger.Terms{Relies: []string{w.names["deposit"]}}})
			}
		},
		"the purpose was taken off": func(w *weekly) {
			w.before = func(s *story) {
				for _, purposes := range [][]string{{"art2.b"}, {"art2.e"}} { // and stated again
					s.tell(both, nil, ledger.Body{Kind: ledger.KindAmendment, Organisation: wco, Actor: "per_focal",
						Terms: &ledger.Terms{Purposes: purposes, Relies: []string{w.names["deposit"]}}})
				}
			}
		},
		"is for another series": func(w *weekly) { w.deposit.Terms.Series = "" },
		"does not reach what is marked": func(w *weekly) {
			w.before = func(s *story) {
				s.tell(both, map[string]string{"reason": "x"}, ledger.Body{Kind: ledger.KindMarking, Organisation: wco,
					Terms: &ledger.Terms{Marking: "restricted", Relies: []string{w.names["deposit"]}}})
			}
			w.disclosure.Disclosure.Marking = "restricted"
		},
		"which takes two": func(w *weekly) { w.deposit.Actor = "per_focal" },
		"is for another purpose": func(w *weekly) {
			w.disclosure.Disclosure.Purpose = "art2.f"
		},
		"ended on": func(w *weekly) {
			w.before = func(s *story) { s.at = w.standing.Terms.Until }
		},
		"does not give this form": func(w *weekly) { w.disclosure.Disclosure.Form = "original" },
	} {
		t.Run(says, func(t *testing.T) {
			s := newStory(t)
			w := newWeekly(s)
			forge(w)
			w.tell(s)
			r := s.verify(s.bundle(wco))
			for _, f := range r.Findings {
				if strings.Contains(f.Why, says) {
					return
				}
			}
			t.Errorf("nothing says %q: %v", says, r.Findings)
		})
	}
}

// A Delivery of a document that never was deposited rests on nothing, whatever series it names.
func TestReading0111ASeriesGivesNothingThatWasNotDeposited(t *testing.T) {
	s := newStory(t)
	w := newWeekly(s)
	w.request.Document = "doc_2"
	w.tell(s)
	wrong(t, s.verify(s.bundle(wco)), ledger.CheckGrammar, "no deposit of", 4)
}
