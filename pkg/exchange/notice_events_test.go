package exchange_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to hold")
		}
	}
}

// eventsOf are all events that somebody is told, page after page, each as its kind.
func eventsOf(t *testing.T, g *exchange.Gateway, a exchange.Actor, after string) (kinds []string, last string) {
	t.Helper()
	for {
		page, err := g.Events(t.Context(), a, exchange.EventQuery{After: after, Limit: 2})
		must(t, err)
		for _, e := range page.Items {
			if e.Kind != "configuration" {
				kinds = append(kinds, e.Kind)
			}
			after = e.ID
		}
		if !page.More {
			return kinds, after
		}
	}
}

// permittedFor has the reader's request for a new document authorized.
func permittedFor(t *testing.T, h *fixture, g *exchange.Gateway, reader exchange.Actor) (exchange.Document,
	exchange.AccessRequest) {
	t.Helper()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	return doc, q
}

// Events are the notices, by their identifiers, in the order in which they were told: the same for whoever may see the
// notices, and nothing for anybody else.
func TestEventsAreWhatTheCallerWasToldAndNothingOfOthers(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	doc, q := permittedFor(t, h, g, reader)
	for name, c := range map[string]struct {
		who  exchange.Actor
		want string
	}{
		"who decides":            {focal, "asked"},
		"who asked":              {reader, "in-force"},
		"the asker's Party":      {h.signatory(g, "focal.unoct"), "in-force"},
		"who only deposited":     {h.staff(g, "staff.wco"), ""},
		"a colleague who is not": {h.staff(g, "other.unoct"), ""},
		"a third party":          {h.signatory(g, "focal.piu"), ""},
		"the operator":           {h.person(g, "operator.operator", article4.RoleOperator), ""},
	} {
		kinds, _ := eventsOf(t, g, c.who, "")
		want := strings.Fields(c.want)
		slices.Sort(kinds)
		slices.Sort(want)
		if !slices.Equal(kinds, want) {
			t.Errorf("%s is told %q; want %q", name, kinds, want)
		}
	}
	page, err := g.Events(t.Context(), reader, exchange.EventQuery{})
	must(t, err)
	for _, e := range page.Items {
		if e.Document != doc.ID || e.Request != q.ID || e.At.IsZero() || e.ID == "" {
			t.Errorf("%+v; want the document and the request named", e)
		}
	}
}

// What somebody is not told is no place to go on from: another's event and one that never was are answered alike.
func TestAnEventOfOthersIsNoPlaceToGoOnFrom(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	permittedFor(t, h, g, reader)
	_, last := eventsOf(t, g, reader, "")
	for _, who := range []string{"other.unoct", "staff.wco", "focal.piu"} {
		_, foreign := g.Events(t.Context(), h.staff(g, who), exchange.EventQuery{After: last})
		_, absent := g.Events(t.Context(), h.staff(g, who),
			exchange.EventQuery{After: "not_" + strings.Repeat("0", 26)})
		var one, two *invalid.Error
		if !errors.As(foreign, &one) || !errors.As(absent, &two) || foreign.Error() != absent.Error() {
			t.Errorf("%s goes on from another's event: %v; from none: %v", who, foreign, absent)
		}
	}
}

// Standing is asked when events are read: what a third party lost is named no more, that something was withdrawn is
// told; who lost the role of a focal point is not told what the organisation is, and who is suspended nothing.
func TestWhatTheCallerHasNoStandingForAnyMoreIsNotNamed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, third := h.signatory(g, "focal.wco"), h.signatory(g, "focal.piu")
	m := metadata()
	m.Marking, m.Proprietary = article4.NonConfidential, false
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	rel, err := g.Release(t.Context(), focal, doc.ID, exchange.Release{To: piu, Purpose: "art2.e", Statement: "x",
		TransferBasis: "Agreement 7"})
	must(t, err)
	page, err := g.Events(t.Context(), third, exchange.EventQuery{})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].Kind != "released" || page.Items[0].Document != doc.ID {
		t.Fatalf("the third party is told %+v", page.Items)
	}
	_, err = g.EndRelease(t.Context(), focal, doc.ID, rel.ID, "It was a mistake")
	must(t, err)
	page, err = g.Events(t.Context(), third, exchange.EventQuery{})
	must(t, err)
	if len(page.Items) != 2 {
		t.Fatalf("after the Release the third party is told %+v; want that it ended", page.Items)
	}
	for _, e := range page.Items {
		if e.Document != "" || e.Request != "" {
			t.Errorf("%+v names what the third party has no standing for", e)
		}
	}
	if kinds, _ := eventsOf(t, g, h.staff(g, "focal.piu"), ""); len(kinds) != 0 {
		t.Errorf("without the role of a focal point: %q", kinds)
	}
	_, err = g.Suspend(t.Context(), focal, exchange.Suspension{Person: h.staff(g, "staff.wco").Person(), Reason: "x"})
	must(t, err)
	if kinds, _ := eventsOf(t, g, h.staff(g, "staff.wco"), ""); len(kinds) != 0 {
		t.Errorf("suspended: %q", kinds)
	}
}

// Whoever waits is answered when something is told, by whatever replica; nobody is answered for what others are told,
// and no connection of the database is held meanwhile.
func TestWhoeverWaitsIsAnsweredWhenSomethingIsTold(t *testing.T) {
	h := newFixture(t)
	g, replica := h.gateway(), h.gateway()
	reader, other := h.staff(g, "staff.unoct"), h.staff(g, "other.unoct")
	_, last := eventsOf(t, g, reader, "")
	type answer struct {
		page exchange.EventPage
		err  error
	}
	answered := make(chan answer, 1)
	nothing, stop := context.WithCancel(t.Context())
	var left sync.WaitGroup
	left.Go(func() {
		if page, err := g.Events(nothing, other, exchange.EventQuery{Wait: time.Minute}); err == nil &&
			len(page.Items) > 0 {
			t.Errorf("a colleague is told %+v", page.Items)
		}
	})
	go func() {
		page, err := g.Events(t.Context(), reader, exchange.EventQuery{After: last, Wait: exchange.MaxEventWait})
		answered <- answer{page, err}
	}()
	eventually(t, func() bool { return g.Figures().Waits == 2 })
	h.eventually(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND state LIKE 'idle in transaction%'`, 0) // what a gateway does by itself ends; a call that waits would not
	doc, _ := permittedFor(t, h, replica, reader)
	got := <-answered
	must(t, got.err)
	if len(got.page.Items) == 0 || got.page.Items[0].Document != doc.ID {
		t.Errorf("answered with %+v", got.page)
	}
	stop()
	left.Wait()
	eventually(t, func() bool { return g.Figures().Waits == 0 })
}

// One person waits four times at once, and no further; a gateway that stops answers whoever waits.
func TestWaitsAreBoundedAndEndWithTheGateway(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	var waiting sync.WaitGroup
	for range 4 {
		waiting.Go(func() {
			page, err := g.Events(t.Context(), reader, exchange.EventQuery{Wait: exchange.MaxEventWait})
			if err != nil || len(page.Items) != 0 {
				t.Errorf("stopped: %+v, %v; want an answer without events", page, err)
			}
		})
	}
	eventually(t, func() bool { return g.Figures().Waits == 4 })
	var crowded *exchange.TooManyWaits
	if _, err := g.Events(t.Context(), reader, exchange.EventQuery{Wait: time.Second}); !errors.As(err, &crowded) {
		t.Errorf("the fifth: %v", err)
	}
	if _, err := g.Events(t.Context(), reader, exchange.EventQuery{}); err != nil {
		t.Errorf("without waiting: %v", err)
	}
	began := time.Now()
	g.EndWaits()
	waiting.Wait()
	if took := time.Since(began); took > exchange.MaxEventWait/2 {
		t.Errorf("stopping took %s", took)
	}
}

// Acts that are told on several replicas at once are read by each reader once, in one order, by whoever goes on behind
// the last event: none is passed over, though acts are committed in another order than they began.
func TestNoEventIsPassedOverWhileReplicasAct(t *testing.T) {
	h := newFixture(t)
	replicas := []*exchange.Gateway{h.gateway(), h.gateway()}
	g := replicas[0]
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	_, start := eventsOf(t, g, focal, "")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	const each = 8
	var acting sync.WaitGroup
	for i := range 2 * each {
		acting.Go(func() {
			_, err := replicas[i%2].Request(t.Context(), reader, doc.ID, ask(g, unoct))
			if err != nil {
				t.Error(err)
			}
		})
	}
	var seen []string
	after := start
	for len(seen) < 2*each && !t.Failed() {
		page, err := replicas[len(seen)%2].Events(t.Context(), focal,
			exchange.EventQuery{After: after, Wait: 5 * time.Second})
		must(t, err)
		for _, e := range page.Items {
			seen, after = append(seen, e.ID), e.ID
		}
	}
	acting.Wait()
	if sorted := slices.Sorted(slices.Values(seen)); len(slices.Compact(sorted)) != 2*each {
		t.Errorf("%d events, some twice", len(seen))
	}
	again, err := g.Events(t.Context(), focal, exchange.EventQuery{After: start})
	must(t, err)
	for i, e := range again.Items {
		if e.ID != seen[i] {
			t.Fatalf("read again, event %d is another", i)
		}
	}
}

// A notice whose replica was killed between the act and the place gets its place from any other.
func TestANoticeWhoseReplicaWasKilledGetsItsPlaceFromAnother(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	permittedFor(t, h, g, reader)
	before, _ := eventsOf(t, g, reader, "")
	h.superuser(`ALTER TABLE notice DISABLE TRIGGER notice_place_is_final;
		UPDATE notice SET place = NULL; ALTER TABLE notice ENABLE TRIGGER notice_place_is_final`)
	must(t, h.gateway().PlaceNotices(t.Context()))
	if after, _ := eventsOf(t, g, reader, ""); !slices.Equal(before, after) || len(after) == 0 {
		t.Errorf("told %q before and %q after", before, after)
	}
	if err := h.asApp(`UPDATE notice SET place = place + 1000`); err == nil {
		t.Error("the gateway's login moves a place")
	}
	if err := h.asApp(`UPDATE notice SET kind = 'recall'`); err == nil {
		t.Error("the gateway's login alters a notice")
	}
}

// Events are kept for thirty days. Whoever was away longer is told that something was missed, and only then.
func TestWhoeverWasAwayForTooLongIsToldSo(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	permittedFor(t, h, g, reader)
	all, err := g.Events(t.Context(), reader, exchange.EventQuery{})
	must(t, err)
	first, last := all.Items[0].ID, all.Items[len(all.Items)-1].ID
	h.moveClock(exchange.EventsKept + time.Hour)
	for after, missed := range map[string]bool{"": false, first: true, last: false} {
		page, err := g.Events(t.Context(), reader, exchange.EventQuery{After: after})
		var told *invalid.Error
		if errors.As(err, &told) != missed || !missed && err != nil || len(page.Items) != 0 {
			t.Errorf("behind %q: %+v, %v; want told so: %v", after, page, err, missed)
		}
	}
}
