package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// FileAuthorization answers POST /requests/{id}/authorizations.
func (a *API) FileAuthorization(ctx context.Context, in FileAuthorizationRequestObject) (FileAuthorizationResponseObject, error) {
	c := callOf(ctx)
	id := article4.RequestID(in.Id)
	filed, waits, err := a.gateway.FileAuthorization(c.ctx, c.actor, id, filingOf(*in.Body))
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return FileAuthorization202JSONResponse{
			Body:    waiting(*waits),
			Headers: FileAuthorization202ResponseHeaders{Location: requestPath(id) + "/authorizations/" + waits.ID + "/confirmation"},
		}, nil
	}
	return FileAuthorization201JSONResponse{
		Body:    accessRequest(filed, c.language),
		Headers: FileAuthorization201ResponseHeaders{Location: requestPath(filed.ID), ETag: tag(filed.ETag)},
	}, nil
}

func filingOf(in api.Filing) exchange.FiledAuthorization {
	return exchange.FiledAuthorization{
		Entity: article4.OrganisationID(in.Entity), GivenBy: in.GivenBy, GivenOn: in.GivenOn.Time,
		InstrumentSHA256: article4.Digest(in.InstrumentSha256), Statement: in.Statement, Until: or(instant(or(in.Until))),
	}
}

// ConfirmAuthorization answers POST /requests/{id}/authorizations/{pending}/confirmation.
func (a *API) ConfirmAuthorization(ctx context.Context, in ConfirmAuthorizationRequestObject) (ConfirmAuthorizationResponseObject, error) {
	c := callOf(ctx)
	confirmed, err := a.gateway.ConfirmFiled(c.ctx, c.actor, article4.RequestID(in.Id), in.Pending)
	if err != nil {
		return nil, err
	}
	return ConfirmAuthorization201JSONResponse{
		Body:    accessRequest(confirmed, c.language),
		Headers: ConfirmAuthorization201ResponseHeaders{Location: requestPath(confirmed.ID), ETag: tag(confirmed.ETag)},
	}, nil
}

// waiting says that an act needs a second person.
func waiting(p exchange.Pending) api.Waiting { return api.Waiting{Pending: *pending(&p)} }

func pending(p *exchange.Pending) *api.Pending {
	if p == nil {
		return nil
	}
	return &api.Pending{Id: p.ID, Act: api.Act(p.Act), By: string(p.By), At: p.At.UTC(), ExpiresAt: p.ExpiresAt.UTC()}
}
