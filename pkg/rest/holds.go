package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listHolds answers GET /holds.
func (a *API) listHolds(c call, q api.ListHoldsParams, _ none) (*reply[api.HoldPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Holds(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.HoldPage{Items: listed(found.Items, c.hold), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// placeHold answers POST /holds.
func (a *API) placeHold(c call, _ none, in api.Holding) (*reply[api.Hold], error) {
	placed, err := a.gateway.PlaceHold(c.ctx, c.actor, article4.DocumentID(in.Document), in.Statement)
	if err != nil {
		return nil, err
	}
	return answerMade(c.hold(placed), Base+"/holds"), nil
}

// endHold answers POST /holds/{id}/ending.
func (a *API) endHold(c call, _ none, in api.Justification) (*reply[api.Hold], error) {
	ended, waits, err := a.gateway.EndHold(c.ctx, c.actor, c.param("id"), in.Statement)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Hold](*waits), nil
	}
	return answer(c.hold(ended)), nil
}

func (c call) hold(h exchange.Hold) api.Hold {
	return api.Hold{
		Id:             h.ID,
		Document:       string(h.Document),
		Statement:      text(h.Reason),
		By:             string(h.By),
		ByOrganisation: string(h.ByOrg),
		At:             h.At.UTC(),
		EndedAt:        instant(or(h.EndedAt)),
		Waiting:        pending(h.Pending),
		Permissions:    permittedOn(h.Permissions, c),
		LogEntry:       text(h.Entry),
	}
}

// listErasures answers GET /erasures.
func (a *API) listErasures(c call, q api.ListErasuresParams, _ none) (*reply[api.ErasurePage], error) {
	found, err := a.gateway.Erasures(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, found, q.Limit, q.After)
	return answer(api.ErasurePage{Items: listed(items, erasure), Next: next}), err
}

// erase answers POST /erasures.
func (a *API) erase(c call, _ none, in api.Erasing) (*reply[api.Erasure], error) {
	done, err := a.gateway.Erase(c.ctx, c.actor, exchange.Erasure{
		Entry: named[string](in.Entry), Field: or(in.Field), Person: named[article4.PersonID](in.Person),
		LegalBasis: in.LegalBasis,
	})
	if err != nil {
		return nil, err
	}
	if done.Pending != nil {
		return answerWaits[api.Erasure](*done.Pending), nil
	}
	return answer(erasure(done)), nil
}

func erasure(e exchange.Erasure) api.Erasure {
	return api.Erasure{
		Entry:      text(e.Entry),
		Field:      text(e.Field),
		Person:     text(e.Person),
		LegalBasis: e.LegalBasis,
		Waiting:    pending(e.Pending),
		LogEntry:   text(e.LogEntry),
	}
}
