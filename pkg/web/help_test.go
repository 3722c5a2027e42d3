package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

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

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(j, nil)) }

// fixture is an engine with what it writes down.
type fixture struct {
	*gin.Engine
	journal  *journal
	metrics  *web.Metrics
	problems *web.Problems
}

func newFixture(t *testing.T, patience time.Duration, change ...func(*web.EngineConfig)) fixture {
	t.Helper()
	j := &journal{}
	metrics, err := web.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	cfg := web.EngineConfig{
		Logger: j.logger(), Metrics: metrics, PublicURL: "https://gateway.example", MaxUpload: 4 << 20,
		Patience: patience,
	}
	for _, f := range change {
		f(&cfg)
	}
	engine, err := web.NewEngine(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{engine, j, metrics, newProblems(t, j)}
}

// newProblems words each reason by its code, of which one asks for another sign-in.
func newProblems(t *testing.T, j *journal) *web.Problems {
	t.Helper()
	statuses := map[string]int{"a/503": 503, "a/401": 401, "a/403": 403, "a/422": 422, "a/409": 409}
	problems, err := web.NewProblems(web.ProblemsConfig{
		PublicURL: "https://gateway.example/", Logger: j.logger(),
		Reasons: func(r *exchange.Refusal, _ exchange.Actor, in web.Language) []web.Reason {
			var out []web.Reason
			for _, reason := range r.Reasons {
				code := string(reason.Code)
				out = append(out, web.Reason{
					Code:      code,
					Paragraph: "4(8)",
					Basis:     "text",
					Title:     code + " in " + string(in),
					Status:    statuses[code],
					Challenge: code == "a/401",
				})
			}
			return out
		},
		StepUpACR: func(string) string { return "urn:example:strong" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// serve runs the gateway on loopback and stops it at the end of the test; its listener may be wrapped.
func (h fixture) serve(t *testing.T, wrap ...func(net.Listener) net.Listener) string {
	t.Helper()
	server, err := web.NewServer(web.ServerConfig{Handler: h.Engine, Logger: h.journal.logger(), Grace: time.Second,
		PublicURL: "https://gateway.example"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	for _, f := range wrap {
		listener = f(listener)
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
	return address
}

// from calls the engine with a request that was made elsewhere.
func (h fixture) from(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// ask calls the engine without a network.
func (h fixture) ask(method, target string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// through calls any handler without a network.
func (fixture) through(handler http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
	return w
}
