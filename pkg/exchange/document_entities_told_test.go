package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

func TestOnlyTheDiscloserIsToldWhoTheEntitiesConcernedAre(t *testing.T) {
	d := &register.Document{Discloser: wco, Recipient: unoct, Entities: []article4.OrganisationID{customs}}
	for _, c := range []struct {
		caller, part article4.OrganisationID
		hidden       bool
	}{
		{wco, customs, false}, {wco, piu, false}, {wco, unoct, false}, {wco, wco, false}, // the Discloser knows
		{unoct, customs, true}, {piu, customs, true}, // nobody else does
		{unoct, piu, true}, {customs, piu, true}, // and not being one is told no more than being one
		{customs, customs, false}, {piu, piu, false}, // but of oneself
		// the two Parties are known
		{unoct, wco, false}, {customs, wco, false}, {piu, unoct, false}, {customs, unoct, false}, {unoct, unoct, false},
		{unoct, "", false}, {piu, "", false}, // nobody is nobody
	} {
		if got := exchange.ToldTo(c.caller, d, c.part) != c.part; got != c.hidden {
			t.Errorf("%s is told of %s: hidden %v", c.caller, c.part, got)
		}
	}
}

// Who is concerned by a source is the source's Discloser's to tell, to the Discloser of what derives from it too.
func TestTheEntitiesOfASourceAreToldToTheDeriverAsItsDisclosers(t *testing.T) {
	d := &register.Document{Discloser: unoct, Recipient: wco, Entities: []article4.OrganisationID{wco, customs, piu},
		Inherited: []article4.OrganisationID{wco, customs}, Hidden: []article4.OrganisationID{wco, customs}}
	for _, c := range []struct{ caller, part, want article4.OrganisationID }{
		{unoct, customs, wco}, {unoct, wco, wco}, {unoct, piu, piu}, {wco, customs, unoct}, {wco, piu, unoct},
		{customs, customs, customs}, {piu, customs, unoct},
	} {
		if got := exchange.ToldTo(c.caller, d, c.part); got != c.want {
			t.Errorf("%s is told of %s as %s, want %s", c.caller, c.part, got, c.want)
		}
	}
}
