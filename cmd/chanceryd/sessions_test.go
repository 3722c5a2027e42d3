package main

import (
	"regexp"
	"testing"
)

// Decision 0410: the operator's command ends sessions beside a gateway that serves, which gives the entry of it its
// place; without the store as well, and never without an entry.
func TestTheOperatorsCommandEndsSessionsAndTheLogSaysSo(t *testing.T) {
	r := newRack(t)
	r.start(t)
	r.exchanged(t, 1)
	session := func() {
		r.superuser(t, `INSERT INTO session (id_sha256, person, issuer, subject_sha256, sealed, browser, created_at,
			seen_at, ends_at, asked_again_after) SELECT sha256(gen_random_uuid()::text::bytea), id, '', '', '', '',
			now(), now(), now() + interval '10 hours', now() FROM person LIMIT 1`)
	}
	do := func(want int, says string, args ...string) string {
		return chanceryd(t, nil, want, says, append(append([]string{"sessions", "end"}, args...), "--config",
			r.config)...)
	}
	session()
	said := do(0, "1 session ended, recorded as entry ent_", "--everybody")
	entry := regexp.MustCompile(`ent_\w+`).FindString(said)
	becomes(t, "entries that have their place", 1, func() int {
		return r.counted(t, `SELECT count(*) FROM log_seq WHERE entry = '`+entry+`'`)
	})
	do(0, "0 sessions ended\n", "--everybody")
	do(exitUsage, "say whose", "--everybody", "--organisation", "wco")
	do(1, "org_nobody", "--organisation", "nobody")
	do(1, "per_nobody", "--person", "per_nobody")

	session()
	r.superuser(t, "REVOKE INSERT ON log_entry FROM chancery_app")
	do(1, "", "--everybody")
	if n := r.counted(t, `SELECT count(*) FROM session WHERE ended IS NULL`); n != 1 {
		t.Errorf("%d sessions go on of 1 that no entry tells of", n)
	}
}
