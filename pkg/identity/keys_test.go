package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chancery.example/gateway/pkg/identity"
)

// publishes has an issuer publish exactly these keys.
func publishes(t *testing.T, i *issuer, keys ...jose.JSONWebKey) {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.says = set
}

// 2,048 bits give 112 bits of security, fewer than anything else that the gateway rests on.
func TestAnRSAKeyBelow3072BitsSignsNothingUnlessConfigured(t *testing.T) {
	b := newBench(t)
	short := jwt(t, b.wco.addRSA(t, "short", 2048), nil, access(b.wco, b.now))
	refusedBecause(t, b, short, "no key of that id for that algorithm")
	if err := b.come(jwt(t, b.wco.key(), nil, access(b.wco, b.now))); err != nil {
		t.Error("the provider's other keys serve no more:", err)
	}
	issuer := binding(b.wco.URL)
	issuer.RSA2048 = true
	v, err := identity.New(identity.Config{Issuers: []identity.Issuer{issuer}, Gateway: b.door})
	if err != nil {
		t.Fatal(err)
	}
	b.Verifier = v
	if err := b.come(short); err != nil {
		t.Error(err)
	}
}

// RFC 8725 3.1: the token does not choose what a key is for. A key for encryption, for another algorithm, or too short
// to be one, verifies nothing, though its signature is good.
func TestAKeySignsOnlyWhatItIsPublishedFor(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, publish := range map[string]func(signingKey) (signingKey, jose.JSONWebKey){
		"for encryption": func(k signingKey) (signingKey, jose.JSONWebKey) {
			return k, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid, Use: "enc"}
		},
		"for another algorithm": func(k signingKey) (signingKey, jose.JSONWebKey) {
			return k, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid, Use: "sig", Algorithm: "PS256"}
		},
		"of 1,024 bits": func(k signingKey) (signingKey, jose.JSONWebKey) {
			return signingKey{k.kid, short}, jose.JSONWebKey{Key: short.Public(), KeyID: k.kid, Use: "sig"}
		},
	} {
		b := newBench(t)
		key := b.wco.addRSA(t, "rsa", 3072)
		if err := b.come(jwt(t, key, nil, access(b.wco, b.now))); err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(10 * time.Minute)
		key, published := publish(key)
		publishes(t, b.wco, published)
		t.Log(name)
		refusedBecause(t, b, jwt(t, key, nil, access(b.wco, b.now)), "no key of that id for that algorithm")
	}
}

// A provider that published a private key by mistake has not published a key that proves anything: everybody has it.
func TestAPrivateKeyAmongThePublishedOnesProvesNothing(t *testing.T) {
	b := newBench(t)
	key := b.wco.key()
	publishes(t, b.wco, jose.JSONWebKey{Key: key.private, KeyID: key.kid, Use: "sig"})
	if err := b.come(jwt(t, key, nil, access(b.wco, b.now))); !errors.Is(err, identity.ErrProviderAway) {
		t.Errorf("answered %v", err)
	}
}

// A clock that is set back makes keys old, not eternal: a key that the provider withdrew would serve until the clock
// came to where it had been.
func TestKeysFetchedLaterThanNowAreFetchedAgain(t *testing.T) {
	b := newBench(t)
	first := b.wco.key()
	if err := b.come(jwt(t, first, nil, access(b.wco, b.now))); err != nil {
		t.Fatal(err)
	}
	b.wco.rotate(t, "second")
	b.now = b.now.Add(-time.Hour)
	refusedBecause(t, b, jwt(t, first, nil, access(b.wco, b.now)), "no key of that id")
}

// While a provider is away, its people's tokens do not become a flood on it.
func TestAProviderThatIsAwayIsAskedOnceASecond(t *testing.T) {
	b := newBench(t)
	b.wco.away.Store(true)
	for range 50 {
		if err := b.come(jwt(t, b.wco.key(), nil, access(b.wco, b.now))); !errors.Is(err, identity.ErrProviderAway) {
			t.Fatal(err)
		}
	}
	if got := b.wco.asked.Load(); got != 1 {
		t.Errorf("it was asked %d times within a second, want 1", got)
	}
}

// What a provider answers is read to a bound.
func TestAProviderThatAnswersWithoutEndIsAway(t *testing.T) {
	b := newBench(t)
	key := b.wco.key()
	answer := string(b.wco.published(t))
	b.wco.mu.Lock()
	b.wco.says = []byte(strings.Repeat(" ", 1<<20) + answer)
	b.wco.mu.Unlock()
	if err := b.come(jwt(t, key, nil, access(b.wco, b.now))); !errors.Is(err, identity.ErrProviderAway) {
		t.Errorf("answered %v", err)
	}
}

// elsewhere answers for a provider whose keys, or whose metadata, are said to be at another address.
type elsewhere struct {
	metadata func(r *http.Request) *http.Response
	asked    []string
}

func (e *elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	e.asked = append(e.asked, r.URL.Host)
	if r.URL.Host != "login.wco.example" {
		return nil, errors.New("nobody is here")
	}
	answer := e.metadata(r)
	if answer.Body == nil {
		answer.Body = http.NoBody
	}
	answer.Request = r
	return answer, nil
}

// A provider's metadata comes from where the configuration says, and its keys over a connection that nobody listens on:
// nothing is asked of another host that it names, or over plain http.
func TestKeysComeFromWhereTheConfigurationSays(t *testing.T) {
	const url = "https://login.wco.example"
	said := func(keys string) *http.Response {
		body := `{"issuer":"` + url + `","jwks_uri":"` + keys + `","authorization_endpoint":"` + url +
			`/a","token_endpoint":"` + url + `/t"}`
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(body))}
	}
	for name, answer := range map[string]func(r *http.Request) *http.Response{
		"metadata elsewhere": func(*http.Request) *http.Response {
			return &http.Response{StatusCode: http.StatusFound,
				Header: http.Header{"Location": {"https://attacker.example/metadata"}}}
		},
		"keys over http": func(*http.Request) *http.Response { return said("http://keys.wco.example/keys") },
		"keys elsewhere": func(r *http.Request) *http.Response {
			if r.URL.Path == "/keys" {
				return &http.Response{StatusCode: http.StatusFound,
					Header: http.Header{"Location": {"https://attacker.example/keys"}}}
			}
			return said(url + "/keys")
		},
	} {
		b, way := newBench(t), &elsewhere{metadata: answer}
		v, err := identity.New(identity.Config{Issuers: []identity.Issuer{binding(url)}, Gateway: b.door,
			Now:        func() time.Time { return b.now },
			HTTPClient: &http.Client{Transport: way}})
		if err != nil {
			t.Fatal(err)
		}
		b.Verifier = v
		token := jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), map[string]any{"iss": url}))
		if err := b.come(token); !errors.Is(err, identity.ErrProviderAway) {
			t.Errorf("%s: answered %v", name, err)
		}
		for _, host := range way.asked {
			if host != "login.wco.example" {
				t.Errorf("%s: %s was asked", name, host)
			}
		}
	}
}
