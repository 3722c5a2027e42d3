package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListMessages answers GET /requests/{id}/messages.
func (a *API) ListMessages(ctx context.Context, in ListMessagesRequestObject) (ListMessagesResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Messages(c.ctx, c.actor, article4.RequestID(in.Id), page)
	if err != nil {
		return nil, err
	}
	return ListMessages200JSONResponse{Items: listed(found.Items, message), Next: text(found.Next)}, nil
}

// SendMessage answers POST /requests/{id}/messages.
func (a *API) SendMessage(ctx context.Context, in SendMessageRequestObject) (SendMessageResponseObject, error) {
	c := callOf(ctx)
	id := article4.RequestID(in.Id)
	said, err := a.gateway.Ask(c.ctx, c.actor, id, in.Body.Text)
	if err != nil {
		return nil, err
	}
	return SendMessage201JSONResponse{Body: message(said), Headers: SendMessage201ResponseHeaders{Location: requestPath(id)}}, nil
}

func message(m exchange.Message) api.Message {
	return api.Message{
		Id: m.ID, Kind: api.MessageKind(m.Kind), By: text(m.By), Organisation: string(m.Organisation), At: m.At.UTC(),
		Text: m.Text, LogEntry: text(m.Entry),
	}
}
