package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
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
// removing what is not there is no error. What the store does not remove waits behind all others, and so does what was
// given up behind the gateway's back, which is told.
func (g *Gateway) removeGivenUp(ctx context.Context, u register.Upload) error {
	var document article4.DocumentID
	kept := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		var err error
		if document, err = g.register.LiesIn(ctx, v.tx, u); err == nil && !isContent(u.Object) {
			err = fmt.Errorf("upload %s names %q: %w", u.ID, u.Object, register.ErrAltered)
		}
		return err
	})
	if kept == nil {
		kept = g.vault.Remove(ctx, u.Object)
	}
	kept = g.met(ctx, operation{document: document}, kept)
	return errors.Join(kept, g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		if kept != nil {
			return g.register.NotRemoved(ctx, v.tx, u.ID, v.at)
		}
		return g.register.Removed(ctx, v.tx, u.ID, v.at)
	}))
}

// Where the store keeps what is sealed: files, and copies of them that are marked.
const (
	documentObjects = "documents/"
	copyObjects     = "copies/"
)

// isContent reports whether an object is one that the gateway seals content in; nothing else is removed by its name.
func isContent(object string) bool {
	return strings.HasPrefix(object, documentObjects) || strings.HasPrefix(object, copyObjects)
}
