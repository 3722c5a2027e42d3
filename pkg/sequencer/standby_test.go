package sequencer_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

// A commit whose wait for the standby is cancelled shows on the primary and is lost with it. The gateway takes nothing
// of it as done, and signs no tree in which it stands: else the standby that takes over would fork the log.
func TestWhatTheStandbyDidNotConfirmIsNeitherAcknowledgedNorSigned(t *testing.T) {
	dir := devtest.Directory(t)
	primary, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: filepath.Join(dir, "primary")})
	must(t, err)
	t.Cleanup(primary.Kill)
	owner, err := primary.CreateDatabase(t.Context(), "pair")
	must(t, err)
	h := furnish(t, "pair", owner, primary.URL, primary.URLFor)
	standby, err := primary.StartStandby(t.Context(), filepath.Join(dir, "standby"))
	must(t, err)
	t.Cleanup(standby.Kill)
	s, _ := h.running(t, time.Second)
	h.add(t, s, 3)
	before := s.Health().CheckpointSize

	standby.Kill()
	cancelled := func() int {
		return value[int](t, h, `SELECT count(*) FROM (SELECT pg_cancel_backend(pid) FROM pg_stat_activity
			WHERE wait_event = 'SyncRep' OFFSET 0) c`)
	}
	acknowledged := make(chan error, 1)
	go func() {
		_, err := h.append(t.Context(), s, entry(wco))
		acknowledged <- err
	}()
	waiting := func() bool { return cancelled() > 0 }
	devtest.Eventually(t, "a commit waits for the standby", waiting)
	if err := <-acknowledged; !errors.Is(err, postgres.ErrOutcomeUnknown) || !postgres.Unavailable(err) {
		t.Errorf("a commit that the standby did not confirm: %v", err)
	}
	// Its round is committed here in the same way, and then shows; the replica looks again, and again.
	s.Wake()
	devtest.Eventually(t, "the primary shows a larger tree", func() bool {
		cancelled()
		return value[int64](t, h, "SELECT size FROM log_head") > before
	})
	// Nor does one sign it that committed nothing by itself: it only sees what shows.
	late, _ := h.running(t, time.Second)
	for range 5 {
		devtest.Eventually(t, "replicas wait before they sign what shows", waiting)
	}
	signed, err := s.Checkpoint(t.Context())
	must(t, err)
	if size, err := ledger.ClaimedSize(signed); err != nil || size != before {
		t.Errorf("a tree of %d entries was signed, of which the standby holds %d (%v)", size, before, err)
	}
	if signed, err := late.Checkpoint(t.Context()); !errors.Is(err, sequencer.ErrUnavailable) {
		t.Errorf("a replica that was started now signed\n%s(%v)", signed, err)
	}

	primary.Kill()
	must(t, standby.Restart(t.Context()))
	must(t, standby.Promote(t.Context()))
	at := func(p *devstack.Postgres) string { return fmt.Sprintf("127.0.0.1:%d", p.Port()) }
	after := *h
	after.superuser = standby.URL
	move := strings.NewReplacer(at(primary), at(standby)).Replace
	after.appURL, after.seqURL = move(h.appURL), move(h.seqURL)
	after.app = after.open(t, after.appURL, 4)
	if held := value[int64](t, &after, "SELECT size FROM log_head"); held != before {
		t.Errorf("the standby holds %d entries, want %d: this run shows nothing", held, before)
	}
	next, _ := after.running(t, 5*time.Second)
	after.add(t, next, 2)
	signed, err = next.Checkpoint(t.Context())
	must(t, err)
	must(t, after.open(t, after.seqURL, 1).InTx(t.Context(), func(tx *postgres.Tx) error {
		return next.CheckKept(t.Context(), tx, signed)
	}))
}
