package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// A Release by the Recipient is not the Discloser's decision: when the document is marked proprietary later, the third
// party reads no more until the Discloser itself releases it (reading 0004).
func TestReading0004ARecipientsReleaseIsNoOwnersLeave(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	analyst, focal, other := h.staff(g, "analyst.piu"), h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	release := exchange.Release{To: piu, Purpose: "art2.e", Statement: "For the training"}
	must(t, second(g.Release(t.Context(), other, doc.ID, release)))
	must(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())))
	yes := true
	must(t, third(g.Mark(t.Context(), focal, doc.ID,
		exchange.MarkingChange{Marking: article4.NonConfidential, Proprietary: &yes, Reason: "It is ours"})))
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.5/proprietary")
	must(t, second(g.Release(t.Context(), focal, doc.ID, release)))
	must(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())))
}

// Bytes are held against what was disclosed to the depositor's organisation, and against nothing else: that the other
// Party deposited the same, and disclosed it to nobody, is not told by a refusal (Article 4(9)).
func TestArticle4_9AnUploadIsComparedWithWhatWasReceivedOnly(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	must(t, second(g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))))
	m := metadata()
	m.Recipient = wco
	must(t, second(g.Deposit(t.Context(), h.staff(g, "staff.unoct"), m, content(secret))))
}

// A decision may shorten the term; the asker may give the request up. Nobody reads beyond either (Article 4(4)).
func TestArticle4_4NobodyReadsBeyondAShortenedTermOrARequestGivenUp(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	decision := func(until time.Time) (article4.DocumentID, exchange.AccessRequest) {
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
		must(t, err)
		q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
		must(t, err)
		v := verdict(article4.ActAuthorize, q)
		v.Until = until
		q, err = g.Decide(t.Context(), focal, q.ID, v)
		must(t, err)
		must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
		return doc.ID, q
	}
	given, q := decision(time.Time{})
	must(t, second(g.Withdraw(t.Context(), reader, q.ID, exchange.Withdrawal{Statement: "The training is cancelled"})))
	refused(t, second(g.Disclose(t.Context(), reader, given, reading())))

	until := h.clock(time.Now()).Add(time.Hour)
	short, q := decision(until)
	if d := q.Until.Sub(until); d < -time.Second || d > time.Second {
		t.Errorf("the request is shown until %s; want %s", q.Until, until)
	}
	h.moveClock(61 * time.Minute)
	refused(t, second(g.Disclose(t.Context(), reader, short, reading())))
}

// Whom a request names is of the organisation that it is for (Article 4(6)).
func TestArticle4_6ARequestNamesPeopleOfItsBeneficiaryOnly(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{h.staff(g, "officer.customs").Person()}
	refusedFor(t, second(g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, request)), "art4.6/not-admitted")
}
