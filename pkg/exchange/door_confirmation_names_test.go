package exchange_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// stopped places a Hold and a suspension on a document, and has one person begin to end both.
func stopped(t *testing.T, g *exchange.Gateway, by exchange.Actor, document article4.DocumentID) {
	t.Helper()
	h, err := g.PlaceHold(t.Context(), by, document, "A court asks for it")
	must(t, err)
	s, err := g.Suspend(t.Context(), by, exchange.Suspension{Document: document, Reason: "It was seen elsewhere"})
	must(t, err)
	must(t, third(g.Lift(t.Context(), by, s.ID, "It was not")))
	must(t, third(g.EndHold(t.Context(), by, h.ID, "The court has it")))
}

// waitingOn is what waits, by act.
func waitingOn(t *testing.T, g *exchange.Gateway, a exchange.Actor) map[article4.Act]exchange.Confirmation {
	t.Helper()
	found, err := g.Confirmations(t.Context(), a, exchange.Paging{})
	must(t, err)
	out := map[article4.Act]exchange.Confirmation{}
	for _, one := range found.Items {
		out[one.Act] = one
	}
	return out
}

// Whoever is to be the second of two people sees in the list of which document each thing is, and of a suspension and a
// Hold why they stand; so does an auditor of the Party. Whoever began and speaks for nobody any more does not, and the
// other Party sees none of it.
func TestWhatWaitsForASecondPersonNamesItsDocument(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	must(t, third(g.FileAuthorization(t.Context(), focal, q.ID, exchange.FiledAuthorization{
		Entity:           customs,
		GivenBy:          "C. Rossi",
		GivenOn:          h.clock(h.now()),
		InstrumentSHA256: h.paper(g, focal, q.ID),
		Statement:        "By letter",
	})))
	must(t, third(g.Mark(t.Context(), focal, doc.ID, exchange.MarkingChange{Marking: article4.NonConfidential,
		Reason: "Less is enough"})))
	must(t, second(g.Destroy(t.Context(), focal, doc.ID, doc.Version, "A wrong file")))
	stopped(t, g, focal, doc.ID)
	of, err := g.Suspend(t.Context(), focal, exchange.Suspension{Person: h.staff(g, "analyst.wco").Person(),
		Reason: "A device was lost"})
	must(t, err)

	auditor := h.auditor(g, "auditor.wco")
	for name, who := range map[string]exchange.Actor{"a signatory": deputy, "an auditor": auditor} {
		waiting := waitingOn(t, g, who)
		if len(waiting) != 5 {
			t.Errorf("%s sees %d acts that wait; want 5", name, len(waiting))
		}
		for act, one := range waiting {
			if one.Document != doc.ID || one.Reference != doc.Reference || one.Marking != article4.Confidential {
				t.Errorf("%s is told of %s: %q %q %q", name, act, one.Document, one.Reference, one.Marking)
			}
			alone, err := g.Confirmation(t.Context(), who, one.ID)
			must(t, err)
			if alone.Reference != one.Reference || alone.Marking != one.Marking {
				t.Errorf("%s is told of %s by itself: %q %q", name, act, alone.Reference, alone.Marking)
			}
		}
		if s := waiting[article4.ActLift].Stop; s == nil || s.Reason != "It was seen elsewhere" {
			t.Errorf("%s sees the suspension %+v", name, s)
		}
		if one := waiting[article4.ActEndHold].Hold; one == nil || one.Reason != "A court asks for it" {
			t.Errorf("%s sees the Hold %+v", name, one)
		}
		if n := waiting[article4.ActDestroy].Number; n != 1 {
			t.Errorf("%s is told of version %d", name, n)
		}
	}
	own := waitingOn(t, g, h.staff(g, "focal.wco")) // the same person, who may only deposit and read now
	if one := own[article4.ActLift]; one.Reference != doc.Reference || one.Stop != nil {
		t.Errorf("whoever began it and speaks for nobody any more is told %+v", one)
	}
	if theirs := waitingOn(t, g, h.signatory(g, "focal.unoct")); len(theirs) != 0 {
		t.Errorf("the other Party sees %+v", theirs)
	}

	must(t, third(g.Lift(t.Context(), deputy, waitingOn(t, g, deputy)[article4.ActLift].Subject, "So I see")))
	must(t, third(g.Lift(t.Context(), focal, of.ID, "It was found")))
	one := waitingOn(t, g, deputy)[article4.ActLift]
	if one.Document != "" || one.Reference != "" || one.Stop == nil || one.Stop.Person != of.Person {
		t.Errorf("of a person's suspension is told %+v", one)
	}
	h.inOrder(g)
}

// A page of what waits is read in as many trips, however much does.
func TestWhatWaitsIsReadInAsManyTripsHoweverMuch(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	put := func() {
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
		must(t, err)
		stopped(t, g, focal, doc.ID)
	}
	trips := func(want int) int64 {
		t.Helper()
		began := h.apps[0].Trips()
		found, err := g.Confirmations(t.Context(), deputy, exchange.Paging{})
		must(t, err)
		if len(found.Items) != want || found.Items[0].Reference == "" {
			t.Fatalf("%d wait, want %d, with their documents", len(found.Items), want)
		}
		return h.apps[0].Trips() - began
	}
	put()
	one := trips(2)
	put()
	put()
	if three := trips(6); three != one {
		t.Errorf("two things that wait take %d trips, six %d", one, three)
	}
}

// Reading 0110: what the first of two said of a file is shown with the file's digest and what it resembles, to the own
// Party alone, and never with the first one's reason: each has their own.
func TestReading0110WhatTheFirstSaidOfAResemblanceNamesWhatItResembles(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	source, _ := wasReceived(t, h, g, prose)
	m := ofUNOCT()
	m.NotDerived = "We wrote it first"
	refusedFor(t, second(g.Deposit(t.Context(), h.staff(g, "staff.unoct"), m, content(prose+" "))),
		"art4.9/resembles-received")
	waits := waitingOn(t, g, h.signatory(g, "focal.unoct"))[article4.ActDeposit]
	said, is := waits.Says.(exchange.NotDerived)
	if !is || len(said.SHA256) != 64 || len(said.Resembles) != 1 || said.Resembles[0] != (exchange.DocumentNamed{
		ID: source.ID, Reference: source.Reference, Marking: source.Marking}) {
		t.Errorf("the first said %+v", waits.Says)
	}
	if !waits.Mine || waits.Document != "" || strings.Contains(string(said.SHA256), m.NotDerived) {
		t.Errorf("what waits is %+v", waits)
	}
	if theirs := waitingOn(t, g, h.signatory(g, "focal.wco")); len(theirs) != 0 {
		t.Errorf("the other Party sees %+v", theirs)
	}
}
