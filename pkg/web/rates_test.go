package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// gate answers 401 at /stranger and 200 at /friend, by a clock that tests move.
type gate struct {
	*gin.Engine
	now time.Time
}

func newGate(t *testing.T, limit web.Rate) *gate {
	t.Helper()
	metrics, err := web.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{now: time.Unix(0, 0)}
	g.Engine, err = web.NewEngine(web.EngineConfig{
		Logger:    slog.New(slog.DiscardHandler),
		Metrics:   metrics,
		PublicURL: "https://gateway.example",
		MaxUpload: 1 << 20,
		Rates:     web.Rates{Strangers: limit},
		Now:       func() time.Time { return g.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	problems := newProblems(t, &journal{})
	g.GET("/stranger", func(c *gin.Context) { problems.Write(c, web.Fail(web.KindNoToken, nil)) })
	g.GET("/nobody", func(c *gin.Context) { problems.Write(c, exchange.ErrUnrecognised) })
	g.GET("/friend", func(c *gin.Context) { c.Status(http.StatusOK) })
	g.GET("/refused", func(c *gin.Context) { problems.Write(c, refusal("a/403")) })
	return g
}

func (g *gate) from(address, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.RemoteAddr = address
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// rejected counts the 401s among n tries.
func (g *gate) rejected(address, path string, n int) (count int) {
	for range n {
		if g.from(address, path).Code == http.StatusUnauthorized {
			count++
		}
	}
	return count
}

func TestTooManyRejectionsOfOneAddressAreAnsweredSo(t *testing.T) {
	g := newGate(t, web.Rate{PerSecond: 20, Burst: 100})
	if n := g.rejected("192.0.2.1:1000", "/stranger", 300); n != 100 {
		t.Errorf("%d of 300 at once were answered 401, want 100", n)
	}
	w := g.from("192.0.2.1:1001", "/nobody")
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if w.Code != http.StatusTooManyRequests || err != nil || after < 1 || w.Header().Get("Connection") != "close" {
		t.Errorf("another port of it: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if policy, left := w.Header().Get("RateLimit-Policy"),
		w.Header().Get("RateLimit"); policy != `"rejections";q=100;w=5` || left != `"rejections";r=0;t=1` {
		t.Errorf("told %s and %s of the bound", policy, left)
	}
	if w.Header().Get("WWW-Authenticate") != "" {
		t.Error("a challenge where none is meant")
	}
	for _, path := range []string{"/friend", "/refused"} {
		if w := g.from("192.0.2.1:1000", path); w.Code == http.StatusTooManyRequests {
			t.Errorf("%s from the same address was kept out", path)
		}
	}
	if n := g.rejected("192.0.2.2:1000", "/stranger", 10); n != 10 {
		t.Errorf("another address: %d of 10", n)
	}
	g.now = g.now.Add(time.Second)
	if n := g.rejected("192.0.2.1:1000", "/stranger", 100); n != 20 {
		t.Errorf("a second later: %d, want 20", n)
	}
}

func TestAnIPv6HostCountsWithItsNetwork(t *testing.T) {
	g := newGate(t, web.Rate{PerSecond: 1, Burst: 5})
	count := 0
	for i := range 50 {
		count += g.rejected(fmt.Sprintf("[2001:db8::%x]:1000", i+1), "/stranger", 1)
	}
	if count != 5 {
		t.Errorf("%d addresses of one /64 were answered 401, want 5", count)
	}
	if g.rejected("[::ffff:192.0.2.9]:1", "/stranger", 5) != 5 || g.rejected("192.0.2.9:1", "/stranger", 1) != 0 {
		t.Error("a mapped IPv4 address is another than itself")
	}
}

func TestManyAddressesCostBoundedMemory(t *testing.T) {
	g := newGate(t, web.Rate{PerSecond: 0.001, Burst: 2})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	answered := 0
	for i := range 20_000 {
		answered += g.rejected(fmt.Sprintf("10.%d.%d.%d:1", i>>16&255, i>>8&255, i&255), "/stranger", 1)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("20,000 addresses are remembered in %d KiB", grown>>10)
	}
	if answered < 4096 || answered > 4096+2 {
		t.Errorf("%d addresses were answered 401: those beyond the memory share one bucket", answered)
	}
	g.now = g.now.Add(time.Hour)
	if g.rejected("172.16.0.1:1", "/stranger", 2) != 2 {
		t.Error("an hour later a new address has no bucket of its own")
	}
}

func TestWithoutABoundEveryRejectionIsA401(t *testing.T) {
	g := newGate(t, web.Rate{})
	if n := g.rejected("127.0.0.1:1", "/stranger", 1000); n != 1000 {
		t.Errorf("%d of 1000", n)
	}
	metrics, err := web.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	for _, half := range []web.Rate{{Burst: 1}, {PerSecond: 1}, {PerSecond: -1, Burst: 1}} {
		_, err := web.NewEngine(web.EngineConfig{
			Logger: slog.New(slog.DiscardHandler), Metrics: metrics, PublicURL: "https://gateway.example", MaxUpload: 1,
			Rates: web.Rates{Strangers: half},
		})
		if err == nil {
			t.Errorf("%+v is taken for a bound", half)
		}
	}
}

func TestTooManyRequestsOfOneAddressAreAnsweredBeforeAnybodyIsRecognised(t *testing.T) {
	g := &gate{now: time.Unix(0, 0)}
	metrics, err := web.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	g.Engine, err = web.NewEngine(web.EngineConfig{
		Logger:    slog.New(slog.DiscardHandler),
		Metrics:   metrics,
		PublicURL: "https://gateway.example",
		MaxUpload: 1 << 20,
		Rates:     web.Rates{Address: web.Rate{PerSecond: 0.1, Burst: 5}},
		Now:       func() time.Time { return g.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	reached := 0
	g.GET("/friend", func(c *gin.Context) { reached++ })
	var last *httptest.ResponseRecorder
	for i := range 20 {
		last = g.from("192.0.2.1:"+strconv.Itoa(1000+i), "/friend")
	}
	if reached != 5 || last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") != "10" {
		t.Errorf("%d of 20 came through, want 5; the last: %d, Retry-After %q", reached, last.Code,
			last.Header().Get("Retry-After"))
	}
	if policy, left := last.Header().Get("RateLimit-Policy"),
		last.Header().Get("RateLimit"); policy != `"address";q=5;w=50` || left != `"address";r=0;t=10` {
		t.Errorf("told %s and %s of the bound", policy, left)
	}
	if kind := last.Header().Get("Content-Type"); kind != "application/problem+json" ||
		!bytes.Contains(last.Body.Bytes(), []byte(`"request/rate-limited"`)) {
		t.Errorf("%s: %s", kind, last.Body)
	}
	if w := g.from("192.0.2.2:1000", "/friend"); w.Code != http.StatusOK {
		t.Errorf("another address: %d", w.Code)
	}
	for _, proxy := range []string{"127.0.0.1:1", "[::1]:1"} {
		for range 20 {
			if w := g.from(proxy, "/friend"); w.Code != http.StatusOK {
				t.Fatalf("a proxy at %s, that speaks for everybody: %d", proxy, w.Code)
			}
		}
	}
	g.now = g.now.Add(10 * time.Second)
	if w := g.from("192.0.2.1:1000", "/friend"); w.Code != http.StatusOK {
		t.Errorf("after the time that it was told: %d", w.Code)
	}
}
