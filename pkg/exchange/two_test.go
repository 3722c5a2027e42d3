package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// To drop proprietary is to lower, whatever the marking: two people of the Discloser (reading 0002).
func TestReading0002DroppingProprietaryTakesTwoPeopleOfTheDiscloser(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	m := metadata()
	m.Proprietary = true
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	no := false
	drop := exchange.MarkingChange{Marking: article4.Confidential, Proprietary: &no, Reason: "It was given up"}
	shown, waits, err := g.Mark(t.Context(), focal, doc.ID, drop)
	must(t, err)
	if waits == nil || !shown.Proprietary {
		t.Fatalf("one person dropped it: %v waits, proprietary %t", waits, shown.Proprietary)
	}
	drop.IfMatch = shown.ETag
	shown, waits, err = g.Mark(t.Context(), deputy, doc.ID, drop)
	must(t, err)
	if waits != nil || shown.Proprietary {
		t.Errorf("two people were not enough: %v waits, proprietary %t", waits, shown.Proprietary)
	}
}

// What one person began waits seven days for the second; later the second is a first.
func TestReading0002TheSecondPersonComesWithinSevenDays(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration
		done  bool
	}{
		{"on the seventh day", 7*24*time.Hour - time.Minute, true},
		{"after it", 7*24*time.Hour + time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newFixture(t)
			g := h.gateway()
			doc, lower := waitsToBeLowered(t, h, g)
			h.moveClock(tt.after)
			shown, waits, err := g.Mark(t.Context(), h.signatory(g, "deputy.wco"), doc.ID, lower)
			must(t, err)
			if done := waits == nil; done != tt.done || done != (shown.Marking == article4.NonConfidential) {
				t.Errorf("done: %t, marked %s; want done: %t", done, shown.Marking, tt.done)
			}
		})
	}
}

// A Party stops its own people and third parties (Article 4(6)): not the other Party, not itself as a whole, and of a
// third party the whole, not one of its people. What was lifted is not lifted again.
func TestArticle4_6APartyStopsItsOwnPeopleAndThirdPartiesOnly(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy, analyst, staff := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"),
		h.staff(g, "analyst.piu"), h.staff(g, "staff.wco")
	for name, s := range map[string]exchange.Suspension{
		"the other Party": {Organisation: unoct}, "the own Party": {Organisation: wco},
		"a third party's person": {Person: analyst.Person()},
	} {
		s.Reason = "A doubt"
		if _, err := g.Suspend(t.Context(), focal, s); err == nil {
			t.Errorf("%s was suspended", name)
		} else {
			refused(t, err)
		}
	}
	stop, err := g.Suspend(t.Context(), focal, exchange.Suspension{Person: staff.Person(), Reason: "A doubt"})
	must(t, err)
	for _, a := range []exchange.Actor{focal, deputy} {
		must(t, third(g.Lift(t.Context(), a, stop.ID, "It was nothing")))
	}
	if err := third(g.Lift(t.Context(), focal, stop.ID, "It was nothing")); !isNotFound(err) {
		t.Errorf("lifted again: %v; want not found", err)
	}
}

// What one official began is confirmed as what it is: the identifier of a Delegation that waits names no focal point.
func TestWhatWaitsIsConfirmedByItsOwnActOnly(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	now := time.Now()
	_, waits, err := g.FileDelegation(t.Context(), focal, exchange.DelegationFiled{
		Subject:          "new.wco",
		Name:             "N. New",
		Acts:             []article4.Act{article4.ActConsent},
		From:             now,
		Until:            now.AddDate(1, 0, 0),
		InstrumentSHA256: h.paper(g, focal, ""),
	})
	must(t, err)
	if err := second(g.ConfirmDesignation(t.Context(), deputy, waits.ID)); !isNotFound(err) {
		t.Errorf("confirmed as a designation: %v; want not found", err)
	}
	must(t, second(g.ConfirmDelegation(t.Context(), deputy, waits.ID)))
}

// The other Party confirms what was proposed. Proposing something else about the same third party confirms nothing: it
// takes the earlier proposal's place and waits in its turn.
func TestAnotherProposalOfTheOtherPartyConfirmsNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, other := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	before, err := g.Organisation(t.Context(), focal, piu)
	must(t, err)
	change := exchange.OrganisationProposed{Changes: piu, Name: "Ministry of the Interior", Type: before.Type,
		Country: before.Country, Issuer: before.Issuer}
	must(t, third(g.ProposeOrganisation(t.Context(), other, change)))
	change.Name = "Ministry of Justice"
	shown, waits, err := g.ProposeOrganisation(t.Context(), focal, change)
	must(t, err)
	if waits == nil || shown.Record != before.Record || shown.Proposal == nil || shown.Proposal.Name != change.Name ||
		shown.Proposal.ProposedBy != wco {
		t.Errorf("%+v waits, and the third party is %+v; want its old record, and the later proposal waiting", waits,
			shown)
	}
}

// Only what is concerned can be taken off; nothing is begun for anything else (Article 4(4)).
func TestArticle4_4OnlyAnEntityThatIsConcernedIsTakenOff(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	_, _, err = g.ChangeEntities(t.Context(), h.signatory(g, "focal.wco"), doc.ID,
		exchange.EntitiesChange{Remove: customs, Reason: "It was another"})
	refusedFor(t, err, "art4.4/not-concerned")
	_, _, err = g.ChangeEntities(t.Context(), h.signatory(g, "focal.wco"), doc.ID,
		exchange.EntitiesChange{Add: []article4.OrganisationID{"org_operator"}})
	refusedFor(t, err, "art4.4/entity-unknown")
}

// A Party that changes its identity provider makes nobody two people: what somebody began under the old one is begun
// again under the new (gateway.md, finding 14).
func TestWhoSignsInByAnotherProviderIsNotTheSecondOfTheirOwn(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published"}
	_, waits, err := g.Mark(t.Context(), h.signatory(g, "focal.wco"), doc.ID, lower)
	must(t, err)
	if waits == nil {
		t.Fatal("one person lowered a marking")
	}
	for i := range h.instrument.Parties {
		if h.instrument.Parties[i].Short == "wco" {
			h.instrument.Parties[i].Issuer = "https://new.example.int"
		}
	}
	must(t, g.ApplyInstrument(t.Context(), h.instrument, nil, ""))
	again := func(subject string) exchange.Actor {
		a, err := g.Recognise(t.Context(), exchange.Claims{
			Issuer:   "https://new.example.int",
			Subject:  subject,
			Client:   "portal",
			Name:     subject,
			Roles:    []article4.Role{article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory},
			ACR:      "mfa",
			AuthTime: time.Now(),
			SignIn:   article4.SignInFresh,
		})
		must(t, err)
		return a
	}
	now, err := g.Describe(t.Context(), again("focal.wco"), doc.ID)
	must(t, err)
	lower.IfMatch = now.ETag
	shown, anew, err := g.Mark(t.Context(), again("focal.wco"), doc.ID, lower)
	must(t, err)
	if anew == nil || anew.ID == waits.ID || shown.Marking != article4.Confidential && shown.Marking != "" {
		t.Fatalf("the same person, by another provider, is a second: %+v, %+v", shown.Marking, anew)
	}
	shown, anew, err = g.Mark(t.Context(), again("deputy.wco"), doc.ID, lower)
	must(t, err)
	if anew != nil || shown.Marking != article4.NonConfidential {
		t.Errorf("a colleague confirms it: %s, %+v", shown.Marking, anew)
	}
}
