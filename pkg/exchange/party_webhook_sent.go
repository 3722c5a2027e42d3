package exchange

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// WebhookDelivery is one notice on its way to one webhook. Nothing that a receiver answers is kept but the status.
type WebhookDelivery struct {
	ID       string // "dlv_…"
	Notice   string // the webhook-id of what is sent
	ToldAt   time.Time
	State    string // "waiting", "delivered" or "dead"
	Attempts int
	Status   int        // of HTTP, of the last attempt; 0: none came
	Fault    string     // why the last attempt failed, in words of ours
	DueAt    *time.Time // of one that waits
	EndedAt  *time.Time
}

// WebhookKey is what receivers check a signature by.
type WebhookKey struct {
	ID     string
	Public []byte // ed25519
	At     time.Time
	EndsAt *time.Time // until when one that was replaced signs beside the newest
}

// failsFor is how long every attempt to reach a webhook fails before nothing is sent there any more. Only with one that
// failed within lately it ends: a webhook that was not asked meanwhile, since no gateway ran, is asked first.
const (
	failsFor = 3 * 24 * time.Hour
	lately   = time.Hour
)

// WebhookDeliveries lists what was sent to a webhook of the caller's Party in the last thirty days, or is to be sent,
// newest first, to whoever decides or audits there.
func (g *Gateway) WebhookDeliveries(ctx context.Context, a Actor, id string, p Paging) (Page[WebhookDelivery], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[WebhookDelivery]{}, err
	}
	var out Page[WebhookDelivery]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !v.ofParty() || !answers(a) {
			return errAbsent
		}
		if _, err := v.ownWebhook(ctx, id); err != nil {
			return err
		}
		found, err := g.register.Deliveries(ctx, v.tx, id, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		out, err = pageOf(found, limit, func(d register.Delivery) cursor { return cursor{d.ToldAt, d.ID} },
			as(deliverySent))
		return err
	})
	return out, g.absentWebhook(ctx, a, id, err)
}

func deliverySent(d register.Delivery) WebhookDelivery {
	out := WebhookDelivery{
		ID:       d.ID,
		Notice:   d.Notice,
		ToldAt:   d.ToldAt.UTC(),
		State:    d.State,
		Attempts: d.Attempts,
		Status:   d.Status,
		Fault:    d.Fault,
		EndedAt:  d.EndedAt,
	}
	if d.State == register.DeliveryWaits {
		out.DueAt = &d.DueAt
	}
	return out
}

// Redeliver has deliveries to a webhook of the own Party sent again, by a focal point or a signatory: those that are
// named, or where none is, those that were given up. A webhook that nothing was sent to any more is sent to again. It
// is no act under the Arrangement and has no entry: the address was confirmed. It answers how many are sent.
func (g *Gateway) Redeliver(ctx context.Context, a Actor, id string, deliveries []string) (int, error) {
	var c checks
	c.atMost("deliveries", "", len(deliveries), 100)
	for _, d := range deliveries {
		c.identifier("deliveries", d, "dlv_")
	}
	if err := c.Err(); err != nil {
		return 0, err
	}
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !v.ofParty() || !v.viewer().SeesOwn {
			return errAbsent
		}
		_, err := v.ownWebhook(ctx, id)
		return err
	})
	if err != nil {
		return 0, g.absentWebhook(ctx, a, id, err)
	}
	sent := 0
	err = g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		var err error
		sent, err = g.register.Redeliver(ctx, v.tx, id, deliveries)
		return err
	})
	return sent, g.fault(article4.ActDescribe, err)
}

// WebhookKeys are those that what is sent to webhooks is signed by now, the newest first. One that was replaced signs
// beside it until it ends.
func (g *Gateway) WebhookKeys(ctx context.Context, a Actor) ([]WebhookKey, error) {
	var out []WebhookKey
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = nil
		if !v.sees() {
			return nil
		}
		found, err := g.register.WebhookKeys(ctx, v.tx, v.at)
		for _, k := range found {
			out = append(out, WebhookKey{ID: k.ID, Public: k.Public, At: k.At, EndsAt: k.EndsAt})
		}
		return err
	})
	return out, err
}

// endFailingWebhooks ends sending to webhooks that failed for too long, and tells whoever answers for the Party.
func (g *Gateway) endFailingWebhooks(ctx context.Context) error {
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		now, err := v.tx.Now(ctx) // attempts are made by this clock
		if err != nil {
			return err
		}
		ended, err := g.register.DisableWebhooks(ctx, v.tx, now.Add(-failsFor), now.Add(-lately), now)
		if err != nil {
			return err
		}
		for _, w := range ended {
			err := v.tell(ctx, register.Notice{
				Kind:    noticeWebhook,
				Subject: w.ID,
				Owner:   w.Organisation,
				To:      w.Organisation,
				Facts:   facts{"since": instant(w.FailingSince)},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
