package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/exchange"
)

// Whoever watches the gateway tells a withdrawal from a fault and from a reader who went away, and learns of nobody.
func TestTheFiguresTellHowTransfersEnded(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	gone, err := g.Content(t.Context(), reader, d.ID, nil)
	must(t, err)
	must(t, gone.Finish(t.Context(), 1))
	running, err := g.Content(t.Context(), reader, d.ID, nil)
	must(t, err)
	if now := g.Figures(); now.Transfers != 1 {
		t.Errorf("%d transfers run; want 1", now.Transfers)
	}
	must(t, second(g.Recall(t.Context(), focal, doc.ID, "It was wrong.")))
	select {
	case <-running.Cut():
	case <-time.After(10 * time.Second):
		t.Fatal("the recall cut nothing")
	}
	must(t, running.Finish(t.Context(), 1))
	got := g.Figures()
	for end, want := range map[exchange.TransferEnd]int64{exchange.EndedComplete: 1, exchange.EndedNetwork: 1,
		exchange.EndedPermit: 1, exchange.EndedFault: 0} {
		if got.Ended[end] != want {
			t.Errorf("%s: %d; want %d", end, got.Ended[end], want)
		}
	}
	if got.Transfers != 0 || len(got.Inspected) == 0 {
		t.Errorf("%+v", got)
	}
}
