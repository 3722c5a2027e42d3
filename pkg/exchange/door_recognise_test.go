package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/exchange"
)

// Decision 0480: the records say who is a machine client, as the last token said; a row of before is put right by the
// next token, and whoever was altered in the database is again what their token says.
func TestTheRecordsSayWhoIsAMachineAsTheLastTokenDoes(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	machine, staff := h.machine(g, "platform", "wco"), h.staff(g, "staff.wco")
	wants := func(g *exchange.Gateway, when string, wanted bool) {
		t.Helper()
		found, err := g.People(t.Context(), staff, "", exchange.Paging{})
		must(t, err)
		if len(found.Items) != 2 {
			t.Fatalf("%s: %d people", when, len(found.Items))
		}
		for _, one := range found.Items {
			if is := one.ID == machine.Person(); one.Machine != (is == wanted) {
				t.Errorf("%s: %s is a machine: %t", when, one.ID, one.Machine)
			}
		}
	}
	wants(g, "at the first meeting", true)
	h.superuser(`UPDATE person SET machine = NOT machine`)
	wants(g, "altered", false)
	restarted := h.gateway()
	h.machine(restarted, "platform", "wco")
	h.staff(restarted, "staff.wco")
	wants(restarted, "after the next token", true)
}
