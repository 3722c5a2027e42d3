package exchange_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// lately is the review of the day before and the day after.
func (h *fixture) lately(g *exchange.Gateway, a exchange.Actor) (exchange.Review, error) {
	now := h.clock(time.Now())
	return g.Review(h.t.Context(), a, now.AddDate(0, 0, -1), now.AddDate(0, 0, 1))
}

// counted is how often something was done with the documents of a Party.
func counted(r exchange.Review, of article4.OrganisationID, what exchange.ReviewWhat) exchange.ReviewCount {
	for _, c := range r.Counts {
		if c.Discloser == of && c.What == what {
			return c
		}
	}
	return exchange.ReviewCount{Count: -1}
}

// Article 5(4): the focal point of each Party counts what its own Party may know, without an entry, and nobody's title,
// document or name is in it.
func TestArticle5_4AFocalPointCountsWhatItsOwnPartyMayKnow(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, staff := h.signatory(g, "focal.wco"), h.staff(g, "staff.wco")
	reader, theirs := h.staff(g, "staff.unoct"), h.signatory(g, "focal.unoct")
	doc := granted(t, h, g, reader, secret) // deposited, asked for and authorized
	must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
	must(t, second(g.Disclose(t.Context(), staff, doc.ID, reading()))) // its own people read what is their own
	q, err := g.Request(t.Context(), theirs, doc.ID, ask(g, piu))
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))))
	q, err = g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	must(t, second(g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"})))
	own, err := g.Request(t.Context(), staff, doc.ID, ask(g, customs)) // of which the Recipient is not told
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, own.ID, verdict(article4.ActRefuse, own))))
	s, m := weekly(t, g, focal)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))
	must(t, second(g.Deposit(t.Context(), staff, m, content("week one"))))
	must(t, second(g.Recall(t.Context(), focal, doc.ID, "Sent too early")))
	h.eventually(`SELECT count(*) FROM log_pending`, 0)

	before := h.count(`SELECT count(*) FROM log_entry`)
	for name, c := range map[string]struct {
		by   exchange.Actor
		want map[exchange.ReviewWhat]int
	}{
		"the Discloser's": {focal, map[exchange.ReviewWhat]int{exchange.ReviewRequestedOnward: 2,
			exchange.ReviewRefused: 1}},
		"the Recipient's": {theirs, map[exchange.ReviewWhat]int{exchange.ReviewRequestedOnward: 1,
			exchange.ReviewRefused: 0}},
	} {
		r, err := h.lately(g, c.by)
		must(t, err)
		for what, n := range map[exchange.ReviewWhat]int{exchange.ReviewDeposited: 2, exchange.ReviewDisclosed: 1,
			exchange.ReviewDisclosedOnward: 0, exchange.ReviewRequested: 1, exchange.ReviewGivenBySeries: 1,
			exchange.ReviewGiven: 0, exchange.ReviewAuthorized: 1, exchange.ReviewConsented: 1,
			exchange.ReviewWithdrawn: 1, exchange.ReviewSeriesAuthorized: 1, exchange.ReviewRecalled: 1} {
			c.want[what] = n
		}
		for what, n := range c.want {
			if got := counted(r, wco, what); got.Count != n {
				t.Errorf("%s: %d %s; want %d", name, got.Count, what, n)
			}
			if got := counted(r, unoct, what); got.Count != 0 {
				t.Errorf("%s: %d %s with documents of UNOCT; there are none", name, got.Count, what)
			}
		}
		deposits, disclosures := counted(r, wco, exchange.ReviewDeposited), counted(r, wco, exchange.ReviewDisclosed)
		if deposits.ByMarking[article4.Confidential] != 1 || deposits.ByMarking[article4.Restricted] != 1 ||
			deposits.ByPurpose["art2.f"] != 2 || deposits.ByPurpose["art2.e"] != 1 ||
			disclosures.ByPurpose["art2.e"] != 1 || disclosures.ByMarking[article4.Confidential] != 1 {
			t.Errorf("%s: deposits %+v, disclosures %+v", name, deposits, disclosures)
		}
		said, err := json.Marshal(r)
		must(t, err)
		for _, private := range []string{"indicators", "doc_", "per_", "req_", "Weekly"} {
			if strings.Contains(string(said), private) {
				t.Errorf("%s: %q stands in it: %s", name, private, said)
			}
		}
	}
	if n := h.count(`SELECT count(*) FROM log_entry`) - before; n != 0 {
		t.Errorf("counting wrote %d entries", n)
	}
	h.moveClock(3 * 24 * time.Hour)
	r, err := h.lately(g, focal)
	must(t, err)
	for _, c := range r.Counts {
		if c.Count != 0 {
			t.Errorf("three days later %d %s", c.Count, c.What)
		}
	}
}

// To everybody who is no focal point of a Party a review is absent, as a document is, with an entry that says who
// looked.
func TestArticle5_4AReviewIsAbsentToAllOthers(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	must(t, second(h.lately(g, h.signatory(g, "focal.wco"))))
	for name, a := range map[string]exchange.Actor{
		"staff":             h.staff(g, "staff.wco"),
		"an auditor":        h.auditor(g, "auditor.wco"),
		"a signatory alone": h.person(g, "newcomer.wco", article4.RoleStaff, article4.RoleSignatory),
		"a machine":         h.machine(g, "gtas", "wco", article4.Restricted),
		"a third party":     h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint),
		"an entity":         h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint),
		"the operator":      h.person(g, "op.operator", article4.RoleOperator, article4.RoleFocalPoint),
		"nobody":            h.person(g, "nobody.wco"),
	} {
		if _, err := h.lately(g, a); !isNotFound(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stopped := h.signatory(g, "deputy.wco")
	must(t, second(g.Suspend(t.Context(), h.signatory(g, "focal.wco"), exchange.Suspension{Person: stopped.Person(),
		Reason: "Something is wrong"})))
	if _, err := h.lately(g, stopped); !isNotFound(err) {
		t.Errorf("a focal point that is stopped: %v", err)
	}
}

func TestAReviewIsOfAPeriodOfAYearAtMost(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	focal := h.signatory(g, "focal.wco")
	day := func(year, month int) time.Time { return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC) }
	for name, period := range map[string][2]time.Time{
		"reversed":       {day(2026, 2), day(2026, 1)},
		"of no time":     {day(2026, 1), day(2026, 1)},
		"without a day":  {{}, day(2026, 1)},
		"without an end": {day(2026, 1), {}},
		"of ten years":   {day(2016, 1), day(2026, 1)},
	} {
		_, err := g.Review(t.Context(), focal, period[0], period[1])
		var invalid *exchange.Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, second(g.Review(t.Context(), focal, day(2024, 1), day(2025, 1)))) // a leap year
}

// A review reads all of its period, so one is counted at a time for each Party, on whichever replica: the next is told
// to come again, and the other Party's goes on.
func TestOneReviewOfAPartyIsCountedAtATime(t *testing.T) {
	h := newFixture(t)
	g, other := h.still(), h.still()
	focal, deputy, theirs := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.signatory(g, "focal.unoct")
	release := h.lockTable("notice", "ACCESS EXCLUSIVE") // of which a review says last how many wait
	first, otherPartys := make(chan error, 1), make(chan error, 1)
	const counting = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
		AND classid::bigint << 32 | objid::bigint IN (SELECT hashtextextended('review ' || id, 0) FROM organisation)`
	go func() { first <- second(h.lately(g, focal)) }()
	h.eventually(counting, 1)
	for name, at := range map[string]*exchange.Gateway{"the same replica": g, "another one": other} {
		if err := second(h.lately(at, deputy)); !errors.Is(err, exchange.ErrReviewing) {
			t.Errorf("a second one on %s: %v", name, err)
		}
	}
	go func() { otherPartys <- second(h.lately(other, theirs)) }()
	h.eventually(counting, 2)
	release()
	must(t, <-first)
	must(t, <-otherPartys)
	must(t, second(h.lately(other, deputy)))
}
