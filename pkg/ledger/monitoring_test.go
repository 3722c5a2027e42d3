package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/ledger"
)

func TestTheMonitoringReportCountsWhatBothPartiesMayOpen(t *testing.T) {
	s := newStory(t)
	c := s.whole()
	s.tell(both, nil, ledger.Body{Kind: ledger.KindRefusal, Organisation: wco, Document: "doc_1",
		Terms: &ledger.Terms{Relies: []string{c.ask}}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindLapse, Document: "doc_1",
		Terms: &ledger.Terms{Relies: []string{c.ask}}})
	s.tell([]string{unoct}, nil, ledger.Body{Kind: ledger.KindReading, Outcome: ledger.Refused,
		Reasons: []string{"art4.6/not-admitted"}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindDisclosure, Outcome: ledger.Refused,
		Reasons: []string{"gateway/own-request", "art4.4/authorization-missing", "art4.4/other-version"}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindTooMany, Outcome: ledger.Refused,
		Reasons: []string{"gateway/too-many"}, Counted: &ledger.Counted{Refusals: 40, From: at, To: at}})
	count := func(from, to time.Time) ledger.Monitoring {
		m := ledger.NewMonitor(from, to)
		for _, e := range s.entries {
			m.Add(e.body, ledger.BodyHash(e.raw), e.parties)
		}
		return m.Report()
	}
	first, last := s.entries[0].body.At, s.at
	median := int64(60)
	want := ledger.Monitoring{From: first, To: last.Add(time.Hour), Exchanged: map[string]int{"confidential": 2},
		Consents: ledger.ConsentFigures{Asked: 1, Given: 1, Refused: 1, Lapsed: 1, MedianSeconds: &median},
		Refusals: map[string]int{"4(4)": 2, "gateway": 41}}
	if diff := cmp.Diff(want, count(first, last.Add(time.Hour))); diff != "" {
		t.Error(diff)
	}
	if r := count(last.Add(time.Hour), last.Add(2*time.Hour)); r.Consents.Asked != 0 || len(r.Exchanged) != 0 {
		t.Errorf("nothing happened then: %+v", r)
	}
	one, err := count(first, last).Bytes()
	must(t, err)
	other, err := count(first, last).Bytes()
	must(t, err)
	if !slices.Equal(one, other) {
		t.Error("two countings give different bytes")
	}
}

func TestAFilterShowsWhatItNames(t *testing.T) {
	b := ledger.Body{
		Kind:         ledger.KindConsent,
		At:           at,
		Organisation: wco,
		Document:     "doc_1",
		Outcome:      ledger.Refused,
		Reasons:      []string{"art4.8/no-authority", "art11.4/ended"},
		Actor:        "per_1",
		Request:      "req_1",
		Terms:        &ledger.Terms{Marking: "restricted", Recipient: piu},
	}
	for _, f := range []ledger.Filter{{}, {Since: at}, {Until: at.Add(1)}, {Organisation: wco}, {Document: "doc_1"},
		{Kind: "consent"}, {Outcome: "refuse"}, {Paragraph: "4(8)"}, {Paragraph: "11(4)"},
		{Kind: "deposit,consent"}, {Without: "reading,accounting"}, {Reason: "art11.4/ended"}, {Actor: "per_1"},
		{Request: "req_1"}, {Marking: "restricted"}, {Beneficiary: piu}, {Organisation: wco, Beneficiary: piu}} {
		if !f.Matches(b) {
			t.Errorf("%+v does not show it", f)
		}
	}
	for _, f := range []ledger.Filter{{Since: at.Add(1)}, {Until: at}, {Organisation: unoct}, {Document: "doc_2"},
		{Kind: "deposit"}, {Outcome: "permit"}, {Paragraph: "4(4)"},
		{Kind: "deposit,reading"}, {Without: "reading,consent"}, {Reason: "art4.8/unsigned"}, {Actor: "per_2"},
		{Request: "req_2"}, {Marking: "confidential"}, {Beneficiary: wco}, {Organisation: wco, Beneficiary: wco}} {
		if f.Matches(b) {
			t.Errorf("%+v shows it", f)
		}
	}
	read := ledger.Body{Kind: ledger.KindDisclosure, Disclosure: &ledger.Disclosure{To: piu, Marking: "restricted"}}
	if f := (ledger.Filter{Beneficiary: piu, Marking: "restricted"}); !f.Matches(read) {
		t.Error("a disclosure is not for whom it was made")
	}
	if f := (ledger.Filter{Beneficiary: piu}); f.Matches(ledger.Body{Kind: ledger.KindReading}) {
		t.Error("a reading is for somebody")
	}
}
