package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	// keysServe is how long fetched keys serve; a key that the provider withdrew is gone after that at the latest.
	keysServe = 10 * time.Minute
	// fetchWithin bounds discovery and keys together.
	fetchWithin = 5 * time.Second
	// fetchPause is kept between two fetches, so that tokens with invented key ids do not become a flood on the
	// provider.
	fetchPause = time.Second
	// maxAnswer bounds what a provider may answer.
	maxAnswer = 1 << 20
	// rsaBits is how long an RSA key has to be to give 128 bits of security (NIST SP 800-57, ASVS 11.2.3).
	rsaBits = 3072
)

// provider is one issuer and the keys that it published last.
type provider struct {
	issuer Issuer
	client *http.Client
	now    func() time.Time
	logger *slog.Logger
	flight singleflight.Group

	mu      sync.Mutex
	ring    *keyring  // nil until the first fetch
	fetched time.Time // when ring was fetched
	tried   time.Time // when a fetch was last begun
	failure error     // of the last fetch
	unfound error     // of the last time that the pages asked for the metadata
}

// keyring is an immutable set of public keys.
type keyring struct {
	keys []jose.JSONWebKey
}

// find holds the keys of that id which may make that signature.
func (k *keyring) find(kid, alg string) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, key := range k.keys {
		if key.KeyID == kid && signs(key, alg) {
			found = append(found, key)
		}
	}
	return found
}

// signs reports whether key may make signatures of that algorithm: the token does not choose what a key is for
// (RFC 8725 3.1).
func signs(key jose.JSONWebKey, alg string) bool {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != alg {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return (alg[:2] == "RS" || alg[:2] == "PS") && public.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return alg == map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[public.Curve.Params().BitSize]
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

// signatureOf satisfies oidc.KeySet with the keys that fit the header already read.
type signatureOf struct {
	token *token
	keys  []jose.JSONWebKey
}

// VerifySignature answers the payload that one of the keys signed.
func (s signatureOf) VerifySignature(_ context.Context, jwt string) ([]byte, error) {
	payload, _, err := s.verify(jwt)
	return payload, err
}

func (s signatureOf) verify(jwt string) ([]byte, *jose.JSONWebKey, error) {
	signed, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.token.alg)})
	if err != nil {
		return nil, nil, fmt.Errorf("parse signature: %w", err)
	}
	for i := range s.keys {
		if payload, err := signed.Verify(&s.keys[i]); err == nil {
			return payload, &s.keys[i], nil
		}
	}
	return nil, nil, errors.New("signature does not verify")
}

// keysFor answers the keys that may have signed t, and the ring that they are of. It fetches them when there are none
// younger than ten minutes, and when none has the token's key id: the provider may have rotated. ErrProviderAway when a
// fetch that was needed failed.
func (p *provider) keysFor(ctx context.Context, t *token) (*keyring, []jose.JSONWebKey, error) {
	ring, err := p.current(ctx)
	if err != nil {
		return nil, nil, err
	}
	if keys := ring.find(t.kid, t.alg); len(keys) > 0 {
		return ring, keys, nil
	}
	if ring, err = p.newer(ctx, ring); err != nil {
		return nil, nil, err
	}
	if keys := ring.find(t.kid, t.alg); len(keys) > 0 {
		return ring, keys, nil
	}
	return nil, nil, refuse("issuer has no key of that id for that algorithm")
}

// current is the keyring, fetched if it is not there or too old.
func (p *provider) current(ctx context.Context) (*keyring, error) {
	p.mu.Lock()
	ring, fetched := p.ring, p.fetched
	p.mu.Unlock()
	// A clock that stepped back makes keys old, not eternal.
	if age := p.now().Sub(fetched); ring != nil && age >= 0 && age < keysServe {
		return ring, nil
	}
	return p.fetch(ctx)
}

// newer is a keyring other than known, unless one was asked for less than a second ago.
func (p *provider) newer(ctx context.Context, known *keyring) (*keyring, error) {
	p.mu.Lock()
	ring, paused, failure := p.ring, p.pausing(), p.failure
	p.mu.Unlock()
	if ring != nil && ring != known {
		return ring, nil
	}
	if paused && failure == nil {
		return known, nil
	}
	return p.fetch(ctx)
}

// pausing wants p.mu held.
func (p *provider) pausing() bool {
	since := p.now().Sub(p.tried)
	return !p.tried.IsZero() && since >= 0 && since < fetchPause
}

// fetch gets the keys once for all who wait. A caller who goes away does not end it for the others.
func (p *provider) fetch(ctx context.Context) (*keyring, error) {
	p.mu.Lock()
	paused, failure := p.pausing(), p.failure
	p.mu.Unlock()
	if paused && failure != nil {
		return nil, p.away(failure)
	}
	done := p.flight.DoChan("keys", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchWithin)
		defer cancel()
		return p.fetchNow(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, p.away(ctx.Err())
	case result := <-done:
		if result.Err != nil {
			return nil, p.away(result.Err)
		}
		return result.Val.(*keyring), nil
	}
}

func (p *provider) away(cause error) error {
	return fmt.Errorf("issuer %s: %w: %v", p.issuer.URL, ErrProviderAway, cause)
}

func (p *provider) fetchNow(ctx context.Context) (*keyring, error) {
	p.mu.Lock()
	p.tried = p.now()
	p.mu.Unlock()
	ring, err := p.discover(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failure = err
	if err != nil {
		p.logger.Warn("identity provider does not give its keys", "issuer", p.issuer.URL, "error", err)
		return nil, err
	}
	p.ring, p.fetched = ring, p.now()
	return ring, nil
}

// discover reads the provider's metadata, which must name exactly our issuer, and its keys.
func (p *provider) discover(ctx context.Context) (*keyring, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer.URL)
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&metadata); err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	if err := checkURL(metadata.Keys); err != nil {
		return nil, fmt.Errorf("jwks_uri: %w", err)
	}
	ring, err := fetchKeys(ctx, p.client, metadata.Keys)
	if err != nil {
		return nil, err
	}
	return p.longEnough(ring), nil
}

// longEnough leaves out RSA keys that are too short, and tells the operator: tokens that they sign are refused.
func (p *provider) longEnough(ring *keyring) *keyring {
	if p.issuer.RSA2048 {
		return ring // those below 2,048 bits sign nothing anywhere
	}
	kept := &keyring{}
	for _, key := range ring.keys {
		if public, isRSA := key.Key.(*rsa.PublicKey); isRSA && public.N.BitLen() < rsaBits {
			p.logger.Warn("identity provider publishes a short key", "issuer", p.issuer.URL, "kid", key.KeyID,
				"bits", public.N.BitLen())
			continue
		}
		kept.keys = append(kept.keys, key)
	}
	return kept
}

func fetchKeys(ctx context.Context, client *http.Client, address string) (*keyring, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("keys: status %d", resp.StatusCode)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return readKeys(set.Keys)
}

// readKeys keeps the public signing keys; a kind of key that we do not know hinders nobody (RFC 7517 5).
func readKeys(raw []json.RawMessage) (*keyring, error) {
	ring := &keyring{}
	for _, one := range raw {
		var key jose.JSONWebKey
		if err := json.Unmarshal(one, &key); err != nil || !key.IsPublic() || !key.Valid() || key.KeyID == "" {
			continue
		}
		ring.keys = append(ring.keys, key)
	}
	if len(ring.keys) == 0 {
		return nil, errors.New("keys: none that we can use")
	}
	return ring, nil
}

// boundedClient follows no redirect, so that a provider's metadata comes from where the configuration says, and
// reads no more than maxAnswer bytes of an answer.
func boundedClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.Transport = boundedTransport{client.Transport}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if client.Timeout == 0 {
		client.Timeout = fetchWithin
	}
	return &client
}

type boundedTransport struct{ under http.RoundTripper }

func (b boundedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.under.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = boundedBody{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

type boundedBody struct {
	io.Reader
	io.Closer
}
