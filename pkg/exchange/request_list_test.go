package exchange_test

import (
	"slices"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What is counted as waiting is what its list shows, whatever else lies in the box.
func TestWhatWaitsIsTheListThatItIsCountedOf(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, reader, focal := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	var asked []exchange.AccessRequest
	for range 3 {
		doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
		must(t, err)
		q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
		must(t, err)
		asked = append(asked, q)
		h.moveClock(time.Hour)
	}
	lists := func(a exchange.Actor, q exchange.RequestQuery, want ...exchange.AccessRequest) {
		t.Helper()
		var found, ids []article4.RequestID
		for q.Limit = 1; ; {
			page, err := g.Requests(t.Context(), a, q)
			must(t, err)
			for _, one := range page.Items {
				found = append(found, one.ID)
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		for _, one := range want {
			ids = append(ids, one.ID)
		}
		if !slices.Equal(found, ids) {
			t.Errorf("%+v lists %v; want %v", q, found, ids)
		}
	}
	lists(focal, exchange.RequestQuery{Box: "inbox", State: article4.StateOpen, Sort: "lapses_at"}, asked...)

	// To answer a question lets silence count anew: what was asked first lapses last then.
	for _, q := range asked[:2] {
		_, err := g.Ask(t.Context(), focal, q.ID, "For which training?")
		must(t, err)
	}
	_, err := g.Ask(t.Context(), reader, asked[0].ID, "For the one in May.")
	must(t, err)
	lists(focal, exchange.RequestQuery{Box: "inbox", State: article4.StateOpen, Sort: "lapses_at"}, asked[1], asked[2],
		asked[0])
	questions := exchange.RequestQuery{Box: "mine", Unanswered: true, Sort: "lapses_at"}
	lists(reader, questions, asked[1])
	lists(h.staff(g, "other.unoct"), questions)
	if waits, err := g.Waiting(t.Context(), reader); err != nil || waits.Questions != 1 {
		t.Errorf("%d questions are counted, %v; want one", waits.Questions, err)
	}

	// Of what was decided, what ends soon is counted, and what has ended is not.
	now := h.clock(time.Now())
	for i, days := range []int{20, 2, 10} {
		v := verdict(article4.ActAuthorize, h.shown(g, focal, asked[i]))
		v.Until = now.AddDate(0, 0, days)
		_, err := g.Decide(t.Context(), focal, asked[i].ID, v)
		must(t, err)
	}
	h.moveClock(3 * 24 * time.Hour)
	now = h.clock(time.Now())
	lists(focal, exchange.RequestQuery{Box: "decided-by-us", EndsAfter: now, EndsBefore: now.AddDate(0, 0, 14),
		Sort: "until"}, asked[2])
	if waits, err := g.Waiting(t.Context(), focal); err != nil || waits.EndingSoon != 1 {
		t.Errorf("%d are counted as ending soon, %v; want one", waits.EndingSoon, err)
	}
}
