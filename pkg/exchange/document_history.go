package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// History is the accounting of disclosures of one document, newest first, as far as the caller's standing reaches: all
// of it for the Discloser's people; what the Recipient's people and the third parties had for the Recipient's; its own
// for a third party, and what left on its authorization for an entity concerned. Reading it is an entry.
func (g *Gateway) History(ctx context.Context, a Actor, id article4.DocumentID, p Paging) (Page[HistoryItem], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[HistoryItem]{}, err
	}
	return perform(ctx, g, a, act[Page[HistoryItem]]{
		operation: operation{act: article4.ActAccount, document: id, what: "document", lock: register.ForShare,
			facts: loadStanding},
		do: func(ctx context.Context, v *visit) (Page[HistoryItem], error) {
			body := v.body(ledger.KindAccounting, ledger.Permitted)
			if _, err := v.record(ctx, body, v.concerned(), nil); err != nil {
				return Page[HistoryItem]{}, err
			}
			found, err := g.register.DisclosuresOf(ctx, v.tx, id, v.reach(), after.at, after.id, limit+1)
			if err != nil {
				return Page[HistoryItem]{}, err
			}
			return pageOf(found, limit, func(d register.Accounted) cursor { return cursor{d.At, string(d.ID)} },
				as(historyView))
		}})
}

// reach is whose disclosures the caller may know of.
func (v *visit) reach() register.Reach {
	switch v.actor.organisation.ID {
	case v.document.Discloser:
		return register.Reach{All: true}
	case v.document.Recipient:
		return register.Reach{Except: v.document.Discloser}
	}
	return register.Reach{Only: v.actor.organisation.ID, AuthorizedBy: v.actor.organisation.ID}
}

func historyView(d register.Accounted) HistoryItem {
	return HistoryItem{
		At:           d.At,
		Kind:         string(ledger.KindDisclosure),
		Organisation: d.Organisation,
		Person:       d.Person,
		Purpose:      d.Purpose,
		Version:      d.Version,
		CopyNumber:   d.CopyNumber,
		Form:         d.Form,
		Outcome:      string(ledger.Permitted),
		Request:      d.Request,
		Bytes:        d.Bytes,
		Entry:        d.Entry,
	}
}
