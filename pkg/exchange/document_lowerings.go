package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// loweringView shows a lowering: to the Discloser's people with what each entity said, to an entity with its own.
func (v *visit) loweringView(o onLowering) Lowering {
	out := Lowering{
		ID:          o.ID,
		Document:    v.document.ID,
		Reference:   v.document.Reference,
		Discloser:   v.document.Discloser,
		Version:     o.said.Seen.Version,
		From:        o.said.Seen.Marking,
		To:          o.said.Marking,
		Proprietary: o.said.Proprietary,
		Was:         o.said.Seen.Proprietary,
		Reason:      o.Reason,
		At:          o.At,
		Until:       o.ExpiresAt,
		Open:        o.open,
	}
	if v.document.ShowTitle {
		out.Title = v.document.Title
	}
	own := v.actor.organisation.ID
	for _, l := range o.decisions {
		if own != v.document.Discloser && own != l.Organisation {
			continue
		}
		d := LoweringDecision{
			ID:           l.ID,
			Act:          article4.ActRefuseLowering,
			Organisation: l.Organisation,
			By:           l.By,
			At:           l.At,
			Statement:    l.Statement,
			Entry:        l.Entry,
		}
		if l.Given {
			d.Act = article4.ActAuthorizeLowering
		}
		if w := l.Withdrawal; w != nil {
			d.WithdrawnAt, d.WithdrawalText = w.At, w.Statement
		}
		out.Decisions = append(out.Decisions, d)
	}
	return out
}

// Lowerings lists those that were put to the caller's organisation and wait, those on which it decided, and to the
// Discloser's people those of its own documents; the newest first.
func (g *Gateway) Lowerings(ctx context.Context, a Actor, p Paging) (Page[Lowering], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Lowering]{}, err
	}
	var out Page[Lowering]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || a.claims.Service != nil {
			return nil
		}
		found, err := g.register.LoweringsPut(ctx, v.tx, a.organisation.ID, v.at, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		cut := page(found, limit, behindLine)
		read, left, err := readEach(v, cut.Items, itself)
		if err != nil {
			return err
		}
		out = Page[Lowering]{Next: cut.Next}
		out.LeftOut, err = apart(v, read, func(l register.Lowering) article4.DocumentID { return l.Document },
			func(some []register.Lowering) error {
				shown, err := v.loweringsShown(ctx, some)
				if err == nil {
					out.Items = append(out.Items, shown...)
				}
				return err
			})
		out.LeftOut += left
		return err
	})
	return out, err
}

// loweringsShown shows those of them that are the caller's to know, with their documents and what was said of them.
func (v *visit) loweringsShown(ctx context.Context, some []register.Lowering) ([]Lowering, error) {
	var ids []article4.DocumentID
	for _, l := range some {
		ids = append(ids, l.Document)
	}
	docs, err := v.register.DocumentsNamed(ctx, v.tx, ids)
	if err != nil {
		return nil, err
	}
	beside, err := v.besideLowerings(ctx, some...)
	if err != nil {
		return nil, err
	}
	var out []Lowering
	for _, l := range some {
		d, found := docs[l.Document]
		if !found {
			return nil, fmt.Errorf("document of lowering %s: %w", l.ID, register.ErrAltered)
		}
		if d.Unread != nil {
			return nil, d.Unread
		}
		one := v.of(d.Record)
		o, err := one.asLowering(l, beside)
		if err == nil {
			err = one.knowsLowering(o, "")
		}
		if err == errAbsent {
			continue // it does not wait any more as it was put
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one.loweringView(o))
	}
	return out, nil
}
