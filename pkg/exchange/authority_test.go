package exchange_test

import (
	"errors"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// A Delegation is an instrument that names acts. One that lets somebody take decisions back lets nobody give notice of
// termination.
func TestADelegationLetsItsHolderDoWhatItNamesAndNothingElse(t *testing.T) {
	h := newFixture(t)
	for i, p := range h.instrument.Parties {
		for j, d := range p.Delegations {
			if d.Subject == "deputy.wco" {
				h.instrument.Parties[i].Delegations[j].Acts = []string{"consent", "withdraw"}
			}
		}
	}
	g := h.gateway()
	defer h.inOrder(g)
	deputy, focal := h.signatory(g, "deputy.wco"), h.signatory(g, "focal.wco")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)

	refusedFor(t, second(g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActAuthorize, q))), "art4.4/no-authority")
	refusedFor(t, second(g.Recall(t.Context(), deputy, doc.ID, "It was wrong")), "gateway/no-authority")
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published"}
	refusedFor(t, third(g.Mark(t.Context(), deputy, doc.ID, lower)), "art4.9/no-authority")
	remove := exchange.EntitiesChange{Remove: customs, Reason: "Not theirs"}
	refusedFor(t, third(g.ChangeEntities(t.Context(), deputy, doc.ID, remove)), "art4.4/entity-was-asked",
		"art4.4/no-authority")
	notice := exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "We terminate"}
	refusedFor(t, second(g.GiveNotice(t.Context(), deputy, notice)), "art11.4/no-authority")

	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	_, err = g.Withdraw(t.Context(), deputy, q.ID, exchange.Withdrawal{Statement: "No longer"})
	must(t, err)
	_, err = g.Recall(t.Context(), focal, doc.ID, "It was wrong")
	must(t, err)
}

// A paper that says "until 30 September" is good on 30 September.
func TestADelegationOfTheFileIsGoodOnTheLastDayThatItNames(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	for i, p := range h.instrument.Parties {
		for j := range p.Delegations {
			h.instrument.Parties[i].Delegations[j].Until = h.today()
		}
	}
	g := h.gateway()
	defer h.inOrder(g)
	focal, staff := h.signatory(g, "focal.wco"), h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	var asked [2]exchange.AccessRequest
	for i := range asked {
		asked[i], err = g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
		must(t, err)
	}
	must(t, second(g.Decide(t.Context(), focal, asked[0].ID, verdict(article4.ActAuthorize, asked[0]))))
	h.moveClock(24 * time.Hour)
	refusedFor(t, second(g.Decide(t.Context(), focal, asked[1].ID, verdict(article4.ActAuthorize, asked[1]))),
		"art4.4/no-authority")
}

// A group at the identity provider never suffices: two focal points without a Delegation take no protection away.
func TestReading0002NoGroupAloneLowersAMarking(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published"}
	for _, roles := range [][]article4.Role{{article4.RoleFocalPoint},
		{article4.RoleFocalPoint, article4.RoleSignatory}} {
		newcomer := h.person(g, "newcomer.wco", roles...)
		refusedFor(t, third(g.Mark(t.Context(), newcomer, doc.ID, lower)), "art4.9/no-authority")
	}
}

// Reading 0006: who asked may give the request up; a consent is taken back by a signatory only.
func TestReading0006WhoOnlyAskedGivesUpTheRequestAndTakesNoConsentBack(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, analyst := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), staff, doc.ID, request)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	q, err = g.Withdraw(t.Context(), staff, q.ID, exchange.Withdrawal{Statement: "Not needed any more"})
	must(t, err)
	if q.State != article4.StateWithdrawn || q.Decisions[0].Withdrawn {
		t.Errorf("the request is %s, its consent withdrawn %v; want the request given up and the consent as it was "+
			"given", q.State, q.Decisions[0].Withdrawn)
	}
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.5/not-granted")
	if _, err = g.Withdraw(t.Context(), staff, q.ID, exchange.Withdrawal{Statement: "Again"}); !errors.Is(err,
		exchange.ErrConflict) {
		t.Errorf("given up twice: %v; want ErrConflict", err)
	}
}

// Article 4(6): a stop bars a third party from everything but answering for what it holds, and so it is asked.
func TestArticle4_6ASuspendedThirdPartyIsStillAskedForItsCopies(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, analyst := h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	_, err = g.Release(t.Context(), focal, doc.ID,
		exchange.Release{To: piu, Purpose: "art2.e", Statement: "For the training"})
	must(t, err)
	d, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	readAll(t, g, analyst, d)
	_, err = g.Suspend(t.Context(), focal, exchange.Suspension{Organisation: piu, Reason: "An account was lost"})
	must(t, err)
	_, err = g.Recall(t.Context(), focal, doc.ID, "It was wrong")
	must(t, err)
	asked := ofKind(t, g, analyst, "recall")
	if len(asked) != 1 {
		t.Fatalf("the holder is asked %+v; want the recall", asked)
	}
	_, err = g.Acknowledge(t.Context(), analyst, asked[0].ID, exchange.Acknowledgement{Disposition: "destroyed"})
	must(t, err)
	if documents, err := g.List(t.Context(), analyst, exchange.DocumentQuery{}); err != nil ||
		len(documents.Items) > 0 {
		t.Errorf("suspended, the holder lists %d documents, %v; want none", len(documents.Items), err)
	}
}
