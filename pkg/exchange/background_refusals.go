package exchange

import (
	"context"
)

// tellOver writes what was counted in minutes that are over, and forgets them.
func (g *Gateway) tellOver(ctx context.Context) error {
	told := false
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		silent, err := g.register.SilentRefusals(ctx, v.tx, v.at.Add(-aMinute), 100)
		if err != nil {
			return err
		}
		for _, c := range silent {
			if err := v.tellRefusals(ctx, c, false); err != nil {
				return err
			}
		}
		told = v.recorded
		return g.register.ForgetRefusals(ctx, v.tx, v.at.Add(-aMinute))
	})
	if err == nil && told {
		g.sequencer.Wake()
	}
	return err
}
