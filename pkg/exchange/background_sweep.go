package exchange

import (
	"context"
	"errors"

	"chancery.example/gateway/pkg/register"
)

// sweep gives up silent uploads first, and removes objects only of what was given up: their keys were never kept.
func (g *Gateway) sweep(ctx context.Context) error {
	var gone []register.Upload
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		if err := g.register.AbandonStale(ctx, v.tx, v.at.Add(-g.settings.SilenceAfter), v.at); err != nil {
			return err
		}
		if err := g.register.ExpireStaged(ctx, v.tx, v.at); err != nil {
			return err
		}
		if err := g.register.ExpireArrivals(ctx, v.tx, v.at); err != nil {
			return err
		}
		if err := g.register.ExpireInstruments(ctx, v.tx, v.at); err != nil {
			return err
		}
		if err := g.register.ForgetAttempts(ctx, v.tx, v.at.Add(-keptFor)); err != nil {
			return err
		}
		if err := g.register.SpentCopies(ctx, v.tx, v.at.Add(-g.settings.SilenceAfter), v.at); err != nil {
			return err
		}
		var err error
		gone, err = g.register.Abandoned(ctx, v.tx, 100)
		return err
	})
	if err != nil {
		return err
	}
	var failed faults
	for _, u := range gone {
		err := g.removeGivenUp(ctx, u)
		failed.add(err)
		if endsRound(ctx, err) || err != nil && g.vault.Ping(ctx) != nil {
			break
		}
	}
	return failed.err()
}

// removeGivenUp removes an object before its row says so: whoever ends in between leaves a row that is swept again, and
// removing what is not there is no error. What the store does not remove waits behind all others.
func (g *Gateway) removeGivenUp(ctx context.Context, u register.Upload) error {
	kept := g.vault.Remove(ctx, u.Object)
	return errors.Join(kept, g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		if kept != nil {
			return g.register.NotRemoved(ctx, v.tx, u.ID, v.at)
		}
		return g.register.Removed(ctx, v.tx, u.ID, v.at)
	}))
}
