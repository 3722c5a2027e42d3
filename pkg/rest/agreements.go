package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListAgreements answers GET /agreements.
func (a *API) ListAgreements(ctx context.Context, in ListAgreementsRequestObject) (ListAgreementsResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Agreements(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return ListAgreements200JSONResponse{Items: listed(found.Items, agreement), Next: text(found.Next)}, nil
}

// ProposeAgreement answers POST /agreements.
func (a *API) ProposeAgreement(ctx context.Context, in ProposeAgreementRequestObject) (ProposeAgreementResponseObject, error) {
	c := callOf(ctx)
	made, err := a.gateway.Propose(c.ctx, c.actor, exchange.Proposal{
		Organisation: article4.OrganisationID(in.Body.Organisation), Text: in.Body.Text, Document: named[article4.DocumentID](in.Body.Document),
	})
	if err != nil {
		return nil, err
	}
	return ProposeAgreement201JSONResponse{
		Body:    agreement(made),
		Headers: ProposeAgreement201ResponseHeaders{Location: agreementPath(made.ID), ETag: tag(made.ETag)},
	}, nil
}

// GetAgreement answers GET /agreements/{id}.
func (a *API) GetAgreement(ctx context.Context, in GetAgreementRequestObject) (GetAgreementResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.DescribeAgreement(c.ctx, c.actor, article4.AgreementID(in.Id))
	if err != nil {
		return nil, err
	}
	return GetAgreement200JSONResponse{Body: agreement(found), Headers: GetAgreement200ResponseHeaders{ETag: tag(found.ETag)}}, nil
}

// SignAgreement answers POST /agreements/{id}/signatures.
func (a *API) SignAgreement(ctx context.Context, in SignAgreementRequestObject) (SignAgreementResponseObject, error) {
	c := callOf(ctx)
	signed, err := a.gateway.Sign(c.ctx, c.actor, article4.AgreementID(in.Id), exchange.Signing{
		SHA256: article4.Digest(in.Body.TextSha256), Name: in.Body.Name, Function: in.Body.Function,
		Authority: in.Body.Authority, Accepts: in.Body.Accepts,
	})
	if err != nil {
		return nil, err
	}
	return SignAgreement201JSONResponse{
		Body:    agreement(signed),
		Headers: SignAgreement201ResponseHeaders{Location: agreementPath(signed.ID), ETag: tag(signed.ETag)},
	}, nil
}

func agreement(g exchange.Agreement) api.Agreement {
	out := api.Agreement{
		Id: string(g.ID), Organisation: string(g.Organisation), ProposedBy: string(g.ProposedBy), Text: g.Text,
		TextSha256: string(g.SHA256), State: api.AgreementState(g.State), Document: text(g.Document),
		ProposedAt: g.ProposedAt.UTC(), LogEntry: text(g.Entry),
	}
	if s := g.Signature; s != nil {
		out.Signature = &api.Signature{
			By: string(s.By), At: s.At.UTC(), TextSha256: string(s.SHA256), Name: s.Name, Function: s.Function,
			Authority: s.Authority, LogEntry: text(s.Entry),
		}
	}
	return out
}
