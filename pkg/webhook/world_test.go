package webhook_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/ed25519"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
	"chancery.example/gateway/pkg/webhook"
)

func TestMain(m *testing.M) { devtest.Main(m) }

const (
	wco      article4.OrganisationID = "org_wco"
	unoct    article4.OrganisationID = "org_unoct"
	operator article4.OrganisationID = "org_operator"
	canary                           = "canary-91b2"
)

// world is a database with two Parties, and what the worker wrote into the operations log.
type world struct {
	t        testing.TB
	db       *postgres.DB
	register *register.Register
	mu       sync.Mutex
	said     bytes.Buffer
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.Write(p)
}

func newWorld(t testing.TB) *world {
	t.Helper()
	database := devtest.NewMigratedDatabase(t)
	w := &world{t: t}
	must(t, postgres.Grant(t.Context(), database.SuperuserURL(), database.Name+"_app", "of-one-test", postgres.App))
	dir := filepath.Join(t.TempDir(), "keysets")
	must(t, vault.CreateKeysets(dir, []string{string(wco), string(unoct), string(operator)}))
	keys, err := vault.OpenKeysets(dir)
	must(t, err)
	w.register, err = register.New(keys)
	must(t, err)
	w.db, err = postgres.Open(t.Context(), postgres.Config{Logger: slog.New(slog.DiscardHandler),
		URL: database.URLFor(database.Name+"_app", "of-one-test", database.Name)})
	must(t, err)
	t.Cleanup(func() { w.db.Close() })
	w.in(func(tx *postgres.Tx, _ time.Time) error {
		for i, id := range []article4.OrganisationID{wco, unoct} {
			err := w.register.PutOrganisation(t.Context(), tx, register.Organisation{ID: id, Short: string(id),
				Name: string(id), Kind: article4.Party, Issuer: "https://issuer.example/" + strconv.Itoa(i)})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) in(f func(tx *postgres.Tx, now time.Time) error) {
	w.t.Helper()
	must(w.t, w.db.InTx(w.t.Context(), func(tx *postgres.Tx) error {
		now, err := tx.Now(w.t.Context())
		if err != nil {
			return err
		}
		return f(tx, now)
	}))
}

// keeps confirms an address of a Party.
func (w *world) keeps(of article4.OrganisationID, address string) register.Webhook {
	w.t.Helper()
	hook := register.Webhook{ID: register.NewID("whk_"), Organisation: of, Address: address, Entry: "ent_any"}
	w.in(func(tx *postgres.Tx, now time.Time) error {
		var people []article4.PersonID
		for _, name := range []string{"first", "second"} {
			p, err := w.register.Meet(w.t.Context(), tx, register.Person{Organisation: of,
				Issuer: "https://issuer.example/" + string(of), Subject: name, Name: name}, now)
			if err != nil {
				return err
			}
			people = append(people, p.ID)
		}
		hook.ProposedBy, hook.ConfirmedBy, hook.At = people[0], people[1], now
		return w.register.AddWebhook(w.t.Context(), tx, hook)
	})
	return hook
}

// tell puts a notice before a Party, with canaries for facts, gives it its place, and gives its number.
func (w *world) tell(to article4.OrganisationID) string {
	w.t.Helper()
	id := register.NewID("not_")
	w.in(func(tx *postgres.Tx, now time.Time) error {
		err := w.register.AddNotice(w.t.Context(), tx, register.Notice{ID: id, Kind: "asked", Owner: to, To: to,
			At: now, Facts: map[string]string{"title": canary + "-title", "name": canary + "-name"},
			Class: register.Duty, Audience: register.ForOrganisation})
		if err != nil {
			return err
		}
		_, err = w.register.PlaceNotices(w.t.Context(), tx, 100)
		return err
	})
	return id
}

func (w *world) worker(roots *x509.CertPool, change ...func(*webhook.Config)) *webhook.Worker {
	w.t.Helper()
	c := webhook.Config{DB: w.db, Register: w.register, Keeper: operator, Roots: roots, AdmitLoopback: true,
		Waits: []time.Duration{time.Nanosecond, time.Nanosecond}, Rest: time.Nanosecond,
		Logger: slog.New(slog.NewTextHandler(w, nil))}
	for _, f := range change {
		f(&c)
	}
	worker, err := webhook.New(c)
	must(w.t, err)
	return worker
}

func (w *world) deliveries(hook register.Webhook) (out []register.Delivery) {
	w.t.Helper()
	w.in(func(tx *postgres.Tx, _ time.Time) (err error) {
		out, err = w.register.Deliveries(w.t.Context(), tx, hook.ID, time.Time{}, "", 100)
		return err
	})
	return out
}

// received is one request as a receiver saw it.
type received struct {
	header http.Header
	body   []byte
}

// receiver is a real HTTPS server on this machine; answer may be nil.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []received
}

func newReceiver(t testing.TB, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got = append(r.got, received{q.Header.Clone(), body})
		r.mu.Unlock()
		if answer != nil {
			answer(rw, q)
		}
	}))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.Certificate())
	return pool
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

// verify checks a request as a receiver does that knows nothing but a public key, and gives its webhook-id.
func (r received) verify(t testing.TB, public string) (id string, good bool) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	must(t, err)
	id = r.header.Get("Webhook-Id")
	text := id + "." + r.header.Get("Webhook-Timestamp") + "." + string(r.body)
	for signature := range strings.FieldsSeq(r.header.Get("Webhook-Signature")) {
		version, encoded, _ := strings.Cut(signature, ",")
		said, err := base64.StdEncoding.DecodeString(encoded)
		if version == "v1a" && err == nil && ed25519.Verify(raw, []byte(text), said) {
			good = true
		}
	}
	return id, good
}

func (r received) message(t testing.TB) (m webhook.Message) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	must(t, d.Decode(&m))
	return m
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
