package register_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

func TestMain(m *testing.M) { devtest.Main(m) }

// secret stands in every text that is to be sealed, and so nowhere in the database.
const secret = "only-for-those-with-the-key"

const (
	wco   = article4.OrganisationID("org_wco")
	unoct = article4.OrganisationID("org_unoct")
	piu   = article4.OrganisationID("org_piu")
)

var (
	at    = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	later = at.Add(time.Hour)
	day   = time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
)

// fixture is a register over a database of its own, as the login of the service sees it.
type fixture struct {
	t        *testing.T
	db       devtest.Database
	app      *postgres.DB
	register *register.Register
	keysets  *vault.Keysets
	ann, bob article4.PersonID // of WCO and of UNOCT
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	h := &fixture{t: t, db: devtest.NewMigratedDatabase(t)}
	login := h.db.Name + "_app"
	must(t, postgres.Grant(t.Context(), h.db.SuperuserURL(), login, "login-of-one-test", postgres.App))
	app, err := postgres.Open(context.Background(), postgres.Config{
		URL: h.db.URLFor(login, "login-of-one-test", h.db.Name), Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { app.Close() })
	h.app = app
	dir := filepath.Join(t.TempDir(), "keysets")
	must(t, vault.CreateKeysets(dir, []string{string(wco), string(unoct), string(piu)}))
	h.keysets, err = vault.OpenKeysets(dir)
	must(t, err)
	h.register, err = register.New(h.keysets)
	must(t, err)
	h.found()
	return h
}

// found records the Arrangement, its organisations and its people, to whom all else points.
func (h *fixture) found() {
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		if err := h.register.PutArrangement(ctx, tx, arrangement); err != nil {
			return err
		}
		for _, o := range []register.Organisation{party(wco, "wco"), party(unoct, "unoct"), thirdParty} {
			if err := h.register.PutOrganisation(ctx, tx, o); err != nil {
				return err
			}
		}
		if err := h.register.PutSpecificArrangement(ctx, tx, specific); err != nil {
			return err
		}
		if err := h.register.PutPurpose(ctx, tx, purpose); err != nil {
			return err
		}
		ann, err := h.register.Meet(ctx, tx, person(wco, "ann"), at)
		if err != nil {
			return err
		}
		bob, err := h.register.Meet(ctx, tx, person(unoct, "bob"), at)
		h.ann, h.bob = ann.ID, bob.ID
		return err
	})
}

// do is one transaction that succeeds.
func (h *fixture) do(f func(context.Context, *postgres.Tx) error) {
	h.t.Helper()
	must(h.t, h.try(f))
}

func (h *fixture) try(f func(context.Context, *postgres.Tx) error) error {
	return h.app.InTx(h.t.Context(), func(tx *postgres.Tx) error { return f(h.t.Context(), tx) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// whole wants every field of a record that was read to say something, but for those named: a column that is written
// and not read, or the other way round, leaves its field empty.
func whole(t *testing.T, record any, empty ...string) {
	t.Helper()
	v := reflect.ValueOf(record)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if v.Field(i).IsZero() != slices.Contains(empty, name) {
			t.Errorf("%s.%s is %v", v.Type(), name, v.Field(i))
		}
	}
}

// same wants a record as it was written.
func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	a, b := reflect.ValueOf(got), reflect.ValueOf(want)
	if a.Kind() != reflect.Struct {
		t.Errorf("%v; want %v", got, want)
		return
	}
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			t.Errorf("%s.%s is %v; want %v", a.Type(), a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	}
}

// digest is one that looks like one.
func digest(c string) article4.Digest { return article4.Digest(strings.Repeat(c, 64)) }
