package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

var errLate = errors.New("the log is behind")

// Ready says what is wrong, by part; nil is well. Nothing is disclosed while one of them is not.
func (g *Gateway) Ready(ctx context.Context) map[string]error {
	health := g.sequencer.Health()
	var log error
	if !health.Ready(10 * time.Second) {
		log = health.Err
		if log == nil {
			log = errLate
		}
	}
	return map[string]error{
		"database": g.db.Ping(ctx),
		"store":    g.vault.Ping(ctx),
		"log":      log,
		"keys":     g.keysWork(),
		"clock":    g.clockAgrees(ctx),
	}
}

// Spared reports whether the gateway is of use while that part is away. Without the store, or while the log is behind,
// lists are shown, requests made and decisions given; a withdrawal above all ends what runs, which nobody may be kept
// from because a bucket is away. Without database, keys or an agreeing clock every act is answered 503, and
// on a log that contradicts itself nothing is done at all.
func Spared(part string, cause error) bool {
	return part == "store" || part == "log" && !errors.Is(cause, sequencer.ErrInconsistent)
}

// clockAgrees says which clock contradicts another; a database that is away has no clock, and is told as such. Under a
// rules' clock that was moved, as the demo moves it, entries are of another day than the database's clock says.
func (g *Gateway) clockAgrees(ctx context.Context) error {
	now := g.clocks.now()
	if !g.clock(now).Equal(now) {
		return nil
	}
	err := g.sequencer.CheckClock(ctx, now)
	if errors.Is(err, sequencer.ErrClock) {
		return err
	}
	return nil
}

// keysWork seals and opens a word under every Party's keyset.
func (g *Gateway) keysWork() error {
	for _, o := range g.keysets.Organisations() {
		sealed, err := g.keysets.Seal(o, []byte("ready"), "ready")
		if err != nil {
			return err
		}
		if _, err := g.keysets.Open(o, sealed, "ready"); err != nil {
			return err
		}
	}
	return nil
}

// CheckKeysets refuses keysets that open nothing of what was sealed under their names: somebody made new ones in the
// place of lost ones, or put back those of another gateway. It is asked before Adopt, since whoever is met under such a
// keyset would be taken for somebody new.
func (g *Gateway) CheckKeysets(ctx context.Context) error {
	return g.lookUp(ctx, func(tx *postgres.Tx) error {
		foreign, err := g.register.ForeignKeyset(ctx, tx)
		if err == nil && foreign != "" {
			err = fmt.Errorf("nothing that was sealed under the keyset of %s opens: its keyset is missing, or "+
				"another one stands in its place; "+
				"nothing was started and nothing was altered: put it back from its backup, a new one opens nothing "+
				"of what there is", foreign)
		}
		return err
	})
}
