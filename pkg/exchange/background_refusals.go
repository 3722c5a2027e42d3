package exchange

import (
	"context"
	"errors"

	"chancery.example/gateway/pkg/article4"
)

// tellOver writes what was counted in minutes that are over, and forgets them.
func (g *Gateway) tellOver(ctx context.Context) error {
	told := each(ctx, g, chore[article4.PersonID]{
		find: func(ctx context.Context, v *visit, after article4.PersonID) ([]article4.PersonID, error) {
			return g.register.SilentRefusals(ctx, v.tx, v.at.Add(-aMinute), after, closeAtATime)
		},
		about: func(article4.PersonID) operation { return operation{} },
		do: func(ctx context.Context, v *visit, id article4.PersonID) error {
			c, err := g.register.RefusalsOf(ctx, v.tx, id)
			if missingRecord(err) || err == nil && c.Since.After(v.at.Add(-aMinute)) {
				return nil // another replica told of them, or another minute began
			}
			if err != nil {
				return err
			}
			return v.tellRefusals(ctx, c, false)
		},
	})
	return errors.Join(told, g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		return g.register.ForgetRefusals(ctx, v.tx, v.at.Add(-aMinute))
	}))
}
