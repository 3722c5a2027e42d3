package postgres_test

import (
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/postgres"
)

func TestMigrationsRunOnceHoweverManyTry(t *testing.T) {
	h := &fixture{Database: devtest.NewDatabase(t)}
	app := h.login(t, "app", postgres.App)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error { return postgres.Migrate(t.Context(), h.OwnerURL) })
	}
	must(t, group.Wait())
	must(t, postgres.Check(t.Context(), open(t, app)))
	if n := scan[int](t, open(t, h.SuperuserURL()), "SELECT count(*) FROM log_head"); n != 1 {
		t.Errorf("%d heads", n)
	}
}

func TestASchemaNewerThanTheBuildIsLeftAlone(t *testing.T) {
	h := newFixture(t)
	exec(t, open(t, h.OwnerURL), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"UPDATE schema_bears SET oldest = 9999")
	refused(t, postgres.Migrate(t.Context(), h.OwnerURL), "9999", "newer")
	refused(t, postgres.Check(t.Context(), h.app), "9999", "newer")
}

// What would run is told before it does, and telling alters nothing.
func TestPendingMigrationsAreToldAndNotRun(t *testing.T) {
	h := &fixture{Database: devtest.NewDatabase(t)}
	all, ends, err := postgres.Pending(t.Context(), h.OwnerURL)
	must(t, err)
	owner := open(t, h.OwnerURL)
	if n := scan[int](t, owner, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 || ends ||
		len(all) < 50 || all[0] != "0001_roles_and_log.sql" {
		t.Errorf("%d tables are there, and %d migrations pending: %v", n, len(all), all)
	}
	must(t, postgres.Migrate(t.Context(), h.OwnerURL))
	exec(t, owner, "DELETE FROM goose_db_version WHERE version_id = 97")
	some, ends, err := postgres.Pending(t.Context(), h.OwnerURL)
	if err != nil || ends || len(some) != 1 || some[0] != "0097_disclosures_by_organisation.sql" {
		t.Errorf("an index: %v, ends %t: %v", some, ends, err)
	}
	exec(t, owner, "DELETE FROM goose_db_version WHERE version_id BETWEEN 86 AND 104")
	some, ends, err = postgres.Pending(t.Context(), h.OwnerURL)
	if err != nil || ends || len(some) == 0 || some[0] != "0086_uploads_are_forgotten.sql" {
		t.Errorf("indexes, and a list of words that grew: %v, ends %t: %v", some, ends, err)
	}
	exec(t, owner, "DELETE FROM goose_db_version WHERE version_id > 104")
	some, ends, err = postgres.Pending(t.Context(), h.OwnerURL)
	if err != nil || !ends || !slices.Contains(some, "0105_pending_terms.sql") {
		t.Errorf("what was under no seal: %v, ends %t: %v", some, ends, err)
	}
	exec(t, owner, "DELETE FROM goose_db_version WHERE version_id > 74")
	some, ends, err = postgres.Pending(t.Context(), h.OwnerURL)
	if err != nil || !ends || len(some) == 0 || some[0] != "0075_declined_agreements.sql" {
		t.Errorf("up to one that ends builds of before: %v, ends %t: %v", some, ends, err)
	}
	_, _, err = postgres.Pending(t.Context(), "postgres://owner@127.0.0.1:1/x?sslmode=disable")
	refused(t, err, "connect as owner")
}

func TestMigrateNamesTheRoleThatIsMissing(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.URL("postgres"))
	second := devtest.NewDatabase(t)
	exec(t, admin, "ALTER ROLE "+second.Name+"_owner NOCREATEROLE",
		"ALTER ROLE chancery_auditor RENAME TO chancery_auditor_away")
	defer exec(t, admin, "ALTER ROLE chancery_auditor_away RENAME TO chancery_auditor")
	refused(t, postgres.Migrate(t.Context(), second.OwnerURL), "chancery_auditor is missing",
		"CREATE ROLE chancery_auditor NOLOGIN")
}

func TestMigrateWithoutDatabaseSaysSo(t *testing.T) {
	refused(t, postgres.Migrate(t.Context(), ""), "no owner URL")
	refused(t, postgres.Migrate(t.Context(), "postgres://owner@host:notaport/x"), "cannot be read")
	refused(t, postgres.Migrate(t.Context(), "postgres://owner@127.0.0.1:1/x?sslmode=disable"), "connect as owner")
}

func TestGrantGivesOneGroupAndItsPassword(t *testing.T) {
	h := newFixture(t)
	name := h.Name + "_clerk"
	for _, password := range []string{"first", `odd 'one" \ $1 %`} {
		must(t, postgres.Grant(t.Context(), h.SuperuserURL(), name, password, postgres.App))
		must(t, postgres.Check(t.Context(), open(t, h.URLFor(name, password, h.Name))))
	}
	for about, err := range map[string]error{
		"is no group":         postgres.Grant(t.Context(), h.SuperuserURL(), name, "x", "postgres"),
		"cannot be a login":   postgres.Grant(t.Context(), h.SuperuserURL(), "", "x", postgres.App),
		"cannot be a login ":  postgres.Grant(t.Context(), h.SuperuserURL(), string(postgres.App), "x", postgres.App),
		"no password":         postgres.Grant(t.Context(), h.SuperuserURL(), name, "", postgres.App),
		"not printable ASCII": postgres.Grant(t.Context(), h.SuperuserURL(), name, "pä", postgres.App),
		"permission denied":   postgres.Grant(t.Context(), h.appURL, name+"2", "x", postgres.App),
	} {
		refused(t, err, trimmed(about))
	}
}

func trimmed(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}
