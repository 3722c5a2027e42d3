package exchange_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

func again(t *testing.T, a exchange.Actor, key, handedIn string) exchange.Actor {
	t.Helper()
	a, err := a.Attempt(key, "POST /documents", digest(handedIn), func() {})
	must(t, err)
	return a
}

func TestAnActRepeatedUnderItsKeyIsDoneOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	var doc exchange.Document
	for range 3 {
		d, err := g.Deposit(t.Context(), again(t, staff, "deposit-1", "metadata"), metadata(), content(secret))
		must(t, err)
		if doc.ID != "" && d.ID != doc.ID {
			t.Errorf("a repeated deposit made %s beside %s", d.ID, doc.ID)
		}
		doc = d
	}
	for _, tt := range []struct{ metadata, content string }{{"metadata", secret + "!"}, {"other metadata", secret}} {
		if _, err := g.Deposit(t.Context(), again(t, staff, "deposit-1", tt.metadata), metadata(),
			content(tt.content)); !errors.Is(err, exchange.ErrKeyReused) {
			t.Errorf("the same key with something else: %v; want ErrKeyReused", err)
		}
	}
	if n := h.count(`SELECT count(*) FROM version`); n != 1 {
		t.Errorf("%d versions stand; want 1", n)
	}

	var q exchange.AccessRequest
	var made sync.Map
	var wait sync.WaitGroup
	wanted := ask(g, unoct)
	for range 8 {
		wait.Go(func() {
			one, err := g.Request(t.Context(), again(t, reader, "ask", "the same"), doc.ID, wanted)
			if err != nil {
				t.Error(err)
			}
			made.Store(one.ID, one)
		})
	}
	wait.Wait()
	made.Range(func(_, one any) bool { q = one.(exchange.AccessRequest); return true })
	if n := h.count(`SELECT count(*) FROM access_request`); n != 1 {
		t.Errorf("8 requests at once under one key made %d; want 1", n)
	}
	for range 2 {
		decided, err := g.Decide(t.Context(), again(t, focal, "decide", "the same"), q.ID,
			verdict(article4.ActAuthorize, q))
		must(t, err)
		if decided.State != article4.StateInForce {
			t.Errorf("request %s; want in force", decided.State)
		}
	}
	first, err := g.Disclose(t.Context(), again(t, reader, "read", "the same"), doc.ID, stamped())
	must(t, err)
	resumed, err := g.Disclose(t.Context(), again(t, reader, "read", "the same"), doc.ID, stamped())
	must(t, err)
	if !reflect.DeepEqual(first, resumed) {
		t.Errorf("the resumed disclosure is %+v; want %+v", resumed, first)
	}
	if got := readAll(t, g, reader, resumed); digest(got) != first.SHA256 {
		t.Error("the resumed disclosure hands out another copy")
	}
}

func TestAKeyStandsForItsActFor48Hours(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	deposit := func() article4.DocumentID {
		t.Helper()
		d, err := g.Deposit(t.Context(), again(t, staff, "deposit-1", "metadata"), metadata(), content(secret))
		must(t, err)
		return d.ID
	}
	first := deposit()
	h.moveClock(48*time.Hour - time.Minute)
	if d := deposit(); d != first {
		t.Errorf("a minute before the 48 hours are over the repeated deposit is %s; want %s", d, first)
	}
	h.moveClock(2 * time.Minute)
	if deposit() == first {
		t.Error("after 48 hours the key still stands for the deposit of before")
	}
}

func TestActsOfTwoPeopleThatComeAtOnceUnderOneKeyAreBegunOnce(t *testing.T) {
	h := newFixture(t)
	g, other := h.gateway(), h.gateway()
	focal := h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "x"}
	var begun sync.Map
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			_, waits, err := []*exchange.Gateway{g, other}[i%2].Mark(t.Context(), again(t, focal, "lower", "the same"),
				doc.ID, lower)
			if err != nil || waits == nil {
				t.Errorf("one of eight at once: %v, %v", waits, err)
				return
			}
			begun.Store(waits.ID, true)
		})
	}
	wait.Wait()
	n := 0
	begun.Range(func(any, any) bool { n++; return true })
	if entries := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'marking'`); n != 1 || entries != 1 {
		t.Errorf("eight at once under one key began %d, with %d entries; want 1 and 1", n, entries)
	}
}

func TestARefusalIsNotKeptForItsRepetition(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), again(t, reader, "read", "x"), doc.ID, reading())),
		"art4.4/authorization-missing")
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	_, err = g.Disclose(t.Context(), again(t, reader, "read", "x"), doc.ID, reading())
	must(t, err)
	_, err = g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "Stop"})
	must(t, err)
	if _, err := g.Disclose(t.Context(), again(t, reader, "read", "x"), doc.ID, reading()); err == nil {
		t.Error("a repetition opened what was withdrawn meanwhile")
	}
}

func TestAMalformedKeyIsNamed(t *testing.T) {
	var a exchange.Actor
	for _, key := range []string{"", "two words", "ümlaut", string(make([]byte, 201))} {
		var bad *exchange.Invalid
		if _, err := a.Attempt(key, "POST /documents", "", func() {}); !errors.As(err, &bad) ||
			bad.Faults[0].Field != "Idempotency-Key" {
			t.Errorf("key %q: %v; want it named", key, err)
		}
	}
}
