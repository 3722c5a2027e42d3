package identity_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
)

// issuer is an identity provider that signs whatever a test wants signed.
type issuer struct {
	*httptest.Server
	away    atomic.Bool // answers 500
	fetches atomic.Int64
	asked   atomic.Int64 // for anything

	mu   sync.Mutex
	keys []signingKey
	says []byte // what the keys' address answers instead of them; nil: the keys
}

type signingKey struct {
	kid     string
	private crypto.Signer
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys",
			"authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.fetches.Add(1)
		w.Write(i.published(t))
	})
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		if i.away.Load() {
			http.Error(w, "away", http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	i.rotate(t, "first")
	return i
}

// rotate replaces all keys by one new key of that id.
func (i *issuer) rotate(t *testing.T, kid string) signingKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := signingKey{kid, private}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = []signingKey{key}
	return key
}

func (i *issuer) addRSA(t *testing.T, kid string, bits int) signingKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	key := signingKey{kid, private}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = append(i.keys, key)
	return key
}

func (i *issuer) key() signingKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[0]
}

func (i *issuer) published(t *testing.T) []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.says != nil {
		return i.says
	}
	set := jose.JSONWebKeySet{}
	for _, k := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid, Use: "sig"})
	}
	data, err := json.Marshal(set)
	if err != nil {
		t.Error(err)
	}
	return data
}

// jwt signs claims under a header; nil members are left out.
func jwt(t *testing.T, key signingKey, header, claims map[string]any) string {
	t.Helper()
	signing := jose.ES256
	if _, isRSA := key.private.(*rsa.PrivateKey); isRSA {
		signing = jose.RS256
	}
	options := (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", key.kid)
	for name, value := range header {
		if value == nil {
			delete(options.ExtraHeaders, jose.HeaderKey(name))
			continue
		}
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: signing, Key: key.private}, options)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload(t, claims))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// handmade joins parts that no signer would make.
func handmade(t *testing.T, header string, claims map[string]any, signature []byte) string {
	t.Helper()
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString(payload(t, claims)) + "." +
		enc.EncodeToString(signature)
}

func payload(t *testing.T, claims map[string]any) []byte {
	t.Helper()
	kept := maps.Clone(claims)
	maps.DeleteFunc(kept, func(_ string, v any) bool { return v == nil })
	data, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// with is claims with some of them changed.
func with(claims map[string]any, changes map[string]any) map[string]any {
	changed := maps.Clone(claims)
	maps.Copy(changed, changes)
	return changed
}

const audience = "https://chancery.example.int/api"

// access is what a good access token of focal.wco says.
func access(i *issuer, now time.Time) map[string]any {
	return map[string]any{
		"iss": i.URL, "sub": "focal.wco", "aud": audience, "client_id": "portal", "name": "Fanny Focal",
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Add(-time.Minute).Unix(),
		"acr": "mfa", "groups": []string{"chancery-focal", "unknown-group"},
	}
}

// identified is what an ID token of focal.wco says.
func identified(i *issuer, now time.Time, nonce string) map[string]any {
	return map[string]any{
		"iss": i.URL, "sub": "focal.wco", "aud": "portal", "nonce": nonce, "acr": "mfa",
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Add(-time.Minute).Unix(),
	}
}

// door records the claims that reached it: whether they are recognised is the exchange's to say.
type door struct {
	mu   sync.Mutex
	seen []exchange.Claims
	err  error
}

func (d *door) Recognise(_ context.Context, c exchange.Claims) (exchange.Actor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = append(d.seen, c)
	return exchange.Actor{}, d.err
}

func (d *door) last() exchange.Claims {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[len(d.seen)-1]
}

// bench is a verifier of two issuers, as two organisations have them.
type bench struct {
	*identity.Verifier
	wco, unoct *issuer
	door       *door
	now        time.Time
	config     identity.Config
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{wco: newIssuer(t), unoct: newIssuer(t), door: &door{}, now: time.Now().Truncate(time.Second)}
	b.config = identity.Config{
		Issuers: []identity.Issuer{binding(b.wco.URL), binding(b.unoct.URL)},
		Gateway: b.door,
		Now:     func() time.Time { return b.now },
	}
	var err error
	b.Verifier, err = identity.New(b.config)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func binding(url string) identity.Issuer {
	return identity.Issuer{
		URL:      url,
		Audience: audience,
		Clients:  []string{"portal", "cli"},
		Roles: map[string]article4.Role{"chancery-focal": article4.RoleFocalPoint, "chancery-staff": article4.RoleStaff,
			"chancery-signatories": article4.RoleSignatory},
		StepUpACR: []string{"mfa"},
		Services: map[string]article4.ServiceLimits{
			"gtas": {Purposes: []article4.PurposeCode{"art2.f"}, Markings: []article4.Marking{article4.Restricted}},
		},
	}
}

// come asks with a bearer token.
func (b *bench) come(token string) error {
	r := httptest.NewRequest(http.MethodGet, "/api/v1/me", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	_, err := b.Authenticate(r.Context(), r)
	return err
}
