package devstack

import (
	"crypto/rand"
	"errors"
	"sync"
	"time"
)

// grant is what a person's sign-in gave a client, until it is exchanged for tokens.
type grant struct {
	client    string
	redirect  string
	challenge string
	person    PersonConfig
	scope     string
	nonce     string
	acr       string
	authTime  time.Time
	session   string // the issuer's own; "" where no browser keeps one
	expires   time.Time
}

// pendingLimit bounds what waits in memory for a client to come back.
const pendingLimit = 1000

var errTooManyPending = errors.New("too many sign-ins are under way")

// grants are single-use and forgotten when they expire.
type grants struct {
	mu   sync.Mutex
	held map[string]grant
}

func newGrants() *grants { return &grants{held: map[string]grant{}} }

func (g *grants) add(v grant, now time.Time) (code string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for code, held := range g.held {
		if now.After(held.expires) {
			delete(g.held, code)
		}
	}
	if len(g.held) >= pendingLimit {
		return "", errTooManyPending
	}
	code = rand.Text()
	g.held[code] = v
	return code, nil
}

// take removes the grant, so that a second attempt finds nothing.
func (g *grants) take(code string, now time.Time) (grant, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v, found := g.held[code]
	delete(g.held, code)
	return v, found && !now.After(v.expires)
}
