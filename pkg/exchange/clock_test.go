package exchange_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/sequencer"
)

// Entries are dated by the database's clock, and permits run by it. While it contradicts the gateway's nothing is
// decided, nothing is recorded and no byte leaves; it is told which clock says what; and all goes on once they agree.
func TestNothingIsDecidedByClocksThatContradictEachOther(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	reader, staff := h.staff(g, "staff.unoct"), h.staff(g, "staff.wco")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	entries := func() int { return h.count(`SELECT count(*) FROM log_entry`) }
	for _, apart := range []time.Duration{-40 * 24 * time.Hour, 2 * time.Minute} {
		h.wrong.Store(int64(apart))
		before := entries()
		_, err := g.Disclose(t.Context(), reader, doc.ID, reading())
		refusedFor(t, err, "gateway/log-unavailable")
		refusedFor(t, second(g.Content(t.Context(), reader, d.ID, nil)), "gateway/log-unavailable")
		_, err = g.Deposit(t.Context(), staff, metadata(), content(secret))
		refusedFor(t, err, "gateway/log-unavailable")
		_, err = g.Recall(t.Context(), h.staff(g, "staff.unoct"), doc.ID, "not mine")
		refusedFor(t, err, "gateway/log-unavailable") // no refusal is dated by it either
		if now := entries(); now != before {
			t.Errorf("%s apart: %d entries were written", apart, now-before)
		}
		if _, err := g.List(t.Context(), reader, exchange.DocumentQuery{}); err != nil {
			t.Errorf("%s apart: what only reads is refused: %v", apart, err)
		}
		err = g.Ready(t.Context())["clock"]
		if !errors.Is(err, sequencer.ErrClock) || !strings.Contains(err.Error(), "the gateway's says") {
			t.Errorf("ready: %v", err)
		}
	}
	h.wrong.Store(0)
	if err := g.Ready(t.Context())["clock"]; err != nil {
		t.Errorf("ready: %v", err)
	}
	if got := readAll(t, g, reader, d); got != secret {
		t.Errorf("read %q", got)
	}
}
