package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

var errStalled = errors.New("the store does not answer")

// patience cancels a request when the store keeps us waiting for longer than it may. It runs only while the store is
// the one that is waited for.
type patience struct {
	idle   time.Duration
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	timer *time.Timer
}

// newPatience begins waiting at once: for a connection, as a rule.
func newPatience(ctx context.Context, idle time.Duration) (context.Context, *patience) {
	ctx, cancel := context.WithCancelCause(ctx)
	p := &patience{idle: idle, cancel: cancel}
	p.timer = time.AfterFunc(idle, func() {
		cancel(fmt.Errorf("%w within %s", errStalled, idle))
	})
	return ctx, p
}

// wait begins, or begins again, to count; extra is granted on top.
func (p *patience) wait(extra time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Reset(p.idle + extra)
}

// rest stops counting: somebody else is waited for.
func (p *patience) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
}

// end releases what is held; the request is over.
func (p *patience) end() {
	p.rest()
	p.cancel(nil)
}

// within gives a short request the store's idle time as a whole.
func within[T any](ctx context.Context, idle time.Duration, request func(context.Context) (T, error)) (T, error) {
	ctx, p := newPatience(ctx, idle)
	defer p.end()
	v, err := request(ctx)
	return v, because(ctx, err)
}

// because puts the cause of a cancellation in the place of "context canceled".
func because(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return context.Cause(ctx)
	}
	return err
}

// settle is what a store may take on top to make size bytes durable once it has them all.
func settle(size int64) time.Duration {
	const perSecond = 64 << 20
	return time.Duration(size) * time.Second / perSecond
}

// receiving is an answer's body. While it is being read, the store is waited for; between reads, the reader is.
type receiving struct {
	body io.ReadCloser
	p    *patience
	why  func(error) error // names a failure and its cause
}

func (r *receiving) Read(b []byte) (int, error) {
	r.p.wait(0)
	n, err := r.body.Read(b)
	r.p.rest()
	if err != nil && err != io.EOF {
		err = r.why(err)
	}
	return n, err
}

func (r *receiving) Close() error {
	r.p.end()
	return r.body.Close()
}
