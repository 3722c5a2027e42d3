package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
)

// giveNotice answers POST /arrangement/notice.
func (a *API) giveNotice(c call, _ none, in api.Terminating) (*reply[api.TerminationNotice], error) {
	given, err := a.gateway.GiveNotice(c.ctx, c.actor,
		exchange.NoticeOfTermination{GivenOn: in.GivenOn.Time, Statement: in.Statement})
	if err != nil {
		return nil, err
	}
	if given.Pending != nil {
		return answerWaits[api.TerminationNotice](*given.Pending), nil
	}
	return answerMade(*terminationNotice(&given), Base+"/arrangement"), nil
}

func terminationNotice(n *exchange.NoticeOfTermination) *api.TerminationNotice {
	if n == nil {
		return nil
	}
	return &api.TerminationNotice{
		GivenOn: or(day(n.GivenOn)), Statement: n.Statement, Waiting: pending(n.Pending), EndsOn: day(or(n.EndsOn)),
	}
}

// listWindDown answers GET /arrangement/wind-down.
func (a *API) listWindDown(c call, q api.ListWindDownParams, _ none) (*reply[api.WindDownPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.WindDown(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	render := func(i exchange.WindDownItem) api.WindDownItem { return windDownItem(i, c) }
	return answer(api.WindDownPage{Items: listed(found.Items, render), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

func windDownItem(i exchange.WindDownItem, c call) api.WindDownItem {
	return api.WindDownItem{Request: accessRequest(i.AccessRequest, c), BeyondEnd: i.BeyondEnd, Survives: i.Survives}
}
