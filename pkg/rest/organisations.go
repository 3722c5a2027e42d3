package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listOrganisations answers GET /organisations.
func (a *API) listOrganisations(c call, q api.ListOrganisationsParams, _ none) (*reply[api.OrganisationPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Organisations(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.OrganisationPage{Items: listed(found.Items, organisation), Next: c.next(found.Next)}), nil
}

// getOrganisation answers GET /organisations/{id}.
func (a *API) getOrganisation(c call, _ none, _ none) (*reply[api.Organisation], error) {
	found, err := a.gateway.Organisation(c.ctx, c.actor, article4.OrganisationID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(organisation(found)).tagged(found.ETag), nil
}

func organisation(o exchange.Organisation) api.Organisation {
	return api.Organisation{
		Id:       string(o.ID),
		Name:     o.Name,
		Short:    o.Short,
		Kind:     api.OrganisationKind(o.Kind),
		Type:     text(o.Type),
		Country:  text(o.Country),
		Issuer:   text(o.Issuer),
		State:    o.State,
		Proposal: organisationProposal(o.Proposal),
	}
}

func organisationProposal(p *exchange.OrganisationProposal) *api.OrganisationProposal {
	if p == nil {
		return nil
	}
	return &api.OrganisationProposal{
		Changes:        text(p.Changes),
		Short:          p.Short,
		Name:           p.Name,
		Type:           p.Type,
		Country:        text(p.Country),
		Issuer:         p.Issuer,
		ByOrganisation: string(p.ProposedBy),
		Waiting: *pending(&exchange.Pending{ID: p.Pending, Act: article4.ActRecognise, By: p.By, At: p.At,
			ExpiresAt: p.ExpiresAt}),
	}
}

// proposeOrganisation answers POST /organisations.
func (a *API) proposeOrganisation(c call, _ none, in api.OrganisationProposed) (*reply[api.Organisation], error) {
	shown, waits, err := a.gateway.ProposeOrganisation(c.ctx, c.actor, exchange.OrganisationProposed{
		Changes: named[article4.OrganisationID](in.Changes),
		Short:   or(in.Short),
		Name:    in.Name,
		Type:    in.Type,
		Country: or(in.Country),
		Issuer:  in.Issuer,
	})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Organisation](*waits).tagged(shown.ETag), nil
	}
	return answerMade(organisation(shown), organisationPath(shown.ID)).tagged(shown.ETag), nil
}
