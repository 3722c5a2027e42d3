package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/web"
)

// doorkeeper recognises by a function. The Actor that it gives is the zero one, which the Gateway's door refuses as
// unrecognised: a request that comes so far was well-formed.
type doorkeeper func(r *http.Request) error

func (d doorkeeper) Authenticate(_ context.Context, r *http.Request) (exchange.Actor, error) {
	return exchange.Actor{}, d(r)
}

func anybody(*http.Request) error { return nil }

// journal is an operations log that tests read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// fixture is the API before a Gateway without a database.
type fixture struct {
	*gin.Engine
	journal *journal
}

func newFixture(t *testing.T, d doorkeeper) fixture {
	t.Helper()
	j := &journal{}
	logger := slog.New(slog.NewJSONHandler(j, nil))
	metrics, err := web.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := web.NewEngine(web.EngineConfig{
		Logger: logger, Metrics: metrics, PublicURL: "https://gateway.example", MaxUpload: 1 << 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	api, err := rest.New(rest.Config{
		Gateway: &exchange.Gateway{}, Authenticator: d, Logger: logger, ProblemBase: "https://gateway.example",
		AuthorizationServers: []string{"https://id.one.example", "https://id.other.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	api.Register(engine)
	return fixture{engine, j}
}

// post sends a JSON body.
func (h fixture) post(path, body string) *httptest.ResponseRecorder {
	return h.send("POST", path, "application/json", body, nil)
}

func (h fixture) send(method, path, kind, body string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, rest.Base+path, strings.NewReader(body))
	for name, values := range header {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// sendTo asks for an address outside of the API's operations.
func (h fixture) sendTo(method, address string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, address, nil))
	return w
}

// serve runs the gateway on loopback until the test ends.
func (h fixture) serve(t *testing.T) string {
	t.Helper()
	server, err := web.NewServer(web.ServerConfig{Handler: h.Engine,
		Logger: slog.New(slog.NewJSONHandler(h.journal, nil)), PublicURL: "https://gateway.example"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("server stopped: %v", err)
		}
	})
	return listener.Addr().String()
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) web.Problem {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%d, no problem document: %q", w.Code, w.Body)
	}
	return p
}
