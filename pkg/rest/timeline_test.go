package rest_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/api"
)

func (s *somebody) happenings(document string) (out []string) {
	s.t.Helper()
	for next := ""; ; {
		p := want[api.TimelinePage](s.t, s.get("/documents/"+document+"/timeline?limit=3"+next), 200)
		for _, h := range p.Items {
			said := string(h.Kind)
			if h.Organisation != nil {
				said += " by " + strings.TrimPrefix(*h.Organisation, "org_")
			}
			if h.Person != nil {
				said += " myself"
			}
			out = append(out, said)
		}
		if p.Next == nil {
			slices.Reverse(out)
			return out
		}
		next = "&after=" + *p.Next
	}
}

// "What happened to this paper since?" Each is told what concerns them, in the order in which it was done, by pages of
// which each is one entry. The other Party learns neither of entities concerned, nor of a Hold, nor of what the
// Discloser's own people read; a third party learns of its own request alone, and whoever has no standing of nothing.
func TestEachIsToldWhatHappenedAsFarAsItConcernsThem(t *testing.T) {
	w := newWorld(t)
	doc := w.put(fields{"entities_concerned": []string{customs}})
	w.done(post("focal.wco", "/holds", fields{"document": doc, "statement": "An audit"}))
	own := w.done(w.askOf("staff.unoct", doc, "org_unoct", nil))
	w.done(decisionOf("focal.customs", own, "authorize", nil))
	w.done(decisionOf("focal.wco", own, "authorize", nil))
	w.done(readingOf("staff.unoct", doc, nil))
	w.done(readingOf("staff.wco", doc, nil))
	w.done(signatureOf(w.agreement("We keep it, and tell nobody."), nil))
	third := w.done(w.forUnit(doc, nil))
	w.done(decisionOf("focal.customs", third, "authorize", nil))
	w.done(decisionOf("focal.wco", third, "consent", nil))

	before := w.entries()
	reader := w.somebody("staff.unoct")
	for person, wanted := range map[string][]string{
		"staff.unoct": {"deposit by wco", "request by unoct myself", "authorization by wco",
			"disclosure by unoct myself", "request by unoct myself", "consent by wco"},
		"staff.piu": {"request by unoct", "consent by wco"},
		"focal.customs": {"request by unoct", "authorization by customs-exampleland myself", "authorization by wco",
			"disclosure by unoct", "request by unoct", "authorization by customs-exampleland myself", "consent by wco"},
		"staff.wco": {"deposit by wco myself", "hold by wco myself", "request by unoct",
			"authorization by customs-exampleland", "authorization by wco myself", "disclosure by unoct",
			"disclosure by wco myself", "request by unoct", "authorization by customs-exampleland",
			"consent by wco myself"},
	} {
		if got := w.somebody(person).happenings(doc); !slices.Equal(got, wanted) {
			t.Errorf("%s is told\n%q, want\n%q", person, got, wanted)
		}
	}
	if reader.happenings(doc); w.entries() != before+2+1+3+4+2 {
		t.Errorf("the pages wrote %d entries", w.entries()-before)
	}
	other := w.put(nil)
	for _, person := range []string{"staff.piu", "focal.customs", "operator.operator"} {
		if a := w.as(person, "GET", "/documents/"+other+"/timeline", ""); a.StatusCode/100 != 4 {
			t.Errorf("%s: %d %s", person, a.StatusCode, a.body)
		}
	}
}
