package rest

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Explain answers POST /explain.
func (a *API) Explain(ctx context.Context, in ExplainRequestObject) (ExplainResponseObject, error) {
	c := callOf(ctx)
	var f faults
	f.known("action", in.Body.Action)
	if err := f.Err(); err != nil {
		return nil, err
	}
	document := article4.DocumentID(in.Body.Document)
	said, err := a.gateway.Explain(c.ctx, c.actor, exchange.Question{
		Document: document, Version: named[article4.VersionID](in.Body.Version), Person: named[article4.PersonID](in.Body.Person),
		Organisation: named[article4.OrganisationID](in.Body.Organisation), Action: article4.Act(in.Body.Action),
		Purpose: named[article4.PurposeCode](in.Body.Purpose),
	})
	if err != nil {
		return nil, err
	}
	return Explain200JSONResponse{
		Allowed: said.Allowed, Reasons: apiReasons(said.Reasons, place{callerOf(c.actor), article4.Act(in.Body.Action), document, said.Nearest}, c.language),
		Relies: text(said.Relies), Forms: formChoice(said.Forms, c.language), Rules: said.Rules, LogEntry: text(said.Entry),
	}, nil
}
