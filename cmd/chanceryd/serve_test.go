package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/postgres"
)

// site is a gateway's surroundings as an operator has them: database, store and providers that others run.
type site struct {
	postgres *devstack.Postgres
	store    *devstack.Store
	issuers  *devstack.Issuers
	dir      string
	config   string
	owner    string
	base     string
	admin    string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	var err error
	if s.postgres, err = devstack.StartPostgres(t.Context(),
		devstack.PostgresConfig{Dir: filepath.Join(s.dir, "postgres")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.postgres.Stop() })
	if s.store, err = devstack.StartStore(t.Context(),
		devstack.StoreConfig{Dir: filepath.Join(s.dir, "store")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.store.Stop() })
	providers, err := demoIssuers(filepath.Join(s.dir, "issuers"), "http://"+demoListen)
	if err != nil {
		t.Fatal(err)
	}
	if s.issuers, err = devstack.StartIssuers(t.Context(), providers); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.issuers.Stop() })
	if s.owner, err = s.postgres.CreateDatabase(t.Context(), "chancery"); err != nil {
		t.Fatal(err)
	}
	if err := s.store.CreateBucket(t.Context(), "chancery"); err != nil {
		t.Fatal(err)
	}
	s.describe(t)
	return s
}

// describe writes the configuration: the example, with the addresses of this site.
func (s *site) describe(t *testing.T) {
	t.Helper()
	s.describeAs(t, string(deploy.ExampleConfig), string(deploy.Arrangement))
}

// describeAs writes it from the example and the Arrangement file of some build.
func (s *site) describeAs(t *testing.T, example, arrangement string) {
	t.Helper()
	s.base, s.admin = "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	replace := []string{"/etc/chancery", s.dir, "https://chancery.example.int/api/v1", demoAudience,
		"public_url: https://chancery.example.int", "public_url: http://" + s.base,
		"listen: 127.0.0.1:8080", "listen: " + s.base, "admin_listen: 127.0.0.1:8081", "admin_listen: " + s.admin,
		"store.example.int:9000", s.store.Endpoint(), "secure: true", "secure: false",
		"samples: false", "samples: true",
		"host: mail.example.int", "host: 127.0.0.1", // where nobody takes mail: it waits
		"person: { rate: 50, burst: 500 }", "person: { rate: 0, burst: 0 }"}
	for _, short := range demoOrganisations() {
		replace = append(replace, "https://id."+short+".example.int", s.issuers.URL(short))
	}
	local := strings.NewReplacer(replace...)
	s.config = filepath.Join(s.dir, "gateway.yaml")
	for name, content := range map[string]string{
		"gateway.yaml":             local.Replace(example),
		"wco-unoct-2022.yaml":      local.Replace(arrangement),
		"secrets/portal":           demoSecret,
		"secrets/mail":             "chancery\ncanary-mail\n",
		"secrets/store-access-key": s.store.AccessKey,
		"secrets/store-secret-key": s.store.SecretKey,
		"secrets/database-url":     s.postgres.URLFor("gateway", "canary-app", "chancery"),
		"secrets/sequencer-url":    s.postgres.URLFor("sequencer", "canary-sequencer", "chancery"),
	} {
		write(t, filepath.Join(s.dir, name), content)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// refuses wants serve to end by itself, saying why, without a secret.
func (s *site) refuses(t *testing.T, says string, variables ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var said lockedBuffer
	code := run(ctx, []string{"serve", "--config", s.config},
		environment{variables: variables, stdout: &said, stderr: &said})
	if code != 1 || !strings.Contains(said.String(), says) || strings.Contains(said.String(), "canary") {
		t.Errorf("exit %d, want 1 with %q:\n%s", code, says, said.String())
	}
}

// status asks for who staff.wco is.
func (s *site) status(t *testing.T) int {
	t.Helper()
	token, _, err := s.issuers.Token("wco", "staff.wco", devstack.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return me(t, "http://"+s.base, token)
}

// ready is the status of a gateway's health, every part considered; zero where nobody answers.
func ready(t *testing.T, admin string) int { return readyz(t, admin, "?all") }

func readyz(t *testing.T, admin, query string) int {
	t.Helper()
	status, _ := adminSays(t, admin, "/readyz"+query)
	return status
}

// asked is what the admin listener says; "" where nobody answers.
func asked(t *testing.T, admin, path string) string {
	t.Helper()
	_, text := adminSays(t, admin, path)
	return text
}

func adminSays(t *testing.T, admin, path string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(said)
}

// keysOf is the JWK set of a provider.
func (s *site) keysOf(t *testing.T, short string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.issuers.URL(short)+"/jwks", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, err)
	}
	return string(text)
}

// me is the status of GET /me; zero where nobody answers.
func me(t *testing.T, address, token string) int {
	t.Helper()
	c, err := client.New(client.Config{Server: address, Retries: -1,
		Token: func(context.Context) (string, error) { return token, nil }})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Send(t.Context(), client.Call{Method: http.MethodGet, Path: "/me"})
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// becomes waits until asking gives that status.
func becomes(t *testing.T, what string, want int, ask func() int) {
	t.Helper()
	got := 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = ask(); got == want {
			return
		}
	}
	t.Fatalf("%s: answers %d, want %d", what, got, want)
}

func TestServeRefusesWhatIsNotReadyAndSaysTheCure(t *testing.T) {
	s := newSite(t)
	s.refuses(t, "chanceryd keys create")
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	s.refuses(t, "database.url")
	s.grant(t)
	s.refuses(t, "chanceryd migrate")
	s.migrate(t)
	taken, err := net.Listen("tcp", s.base)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s.refuses(t, "chanceryd: listen: ")
	s.refuses(t, "address already in use; cure: end what listens there")
	s.refuses(t, "chanceryd: admin_listen: ", "CHANCERY_LISTEN=127.0.0.1:"+freePort(t), "CHANCERY_ADMIN_LISTEN="+s.base)
	everywhere := "0.0.0.0:" + freePort(t)
	s.refuses(t, "admin_listen", "CHANCERY_LISTEN="+everywhere,
		"CHANCERY_ADMIN_LISTEN="+strings.Replace(everywhere, "0.0.0.0", "127.0.0.1", 1))
	if entries := s.counted(t, "SELECT count(*) FROM log_entry"); entries != 0 {
		t.Errorf("what did not start left %d entries", entries)
	}
}

func (s *site) grant(t *testing.T) {
	t.Helper()
	for login, group := range map[string]postgres.Group{"gateway": postgres.App, "sequencer": postgres.Sequencer} {
		password := map[string]string{"gateway": "canary-app", "sequencer": "canary-sequencer"}[login]
		if err := postgres.Grant(t.Context(), s.postgres.URL("chancery"), login, password, group); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *site) migrate(t *testing.T) {
	t.Helper()
	owner := []string{"CHANCERY_DATABASE_OWNER_URL=" + s.owner}
	all, err := filepath.Glob("../../pkg/postgres/migrations/*.sql")
	if err != nil || len(all) == 0 {
		t.Fatalf("%d migrations: %v", len(all), err)
	}
	code, out, errs := ran(t, owner, "migrate", "--pending", "--config", s.config)
	if code != 0 || !strings.Contains(out, filepath.Base(slices.Max(all))) { // from whatever build it comes
		t.Errorf("migrate --pending: exit %d\n%s%s", code, out, errs)
	}
	for range 2 { // the second time there is nothing to do
		code, out, errs := ran(t, []string{"CHANCERY_DATABASE_OWNER_URL=" + s.owner}, "migrate", "--config", s.config)
		if code != 0 || !strings.Contains(out, "the schema is that of this build") {
			t.Fatalf("migrate: exit %d\n%s%s", code, out, errs)
		}
	}
}

func TestServeSurvivesItsPartsAndEndsInOrder(t *testing.T) {
	s := newSite(t)
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	if code, out, _ := ran(t, nil, "config", "check", "--config", s.config); code != 0 ||
		!strings.Contains(out, "no problem found") {
		t.Fatalf("config check: exit %d\n%s", code, out)
	}
	if err := s.issuers.Stop(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", s.config}, environment{stdout: &log, stderr: &log})
	}()
	healthy := func() int { return ready(t, s.admin) }
	known := func() int { return s.status(t) }

	becomes(t, "ready while the providers are away", 200, healthy)
	becomes(t, "a caller whose provider is away", 503, known)
	restart(t, s.issuers.Restart)
	becomes(t, "a caller whose provider is back", 200, known)
	if got := me(t, "http://"+s.base, "nonsense"); got != 401 {
		t.Errorf("nonsense as a token: %d", got)
	}

	if err := s.postgres.Stop(); err != nil {
		t.Fatal(err)
	}
	becomes(t, "a caller while the database is away", 503, known)
	becomes(t, "ready while the database is away", 503, healthy)
	if got := readyz(t, s.admin, ""); got != 503 {
		t.Errorf("a load balancer while the database is away: %d", got)
	}
	s.health(t, 1, "not ready\n")
	s.health(t, 0, "ok\n", "--live")
	restart(t, s.postgres.Restart)
	becomes(t, "a caller when the database is back", 200, known)
	becomes(t, "ready when the database is back", 200, healthy)

	s.store.Kill()
	becomes(t, "ready while the store is away", 503, healthy)
	becomes(t, "a caller while the store is away", 200, known)
	if got := readyz(t, s.admin, ""); got != 200 {
		t.Errorf("a load balancer while the store is away: %d", got)
	}
	s.health(t, 0, "ready\n")
	s.health(t, 1, "not ready\n", "--all")
	s.health(t, 0, "ok\n", "--live")
	restart(t, s.store.Restart)
	becomes(t, "ready when the store is back", 200, healthy)

	stop()
	select {
	case code := <-ended:
		if code != 0 {
			t.Errorf("exit %d:\n%s", code, log.String())
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not end")
	}
	s.health(t, 1, "", "--live")
	for _, want := range []string{`"serving"`, `"stopping"`, `"stopped"`, s.base} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, log.String())
		}
	}
	for _, secret := range []string{"canary", s.store.SecretKey, "Bearer", "eyJ", "staff.wco"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}

// health wants that of the command's exit code and of what it prints.
func (s *site) health(t *testing.T, exit int, says string, flags ...string) {
	t.Helper()
	code, out, _ := ran(t, nil, append([]string{"health", "--config", s.config}, flags...)...)
	if code != exit || out != says {
		t.Errorf("health %v: exit %d, %q", flags, code, out)
	}
}

func restart(t *testing.T, part func(context.Context) error) {
	t.Helper()
	if err := part(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestServeSpeaksTLSOfSoundSuitesAndNoHTTP2(t *testing.T) {
	dir := t.TempDir()
	files := tlsConfig{Certificate: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	certificate, key := selfSigned(t)
	write(t, files.Certificate, certificate)
	write(t, files.Key, key)
	_, address, stop := showing(t, files, slog.New(slog.DiscardHandler), http.NotFoundHandler())
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(certificate))
	conn, err := tls.Dial("tcp", address,
		&tls.Config{RootCAs: roots, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	if state := conn.ConnectionState(); state.NegotiatedProtocol != "http/1.1" || state.Version < tls.VersionTLS12 {
		t.Errorf("speaks %s over %s", state.NegotiatedProtocol, tls.VersionName(state.Version))
	}
	conn.Close()
	for name, tried := range map[string]struct {
		config *tls.Config
		taken  bool
	}{
		"TLS 1.1":          {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"TLS 1.2 with CBC": {&tls.Config{CipherSuites: cbcSuites(), MaxVersion: tls.VersionTLS12}, false},
		"TLS 1.2 with GCM": {&tls.Config{CipherSuites: suites12, MaxVersion: tls.VersionTLS12}, true},
	} {
		tried.config.RootCAs = roots
		conn, err := tls.Dial("tcp", address, tried.config)
		if (err == nil) != tried.taken {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			conn.Close()
		}
	}
	stop()
}

// cbcSuites are those that Go offers by default in CBC mode, with the key of selfSigned.
func cbcSuites() []uint16 {
	return []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}
}

// selfSigned is a certificate for 127.0.0.1 and its key, as PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}
