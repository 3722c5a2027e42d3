package exchange

import (
	"context"

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
	// The object goes before the row says so: whoever ends in between leaves a row that is swept again, and removing
	// what is not there is no error.
	for _, u := range gone {
		if err := g.vault.Remove(ctx, u.Object); err != nil {
			return err
		}
		err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
			return g.register.Removed(ctx, v.tx, u.ID, v.at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
