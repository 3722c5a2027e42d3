package sequencer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/traces"
)

// waiter is one call of Receipt that waits.
type waiter struct{ answer chan answer }

type answer struct {
	entry placed
	err   error
}

// Receipt waits, at most Config.Wait, until the entry is inside a signed checkpoint, and returns the proof of it, made
// now. The transaction that appended the entry has to be committed before; the entry may be of any age and of any
// replica. The error wraps ErrUnavailable when the wait passed its bound or ctx ended, ErrNotFound when no such entry
// was committed.
func (s *Sequencer) Receipt(ctx context.Context, entryID string) (_ ledger.Receipt, err error) {
	ctx, span := traces.Begin(ctx, traces.LogCommit)
	span.Note(traces.Entry(entryID))
	defer func() { span.End(err) }()
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if behind := s.Behind(); behind > tooFarBehind {
		return ledger.Receipt{}, fmt.Errorf("receipt for entry %s: %w: unpublished for %s", entryID, ErrUnavailable,
			behind.Round(time.Second))
	}
	entry, err := s.place(ctx, entryID)
	if err != nil {
		return ledger.Receipt{}, fmt.Errorf("receipt for entry %s: %w", entryID, err)
	}
	proof, err := s.prove(ctx, entry)
	if err != nil {
		return ledger.Receipt{}, fmt.Errorf("receipt for entry %s: %w: %w", entryID, ErrUnavailable, err)
	}
	r, err := entry.checkpoint.Receipt(entry.leaf, entry.body, entry.nonce, entry.index, proof, s.now())
	if err != nil {
		return ledger.Receipt{}, fmt.Errorf("receipt for entry %s: %w: %w", entryID, ErrInconsistent, err)
	}
	return r, nil
}

// place finds the entry among those sequenced a moment ago, or waits for the loop.
func (s *Sequencer) place(ctx context.Context, id string) (placed, error) {
	w := &waiter{answer: make(chan answer, 1)}
	s.mu.Lock()
	entry, found := s.recent.find(id)
	if !found {
		s.waiters[id] = append(s.waiters[id], w)
	}
	s.mu.Unlock()
	if found {
		return entry, nil
	}
	s.rouse()
	select {
	case a := <-w.answer:
		return a.entry, a.err
	case <-ctx.Done():
		s.forget(id, w)
		return placed{}, fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
}

func (s *Sequencer) prove(ctx context.Context, e placed) (tlog.RecordProof, error) {
	if e.hashes != nil {
		return tlog.ProveRecord(e.checkpoint.Size(), e.index, e.hashes)
	}
	t := tree{size: e.checkpoint.Size(), root: e.checkpoint.Root()}
	return tlog.ProveRecord(t.size, e.index, t.stored(ctx, s.db.Gorm().Statement.ConnPool))
}

func (s *Sequencer) forget(id string, w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(s.waiters[id], func(other *waiter) bool { return other == w })
	if len(left) == 0 {
		delete(s.waiters, id)
		return
	}
	s.waiters[id] = left
}

// waiting are the entries that somebody waits for now.
func (s *Sequencer) waiting() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]string, 0, len(s.waiters))
	for id := range s.waiters {
		ids = append(ids, id)
	}
	return ids
}

// still are those of ids that somebody still waits for.
func (s *Sequencer) still(ids []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(ids, func(id string) bool { return len(s.waiters[id]) == 0 })
}

// deliver keeps what a round sequenced, for receipts that are asked for in the next moments, and wakes its waiters.
func (s *Sequencer) deliver(entries []placed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		s.recent.add(e)
		s.wakeLocked(e.id, answer{entry: e})
	}
}

// wakeLocked answers whoever waits for the entry; mu is held.
func (s *Sequencer) wakeLocked(id string, a answer) {
	for _, w := range s.waiters[id] {
		w.answer <- a
	}
	delete(s.waiters, id)
}

// answer looks up entries that were committed before the last round and were not in it: another replica took them, or
// they are old, or a full batch left them for the next round, or they never were.
func (s *Sequencer) answer(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	q := s.db.Gorm().Statement.ConnPool
	known, sequenced, err := findEntries(ctx, q, ids)
	if err != nil {
		return err
	}
	if len(sequenced) > 0 {
		// Read after the entries, the head covers all of them.
		if err := s.confirm(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range sequenced {
		e.checkpoint = s.last
		s.wakeLocked(e.id, answer{entry: e})
	}
	for _, id := range ids {
		if !known[id] {
			s.wakeLocked(id, answer{err: ErrNotFound})
		}
	}
	return nil
}

const (
	recentEntries = 4096
	recentBytes   = 8 << 20
)

// recent holds the entries sequenced last, so that a receipt asked for just after its round needs no database.
type recent struct {
	byID  map[string]placed
	order []string
	bytes int
}

func (r *recent) find(id string) (placed, bool) {
	e, ok := r.byID[id]
	return e, ok
}

func (r *recent) add(e placed) {
	if r.byID == nil {
		r.byID = map[string]placed{}
	}
	r.byID[e.id] = e
	r.order = append(r.order, e.id)
	r.bytes += len(e.body)
	for len(r.order) > recentEntries || r.bytes > recentBytes {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.bytes -= len(r.byID[oldest].body)
		delete(r.byID, oldest)
	}
}
