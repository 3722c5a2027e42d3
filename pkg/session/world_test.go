package session_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/vault"
)

func TestMain(m *testing.M) { devtest.Main(m) }

const public = "https://gateway.example"

// world is a gateway on real parts, with real issuers, and the sessions over it.
type world struct {
	t        testing.TB
	issuers  *devstack.Issuers
	db       devtest.Database
	app      *postgres.DB
	gateway  *exchange.Gateway
	sessions *session.Sessions
	key      *identity.ClientKey // of the pages' client at wco; at unoct it has a secret
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, key: newClientKey(t)}
	w.startIssuers()
	w.db = devtest.NewMigratedDatabase(t)
	w.app = w.open("_app", postgres.App)
	w.openGateway()
	w.sessions = w.replica()
	return w
}

func newClientKey(t testing.TB) *identity.ClientKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	key, err := identity.ReadClientKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	must(t, err)
	return key
}

// startIssuers starts two organisations; what they say from server to server reaches the first replica.
func (w *world) startIssuers() {
	back := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err := w.sessions.BackChannel(r.Context(), r.PostFormValue("logout_token")); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
		}
	}))
	w.t.Cleanup(back.Close)
	var all []devstack.Issuer
	half := w.key.Public()
	for _, short := range []string{"wco", "unoct"} {
		portal := devstack.ClientConfig{
			ID:             "portal",
			RedirectURIs:   []string{public + session.CallbackPath(short)},
			PostLogoutURIs: []string{public + session.SignedOutPath},
			BackChannelURI: back.URL,
		}
		if short == "wco" {
			portal.Key = &half
		} else {
			portal.Secret = "secret of one test"
		}
		all = append(all, devstack.Issuer{Name: short, Organisation: short, Audience: "chancery",
			Clients: []devstack.ClientConfig{portal, {ID: "cli", RedirectURIs: []string{"http://127.0.0.1/callback"}}},
			People: []devstack.PersonConfig{{ID: "focal." + short, Name: "Fiona of " + short,
				Groups: []string{"staff"}},
				{ID: "staff." + short, Name: "Sam of " + short, Groups: []string{"staff"}}}})
	}
	var err error
	w.issuers, err = devstack.StartIssuers(w.t.Context(), devstack.IssuersConfig{Issuers: all})
	must(w.t, err)
	w.t.Cleanup(func() { _ = w.issuers.Stop() })
}

func (w *world) open(login string, group postgres.Group) *postgres.DB {
	must(w.t, postgres.Grant(w.t.Context(), w.db.SuperuserURL(), w.db.Name+login, "login-of-one-test", group))
	opened, err := postgres.Open(w.t.Context(), postgres.Config{Logger: slog.New(slog.DiscardHandler),
		URL: w.db.URLFor(w.db.Name+login, "login-of-one-test",
			w.db.Name)})
	must(w.t, err)
	w.t.Cleanup(func() { opened.Close() })
	return opened
}

func (w *world) openGateway() {
	t := w.t
	store, bucket := devtest.NewBucket(t)
	blobs, err := objects.New(objects.Config{Endpoint: store.Endpoint(), AccessKey: store.AccessKey,
		SecretKey: store.SecretKey, Bucket: bucket})
	must(t, err)
	dir := filepath.Join(t.TempDir(), "keysets")
	must(t, vault.CreateKeysets(dir, []string{"org_wco", "org_unoct", "org_piu-exampleland", "org_customs-exampleland",
		"org_operator"}))
	keysets, err := vault.OpenKeysets(dir)
	must(t, err)
	private, shown, err := ledger.GenerateKey("chancery.example/test")
	must(t, err)
	signer, err := note.NewSigner(private)
	must(t, err)
	verifier, err := note.NewVerifier(shown)
	must(t, err)
	log, err := sequencer.New(sequencer.Config{
		DB:       w.open("_seq", postgres.Sequencer),
		Signer:   signer,
		Verifier: verifier,

		Origin:    signer.Name(),
		PublicKey: shown,
		Publisher: blobs.Log(),

		Now:    time.Now,
		Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	sealed, err := vault.New(vault.Config{Blobs: blobs, Keysets: keysets, Now: time.Now})
	must(t, err)
	records, err := register.New(keysets)
	must(t, err)
	rules, err := article4.Load()
	must(t, err)
	evidence, err := identity.NewEvidence(identity.Config{Issuers: w.bound()})
	must(t, err)
	w.gateway, err = exchange.New(exchange.Config{
		DB:        w.app,
		Register:  records,
		Sequencer: log,
		Vault:     sealed,

		Keysets:  keysets,
		Rules:    rules,
		Evidence: evidence,
		Build:    "test",
		Stamper:  devtest.Stamper(t),
		LabelKey: signer,

		LabelVerifier: verifier,
		Settings:      exchange.Settings{AdmitNotInspected: true},
	})
	must(t, err)
	must(t, w.gateway.ApplyInstrument(t.Context(), w.instrument(), nil, ""))
}

func (w *world) instrument() instrument.Instrument {
	f, err := os.Open("../../deploy/arrangements/wco-unoct-2022.yaml")
	must(w.t, err)
	defer f.Close()
	in, err := instrument.Read(f)
	must(w.t, err)
	for i := range in.Parties {
		in.Parties[i].Issuer = w.issuers.URL(in.Parties[i].Short)
	}
	return in
}

func (w *world) bound() []identity.Issuer {
	var out []identity.Issuer
	for _, short := range []string{"wco", "unoct"} {
		out = append(out, identity.Issuer{URL: w.issuers.URL(short), Audience: "chancery", Clients: []string{"portal",
			"cli"},
			Roles: map[string]article4.Role{"staff": article4.RoleStaff}, StepUpACR: []string{devstack.ACRMFA}})
	}
	return out
}

// replica is one more gateway's sessions over the same database.
func (w *world) replica() *session.Sessions { return w.replicaAt(time.Now) }

// replicaAt is one whose own clock, by which a sign-in ages, is another.
func (w *world) replicaAt(now func() time.Time) *session.Sessions {
	return w.replicaWith(now, identity.Browser{ID: "portal", Key: w.key})
}

// replicaWith is one that comes to the issuer of the WCO as that client.
func (w *world) replicaWith(now func() time.Time, atWCO identity.Browser) *session.Sessions {
	browsers := map[string]identity.Browser{}
	var organisations []session.Organisation
	for _, short := range []string{"wco", "unoct"} {
		browsers[w.issuers.URL(short)] = map[string]identity.Browser{"wco": atWCO,
			"unoct": {ID: "portal", Secret: "secret of one test"}}[short]
		organisations = append(organisations, session.Organisation{Short: short, Name: short,
			Issuer: w.issuers.URL(short)})
	}
	providers, err := identity.NewSignIn(identity.SignInConfig{Config: identity.Config{Issuers: w.bound(), Now: now},
		Browsers: browsers})
	must(w.t, err)
	s, err := session.New(session.Config{DB: w.app, Providers: providers, Gateway: w.gateway,
		Organisations: organisations, PublicURL: public})
	must(w.t, err)
	return s
}

// change alters rows as their owner can, to let time pass by the database's clock.
func (w *world) change(sql string, args ...any) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(context.Background())
	if tag, err := conn.Exec(w.t.Context(), sql, args...); err != nil || tag.RowsAffected() == 0 {
		w.t.Fatalf("%s: %v, %v", sql, tag, err)
	}
}

// browser keeps what a gateway and issuers give it.
type browser struct {
	w    *world
	s    *session.Sessions
	ours map[string]string
	// agent and address are what it says of itself and where it stands; empty: as httptest has them.
	agent, address string
	issuers        map[string]*http.Cookie
}

func (w *world) browser() *browser {
	return &browser{w: w, s: w.sessions, ours: map[string]string{}, issuers: map[string]*http.Cookie{}}
}

// request is one of this browser to the gateway.
func (b *browser) request(method, path string) *http.Request {
	r := httptest.NewRequest(method, public+path, nil)
	for name, value := range b.ours {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.agent != "" {
		r.Header.Set("User-Agent", b.agent)
		r.RemoteAddr = b.address
	}
	return r
}

// answered keeps the cookies as a browser would: of the prefix __Host- only well-formed ones.
func (b *browser) answered(rw *httptest.ResponseRecorder) {
	b.w.t.Helper()
	for _, c := range rw.Result().Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" ||
			c.SameSite != http.SameSiteLaxMode {
			b.w.t.Errorf("cookie %s: %+v", c.Name, c)
		}
		if c.MaxAge < 0 {
			delete(b.ours, c.Name)
		} else {
			b.ours[c.Name] = c.Value
		}
	}
}

func (b *browser) begin(begin session.Beginning, of *session.Session) string {
	b.w.t.Helper()
	rw := httptest.NewRecorder()
	address, err := b.s.Begin(b.w.t.Context(), rw, begin, of)
	must(b.w.t, err)
	b.answered(rw)
	return address
}

// choose signs in at the issuer's page as that person, or lets the issuer answer without a page where person is empty.
func (b *browser) choose(address, person string) url.Values {
	b.w.t.Helper()
	method, body := http.MethodGet, ""
	if person != "" {
		method, body = http.MethodPost, url.Values{"person": {person}}.Encode()
	}
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, address, strings.NewReader(body))
	must(b.w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range b.issuers {
		r.AddCookie(c)
	}
	once := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := once.Do(r)
	must(b.w.t, err)
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		b.issuers[c.Name] = c
	}
	to, err := resp.Location()
	if err != nil {
		b.w.t.Fatalf("the issuer answers %d and sends nobody back", resp.StatusCode)
	}
	return to.Query()
}

func (b *browser) finish(short string, answer url.Values) (session.Finished, error) {
	rw := httptest.NewRecorder()
	f, err := b.s.Finish(b.w.t.Context(), rw, b.request("POST", session.CallbackPath(short)), short, answer)
	b.answered(rw)
	return f, err
}

func (b *browser) current() (session.Session, error) {
	return b.s.Current(b.w.t.Context(), b.request("GET", "/"), false)
}

// signIn is the whole way.
func (b *browser) signIn(short, person string) session.Session {
	b.w.t.Helper()
	f, err := b.finish(short, b.choose(b.begin(session.Beginning{Short: short, Purpose: session.ToSignIn}, nil),
		person))
	must(b.w.t, err)
	return f.Session
}
