package rest

import (
	"encoding/base64"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
)

// listWebhooks answers GET /webhooks.
func (a *API) listWebhooks(c call, q api.ListWebhooksParams, _ none) (*reply[api.WebhookPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Webhooks(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.WebhookPage{Items: listed(found.Items, webhook), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// keepWebhook answers POST /webhooks.
func (a *API) keepWebhook(c call, _ none, in api.WebhookProposed) (*reply[api.Webhook], error) {
	made, waits, err := a.gateway.KeepWebhook(c.ctx, c.actor, exchange.WebhookProposed{Address: in.Address})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Webhook](*waits), nil
	}
	return answerMade(webhook(made), webhooksPath), nil
}

const webhooksPath = Base + "/webhooks"

// endWebhook answers DELETE /webhooks/{id}.
func (a *API) endWebhook(c call, _ none, _ none) (*reply[api.Webhook], error) {
	gone, err := a.gateway.EndWebhook(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(webhook(gone)), nil
}

// listDeliveriesTo answers GET /webhooks/{id}/deliveries.
func (a *API) listDeliveriesTo(c call, q api.ListDeliveriesToParams, _ none) (*reply[api.WebhookDeliveryPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.WebhookDeliveries(c.ctx, c.actor, c.param("id"), page)
	if err != nil {
		return nil, err
	}
	return answer(api.WebhookDeliveryPage{Items: listed(found.Items, webhookDelivery), Next: c.next(found.Next)}), nil
}

// redeliver answers POST /webhooks/{id}/redelivery.
func (a *API) redeliver(c call, _ none, in api.Redelivering) (*reply[api.Redelivered], error) {
	sent, err := a.gateway.Redeliver(c.ctx, c.actor, c.param("id"), or(in.Deliveries))
	if err != nil {
		return nil, err
	}
	return answer(api.Redelivered{Sent: sent}), nil
}

// listWebhookKeys answers GET /webhooks/keys.
func (a *API) listWebhookKeys(c call, _ none, _ none) (*reply[api.WebhookKeys], error) {
	found, err := a.gateway.WebhookKeys(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(api.WebhookKeys{Keys: listed(found, webhookKey)}), nil
}

func webhook(w exchange.Webhook) api.Webhook {
	return api.Webhook{
		Id:           text(w.ID),
		Organisation: string(w.Organisation),
		Address:      w.Address,
		ProposedBy:   text(w.ProposedBy),
		ConfirmedBy:  text(w.ConfirmedBy),
		At:           instant(w.At),
		FailingSince: w.FailingSince,
		DisabledAt:   w.DisabledAt,
		LogEntry:     text(w.Entry),
	}
}

func webhookDelivery(d exchange.WebhookDelivery) api.WebhookDelivery {
	out := api.WebhookDelivery{
		Id:       d.ID,
		Notice:   d.Notice,
		ToldAt:   d.ToldAt,
		State:    api.WebhookDeliveryState(d.State),
		Attempts: d.Attempts,
		Fault:    text(d.Fault),
		DueAt:    d.DueAt,
		EndedAt:  d.EndedAt,
	}
	if d.Status != 0 {
		out.Status = &d.Status
	}
	return out
}

func webhookKey(k exchange.WebhookKey) api.WebhookKey {
	return api.WebhookKey{Id: k.ID, Public: "whpk_" + base64.StdEncoding.EncodeToString(k.Public), At: k.At,
		EndsAt: k.EndsAt}
}
