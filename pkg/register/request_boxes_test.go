package register_test

import (
	"context"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// A request stands once in a box, though more than one condition puts it there: WCO is asked as Discloser, and decided;
// it gives the document unasked. Nobody has it in a box of theirs who is neither asked nor concerned.
func TestARequestStandsOnceInEachBoxThatItBelongsTo(t *testing.T) {
	h := newFixture(t)
	h.fill()
	orders := []register.RequestOrder{"", register.ByLapse, register.ByUntil, register.ByDecided}
	want := map[register.Box]map[article4.OrganisationID]int{
		register.BoxAskedOfUs: {wco: 1, unoct: 0, piu: 1}, // piu is an entity concerned
		register.BoxDecided:   {wco: 1, unoct: 0, piu: 0},
		register.BoxDelivered: {wco: 1, unoct: 0, piu: 1},
		register.BoxOurs:      {wco: 0, unoct: 1, piu: 0},
		register.BoxForUs:     {wco: 0, unoct: 0, piu: 1},
	}
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		for box, by := range want {
			for organisation, n := range by {
				for _, order := range orders {
					if order == register.ByDecided && organisation != wco {
						continue // it lists what the organisation itself decided
					}
					found, err := h.register.Requests(ctx, tx, register.Viewer{Organisation: organisation, Now: later},
						register.RequestFilter{Box: box, Order: order, Limit: 10}, nil)
					if err != nil || len(found) != n {
						t.Errorf("box %s of %s by %q: %d requests, %v; want %d", box, organisation, order,
							len(found), err, n)
					}
				}
			}
		}
		return nil
	})
}
