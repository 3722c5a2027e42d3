package exchange_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The promise of the log: a disclosure is told when its entry stands in a signed checkpoint, and not before. While the
// log is not written on, though PostgreSQL and the store answer, it is refused within the bound and nobody gets an
// identifier to fetch by; the entry stays as authorised, and the same key takes the same disclosure up again.
func TestNoDisclosureIsToldBeforeItsEntryStandsInASignedCheckpoint(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	h.eventually(`SELECT count(*) FROM log_pending`, 0)
	conn, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
	must(t, err)
	defer conn.Close(t.Context())
	rounds, err := conn.Begin(t.Context())
	must(t, err)
	_, err = rounds.Exec(t.Context(), `SELECT FROM log_head FOR UPDATE`) // as a round that goes on for ever
	must(t, err)

	again, err := reader.Attempt("key", "POST /documents/:id/disclosures", "fingerprint", func() {})
	must(t, err)
	began := time.Now()
	d, err := g.Disclose(t.Context(), again, doc.ID, reading())
	refusedFor(t, err, "gateway/log-unavailable")
	if took := time.Since(began); d.ID != "" || took > 15*time.Second {
		t.Errorf("answered %q after %s; want no disclosure, within the bound", d.ID, took)
	}
	must(t, rounds.Rollback(t.Context()))

	d, err = g.Disclose(t.Context(), again, doc.ID, reading())
	must(t, err)
	if got := readAll(t, g, reader, d); got != secret {
		t.Errorf("read %q", got)
	}
	if n := h.count(`SELECT count(*) FROM disclosure`); n != 1 {
		t.Errorf("%d disclosures; want the one that was taken up again", n)
	}
}
