package identity

import (
	"crypto/sha256"
	"sync"
	"time"

	"chancery.example/gateway/pkg/exchange"
)

// maxRemembered bounds the tokens that are remembered: some 4 MiB.
const maxRemembered = 4096

// remembered are the tokens that were verified recently, by their SHA-256. A token that comes again within its life is
// not verified again while the issuer's keys are the very ones that verified it: with other keys (rotated, withdrawn,
// or fetched again) the whole verification runs.
type remembered struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]verified
}

// verified is what was found in a token.
type verified struct {
	provider *provider
	ring     *keyring // the keys that verified it
	claims   exchange.Claims
	since    time.Time // when it was verified; before that nothing is known of it
	expires  time.Time
}

// find answers what is remembered of a token, unless its time is over.
func (r *remembered) find(raw string, now time.Time) (verified, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, found := r.tokens[sha256.Sum256([]byte(raw))]
	return t, found && !now.Before(t.since) && now.Before(t.expires)
}

// add remembers a token. When there are too many, those that expired go first, then any.
func (r *remembered) add(raw string, t verified) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.tokens) >= maxRemembered {
		r.makeRoom(t.since)
	}
	if r.tokens == nil {
		r.tokens = map[[sha256.Size]byte]verified{}
	}
	r.tokens[sha256.Sum256([]byte(raw))] = t
}

func (r *remembered) makeRoom(now time.Time) {
	for key, t := range r.tokens {
		if !now.Before(t.expires) {
			delete(r.tokens, key)
		}
	}
	for key := range r.tokens {
		if len(r.tokens) < maxRemembered/2 {
			return
		}
		delete(r.tokens, key)
	}
}
