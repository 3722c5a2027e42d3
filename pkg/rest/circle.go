package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// getCircle answers GET /documents/{id}/circle.
func (a *API) getCircle(c call, _ none, _ none) (*reply[api.Circle], error) {
	found, err := a.gateway.Circle(c.ctx, c.actor, article4.DocumentID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(api.Circle{Holders: listed(found.Holders, circleHolder), Edges: listed(found.Edges, circleEdge),
		More: found.More}), nil
}

func circleHolder(h exchange.Holder) api.CircleHolder {
	return api.CircleHolder{Organisation: string(h.Organisation), Role: string(h.Role), People: h.People,
		Copies: h.Copies, Last: instant(h.Last)}
}

func circleEdge(e exchange.Edge) api.CircleEdge {
	return api.CircleEdge{
		Request:             text(e.Request),
		To:                  string(e.To),
		AskedByOrganisation: string(e.AskedBy),
		State:               string(e.State),
		Purpose:             string(e.Purpose),
		At:                  e.At.UTC(),
		Until:               instant(e.Until),
		Standing:            standingWord(e.Standing),
	}
}

// standingWord is absent where nothing stands.
func standingWord(w *exchange.StandingWord) *api.StandingWord {
	if w == nil {
		return nil
	}
	return &api.StandingWord{Series: string(w.Series), Authorization: string(w.Authorization)}
}

// getTimeline answers GET /documents/{id}/timeline.
func (a *API) getTimeline(c call, q api.GetTimelineParams, _ none) (*reply[api.TimelinePage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Timeline(c.ctx, c.actor, article4.DocumentID(c.param("id")), page)
	if err != nil {
		return nil, err
	}
	return answer(api.TimelinePage{Items: listed(found.Items, happened), Next: c.next(found.Next)}), nil
}

func happened(h exchange.Happened) api.Happened {
	return api.Happened{
		At:           h.At.UTC(),
		Kind:         api.LogKind(h.Kind),
		Organisation: text(h.Organisation),
		Person:       text(h.Person),
		Step:         optional(api.ActStep(h.Step)),
		To:           text(h.To),
		Request:      text(h.Request),
		Marking:      optional(api.Marking(h.Marking)),
		LogEntry:     text(h.Entry),
		Standing:     standingWord(h.Standing),
	}
}
