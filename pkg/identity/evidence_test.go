package identity_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
)

const nonce = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

var _ exchange.EvidenceVerifier = (*identity.Evidence)(nil)

func newEvidence(t *testing.T, b *bench) *identity.Evidence {
	t.Helper()
	e, err := identity.NewEvidence(identity.Config{Issuers: []identity.Issuer{binding(b.wco.URL), binding(b.unoct.URL)},
		Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func idToken(t *testing.T, key signingKey, claims map[string]any) string {
	t.Helper()
	return jwt(t, key, map[string]any{"typ": "JWT"}, claims)
}

func TestAnIDTokenOverTheTextIsEvidenceForEver(t *testing.T) {
	b := newBench(t)
	e := newEvidence(t, b)
	token := idToken(t, b.wco.key(), identified(b.wco, b.now, nonce))
	found, err := e.Verify(t.Context(), b.wco.URL, token, nonce)
	if err != nil {
		t.Fatal(err)
	}
	if found.Subject != "focal.wco" || !found.AuthTime.Equal(b.now.Add(-time.Minute)) || len(found.Thumbprint) != 43 {
		t.Errorf("found %+v", found)
	}

	b.wco.away.Store(true)
	b.now = b.now.AddDate(20, 0, 0)
	if err := e.Check(token, found.JWK, b.wco.URL, "focal.wco", nonce); err != nil {
		t.Errorf("years later, the provider gone: %v", err)
	}
	for name, c := range map[string]struct{ token, issuer, subject, nonce, want string }{
		"another issuer":  {token, b.unoct.URL, "focal.wco", nonce, "issuer"},
		"another subject": {token, b.wco.URL, "deputy.wco", nonce, "subject"},
		"another text":    {token, b.wco.URL, "focal.wco", strings.ToLower(nonce), "nonce"},
		"no text":         {token, b.wco.URL, "focal.wco", "", "nonce"},
		"another key": {idToken(t, b.wco.rotate(t, "first"), identified(b.wco, b.now, nonce)), b.wco.URL,
			"focal.wco", nonce, "signature"},
	} {
		var bad *identity.BadToken
		if err := e.Check(c.token, found.JWK, c.issuer, c.subject, c.nonce); !errors.As(err, &bad) ||
			!strings.Contains(bad.Reason, c.want) {
			t.Errorf("%s: answered %v", name, err)
		}
	}
}

func TestAKeptKeyThatIsNoPublicKeyIsRefused(t *testing.T) {
	b := newBench(t)
	e := newEvidence(t, b)
	token := idToken(t, b.wco.key(), identified(b.wco, b.now, nonce))
	private, err := json.Marshal(jose.JSONWebKey{Key: b.wco.key().private, KeyID: "first"})
	if err != nil {
		t.Fatal(err)
	}
	for name, jwk := range map[string]string{"none": "", "garbage": "{", "secret": `{"kty":"oct","k":"AAAA"}`,
		"private": string(private)} {
		if err := e.Check(token, []byte(jwk), b.wco.URL, "focal.wco", nonce); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestWhatIsNoFreshSignInForThisTextIsNoEvidence(t *testing.T) {
	b := newBench(t)
	e := newEvidence(t, b)
	good := identified(b.wco, b.now, nonce)
	for name, c := range map[string]struct {
		claims map[string]any
		reason string
	}{
		"another text":       {map[string]any{"nonce": "x"}, "nonce"},
		"no nonce":           {map[string]any{"nonce": nil}, "nonce"},
		"for the API":        {map[string]any{"aud": audience}, "sign-in client"},
		"for a machine":      {map[string]any{"aud": "gtas"}, "sign-in client"},
		"for another client": {map[string]any{"aud": "elsewhere"}, "sign-in client"},
		"given to another": {map[string]any{"aud": []string{"portal", "elsewhere"}, "azp": "elsewhere"},
			"sign-in client"},
		"for two, given to ?":  {map[string]any{"aud": []string{"portal", "elsewhere"}}, "sign-in client"},
		"expired":              {map[string]any{"exp": b.now.Unix()}, "expired"},
		"no expiry":            {map[string]any{"exp": nil}, "expiry"},
		"issued long ago":      {map[string]any{"iat": b.now.Add(-11 * time.Minute).Unix()}, "issued"},
		"issued in the future": {map[string]any{"iat": b.now.Add(2 * time.Minute).Unix()}, "issued"},
		"old sign-in":          {map[string]any{"auth_time": b.now.Add(-11 * time.Minute).Unix()}, "older"},
		"sign-in to come":      {map[string]any{"auth_time": b.now.Add(2 * time.Minute).Unix()}, "older"},
		"no time of sign-in":   {map[string]any{"auth_time": nil}, "older"},
		"by password":          {map[string]any{"acr": "pwd"}, "weaker"},
		"issuer not ours":      {map[string]any{"iss": "https://elsewhere.example"}, "issuer"},
		"the other's issuer":   {map[string]any{"iss": b.unoct.URL}, "signatory's own"},
		"nobody":               {map[string]any{"sub": ""}, "subject"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.Verify(t.Context(), b.wco.URL, idToken(t, b.wco.key(), with(good, c.claims)), nonce)
			var bad *identity.BadToken
			if !errors.As(err, &bad) || !strings.Contains(bad.Reason, c.reason) {
				t.Errorf("answered %v, want %q", err, c.reason)
			}
		})
	}
	if _, err := e.Verify(t.Context(), b.wco.URL, jwt(t, b.wco.key(), nil, good), nonce); err == nil {
		t.Error("an access token was taken")
	}
	other := b.unoct.key()
	if _, err := e.Verify(t.Context(), b.wco.URL, idToken(t, other, good), nonce); err == nil {
		t.Error("another issuer's signature was taken")
	}
	if _, err := e.Verify(t.Context(), b.wco.URL, idToken(t, b.wco.key(), good), ""); err == nil {
		t.Error("no text was taken")
	}
	b.unoct.away.Store(true)
	id := identified(b.unoct, b.now, nonce)
	if _, err := e.Verify(t.Context(), b.unoct.URL, idToken(t, other, id), nonce); !errors.Is(err,
		identity.ErrProviderAway) {
		t.Errorf("provider away: %v", err)
	}
}
