package sequencer

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Health is how the log does on this replica, for readiness and metrics.
type Health struct {
	OldestPending  time.Duration // how long the oldest entry known to be committed has been waiting for its index
	CheckpointSize int64         // entries in the newest signed tree
	// since that tree was last confirmed to be the committed one; about a second when all is well
	CheckpointAge time.Duration
	Failures      int   // passes that failed one after another; 0 when all is well
	Err           error // what the last of them said
	Waiting       int   // receipts that are waited for
	Published     int64 // entries of the tree in the store
	// since the store has been behind the signed tree; 0 when it is not, or nothing is published
	Behind         time.Duration
	PublishErr     error // what the last attempt to publish said
	Contradictions int   // how often database, store or signatures were found to contradict one another

	stopped   bool // a contradiction was found: nothing is signed any more
	behind    time.Time
	confirmed time.Time
	pending   time.Time // since when the oldest entry has been waiting; zero: none is
}

// Ready reports whether the log took and signed within the bound: when it did not, disclosures are refused anyway.
func (h Health) Ready(within time.Duration) bool {
	return !h.stopped && !h.confirmed.IsZero() &&
		h.CheckpointAge <= within && h.OldestPending <= within && h.Behind <= within
}

// Health is how the log does now.
func (s *Sequencer) Health() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.health
	h.CheckpointSize = s.last.Size()
	if !h.confirmed.IsZero() {
		h.CheckpointAge = time.Since(h.confirmed)
	}
	if !h.pending.IsZero() {
		h.OldestPending = time.Since(h.pending)
	}
	if !h.behind.IsZero() {
		h.Behind = time.Since(h.behind)
	}
	for _, waiters := range s.waiters {
		h.Waiting += len(waiters)
	}
	return h
}

func (s *Sequencer) confirmed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health.confirmed = time.Now()
}

func (s *Sequencer) setPending(oldest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health.pending = time.Time{}
	if oldest > 0 {
		s.health.pending = time.Now().Add(-oldest)
	}
}

// note counts a failure and returns how many there were without a success between.
func (s *Sequencer) note(err error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health.Failures++
	s.health.Err = err
	if errors.Is(err, ErrInconsistent) {
		s.health.Contradictions++
		s.health.stopped = true
	}
	return s.health.Failures
}

func (s *Sequencer) succeeded(ctx context.Context) {
	s.mu.Lock()
	failures := s.health.Failures
	s.health.Failures, s.health.Err = 0, nil
	s.mu.Unlock()
	if failures > 0 {
		s.logger.InfoContext(ctx, "disclosure log written again", slog.Int("failures", failures))
	}
}
