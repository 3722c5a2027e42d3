package postgres_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/postgres"
)

func TestMain(m *testing.M) { devtest.Main(m) }

// fixture is a migrated database with its logins.
type fixture struct {
	devtest.Database
	appURL string
	app    *postgres.DB
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	h := &fixture{Database: devtest.NewDatabase(t)}
	h.appURL = h.login(t, "app", postgres.App)
	must(t, postgres.Migrate(t.Context(), h.OwnerURL))
	h.app = open(t, h.appURL)
	return h
}

// login makes a member of group for this database.
func (h *fixture) login(t *testing.T, suffix string, group postgres.Group) (url string) {
	t.Helper()
	name, password := h.Name+"_"+suffix, rand.Text()
	must(t, postgres.Grant(t.Context(), h.SuperuserURL(), name, password, group))
	t.Cleanup(func() { dropRole(t, h.URL("postgres"), name) })
	return h.URLFor(name, password, h.Name)
}

// dropRole runs after the database is gone, or cannot: roles of a test do no harm to others.
func dropRole(t *testing.T, adminURL, name string) {
	db, err := postgres.Open(context.Background(),
		postgres.Config{URL: adminURL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return
	}
	defer db.Close()
	_ = db.Gorm().Exec("DROP ROLE IF EXISTS " + name)
}

func open(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 4, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *postgres.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := db.Gorm().Exec(s).Error; err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func scan[T any](t *testing.T, db *postgres.DB, query string) (v T) {
	t.Helper()
	must(t, db.Gorm().Raw(query).Row().Scan(&v))
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, about ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want an error about %q", about)
	}
	for _, a := range about {
		if !strings.Contains(err.Error(), a) {
			t.Errorf("error %q; want one about %q", err, a)
		}
	}
}

// anEntry inserts a log entry with everything that hangs on it.
const anEntry = `INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce)
	VALUES ('ent_1', now(), 'deposit', '{org_wco}', '{}', sha256('{}'), decode(repeat('00', 32), 'hex'));`
