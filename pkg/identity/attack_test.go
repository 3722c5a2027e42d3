package identity_test

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chancery.example/gateway/pkg/identity"
)

// refusedBecause wants a *BadToken that says why, and nobody recognised.
func refusedBecause(t *testing.T, b *bench, token, reason string) {
	t.Helper()
	before := len(b.door.seen)
	err := b.come(token)
	var bad *identity.BadToken
	if !errors.As(err, &bad) {
		t.Fatalf("answered %v, want a refused token", err)
	}
	if !strings.Contains(bad.Reason, reason) {
		t.Errorf("refused because %q, want %q", bad.Reason, reason)
	}
	if len(b.door.seen) != before {
		t.Error("somebody was recognised")
	}
}

// refusedAlike is refusedBecause, and wants whoever sets up a provider to be told the same, and never the token.
func refusedAlike(t *testing.T, b *bench, token, reason string) {
	t.Helper()
	refusedBecause(t, b, token, reason)
	e, err := identity.Explain(t.Context(), b.config, token, nil)
	if err != nil || len(e.Refusals) == 0 {
		t.Errorf("it is refused, and explained as accepted (%v)", err)
	}
	for _, part := range strings.Split(token, ".") {
		if len(part) > 20 && strings.Contains(fmt.Sprintf("%+v", e), part) {
			t.Error("the explanation holds a part of the token")
		}
	}
}

func TestTokenWithAWrongClaimIsRefused(t *testing.T) {
	b := newBench(t)
	good := access(b.wco, b.now)
	if err := b.come(jwt(t, b.wco.key(), nil, good)); err != nil {
		t.Fatalf("the good token: %v", err)
	}
	for name, c := range map[string]struct {
		claims map[string]any
		reason string
	}{
		"issuer not configured":     {map[string]any{"iss": "https://elsewhere.example"}, "issuer"},
		"issuer spelt otherwise":    {map[string]any{"iss": b.wco.URL + "/"}, "issuer"},
		"no issuer":                 {map[string]any{"iss": nil}, "issuer"},
		"issuer is a list":          {map[string]any{"iss": []string{b.wco.URL}}, "issuer"},
		"issuer of the other Party": {map[string]any{"iss": b.unoct.URL}, "not verified"},
		"audience elsewhere":        {map[string]any{"aud": "https://elsewhere.example"}, "not meant for this API"},
		"audience is the client":    {map[string]any{"aud": "portal"}, "not meant for this API"},
		"no audience":               {map[string]any{"aud": nil}, "not meant for this API"},
		"client not configured":     {map[string]any{"client_id": "elsewhere"}, "client"},
		"no client":                 {map[string]any{"client_id": nil}, "no client"},
		"client against azp":        {map[string]any{"azp": "cli"}, "differ"},
		"expired":                   {map[string]any{"exp": b.now.Unix()}, "expired"},
		"long expired": {map[string]any{"iat": b.now.Add(-time.Hour).Unix(),
			"exp": b.now.Add(-55 * time.Minute).Unix()}, "expired"},
		"no expiry":            {map[string]any{"exp": nil}, "no expiry"},
		"expiry beyond time":   {map[string]any{"exp": 1e300}, "no expiry"},
		"expiry is a word":     {map[string]any{"exp": "tomorrow"}, "no expiry"},
		"expiry is null":       {map[string]any{"exp": json.RawMessage("null")}, "no expiry"},
		"no time of issue":     {map[string]any{"iat": nil}, "no time of issue"},
		"issued in the future": {map[string]any{"iat": b.now.Add(61 * time.Second).Unix()}, "future"},
		"not yet valid":        {map[string]any{"nbf": b.now.Add(61 * time.Second).Unix()}, "not yet valid"},
		"not before is a word": {map[string]any{"nbf": "now"}, "not yet valid"},
		"lives too long": {map[string]any{"exp": b.now.Add(15*time.Minute + time.Second).Unix()},
			"lives longer"},
		"no subject":                {map[string]any{"sub": nil}, "subject"},
		"subject is empty":          {map[string]any{"sub": ""}, "subject"},
		"subject is not ASCII":      {map[string]any{"sub": "focal.wco\u202e"}, "subject"},
		"subject is long":           {map[string]any{"sub": strings.Repeat("a", 256)}, "subject"},
		"ID token, by nonce":        {map[string]any{"nonce": "n"}, "ID token"},
		"ID token, by at_hash":      {map[string]any{"at_hash": "h"}, "ID token"},
		"refresh token of Keycloak": {map[string]any{"typ": "Refresh"}, "access token is wanted"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedAlike(t, b, jwt(t, b.wco.key(), nil, with(good, c.claims)), c.reason)
		})
	}
}

// An operator can tell whose clock is ahead, and by how much.
func TestATokenFromTheFutureNamesItsProviderAndHowFarItsClockIsAhead(t *testing.T) {
	b := newBench(t)
	err := b.come(jwt(t, b.wco.key(), nil,
		with(access(b.wco, b.now), map[string]any{"iat": b.now.Add(90 * time.Second).Unix()})))
	var bad *identity.BadToken
	if !errors.As(err, &bad) {
		t.Fatalf("%v", err)
	}
	if off := (bad.Ahead - 90*time.Second).Abs(); bad.Issuer != b.wco.URL || off > time.Second {
		t.Errorf("%+v, want 90 s of %s", bad, b.wco.URL)
	}
}

func TestTokenWithAWrongHeaderIsRefused(t *testing.T) {
	b := newBench(t)
	good := access(b.wco, b.now)
	own := jose.JSONWebKey{Key: b.wco.key().private.Public(), KeyID: "first"}
	for name, c := range map[string]struct {
		header map[string]any
		reason string
	}{
		"key id unknown":      {map[string]any{"kid": "second"}, "no key of that id"},
		"key id empty":        {map[string]any{"kid": ""}, "key id"},
		"key id is a number":  {map[string]any{"kid": 7}, "key id"},
		"key id missing":      {map[string]any{"kid": nil}, "key id"},
		"key elsewhere (jku)": {map[string]any{"jku": "https://elsewhere.example/keys"}, `"jku"`},
		"key inside (jwk)":    {map[string]any{"jwk": own}, `"jwk"`},
		"certificate (x5u)":   {map[string]any{"x5u": "https://elsewhere.example/cert"}, `"x5u"`},
		"certificate (x5c)":   {map[string]any{"x5c": []string{"AA=="}}, `"x5c"`},
		"critical extension":  {map[string]any{"crit": []string{"exp"}}, `"crit"`},
		"compressed":          {map[string]any{"zip": "DEF"}, `"zip"`},
		"plain JWT":           {map[string]any{"typ": "JWT"}, "at+jwt"},
		"no type":             {map[string]any{"typ": nil}, "at+jwt"},
		"logout token":        {map[string]any{"typ": "logout+jwt"}, "at+jwt"},
		"type is a number":    {map[string]any{"typ": 1}, "type"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedAlike(t, b, jwt(t, b.wco.key(), c.header, good), c.reason)
		})
	}
}

func TestUnsignedAndForgedTokensAreRefused(t *testing.T) {
	b := newBench(t)
	good := access(b.wco, b.now)
	genuine := jwt(t, b.wco.key(), nil, good)
	parts := strings.Split(genuine, ".")
	rsaKey := b.wco.addRSA(t, "rsa", 3072)
	secret, err := x509.MarshalPKIXPublicKey(rsaKey.private.(*rsa.PrivateKey).Public())
	if err != nil {
		t.Fatal(err)
	}
	secret = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: secret})
	other := b.unoct.key()
	other.kid = "first"
	for name, c := range map[string]struct{ token, reason string }{
		"alg none": {handmade(t, `{"alg":"none","typ":"at+jwt","kid":"first"}`, good, nil), "algorithm"},
		"alg none, signed": {handmade(t, `{"alg":"none","typ":"at+jwt","kid":"first"}`, good, []byte("x")),
			"algorithm"},
		"alg NONE": {handmade(t, `{"alg":"NONE","typ":"at+jwt","kid":"first"}`, good, nil), "algorithm"},
		"alg twice": {handmade(t, `{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"first"}`, good,
			[]byte("x")), "twice"},
		"alg in capitals": {handmade(t, `{"ALG":"ES256","typ":"at+jwt","kid":"first"}`, good, []byte("x")),
			"algorithm"},
		"HS256 with public key": {hmacSigned(t, secret, good), "algorithm"},
		"alg of another key": {handmade(t, `{"alg":"RS256","typ":"at+jwt","kid":"first"}`, good, []byte("x")),
			"no key of that id"},
		"signature cut off":   {parts[0] + "." + parts[1] + ".", "signature"},
		"signature of others": {jwt(t, other, nil, good), "not verified: signature"},
		"claims exchanged": {parts[0] + "." +
			strings.Split(handmade(t, "{}", with(good, map[string]any{"sub": "deputy.wco"}), nil), ".")[1] + "." +
			parts[2], "not verified: signature"},
		"five parts":       {genuine + ".a.b", "compact"},
		"two parts":        {parts[0] + "." + parts[1], "compact"},
		"padding":          {parts[0] + "=." + parts[1] + "." + parts[2], "base64url"},
		"trailing bits":    {genuine[:len(genuine)-1] + "_", "base64url"},
		"garbage":          {"garbage", "compact"},
		"garbage in parts": {"a.b.c", "header"},
		"header is a list": {handmade(t, `["alg"]`, good, []byte("x")), "header"},
		"header goes on": {handmade(t, `{"alg":"ES256","typ":"at+jwt","kid":"first"}{}`, good, []byte("x")),
			"header"},
		"oversize": {genuine + strings.Repeat("A", 16<<10), "longer"},
	} {
		t.Run(name, func(t *testing.T) { refusedBecause(t, b, c.token, c.reason) })
	}
}

// hmacSigned signs with the public key as if it were a secret.
func hmacSigned(t *testing.T, secret []byte, claims map[string]any) string {
	t.Helper()
	unsigned := strings.TrimSuffix(handmade(t, `{"alg":"HS256","typ":"at+jwt","kid":"rsa"}`, claims, nil), ".")
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(unsigned))
	return unsigned + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestIDTokenIsNoAccessToken(t *testing.T) {
	b := newBench(t)
	id := identified(b.wco, b.now, "n")
	refusedBecause(t, b, jwt(t, b.wco.key(), map[string]any{"typ": "JWT"}, id), "at+jwt")
	refusedBecause(t, b, jwt(t, b.wco.key(), nil, id), "ID token")
	refusedBecause(t, b, jwt(t, b.wco.key(), nil, with(id, map[string]any{"nonce": nil})), "not meant for this API")
}

func TestOneOrganisationsIssuerCannotSpeakForAnother(t *testing.T) {
	b := newBench(t)
	forged := b.wco.key()
	refusedBecause(t, b, jwt(t, forged, nil, access(b.unoct, b.now)), "not verified: signature")
}

func TestTheSameSubjectAtTwoIssuersIsTwoPersons(t *testing.T) {
	b := newBench(t)
	for _, i := range []*issuer{b.wco, b.unoct} {
		if err := b.come(jwt(t, i.key(), nil, access(i, b.now))); err != nil {
			t.Fatal(err)
		}
		if got := b.door.last(); got.Issuer != i.URL || got.Subject != "focal.wco" {
			t.Errorf("recognised %s of %s", got.Subject, got.Issuer)
		}
	}
}

func TestOnlyOneAuthorizationHeaderOfSchemeBearerIsRead(t *testing.T) {
	b := newBench(t)
	good := jwt(t, b.wco.key(), nil, access(b.wco, b.now))
	for name, c := range map[string]struct {
		headers []string
		none    bool
	}{
		"no header":     {nil, true},
		"basic":         {[]string{"Basic dTpw"}, true},
		"empty bearer":  {[]string{"Bearer "}, true},
		"bearer alone":  {[]string{"Bearer"}, true},
		"two headers":   {[]string{"Bearer " + good, "Bearer " + good}, false},
		"two tokens":    {[]string{"Bearer " + good + " " + good}, false},
		"list of those": {[]string{"Bearer " + good + ", Bearer " + good}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/?access_token="+good, nil)
			r.Header["Authorization"] = c.headers
			_, err := b.Authenticate(r.Context(), r)
			var bad *identity.BadToken
			if got := errors.Is(err, identity.ErrNoToken); got != c.none || !got && !errors.As(err, &bad) {
				t.Errorf("answered %v", err)
			}
		})
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "bearer "+good)
	if _, err := b.Authenticate(r.Context(), r); err != nil {
		t.Errorf("scheme in lower case: %v", err)
	}
}

// FuzzToken looks for bytes that are taken for a token, or that end in anything but a stated refusal.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "e30.e30.AA",
		"eyJhbGciOiJFUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJhdCtqd3QifQ.eyJpc3MiOiJ4In0.AA",
		"eyJhbGciOiJub25lIn0..", "W10.W10.W10", "eyJhIjp7ImIiOltdfX0.bnVsbA.AA"} {
		f.Add(seed)
	}
	v, err := identity.New(identity.Config{Issuers: []identity.Issuer{binding("https://id.wco.example.int")},
		Gateway:    &door{},
		HTTPClient: &http.Client{Transport: nobodyHome{}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Authorization"] = []string{"Bearer " + token}
		_, err := v.Authenticate(r.Context(), r)
		var bad *identity.BadToken
		if !errors.As(err, &bad) && !errors.Is(err, identity.ErrNoToken) && !errors.Is(err, identity.ErrProviderAway) {
			t.Errorf("%q answered %v", token, err)
		}
	})
}

type nobodyHome struct{}

func (nobodyHome) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nobody home")
}
