package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// The signature under an earlier text serves for the newest only where a consent says so that knew of the newest: one
// that was given before it, or that does not say so, rests on no signature (Article 4(8), reading 0003).
func TestArticle4_8AnEarlierSignatureServesOnlyWhereAConsentThatKnowsTheNewTextSaysSo(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, asker, analyst := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct"), h.staff(g, "analyst.piu")
	consent := func(serves bool) article4.DocumentID {
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
		must(t, err)
		request := ask(g, piu)
		request.People = []article4.PersonID{analyst.Person()}
		q, err := g.Request(t.Context(), asker, doc.ID, request)
		must(t, err)
		v := verdict(article4.ActConsent, q)
		v.EarlierServes = serves
		must(t, second(g.Decide(t.Context(), focal, q.ID, v)))
		return doc.ID
	}
	first, err := g.Propose(t.Context(), focal, exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})
	must(t, err)
	must(t, second(g.Sign(t.Context(), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint), first.ID,
		exchange.Signing{SHA256: first.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})))
	before := consent(true)
	must(t, second(g.Disclose(t.Context(), analyst, before, reading())))
	must(t, second(g.Propose(t.Context(), focal,
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves, and say so when we lose it."})))

	refusedFor(t, second(g.Disclose(t.Context(), analyst, before, reading())), "art4.8/agreement-superseded")
	refusedFor(t, second(g.Disclose(t.Context(), analyst, consent(false), reading())), "art4.8/agreement-superseded")
	must(t, second(g.Disclose(t.Context(), analyst, consent(true), reading())))
}

// The text that was put last binds, also where the clock was set back by seconds in between.
func TestArticle4_8TheTextThatWasPutLastBindsWhateverTheClockSays(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	first, err := g.Propose(t.Context(), h.signatory(g, "focal.wco"),
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})
	must(t, err)
	h.moveClock(-2 * time.Second)
	must(t, second(g.Propose(t.Context(), h.signatory(g, "focal.wco"),
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves, and say so when we lose it."})))
	refusedFor(t, second(g.Sign(t.Context(), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint),
		first.ID, exchange.Signing{SHA256: first.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})), "art4.8/agreement-superseded")
}
