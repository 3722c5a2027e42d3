package postgres_test

import (
	"context"
	"testing"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

func TestListenHearsWhatWasCommittedAndSaysWhenItBroke(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.SuperuserURL())
	heard, states := make(chan string, 16), make(chan error, 16)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.app.Listen(ctx, `restricted "here"`, func(p string) { heard <- p }, func(err error) { states <- err })
	}()
	notify := func(payload string, outcome error) {
		_ = h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
			must(t, tx.Notify(t.Context(), `restricted "here"`, payload))
			return outcome
		})
	}
	must(t, next(t, states))
	notify("rolled back", context.Canceled)
	notify("doc_1", nil)
	if got := next(t, heard); got != "doc_1" {
		t.Errorf("heard %q", got)
	}
	exec(t, admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = "+
		"current_database()")
	if err := next(t, states); err == nil {
		t.Error("a broken connection was not said")
	}
	must(t, next(t, states))
	notify("doc_2", nil)
	if got := next(t, heard); got != "doc_2" {
		t.Errorf("heard %q", got)
	}
	cancel()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("it listens after its context ended")
	}
	if len(states) != 0 {
		t.Errorf("an ended context is no break: %v", <-states)
	}
}

func TestListenOutlivesASilence(t *testing.T) {
	t.Parallel()
	h := newFixture(t)
	heard, states := make(chan string, 1), make(chan error, 4)
	go h.app.Listen(t.Context(), "quiet", func(p string) { heard <- p }, func(err error) { states <- err })
	must(t, next(t, states))
	time.Sleep(6 * time.Second) // longer than a silence is trusted
	must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error { return tx.Notify(t.Context(), "quiet", "still") }))
	if got := next(t, heard); got != "still" || len(states) != 0 {
		t.Errorf("heard %q, %d breaks", got, len(states))
	}
}

func next[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
	}
	return v
}
