package web

import (
	"net/http"
	"os"
	"runtime/debug"
	"sync"
)

// How much may be allocated beside what is in use before the process collects its garbage, in percent of that. A
// gateway in use holds some 15 MiB: pages and lists let it grow to 75, and collect a quarter as often as Go does by
// itself. While a file moves it is collected as Go does: its memory stays within 32 MiB above idle (decision 0442).
const (
	seldom = 400
	often  = 100
)

// largeBody is the length, in bytes, from which a body is a file that moves.
const largeBody = 1 << 20

// garbage is that of this process.
var garbage collecting

type collecting struct {
	mu     sync.Mutex
	tended bool
	moving int
}

// CollectSeldom has this process collect its garbage less often as long as no file moves. Where GOGC is set, whoever
// set it decides, and nothing is changed.
func CollectSeldom() { garbage.tend(os.Getenv("GOGC")) }

func (g *collecting) tend(asked string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tended = asked == ""
	g.set()
}

// set is called with mu held.
func (g *collecting) set() {
	switch {
	case !g.tended:
	case g.moving > 0:
		debug.SetGCPercent(often)
	default:
		debug.SetGCPercent(seldom)
	}
}

// begin says that a file moves, until end is called, once.
func (g *collecting) begin() (end func()) {
	g.change(1)
	return func() { g.change(-1) }
}

func (g *collecting) change(by int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.moving > 0
	g.moving += by
	if g.moving > 0 != before {
		g.set()
	}
}

// bringsFile reports whether a request may have a file in its body.
func bringsFile(r *http.Request) bool {
	return (isMultipart(r) || isOctets(r)) && (r.ContentLength < 0 || r.ContentLength >= largeBody)
}
