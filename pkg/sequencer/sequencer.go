// Package sequencer puts the entries of the disclosure log in order. Append writes an entry inside the transaction of
// the change that it records; the round gives entries their index, their running number for each Party and their place
// in the Merkle tree, and signs the tree once it is committed; Receipt waits until an entry is inside a signed tree.
//
// Any number of replicas may run over one database. A round holds the one row of log_head locked, so rounds follow one
// another wherever they run, and all replicas sign the same trees: with Ed25519 even the same bytes. Nothing is taken
// from memory unless it equals the locked head; after an error, or a COMMIT whose answer was lost, everything is read
// again.
package sequencer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

var (
	// ErrUnavailable says that the entry is not inside a signed checkpoint yet. It may be later: ask again.
	ErrUnavailable = errors.New("the disclosure log is unavailable")
	// ErrNotFound says that no committed transaction holds the entry.
	ErrNotFound = errors.New("no such entry in the disclosure log")
	// ErrInconsistent says that the database contradicts what was signed: it was altered, or an older backup was put
	// back. Nothing is signed after it; going on would fork the log.
	ErrInconsistent = errors.New("the disclosure log is inconsistent")
)

const (
	defaultWait = 5 * time.Second
	// tick is how often an idle replica looks for entries for which nobody called Wake, and confirms the head.
	tick = time.Second
	// passTimeout bounds one round and what belongs to it, so that a database that hangs is left and tried again.
	passTimeout = 10 * time.Second
	// retry is the pause after a pass that failed, after the second twice as long, and so on up to ten times.
	retry = 25 * time.Millisecond
	// batch is the most entries that one round takes: at 64 KiB each they fit into 16 MiB.
	batch = 256
)

// Config says over which database, and with which key.
type Config struct {
	DB       *postgres.DB  // signed in as a member of chancery_sequencer
	Signer   note.Signer   // the log's key; deterministic, so Ed25519
	Verifier note.Verifier // its public half, with which each signature is opened again before it counts
	Origin   string        // the name of the log; that of the key
	// PublicKey is Verifier as text; empty: LogKeys does not tell the newest key.
	PublicKey string
	Publisher Publisher     // nil: the log is not published; in tests only
	Wait      time.Duration // the longest that Receipt waits; 0 means 5 s
	Now       func() time.Time
	Logger    *slog.Logger
}

// Sequencer appends entries, runs rounds and hands out receipts. It is safe for concurrent use.
type Sequencer struct {
	db        *postgres.DB
	signer    note.Signer
	verifier  note.Verifier
	public    string
	publisher Publisher
	wait      time.Duration
	now       func() time.Time
	logger    *slog.Logger

	running atomic.Bool
	kicked  atomic.Bool   // somebody committed an entry since the last round began
	wake    chan struct{} // holds one: the loop has something to do

	// What follows belongs to the loop alone.
	durable bool             // as of the last idle moment, the server loses nothing that it acknowledges
	tree    *tree            // what was last committed and signed; nil: read it again
	numbers map[string]int64 // the last running number of each Party in that tree; nil: read them again
	saved   int64            // size of the newest checkpoint that was stored
	savedAt time.Time

	mu      sync.Mutex
	waiters map[string][]*waiter
	recent  recent
	last    ledger.Checkpoint // the newest that this replica signed
	health  Health
}

// New makes a sequencer; nothing happens before Run, but Append may be called.
func New(c Config) (*Sequencer, error) {
	switch {
	case c.DB == nil:
		return nil, errors.New("sequencer: no database")
	case c.Signer == nil || c.Verifier == nil:
		return nil, errors.New("sequencer: no key")
	case c.Origin == "":
		return nil, errors.New("sequencer: no origin")
	case c.Signer.Name() != c.Origin || c.Verifier.Name() != c.Origin:
		return nil, fmt.Errorf("sequencer: the key is that of %q, the origin %q", c.Signer.Name(), c.Origin)
	case c.Signer.KeyHash() != c.Verifier.KeyHash():
		return nil, errors.New("sequencer: the public key is not that of the private one")
	case c.Wait < 0:
		return nil, fmt.Errorf("sequencer: wait of %s", c.Wait)
	case c.Now == nil:
		return nil, errors.New("sequencer: no clock")
	case c.Logger == nil:
		return nil, errors.New("sequencer: no logger")
	}
	if c.Wait == 0 {
		c.Wait = defaultWait
	}
	return &Sequencer{
		db:        c.DB,
		signer:    c.Signer,
		verifier:  c.Verifier,
		public:    c.PublicKey,
		publisher: c.Publisher,
		wait:      c.Wait,
		now:       c.Now,
		logger:    c.Logger,
		wake:      make(chan struct{}, 1),
		waiters:   map[string][]*waiter{},
	}, nil
}

// Wake asks for a round soon. It is called after the commit of a transaction that appended; it never blocks. An entry
// without it is taken within about a second.
func (s *Sequencer) Wake() {
	s.kicked.Store(true)
	s.rouse()
}

func (s *Sequencer) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run runs rounds until ctx ends, and then returns nil. Outages of the database are survived: the round is tried again
// a quarter of a second later at the longest. It returns an error that wraps ErrInconsistent when it may not go on,
// whether the database contradicts what was signed or the store does. Nothing is signed from then on, and Ready is
// false.
func (s *Sequencer) Run(ctx context.Context) error {
	if !s.running.CompareAndSwap(false, true) {
		return errors.New("sequencer: it runs already")
	}
	defer s.running.Store(false)
	contradicted := make(chan error, 1)
	if s.publisher != nil {
		var publishing sync.WaitGroup
		ctx, stop := context.WithCancel(ctx)
		publishing.Go(func() {
			if err := s.keepPublishing(ctx); err != nil {
				contradicted <- err
			}
		})
		defer publishing.Wait()
		defer stop()
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	s.rouse()
	// A tick is an idle moment: it finds what other replicas committed, for a call comes from this one alone.
	for idle := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case err := <-contradicted:
			return s.failed(ctx, err)
		case <-s.wake:
			idle = false
		case <-ticker.C:
			idle = true
		}
		if err := s.pass(ctx, idle); ctx.Err() == nil && err != nil {
			if err := s.failed(ctx, err); err != nil {
				return err
			}
		}
	}
}

// failed takes the state that may be wrong out of use, waits a moment and has the round tried again.
func (s *Sequencer) failed(ctx context.Context, err error) error {
	s.tree, s.numbers = nil, nil
	failures := s.note(err)
	if errors.Is(err, ErrInconsistent) {
		s.logger.ErrorContext(ctx, "disclosure log inconsistent, nothing more is signed", slog.Any("error", err))
		return err
	}
	if failures == 1 {
		s.logger.WarnContext(ctx, "disclosure log cannot be written", slog.Any("error", err))
	}
	select {
	case <-ctx.Done():
	case <-time.After(retry * time.Duration(min(failures, 10))):
	}
	s.kicked.Store(true)
	s.rouse()
	return nil
}

// pass does what there is to do once: a round when entries may be pending, an answer to whoever waits for an entry that
// was sequenced before, and in idle moments the head and the stored checkpoint.
func (s *Sequencer) pass(ctx context.Context, idle bool) error {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	if idle || !s.durable {
		err := s.db.Durable(ctx)
		if s.durable = err == nil; err != nil {
			return fmt.Errorf("sequencer: %w", err)
		}
	}
	// Whoever waits now has committed before. After the round its entry is inside the tree, whichever replica took it.
	waiting := s.waiting()
	if err := s.roundIfPending(ctx); err != nil {
		return err
	}
	if err := s.answer(ctx, s.still(waiting)); err != nil {
		return err
	}
	if idle || s.tree == nil {
		if err := s.confirm(ctx); err != nil {
			return err
		}
	}
	if err := s.saveCheckpoint(ctx); err != nil {
		return err
	}
	s.succeeded(ctx)
	return nil
}

func (s *Sequencer) roundIfPending(ctx context.Context) error {
	if !s.kicked.Swap(false) {
		oldest, pending, err := oldestPending(ctx, s.db.Gorm().Statement.ConnPool)
		if err != nil {
			return err
		}
		s.setPending(oldest)
		if !pending {
			return nil
		}
	}
	taken, err := s.round(ctx)
	if err != nil {
		return err
	}
	if taken == batch {
		s.Wake()
		return nil
	}
	s.setPending(0)
	return nil
}

// confirm makes the tree that is committed now the one that is signed: another replica may have grown it.
func (s *Sequencer) confirm(ctx context.Context) error {
	q := s.db.Gorm().Statement.ConnPool
	h, err := readHead(ctx, q, "")
	if err != nil {
		return err
	}
	if s.tree.is(h.size, h.root) {
		s.confirmed()
		return nil
	}
	t, err := s.load(ctx, q, h)
	if err != nil {
		return err
	}
	s.numbers = nil
	_, err = s.installSeen(ctx, t)
	return err
}

// installSeen is install for a tree that this replica did not commit by itself. That it shows does not mean that the
// standby has it (postgres.DB.Settled); what is signed has to outlive this server.
func (s *Sequencer) installSeen(ctx context.Context, t *tree) (ledger.Checkpoint, error) {
	if last := s.newest(); !last.Valid() || !t.is(last.Size(), last.Root()) {
		if err := s.db.Settled(ctx); err != nil {
			return ledger.Checkpoint{}, fmt.Errorf("sequencer: %w", err)
		}
	}
	return s.install(t)
}

// install signs a committed tree and makes it the current one.
func (s *Sequencer) install(t *tree) (ledger.Checkpoint, error) {
	if last := s.newest(); last.Valid() && t.is(last.Size(), last.Root()) {
		s.tree = t
		s.confirmed()
		return last, nil
	}
	signed, err := ledger.Sign(t.size, t.root, s.signer)
	if err != nil {
		return ledger.Checkpoint{}, fmt.Errorf("sequencer: %w", err)
	}
	c, err := ledger.OpenCheckpoint(signed, s.verifier)
	if err != nil {
		return ledger.Checkpoint{}, fmt.Errorf("sequencer: own %w", err)
	}
	s.tree = t
	s.mu.Lock()
	s.last = c
	s.mu.Unlock()
	s.confirmed()
	return c, nil
}

// newest is the newest checkpoint that this replica signed; not valid before the first.
func (s *Sequencer) newest() ledger.Checkpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// saveCheckpoint stores the newest checkpoint, at most once a second: every committed head can be signed again, so
// nobody has to wait for it.
func (s *Sequencer) saveCheckpoint(ctx context.Context) error {
	c := s.newest()
	if !c.Valid() || c.Size() <= s.saved || time.Since(s.savedAt) < tick {
		return nil
	}
	if err := insertCheckpoint(ctx, s.db.Gorm().Statement.ConnPool, c); err != nil {
		return err
	}
	s.saved, s.savedAt = c.Size(), time.Now()
	return nil
}

// Checkpoint is the newest signed one, at most about a second behind the newest committed tree. It waits, as Receipt
// does, until there is one; the error wraps ErrUnavailable then.
func (s *Sequencer) Checkpoint(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	for {
		if c := s.newest(); c.Valid() {
			return c.Signed(), nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("sequencer: checkpoint: %w", ErrUnavailable)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
