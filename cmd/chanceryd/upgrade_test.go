package main

import (
	"testing"
)

// Replicas are exchanged one by one: the schema is migrated while this build runs, it goes on, and starts again beside
// the next one, until a migration takes something from it. There is no release before this one, so the migration is
// made up, and both replicas are of this build.
func TestReplicasGoOnWhileTheSchemaIsMigrated(t *testing.T) {
	r := newRack(t)
	r.start(t)
	r.exchanged(t, 1)
	r.superuser(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"CREATE TABLE later (id text PRIMARY KEY)", "ALTER TABLE document ADD COLUMN later integer NOT NULL DEFAULT 0",
		"ALTER TABLE log_pending ADD COLUMN later text", "CREATE INDEX document_later ON document (later)")
	r.exchanged(t, 1)

	beside := *r.site
	beside.base, beside.admin = "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	stop := beside.serving(t, "CHANCERY_LISTEN="+beside.base, "CHANCERY_ADMIN_LISTEN="+beside.admin,
		"CHANCERY_ADMIT_NOT_INSPECTED=true", "CHANCERY_ADMIT_CONSENT_EVIDENCE_NONE=true")
	r.exchanged(t, 1)
	if got := beside.status(t); got != 200 {
		t.Errorf("the replica that was started on the later schema answers %d", got)
	}
	stop()

	r.superuser(t, "UPDATE schema_bears SET oldest = 9999")
	r.exchanged(t, 1) // what runs is ended by whoever upgrades
	r.kill()
	r.refuses(t, "newer than")
	r.log(t, 1, "bears builds from 9999 on", "check")
}
