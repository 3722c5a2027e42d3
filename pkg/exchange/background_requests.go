package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// closeDue writes the lapse or expiry of requests whose time is over: the only entries of the gateway about requests.
// It goes through all that may be due, so that those which turn out not to be keep no other waiting.
func (g *Gateway) closeDue(ctx context.Context) error {
	return each(ctx, g, chore[article4.RequestID]{
		find: func(ctx context.Context, v *visit, after article4.RequestID) ([]article4.RequestID, error) {
			return g.register.DueRequests(ctx, v.tx, v.at, v.facts.Arrangement.OpenPurposes, after, closeAtATime)
		},
		about: heldRequest,
		do:    func(ctx context.Context, v *visit, _ article4.RequestID) error { return v.closeRequest(ctx) },
	})
}

// heldRequest is a request that nothing happens to meanwhile.
func heldRequest(id article4.RequestID) operation {
	return operation{request: id, lock: register.ForShare}
}

func (v *visit) closeRequest(ctx context.Context) error {
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
	if err := v.tellClosed(ctx, state); err != nil {
		return err
	}
	return v.register.CloseRequest(ctx, v.tx, *v.request, state)
}
