package stamp

import (
	"context"
	"slices"
	"sync"
)

// queue lets a bounded number in at a time and turns away whom it cannot keep waiting. It is fair between persons:
// each has a line of their own, and the lines are served in turn, so that whoever asks for many copies delays nobody
// else.
type queue struct {
	mu      sync.Mutex
	free    int
	inside  int
	waiting int
	most    int // that wait
	lines   []*line
}

// line holds those who wait for one person, first come first served.
type line struct {
	who     string
	waiters []chan struct{}
}

func newQueue(places, waiting int) *queue { return &queue{free: places, most: waiting} }

// enter waits for a place. The function it gives must be called; calling it again does nothing.
func (q *queue) enter(ctx context.Context, who string, p *Progress) (leave func(), err error) {
	called, err := q.join(who)
	if err != nil {
		return nil, err
	}
	p.waits(func() int { return q.ahead(who, called) })
	defer p.waits(nil)
	select {
	case <-called:
	case <-ctx.Done():
		q.desert(who, called)
		return nil, ctx.Err()
	}
	return sync.OnceFunc(q.depart), nil
}

// join gives a channel that is closed when the place is there.
func (q *queue) join(who string) (chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	called := make(chan struct{})
	if q.free > 0 {
		q.free--
		q.inside++
		close(called)
		return called, nil
	}
	l := q.lineOf(who)
	if q.waiting >= q.most || l != nil && len(l.waiters) >= max(1, q.most/2) {
		return nil, ErrBusy
	}
	if l == nil {
		l = &line{who: who}
		q.lines = append(q.lines, l)
	}
	l.waiters = append(l.waiters, called)
	q.waiting++
	return called, nil
}

// ahead counts those who are called before one that waits, if nobody else comes or goes.
func (q *queue) ahead(who string, called chan struct{}) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	place, at := -1, -1
	for i, l := range q.lines {
		if k := slices.Index(l.waiters, called); l.who == who && k >= 0 {
			place, at = k, i
		}
	}
	if place < 0 {
		return 0
	}
	before := place
	for i, l := range q.lines {
		switch {
		case i < at:
			before += min(len(l.waiters), place+1)
		case i > at:
			before += min(len(l.waiters), place)
		}
	}
	return before
}

func (q *queue) lineOf(who string) *line {
	for _, l := range q.lines {
		if l.who == who {
			return l
		}
	}
	return nil
}

// desert leaves the line; whoever was called meanwhile gives the place back.
func (q *queue) desert(who string, called chan struct{}) {
	q.mu.Lock()
	l := q.lineOf(who)
	for i := 0; l != nil && i < len(l.waiters); i++ {
		if l.waiters[i] == called {
			l.waiters = append(l.waiters[:i:i], l.waiters[i+1:]...)
			q.waiting--
			q.dropEmpty()
			q.mu.Unlock()
			return
		}
	}
	q.mu.Unlock()
	q.depart()
}

// depart gives the place to the first of the next line.
func (q *queue) depart() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines) == 0 {
		q.free++
		q.inside--
		return
	}
	l := q.lines[0]
	close(l.waiters[0])
	l.waiters = l.waiters[1:]
	q.waiting--
	q.lines = append(q.lines[1:], l)
	q.dropEmpty()
}

func (q *queue) dropEmpty() {
	kept := q.lines[:0]
	for _, l := range q.lines {
		if len(l.waiters) > 0 {
			kept = append(kept, l)
		}
	}
	q.lines = kept
}

func (q *queue) load() (inside, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.inside, q.waiting
}
