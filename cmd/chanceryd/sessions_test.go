package main

import (
	"context"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Decision 0410: the operator's command ends sessions beside a gateway that serves, which gives the entry of it its
// place; without the store as well, and never without an entry.
func TestTheOperatorsCommandEndsSessionsAndTheLogSaysSo(t *testing.T) {
	r := newRack(t)
	r.start(t)
	r.exchanged(t, 1)
	// session gives somebody of each Party one of theirs.
	session := func() {
		r.superuser(t, `INSERT INTO session (id_sha256, person, issuer, subject_sha256, sealed, browser, created_at,
			seen_at, ends_at, asked_again_after) SELECT DISTINCT ON (organisation)
			sha256(gen_random_uuid()::text::bytea), id, '', '', '', '', now(), now(), now() + interval '10 hours', now()
			FROM person WHERE organisation IN ('org_wco', 'org_unoct') ORDER BY organisation, id`)
	}
	living := func() int { return r.counted(t, `SELECT count(*) FROM session WHERE ended IS NULL`) }
	do := func(want int, says string, args ...string) string {
		return chanceryd(t, nil, want, says, append(append([]string{"sessions", "end"}, args...), "--config",
			r.config)...)
	}
	session()
	said := do(0, "2 sessions ended, recorded as entry ent_", "--everybody")
	entry := regexp.MustCompile(`ent_\w+`).FindString(said)
	becomes(t, "entries that have their place", 1, func() int {
		return r.counted(t, `SELECT count(*) FROM log_seq WHERE entry = '`+entry+`'`)
	})
	do(0, "0 sessions ended\n", "--everybody")
	do(exitUsage, "say whose", "--everybody", "--organisation", "wco")
	do(1, "org_nobody", "--organisation", "nobody")
	do(1, "per_nobody", "--person", "per_nobody")

	// Those of one organisation and of one person, while the store is away.
	r.store.Kill()
	session()
	do(0, "1 session ended, recorded as entry ent_", "--organisation", "wco")
	if n := r.counted(t, `SELECT count(*) FROM session s JOIN person p ON p.id = s.person
		WHERE s.ended IS NULL AND p.organisation = 'org_unoct'`); n != 1 || living() != 1 {
		t.Errorf("%d go on, %d of the other Party's of 1", living(), n)
	}
	session()
	db, err := pgx.Connect(t.Context(), r.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	var person string
	if err := db.QueryRow(t.Context(), `SELECT person FROM session s JOIN person p ON p.id = s.person
		WHERE s.ended IS NULL AND p.organisation = 'org_wco'`).Scan(&person); err != nil {
		t.Fatal(err)
	}
	do(0, "1 session ended, recorded as entry ent_", "--person", person)
	if n := r.counted(t, `SELECT count(*) FROM session WHERE ended IS NULL AND person = '`+person+`'`); n != 0 {
		t.Errorf("%d of that person go on", n)
	}
	restart(t, r.store.Restart)

	going := living()
	r.superuser(t, "REVOKE INSERT ON log_entry FROM chancery_app")
	do(1, "", "--everybody")
	if n := living(); n != going || going == 0 {
		t.Errorf("%d sessions go on of %d that no entry tells of", n, going)
	}
}
