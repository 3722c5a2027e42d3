package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Holds lists the Holds of both Parties, newest first, ended ones included, to people of a Party who decide or audit.
// What the other Party said is not shown, nor what one of its people began to end.
func (g *Gateway) Holds(ctx context.Context, a Actor, p Paging) (Page[Hold], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Hold]{}, err
	}
	var out Page[Hold]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !v.ofParty() || !answers(a) {
			return nil
		}
		found, err := g.register.Holds(ctx, v.tx, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		ids := make([]string, len(found))
		for i, h := range found {
			ids[i] = h.ID
		}
		pending, err := v.waitingOn(ctx, article4.ActEndHold, ids)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit,
			func(h register.Hold) (Hold, error) { return v.holdShown(ctx, h, pending[h.ID]) })
		return err
	})
	return out, err
}

// holdShown is one with its end that waits, if any, and what the caller could do about it: both for the Party that
// placed it.
func (v *visit) holdShown(ctx context.Context, h register.Hold, end register.Pending) (Hold, error) {
	own := v.actor.organisation.ID
	out := holdView(h, own)
	if h.ByOrg != own {
		return out, nil
	}
	if end.ID != "" {
		out.Pending = pendingView(end)
	}
	if out.EndedAt != nil {
		return out, nil
	}
	var err error
	out.Permissions, err = v.would(ctx, article4.ActEndHold,
		func(ctx context.Context, v *visit) error { return v.endHoldFacts(ctx, h) })
	return out, err
}

func holdView(h register.Hold, viewer article4.OrganisationID) Hold {
	out := Hold{
		ID:       h.ID,
		Document: h.Document,
		By:       h.By,
		ByOrg:    h.ByOrg,
		At:       h.At,
		Entry:    h.Entry,
	}
	if h.ByOrg == viewer {
		out.Reason = h.Reason
	}
	if !h.EndedAt.IsZero() {
		ended := h.EndedAt
		out.EndedAt = &ended
	}
	return out
}

// PlaceHold keeps what there is about a document: while the Hold stands, nothing of it is erased from the log and none
// of its versions destroyed, whoever asks. A signatory or an auditor of either Party places it, one person enough;
// ending it takes two.
func (g *Gateway) PlaceHold(ctx context.Context, a Actor, document article4.DocumentID, reason string) (Hold, error) {
	var c checks
	c.required("statement", "", reason, maxStatement)
	if document == "" {
		c.Add(invalid.Missing, "document", "")
	}
	if err := c.Err(); err != nil {
		return Hold{}, err
	}
	return perform(ctx, g, a, act[Hold]{
		operation: operation{act: article4.ActHold, document: document, what: "document", lock: register.ForUpdate,
			facts: func(_ context.Context, v *visit) error {
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: v.ofParty()}
				return nil
			}},
		do:     func(ctx context.Context, v *visit) (Hold, error) { return v.placeHold(ctx, reason) },
		made:   func(h Hold) string { return h.ID },
		replay: g.replayHold(a, article4.ActHold),
		conflicts: map[string]string{"one_hold_of_a_party_on_a_document": "a Hold of this Party stands on the " +
			"document already"},
	})
}

// replayHold answers the repetition of a Hold, and of its end.
func (g *Gateway) replayHold(a Actor, by article4.Act) func(context.Context, string) (Hold, error) {
	return func(ctx context.Context, id string) (Hold, error) {
		return shown(ctx, g, a, operation{act: by, what: "hold", target: id},
			func(ctx context.Context, v *visit) (Hold, error) {
				found, err := g.register.Hold(ctx, v.tx, id)
				return holdView(found, a.organisation.ID), err
			})
	}
}

func (v *visit) placeHold(ctx context.Context, reason string) (Hold, error) {
	h := register.Hold{
		ID:       register.NewID("hld_"),
		Document: v.document.ID,
		Reason:   reason,
		By:       v.actor.person,
		ByOrg:    v.actor.organisation.ID,
		At:       v.at,
	}
	body := v.body(ledger.KindHold, ledger.Permitted)
	body.Terms = v.changeTerms()
	body.Terms.Subject = h.ID
	entry, err := v.record(ctx, body, v.stopParties(), []private{{"reason", reason}})
	if err != nil {
		return Hold{}, err
	}
	h.Entry, h.EntryHash = entry.id, entry.hash
	return holdView(h, h.ByOrg), v.register.AddHold(ctx, v.tx, h)
}

// EndHold ends a Hold of the caller's Party; it takes two of its people.
func (g *Gateway) EndHold(ctx context.Context, a Actor, id, reason string) (Hold, *Pending, error) {
	var c checks
	c.required("statement", "", reason, maxStatement)
	if err := c.Err(); err != nil {
		return Hold{}, nil, err
	}
	var found register.Hold
	return both(perform(ctx, g, a, act[Outcome[Hold]]{
		operation: operation{act: article4.ActEndHold, what: "hold", target: id, lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				if found, err = g.register.Hold(ctx, v.tx, id); err != nil {
					return err
				}
				return v.endHoldFacts(ctx, found)
			}},
		do: func(ctx context.Context, v *visit) (Outcome[Hold], error) { return v.endHold(ctx, found, reason) },
		replay: replayTwo(g, a, func(ctx context.Context) (Hold,
			error) {
			return g.replayHold(a, article4.ActEndHold)(ctx, id)
		}),
		conflicts: map[string]string{"one_first_person_waits": "the end of this Hold waits for a second person " +
			"already"},
	}))
}

func (v *visit) endHoldFacts(ctx context.Context, h register.Hold) error {
	if !v.hasRole() || h.ByOrg != v.actor.organisation.ID || !h.EndedAt.IsZero() {
		return errAbsent
	}
	second, err := v.second(ctx, h.ID, h.ID)
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: true, Second: second}
	return err
}

func (v *visit) endHold(ctx context.Context, h register.Hold, reason string) (Outcome[Hold], error) {
	body := v.body(ledger.KindHoldEnded, ledger.Permitted)
	body.Document, body.Terms = string(h.Document), &ledger.Terms{Subject: h.ID, Relies: []string{h.EntryHash}}
	waits, err := v.twice(ctx, halves{
		target:  h.ID,
		payload: h.ID,
		body:    body,
		parties: v.stopParties(),
		fields:  []private{{"reason", reason}},
		done: func(entry written) error {
			h.EndedAt = v.at
			return v.register.EndHold(ctx, v.tx, h.ID, v.at, entry.id)
		},
	})
	out := holdView(h, v.actor.organisation.ID)
	out.Pending = waits
	return Outcome[Hold]{out, waits}, err
}
