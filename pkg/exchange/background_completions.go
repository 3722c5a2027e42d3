package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// closeSilent closes, as unknown, the transfers of replicas that died: each in a transaction of its own, for the
// replica that runs it may close it at this moment, and the first of the two closes it.
func (g *Gateway) closeSilent(ctx context.Context) error {
	silent := map[register.TransferID]register.Transfer{}
	return each(ctx, g, chore[register.TransferID]{
		find: func(ctx context.Context, v *visit, after register.TransferID) ([]register.TransferID, error) {
			found, err := g.register.SilentTransfers(ctx, v.tx, v.at.Add(-g.settings.SilenceAfter), after, closeAtATime)
			ids := make([]register.TransferID, len(found))
			for i, t := range found {
				ids[i], silent[t.ID] = t.ID, t
			}
			return ids, err
		},
		about: func(register.TransferID) operation { return operation{} },
		do: func(ctx context.Context, v *visit, id register.TransferID) error {
			return v.closeSilently(ctx, silent[id])
		},
	})
}

// closeSilently writes the completion entry of a transfer of which nobody knows how far it came.
func (v *visit) closeSilently(ctx context.Context, t register.Transfer) error {
	d, err := v.register.Disclosure(ctx, v.tx, t.Disclosure)
	if err != nil {
		return err
	}
	doc, err := v.register.Document(ctx, v.tx, d.Document)
	if err != nil {
		return err
	}
	digest, err := v.register.CopyDigest(ctx, v.tx, d.ID)
	if err != nil {
		return err
	}
	return v.completes(ctx, completion{
		id:         t.ID,
		disclosure: d,
		end:        ledger.EndUnknown,
		offset:     t.Offset,
		length:     t.Length,
		copy:       digest,
		parties:    entitledTo(doc, d.Organisation),
		began:      t.StartedAt,
	})
}

// entitledTo are the Parties entitled to the entries about what an organisation read.
func entitledTo(d register.Document, reader article4.OrganisationID) []article4.OrganisationID {
	if reader == d.Discloser {
		return []article4.OrganisationID{d.Discloser}
	}
	return []article4.OrganisationID{d.Discloser, d.Recipient}
}

// closeAtOnce is how many disclosures one transaction closes.
const closeAtOnce = 200

// closeUnfetched writes the completion entry of each disclosure whose permit is over and that nobody fetched, a copy
// that could not be made included: so every disclosure is closed in the log within its bound. Any replica does it; a
// disclosure that one of them looks at is skipped by the others, and one that was looked at is not looked at again.
func (g *Gateway) closeUnfetched(ctx context.Context) error {
	for {
		looked, err := g.closeSome(ctx)
		if err != nil || looked < closeAtOnce {
			return err
		}
	}
}

func (g *Gateway) closeSome(ctx context.Context) (looked int, err error) {
	err = g.within(ctx, followUp, g.system(), operation{act: article4.ActDisclose},
		func(ctx context.Context, v *visit) error {
			ids, err := g.register.OverDisclosures(ctx, v.tx, v.at, closeAtOnce)
			if looked = len(ids); err != nil || looked == 0 {
				return err
			}
			unfetched, err := g.register.Unfetched(ctx, v.tx, ids)
			if err != nil {
				return err
			}
			for _, d := range unfetched {
				if err := v.closeUnused(ctx, d); err != nil {
					return err
				}
			}
			return g.register.CloseDisclosures(ctx, v.tx, ids, v.at)
		})
	if looked > 0 {
		g.sequencer.Wake()
	}
	return looked, err
}

func (v *visit) closeUnused(ctx context.Context, d register.Unfetched) error {
	body := v.body(ledger.KindCompletion, ledger.Permitted)
	body.Document = string(d.Document)
	body.Completion = &ledger.Completion{Disclosure: string(d.ID), Closes: d.EntryHash, End: ledger.EndUnused,
		Copy: string(d.Copy)}
	if d.Shown {
		pages, first, err := v.register.PagesShown(ctx, v.tx, d.ID)
		if err != nil {
			return err
		}
		body.Completion.End, body.Completion.Pages, body.Completion.Began = ledger.EndShown, pageList(pages), first
	}
	_, err := v.record(ctx, body, entitledTo(register.Document{Discloser: d.Discloser, Recipient: d.Recipient},
		d.Organisation), nil)
	return err
}
