package exchange_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/exchange"
)

// lockTable holds a table in a mode until it is called.
func (h *fixture) lockTable(table, mode string) (release func()) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.db.SuperuserURL())
	must(h.t, err)
	_, err = conn.Exec(h.t.Context(), `BEGIN; LOCK TABLE `+table+` IN `+mode+` MODE`)
	must(h.t, err)
	release = sync.OnceFunc(func() { _ = conn.Close(h.t.Context()) })
	h.t.Cleanup(release)
	return release
}

// A reader asks for the copy, and then whether it is being made. A copy that is committed between the two questions is
// handed out: a refusal would be a false entry for ever.
func TestACopyThatIsMadeWhileAReaderAsksForItIsNotRefused(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.CopyPatience = time.Millisecond })
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	commit := h.lockTable("copy", "SHARE") // it can be read, and no copy can be recorded
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	if d.State != exchange.CopyInProgress {
		t.Fatalf("the copy is %s while it cannot be recorded", d.State)
	}
	answer := h.lockTable("copy_job", "ACCESS EXCLUSIVE")
	read := make(chan error)
	go func() {
		handedOut, err := g.Content(t.Context(), reader, d.ID, nil)
		if err == nil {
			err = handedOut.Finish(t.Context(), 0)
		}
		read <- err
	}()
	h.eventually(`SELECT count(*) FROM pg_locks WHERE relation = 'copy_job'::regclass AND NOT granted`, 1)
	commit()
	h.eventually(`SELECT count(*) FROM copy`, 1)
	answer()
	if err := <-read; err != nil {
		t.Errorf("the copy was made, and its reader got: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'copy' AND ` +
		`convert_from(body, 'UTF8')::jsonb ->> 'outcome' = 'refused'`); n != 0 {
		t.Errorf("%d entries say that there is no copy", n)
	}
}
