package stamp

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// queue lets a bounded number in at a time, first come first served, and turns away whom it cannot keep waiting.
type queue struct {
	places *semaphore.Weighted
	inside int

	mu    sync.Mutex
	there int // inside or waiting
	most  int
}

func newQueue(inside, waiting int) *queue {
	return &queue{places: semaphore.NewWeighted(int64(inside)), inside: inside, most: inside + waiting}
}

// enter waits for a place. The function it gives must be called once; calling it again does nothing.
func (q *queue) enter(ctx context.Context) (leave func(), err error) {
	if !q.arrive() {
		return nil, ErrBusy
	}
	if err := q.places.Acquire(ctx, 1); err != nil {
		q.depart()
		return nil, err
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			q.places.Release(1)
			q.depart()
		})
	}, nil
}

func (q *queue) arrive() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.there >= q.most {
		return false
	}
	q.there++
	return true
}

func (q *queue) depart() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.there--
}
