package devstack_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"chancery.example/gateway/pkg/devstack"
)

func TestSignInByCodeWithPKCE(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	app, verifier := portal(t, s), oauth2.GenerateVerifier()
	address := app.AuthCodeURL("st&te", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", "n-2"),
		oauth2.SetAuthURLParam("acr_values", "unknown mfa"), oauth2.SetAuthURLParam("max_age", "0"))
	page, body := get(t, address)
	if page.StatusCode != http.StatusOK || !strings.Contains(body, `value="focal.wco">Fanny Focal</button>`) ||
		!strings.Contains(body, `value="staff.wco"`) {
		t.Fatalf("sign-in page %d: %s", page.StatusCode, body)
	}
	if strings.Contains(body, "<script") || strings.Contains(body, "<Customs>") {
		t.Error("the page holds script, or a name as markup")
	}
	policy := page.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") ||
		!strings.Contains(policy, "form-action 'self' http://127.0.0.1:9999") {
		t.Errorf("policy %q", policy)
	}
	before := time.Now().Truncate(time.Second)
	answer := postAnswer(t, address, url.Values{"person": {"focal.wco"}})
	if answer.Get("state") != "st&te" || answer.Get("iss") != s.URL("wco") || answer.Get("code") == "" {
		t.Fatalf("answer %v", answer)
	}
	token, err := app.Exchange(t.Context(), answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := token.Extra("id_token").(string)
	verified, err := verify(t, s.URL("wco"), "portal", id)
	if err != nil || verified.Nonce != "n-2" || verified.Subject != "focal.wco" {
		t.Fatalf("ID token %+v, %v", verified, err)
	}
	claims := part(t, id, 1)
	if claims["acr"] != "mfa" || int64(claims["auth_time"].(float64)) < before.Unix() {
		t.Errorf("acr %v, auth_time %v", claims["acr"], claims["auth_time"])
	}
	if _, err := verify(t, s.URL("wco"), api, token.AccessToken); err != nil {
		t.Errorf("access token: %v", err)
	}
	if _, err := app.Exchange(t.Context(), answer.Get("code"), oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code was taken twice")
	}
}

func TestACodeServesOnlyTheClientThatAskedForIt(t *testing.T) {
	c := &clock{now: time.Now()}
	cfg := demoIssuers("")
	cfg.Now = c.Now
	s := startIssuers(t, cfg)
	for name, spoil := range map[string]func(*oauth2.Config, *string){
		"another verifier": func(_ *oauth2.Config, v *string) { *v = oauth2.GenerateVerifier() },
		"no verifier":      func(_ *oauth2.Config, v *string) { *v = "" },
		"wrong secret":     func(app *oauth2.Config, _ *string) { app.ClientSecret = "guess" },
		"no secret":        func(app *oauth2.Config, _ *string) { app.ClientSecret = "" },
		"another client":   func(app *oauth2.Config, _ *string) { app.ClientID, app.ClientSecret = "cli", "" },
		"another redirect": func(app *oauth2.Config, _ *string) { app.RedirectURL += "2" },
		"too late":         func(*oauth2.Config, *string) { c.advance(61 * time.Second) },
	} {
		app, verifier := portal(t, s), oauth2.GenerateVerifier()
		address := app.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))
		code := postAnswer(t, address, url.Values{"person": {"focal.wco"}}).Get("code")
		spoil(app, &verifier)
		if _, err := app.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
			t.Errorf("%s: tokens were given", name)
		}
	}
}

func TestARequestThatIsNotRightIsRefusedToTheApplication(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	good, err := url.Parse(portal(t, s).AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct{ name, value, want string }{
		{"response_type", "token", "unsupported_response_type"},
		{"scope", "profile", "invalid_scope"},
		{"code_challenge_method", "plain", "invalid_request"},
		{"code_challenge", "", "invalid_request"},
		{"max_age", "-1", "invalid_request"},
		{"prompt", "none", "login_required"},
		{"request", "x", "request_not_supported"},
		{"response_mode", "fragment", "invalid_request"},
	} {
		query := good.Query()
		query.Set(try.name, try.value)
		answer := getAnswer(t, good.Scheme+"://"+good.Host+good.Path+"?"+query.Encode())
		if answer.Get("error") != try.want || answer.Get("state") != "s" || answer.Has("code") {
			t.Errorf("%s=%s: %v", try.name, try.value, answer)
		}
	}
	if answer := getAnswer(t, good.String()+"&nonce=a&nonce=b"); answer.Get("error") != "invalid_request" {
		t.Errorf("a parameter twice: %v", answer)
	}
	if answer := postAnswer(t, good.String(), url.Values{"cancel": {"1"}}); answer.Get("error") != "access_denied" {
		t.Errorf("cancelled: %v", answer)
	}
	if r, _ := post(t, good.String(), url.Values{"person": {"focal.unoct"}}); r.StatusCode != http.StatusBadRequest ||
		r.Header.Get("Location") != "" {
		t.Errorf("a person of another issuer: %d", r.StatusCode)
	}
}

func TestNobodyIsSentToAnAddressThatIsNotTheApplications(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	for client, redirects := range map[string][]string{
		"portal": {"", "http://127.0.0.1:9998/callback", callback + "/..", callback + "?x=1",
			"http://evil.example/callback"},
		"cli": {
			"http://127.0.0.1:80@evil.example/callback", "http://127.0.0.1.evil.example:80/callback",
			"https://127.0.0.1:80/callback",
			"http://127.0.0.1:80/callback#f", "http://127.0.0.1:80/callback?a=b", "http://127.0.0.1:80/other",
			"http://[::1]:80/callback",
		},
		"absent": {callback},
	} {
		for _, redirect := range redirects {
			query := url.Values{"client_id": {client}, "redirect_uri": {redirect}, "response_type": {"nonsense"}}
			r, body := get(t, s.URL("wco")+"/authorize?"+query.Encode())
			if r.StatusCode != http.StatusBadRequest || r.Header.Get("Location") != "" ||
				strings.Contains(body, "evil") {
				t.Errorf("%s at %q: %d, %s", client, redirect, r.StatusCode, r.Header.Get("Location"))
			}
		}
	}
	query := url.Values{"client_id": {"cli"}, "redirect_uri": {"http://127.0.0.1:54321/callback"},
		"response_type": {"nonsense"}}
	if r, _ := get(t, s.URL("wco")+"/authorize?"+query.Encode()); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a native application at its own port: %d (RFC 8252 7.3)", r.StatusCode)
	}
}

func TestAPageElsewhereSignsNobodyIn(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	address := portal(t, s).AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address,
		strings.NewReader("person=focal.wco"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if r, _ := send(t, request); r.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestAServiceGetsATokenForItselfAlone(t *testing.T) {
	s := startIssuers(t, demoIssuers(""))
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"gtas"}, "client_secret": {"gtas-secret"}}
	r, body := post(t, s.URL("wco")+"/token", form)
	if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", r.StatusCode, body)
	}
	access, err := s.ServiceToken("wco", "gtas")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, s.URL("wco"), api, access); err != nil {
		t.Error(err)
	}
	claims := part(t, access, 1)
	if claims["sub"] != "gtas" || claims["client_id"] != "gtas" || claims["groups"] != nil || claims["acr"] != nil {
		t.Errorf("claims %v", claims)
	}
	form.Set("client_secret", "wrong")
	if r, _ := post(t, s.URL("wco")+"/token", form); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %d", r.StatusCode)
	}
	form = url.Values{"grant_type": {"client_credentials"}, "client_id": {"cli"}}
	if r, body := post(t, s.URL("wco")+"/token", form); !strings.Contains(body, "unauthorized_client") {
		t.Errorf("a public client for itself: %d %s", r.StatusCode, body)
	}
}

func TestADeviceIsSignedIn(t *testing.T) {
	c := &clock{now: time.Now()}
	cfg := demoIssuers("")
	cfg.Now = c.Now
	s := startIssuers(t, cfg)
	app := &oauth2.Config{ClientID: "cli", Scopes: []string{"openid"}, Endpoint: discover(t, s.URL("wco")).Endpoint()}
	device, err := app.DeviceAuth(t.Context(), oauth2.SetAuthURLParam("acr_values", "mfa"),
		oauth2.SetAuthURLParam("nonce", "n-3"))
	if err != nil {
		t.Fatal(err)
	}
	if got := poll(t, s, device.DeviceCode); got != "authorization_pending" {
		t.Errorf("first poll: %s", got)
	}
	if got := poll(t, s, device.DeviceCode); got != "slow_down" {
		t.Errorf("poll at once: %s (RFC 8628 3.5)", got)
	}
	if _, body := get(t, device.VerificationURIComplete); !strings.Contains(body, device.UserCode) ||
		!strings.Contains(body, "Fanny Focal") {
		t.Errorf("page: %s", body)
	}
	entered := strings.ToLower(strings.ReplaceAll(device.UserCode, "-", " "))
	if r, body := post(t, device.VerificationURI,
		url.Values{"user_code": {entered}, "person": {"focal.wco"}}); r.StatusCode != http.StatusOK ||
		!strings.Contains(body, "Your device is signed in") {
		t.Fatalf("%d %s", r.StatusCode, body)
	}
	token, err := app.DeviceAccessToken(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	claims := part(t, token.AccessToken, 1)
	if claims["sub"] != "focal.wco" || claims["client_id"] != "cli" || claims["acr"] != "mfa" {
		t.Errorf("claims %v", claims)
	}
	if id := part(t, token.Extra("id_token").(string), 1); id["nonce"] != "n-3" || id["aud"] != "cli" {
		t.Errorf("ID token %v", id)
	}
	if got := poll(t, s, device.DeviceCode); got != "invalid_grant" {
		t.Errorf("a used device code: %s", got)
	}
	if r, _ := post(t, device.VerificationURI,
		url.Values{"user_code": {device.UserCode}, "person": {"staff.wco"}}); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a used user code: %d", r.StatusCode)
	}
}

func poll(t *testing.T, s *devstack.Issuers, deviceCode string) string {
	t.Helper()
	_, body := post(t, s.URL("wco")+"/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {deviceCode},
		"client_id": {"cli"},
	})
	var answer struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Error
}

func TestADeviceThatIsCancelledOrTooLateGetsNothing(t *testing.T) {
	c := &clock{now: time.Now()}
	cfg := demoIssuers("")
	cfg.Now = c.Now
	s := startIssuers(t, cfg)
	app := &oauth2.Config{ClientID: "cli", Scopes: []string{"openid"}, Endpoint: discover(t, s.URL("wco")).Endpoint()}
	cancelled, err := app.DeviceAuth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late, err := app.DeviceAuth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	post(t, cancelled.VerificationURI, url.Values{"user_code": {cancelled.UserCode}, "cancel": {"1"}})
	if got := poll(t, s, cancelled.DeviceCode); got != "access_denied" {
		t.Errorf("cancelled: %s", got)
	}
	c.advance(11 * time.Minute)
	if got := poll(t, s, late.DeviceCode); got != "expired_token" {
		t.Errorf("too late: %s", got)
	}
	for _, client := range []string{"portal", "gtas"} {
		r, body := post(t, s.URL("wco")+"/device_authorization", url.Values{"client_id": {client}, "scope": {"openid"},
			"client_secret": {map[string]string{"portal": "portal secret: +%&", "gtas": "gtas-secret"}[client]}})
		if r.StatusCode != http.StatusBadRequest || !strings.Contains(body, "unauthorized_client") {
			t.Errorf("%s: %d %s", client, r.StatusCode, body)
		}
	}
}

// A refresh token is given to whoever asks for offline_access, works once, moves no hour of the sign-in, and ends.
func TestASignInIsRenewedByARefreshTokenOnce(t *testing.T) {
	c := &clock{now: time.Now()}
	cfg := demoIssuers("")
	cfg.Now = c.Now
	s := startIssuers(t, cfg)
	app := &oauth2.Config{ClientID: "cli", Scopes: []string{"openid", "offline_access"},
		Endpoint: discover(t, s.URL("wco")).Endpoint()}
	device, err := app.DeviceAuth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	post(t, device.VerificationURI, url.Values{"user_code": {device.UserCode}, "person": {"focal.wco"}})
	token, err := app.DeviceAccessToken(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	signedIn := part(t, token.AccessToken, 1)["auth_time"]
	renew := func(refresh string) (*oauth2.Token, error) {
		return app.TokenSource(t.Context(), &oauth2.Token{RefreshToken: refresh}).Token()
	}
	c.advance(11 * time.Minute)
	renewed, err := renew(token.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if claims := part(t, renewed.AccessToken, 1); claims["auth_time"] != signedIn || claims["sub"] != "focal.wco" {
		t.Errorf("claims %v", claims)
	}
	if _, err := renew(token.RefreshToken); err == nil {
		t.Error("a refresh token was taken twice")
	}
	form := url.Values{"client_id": {"cli"}, "token": {renewed.RefreshToken}}
	if r, _ := post(t, s.URL("wco")+"/revoke", form); r.StatusCode != http.StatusOK {
		t.Errorf("revoke: %d", r.StatusCode)
	}
	if _, err := renew(renewed.RefreshToken); err == nil {
		t.Error("a revoked refresh token was taken")
	}
}

// An assertion of a client (RFC 7523) serves once, for this issuer, and only while it lasts.
func TestAnAssertionServesOnceForOneIssuerWhileItLasts(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cfg := demoIssuers("")
	cfg.Issuers[1].Clients[0].Key = &jose.JSONWebKey{Key: private.Public(), Algorithm: "ES256", Use: "sig"}
	s := startIssuers(t, cfg)
	claims := func(name string, value any) map[string]any {
		out := map[string]any{"iss": "portal", "sub": "portal", "aud": s.URL("unoct"), "jti": name,
			"exp": time.Now().Add(time.Minute).Unix()}
		if name != "right" && name != "again" {
			out[name] = value
		}
		return out
	}
	ask := func(signer *ecdsa.PrivateKey, claims map[string]any) string {
		t.Helper()
		made, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: signer}, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := made.Sign(text)
		if err != nil {
			t.Fatal(err)
		}
		compact, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		_, body := post(t, s.URL("unoct")+"/token", url.Values{"grant_type": {"authorization_code"}, "code": {"none"},
			"client_id": {"portal"}, "client_assertion": {compact},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}})
		return body
	}
	right := claims("right", nil)
	if body := ask(private, right); !strings.Contains(body, "invalid_grant") { // the client is known, the code is not
		t.Errorf("the right one: %s", body)
	}
	if body := ask(private, right); !strings.Contains(body, "invalid_client") {
		t.Errorf("again: %s", body)
	}
	if body := ask(stranger, claims("again", nil)); !strings.Contains(body, "invalid_client") {
		t.Errorf("another key: %s", body)
	}
	for name, value := range map[string]any{"iss": "cli", "sub": "cli", "aud": s.URL("wco"), "jti": "",
		"exp": time.Now().Add(-time.Second).Unix()} {
		if body := ask(private, claims(name, value)); !strings.Contains(body, "invalid_client") {
			t.Errorf("%s %v: %s", name, value, body)
		}
	}
	_, body := post(t, s.URL("unoct")+"/token",
		url.Values{"grant_type": {"authorization_code"}, "code": {"none"}, "client_id": {"portal"}})
	if !strings.Contains(body, "invalid_client") {
		t.Errorf("without an assertion: %s", body)
	}
}
