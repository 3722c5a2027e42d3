package rest

import (
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// listEvents answers GET /events, once there is something or the caller waited long enough.
func (a *API) listEvents(c call, q api.ListEventsParams, _ none) (*reply[api.EventPage], error) {
	page, err := c.paging(q.Limit, nil)
	if err != nil {
		return nil, err
	}
	wait := time.Duration(or(q.Wait)) * time.Second
	if wait < 0 || wait > exchange.MaxEventWait {
		return nil, fault(invalid.WaitOutOfRange, "wait")
	}
	found, err := a.gateway.Events(c.ctx, c.actor, exchange.EventQuery{After: or(q.After), Limit: page.Limit,
		Wait: wait})
	if err != nil {
		return nil, err
	}
	out := api.EventPage{Items: listed(found.Items, event)}
	if found.More {
		out.Next = &out.Items[len(out.Items)-1].Id
	}
	return answer(out), nil
}

func event(e exchange.Event) api.Event {
	return api.Event{
		Id:       e.ID,
		Kind:     api.NoticeKind(e.Kind),
		At:       e.At.UTC(),
		Document: text(e.Document),
		Request:  text(e.Request),
		Subject:  text(e.Subject),
	}
}
