package rest_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/sequencer"
)

// fault is a way in which a step outside of the gateway goes wrong.
type fault string

const (
	notDone    fault = "fails, and was not done"
	answerLost fault = "fails, but was done"
	hangs      fault = "hangs"
)

func faults() []fault { return []fault{notDone, answerLost, hangs} }

// impatience is how long the parts may keep a gateway of these tests waiting.
const impatience = 2 * time.Second

// lines are the ways of a gateway to its parts, through toxiproxy. nil: the parts are reached straight.
type lines struct {
	t      testing.TB
	server *toxiproxy.ApiServer
	to     map[string]*line
}

// line is the way to one part: "_app" and "_seq" are the two logins of PostgreSQL.
type line struct {
	*toxiproxy.Proxy
	asked, answered *strike
}

func newLines(t testing.TB) *lines {
	toxics.Register("strike", new(strike))
	return &lines{t: t, server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
		to: map[string]*line{}}
}

func (l *lines) patience() time.Duration {
	if l == nil {
		return 0 // as in service
	}
	return impatience
}

// address leads to a part that listens there.
func (l *lines) address(part, there string) string {
	if l == nil {
		return there
	}
	l.t.Helper()
	p := toxiproxy.NewProxy(l.server, part, "127.0.0.1:0", there)
	must(l.t, p.Start())
	l.t.Cleanup(p.Stop)
	made := &line{Proxy: p, asked: l.strikes(p, "upstream"), answered: l.strikes(p, "downstream")}
	l.to[part] = made
	return p.Listen
}

func (l *lines) strikes(p *toxiproxy.Proxy, stream string) *strike {
	l.t.Helper()
	w, err := p.Toxics.AddToxicJson(strings.NewReader(`{"type":"strike","stream":"` + stream + `"}`))
	must(l.t, err)
	return w.Toxic.(*strike)
}

func (l *lines) database(login, there string) string {
	if l == nil {
		return there
	}
	u, err := url.Parse(there)
	must(l.t, err)
	u.Host = l.address(login, u.Host)
	return u.String()
}

// publisher has the log published where that is to fail; other tests do without.
func (l *lines) publisher(s *objects.Store) sequencer.Publisher {
	if l == nil {
		return nil
	}
	return s.Log()
}

// scanner is a clamd behind a line.
func (l *lines) scanner() inspect.Scanner {
	s := devtest.Scanner(l.t)
	s.Address, s.Timeout = l.address("scanner", s.Address), impatience
	return s
}

// client reaches the providers through their line, wherever they say that they are.
func (l *lines) client() *http.Client {
	if l == nil {
		return nil
	}
	provider := l.to["providers"].Listen
	return &http.Client{Timeout: impatience,
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, provider)
		}}}
}

// fails takes the part away as a whole until the function that comes back is called.
func (l *line) fails(t testing.TB, how fault) (heal func()) {
	t.Helper()
	if how == notDone {
		l.Stop()
		return func() { must(t, l.Start()) }
	}
	toxic := `{"name":"away","type":"timeout","stream":"upstream","attributes":{"timeout":0}}`
	if how == answerLost {
		toxic = `{"name":"away","type":"limit_data","stream":"downstream","attributes":{"bytes":0}}`
	}
	_, err := l.Toxics.AddToxicJson(strings.NewReader(toxic))
	must(t, err)
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		must(t, l.Toxics.RemoveToxic(ctx, "away"))
	}
}

// strikes arms the n-th step from now on, and tells afterwards whether it came.
func (l *line) strikes(n int, how fault) (hit func() bool) {
	s := l.asked
	if how == answerLost {
		s = l.answered
	}
	s.arm(n, how == hangs)
	return func() bool { return s.disarm() }
}

// strike is a toxic that lets everything pass but one piece: with it the connection ends, or falls silent.
type strike struct {
	mu     sync.Mutex
	armed  bool
	at     int // the piece that is struck, from 1; 0: they are only counted
	silent bool
	seen   []string
	hit    bool
}

func (s *strike) arm(at int, silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.at, s.silent, s.seen, s.hit = true, at, silent, nil, false
}

func (s *strike) disarm() (hit bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	return s.hit
}

// passed is what came while it was armed, by what a person knows it by.
func (s *strike) passed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

func (s *strike) meets(piece []byte) (struck, silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed || s.hit {
		return false, false
	}
	s.seen = append(s.seen, named(piece))
	s.hit = len(s.seen) == s.at
	return s.hit, s.silent
}

// named gives transactions and requests their names; what lies between is a statement, or content.
func named(piece []byte) string {
	for _, word := range []string{"begin", "commit", "rollback", "PUT /", "GET /", "HEAD /", "DELETE /", "POST /",
		"INSTREAM"} {
		if bytes.Contains(piece[:min(len(piece), 64)], []byte(word)) {
			return word
		}
	}
	return ""
}

// Pipe is what toxiproxy runs for each direction of each connection.
func (s *strike) Pipe(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case c := <-stub.Input:
			if c == nil {
				stub.Close()
				return
			}
			struck, silent := s.meets(c.Data)
			switch {
			case struck && silent:
				for c := <-stub.Input; c != nil; c = <-stub.Input {
				}
				stub.Close()
				return
			case struck:
				stub.Close()
				return
			}
			select {
			case stub.Output <- c:
			case <-stub.Interrupt:
				return
			}
		}
	}
}
