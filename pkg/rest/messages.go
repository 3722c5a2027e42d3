package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listMessages answers GET /requests/{id}/messages.
func (a *API) listMessages(c call, q api.ListMessagesParams, _ none) (*reply[api.MessagePage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Messages(c.ctx, c.actor, article4.RequestID(c.param("id")), page)
	if err != nil {
		return nil, err
	}
	return answer(api.MessagePage{Items: listed(found.Items, message), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// sendMessage answers POST /requests/{id}/messages.
func (a *API) sendMessage(c call, _ none, in api.Words) (*reply[api.Message], error) {
	id := article4.RequestID(c.param("id"))
	said, err := a.gateway.Ask(c.ctx, c.actor, id, in.Text)
	if err != nil {
		return nil, err
	}
	return answerMade(message(said), requestPath(id)), nil
}

func message(m exchange.Message) api.Message {
	return api.Message{
		Id:           m.ID,
		Kind:         api.MessageKind(m.Kind),
		By:           text(m.By),
		Organisation: string(m.Organisation),
		At:           m.At.UTC(),
		Text:         m.Text,
		LogEntry:     text(m.Entry),
	}
}
