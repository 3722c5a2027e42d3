package exchange_test

import (
	"slices"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Reading 0111: a machine reads of itself what stands for it: what names it, and what its organisation's series are
// given or receive on. People read what names them; a third party nothing, and nobody what ended.
func TestReading0111AMachineIsToldWhatStandsForIt(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	focal := h.signatory(g, "focal.wco")
	gtas := h.machine(g, "gtas", "wco", article4.Restricted)
	gotravel := h.machine(g, "gotravel", "unoct", article4.Restricted)
	stands := func(a exchange.Actor) []exchange.StandingForSelf {
		t.Helper()
		self, err := g.Self(t.Context(), a)
		must(t, err)
		return self.Standing
	}
	s, _ := weekly(t, g, focal, customs)
	for _, a := range []exchange.Actor{gtas, gotravel} {
		if told := stands(a); told != nil {
			t.Errorf("before anybody authorized: %+v", told)
		}
	}
	in := standingFor(gotravel.Person())
	given, err := g.AuthorizeSeries(t.Context(), focal, s.ID, in)
	must(t, err)
	must(t, second(g.AuthorizeSeries(t.Context(), h.person(g, "focal.customs", article4.RoleFocalPoint), s.ID,
		standingFor())))
	want := exchange.StandingForSelf{
		StandingWord: exchange.StandingWord{Series: s.ID, Authorization: given.ID},
		Name:         "Weekly arrivals",
		Discloser:    wco,
		Recipient:    unoct,
		Markings:     []article4.Marking{article4.Restricted},
		Purpose:      "art2.f",
		Until:        in.Until.UTC().Truncate(time.Microsecond),
		Form:         article4.Original,
		Named:        true,
	}
	same := func(got []exchange.StandingForSelf, named bool) bool {
		want.Named = named
		return len(got) == 1 && got[0].StandingWord == want.StandingWord && got[0].Name == want.Name &&
			got[0].Discloser == wco && got[0].Recipient == unoct && slices.Equal(got[0].Markings, want.Markings) &&
			got[0].Purpose == want.Purpose && got[0].Until.Equal(want.Until) && got[0].Form == want.Form &&
			got[0].Named == named
	}
	if got := stands(gotravel); !same(got, true) {
		t.Errorf("the machine that is named is told %+v; want %+v", got, want)
	}
	for name, a := range map[string]exchange.Actor{"that deposits": gtas,
		"beside it": h.machine(g, "other", "unoct", article4.Restricted)} {
		if got := stands(a); !same(got, false) {
			t.Errorf("the machine %s is told %+v; want %+v", name, got, want)
		}
	}
	for name, a := range map[string]exchange.Actor{"people who are not named": h.staff(g, "staff.unoct"),
		"a third party's machine":       h.machine(g, "piu", "piu-exampleland", article4.Restricted),
		"the entity concerned":          h.machine(g, "customs", "customs-exampleland", article4.Restricted),
		"a machine that was given none": h.person(g, "nobody.unoct")} {
		if got := stands(a); got != nil {
			t.Errorf("%s: told %+v", name, got)
		}
	}
	_, err = g.Suspend(t.Context(), h.signatory(g, "focal.unoct"), exchange.Suspension{Person: gotravel.Person(),
		Reason: "Its key was lost"})
	must(t, err)
	if got := stands(gotravel); got != nil {
		t.Errorf("a machine that is stopped is told %+v", got)
	}
	must(t, second(g.WithdrawStanding(t.Context(), focal, s.ID, given.ID, exchange.Withdrawal{Statement: "Over"})))
	if got := stands(gtas); got != nil {
		t.Errorf("after the withdrawal: %+v", got)
	}
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(h.staff(g, "staff.unoct").Person()))))
	if got := stands(h.staff(g, "staff.unoct")); len(got) != 1 || !got[0].Named {
		t.Errorf("somebody who is named is told %+v", got)
	}
	h.moveClock(200 * 24 * time.Hour)
	if got := stands(gtas); got != nil {
		t.Errorf("after its last day: %+v", got)
	}
}

// Reading 0111: Circle and Timeline say which way a document went on the word of a standing authorization, and which
// way somebody decided on themselves. Neither tells a third party or an entity concerned of the series.
func TestReading0111ItIsToldWhatLeftOnAStandingAuthorization(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, staff := h.signatory(g, "focal.wco"), h.staff(g, "staff.wco")
	reader, other := h.staff(g, "staff.unoct"), h.staff(g, "other.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	s, m := weekly(t, g, focal, customs)
	given, err := g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))
	must(t, err)
	must(t, second(g.AuthorizeSeries(t.Context(), entity, s.ID, standingFor())))
	doc, err := g.Deposit(t.Context(), staff, m, content("week one"))
	must(t, err)
	in := ask(g, unoct)
	in.Purpose = "art2.f"
	asked, err := g.Request(t.Context(), other, doc.ID, in)
	must(t, err)
	for _, by := range []exchange.Actor{focal, entity} {
		asked, err = g.DescribeRequest(t.Context(), by, asked.ID)
		must(t, err)
		must(t, second(g.Decide(t.Context(), by, asked.ID, verdict(article4.ActAuthorize, asked))))
	}
	must(t, second(fetchFor(t, g, reader, doc.ID)))
	must(t, second(fetchFor(t, g, other, doc.ID)))

	word := exchange.StandingWord{Series: s.ID, Authorization: given.ID}
	told := func(w *exchange.StandingWord, standing bool) bool {
		return standing == (w != nil) && (w == nil || *w == word)
	}
	for name, a := range map[string]exchange.Actor{"the Discloser": focal, "the Recipient": reader,
		"the entity concerned": entity} {
		party := a.Organisation().ID != customs
		circle, err := g.Circle(t.Context(), a, doc.ID)
		must(t, err)
		if len(circle.Edges) != 2 {
			t.Errorf("%s: %d ways; want 2", name, len(circle.Edges))
		}
		for _, e := range circle.Edges {
			if !told(e.Standing, party && e.Request == doc.Deliveries[0]) {
				t.Errorf("%s: the way %s: %+v", name, e.Request, e.Standing)
			}
		}
		page, err := g.Timeline(t.Context(), a, doc.ID, exchange.Paging{})
		must(t, err)
		seen := map[string]int{}
		for _, e := range page.Items {
			rests := e.Request == doc.Deliveries[0] && (e.Kind == "request" || e.Kind == "disclosure")
			if !told(e.Standing, party && rests) {
				t.Errorf("%s: %s of %s: %+v", name, e.Kind, e.Request, e.Standing)
			}
			if e.Standing != nil {
				seen[e.Kind]++
			}
		}
		if party && (seen["request"] != 1 || seen["disclosure"] != 1) {
			t.Errorf("%s: told of %v; want the Delivery and its disclosure", name, seen)
		}
	}
}
