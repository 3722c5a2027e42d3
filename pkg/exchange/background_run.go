package exchange

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// Run does what the gateway does by itself until ctx ends: it cuts downloads whose permit ended, shows signs of life for
// those that run, closes those of replicas that died and the disclosures that nobody fetched, writes lapses and expiries,
// and sweeps what uploads left behind.
// It survives outages. Several replicas may run it.
func (g *Gateway) Run(ctx context.Context) error {
	var blind atomic.Bool
	blind.Store(true)
	var wait sync.WaitGroup
	wait.Go(func() {
		g.DB.Listen(ctx, revocationChannel, func(document string) { g.decideAgain(ctx, document) }, func(err error) {
			blind.Store(err != nil)
			if err == nil {
				g.decideAgain(ctx, everything)
			}
		})
	})
	wait.Go(func() {
		every(ctx, time.Second, func() {
			if blind.Load() {
				g.decideAgain(ctx, everything)
			}
		})
	})
	// Terms end by the clock, and no act tells of it: a grant's, a purpose's, the Arrangement's own.
	wait.Go(func() { every(ctx, g.Settings.SilenceAfter/12, func() { g.decideAgain(ctx, everything) }) })
	wait.Go(func() { every(ctx, g.Settings.SilenceAfter/4, func() { g.attempt(ctx, "heartbeat", g.keepTransfers) }) })
	// By itself: after a long pause there may be many, and what follows does not wait for them.
	wait.Go(func() {
		every(ctx, g.Settings.SilenceAfter/2, func() {
			g.attempt(ctx, "close disclosures that nobody fetched", g.closeUnfetched)
		})
	})
	wait.Go(func() {
		keep := func() {
			g.attempt(ctx, "close silent transfers", g.closeSilent)
			g.attempt(ctx, "close requests", g.closeDue)
			g.attempt(ctx, "sweep uploads", g.sweep)
			g.attempt(ctx, "count refusals", g.tellOver)
		}
		keep() // what was left by gateways that were killed: this one may not live until the first tick either
		every(ctx, g.Settings.SilenceAfter/2, keep)
	})
	wait.Go(func() {
		remind := func() { g.attempt(ctx, "remind of reviews", g.remind) }
		remind()
		every(ctx, g.Settings.SilenceAfter*60, remind) // a day is soon enough: it looks through all documents
	})
	<-ctx.Done()
	g.copyJobs.end()
	wait.Wait()
	return nil
}

func every(ctx context.Context, pause time.Duration, f func()) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f()
		}
	}
}

func (g *Gateway) attempt(ctx context.Context, what string, f func(context.Context) error) {
	if err := f(ctx); err != nil && ctx.Err() == nil {
		g.Logger.Warn("background task failed, will retry", "what", what, "error", err)
	}
}

func (g *Gateway) keepTransfers(ctx context.Context) error {
	var ids []register.TransferID
	for _, d := range g.running.list() {
		ids = append(ids, d.id)
	}
	if len(ids) == 0 {
		return nil
	}
	return g.inTxAt(ctx, func(tx *postgres.Tx, at time.Time) error {
		return g.Register.KeepTransfers(ctx, tx, ids, at)
	})
}

// system is the actor of what no person did.
func (g *Gateway) system() Actor { return Actor{} }

// closeSilent closes, as unknown, the transfers of replicas that died.
func (g *Gateway) closeSilent(ctx context.Context) error {
	var silent []completion
	err := g.inTxAt(ctx, func(tx *postgres.Tx, at time.Time) error {
		silent = nil
		found, err := g.Register.SilentTransfers(ctx, tx, at.Add(-g.Settings.SilenceAfter), 100)
		for _, t := range found {
			d, err := g.Register.Disclosure(ctx, tx, t.Disclosure)
			if err != nil {
				return err
			}
			doc, err := g.Register.Document(ctx, tx, d.Document)
			if err != nil {
				return err
			}
			digest, err := g.Register.CopyDigest(ctx, tx, d.ID)
			if err != nil {
				return err
			}
			silent = append(silent, completion{id: t.ID, disclosure: d, actor: g.system(), end: ledger.EndUnknown, offset: t.Offset,
				length: t.Length, copy: digest, parties: entitledTo(doc, d.Organisation), began: t.StartedAt})
		}
		return err
	})
	for _, c := range silent {
		if err := g.closeTransfer(ctx, c); err != nil {
			return err
		}
	}
	return err
}

// entitledTo are the Parties entitled to the entries about what an organisation read.
func entitledTo(d register.Document, reader article4.OrganisationID) []article4.OrganisationID {
	if reader == d.Discloser {
		return []article4.OrganisationID{d.Discloser}
	}
	return []article4.OrganisationID{d.Discloser, d.Recipient}
}

// closeAtATime is how many requests the gateway looks for in one go.
const closeAtATime = 100

// closeDue writes the lapse or expiry of requests whose time is over: the only entries of the gateway about requests. It goes
// through all that may be due, so that those which turn out not to be keep no other waiting.
func (g *Gateway) closeDue(ctx context.Context) error {
	var after article4.RequestID
	for {
		var due []article4.RequestID
		err := g.DB.InTx(ctx, func(tx *postgres.Tx) error {
			v := &visit{Gateway: g, tx: tx, actor: g.system(), act: article4.ActDescribe}
			err := v.read(ctx, errand{})
			if err == nil {
				due, err = g.Register.DueRequests(ctx, tx, v.at, v.facts.Arrangement.OpenPurposes, after, closeAtATime)
			}
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
	err := g.DB.InTx(ctx, func(tx *postgres.Tx) error {
		v := &visit{Gateway: g, tx: tx, actor: g.system(), act: article4.ActDescribe}
		if err := v.read(ctx, errand{request: id, lock: register.ForShare}); err != nil {
			return err
		}
		state, _ := article4.StateOf(*v.facts.Document, v.facts.Request.Grant, v.facts.Arrangement, v.at)
		kind := map[article4.RequestState]ledger.Kind{article4.StateLapsed: ledger.KindLapse, article4.StateExpired: ledger.KindExpiry}[state]
		if kind == "" || v.request.Closed != "" {
			return nil
		}
		body := v.body(kind, ledger.Permitted)
		body.Terms = &ledger.Terms{Relies: []string{v.request.EntryHash}}
		if _, err := v.record(ctx, body, entitledTo(*v.document, ""), nil); err != nil {
			return err
		}
		return g.Register.CloseRequest(ctx, tx, id, state)
	})
	g.Sequencer.Wake()
	return err
}

// sweep gives up silent uploads first, and removes objects only of what was given up: their keys were never kept.
func (g *Gateway) sweep(ctx context.Context) error {
	var gone []register.Upload
	err := g.inTxAt(ctx, func(tx *postgres.Tx, at time.Time) error {
		if err := g.Register.AbandonStale(ctx, tx, at.Add(-g.Settings.SilenceAfter), at); err != nil {
			return err
		}
		if err := g.Register.ForgetAttempts(ctx, tx, at.Add(-keptFor)); err != nil {
			return err
		}
		if err := g.Register.SpentCopies(ctx, tx, at.Add(-g.Settings.SilenceAfter), at); err != nil {
			return err
		}
		var err error
		gone, err = g.Register.Abandoned(ctx, tx, 100)
		return err
	})
	if err != nil {
		return err
	}
	for _, u := range gone {
		if err := g.Vault.Remove(ctx, u.Object); err != nil {
			return err
		}
		err := g.inTxAt(ctx, func(tx *postgres.Tx, at time.Time) error {
			return g.Register.Removed(ctx, tx, u.ID, at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Ready says what is wrong, by part; nil is well. Nothing is disclosed while one of them is not.
func (g *Gateway) Ready(ctx context.Context) map[string]error {
	health := g.Sequencer.Health()
	var log error
	if !health.Ready(10 * time.Second) {
		log = health.Err
		if log == nil {
			log = errLate
		}
	}
	return map[string]error{"database": g.DB.Ping(ctx), "store": g.Vault.Ping(ctx), "log": log, "keys": g.keysWork()}
}
