package exchange_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// says lists what somebody is told of one kind, in English, and fails for what says none of these words or comes more
// than once.
func says(t *testing.T, g *exchange.Gateway, a exchange.Actor, kind string, words ...string) {
	t.Helper()
	var told []string
	for _, n := range ofKind(t, g, a, kind) {
		told = append(told, english(n))
	}
	all := strings.Join(told, "\n")
	if len(told) != len(words) {
		t.Errorf("told %d things of kind %s; want %d:\n%s", len(told), kind, len(words), all)
	}
	for _, w := range words {
		if strings.Count(all, w) != 1 {
			t.Errorf("%q is said %d times, in\n%s", w, strings.Count(all, w), all)
		}
	}
}

// No gateway ran in the days in which it is said that something is about to end. The next one says that it has ended:
// to whoever asked and to whoever was to decide, of a lapse; to whoever decided and whoever had access, of a term.
func TestWhatEndedWhileNoGatewayRanIsToldAfterwards(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	for i := range h.instrument.Parties {
		if p := &h.instrument.Parties[i]; p.Short == "wco" {
			for j := range p.Delegations {
				p.Delegations[j].Until = h.today().AddDate(0, 0, 38)
			}
		}
	}
	g := h.still() // no rounds: whatever is told, this test asks for
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	asker := h.staff(g, "asker.unoct")
	doc := granted(t, h, g, reader, secret)
	lapses, err := g.Request(t.Context(), asker, doc.ID, ask(g, unoct))
	must(t, err)
	in := ask(g, unoct)
	in.Until = h.today().AddDate(0, 0, 10)
	expires, err := g.Request(t.Context(), asker, doc.ID, in)
	must(t, err)
	s, _ := weekly(t, g, focal)
	standing := standingFor(reader.Person())
	standing.Until = h.today().AddDate(0, 0, 38)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standing)))
	h.moveClock(11 * 24 * time.Hour)
	must(t, g.CloseDue(t.Context()))
	h.moveClock(29 * 24 * time.Hour)
	for range 2 {
		must(t, g.TellDue(t.Context()))
		must(t, g.CloseDue(t.Context()))
	}
	says(t, g, asker, "lapsing", string(lapses.ID)+" for document "+doc.Reference+" lapsed on")
	says(t, g, asker, "ending", string(expires.ID)+" for document "+doc.Reference+" ended on")
	says(t, g, reader, "lapsing")
	says(t, g, reader, "ending", "Access to document "+doc.Reference)
	says(t, g, focal, "lapsing", "waited for the decision of your organisation. It lapsed on")
	told := ofKind(t, g, focal, "ending")
	var all []string
	for _, n := range told {
		all = append(all, english(n))
	}
	for part, want := range map[string]int{"What your organisation decided": 1, "for the series " + string(s.ID): 1,
		"The Delegation": 2, " ended on ": 4, " ends on ": 0} {
		if n := strings.Count(strings.Join(all, "\n"), part); n != want {
			t.Errorf("the Discloser is told %q %d times; want %d:\n%s", part, n, want, strings.Join(all, "\n"))
		}
	}
}

// Whoever was told that something is about to end is not told once more that it did: but whoever asked learns that
// silence has become a refusal.
func TestWhoeverWasToldBeforeIsNotToldAgainThatItEnded(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	round := func(days int) {
		h.moveClock(time.Duration(days) * 24 * time.Hour)
		must(t, g.CloseDue(t.Context()))
		must(t, g.TellDue(t.Context()))
	}
	round(12)
	says(t, g, focal, "lapsing", "It lapses on")
	round(5) // beyond the lapse, and in the last two weeks of the grant
	says(t, g, focal, "lapsing", "It lapses on")
	says(t, g, reader, "lapsing", string(q.ID)+" for document "+doc.Reference+" lapses on",
		string(q.ID)+" for document "+doc.Reference+" lapsed on")
	says(t, g, reader, "ending", " ends on ")
	round(20)
	says(t, g, reader, "ending", " ends on ")
	says(t, g, focal, "ending", " ends on ")
	if got := h.shown(g, reader, q).State; got != article4.StateLapsed {
		t.Errorf("the request is %s", got)
	}
}

// Of a term that is shorter than four weeks the end is told at its half: of an authorization for a series as of a
// request.
func TestTheEndOfAShortTermIsToldAtItsHalf(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	s, _ := weekly(t, g, focal)
	in := standingFor(reader.Person())
	in.Until = h.today().AddDate(0, 0, 10)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, in)))
	must(t, g.TellDue(t.Context()))
	says(t, g, focal, "ending")
	h.moveClock(4 * 24 * time.Hour)
	must(t, g.TellDue(t.Context()))
	says(t, g, focal, "ending")
	h.moveClock(2 * 24 * time.Hour)
	for range 2 {
		must(t, g.TellDue(t.Context()))
	}
	says(t, g, focal, "ending", "for the series "+string(s.ID)+" ends on")
}
