package exchange

import (
	"context"
	"sync"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
)

const (
	maxViews = 8                // copies that are open at a time on one replica; each has a process of its own
	viewIdle = 30 * time.Second // a copy of which no page is asked for is closed after this long
)

// viewing is a marked copy that is open, for one person.
type viewing struct {
	id       article4.DisclosureID
	person   article4.PersonID
	document article4.DocumentID
	index    int64 // of the disclosure's entry
	version  register.Version
	view     *stamp.View
	asked    time.Time
	users    int // calls that use it now
}

// views are those of this replica. What is open is a convenience: whether a page is shown is decided each time.
type views struct {
	mu   sync.Mutex
	all  map[article4.DisclosureID]*viewing
	turn chan struct{} // holds one while nobody opens
}

func newViews() *views {
	s := &views{all: map[article4.DisclosureID]*viewing{}, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// of is the one that is open for this person, in use until it is released; nil: none is.
func (s *views) of(id article4.DisclosureID, who article4.PersonID) *viewing {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.all[id]
	if w == nil || w.person != who {
		return nil
	}
	w.asked = time.Now()
	w.users++
	return w
}

func (s *views) release(w *viewing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.users--
}

// open opens a copy, one at a time: who asks for several pages at once gets one process. Where too many are open, the
// one that was asked least lately of those not in use is closed; its reader's next page opens it anew. It is in use
// until it is released.
func (s *views) open(ctx context.Context, id article4.DisclosureID, who article4.PersonID,
	f func() (*viewing, error)) (*viewing, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { s.turn <- struct{}{} }()
	if w := s.of(id, who); w != nil {
		return w, nil
	}
	if err := s.makeRoom(ctx); err != nil {
		return nil, err
	}
	w, err := f()
	if err != nil {
		return nil, err
	}
	w.asked, w.users = time.Now(), 1
	s.mu.Lock()
	s.all[id] = w
	s.mu.Unlock()
	time.AfterFunc(viewIdle, func() { s.closeIdle(w) })
	return w, nil
}

// makeRoom closes what has to be closed before another is opened, and waits while all are in use.
func (s *views) makeRoom(ctx context.Context) error {
	for {
		full, idle := s.leastLately()
		switch {
		case idle != nil:
			s.drop(idle)
		case full:
			if err := pause(ctx, nil); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// leastLately is the one to close; nil where there is room, or where all are in use.
func (s *views) leastLately() (full bool, idle *viewing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) < maxViews {
		return false, nil
	}
	for _, w := range s.all {
		if w.users == 0 && (idle == nil || w.asked.Before(idle.asked)) {
			idle = w
		}
	}
	return true, idle
}

func (s *views) closeIdle(w *viewing) {
	s.mu.Lock()
	if s.all[w.id] != w {
		s.mu.Unlock()
		return
	}
	if left := viewIdle - time.Since(w.asked); left > 0 || w.users > 0 {
		left = max(left, time.Second)
		s.mu.Unlock()
		time.AfterFunc(left, func() { s.closeIdle(w) })
		return
	}
	delete(s.all, w.id)
	s.mu.Unlock()
	w.view.Close()
}

// drop closes one.
func (s *views) drop(w *viewing) {
	s.mu.Lock()
	if s.all[w.id] == w {
		delete(s.all, w.id)
	}
	s.mu.Unlock()
	w.view.Close()
}

// forget closes those of a document about which something was restricted.
func (s *views) forget(document string) {
	s.mu.Lock()
	var out []*viewing
	for id, w := range s.all {
		if document == string(w.document) {
			delete(s.all, id)
			out = append(out, w)
		}
	}
	s.mu.Unlock()
	s.closeAll(out)
}

func (s *views) closeAll(all []*viewing) {
	for _, w := range all {
		w.view.Close()
	}
}

// end closes all.
func (s *views) end() {
	s.mu.Lock()
	all := s.all
	s.all = map[article4.DisclosureID]*viewing{}
	s.mu.Unlock()
	for _, w := range all {
		w.view.Close()
	}
}
