package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// closeAtATime is how many requests the gateway looks for in one go.
const closeAtATime = 100

// closeDue writes the lapse or expiry of requests whose time is over: the only entries of the gateway about requests.
// It goes through all that may be due, so that those which turn out not to be keep no other waiting.
func (g *Gateway) closeDue(ctx context.Context) error {
	var after article4.RequestID
	for {
		var due []article4.RequestID
		err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
			var err error
			due, err = g.register.DueRequests(ctx, v.tx, v.at, v.facts.Arrangement.OpenPurposes, after, closeAtATime)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range due {
			if err := g.closeOne(ctx, id); err != nil {
				return err
			}
			after = id
		}
		if len(due) < closeAtATime {
			return nil
		}
	}
}

func (g *Gateway) closeOne(ctx context.Context, id article4.RequestID) error {
	err := g.bySystem(ctx, operation{request: id, lock: register.ForShare}, func(ctx context.Context, v *visit) error {
		state, _ := article4.StateOf(*v.facts.Document, v.facts.Request.Grant, v.facts.Arrangement, v.at)
		kind := map[article4.RequestState]ledger.Kind{article4.StateLapsed: ledger.KindLapse,
			article4.StateExpired: ledger.KindExpiry}[state]
		if kind == "" || v.request.Closed != "" {
			return nil
		}
		body := v.body(kind, ledger.Permitted)
		body.Terms = &ledger.Terms{Relies: []string{v.request.EntryHash}}
		if _, err := v.record(ctx, body, entitledTo(*v.document, ""), nil); err != nil {
			return err
		}
		return g.register.CloseRequest(ctx, v.tx, id, state)
	})
	g.sequencer.Wake()
	return err
}
