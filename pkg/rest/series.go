package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listSeries answers GET /series.
func (a *API) listSeries(c call, q api.ListSeriesParams, _ none) (*reply[api.SeriesPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.SeriesKept(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.SeriesPage{Items: listed(found.Items, c.series), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// openSeries answers POST /series.
func (a *API) openSeries(c call, _ none, in api.SeriesOpened) (*reply[api.Series], error) {
	entities, declared, err := entitiesOf(in.EntitiesConcerned)
	if err != nil {
		return nil, err
	}
	made, err := a.gateway.OpenSeries(c.ctx, c.actor, exchange.SeriesOpened{
		Name:             in.Name,
		Markings:         each[article4.Marking](in.Markings),
		Purposes:         each[article4.PurposeCode](in.Purposes),
		EntitiesDeclared: declared,
		Entities:         entities,
		PersonalData:     or(in.PersonalData),
		Proprietary:      or(in.Proprietary),
	})
	if err != nil {
		return nil, err
	}
	return answerMade(c.series(made), seriesPath(made.ID)), nil
}

// getSeries answers GET /series/{id}.
func (a *API) getSeries(c call, _ none, _ none) (*reply[api.Series], error) {
	found, err := a.gateway.SeriesByID(c.ctx, c.actor, article4.SeriesID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(c.series(found)), nil
}

func seriesPath(id article4.SeriesID) string { return Base + "/series/" + string(id) }

func (c call) series(s exchange.Series) api.Series {
	return api.Series{
		Id:                string(s.ID),
		Discloser:         string(s.Discloser),
		Recipient:         string(s.Recipient),
		Name:              s.Name,
		Markings:          each[api.Marking](s.Markings),
		Purposes:          each[string](s.Purposes),
		EntitiesConcerned: entitiesConcerned(s.Entities, s.EntitiesNone),
		PersonalData:      s.PersonalData,
		Proprietary:       s.Proprietary,
		OpenedBy:          string(s.OpenedBy),
		OpenedAt:          s.OpenedAt.UTC(),
		LogEntry:          text(s.Entry),
		Permissions:       permittedOn(s.Permissions, c),
	}
}

// listStanding answers GET /series/{id}/authorizations.
func (a *API) listStanding(c call, q api.ListStandingParams, _ none) (*reply[api.StandingPage], error) {
	found, err := a.gateway.StandingAuthorizations(c.ctx, c.actor, article4.SeriesID(c.param("id")))
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, found, q.Limit, q.After)
	return answer(api.StandingPage{Items: listed(items, standing), Next: next}), err
}

// authorizeSeries answers POST /series/{id}/authorizations.
func (a *API) authorizeSeries(c call, _ none, in api.StandingGiven) (*reply[api.StandingAuthorization], error) {
	id := article4.SeriesID(c.param("id"))
	given, err := a.gateway.AuthorizeSeries(c.ctx, c.actor, id, standingOf(in))
	if err != nil {
		return nil, err
	}
	return answerMade(standing(given), seriesPath(id)+"/authorizations"), nil
}

// draftStanding answers POST /series/{id}/authorizations/draft: the text that would be authorized; nothing is.
func (a *API) draftStanding(c call, _ none, in api.StandingGiven) (*reply[api.CanonicalText], error) {
	text, err := a.gateway.DraftStanding(c.ctx, c.actor, article4.SeriesID(c.param("id")), standingOf(in))
	if err != nil {
		return nil, err
	}
	return answer(canonicalText(text)), nil
}

// withdrawStanding answers POST /series/{id}/authorizations/{authorization}/withdrawal.
func (a *API) withdrawStanding(c call, _ none, in api.Withdrawal) (*reply[api.StandingAuthorization], error) {
	id := article4.SeriesID(c.param("id"))
	taken, err := a.gateway.WithdrawStanding(c.ctx, c.actor, id, article4.DecisionID(c.param("authorization")),
		exchange.Withdrawal{Statement: in.Statement})
	if err != nil {
		return nil, err
	}
	return answerMade(standing(taken), seriesPath(id)+"/authorizations"), nil
}

func standingOf(in api.StandingGiven) exchange.StandingVerdict {
	return exchange.StandingVerdict{
		Purpose:   article4.PurposeCode(in.Purpose),
		People:    each[article4.PersonID](or(in.People)),
		Until:     in.Until.UTC(),
		Form:      named[article4.Form](in.Form),
		Statement: or(in.Statement),
		Evidence:  evidence(or(in.Evidence)),
	}
}

func standing(s exchange.StandingAuthorization) api.StandingAuthorization {
	return api.StandingAuthorization{
		Id:                  string(s.ID),
		Series:              string(s.Series),
		Organisation:        string(s.Organisation),
		By:                  string(s.By),
		At:                  s.At.UTC(),
		Purpose:             string(s.Purpose),
		People:              each[string](s.People),
		Until:               s.Until.UTC(),
		Form:                api.Form(s.Form),
		Statement:           s.Statement,
		Evidence:            optional(api.EvidenceKind(s.Evidence)),
		TextSha256:          text(s.TextSHA256),
		State:               api.StandingAuthorizationState(s.State),
		WithdrawnAt:         instant(or(s.WithdrawnAt)),
		WithdrawnBy:         text(s.WithdrawnBy),
		WithdrawalStatement: text(s.WithdrawnWhy),
		LogEntry:            text(s.Entry),
	}
}
