package devstack_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"chancery.example/gateway/pkg/devstack"
)

const (
	api      = "https://chancery.example/api"
	callback = "http://127.0.0.1:9999/callback"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func demoIssuers(dir string) devstack.IssuersConfig {
	return devstack.IssuersConfig{Dir: dir, Issuers: []devstack.Issuer{
		{
			Name:         "wco",
			Organisation: "World <Customs> Organization",
			Audience:     api,
			Clients: []devstack.ClientConfig{
				{ID: "portal", Secret: "portal secret: +%&", RedirectURIs: []string{callback}},
				{ID: "cli", RedirectURIs: []string{"http://127.0.0.1/callback"}, Device: true},
			},
			People: []devstack.PersonConfig{
				{ID: "focal.wco", Name: "Fanny Focal", Groups: []string{"staff", "focal-point"}},
				{ID: "staff.wco", Name: "Stan Staff"},
			},
			Services: []devstack.ServiceConfig{{ID: "gtas", Secret: "gtas-secret"}},
		},
		{
			Name: "unoct", Organisation: "UNOCT", Audience: api,
			Clients: []devstack.ClientConfig{{ID: "portal", RedirectURIs: []string{callback}}},
			People:  []devstack.PersonConfig{{ID: "focal.unoct", Name: "Una Focal"}},
		},
	}}
}

func startIssuers(t *testing.T, cfg devstack.IssuersConfig) *devstack.Issuers {
	t.Helper()
	s, err := devstack.StartIssuers(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func discover(t *testing.T, issuer string) *oidc.Provider {
	t.Helper()
	p, err := oidc.NewProvider(context.Background(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func verify(t *testing.T, issuer, audience, token string) (*oidc.IDToken, error) {
	t.Helper()
	return discover(t, issuer).Verifier(&oidc.Config{ClientID: audience}).Verify(t.Context(), token)
}

func part(t *testing.T, token string, index int) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[index])
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTokensVerifyAndSayWhoSignedInWhenAndHow(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	at := time.Now().Add(-3 * time.Minute).Truncate(time.Second)
	access, id, err := s.Token("wco", "focal.wco", devstack.TokenOptions{AuthTime: at, Nonce: "n-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, s.URL("wco"), api, access); err != nil {
		t.Errorf("access token: %v", err)
	}
	if typ := part(t, access, 0)["typ"]; typ != "at+jwt" {
		t.Errorf("typ is %v (RFC 9068 2.1)", typ)
	}
	claims := part(t, access, 1)
	if life := claims["exp"].(float64) - claims["iat"].(float64); life > 15*60 {
		t.Errorf("access token lives %v s", life)
	}
	delete(claims, "exp")
	delete(claims, "iat")
	delete(claims, "jti")
	want := map[string]any{
		"iss": s.URL("wco"), "sub": "focal.wco", "aud": api, "client_id": "portal", "scope": "openid",
		"name": "Fanny Focal", "groups": []any{"staff", "focal-point"}, "acr": "mfa", "auth_time": float64(at.Unix()),
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
	verified, err := verify(t, s.URL("wco"), "portal", id)
	if err != nil {
		t.Fatalf("ID token: %v", err)
	}
	if verified.Nonce != "n-1" || verified.VerifyAccessToken(access) != nil {
		t.Errorf("nonce %q, at_hash %v", verified.Nonce, verified.VerifyAccessToken(access))
	}
}

func TestOneIssuerDoesNotSpeakForAnother(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	access, _, err := s.Token("wco", "focal.wco", devstack.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, s.URL("unoct"), api, access); err == nil {
		t.Error("a token of wco passes at unoct")
	}
	if _, _, err := s.Token("unoct", "focal.wco", devstack.TokenOptions{}); err == nil {
		t.Error("unoct vouches for a person of wco")
	}
	forged := part(t, access, 1)
	forged["iss"] = s.URL("unoct")
	token, err := s.Sign("wco", nil, forged)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, s.URL("unoct"), api, token); err == nil {
		t.Error("wco's key passes for unoct's")
	}
}

func TestTokensNobodyShouldHoldAreNotMade(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	for name, o := range map[string]devstack.TokenOptions{
		"lives 16 minutes": {Lifetime: 16 * time.Minute}, "ended before it began": {Lifetime: -time.Second},
	} {
		if _, _, err := s.Token("wco", "focal.wco", o); err == nil {
			t.Error(name)
		}
	}
	if _, err := s.ServiceToken("wco", "focal.wco"); err == nil {
		t.Error("a person is no service")
	}
}

func TestSignMakesWhatAVerifierHasToRefuse(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	claims := map[string]any{"iss": s.URL("wco"), "sub": "focal.wco", "aud": api,
		"exp": time.Now().Add(time.Minute).Unix()}
	good, err := s.Sign("wco", nil, claims)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, s.URL("wco"), api, good); err != nil {
		t.Fatalf("plain: %v", err)
	}
	for _, alg := range []string{"none", "HS256"} {
		bad, err := s.Sign("wco", map[string]any{"alg": alg, "kid": nil, "jku": "http://elsewhere"}, claims)
		if err != nil {
			t.Fatal(err)
		}
		header := part(t, bad, 0)
		if _, hasKid := header["kid"]; hasKid || header["alg"] != alg || header["jku"] != "http://elsewhere" {
			t.Errorf("header %v", header)
		}
		if _, err := verify(t, s.URL("wco"), api, bad); err == nil {
			t.Errorf("%s passes", alg)
		}
	}
}

func TestRotationKeepsOldTokensGoodOnlyWhereTheKeyIsKept(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	token := func() string {
		access, _, err := s.Token("wco", "focal.wco", devstack.TokenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return access
	}
	first := token()
	if err := s.Rotate("wco", true); err != nil {
		t.Fatal(err)
	}
	second := token()
	for _, access := range []string{first, second} {
		if _, err := verify(t, s.URL("wco"), api, access); err != nil {
			t.Errorf("with the old key kept: %v", err)
		}
	}
	if err := s.Rotate("wco", false); err != nil {
		t.Fatal(err)
	}
	for _, access := range []string{first, second} {
		if _, err := verify(t, s.URL("wco"), api, access); err == nil {
			t.Error("a removed key still passes")
		}
	}
	if _, err := verify(t, s.URL("wco"), api, token()); err != nil {
		t.Error(err)
	}
}

func TestIssuersAreTheSameAfterARestart(t *testing.T) {
	dir := t.TempDir()
	cfg := demoIssuers(dir)
	first := startIssuers(t, cfg)
	if err := first.Rotate("wco", true); err != nil {
		t.Fatal(err)
	}
	access, _, err := first.Token("wco", "focal.wco", devstack.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	beside, err := devstack.OpenIssuers(cfg) // as another process would, while they are served
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := beside.Token("wco", "focal.wco", devstack.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := startIssuers(t, cfg)
	if first.URL("wco") != second.URL("wco") {
		t.Errorf("%s became %s", first.URL("wco"), second.URL("wco"))
	}
	for _, token := range []string{access, other} {
		if _, err := verify(t, second.URL("wco"), api, token); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(dir + "/issuers.json")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private keys stand in a file of mode %v, %v", info.Mode(), err)
	}
}

func TestIssuersThatAreAwayRefuseAndThatHangDoNotAnswer(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	document := s.URL("wco") + "/.well-known/openid-configuration"
	get := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, document, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		return response.Body.Close()
	}
	s.Pause()
	if err := get(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("paused issuers: %v", err)
	}
	s.Resume()
	if err := get(); err != nil {
		t.Errorf("resumed issuers: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := get(); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stopped issuers: %v", err)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := get(); err != nil {
		t.Errorf("restarted issuers: %v", err)
	}
}

func TestABadConfigurationIsRefused(t *testing.T) {
	for name, change := range map[string]func(*devstack.IssuersConfig){
		"no issuers":            func(c *devstack.IssuersConfig) { c.Issuers = nil },
		"an address to all":     func(c *devstack.IssuersConfig) { c.Listen = "0.0.0.0:0" },
		"a name with a slash":   func(c *devstack.IssuersConfig) { c.Issuers[0].Name = "a/b" },
		"one name twice":        func(c *devstack.IssuersConfig) { c.Issuers[1].Name = c.Issuers[0].Name },
		"no audience":           func(c *devstack.IssuersConfig) { c.Issuers[0].Audience = "" },
		"a client as audience":  func(c *devstack.IssuersConfig) { c.Issuers[0].Audience = "portal" },
		"one person twice":      func(c *devstack.IssuersConfig) { c.Issuers[0].People[1].ID = "focal.wco" },
		"a service's name open": func(c *devstack.IssuersConfig) { c.Issuers[0].Services[0].Secret = "" },
	} {
		cfg := demoIssuers("")
		change(&cfg)
		if s, err := devstack.StartIssuers(t.Context(), cfg); err == nil {
			t.Errorf("%s: taken", name)
			_ = s.Stop()
		}
	}
}

// browser follows no redirect, so that a test sees each.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func send(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, request)
}

func post(t *testing.T, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, request)
}

func portal(t *testing.T, s *devstack.Issuers) *oauth2.Config {
	t.Helper()
	return &oauth2.Config{
		ClientID: "portal", ClientSecret: "portal secret: +%&", RedirectURL: callback, Scopes: []string{"openid"},
		Endpoint: discover(t, s.URL("wco")).Endpoint(),
	}
}

// answered reads the parameters of a redirect to the application.
func answered(t *testing.T, response *http.Response, body string) url.Values {
	t.Helper()
	location, err := response.Location()
	if err != nil {
		t.Fatalf("status %d and no redirect: %s", response.StatusCode, body)
	}
	if !strings.HasPrefix(location.String(), callback+"?") {
		t.Fatalf("redirected to %s", location)
	}
	return location.Query()
}

func getAnswer(t *testing.T, address string) url.Values {
	t.Helper()
	response, body := get(t, address)
	return answered(t, response, body)
}

func postAnswer(t *testing.T, address string, form url.Values) url.Values {
	t.Helper()
	response, body := post(t, address, form)
	return answered(t, response, body)
}
