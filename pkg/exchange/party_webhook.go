package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Webhook is an address to which the gateway sends that something was told to a Party: identifiers alone.
type Webhook struct {
	ID           string // "whk_…"; empty while it waits
	Organisation article4.OrganisationID
	Address      string
	ProposedBy   article4.PersonID
	ConfirmedBy  article4.PersonID
	At           time.Time
	FailingSince *time.Time
	DisabledAt   *time.Time // it failed for too long: nothing is sent there until something is sent again
	Entry        string
}

// WebhookProposed is the address that one person of a Party proposes, and a focal point of it confirms.
type WebhookProposed struct {
	Address string `json:"address"`
}

// mostWebhooks is how many a Party may have.
const mostWebhooks = 20

// KeepWebhook has what the own Party is told sent to an address, by its identifier, kind and time: one person proposes
// it and it waits; a focal point, as the second person, confirms it or hands in the same. The address is https.
func (g *Gateway) KeepWebhook(ctx context.Context, a Actor, in WebhookProposed) (Webhook, *Pending, error) {
	var c checks
	c.webhook("address", in.Address)
	if err := c.Err(); err != nil {
		return Webhook{}, nil, err
	}
	target := webhookTarget(a.organisation.ID, in.Address)
	return both(perform(ctx, g, a, act[Outcome[Webhook]]{
		operation: operation{act: article4.ActKeepWebhook, what: "webhook", target: target, alone: true,
			facts: func(ctx context.Context, v *visit) error {
				second, err := v.second(ctx, target, in)
				v.facts.Change = &article4.ChangeFacts{OwnSubject: v.ofParty(), Second: second}
				return err
			}},
		do: func(ctx context.Context, v *visit) (Outcome[Webhook], error) {
			return v.keepWebhook(ctx, in, target)
		},
		replay: replayTwo(g, a, func(ctx context.Context) (Webhook, error) {
			return g.webhookAt(ctx, a, in.Address)
		}),
		conflicts: map[string]string{"one_first_person_waits": "this address waits for a second person already"},
	}))
}

// webhookTarget names what waits: the address itself is sealed.
func webhookTarget(of article4.OrganisationID, address string) string {
	return string(of) + "|" + string(digestOf(address))
}

// webhook wants an absolute https URL that holds no password.
func (c *checks) webhook(field, s string) {
	u, err := url.Parse(s)
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= 0x20 || r > 0x7e }) < 0 && len(s) <= 500
	if err != nil || !plain || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" ||
		u.Opaque != "" {
		c.Add(invalid.NotAWebhook, field, "")
	}
}

func (v *visit) keepWebhook(ctx context.Context, in WebhookProposed, target string) (Outcome[Webhook], error) {
	own := v.actor.organisation.ID
	there, err := v.webhooksOf(ctx, own)
	if err != nil {
		return Outcome[Webhook]{}, err
	}
	if slices.ContainsFunc(there, func(w register.Webhook) bool { return w.Address == in.Address }) {
		return Outcome[Webhook]{}, fmt.Errorf("%w: the Party is sent word at this address already", ErrConflict)
	}
	if len(there) >= mostWebhooks {
		return Outcome[Webhook]{}, fmt.Errorf("%w: the Party is sent word at as many addresses as it may have",
			ErrConflict)
	}
	w := register.Webhook{Organisation: own, Address: in.Address, At: v.at}
	body := v.body(ledger.KindWebhook, ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: string(own)}
	if v.pending != nil {
		w.ID, w.ProposedBy, w.ConfirmedBy = register.NewID("whk_"), v.pending.By, v.actor.person
		body.Terms.Subject = w.ID
	}
	waits, err := v.twice(ctx, halves{
		target:  target,
		payload: in,
		body:    body,
		parties: v.ownParties(),
		fields:  []private{{"address", in.Address}},
		done: func(entry written) error {
			w.Entry = entry.id
			return v.register.AddWebhook(ctx, v.tx, w)
		},
	})
	if err != nil {
		return Outcome[Webhook]{}, err
	}
	return Outcome[Webhook]{webhookView(w), waits}, nil
}

// webhooksOf are all that an organisation has.
func (v *visit) webhooksOf(ctx context.Context, o article4.OrganisationID) ([]register.Webhook, error) {
	lines, err := v.register.Webhooks(ctx, v.tx, o, time.Time{}, "", mostWebhooks)
	if err != nil {
		return nil, err
	}
	return register.Whole(lines)
}

// webhookAt is the own Party's at an address, for the repetition of an act; one that waits still has no identifier.
func (g *Gateway) webhookAt(ctx context.Context, a Actor, address string) (Webhook, error) {
	return shown(ctx, g, a, operation{act: article4.ActKeepWebhook, what: "webhook", target: address},
		func(ctx context.Context, v *visit) (Webhook, error) {
			there, err := v.webhooksOf(ctx, a.organisation.ID)
			for _, w := range there {
				if w.Address == address {
					return webhookView(w), err
				}
			}
			return Webhook{Organisation: a.organisation.ID, Address: address}, err
		})
}

// EndWebhook takes an address of the own Party away, from now on; one person is enough. What was not sent yet is not
// sent.
func (g *Gateway) EndWebhook(ctx context.Context, a Actor, id string) (Webhook, error) {
	var found register.Webhook
	return perform(ctx, g, a, act[Webhook]{
		operation: operation{act: article4.ActKeepWebhook, what: "webhook", target: id, lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				if found, err = v.ownWebhook(ctx, id); err != nil {
					return err
				}
				v.facts.Change = &article4.ChangeFacts{OwnSubject: true, Ends: true}
				return nil
			}},
		do: func(ctx context.Context, v *visit) (Webhook, error) {
			body := v.body(ledger.KindWebhookEnded, ledger.Permitted)
			body.Terms = &ledger.Terms{Subject: found.ID}
			entry, err := v.record(ctx, body, v.ownParties(), nil)
			if err != nil {
				return Webhook{}, err
			}
			return webhookView(found), g.register.EndWebhook(ctx, v.tx, found.ID, v.at, entry.id)
		},
		made: func(w Webhook) string { return w.ID },
		replay: func(ctx context.Context, made string) (Webhook, error) {
			return shown(ctx, g, a, operation{act: article4.ActKeepWebhook, what: "webhook", target: made},
				func(ctx context.Context, v *visit) (Webhook, error) {
					w, err := g.register.Webhook(ctx, v.tx, made)
					return webhookView(w), err
				})
		},
	})
}

// ownWebhook is one of the caller's Party; any other, and one that was taken away, is absent.
func (v *visit) ownWebhook(ctx context.Context, id string) (register.Webhook, error) {
	w, err := v.register.Webhook(ctx, v.tx, id)
	if missingRecord(err) || err == nil &&
		(!v.hasRole() || w.Organisation != v.actor.organisation.ID || !w.EndedAt.IsZero()) {
		return register.Webhook{}, errAbsent
	}
	return w, err
}

// Webhooks lists those of the caller's Party, newest first, to whoever decides or audits there.
func (g *Gateway) Webhooks(ctx context.Context, a Actor, p Paging) (Page[Webhook], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Webhook]{}, err
	}
	var out Page[Webhook]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = Page[Webhook]{}
		if !v.sees() || !v.ofParty() || !answers(a) {
			return nil
		}
		found, err := g.register.Webhooks(ctx, v.tx, a.organisation.ID, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit, as(webhookView))
		return err
	})
	return out, err
}

func webhookView(w register.Webhook) Webhook {
	out := Webhook{
		ID:           w.ID,
		Organisation: w.Organisation,
		Address:      w.Address,
		ProposedBy:   w.ProposedBy,
		ConfirmedBy:  w.ConfirmedBy,
		At:           w.At,
		Entry:        w.Entry,
	}
	if !w.FailingSince.IsZero() {
		out.FailingSince = &w.FailingSince
	}
	if !w.DisabledAt.IsZero() {
		out.DisabledAt = &w.DisabledAt
	}
	return out
}

// absentWebhook answers for a webhook that is none of the caller's to know.
func (g *Gateway) absentWebhook(ctx context.Context, a Actor, id string, err error) error {
	if errors.Is(err, errAbsent) {
		return g.notFound(ctx, a, article4.ActDescribe, "webhook", id)
	}
	return err
}
