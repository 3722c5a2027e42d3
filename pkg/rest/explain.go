package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// explain answers POST /explain.
func (a *API) explain(c call, _ none, in api.Question) (*reply[api.Explanation], error) {
	document := named[article4.DocumentID](in.Document)
	deposit, err := proposed(in.Deposit)
	if err != nil {
		return nil, err
	}
	said, err := a.gateway.Explain(c.ctx, c.actor, exchange.Question{
		Document:     document,
		Version:      named[article4.VersionID](in.Version),
		Person:       named[article4.PersonID](in.Person),
		Organisation: named[article4.OrganisationID](in.Organisation),
		Action:       article4.Act(in.Action),
		Purpose:      named[article4.PurposeCode](in.Purpose),
		Deposit:      deposit,
	})
	if err != nil {
		return nil, err
	}
	return answer(api.Explanation{
		Allowed: said.Allowed,
		Reasons: apiReasons(said.Reasons, place{callerOf(c.actor), article4.Act(in.Action), document, said.Nearest},
			c.language),
		Relies:   text(said.Relies),
		Forms:    formChoice(said.Forms, c.language),
		Rules:    said.Rules,
		LogEntry: text(said.Entry),
	}), nil
}

// proposed is the metadata of a deposit that is only asked about; nil where there is none.
func proposed(in *api.DepositMetadata) (*exchange.Metadata, error) {
	if in == nil {
		return nil, nil
	}
	out, err := metadataOf(*in)
	return &out, invalid.Within("deposit", err)
}
