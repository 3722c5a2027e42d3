package main

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spansTold is a collector of OTLP over HTTP on this machine.
type spansTold struct {
	*httptest.Server
	mu    sync.Mutex
	raw   strings.Builder
	words strings.Builder // of every text that was told
	names []string
	hangs atomic.Bool
	leave chan struct{}
}

func newSpansTold(t *testing.T) *spansTold {
	t.Helper()
	c := &spansTold{leave: make(chan struct{})}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("X-Admits") != "canary-collector" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(q.Body)
		var said collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &said); err != nil {
			t.Error(err)
		}
		if c.hangs.Load() {
			<-c.leave
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.raw.Write(body)
		for _, of := range said.ResourceSpans {
			for _, in := range of.ScopeSpans {
				for _, s := range in.Spans {
					c.names = append(c.names, s.Name)
					for _, a := range s.Attributes {
						c.words.WriteString(a.GetValue().GetStringValue() + "\n")
					}
				}
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *spansTold) told(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.names, name) {
		return 1
	}
	return 0
}

// Whatever is asked for is traced, and no title, name, statement, token or content stands in any span, nor the trace
// that a caller names. A collector that hangs ends nothing.
func TestTracesTellHowLongAndNothingOfWhat(t *testing.T) {
	c := newSpansTold(t)
	r := newRack(t)
	write(t, r.dir+"/secrets/traces", "X-Admits: canary-collector\n")
	t.Setenv("CHANCERY_TRACES_ENDPOINT", c.URL+"/v1/traces")
	t.Setenv("CHANCERY_TRACES_RATIO", "1")
	t.Setenv("CHANCERY_TRACES_HEADERS_FILE", r.dir+"/secrets/traces")
	r.start(t)
	r.exchanged(t, 2)
	const planted = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, path := range []string{"/documents?q=" + canary, "/documents/" + canary, "/" + canary} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.stage.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Traceparent", "00-"+planted+"-00f067aa0ba902b7-01")
		req.Header.Set("Authorization", "Bearer "+canary)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	for _, name := range []string{"request", "decide", "transaction", "store read", "store write", "log commit"} {
		becomes(t, "a span of a "+name, 1, func() int { return c.told(name) })
	}
	c.mu.Lock()
	told, words := c.raw.String(), c.words.String()
	c.mu.Unlock()
	id, err := hex.DecodeString(planted)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{canary, "canary", "To read it", "Agreed", "Reading it", "No longer", "For how long",
		"For the torture", "Bearer", "Carter", string(id), planted, r.dir} {
		if strings.Contains(told, secret) {
			t.Errorf("the collector was told %q", secret)
		}
	}
	if strings.Contains(words, "eyJ") || strings.ContainsAny(words, " @%?=") {
		t.Errorf("the collector was told of\n%s", words)
	}
	if !strings.Contains(words, "/api/v1/documents/:id") {
		t.Error("no route was told")
	}

	c.hangs.Store(true)
	began := time.Now()
	r.exchanged(t, 3)
	t.Logf("three documents went the whole way in %s beside a collector that hangs", time.Since(began))
	close(c.leave)
	c.Close()
	becomes(t, "spans that were dropped are counted", 1, func() int { return r.dropped(t) })
	r.exchanged(t, 1)
	log, err := readBounded(r.dir + "/serve.log")
	if err != nil || strings.Contains(string(log), "canary-collector") {
		t.Errorf("the operations log repeats what authenticates: %v", err)
	}
}

// dropped is 1 when the metrics tell of a span that was dropped.
func (s *site) dropped(t *testing.T) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), "\nchancery_spans_dropped_total ") ||
		strings.Contains(string(text), "\nchancery_spans_dropped_total 0\n") {
		return 0
	}
	return 1
}

// What is wrong with the collector is said with its key, by whoever only reads files and by whoever asks.
func TestAFaultOfTheCollectorIsSaidWithItsKey(t *testing.T) {
	c := newSpansTold(t)
	dir := t.TempDir()
	write(t, dir+"/good", "X-Admits: canary-collector\n\n")
	for name, one := range map[string]struct {
		is        tracesConfig
		key, says string
		weakening bool
	}{
		"no address": {tracesConfig{Endpoint: "collector:4318"}, "traces.endpoint", "no address", false},
		"no share":   {tracesConfig{Endpoint: c.URL, Ratio: 2}, "traces.ratio", "no share", false},
		"no header":  {tracesConfig{Endpoint: c.URL, Headers: "canary"}, "traces.headers_file", "line 1", false},
		"odd header": {tracesConfig{Endpoint: c.URL, Headers: "a\x00: canary"}, "traces.headers_file", "line 1",
			false},
		"no certificate": {tracesConfig{Endpoint: c.URL, CA: dir + "/good"}, "traces.ca", "no certificate", false},
		"open":           {tracesConfig{Endpoint: "http://10.0.0.1/"}, "traces.endpoint", "travel open", true},
	} {
		found := checkTraces(one.is)
		if len(found) != 1 || found[0].Key != one.key || !strings.Contains(found[0].Problem, one.says) ||
			found[0].Weakening != one.weakening || found[0].Cure == "" || strings.Contains(found[0].Problem, "canary") {
			t.Errorf("%s: %+v", name, found)
		}
	}
	asked := func(is tracesConfig) (key string) {
		for _, f := range askTraces(t.Context(), setting{config: config{Traces: is}}) {
			key = f.Key
		}
		return key
	}
	well := tracesConfig{Endpoint: c.URL, Headers: "X-Admits: canary-collector"}
	if key := asked(well); key != "" || len(checkTraces(well)) != 0 || asked(tracesConfig{}) != "" {
		t.Errorf("a collector that is well has a fault at %q", key)
	}
	if key := asked(tracesConfig{Endpoint: c.URL}); key != "traces.headers_file" {
		t.Errorf("a collector that does not admit us has a fault at %q", key)
	}
	c.Close()
	if key := asked(well); key != "traces.endpoint" {
		t.Errorf("a collector that is away has a fault at %q", key)
	}
}
