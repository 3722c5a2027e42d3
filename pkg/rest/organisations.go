package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// ListOrganisations answers GET /organisations.
func (a *API) ListOrganisations(ctx context.Context, in ListOrganisationsRequestObject) (ListOrganisationsResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Organisations(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return ListOrganisations200JSONResponse{Items: listed(found.Items, organisation), Next: text(found.Next)}, nil
}

// GetOrganisation answers GET /organisations/{id}.
func (a *API) GetOrganisation(ctx context.Context, in GetOrganisationRequestObject) (GetOrganisationResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.Organisation(c.ctx, c.actor, article4.OrganisationID(in.Id))
	if err != nil {
		return nil, err
	}
	return GetOrganisation200JSONResponse{Body: organisation(found), Headers: GetOrganisation200ResponseHeaders{ETag: tag(found.ETag)}}, nil
}

func organisation(o exchange.Organisation) api.Organisation {
	return api.Organisation{
		Id: string(o.ID), Name: o.Name, Short: o.Short, Kind: api.OrganisationKind(o.Kind), Type: text(o.Type),
		Country: text(o.Country), Issuer: text(o.Issuer), State: o.State, Proposal: organisationProposal(o.Proposal),
	}
}

func organisationProposal(p *exchange.OrganisationProposal) *api.OrganisationProposal {
	if p == nil {
		return nil
	}
	return &api.OrganisationProposal{
		Changes: text(p.Changes), Short: p.Short, Name: p.Name, Type: p.Type, Country: text(p.Country), Issuer: p.Issuer,
		ProposedBy: string(p.ProposedBy), By: string(p.By), At: p.At.UTC(), ExpiresAt: p.ExpiresAt.UTC(),
	}
}

// ProposeOrganisation answers POST /organisations.
func (a *API) ProposeOrganisation(ctx context.Context, in ProposeOrganisationRequestObject) (ProposeOrganisationResponseObject, error) {
	c := callOf(ctx)
	shown, waits, err := a.gateway.ProposeOrganisation(c.ctx, c.actor, exchange.OrganisationProposed{
		Changes: named[article4.OrganisationID](in.Body.Changes), Short: or(in.Body.Short), Name: in.Body.Name, Type: in.Body.Type,
		Country: or(in.Body.Country), Issuer: in.Body.Issuer,
	})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return ProposeOrganisation202JSONResponse{
			Body:    organisation(shown),
			Headers: ProposeOrganisation202ResponseHeaders{Location: organisationPath(shown.ID), ETag: tag(shown.ETag)},
		}, nil
	}
	return ProposeOrganisation201JSONResponse{
		Body:    organisation(shown),
		Headers: ProposeOrganisation201ResponseHeaders{Location: organisationPath(shown.ID), ETag: tag(shown.ETag)},
	}, nil
}

// ConfirmOrganisation answers POST /organisations/{id}/confirmation.
func (a *API) ConfirmOrganisation(ctx context.Context, in ConfirmOrganisationRequestObject) (ConfirmOrganisationResponseObject, error) {
	c := callOf(ctx)
	match, err := ifMatch(in.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if match == "" {
		return nil, web.Fail(web.KindPreconditionRequired, nil)
	}
	confirmed, err := a.gateway.ConfirmOrganisation(c.ctx, c.actor, article4.OrganisationID(in.Id), match)
	if err != nil {
		return nil, err
	}
	return ConfirmOrganisation201JSONResponse{
		Body:    organisation(confirmed),
		Headers: ConfirmOrganisation201ResponseHeaders{Location: organisationPath(confirmed.ID), ETag: tag(confirmed.ETag)},
	}, nil
}
