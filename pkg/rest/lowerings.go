package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// sayNotConcerned answers POST /documents/{id}/not-concerned.
func (a *API) sayNotConcerned(c call, _ none, in api.Justification) (*reply[api.NotConcerned], error) {
	said, err := a.gateway.SayNotConcerned(c.ctx, c.actor, article4.DocumentID(c.param("id")), in.Statement)
	if err != nil {
		return nil, err
	}
	return answerMade(api.NotConcerned{
		Document:     string(said.Document),
		Organisation: string(said.Organisation),
		At:           said.At.UTC(),
		LogEntry:     text(said.Entry),
	}, documentPath(said.Document)), nil
}

// listLowerings answers GET /lowerings.
func (a *API) listLowerings(c call, q api.ListLoweringsParams, _ none) (*reply[api.LoweringPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Lowerings(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.LoweringPage{Items: listed(found.Items, lowering), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// getLowering answers GET /lowerings/{id}.
func (a *API) getLowering(c call, _ none, _ none) (*reply[api.Lowering], error) {
	found, err := a.gateway.DescribeLowering(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(lowering(found)), nil
}

// loweringActs are the acts on a lowering, as the body names them.
var loweringActs = map[api.LoweringAct]article4.Act{
	api.LoweringActAuthorize: article4.ActAuthorizeLowering,
	api.LoweringActRefuse:    article4.ActRefuseLowering,
}

// decideLowering answers POST /lowerings/{id}/decisions.
func (a *API) decideLowering(c call, _ none, in api.LoweringDeciding) (*reply[api.Lowering], error) {
	decided, err := a.gateway.DecideLowering(c.ctx, c.actor, c.param("id"),
		exchange.LoweringVerdict{Act: loweringActs[in.Act], Statement: or(in.Statement)})
	if err != nil {
		return nil, err
	}
	return answerMade(lowering(decided), loweringPath(decided.ID)), nil
}

// withdrawLowering answers POST /lowerings/{id}/withdrawal.
func (a *API) withdrawLowering(c call, _ none, in api.Withdrawal) (*reply[api.Lowering], error) {
	withdrawn, err := a.gateway.WithdrawLowering(c.ctx, c.actor, c.param("id"),
		exchange.Withdrawal{Statement: in.Statement})
	if err != nil {
		return nil, err
	}
	return answerMade(lowering(withdrawn), loweringPath(withdrawn.ID)), nil
}

func loweringPath(id string) string { return Base + "/lowerings/" + id }

func lowering(l exchange.Lowering) api.Lowering {
	return api.Lowering{
		Id:               l.ID,
		Document:         string(l.Document),
		Reference:        l.Reference,
		Title:            text(l.Title),
		Discloser:        string(l.Discloser),
		Version:          string(l.Version),
		Marking:          api.Marking(l.From),
		LoweredTo:        api.Marking(l.To),
		Proprietary:      l.Was,
		StaysProprietary: l.Proprietary,
		Statement:        text(l.Reason),
		At:               l.At.UTC(),
		Until:            l.Until.UTC(),
		Open:             l.Open,
		Decisions:        listed(l.Decisions, loweringDecision),
	}
}

func loweringDecision(d exchange.LoweringDecision) api.LoweringDecision {
	out := api.LoweringDecision{
		Id:                  string(d.ID),
		Act:                 api.LoweringActRefuse,
		Organisation:        string(d.Organisation),
		By:                  string(d.By),
		At:                  d.At.UTC(),
		Statement:           text(d.Statement),
		WithdrawnAt:         instant(d.WithdrawnAt),
		WithdrawalStatement: text(d.WithdrawalText),
		LogEntry:            text(d.Entry),
	}
	if d.Act == article4.ActAuthorizeLowering {
		out.Act = api.LoweringActAuthorize
	}
	return out
}
