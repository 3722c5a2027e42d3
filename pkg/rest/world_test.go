package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/client"
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
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
	"chancery.example/gateway/pkg/web"

	"golang.org/x/mod/sumdb/note"
)

func TestMain(m *testing.M) { devtest.Main(m) }

// world is the whole gateway on real parts, reached over HTTP with tokens of real issuers.
type world struct {
	t       testing.TB
	journal *journal
	issuers *devstack.Issuers
	store   *devstack.Store
	bucket  string
	base    string // of the API
	bounds  bounds
	log     note.Verifier

	db         devtest.Database
	keysets    string // the directory of the keysets
	signer     note.Signer
	public     string // of the log's key
	instrument instrument.Instrument
	settings   exchange.Settings
	malware    inspect.Scanner
	stamper    *stamp.Stamper
	shift      atomic.Int64      // of the rules' clock, in nanoseconds
	running    *exchange.Gateway // the one that is served
	made       []string          // what was done through do: "staff.wco POST /documents"
	lines      *lines            // the ways to the parts, where they can fail; nil: straight
	sequencer  *sequencer.Sequencer
	blobs      *objects.Store
	mirror     bool // the log is open to witnesses and mirrors
	// instead gives what is sent in the place of a body; nil: what stands there
	instead func(person, method, path, body string, header []string) string
	heard   func(*http.Response) // is shown each answer; nil: nobody
}

// mailed is what the addresses of all people end in.
const mailed = "@mail.example"

var shorts = []string{"wco", "unoct", "piu-exampleland", "customs-exampleland", "operator"}

// bounds are how much one person may ask and be refused.
type bounds struct {
	refusals int
	rates    web.Rates
	patience time.Duration // with those who ask
}

func newBoundedWorld(t testing.TB, b bounds) *world {
	t.Helper()
	return newWorld(t, func(w *world) { w.bounds, w.settings.Refusals = b, b.refusals })
}

// newWorld serves one gateway; change may alter what it is made of.
func newWorld(t testing.TB, change ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, journal: &journal{}, stamper: devtest.Stamper(t),
		settings: exchange.Settings{AdmitNoEvidence: true, AdmitNotInspected: true, MaxUpload: 64 << 20,
			Refusals: 1 << 20}}
	w.startIssuers()
	w.instrument = w.readInstrument()
	for _, f := range change {
		f(w)
	}
	if w.store == nil {
		w.store, w.bucket = devtest.NewBucket(t)
	}
	if w.db.Name == "" {
		w.db = devtest.NewMigratedDatabase(t)
	}
	w.makeKeys()
	w.serve(w.gateway())
	return w
}

// clock is the rules' clock: the database's, moved as a test asks.
func (w *world) clock(at time.Time) time.Time { return at.Add(time.Duration(w.shift.Load())) }

func (w *world) now() time.Time { return w.clock(time.Now()) }

func (w *world) startIssuers() {
	client := []devstack.ClientConfig{{ID: "portal", RedirectURIs: []string{"http://127.0.0.1/callback"}}}
	var all []devstack.Issuer
	for _, short := range shorts {
		suffix, _, _ := strings.Cut(short, "-")
		person := func(role string, groups ...string) devstack.PersonConfig {
			return devstack.PersonConfig{
				ID:     role + "." + suffix,
				Name:   role + " of " + suffix,
				Email:  role + "." + suffix + mailed,
				Groups: groups,
			}
		}
		all = append(all, devstack.Issuer{
			Name:         short,
			Organisation: short,
			Audience:     "chancery",
			Clients:      client,
			People: []devstack.PersonConfig{
				person("staff", "staff"), person("other", "staff"),
				person("focal", "staff", "focal-point", "signatory"),
				person("deputy", "staff", "signatory"), person("auditor", "auditor"), person("operator", "operator"),
			},
			Services: []devstack.ServiceConfig{{ID: "machine." + suffix, Secret: "secret of one test"}},
		})
	}
	var err error
	w.issuers, err = devstack.StartIssuers(w.t.Context(), devstack.IssuersConfig{Issuers: all})
	must(w.t, err)
	w.t.Cleanup(func() { _ = w.issuers.Stop() })
}

// bound are the issuers as identity knows them.
func (w *world) bound() []identity.Issuer {
	roles := map[string]article4.Role{}
	for _, role := range []article4.Role{article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory,
		article4.RoleAuditor, article4.RoleOperator} {
		roles[string(role)] = role
	}
	var out []identity.Issuer
	for _, short := range shorts {
		suffix, _, _ := strings.Cut(short, "-")
		out = append(out, identity.Issuer{
			URL:       w.issuers.URL(short),
			Audience:  "chancery",
			Clients:   []string{"portal"},
			Roles:     roles,
			StepUpACR: []string{devstack.ACRMFA},
			Services: map[string]article4.ServiceLimits{"machine." + suffix: {
				Purposes: []article4.PurposeCode{"art2.e"},
				Markings: []article4.Marking{article4.Confidential, article4.NonConfidential},
			}},
		})
	}
	return out
}

func (w *world) readInstrument() instrument.Instrument {
	f, err := os.Open("../../deploy/arrangements/wco-unoct-2022.yaml")
	must(w.t, err)
	defer f.Close()
	in, err := instrument.Read(f)
	must(w.t, err)
	for i := range in.Parties {
		in.Parties[i].Issuer = w.issuers.URL(in.Parties[i].Short)
	}
	for i := range in.ThirdParties {
		in.ThirdParties[i].Issuer = w.issuers.URL(in.ThirdParties[i].Short)
	}
	in.Operator.Issuer = w.issuers.URL(in.Operator.Short)
	return in
}

func (w *world) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(w.journal, nil)) }

func (w *world) open(db devtest.Database, login string, group postgres.Group) *postgres.DB {
	must(w.t, postgres.Grant(w.t.Context(), db.SuperuserURL(), db.Name+login, "login-of-one-test", group))
	must(w.t, postgres.Migrate(w.t.Context(), db.OwnerURL))
	opened, err := postgres.Open(w.t.Context(), postgres.Config{Logger: w.logger(), Patience: w.lines.patience(),
		URL: w.lines.database(login, db.URLFor(db.Name+login, "login-of-one-test", db.Name))})
	must(w.t, err)
	w.t.Cleanup(func() { opened.Close() })
	return opened
}

func (w *world) makeKeys() {
	w.keysets = filepath.Join(w.t.TempDir(), "keysets")
	w.createKeysets(w.keysets)
	w.signer, w.log, w.public = logKeys(w.t)
}

func (w *world) createKeysets(dir string) {
	var holders []string
	for _, short := range shorts {
		holders = append(holders, "org_"+short)
	}
	must(w.t, vault.CreateKeysets(dir, holders))
}

// gateway starts one replica over the world's database and store.
func (w *world) gateway() *exchange.Gateway {
	t := w.t
	app, seq := w.open(w.db, "_app", postgres.App), w.open(w.db, "_seq", postgres.Sequencer)
	keysets, err := vault.OpenKeysets(w.keysets)
	must(t, err)
	blobs, err := objects.New(objects.Config{Endpoint: w.lines.address("store", w.store.Endpoint()),
		AccessKey: w.store.AccessKey,
		SecretKey: w.store.SecretKey, Bucket: w.bucket, Idle: w.lines.patience()})
	must(t, err)
	s, err := sequencer.New(sequencer.Config{
		DB:        seq,
		Signer:    w.signer,
		Verifier:  w.log,
		Origin:    w.signer.Name(),
		Now:       w.now,
		Logger:    w.logger(),
		PublicKey: w.public,
		Publisher: w.lines.publisher(blobs),
	})
	must(t, err)
	w.sequencer, w.blobs = s, blobs
	v, err := vault.New(vault.Config{Blobs: blobs, Keysets: keysets, Now: w.now})
	must(t, err)
	records, err := register.New(keysets)
	must(t, err)
	rules, err := article4.Load()
	must(t, err)
	evidence, err := identity.NewEvidence(identity.Config{Issuers: w.bound()})
	must(t, err)
	g, err := exchange.New(exchange.Config{
		DB:            app,
		Register:      records,
		Sequencer:     s,
		Vault:         v,
		Keysets:       keysets,
		Rules:         rules,
		Evidence:      evidence,
		Build:         "test",
		Stamper:       w.stamper,
		LabelKey:      w.signer,
		LabelVerifier: w.log,
		Malware:       w.malware,
		Settings:      w.settings,
		Clock:         w.clock,
		Logger:        w.logger(),
	})
	must(t, err)
	must(t, g.ApplyInstrument(t.Context(), w.instrument, []string{"admit.consent_evidence_none"}, ""))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	running.Go(func() { _ = g.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return g
}

func logKeys(t testing.TB) (note.Signer, note.Verifier, string) {
	private, public, err := ledger.GenerateKey("chancery.example/test")
	must(t, err)
	signer, err := note.NewSigner(private)
	must(t, err)
	verifier, err := note.NewVerifier(public)
	must(t, err)
	return signer, verifier, public
}

func (w *world) serve(g *exchange.Gateway) {
	t := w.t
	w.running = g
	metrics, err := web.NewMetrics()
	must(t, err)
	engine, err := web.NewEngine(web.EngineConfig{
		Logger:    w.logger(),
		Metrics:   metrics,
		PublicURL: "https://gateway.example",
		MaxUpload: 64 << 20,
		Rates:     w.bounds.rates,
		Patience:  w.bounds.patience,
	})
	must(t, err)
	callers, err := identity.New(identity.Config{Issuers: w.bound(), Gateway: g, Logger: w.logger(),
		HTTPClient: w.lines.client()})
	must(t, err)
	api, err := rest.New(rest.Config{
		Gateway: g, Authenticator: callers, Logger: w.logger(), ProblemBase: "https://gateway.example",
		StepUpACR: func(string) string { return devstack.ACRMFA }, Mirror: w.mirror, Sessions: w.ownSessions(g),
	})
	must(t, err)
	api.Register(engine)
	server, err := web.NewServer(web.ServerConfig{Handler: engine, Logger: w.logger(),
		PublicURL: "https://gateway.example"})
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.base = "http://" + listener.Addr().String() + rest.Base
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		must(t, <-done)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// entries counts those of the log.
func (w *world) entries() (n int) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(w.t.Context())
	must(w.t, conn.QueryRow(w.t.Context(), `SELECT count(*) FROM log_entry`).Scan(&n))
	return n
}

// token signs somebody in: "focal.wco".
func (w *world) token(person string, o devstack.TokenOptions) string {
	w.t.Helper()
	_, suffix, _ := strings.Cut(person, ".")
	for _, short := range shorts {
		if head, _, _ := strings.Cut(short, "-"); head != suffix {
			continue
		}
		if strings.HasPrefix(person, "machine.") {
			access, err := w.issuers.ServiceToken(short, person)
			must(w.t, err)
			return access
		}
		access, _, err := w.issuers.Token(short, person, o)
		must(w.t, err)
		return access
	}
	w.t.Fatalf("nobody is %s", person)
	return ""
}

// answer is what came back, read whole.
type answer struct {
	*http.Response
	body []byte
}

// heard makes requests through the proxy that CHANCERY_HEARD_BY names, which holds them and their answers against the
// contract (pkg/rest/interop, make heard), or straight, where there is none.
var heard = sync.OnceValue(func() *http.Client {
	address := os.Getenv("CHANCERY_HEARD_BY")
	if address == "" {
		return http.DefaultClient
	}
	proxy, err := url.Parse(address)
	if err != nil {
		panic("CHANCERY_HEARD_BY: " + err.Error())
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxy)
	return &http.Client{Transport: transport}
})

// client is a person's own. It never sends anything again: what comes is what is looked at.
func (w *world) client(person string) *client.Client {
	w.t.Helper()
	c, err := client.New(client.Config{
		Server:  strings.TrimSuffix(w.base, client.Base),
		Retries: -1,
		HTTP:    heard(),
		Token:   func(context.Context) (string, error) { return w.token(person, devstack.TokenOptions{}), nil },
	})
	must(w.t, err)
	return c
}

// begun sends a request of a person, and leaves the body of the answer to be read; header holds pairs.
func (w *world) begun(person, method, path, body string, header ...string) (*http.Response, error) {
	w.t.Helper()
	if w.instead != nil {
		body = w.instead(person, method, path, body, header)
	}
	call := client.Call{Method: method, Path: path, Header: http.Header{}}
	if body != "" {
		call.Body = strings.NewReader(body)
	}
	for i := 0; i < len(header); i += 2 {
		call.Header.Set(header[i], header[i+1])
	}
	response, err := w.client(person).Send(w.t.Context(), call)
	if err == nil && w.heard != nil {
		w.heard(response)
	}
	return response, err
}

// as sends a request of a person; header holds pairs.
func (w *world) as(person, method, path, body string, header ...string) answer {
	w.t.Helper()
	response, err := w.begun(person, method, path, body, header...)
	must(w.t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	must(w.t, err)
	a := answer{response, read}
	a.kept(w.t)
	return a
}

// want checks the status and reads the body.
func want[T any](t testing.TB, a answer, status int) T {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	var out T
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%s %s: %v in %s", a.Request.Method, a.Request.URL.Path, err, a.body)
	}
	return out
}

// refused checks status and codes; the codes must all be among the reasons.
func refused(t testing.TB, a answer, status int, codes ...string) web.Problem {
	t.Helper()
	p := want[web.Problem](t, a, status)
	given := map[string]bool{p.Code: true}
	for _, reason := range p.Reasons {
		given[reason.Code] = true
	}
	for _, code := range codes {
		if !given[code] {
			t.Errorf("%s %s: %s, want %s among them", a.Request.Method, a.Request.URL.Path, a.body, code)
		}
	}
	return p
}
