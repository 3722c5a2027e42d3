package exchange

import (
	"context"
	"errors"
	"time"
)

// ErrEvidenceUnavailable says that the identity provider behind a piece of evidence cannot be asked: nothing is
// decided.
var ErrEvidenceUnavailable = errors.New("identity provider cannot be asked")

// Finding is what a verified ID token shows.
type Finding struct {
	Subject    string
	JWK        []byte // the issuer's public key, kept with the consent
	Thumbprint string // of that key, RFC 7638
	AuthTime   time.Time
}

// EvidenceVerifier checks that a consent is the signatory's own writing (reading 0010).
type EvidenceVerifier interface {
	// Verify checks a fresh ID token of the issuer: signature by a current key, audience, expiry, a sign-in at most
	// 10 minutes old, and that its nonce is the one given. ErrEvidenceUnavailable when the issuer cannot be asked for
	// its keys.
	Verify(ctx context.Context, issuer, idToken, nonce string) (Finding, error)
	// Check verifies a kept ID token against the kept key, without network; expiry does not matter any more.
	Check(idToken string, jwk []byte, issuer, subject, nonce string) error
}
