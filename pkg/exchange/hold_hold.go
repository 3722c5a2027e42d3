package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// Holds lists the Holds of both Parties, newest first, ended ones included, to people of a Party who decide or audit. What the
// other Party said is not shown, nor what one of its people began to end.
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
		found, err := g.Register.Holds(ctx, v.tx, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		cut := page(found, limit, func(h register.Hold) cursor { return cursor{h.At, h.ID} })
		ids := make([]string, len(cut.Items))
		for i, h := range cut.Items {
			ids[i] = h.ID
		}
		waiting, err := g.Register.Waiting(ctx, v.tx, article4.ActEndHold, ids, v.at)
		if err != nil {
			return err
		}
		out.Next = cut.Next
		for _, h := range cut.Items {
			one := holdView(h, a.organisation.ID)
			if p, waits := waiting[h.ID]; waits && h.ByOrg == a.organisation.ID {
				one.Waiting = pendingView(p)
			}
			out.Items = append(out.Items, one)
		}
		return nil
	})
	return out, err
}

func holdView(h register.Hold, viewer article4.OrganisationID) Hold {
	out := Hold{ID: h.ID, Document: h.Document, By: h.By, ByOrg: h.ByOrg, At: h.At, Entry: h.Entry}
	if h.ByOrg == viewer {
		out.Reason = h.Reason
	}
	if !h.EndedAt.IsZero() {
		ended := h.EndedAt
		out.EndedAt = &ended
	}
	return out
}

// PlaceHold keeps what there is about a document: while the Hold stands, nothing of it is erased from the log and none of its
// versions destroyed, whoever asks. A signatory or an auditor of either Party places it, one person enough; ending it takes two.
func (g *Gateway) PlaceHold(ctx context.Context, a Actor, document article4.DocumentID, reason string) (Hold, error) {
	var c checks
	c.required("statement", "", reason, maxStatement)
	if document == "" {
		c.add("missing-field", "document", "", "is missing")
	}
	if err := c.err(); err != nil {
		return Hold{}, err
	}
	var out Hold
	err := g.enter(ctx, a, errand{act: article4.ActHold, document: document, what: "document", lock: register.ForUpdate, once: true,
		facts: func(_ context.Context, v *visit) error {
			v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: v.ofParty()}
			return nil
		},
		then: func(ctx context.Context, v *visit) error {
			var err error
			out, err = v.placeHold(ctx, reason)
			v.result = out.ID
			return err
		}})
	if made, again := doneBefore(err); again {
		return g.holdAgain(ctx, a, article4.ActHold, made)
	}
	if postgres.Constraint(err) == "one_hold_of_a_party_on_a_document" {
		err = fmt.Errorf("%w: a Hold of this Party stands on the document already", ErrConflict)
	}
	return out, err
}

func (v *visit) placeHold(ctx context.Context, reason string) (Hold, error) {
	h := register.Hold{ID: register.NewID("hld_"), Document: v.document.ID, Reason: reason, By: v.actor.person, ByOrg: v.actor.organisation.ID, At: v.at}
	body := v.body(ledger.KindHold, ledger.Permitted)
	body.Terms = v.changeTerms()
	body.Terms.Subject = h.ID
	entry, err := v.record(ctx, body, v.stopParties(), []private{{"reason", reason}})
	if err != nil {
		return Hold{}, err
	}
	h.Entry, h.EntryHash = entry.id, entry.hash
	return holdView(h, h.ByOrg), v.Register.AddHold(ctx, v.tx, h)
}

// EndHold ends a Hold of the caller's Party; it takes two of its people.
func (g *Gateway) EndHold(ctx context.Context, a Actor, id, reason string) (Hold, *Pending, error) {
	var c checks
	c.required("statement", "", reason, maxStatement)
	if err := c.err(); err != nil {
		return Hold{}, nil, err
	}
	var found register.Hold
	var waits *Pending
	err := g.enter(ctx, a, errand{act: article4.ActEndHold, what: "hold", target: id, lock: register.ForShare, once: true,
		facts: func(ctx context.Context, v *visit) error {
			var err error
			if found, err = g.Register.Hold(ctx, v.tx, id); err != nil {
				return err
			}
			if !v.hasRole() || found.ByOrg != a.organisation.ID || !found.EndedAt.IsZero() {
				return errAbsent
			}
			second, err := v.second(ctx, id, id)
			v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: true, Second: second}
			return err
		},
		then: func(ctx context.Context, v *visit) error {
			body := v.body(ledger.KindHoldEnded, ledger.Permitted)
			body.Document, body.Terms = string(found.Document), &ledger.Terms{Subject: id, Relies: []string{found.EntryHash}}
			var err error
			waits, err = v.twice(ctx, id, id, body, v.stopParties(), []private{{"reason", reason}}, func(entry written) error {
				found.EndedAt = v.at
				return v.Register.EndHold(ctx, v.tx, id, v.at, entry.id)
			})
			return err
		}})
	if made, again := doneBefore(err); again {
		if waits, err = g.begun(ctx, a, made, nil); err != nil {
			return Hold{}, nil, err
		}
		out, err := g.holdAgain(ctx, a, article4.ActEndHold, id)
		return out, waits, err
	}
	if postgres.Constraint(err) == "one_first_person_waits" {
		err = fmt.Errorf("%w: the end of this Hold waits for a second person already", ErrConflict)
	}
	if err != nil {
		return Hold{}, nil, err
	}
	out := holdView(found, a.organisation.ID)
	out.Waiting = waits
	return out, waits, nil
}
