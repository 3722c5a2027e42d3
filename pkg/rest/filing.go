package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// fileAuthorization answers POST /requests/{id}/authorizations.
func (a *API) fileAuthorization(c call, _ none, in api.Filing) (*reply[api.AccessRequest], error) {
	id := article4.RequestID(c.param("id"))
	filed, waits, err := a.gateway.FileAuthorization(c.ctx, c.actor, id, filingOf(in))
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.AccessRequest](*waits), nil
	}
	return answerMade(accessRequest(filed, c), requestPath(filed.ID)).tagged(filed.ETag), nil
}

func filingOf(in api.Filing) exchange.FiledAuthorization {
	return exchange.FiledAuthorization{
		Entity:           article4.OrganisationID(in.Entity),
		GivenBy:          in.GivenBy,
		GivenOn:          in.GivenOn.Time,
		InstrumentSHA256: article4.Digest(in.InstrumentSha256),
		Statement:        in.Statement,
		Until:            or(instant(or(in.Until))),
	}
}

// waiting says that an act needs a second person.
func waiting(p exchange.Pending) api.Waiting {
	return api.Waiting{Pending: *pending(&p), Confirm: api.Remedy{Method: "POST", Href: confirmationPath(p.ID)}}
}

func pending(p *exchange.Pending) *api.Pending {
	if p == nil {
		return nil
	}
	return &api.Pending{Id: p.ID, Act: api.Act(p.Act), By: string(p.By), At: p.At.UTC(), ExpiresAt: p.ExpiresAt.UTC()}
}
