package identity

import (
	"errors"
	"time"
)

// ErrNoToken says that a request carries no bearer token at all. It is answered 401 without an error code (RFC 6750
// 3.1).
var ErrNoToken = errors.New("no bearer token")

// ErrProviderAway says that the keys of the token's issuer can be had neither from the provider nor from the cache.
// Nothing is known against the token: it is answered 503, never 401.
var ErrProviderAway = errors.New("identity provider is away")

// BadToken is a bearer token that proves nobody. Reason is for the operations log and for the caller:
// it names the check that failed and holds no part of the token.
type BadToken struct {
	Reason string
	Issuer string        // the configured provider that the token names, proved or not; empty: it names none of them
	Ahead  time.Duration // by how much the provider's clock is ahead of this one, where that is the reason
}

func (e *BadToken) Error() string { return "bad token: " + e.Reason }
