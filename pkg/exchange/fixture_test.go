package exchange_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/vault"
)

func TestMain(m *testing.M) { devtest.Main(m) }

const (
	wco     article4.OrganisationID = "org_wco"
	unoct   article4.OrganisationID = "org_unoct"
	piu     article4.OrganisationID = "org_piu-exampleland"
	customs article4.OrganisationID = "org_customs-exampleland"
)

// fixture is one database, one store and their keys, over which any number of gateways run.
type fixture struct {
	t          testing.TB
	db         devtest.Database
	appURL     string
	seqURL     string
	store      *devstack.Store
	bucket     string
	keysets    *vault.Keysets
	signer     note.Signer
	verifier   note.Verifier
	instrument instrument.Instrument
	evidence   exchange.EvidenceVerifier
	issuers    *devstack.Issuers
	malware    inspect.Scanner
	apps       []*postgres.DB // of the gateways, in their order

	mu    sync.Mutex
	shift time.Duration // of the rules' clock
	wrong atomic.Int64  // by how many nanoseconds the gateways' own clock is
}

// now is the gateways' own clock.
func (h *fixture) now() time.Time { return time.Now().Add(time.Duration(h.wrong.Load())) }

// settings are short, so that silence can be waited for, and let one person be refused as often as tests like. A marked
// copy is waited for, however slow the machine is; tests of what is told meanwhile ask for less.
var settings = exchange.Settings{
	AdmitNoEvidence:   true,
	AdmitNotInspected: true,
	MaxUpload:         64 << 20,
	SilenceAfter:      2 * time.Second,
	Refusals:          1 << 20,
	CopyPatience:      time.Minute,
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	h := &fixture{t: t, db: devtest.NewMigratedDatabase(t)}
	h.store, h.bucket = devtest.NewBucket(t)
	h.furnish()
	return h
}

// newDetachedFixture has a database server and a store of its own, to be stopped, killed and paused.
func newDetachedFixture(t testing.TB) *fixture {
	t.Helper()
	return newFixtureIn(t, filepath.Join(devtest.Directory(t), "own-postgres"),
		filepath.Join(devtest.Directory(t), "own-store"))
}

// newFixtureIn keeps the data of its own parts in these directories.
func newFixtureIn(t testing.TB, database, store string) *fixture {
	t.Helper()
	h := &fixture{t: t, bucket: "documents"}
	p, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: database})
	must(t, err)
	t.Cleanup(func() { p.Stop() })
	owner, err := p.CreateDatabase(t.Context(), "own")
	must(t, err)
	h.db = devtest.Database{Postgres: p, Name: "own", OwnerURL: owner}
	h.store, err = devstack.StartStore(t.Context(), devstack.StoreConfig{Dir: store, Progress: os.Stderr})
	must(t, err)
	t.Cleanup(h.store.Kill)
	must(t, h.store.CreateBucket(t.Context(), h.bucket))
	h.furnish()
	return h
}

func (h *fixture) furnish() {
	t := h.t
	t.Helper()
	admin := h.db.SuperuserURL()
	for login, group := range map[string]postgres.Group{"app": postgres.App, "seq": postgres.Sequencer} {
		must(t, postgres.Grant(t.Context(), admin, h.db.Name+"_"+login, "login-of-one-test", group))
	}
	must(t, postgres.Migrate(t.Context(), h.db.OwnerURL))
	h.appURL = h.db.URLFor(h.db.Name+"_app", "login-of-one-test", h.db.Name)
	h.seqURL = h.db.URLFor(h.db.Name+"_seq", "login-of-one-test", h.db.Name)
	h.makeKeys()
	h.makeIssuers()
}

func (h *fixture) makeKeys() {
	dir := filepath.Join(h.t.TempDir(), "keysets")
	orgs := []string{string(wco), string(unoct), string(piu), string(customs), "org_operator"}
	must(h.t, vault.CreateKeysets(dir, orgs))
	var err error
	h.keysets, err = vault.OpenKeysets(dir)
	must(h.t, err)
	private, public, err := ledger.GenerateKey("chancery.example/test")
	must(h.t, err)
	h.signer, err = note.NewSigner(private)
	must(h.t, err)
	h.verifier, err = note.NewVerifier(public)
	must(h.t, err)
}

// makeIssuers reads the Arrangement file as it stands and binds it to providers that run here.
func (h *fixture) makeIssuers() {
	f, err := os.Open("../../deploy/arrangements/wco-unoct-2022.yaml")
	must(h.t, err)
	defer f.Close()
	h.instrument, err = instrument.Read(f)
	must(h.t, err)
	client := []devstack.ClientConfig{{ID: "portal", RedirectURIs: []string{"http://127.0.0.1/callback"}}}
	var names []devstack.Issuer
	for _, name := range []string{"wco", "unoct", "piu-exampleland", "customs-exampleland", "operator"} {
		people := []devstack.PersonConfig{{ID: "focal." + name, Name: "Focal " + name},
			{ID: "deputy." + name, Name: "Deputy " + name}}
		if short, _, third := strings.Cut(name, "-"); third { // for whom the Arrangement file has a Mandate
			people = append(people, devstack.PersonConfig{ID: "focal." + short, Name: "Focal " + short})
		}
		names = append(names, devstack.Issuer{Name: name, Organisation: name, Audience: "chancery", Clients: client,
			People: people})
	}
	h.issuers, err = devstack.StartIssuers(h.t.Context(), devstack.IssuersConfig{Issuers: names})
	must(h.t, err)
	h.t.Cleanup(func() { h.issuers.Stop() })
	var bound []identity.Issuer
	for _, name := range names {
		bound = append(bound, identity.Issuer{URL: h.issuers.URL(name.Name), Audience: "chancery",
			Clients: []string{"portal"}})
	}
	for i := range h.instrument.Parties {
		h.instrument.Parties[i].Issuer = h.issuers.URL(h.instrument.Parties[i].Short)
	}
	for i := range h.instrument.ThirdParties {
		h.instrument.ThirdParties[i].Issuer = h.issuers.URL(h.instrument.ThirdParties[i].Short)
	}
	h.instrument.Operator.Issuer = h.issuers.URL(h.instrument.Operator.Short)
	h.evidence, err = identity.NewEvidence(identity.Config{Issuers: bound})
	must(h.t, err)
}

// clock is the rules' clock: the database's, moved as a test asks.
func (h *fixture) clock(at time.Time) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return at.Add(h.shift)
}

func (h *fixture) moveClock(by time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shift += by
}

// moveToNoon moves the clock to noon of the next day: no hour at which a test runs puts what it does on two days.
func (h *fixture) moveToNoon() {
	now := h.clock(time.Now())
	h.moveClock(now.UTC().Truncate(24 * time.Hour).Add(36 * time.Hour).Sub(now))
}

// gateway starts one replica; change may alter its settings.
func (h *fixture) gateway(change ...func(*exchange.Settings)) *exchange.Gateway {
	h.t.Helper()
	return h.assembled(true, change...)
}

// still is a gateway that does nothing by itself, so that whatever it does is what it was asked for.
func (h *fixture) still() *exchange.Gateway {
	h.t.Helper()
	return h.assembled(false)
}

func (h *fixture) assembled(running bool, change ...func(*exchange.Settings)) *exchange.Gateway {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logger := slog.New(slog.NewTextHandler(testLog{h.t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	app, err := postgres.Open(ctx, postgres.Config{URL: h.appURL, Logger: logger})
	must(h.t, err)
	seq, err := postgres.Open(ctx, postgres.Config{URL: h.seqURL, MaxConns: 4, Logger: logger})
	must(h.t, err)
	must(h.t, postgres.Check(ctx, app))
	h.apps = append(h.apps, app)
	now := func() time.Time { return h.clock(time.Now()) }
	s, err := sequencer.New(sequencer.Config{
		DB:       seq,
		Signer:   h.signer,
		Verifier: h.verifier,
		Origin:   h.signer.Name(),
		Now:      now,
		Logger:   logger,
	})
	must(h.t, err)
	blobs, err := objects.New(objects.Config{Endpoint: h.store.Endpoint(), AccessKey: h.store.AccessKey,
		SecretKey: h.store.SecretKey, Bucket: h.bucket})
	must(h.t, err)
	v, err := vault.New(vault.Config{Blobs: blobs, Keysets: h.keysets, Now: now})
	must(h.t, err)
	r, err := register.New(h.keysets)
	must(h.t, err)
	rules, err := article4.Load()
	must(h.t, err)
	chosen := settings
	for _, f := range change {
		f(&chosen)
	}
	g, err := exchange.New(exchange.Config{
		DB:            app,
		Register:      r,
		Sequencer:     s,
		Vault:         v,
		Keysets:       h.keysets,
		Rules:         rules,
		Evidence:      h.evidence,
		Stamper:       devtest.Stamper(h.t),
		LabelKey:      h.signer,
		LabelVerifier: h.verifier,
		Malware:       h.malware,
		Settings:      chosen,
		Build:         "test",
		Clock:         h.clock,
		Now:           h.now,
		Logger:        logger,
	})
	must(h.t, err)
	must(h.t, g.ApplyInstrument(ctx, h.instrument,
		[]string{"admit.consent_evidence_none: consents without evidence are admitted"}, ""))
	var background sync.WaitGroup
	background.Go(func() { _ = s.Run(ctx) })
	if running {
		background.Go(func() { _ = g.Run(ctx) })
	}
	h.t.Cleanup(func() {
		cancel()
		background.Wait()
		app.Close()
		seq.Close()
	})
	return g
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// person signs somebody in: "focal.wco" of wco with the roles given.
func (h *fixture) person(g *exchange.Gateway, subject string, roles ...article4.Role) exchange.Actor {
	h.t.Helper()
	_, short, _ := strings.Cut(subject, ".")
	if short == "piu" || short == "customs" {
		short += "-exampleland"
	}
	a, err := g.Recognise(h.t.Context(), exchange.Claims{
		Issuer:   h.issuers.URL(short),
		Subject:  subject,
		Client:   "portal",
		Name:     subject,
		Roles:    roles,
		ACR:      "mfa",
		AuthTime: time.Now(),
		SignIn:   article4.SignInFresh,
	})
	must(h.t, err)
	return a
}

func (h *fixture) staff(g *exchange.Gateway, subject string) exchange.Actor {
	return h.person(g, subject, article4.RoleStaff)
}

func (h *fixture) signatory(g *exchange.Gateway, subject string) exchange.Actor {
	return h.person(g, subject, article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory)
}

// metadata is a confidential document of the WCO for UNOCT with nothing missing.
func metadata() exchange.Metadata {
	return exchange.Metadata{
		Title:            "Sea-passenger risk indicators, Q3",
		Marking:          article4.Confidential,
		PurposeStatement: "Joint training on maritime passenger data",
		Purposes:         []article4.PurposeCode{"art2.e", "art2.f"},
		Recipient:        unoct,
		PersonalData:     exchange.PersonalData{Declared: true},
		EntitiesDeclared: true,
		SourcesDeclared:  true,
		Size:             -1,
	}
}

func content(s string) exchange.ContentSource {
	return func() (io.Reader, exchange.ContentPart, error) {
		return strings.NewReader(s), exchange.ContentPart{FileName: "indicators.txt"}, nil
	}
}

// refusedFor asserts a refusal with exactly these codes.
func refusedFor(t *testing.T, err error, codes ...article4.Code) *exchange.Refusal {
	t.Helper()
	var refusal *exchange.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v; want a refusal for %v", err, codes)
	}
	var got []article4.Code
	for _, r := range refusal.Reasons {
		got = append(got, r.Code)
	}
	if !slices.Equal(got, codes) {
		t.Fatalf("refused for %v; want %v", got, codes)
	}
	return refusal
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// superuser runs a statement that only the database's superuser could.
func (h *fixture) superuser(statement string) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.db.SuperuserURL())
	must(h.t, err)
	defer conn.Close(h.t.Context())
	_, err = conn.Exec(h.t.Context(), statement)
	must(h.t, err)
}

func (h *fixture) count(query string) int {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.db.SuperuserURL())
	must(h.t, err)
	defer conn.Close(h.t.Context())
	var n int
	must(h.t, conn.QueryRow(h.t.Context(), query).Scan(&n))
	return n
}

// asApp runs a statement with the gateway's own login.
func (h *fixture) asApp(statement string) error {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.appURL)
	must(h.t, err)
	defer conn.Close(h.t.Context())
	_, err = conn.Exec(h.t.Context(), statement)
	return err
}
