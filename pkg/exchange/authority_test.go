package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// A Delegation is an instrument that names acts (domain.md, People). One that lets somebody take leaves back lets nobody give
// notice of termination.
func TestADelegationLetsItsHolderDoWhatItNamesAndNothingElse(t *testing.T) {
	h := newHouse(t)
	for i, p := range h.instrument.Parties {
		for j, d := range p.Delegations {
			if d.Subject == "deputy.wco" {
				h.instrument.Parties[i].Delegations[j].Acts = []article4.Act{article4.ActConsent, article4.ActWithdraw}
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

	refusedFor(t, second(g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActAuthorize, q))), "art4.8/no-authority")
	refusedFor(t, second(g.Recall(t.Context(), deputy, doc.ID, "It was wrong")), "art4.8/no-authority")
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published"}
	refusedFor(t, third(g.Mark(t.Context(), deputy, doc.ID, lower)), "art4.8/no-authority")
	remove := exchange.EntitiesChange{Remove: customs, Reason: "Not theirs"}
	refusedFor(t, third(g.ChangeEntities(t.Context(), deputy, doc.ID, remove)), "art4.8/no-authority")
	notice := exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "We terminate"}
	refusedFor(t, second(g.GiveNotice(t.Context(), deputy, notice)), "art4.8/no-authority")

	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	_, err = g.Withdraw(t.Context(), deputy, q.ID, exchange.Withdrawal{Statement: "No longer"})
	must(t, err)
	_, err = g.Recall(t.Context(), focal, doc.ID, "It was wrong")
	must(t, err)
}

// A group at the identity provider never suffices: two focal points without a Delegation take no protection away.
func TestReading0002NoGroupAloneLowersAMarking(t *testing.T) {
	h := newHouse(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published"}
	for _, roles := range [][]article4.Role{{article4.RoleFocalPoint}, {article4.RoleFocalPoint, article4.RoleSignatory}} {
		newcomer := h.person(g, "newcomer.wco", roles...)
		refusedFor(t, third(g.Mark(t.Context(), newcomer, doc.ID, lower)), "art4.8/no-authority")
	}
}
