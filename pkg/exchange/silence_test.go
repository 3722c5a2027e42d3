package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Grants that stand for months, and requests that were taken back, are no reason to forget one that lapsed.
func TestReading0007TheHouseWritesALapseHoweverManyGrantsStand(t *testing.T) {
	h := newHouse(t)
	g := h.gateway()
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	for range 101 { // of the Discloser's own people: in force at once
		_, err := g.Request(t.Context(), staff, doc.ID, ask(g, wco))
		must(t, err)
	}
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	h.moveClock(15 * 24 * time.Hour)
	h.eventually(`SELECT count(*) FROM log_entry WHERE kind = 'lapse'`, 1)
	shown, err := g.DescribeRequest(t.Context(), reader, q.ID)
	must(t, err)
	if shown.State != article4.StateLapsed {
		t.Errorf("the request is %s; want lapsed", shown.State)
	}
}

// What expires by a leave that was given for less than was asked gets its entry then, and not when the request would end.
func TestTheHouseWritesTheExpiryOfALeave(t *testing.T) {
	h := newHouse(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	v := verdict(article4.ActAuthorize, q)
	v.Until = time.Now().Add(48 * time.Hour)
	_, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, v)
	must(t, err)
	h.moveClock(49 * time.Hour)
	h.eventually(`SELECT count(*) FROM log_entry WHERE kind = 'expiry'`, 1)
}
