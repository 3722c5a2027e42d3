package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Grants that stand for months, and requests that were taken back, are no reason to forget one that lapsed.
func TestReading0007TheGatewayWritesALapseHoweverManyGrantsStand(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	for range 101 { // of the Discloser's own people: in force at once
		_, err := g.Request(t.Context(), staff, doc.ID, ask(g, wco))
		must(t, err)
	}
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	h.moveClock(15 * 24 * time.Hour)
	h.eventually(`SELECT count(*) FROM log_entry WHERE kind = 'lapse'`, 1)
	shown, err := g.DescribeRequest(t.Context(), reader, q.ID)
	must(t, err)
	if shown.State != article4.StateLapsed {
		t.Errorf("the request is %s; want lapsed", shown.State)
	}
}

// What expires by a decision that was given for less than was asked gets its entry then, and not when the request would
// end.
func TestTheGatewayWritesTheExpiryOfALeave(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	v := verdict(article4.ActAuthorize, q)
	v.Until = time.Now().Add(48 * time.Hour)
	_, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, v)
	must(t, err)
	h.moveClock(49 * time.Hour)
	h.eventually(`SELECT count(*) FROM log_entry WHERE kind = 'expiry'`, 1)
}

// Article 4(4): entities may be added at any time, and what was in force waits for them; it does not lapse on the spot
// because the request was made long ago.
func TestArticle4_4AnEntityAddedToAnOldGrantHasItsTimeToAuthorize(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	silent, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	h.moveClock(20 * 24 * time.Hour)
	_, _, err = g.ChangeEntities(t.Context(), focal, doc.ID,
		exchange.EntitiesChange{Add: []article4.OrganisationID{customs}})
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing")
	h.moveClock(13 * 24 * time.Hour / 2)
	// of the request that nobody answered, and of no other
	h.eventually(`SELECT count(*) FROM log_entry WHERE kind = 'lapse'`, 1)
	q, err = g.DescribeRequest(t.Context(), entity, q.ID)
	must(t, err)
	if q.State != article4.StateOpen {
		t.Fatalf("a week after the entity was added the request is %s; want open", q.State)
	}
	_, err = g.Decide(t.Context(), entity, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	if old, err := g.DescribeRequest(t.Context(), reader, silent.ID); err != nil || old.State != article4.StateLapsed {
		t.Errorf("the request that nobody answered is %s, %v; want lapsed", old.State, err)
	}
}

// Reading 0003: an agreement that a Party puts to a third party binds what was in force too, and leaves time to sign.
func TestReading0003AnAgreementPutAfterwardsWaitsForItsSignature(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, analyst := h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, request)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	h.moveClock(20 * 24 * time.Hour)
	agreement, err := g.Propose(t.Context(), h.signatory(g, "focal.unoct"),
		exchange.Proposal{Organisation: piu, Text: "Keep it to yourselves."})
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/agreement-unsigned")
	_, err = g.Sign(t.Context(), h.person(g, "focal.piu", article4.RoleFocalPoint), agreement.ID,
		exchange.Signing{SHA256: agreement.SHA256, Name: "P. Horvat", Function: "Head", Authority: "Decree 12",
			Accepts: true})
	must(t, err)
	d, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	readAll(t, g, analyst, d)
}

// What the Discloser's signatory wants to know of a colleague who asked is a question: it lets no silence count anew.
func TestReading0007AColleagueOfTheAskerWhoDecidesAsksAndDoesNotAnswer(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), staff, doc.ID, ask(g, piu))
	must(t, err)
	h.moveClock(time.Hour)
	asked, err := g.Ask(t.Context(), h.person(g, "focal.wco", article4.RoleSignatory), q.ID, "For which training?")
	must(t, err)
	shown, err := g.DescribeRequest(t.Context(), staff, q.ID)
	must(t, err)
	if asked.Kind != "question" || !shown.LapsesAt.Equal(q.LapsesAt) {
		t.Errorf("a %s; lapses %s, before %s", asked.Kind, shown.LapsesAt, q.LapsesAt)
	}
	answered, err := g.Ask(t.Context(), staff, q.ID, "For the one in May.")
	must(t, err)
	shown, err = g.DescribeRequest(t.Context(), staff, q.ID)
	must(t, err)
	if answered.Kind != "answer" || !shown.LapsesAt.After(q.LapsesAt) {
		t.Errorf("a %s; lapses %s, before %s", answered.Kind, shown.LapsesAt, q.LapsesAt)
	}
	// Nobody asked anything more: to go on talking keeps no request alive.
	h.moveClock(time.Hour)
	more, err := g.Ask(t.Context(), staff, q.ID, "And for the one in June.")
	must(t, err)
	later, err := g.DescribeRequest(t.Context(), staff, q.ID)
	must(t, err)
	if more.Kind != "remark" || !later.LapsesAt.Equal(shown.LapsesAt) {
		t.Errorf("a %s; lapses %s, before %s", more.Kind, later.LapsesAt, shown.LapsesAt)
	}
}
