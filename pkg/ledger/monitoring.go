package ledger

import (
	"slices"
	"strings"
	"time"
)

// Monitoring is the report that the Parties look at together under Article 5(4): counted over the entries of [From, To)
// that both Parties may open, and nothing else, so that each of them makes the same report out of its own bundle.
type Monitoring struct {
	From      time.Time      `json:"since"`
	To        time.Time      `json:"until"`
	Exchanged map[string]int `json:"exchanged"` // disclosures, by marking
	Consents  ConsentFigures `json:"consents"`
	Refusals  map[string]int `json:"refusals"` // refused acts by the paragraph of each reason: "4(8)", "gateway"
}

// ConsentFigures are about requests for a third party (Article 4(8)).
type ConsentFigures struct {
	Asked   int `json:"asked"`
	Given   int `json:"given"`
	Refused int `json:"refused"`
	Lapsed  int `json:"lapsed"`
	// MedianSeconds is the median time from the request to the consent, in whole seconds; absent when none was given.
	MedianSeconds *int64 `json:"median_seconds,omitempty"`
}

// Monitor counts a Monitoring. Add takes the entries in the order of the log, those before From too: a consent is
// measured from its request.
type Monitor struct {
	report Monitoring
	asked  map[string]time.Time // requests for a third party, by body hash
	took   []int64
}

// NewMonitor counts what happened at from or later, and before to.
func NewMonitor(from, to time.Time) *Monitor {
	return &Monitor{asked: map[string]time.Time{}, report: Monitoring{From: microseconds(from), To: microseconds(to),
		Exchanged: map[string]int{}, Refusals: map[string]int{}}}
}

// Add counts one entry. parties are those entitled to open it; what is not for both is passed over.
func (m *Monitor) Add(b Body, name Hash, parties []string) {
	if len(parties) < 2 {
		return
	}
	within := !b.At.Before(m.report.From) && b.At.Before(m.report.To)
	asks := b.Kind == KindRequest && b.Outcome == Permitted && b.Terms != nil &&
		!slices.Contains(parties, b.Terms.Recipient)
	if asks {
		m.asked[name.String()] = b.At
	}
	if !within {
		return
	}
	if asks {
		m.report.Consents.Asked++
	}
	if b.Outcome == Refused {
		m.addRefusal(b)
		return
	}
	if b.Kind == KindDisclosure && b.Disclosure != nil {
		m.report.Exchanged[b.Disclosure.Marking]++
	}
	m.addDecision(b)
}

// addRefusal counts a refusal, or as many as one entry stands for, under each paragraph of its reasons.
func (m *Monitor) addRefusal(b Body) {
	times := 1
	if b.Counted != nil {
		times = b.Counted.Refusals
	}
	for _, paragraph := range Paragraphs(b.Reasons) {
		m.report.Refusals[paragraph] += times
	}
}

// addDecision counts what became of a request for a third party.
func (m *Monitor) addDecision(b Body) {
	if b.Terms == nil || len(b.Terms.Relies) == 0 {
		return
	}
	at, asked := m.asked[b.Terms.Relies[0]]
	if !asked {
		return
	}
	switch b.Kind {
	case KindConsent:
		m.report.Consents.Given++
		m.took = append(m.took, int64(b.At.Sub(at)/time.Second))
	case KindRefusal:
		m.report.Consents.Refused++
	case KindLapse:
		m.report.Consents.Lapsed++
	}
}

// Report is what was counted so far.
func (m *Monitor) Report() Monitoring {
	r := m.report
	if len(m.took) > 0 {
		slices.Sort(m.took)
		median := m.took[(len(m.took)-1)/2]
		r.Consents.MedianSeconds = &median
	}
	return r
}

// Bytes are the canonical bytes of the report.
func (r Monitoring) Bytes() ([]byte, error) { return canonical(r) }

// Paragraphs are those of the reasons, each once, in their order: "art4.8/no-written-consent" is of "4(8)", and what no
// paragraph says is of "gateway" or "request".
func Paragraphs(reasons []string) []string {
	var out []string
	for _, code := range reasons {
		group, _, _ := strings.Cut(code, "/")
		if article, paragraph, found := strings.Cut(strings.TrimPrefix(group, "art"), "."); found {
			group = article + "(" + paragraph + ")"
		}
		if !slices.Contains(out, group) {
			out = append(out, group)
		}
	}
	return out
}
