package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/postgres"
)

func TestTheLoginsOfTheServiceAreAccepted(t *testing.T) {
	h := newFixture(t)
	must(t, postgres.Check(t.Context(), h.app))
	must(t, postgres.Check(t.Context(), open(t, h.login(t, "seq", postgres.Sequencer))))
}

func TestAServerThatCouldLoseAnEntryIsRefused(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.URL("postgres"))
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		exec(t, admin, "ALTER SYSTEM SET "+setting+" = off", "SELECT pg_reload_conf()")
		refused(t, checkUntil(t, h.app, false), "postgres: "+setting+" is off", "set "+setting+" = on")
		exec(t, admin, "ALTER SYSTEM RESET "+setting, "SELECT pg_reload_conf()")
		must(t, checkUntil(t, h.app, true))
	}
}

// checkUntil checks again until the reloaded configuration has reached the sessions of db.
func checkUntil(t *testing.T, db *postgres.DB, good bool) (err error) {
	t.Helper()
	for range 100 {
		if err = postgres.Check(t.Context(), db); (err == nil) == good {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

func TestASettingOfTheLoginAloneIsSeen(t *testing.T) {
	h := newFixture(t)
	exec(t, open(t, h.SuperuserURL()), fmt.Sprintf("ALTER ROLE %s_app SET synchronous_commit = off", h.Name))
	refused(t, postgres.Check(t.Context(), open(t, h.appURL)), "synchronous_commit is off")
}

func TestALoginThatCouldAlterTheLogIsRefused(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.SuperuserURL())
	app := h.Name + "_app"
	for _, c := range []struct{ do, undo, about string }{
		{"GRANT UPDATE ON log_entry TO " + app, "REVOKE UPDATE ON log_entry FROM " + app,
			"may UPDATE log_entry: REVOKE UPDATE ON log_entry FROM " + app},
		{"GRANT UPDATE (kind) ON log_entry TO chancery_app", "REVOKE UPDATE (kind) ON log_entry FROM chancery_app",
			"may UPDATE log_entry"},
		{"GRANT DELETE ON log_seq TO PUBLIC", "REVOKE DELETE ON log_seq FROM PUBLIC", "may DELETE log_seq"},
		{"GRANT TRUNCATE ON log_checkpoint TO chancery_app", "REVOKE TRUNCATE ON log_checkpoint FROM chancery_app",
			"may TRUNCATE log_checkpoint"},
		{"GRANT pg_write_all_data TO " + app, "REVOKE pg_write_all_data FROM " + app, "may DELETE log_entry"},
		// Inherited by nobody, but SET ROLE leads there.
		{"CREATE ROLE " + app + "_way NOINHERIT; GRANT pg_write_all_data TO " + app + "_way; GRANT " + app +
			"_way TO " + app, "DROP ROLE " + app + "_way", "may DELETE log_entry"},
		{"ALTER ROLE " + app + " CREATEROLE", "ALTER ROLE " + app + " NOCREATEROLE", "may create roles"},
		{"ALTER ROLE " + app + " SUPERUSER", "ALTER ROLE " + app + " NOSUPERUSER", "is a superuser"},
		{"GRANT " + h.Name + "_owner TO " + app, "REVOKE " + h.Name + "_owner FROM " + app, "belongs to its owner"},
	} {
		exec(t, admin, strings.Split(c.do, "; ")...)
		refused(t, postgres.Check(t.Context(), h.app), c.about)
		exec(t, admin, strings.Split(c.undo, "; ")...)
		must(t, postgres.Check(t.Context(), h.app))
	}
	refused(t, postgres.Check(t.Context(), admin), "is a superuser")
	refused(t, postgres.Check(t.Context(), open(t, h.OwnerURL)), "owns the log")
}

func TestATriggerThatIsOffIsSeen(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.SuperuserURL())
	for _, table := range []string{"log_entry", "log_seq", "log_place", "log_checkpoint"} {
		for _, how := range []string{"DISABLE", "ENABLE"} { // enabled, but not always, is off for a replica role
			exec(t, admin, "ALTER TABLE "+table+" "+how+" TRIGGER log_is_append_only")
			refused(t, postgres.Check(t.Context(), h.app), table+" can be altered", "ENABLE ALWAYS TRIGGER")
		}
		exec(t, admin, "ALTER TABLE "+table+" ENABLE ALWAYS TRIGGER log_is_append_only")
		must(t, postgres.Check(t.Context(), h.app))
	}
	exec(t, admin, "ALTER TABLE log_seq DISABLE TRIGGER log_places")
	refused(t, postgres.Check(t.Context(), h.app), "entries of log_seq would not be found by their words",
		"ENABLE ALWAYS TRIGGER log_places")
	exec(t, admin, "ALTER TABLE upload ENABLE TRIGGER upload_keeps_what_is_stored")
	refused(t, postgres.Check(t.Context(), h.app), "the object of a document can be given up",
		"ENABLE ALWAYS TRIGGER upload_keeps_what_is_stored")
}

func TestASchemaThatIsMissingOrOlderIsRefused(t *testing.T) {
	h := &fixture{Database: devtest.NewDatabase(t)}
	app := h.login(t, "app", postgres.App)
	refused(t, postgres.Check(t.Context(), open(t, app)), "schema is missing", "chanceryd migrate")
	must(t, postgres.Migrate(t.Context(), h.OwnerURL))
	_, outsider := h.Login(t, "outsider")
	refused(t, postgres.Check(t.Context(), open(t, outsider)), "grant it chancery_app")
	exec(t, open(t, h.OwnerURL), "DELETE FROM goose_db_version WHERE version_id > 1")
	refused(t, postgres.Check(t.Context(), open(t, app)), "version 1, older", "chanceryd migrate")
}

func TestADatabaseThatIsNotUTF8IsRefused(t *testing.T) {
	h := newFixture(t)
	name := h.Name + "_ascii"
	exec(t, open(t, h.URL("postgres")),
		"CREATE DATABASE "+name+" ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
	t.Cleanup(func() { must(t, h.DropDatabase(context.Background(), name)) })
	must(t, postgres.Migrate(t.Context(), h.URL(name)))
	refused(t, postgres.Check(t.Context(), open(t, strings.Replace(h.appURL, "/"+h.Name+"?", "/"+name+"?", 1))),
		"SQL_ASCII", "ENCODING 'UTF8'")
}
