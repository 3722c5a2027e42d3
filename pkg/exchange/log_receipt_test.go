package exchange_test

import (
	"errors"
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Whoever did an act, or was refused one, is told what the log says of it and where; nobody else learns from it that
// there is such an entry (decision 0321).
func TestWhoeverActedSeesTheirOwnEntryAndNobodyElseLearnsOfIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	deposited, err := g.EntryOf(t.Context(), staff, doc.Entry)
	must(t, err)
	if deposited.ID != doc.Entry || deposited.Kind != "deposit" || deposited.Outcome != "permit" ||
		deposited.Number < 1 || deposited.Index < deposited.Number-1 || deposited.At.IsZero() {
		t.Errorf("of a deposit: %+v", deposited)
	}
	refusal := refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())),
		"art4.4/authorization-missing", "art4.5/not-granted")
	refused, err := g.EntryOf(t.Context(), reader, refusal.Entry)
	must(t, err)
	if refused.Kind != "disclosure" || refused.Outcome != "refuse" ||
		!slices.Contains(refused.Reasons, "art4.5/not-granted") {
		t.Errorf("of a refusal: %+v", refused)
	}
	analyst := h.staff(g, "analyst.piu")
	absent := second(g.Describe(t.Context(), analyst, doc.ID))
	var missing *exchange.NotFound
	if !errors.As(absent, &missing) {
		t.Fatalf("a third party: %v", absent)
	}
	theirs, err := g.EntryOf(t.Context(), analyst, missing.Entry)
	if must(t, err); theirs.Number != 0 || theirs.Kind != "describe" {
		t.Errorf("of a third party's look: %+v", theirs)
	}
	for who, actor := range map[string]exchange.Actor{"a colleague": h.staff(g, "other.wco"), "the other Party": reader,
		"an auditor": h.person(g, "auditor.wco", article4.RoleAuditor), "a third party": analyst} {
		_, foreign := g.EntryOf(t.Context(), actor, doc.Entry)
		_, absent := g.EntryOf(t.Context(), actor, "ent_00000000000000000000000000")
		if !isNotFound(foreign) || !isNotFound(absent) {
			t.Errorf("%s: %v, and of none %v", who, foreign, absent)
		}
	}
}
