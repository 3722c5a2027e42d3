package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// closeAtOnce is how many disclosures one transaction closes.
const closeAtOnce = 200

// closeUnfetched writes the completion entry of each disclosure whose permit is over and that nobody fetched, a copy that could
// not be made included: so every disclosure is closed in the log within its bound. Any replica does it; a disclosure that
// one of them looks at is skipped by the others, and one that was looked at is not looked at again.
func (g *Gateway) closeUnfetched(ctx context.Context) error {
	for {
		looked, err := g.closeSome(ctx)
		if err != nil || looked < closeAtOnce {
			return err
		}
	}
}

func (g *Gateway) closeSome(ctx context.Context) (looked int, err error) {
	err = g.db.InTx(ctx, func(tx *postgres.Tx) error {
		v, err := g.afterwards(ctx, tx, g.system())
		if err != nil {
			return err
		}
		ids, err := g.register.OverDisclosures(ctx, tx, v.at, closeAtOnce)
		if looked = len(ids); err != nil || looked == 0 {
			return err
		}
		unfetched, err := g.register.Unfetched(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, d := range unfetched {
			if err := v.closeUnused(ctx, d); err != nil {
				return err
			}
		}
		return g.register.CloseDisclosures(ctx, tx, ids, v.at)
	})
	if looked > 0 {
		g.sequencer.Wake()
	}
	return looked, err
}

func (v *visit) closeUnused(ctx context.Context, d register.Unfetched) error {
	body := v.body(ledger.KindCompletion, ledger.Permitted)
	body.Document = string(d.Document)
	body.Completion = &ledger.Completion{Disclosure: string(d.ID), Closes: d.EntryHash, End: ledger.EndUnused, Copy: string(d.Copy)}
	_, err := v.record(ctx, body, entitledTo(register.Document{Discloser: d.Discloser, Recipient: d.Recipient}, d.Organisation), nil)
	return err
}

// handedOutCopy is the digest of the marked copy that a transfer hands out; empty for the original, whose digest the
// disclosure's own entry commits to.
func handedOutCopy(d *Delivery) article4.Digest {
	if d.made == "" {
		return ""
	}
	return d.version.SHA256
}
