package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListHolds answers GET /holds.
func (a *API) ListHolds(ctx context.Context, in ListHoldsRequestObject) (ListHoldsResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Holds(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return ListHolds200JSONResponse{Items: listed(found.Items, hold), Next: text(found.Next)}, nil
}

// PlaceHold answers POST /holds.
func (a *API) PlaceHold(ctx context.Context, in PlaceHoldRequestObject) (PlaceHoldResponseObject, error) {
	c := callOf(ctx)
	placed, err := a.gateway.PlaceHold(c.ctx, c.actor, article4.DocumentID(in.Body.Document), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return PlaceHold201JSONResponse(hold(placed)), nil
}

// EndHold answers POST /holds/{id}/ending.
func (a *API) EndHold(ctx context.Context, in EndHoldRequestObject) (EndHoldResponseObject, error) {
	c := callOf(ctx)
	ended, waits, err := a.gateway.EndHold(c.ctx, c.actor, in.Id, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return EndHold202JSONResponse(waiting(*waits)), nil
	}
	return EndHold200JSONResponse(hold(ended)), nil
}

func hold(h exchange.Hold) api.Hold {
	return api.Hold{
		Id: h.ID, Document: string(h.Document), Reason: text(h.Reason), By: string(h.By), ByOrganisation: string(h.ByOrg), At: h.At.UTC(),
		EndedAt: instant(or(h.EndedAt)), Waiting: pending(h.Waiting), LogEntry: text(h.Entry),
	}
}

// ListErasures answers GET /erasures.
func (a *API) ListErasures(ctx context.Context, _ ListErasuresRequestObject) (ListErasuresResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.Erasures(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return ListErasures200JSONResponse{Items: listed(found, erasure)}, nil
}

// Erase answers POST /erasures.
func (a *API) Erase(ctx context.Context, in EraseRequestObject) (EraseResponseObject, error) {
	c := callOf(ctx)
	done, err := a.gateway.Erase(c.ctx, c.actor, exchange.Erasure{
		Entry: named[string](in.Body.Entry), Field: or(in.Body.Field), Person: named[article4.PersonID](in.Body.Person), LegalBasis: in.Body.LegalBasis,
	})
	if err != nil {
		return nil, err
	}
	if done.Waiting != nil {
		return Erase202JSONResponse(waiting(*done.Waiting)), nil
	}
	return Erase200JSONResponse(erasure(done)), nil
}

func erasure(e exchange.Erasure) api.Erasure {
	return api.Erasure{
		Entry: text(e.Entry), Field: text(e.Field), Person: text(e.Person), LegalBasis: e.LegalBasis, Waiting: pending(e.Waiting), LogEntry: text(e.LogEntry),
	}
}
