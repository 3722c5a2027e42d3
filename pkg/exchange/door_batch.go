package exchange

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/traces"
)

// Readers who come to the door at the same moment pass it together: one transaction reads what their decisions look at,
// and writes their entries. Each is decided by itself, on its own facts behind its own locks. Whoever is not simply
// permitted leaves the batch before anything of theirs is written, and passes the door alone; so does everybody where
// the transaction fails. See docs/decisions/0061.

const (
	batchSize = 32 // readers in one
	batches   = 4  // under way at once
	// Another sets out beside one that is under way when so many wait for it, or when that one takes so long.
	enough = 8
	long   = 50 * time.Millisecond
)

// batcher is where readers wait for the next batch.
type batcher struct {
	mu      sync.Mutex
	waiting []*entrant
	running int       // batches under way
	inside  int       // readers under way in them
	left    time.Time // when the last one set out
}

// entrant is one reader's way through the door.
type entrant struct {
	ctx       context.Context
	actor     Actor
	operation operation

	visit  *visit
	passed bool  // in this batch
	fault  error // the database's, which the next transaction would meet too
	done   chan struct{}
}

// join waits for a batch and passes with it. Not passed: the caller has to pass alone, and nothing was written.
func (y *batcher) join(ctx context.Context, g *Gateway, a Actor, o operation) (passed bool, err error) {
	ctx, span := traces.Begin(ctx, traces.Transaction)
	defer func() { span.End(err) }()
	p := &entrant{ctx: ctx, actor: a, operation: o, done: make(chan struct{})}
	y.mu.Lock()
	y.waiting = append(y.waiting, p)
	lead := y.running == 0 || y.running < batches && (len(y.waiting) >= enough || time.Since(y.left) > long)
	if lead {
		y.running++
	}
	y.mu.Unlock()
	if lead {
		go y.lead(g)
	}
	<-p.done
	if p.fault != nil {
		return true, g.outage(ctx, a, o, p.visit.toldOfOutage(), p.fault)
	}
	return p.passed, nil
}

// lead sends one batch after another, until nobody waits.
func (y *batcher) lead(g *Gateway) {
	for {
		y.mu.Lock()
		n := min(len(y.waiting), batchSize)
		if n == 0 {
			y.running--
			y.mu.Unlock()
			return
		}
		all := slices.Clone(y.waiting[:n])
		y.waiting = slices.Delete(y.waiting, 0, n)
		y.left = time.Now()
		y.inside += n
		y.mu.Unlock()
		g.passTogether(all)
		y.mu.Lock()
		y.inside -= n
		y.mu.Unlock()
	}
}

// passTogether lets those pass who are permitted.
func (g *Gateway) passTogether(all []*entrant) {
	defer func() {
		if recover() != nil { // whoever caused it will again, alone
			forget(all)
		}
		for _, p := range all {
			close(p.done)
		}
	}()
	// A reader who goes away must not end the transaction of the others.
	err := g.db.InTx(context.WithoutCancel(all[0].ctx), func(tx *postgres.Tx) error { return g.carryTogether(tx, all) })
	switch {
	case err == nil:
		g.sequencer.Wake()
	case postgres.Unavailable(err) || errors.Is(err, postgres.ErrOutcomeUnknown):
		for _, p := range all {
			p.fault = err
		}
	default:
		forget(all)
	}
}

func forget(all []*entrant) {
	for _, p := range all {
		p.passed = false
	}
}

// carryTogether carries out what is permitted. An error ends the transaction, for everybody in it.
func (g *Gateway) carryTogether(tx *postgres.Tx, all []*entrant) error {
	ctx := context.WithoutCancel(all[0].ctx)
	wanted := make([]register.Wanted, len(all))
	for i, p := range all {
		wanted[i] = p.operation.wanted(p.actor)
		if p.actor.attempt != nil {
			key := p.actor.attempt.of()
			wanted[i].Attempt = &key
		}
	}
	found, err := g.register.Together(ctx, tx, wanted)
	if err != nil {
		return err
	}
	for i, p := range all {
		if p.passed = !found[i].Busy && p.ctx.Err() == nil && g.permits(ctx, tx, p, found[i]); !p.passed {
			continue
		}
		if err := p.visit.carryOut(ctx, p.operation); err != nil {
			return err
		}
	}
	return nil
}

// permits decides. Whoever has to be refused, answered with an earlier result, or recognised again passes alone.
func (g *Gateway) permits(ctx context.Context, tx *postgres.Tx, p *entrant, found register.Dossier) bool {
	v, err := g.begin(ctx, tx, deciding, p.actor, p.operation)
	p.visit = v
	if err != nil || p.actor.revision != "" && p.actor.revision != found.Arrangement.Revision || found.Attempt != nil {
		return false
	}
	if v.stand(ctx, p.operation, found) != nil || v.complete(ctx, p.operation) != nil {
		return false
	}
	v.decide(p.ctx)
	return v.ruling.Permit
}
