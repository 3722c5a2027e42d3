package rest

import (
	"sync"
	"time"
)

// perWindow is how many lines a sparse log lets through in each window.
const (
	perWindow = 10
	window    = 10 * time.Second
)

// sparse lets a bounded number of lines through and counts the others.
type sparse struct {
	mu    sync.Mutex
	since time.Time
	given int // lines let through in this window
	held  int // lines held back since the last one
}

// let reports whether a line may be written now, and how many were held back before it.
func (s *sparse) let(now time.Time) (held int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) >= window {
		s.since, s.given = now, 0
	}
	if s.given == perWindow {
		s.held++
		return 0, false
	}
	s.given++
	held, s.held = s.held, 0
	return held, true
}
