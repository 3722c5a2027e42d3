package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listDelegations answers GET /arrangement/delegations.
func (a *API) listDelegations(c call, q api.ListDelegationsParams, _ none) (*reply[api.DelegationPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Delegations(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.DelegationPage{Items: listed(found.Items, delegationRecord), Next: c.next(found.Next)}), nil
}

func delegationRecord(d exchange.DelegationRecord) api.DelegationRecord {
	return api.DelegationRecord{
		Id:               text(d.ID),
		Organisation:     string(d.Organisation),
		Holder:           text(d.Holder),
		Name:             d.Name,
		Acts:             each[api.Act](d.Acts),
		Since:            instant(d.From),
		Until:            instant(d.Until),
		InstrumentSha256: text(d.Instrument),
		EndedAt:          instant(or(d.EndedAt)),
		Waiting:          pending(d.Pending),
		Ends:             text(d.Ends),
		LogEntry:         text(d.Entry),
	}
}

// fileDelegation answers POST /arrangement/delegations.
func (a *API) fileDelegation(c call, _ none, in api.DelegationFiled) (*reply[api.Delegation], error) {
	filed, waits, err := a.gateway.FileDelegation(c.ctx, c.actor, delegationFiled(in))
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Delegation](*waits), nil
	}
	return answerMade(delegation(filed), Base+"/arrangement/delegations"), nil
}

func delegationFiled(in api.DelegationFiled) exchange.DelegationFiled {
	return exchange.DelegationFiled{
		Subject:          or(in.Subject),
		Name:             or(in.Name),
		Acts:             each[article4.Act](or(in.Acts)),
		From:             or(instant(or(in.Since))),
		Until:            or(instant(or(in.Until))),
		InstrumentSHA256: named[article4.Digest](in.InstrumentSha256),
		Ends:             named[article4.DelegationID](in.Ends),
	}
}

// listFocalPoints answers GET /arrangement/focal-points.
func (a *API) listFocalPoints(c call, q api.ListFocalPointsParams, _ none) (*reply[api.FocalPointPage], error) {
	arrangement, err := a.gateway.Arrangement(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, arrangement.FocalPoints, q.Limit, q.After)
	return answer(api.FocalPointPage{Items: listed(items, focalPoint), Next: next}), err
}

// designateFocalPoint answers POST /arrangement/focal-points.
func (a *API) designateFocalPoint(c call, _ none, in api.Designating) (*reply[api.FocalPoint], error) {
	designated, waits, err := a.gateway.Designate(c.ctx, c.actor, exchange.Designation{
		Subject: in.Subject, Name: in.Name, InstrumentSHA256: named[article4.Digest](in.InstrumentSha256),
	})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.FocalPoint](*waits), nil
	}
	return answerMade(focalPoint(designated), Base+"/arrangement/focal-points"), nil
}
