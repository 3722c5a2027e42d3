package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Whether a request could be carried over is asked without doing it: there is nothing to decide while it is for the
// present version, whoever may not is not told otherwise, and no entry is left, for what is absent neither.
func TestWhetherARequestCouldBeCarriedOverIsAskedWithoutAnEntry(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	defer h.inOrder(g)
	staff, reader, focal := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	auditor, other := h.auditor(g, "auditor.unoct"), h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
	could := func(name string, a exchange.Actor, id article4.RequestID, told, allowed bool) {
		t.Helper()
		before := h.count("SELECT count(*) FROM log_entry")
		may, is, err := exchange.Would(a, func(a exchange.Actor) error {
			return second(g.CarryOver(t.Context(), a, id, "", time.Time{}))
		})
		must(t, err)
		if is != told || may.Allowed != allowed {
			t.Errorf("%s: told %t, %+v", name, is, may)
		}
		if n := h.count("SELECT count(*) FROM log_entry"); n != before {
			t.Errorf("%s: asking left %d entries", name, n-before)
		}
	}
	could("for the present version", reader, q.ID, false, false)
	_, err = g.Correct(t.Context(), staff, doc.ID, exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects,
		Explanation: "A figure was wrong", Size: -1}, content(secret+", corrected"))
	must(t, err)
	could("the asker", reader, q.ID, true, true)
	could("the Discloser's staff", staff, q.ID, true, true)
	could("an auditor", auditor, q.ID, true, false)
	could("whoever has no standing", other, q.ID, false, false)
	could("of what is absent", reader, "req_00000000000000000000000000", false, false)
	if found, err := g.Requests(t.Context(), focal, exchange.RequestQuery{Box: "asked-of-us"}); err != nil ||
		len(found.Items) != 1 {
		t.Errorf("asking made a request: %d, %v", len(found.Items), err)
	}
}
