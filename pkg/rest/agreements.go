package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listAgreements answers GET /agreements.
func (a *API) listAgreements(c call, q api.ListAgreementsParams, _ none) (*reply[api.AgreementPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Agreements(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.AgreementPage{Items: listed(found.Items, c.agreement), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// proposeAgreement answers POST /agreements.
func (a *API) proposeAgreement(c call, _ none, in api.Proposal) (*reply[api.Agreement], error) {
	made, err := a.gateway.Propose(c.ctx, c.actor, exchange.Proposal{
		Organisation: article4.OrganisationID(in.Organisation), Text: in.Text,
		Document: named[article4.DocumentID](in.Document),
	})
	if err != nil {
		return nil, err
	}
	return answerMade(c.agreement(made), agreementPath(made.ID)).tagged(made.ETag), nil
}

// getAgreement answers GET /agreements/{id}.
func (a *API) getAgreement(c call, _ none, _ none) (*reply[api.Agreement], error) {
	found, err := a.gateway.DescribeAgreement(c.ctx, c.actor, article4.AgreementID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(c.agreement(found)).tagged(found.ETag), nil
}

// signAgreement answers POST /agreements/{id}/signatures.
func (a *API) signAgreement(c call, _ none, in api.Signing) (*reply[api.Agreement], error) {
	signed, err := a.gateway.Sign(c.ctx, c.actor, article4.AgreementID(c.param("id")), signingOf(in))
	if err != nil {
		return nil, err
	}
	return answerMade(c.agreement(signed), agreementPath(signed.ID)).tagged(signed.ETag), nil
}

// draftSignature answers POST /agreements/{id}/signatures/draft: the text that would be signed; nothing is.
func (a *API) draftSignature(c call, _ none, in api.Signing) (*reply[api.CanonicalText], error) {
	text, err := a.gateway.DraftSignature(c.ctx, c.actor, article4.AgreementID(c.param("id")), signingOf(in))
	if err != nil {
		return nil, err
	}
	return answer(canonicalText(text)), nil
}

// declineAgreement answers POST /agreements/{id}/declining.
func (a *API) declineAgreement(c call, _ none, in api.Justification) (*reply[api.Agreement], error) {
	declined, err := a.gateway.Decline(c.ctx, c.actor, article4.AgreementID(c.param("id")), in.Statement)
	if err != nil {
		return nil, err
	}
	return answer(c.agreement(declined)).tagged(declined.ETag), nil
}

func signingOf(in api.Signing) exchange.Signing {
	return exchange.Signing{
		SHA256:    article4.Digest(in.TextSha256),
		Name:      in.Name,
		Function:  in.Function,
		Authority: in.Authority,
		Accepts:   in.Accepts,
		Evidence:  evidence(or(in.Evidence)),
	}
}

func (c call) agreement(g exchange.Agreement) api.Agreement {
	out := api.Agreement{
		Id:             string(g.ID),
		Organisation:   string(g.Organisation),
		ByOrganisation: string(g.ProposedBy),
		Text:           g.Text,
		TextSha256:     string(g.SHA256),
		State:          api.AgreementState(g.State),
		Document:       text(g.Document),
		ProposedAt:     g.ProposedAt.UTC(),
		LogEntry:       text(g.Entry),
		Permissions:    permittedOn(g.Permissions, c),
	}
	if n := g.Declined; n != nil {
		out.Declined = &api.AgreementDeclined{By: string(n.By), At: n.At.UTC(), Statement: n.Reason, LogEntry: n.Entry}
	}
	if s := g.Signature; s != nil {
		out.Signature = &api.Signature{
			By:         string(s.By),
			At:         s.At.UTC(),
			TextSha256: string(s.SHA256),
			Name:       s.Name,
			Function:   s.Function,
			Authority:  s.Authority,
			Evidence:   optional(api.EvidenceKind(s.Evidence)),
			LogEntry:   text(s.Entry),
		}
	}
	return out
}
