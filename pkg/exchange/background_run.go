package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"chancery.example/gateway/pkg/register"
)

// Run does what the gateway does by itself until ctx ends: it cuts downloads whose permit ended, shows signs of life
// for those that run, closes those of replicas that died and the disclosures that nobody fetched, writes lapses and
// expiries, and sweeps what uploads left behind. It survives outages, and tasks that panic. Several replicas may run
// it.
func (g *Gateway) Run(ctx context.Context) error {
	var blind atomic.Bool
	blind.Store(true)
	var wait sync.WaitGroup
	wait.Go(func() {
		g.db.Listen(ctx, revocationChannel, func(document string) { g.decideAgain(ctx, document) }, func(err error) {
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
	wait.Go(func() { g.keepEvents(ctx) })
	// Terms end by the clock, and no act tells of it: a grant's, a purpose's, the Arrangement's own.
	wait.Go(func() { every(ctx, g.settings.SilenceAfter/12, func() { g.decideAgain(ctx, everything) }) })
	wait.Go(func() { every(ctx, g.settings.SilenceAfter/4, func() { g.attempt(ctx, "heartbeat", g.keepTransfers) }) })
	// By itself: after a long pause there may be many, and what follows does not wait for them.
	wait.Go(func() {
		every(ctx, g.settings.SilenceAfter/2, func() {
			g.attempt(ctx, "close disclosures that nobody fetched", g.closeUnfetched)
		})
	})
	wait.Go(func() {
		keep := func() {
			g.attempt(ctx, "close silent transfers", g.closeSilent)
			g.attempt(ctx, "look for altered Delegations", g.tellDelegations)
			g.attempt(ctx, "close requests", g.closeDue)
			g.attempt(ctx, "sweep uploads", g.sweep)
			g.attempt(ctx, "count refusals", g.tellOver)
			g.attempt(ctx, "tell of mail that came back", g.tellBounces)
			g.attempt(ctx, "end webhooks that fail", g.endFailingWebhooks)
		}
		keep() // what was left by gateways that were killed: this one may not live until the first tick either
		every(ctx, g.settings.SilenceAfter/2, keep)
	})
	wait.Go(func() {
		remind := func() {
			g.attempt(ctx, "remind of reviews", g.remind)
			g.attempt(ctx, "tell of what is about to end", g.tellDue)
			g.attempt(ctx, "hold records against the log", g.tellNotBorneOut)
		}
		remind()
		every(ctx, g.settings.SilenceAfter*60, remind) // a day is soon enough: it looks through all documents
	})
	<-ctx.Done()
	g.EndWaits()
	g.copyJobs.end()
	g.views.end()
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

// errPanicked stands for a panic, of which the log has the words.
var errPanicked = errors.New("panicked")

// caught makes an error of a panic beside the requests, which would end the process and every transfer with it.
func (g *Gateway) caught(ctx context.Context, what string, f func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			g.logger.LogAttrs(ctx, slog.LevelError, "background task panicked",
				slog.String("what", what),
				slog.String("panic", fmt.Sprint(fault)),
				slog.String("stack", string(debug.Stack())))
			err = errPanicked
		}
	}()
	return f()
}

func (g *Gateway) attempt(ctx context.Context, what string, f func(context.Context) error) {
	if err := g.caught(ctx, what, func() error { return f(ctx) }); err != nil && ctx.Err() == nil {
		g.logger.Warn("background task failed, will retry", "what", what, "error", err)
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
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		return g.register.KeepTransfers(ctx, v.tx, ids, v.at)
	})
}
