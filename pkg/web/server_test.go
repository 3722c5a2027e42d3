package web_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chancery.example/gateway/pkg/web"
)

// running is a server under a context that a test ends.
type running struct {
	address string
	stop    context.CancelFunc
	done    chan error
}

func run(t *testing.T, grace time.Duration, handler http.HandlerFunc) running {
	t.Helper()
	server, err := web.NewServer(web.ServerConfig{Handler: handler, Logger: (&journal{}).logger(), Grace: grace,
		PublicURL: "https://gateway.example"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := running{listener.Addr().String(), stop, make(chan error, 1)}
	go func() { r.done <- server.Run(ctx, listener) }()
	t.Cleanup(stop)
	return r
}

func TestStopLetsRequestsInFlightFinish(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	r := run(t, 10*time.Second, func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		io.WriteString(w, "finished")
	})
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + r.address)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-entered
	r.stop()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", r.address)
		if err != nil {
			break
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("a stopping server goes on accepting")
		}
	}
	close(release)
	if got := <-answer; got != "finished" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-r.done; err != nil {
		t.Errorf("stopped with %v", err)
	}
}

// In a bubble of testing/synctest the clock moves only when everybody waits, so what a stop does not wait for shows.
func TestStopIsBoundedAndWaitsForWhatIsWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, written := make(chan struct{}), false
		handler := http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			close(entered)
			<-req.Context().Done()
			time.Sleep(200 * time.Millisecond)
			written = true
		})
		const grace = 100 * time.Millisecond
		server, err := web.NewServer(web.ServerConfig{Handler: handler, Logger: (&journal{}).logger(), Grace: grace,
			PublicURL: "https://gateway.example"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		l, done := newPipes(), make(chan error, 1)
		go func() { done <- server.Run(ctx, l) }()
		client := l.dial()
		go io.Copy(io.Discard, client)
		io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		<-entered
		start := time.Now()
		stop()
		if err := <-done; err != nil {
			t.Errorf("stopped with %v", err)
		}
		if took := time.Since(start); took > 3*time.Second || !written {
			t.Errorf("stopped after %s, end written down: %v", took, written)
		}
	})
}

// pipes is a listener of this process alone.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes { return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.accepted <- server
	return client
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

func TestListenerThatFailsIsReported(t *testing.T) {
	server, err := web.NewServer(web.ServerConfig{Handler: http.NotFoundHandler(), Logger: (&journal{}).logger(),
		PublicURL: "https://gateway.example"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := server.Run(context.Background(), listener); err == nil {
		t.Error("a closed listener serves")
	}
}

func TestEveryAnswerOfTheAdminListenerIsSealedOff(t *testing.T) {
	metrics, err := web.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := web.NewAdmin(web.AdminConfig{
		Metrics: metrics, Logger: (&journal{}).logger(), Version: map[string]string{"build": "test"},
		Ready:  func(context.Context) map[string]error { return map[string]error{"store": errors.New("away")} },
		Spared: func(string, error) bool { return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]http.Header{}
	for _, path := range []string{"/livez", "/readyz", "/readyz?verbose", "/metrics", "/version", "/absent"} {
		answers[path] = fixture{}.through(admin, path).Header()
	}
	served := run(t, time.Second, admin.ServeHTTP)
	for _, request := range []string{"hello there\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n",
		"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n"} {
		conn, read := dialled(t, served.address)
		response, _ := said(t, conn, read, request)
		answers[request] = response.Header // what no handler was given
	}
	for path, header := range answers {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestAdminTellsALoadBalancerWhetherToSendAndSupervisionWhetherAllIsWell(t *testing.T) {
	j := &journal{}
	metrics, err := web.NewMetrics(web.Gauge{Name: "chancery_test_gauge", Help: "For this test.",
		Read: func() float64 { return 7 }})
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]error{"database": nil, "store": errors.New("dial tcp 10.0.0.7: secret")}
	admin, err := web.NewAdmin(web.AdminConfig{
		Metrics: metrics, Logger: j.logger(), Version: map[string]string{"build": "test"},
		Ready:  func(context.Context) map[string]error { return parts },
		Spared: func(part string, _ error) bool { return part == "store" },
	})
	if err != nil {
		t.Fatal(err)
	}
	h := fixture{}
	ask := func(path string) (int, string) {
		w := h.through(admin, path)
		return w.Code, w.Body.String()
	}
	if code, body := ask("/livez"); code != 200 || body != "ok\n" {
		t.Errorf("livez: %d %q", code, body)
	}
	if code, body := ask("/readyz?verbose"); code != 200 || body != "database: ok\nstore: unavailable\nready\n" {
		t.Errorf("readyz: %d %q", code, body)
	}
	if code, body := ask("/readyz?all&verbose"); code != 503 ||
		body != "database: ok\nstore: unavailable\nnot ready\n" {
		t.Errorf("readyz of all: %d %q", code, body)
	}
	parts["database"] = errors.New("away")
	if code, body := ask("/readyz"); code != 503 || body != "not ready\n" {
		t.Errorf("readyz without a database: %d %q", code, body)
	}
	parts["database"] = nil
	if !strings.Contains(j.String(), "10.0.0.7") {
		t.Error("the cause is not in the operations log")
	}
	parts["store"] = nil
	if code, body := ask("/readyz?all"); code != 200 || body != "ready\n" {
		t.Errorf("readyz: %d %q", code, body)
	}
	if code, body := ask("/version"); code != 200 || body != "{\"build\":\"test\"}\n" {
		t.Errorf("version: %d %q", code, body)
	}
	if _, body := ask("/metrics"); !strings.Contains(body, "chancery_test_gauge 7") ||
		!strings.Contains(body, "go_goroutines") {
		t.Error("metrics lack the gauge or the runtime's figures")
	}
}
