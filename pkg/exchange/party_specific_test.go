package exchange_test

import "testing"

// One that was signed after the Arrangement ended was not concluded under Article 6(3), and opens nothing.
func TestReading0009ASpecificArrangementSignedAfterTheEndOpensNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	h.terminate(g)
	h.moveClock(100 * days)
	h.specific(nil)
	h.instrument.SpecificArrangements[0].SignedOn = h.today().Add(-days)
	h.instrument.Digest = "another"
	all, err := h.gateway().Purposes(t.Context(), h.staff(g, "staff.wco"))
	must(t, err)
	for _, p := range all {
		if p.Open {
			t.Errorf("%s is open after the end", p.Code)
		}
	}
}
