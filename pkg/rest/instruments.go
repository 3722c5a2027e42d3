package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// depositInstrument answers POST /instruments.
func (a *API) depositInstrument(c call, _ none, form *depositForm) (*reply[api.Instrument], error) {
	var said api.InstrumentFile
	err := form.declared(&said)
	if err != nil {
		return nil, err
	}
	if c.actor, err = repeatable(c.Context, c.actor, said); err != nil {
		return nil, err
	}
	made, err := a.gateway.DepositInstrument(c.ctx, c.actor, exchange.InstrumentDeposit{
		Request: article4.RequestID(or(said.Request)), SHA256: article4.Digest(or(said.Sha256))}, form.content)
	if form.broken != nil { // what was wrong with the body explains whatever the Gateway made of it
		return nil, form.broken
	}
	if err != nil {
		return nil, err
	}
	return answerMade(instrument(made), Base+"/instruments/"+made.ID), nil
}

// listInstruments answers GET /instruments.
func (a *API) listInstruments(c call, q api.ListInstrumentsParams, _ none) (*reply[api.InstrumentPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Instruments(c.ctx, c.actor,
		exchange.InstrumentQuery{SHA256: article4.Digest(or(q.Sha256)), Paging: page})
	if err != nil {
		return nil, err
	}
	return answer(api.InstrumentPage{Items: listed(found.Items, instrument), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// getInstrument answers GET /instruments/{id}.
func (a *API) getInstrument(c call, _ none, _ none) (*reply[api.Instrument], error) {
	found, err := a.gateway.Instrument(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(instrument(found)), nil
}

// getInstrumentContent answers GET /instruments/{id}/content.
func (a *API) getInstrumentContent(c call, _ none, _ none) (*reply[raw], error) {
	found, paper, err := a.gateway.InstrumentContent(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(raw{found.MediaType, paper}), nil
}

func instrument(i exchange.Instrument) api.Instrument {
	out := api.Instrument{
		Id:           i.ID,
		Organisation: string(i.Organisation),
		Request:      text(string(i.Request)),
		Person:       text(string(i.Person)),
		Sha256:       string(i.SHA256),
		MediaType:    i.MediaType,
		Size:         i.Size,
		FileName:     text(i.FileName),
		DepositedAt:  i.DepositedAt.UTC(),
		LogEntry:     i.Entry,
	}
	if !i.ExpiresAt.IsZero() {
		until := i.ExpiresAt.UTC()
		out.ExpiresAt = &until
	}
	return out
}
