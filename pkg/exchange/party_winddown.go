package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// WindDown lists, from notice of termination on, what is to be brought to a close (Article 11(4)): the requests that
// are open, and the grants whose term reaches beyond the last day; to the Parties' focal points and signatories, on
// documents that their Party gave or received, the newest first. Before notice the list is empty.
func (g *Gateway) WindDown(ctx context.Context, a Actor, p Paging) (Page[WindDownItem], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[WindDownItem]{}, err
	}
	var out Page[WindDownItem]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = Page[WindDownItem]{}
		if !v.ofParty() || !v.viewer().SeesOwn || v.facts.Arrangement.EndsAt.IsZero() {
			return nil
		}
		return v.windDown(ctx, after, limit, &out)
	})
	return out, err
}

// windDown reads on until the page is full: what is neither open nor beyond the last day is left out.
func (v *visit) windDown(ctx context.Context, after cursor, limit int, out *Page[WindDownItem]) error {
	for {
		found, err := v.register.Standing(ctx, v.tx, v.actor.organisation.ID, v.at, after.at,
			article4.RequestID(after.id), limit)
		if err != nil {
			return err
		}
		for i, line := range found {
			item, listed, err := v.windDownItem(ctx, line)
			after = behindLine(line)
			if v.leavesOut(line.Document, err) {
				out.LeftOut++
				continue
			}
			if err != nil {
				return err
			}
			if !listed {
				continue
			}
			out.Items = append(out.Items, item)
			if len(out.Items) == limit && (i+1 < len(found) || len(found) == limit) {
				out.Next = after.String()
				return nil
			}
		}
		if len(found) < limit {
			return nil
		}
	}
}

func (v *visit) windDownItem(ctx context.Context, line register.Listed[register.Request]) (WindDownItem, bool, error) {
	if line.Unread != nil {
		return WindDownItem{}, false, line.Unread
	}
	q := line.Record
	d, err := v.register.Document(ctx, v.tx, q.Document)
	if err != nil {
		return WindDownItem{}, false, err
	}
	shown, err := v.requestView(&d, q)
	if err != nil {
		return WindDownItem{}, false, err
	}
	item := WindDownItem{AccessRequest: shown, BeyondEnd: shown.Until.After(v.facts.Arrangement.EndsAt),
		Survives: v.survives(q.Purpose)}
	listed := shown.State == article4.StateOpen || shown.State == article4.StateInForce && item.BeyondEnd
	return item, listed, nil
}

// survivingPurposes are the open ones that belong to a specific arrangement.
func survivingPurposes(all []register.Purpose, open []article4.PurposeCode) []article4.PurposeCode {
	var out []article4.PurposeCode
	for _, p := range all {
		if p.Specific != "" && slices.Contains(open, p.Code) {
			out = append(out, p.Code)
		}
	}
	return out
}
