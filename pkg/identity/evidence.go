package identity

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chancery.example/gateway/pkg/exchange"
)

// Evidence verifies the ID tokens by which signatories show that a consent is their own writing: the nonce of such a
// token is the hash of the canonical text. It satisfies exchange.EvidenceVerifier and is safe for concurrent use.
type Evidence struct {
	providers map[string]*provider
	now       func() time.Time
	proven    proven
}

// NewEvidence makes an Evidence of cfg.Issuers; cfg.Gateway is not used. It reaches no provider.
func NewEvidence(cfg Config) (*Evidence, error) {
	providers, err := newProviders(cfg)
	if err != nil {
		return nil, err
	}
	return &Evidence{providers: providers, now: clock(cfg.Now)}, nil
}

// Verify checks a fresh ID token of the issuer: signature by a current key, audience one of the sign-in clients,
// expiry, a sign-in at most ten minutes old, under the issuer's acr where it asks for one, and exactly that nonce.
// It answers *BadToken, or ErrProviderAway when the issuer's keys cannot be had.
func (e *Evidence) Verify(ctx context.Context, issuer, idToken, nonce string) (exchange.Finding, error) {
	t, err := readToken(idToken)
	if err != nil {
		return exchange.Finding{}, err
	}
	p, err := issuerOf(e.providers, t)
	if err != nil {
		return exchange.Finding{}, err
	}
	if p.issuer.URL != issuer {
		return exchange.Finding{}, refuse("issuer is not the signatory's own")
	}
	client, err := p.issuer.checkID(t, nonce, e.now())
	if err != nil {
		return exchange.Finding{}, err
	}
	_, keys, err := p.keysFor(ctx, t)
	if errors.Is(err, ErrProviderAway) {
		return exchange.Finding{}, fmt.Errorf("%w: %w", exchange.ErrEvidenceUnavailable, err)
	}
	if err != nil {
		return exchange.Finding{}, err
	}
	verified, err := p.check(ctx, t, signatureOf{t, keys}, client)
	if err != nil {
		return exchange.Finding{}, err
	}
	return finding(t, keys, verified.Subject)
}

// checkID refuses what is not an ID token of a sign-in just made for that nonce, and answers the client it is for.
func (i Issuer) checkID(t *token, nonce string, now time.Time) (string, error) {
	client, err := i.signInClient(t)
	if err != nil {
		return "", err
	}
	if err := checkBinding(t, i.URL, nonce); err != nil {
		return "", err
	}
	issued, ok := t.claims.instant("iat")
	if expires, expiring := t.claims.instant("exp"); !ok || !expiring || !expires.After(now) {
		return "", refuse("no time of issue, no expiry, or expired")
	}
	if issued.After(now.Add(skew)) || now.Sub(issued) > freshFor {
		return "", refuse("issued in the future, or more than %s ago", freshFor)
	}
	at, ok := t.claims.instant("auth_time")
	if !ok || at.After(now.Add(skew)) || now.Sub(at) > freshFor {
		return "", refuse("the sign-in is older than %s, or says no time", freshFor)
	}
	if len(i.StepUpACR) > 0 && !slices.Contains(i.StepUpACR, i.acrOf(t.claims)) {
		return "", refuse("the sign-in is weaker than the issuer's binding asks for")
	}
	return client, nil
}

// signInClient is the sign-in client that the ID token was issued to (OpenID Connect Core 3.1.3.7).
func (i Issuer) signInClient(t *token) (string, error) {
	if t.typ != "" && t.typ != "jwt" {
		return "", refuse("an ID token is wanted")
	}
	audience := t.claims.texts("aud")
	party, named := t.claims.text("azp")
	if len(audience) == 1 && !named {
		party = audience[0]
	}
	if !slices.Contains(audience, party) || !slices.Contains(i.Clients, party) {
		return "", refuse("not meant for a sign-in client of this issuer")
	}
	return party, nil
}

// checkBinding ties an ID token to the issuer, to a usable subject and to the text whose hash the nonce is.
func checkBinding(t *token, issuer, nonce string) error {
	if iss, _ := t.claims.text("iss"); iss != issuer || issuer == "" {
		return refuse("issuer is another")
	}
	if got, _ := t.claims.text("nonce"); got != nonce || nonce == "" {
		return refuse("nonce is not the hash of the text")
	}
	if subject, _ := t.claims.text("sub"); !plainSubject(subject) {
		return refuse("no usable subject")
	}
	return nil
}

// finding keeps the one key that verifies, in the few members that make its thumbprint (RFC 7638 3.2).
func finding(t *token, keys []jose.JSONWebKey, subject string) (exchange.Finding, error) {
	_, key, err := signatureOf{t, keys}.verify(t.raw)
	if err != nil {
		return exchange.Finding{}, refuse("not verified: signature")
	}
	kept, err := json.Marshal(jose.JSONWebKey{Key: key.Key, KeyID: key.KeyID, Algorithm: t.alg, Use: "sig"})
	if err != nil {
		return exchange.Finding{}, fmt.Errorf("keep key %s of the issuer: %w", key.KeyID, err)
	}
	thumb, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return exchange.Finding{}, fmt.Errorf("thumbprint of key %s: %w", key.KeyID, err)
	}
	at, _ := t.claims.instant("auth_time")
	return exchange.Finding{Subject: subject, JWK: kept, Thumbprint: base64.RawURLEncoding.EncodeToString(thumb),
		AuthTime: at}, nil
}

// Check verifies a kept ID token against the kept key, without network: the signature, the issuer, the subject and the
// nonce. Its expiry does not matter any more; whether the issuer still publishes the key does not either. The very same
// question is not computed twice where the answer was yes.
func (e *Evidence) Check(idToken string, jwk []byte, issuer, subject, nonce string) error {
	question := checked(idToken, jwk, issuer, subject, nonce)
	if e.proven.has(question) {
		return nil
	}
	err := check(idToken, jwk, issuer, subject, nonce)
	if err == nil {
		e.proven.add(question)
	}
	return err
}

func check(idToken string, jwk []byte, issuer, subject, nonce string) error {
	t, err := readToken(idToken)
	if err != nil {
		return err
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal(jwk, &key); err != nil || !key.IsPublic() || !key.Valid() || !signs(key, t.alg) {
		return refuse("the kept key cannot have signed it")
	}
	if _, _, err := (signatureOf{t, []jose.JSONWebKey{key}}).verify(idToken); err != nil {
		return refuse("not verified: signature")
	}
	if err := checkBinding(t, issuer, nonce); err != nil {
		return err
	}
	if got, _ := t.claims.text("sub"); got != subject {
		return refuse("subject is another")
	}
	return nil
}
