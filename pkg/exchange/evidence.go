package exchange

import (
	"context"
	"time"
)

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
	// 10 minutes old, and that its nonce is the one given.
	Verify(ctx context.Context, issuer, idToken, nonce string) (Finding, error)
	// Check verifies a kept ID token against the kept key, without network; expiry does not matter any more.
	Check(idToken string, jwk []byte, issuer, subject, nonce string) error
}
