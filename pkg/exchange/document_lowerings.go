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

// loweringIn shows one beside others, whose documents were read; errAbsent where it is not the caller's to know.
func (v *visit) loweringIn(docs map[article4.DocumentID]register.Listed[register.Document],
	line register.Listed[register.Lowering],
	beside func(register.Lowering) (besideLowerings, error)) (Lowering, error) {
	if line.Unread != nil {
		return Lowering{}, line.Unread
	}
	d, found := docs[line.Document]
	if d.Unread != nil {
		return Lowering{}, d.Unread
	}
	if !found {
		return Lowering{}, fmt.Errorf("document of lowering %s: %w", line.ID, register.ErrAltered)
	}
	said, err := beside(line.Record)
	if err != nil {
		return Lowering{}, err
	}
	one := v.of(d.Record)
	o, err := one.asLowering(line.Record, said)
	if err != nil {
		return Lowering{}, err
	}
	return one.loweringView(o), one.knowsLowering(o, "")
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
		out.Next = cut.Next
		var ids []article4.DocumentID
		var read []register.Lowering
		for _, l := range cut.Items {
			if l.Unread == nil {
				ids, read = append(ids, l.Document), append(read, l.Record)
			}
		}
		docs, err := v.register.DocumentsNamed(ctx, v.tx, ids)
		if err != nil {
			return err
		}
		all, err := v.besideLowerings(ctx, read...)
		beside := func(register.Lowering) (besideLowerings, error) { return all, nil }
		if faultCode(err) == codeAltered {
			beside, err = func(l register.Lowering) (besideLowerings, error) { return v.besideLowerings(ctx, l) }, nil
		}
		if err != nil {
			return err
		}
		for _, l := range cut.Items {
			shown, err := v.loweringIn(docs, l, beside)
			switch {
			case err == errAbsent: // it does not wait any more as it was put
			case v.leavesOut(l.Document, err):
				out.LeftOut++
			case err != nil:
				return err
			default:
				out.Items = append(out.Items, shown)
			}
		}
		return nil
	})
	return out, err
}
