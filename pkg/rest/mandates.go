package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listMandates answers GET /organisations/{id}/mandates.
func (a *API) listMandates(c call, q api.ListMandatesParams, _ none) (*reply[api.MandatePage], error) {
	found, err := a.gateway.Mandates(c.ctx, c.actor, article4.OrganisationID(c.param("id")))
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, found, q.Limit, q.After)
	return answer(api.MandatePage{Items: listed(items, mandate), Next: next}), err
}

func mandate(m exchange.MandateRecord) api.Mandate {
	out := api.Mandate{
		Id:               text(m.ID),
		Organisation:     string(m.Organisation),
		Holder:           text(m.Holder),
		Name:             m.Name,
		Function:         m.Function,
		Authority:        m.Authority,
		State:            "given",
		Since:            instant(m.From),
		Until:            instant(m.Until),
		InstrumentSha256: text(m.Instrument),
		EndedAt:          instant(or(m.EndedAt)),
		Waiting:          pending(m.Pending),
		ByOrganisation:   text(m.ProposedBy),
		LogEntry:         text(m.Entry),
	}
	if m.Pending != nil {
		out.State = "proposed"
	}
	if m.EndedAt != nil {
		out.State = "ended"
	}
	return out
}

// proposeMandate answers POST /organisations/{id}/mandates.
func (a *API) proposeMandate(c call, _ none, in api.MandateProposed) (*reply[api.Mandate], error) {
	of := article4.OrganisationID(c.param("id"))
	made, waits, err := a.gateway.Mandate(c.ctx, c.actor, of, exchange.MandateProposed{
		Subject:          or(in.Subject),
		Name:             or(in.Name),
		Function:         or(in.Function),
		Authority:        or(in.Authority),
		Until:            or(instant(or(in.Until))),
		InstrumentSHA256: named[article4.Digest](in.InstrumentSha256),
		Ends:             named[article4.DelegationID](in.Ends),
	})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Mandate](*waits), nil
	}
	return answerMade(mandate(made), mandatesPath(of)), nil
}

func mandatesPath(of article4.OrganisationID) string { return organisationPath(of) + "/mandates" }

func mandateBody(s exchange.MandateProposed) api.MandateProposed {
	return api.MandateProposed{
		Subject:          text(s.Subject),
		Name:             text(s.Name),
		Function:         text(s.Function),
		Authority:        text(s.Authority),
		Until:            instant(s.Until),
		InstrumentSha256: text(s.InstrumentSHA256),
	}
}
