package exchange_test

import (
	"errors"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

// When a request lapses and that it ended is not altered unnoticed: it is not put off, nor does the gateway itself
// write a lapse because a row says that its time is over.
func TestWhenARequestEndsIsNotAlteredUnnoticed(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	h.superuser(`CREATE TABLE kept AS SELECT * FROM access_request`)
	const restored = `UPDATE access_request q SET lapses_at = k.lapses_at, withdrawn_at = k.withdrawn_at,
		closed = k.closed, ends_sealed = k.ends_sealed FROM kept k`
	for name, set := range map[string]string{
		"put off":           `lapses_at = lapses_at + interval '1 year'`,
		"over":              `lapses_at = now() - interval '1 hour'`,
		"lapsed":            `closed = 'lapsed'`,
		"expired":           `closed = 'expired'`,
		"withdrawn":         `withdrawn_at = now()`,
		"its seal, garbage": `ends_sealed = '\x00'`,
	} {
		must(t, h.asApp(`UPDATE access_request SET `+set))
		t.Log(name)
		refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))), "gateway/altered")
		if err := g.CloseDue(t.Context()); name == "over" && !errors.Is(err, register.ErrAltered) {
			t.Errorf("the operations log is told %v", err)
		}
		h.superuser(restored)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind IN ('lapse', 'expiry')`); n != 0 {
		t.Errorf("the gateway wrote %d ends that were none", n)
	}
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
	must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
}

// A request that ended is not made to stand again: the log says that it ended, whatever its row and an earlier seal of
// the row say.
func TestARequestThatEndedIsNotRevived(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	for name, end := range map[string]func(exchange.AccessRequest) error{
		"given up": func(q exchange.AccessRequest) error {
			return second(g.Withdraw(t.Context(), reader, q.ID, exchange.Withdrawal{Statement: "No longer"}))
		},
		"lapsed": func(exchange.AccessRequest) error {
			h.moveClock(15 * 24 * time.Hour)
			return g.CloseDue(t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
			must(t, err)
			h.superuser(`CREATE TABLE kept AS SELECT * FROM access_request`)
			must(t, end(q))
			h.superuser(`CREATE TABLE since AS SELECT * FROM access_request`)
			for _, seal := range []string{`q.ends_sealed`, `k.ends_sealed`, `NULL`} {
				h.superuser(`UPDATE access_request q SET withdrawn_at = NULL, closed = NULL,
					lapses_at = k.lapses_at + interval '1 day', ends_sealed = ` + seal + ` FROM kept k WHERE k.id = q.id
					AND q.id = '` + string(q.ID) + `'`)
				refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))),
					"gateway/altered")
			}
			h.superuser(`UPDATE access_request q SET withdrawn_at = k.withdrawn_at, closed = k.closed,
				lapses_at = k.lapses_at, ends_sealed = k.ends_sealed FROM since k WHERE k.id = q.id`)
			h.superuser(`DROP TABLE kept, since`)
		})
	}
}

// A request that was made before its end was sealed is put off no further than from the newest message on it, which the
// log knows; and so is one whose seal was taken away.
func TestARequestWithoutASealOfItsEndLapsesWhenTheLogSaysSo(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	alter := func() {
		must(t, h.asApp(`UPDATE access_request SET ends_sealed = NULL, lapses_at = lapses_at + interval '1 year'`))
	}
	shown := func() exchange.AccessRequest {
		shown, err := g.DescribeRequest(t.Context(), focal, q.ID)
		must(t, err)
		return shown
	}
	alter()
	if s := shown(); !s.LapsesAt.Equal(q.LapsesAt) || s.State != article4.StateOpen {
		t.Errorf("it is %s until %s; want open until %s", s.State, s.LapsesAt, q.LapsesAt)
	}
	h.moveClock(10 * 24 * time.Hour)
	must(t, second(g.Ask(t.Context(), focal, q.ID, "For what?")))
	must(t, second(g.Ask(t.Context(), reader, q.ID, "For training")))
	answered := shown().LapsesAt
	if !answered.After(q.LapsesAt.Add(9 * 24 * time.Hour)) {
		t.Errorf("after the answer it lapses %s, of %s", answered, q.LapsesAt)
	}
	alter()
	if s := shown(); s.LapsesAt.Sub(answered).Abs() > time.Second {
		t.Errorf("it lapses %s; want %s", s.LapsesAt, answered)
	}
	h.moveClock(15 * 24 * time.Hour)
	if s := shown(); s.State != article4.StateLapsed {
		t.Errorf("it is %s; want lapsed", s.State)
	}
	if err := second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))); err == nil {
		t.Error("what lapsed was authorized")
	}
}

// The days and countries of a document are under its seal: nobody is reminded, or not reminded, by an altered row.
func TestTheDaysOfADocumentAreNotAlteredUnnoticed(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	m := metadata()
	m.ReviewBy = h.clock(time.Now()).AddDate(0, 1, 0)
	m.AsOf, m.Countries = m.ReviewBy.AddDate(0, -2, 0), []string{"BE", "FR"}
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	h.superuser(`CREATE TABLE kept AS SELECT * FROM document`)
	for name, set := range map[string]string{
		"review put off":      `review_by = review_by + 365`,
		"review come":         `review_by = review_by - 31`,
		"no review":           `review_by = NULL`,
		"as of another day":   `as_of = as_of - 1`,
		"countries":           `countries = 'BE'`,
		"when it was deposed": `deposited_at = deposited_at - interval '1 day'`,
	} {
		h.superuser(`UPDATE document SET ` + set)
		t.Log(name)
		refusedFor(t, second(g.Describe(t.Context(), staff, doc.ID)), "gateway/altered")
		if err := g.Remind(t.Context()); name == "review come" && !errors.Is(err, register.ErrAltered) {
			t.Errorf("the operations log is told %v", err)
		}
		h.superuser(`UPDATE document SET review_by = kept.review_by, as_of = kept.as_of, countries = kept.countries,
			deposited_at = kept.deposited_at FROM kept`)
	}
	if n := h.count(`SELECT count(*) FROM notice WHERE kind = 'review'`); n != 0 {
		t.Errorf("%d reminders because of a row", n)
	}
	must(t, second(g.Describe(t.Context(), staff, doc.ID)))
}
