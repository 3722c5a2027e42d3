package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
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
	for _, setting := range []string{"fsync", "full_page_writes"} {
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

// What the server, the login and the address say of it is not what the gateway's commits are made by.
func TestNoSettingTakesTheFlushFromACommit(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.SuperuserURL())
	for _, low := range []string{"off", "local", "remote_write"} {
		exec(t, admin, fmt.Sprintf("ALTER ROLE %s_app SET synchronous_commit = %s", h.Name, low),
			fmt.Sprintf("ALTER DATABASE %s SET synchronous_commit = %s", h.Name, low))
		for _, url := range []string{h.appURL, h.appURL + "&synchronous_commit=" + low,
			h.appURL + "&options=-csynchronous_commit%3D" + low} {
			db := open(t, url)
			must(t, postgres.Check(t.Context(), db))
			if got := scan[string](t, db, "SHOW synchronous_commit"); got != "on" {
				t.Errorf("%s: commits are %s", low, got)
			}
		}
	}
	more := open(t, h.appURL+"&synchronous_commit=remote_apply")
	if got := scan[string](t, more, "SHOW synchronous_commit"); got != "remote_apply" {
		t.Errorf("who asks for more gets %s", got)
	}
}

// A server that is found to lose what it acknowledges is given no new connection, as a standby that was promoted and
// has settings of its own; and callers are told that it is unavailable.
func TestANewConnectionToAServerThatCouldLoseAnEntryIsRefused(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.URL("postgres"))
	exec(t, admin, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
	defer func() {
		exec(t, admin, "ALTER SYSTEM RESET fsync", "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")
		must(t, checkUntil(t, h.app, true))
	}()
	refused(t, checkUntil(t, h.app, false), "fsync is off")
	_, err := postgres.Open(t.Context(), postgres.Config{URL: h.appURL, Logger: slog.New(slog.DiscardHandler)})
	if faults := postgres.Faults(err); len(faults) != 2 || !postgres.Unavailable(err) ||
		!strings.Contains(faults[0].What, "fsync is off") ||
		!strings.Contains(faults[1].What, "full_page_writes is off") {
		t.Errorf("%v: %v", err, faults)
	}
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
