package web_test

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/traces"
	"chancery.example/gateway/pkg/web"
)

// Only who connects from a trusted proxy's address is believed about a trace; who is named by that proxy as the caller,
// or says to come from there, is not.
func TestATraceIsLinkedToWhereATrustedProxyConnects(t *testing.T) {
	const planted = "4bf92f3577b34da6a3ce929d0e0e4736"
	wanted, err := hex.DecodeString(planted)
	if err != nil {
		t.Fatal(err)
	}
	for peer, linked := range map[string]bool{"10.0.0.5:4000": true, "192.0.2.1:4000": false} {
		var mu sync.Mutex
		var told strings.Builder
		collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
			body, _ := io.ReadAll(q.Body)
			mu.Lock()
			defer mu.Unlock()
			told.Write(body)
		}))
		tracer, err := traces.New(traces.Config{Endpoint: collector.URL, Ratio: 1, Pause: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := web.NewMetrics()
		if err != nil {
			t.Fatal(err)
		}
		engine, err := web.NewEngine(web.EngineConfig{
			Logger:    slog.New(slog.DiscardHandler),
			Metrics:   metrics,
			PublicURL: "https://chancery.example.int",
			MaxUpload: 1 << 20,
			Proxies:   web.Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")}},
			Tracer:    tracer,
		})
		if err != nil {
			t.Fatal(err)
		}
		engine.GET("/things/:id", func(c *gin.Context) { c.Status(http.StatusNoContent) })
		r := httptest.NewRequest(http.MethodGet, "/things/canary?q=canary", nil)
		r.RemoteAddr = peer
		r.Header.Set("Traceparent", "00-"+planted+"-00f067aa0ba902b7-01")
		r.Header.Set("X-Forwarded-For", "10.0.0.5")
		engine.ServeHTTP(httptest.NewRecorder(), r)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := tracer.Run(ctx); err != nil { // sends what there is, and ends
			t.Fatal(err)
		}
		collector.Close()
		said := told.String()
		if strings.Contains(said, string(wanted)) != linked || !strings.Contains(said, "/things/:id") ||
			strings.Contains(said, "canary") {
			t.Errorf("from %s: linked to is wanted %t, told of\n%q", peer, linked, said)
		}
	}
}
