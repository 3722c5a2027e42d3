package traces_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"chancery.example/gateway/pkg/traces"
)

// receiver is a collector on this machine: it decodes what it is sent. answer may be nil.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*wire.Span
	raw   strings.Builder
	seen  http.Header
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		var said collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &said); err != nil || q.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("no OTLP: %v", err)
		}
		r.mu.Lock()
		r.raw.Write(body)
		r.seen = q.Header.Clone()
		for _, of := range said.ResourceSpans {
			for _, in := range of.ScopeSpans {
				r.spans = append(r.spans, in.Spans...)
			}
		}
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []*wire.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.spans)
}

// tracer sends until the end it gives back is called, which sends what is left.
func tracer(t *testing.T, r *receiver, ratio float64) (*traces.Tracer, func()) {
	t.Helper()
	made, err := traces.New(traces.Config{Endpoint: r.URL + "/v1/traces", Ratio: ratio, Build: "1.4.0",
		Headers: http.Header{"Authorization": {"Bearer of-one-test"}}, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = made.Run(ctx) }()
	end := func() { stop(); <-done }
	t.Cleanup(end)
	return made, end
}

// What has another shape than it should is not noted, and an error's text is none of the collector's.
func TestASpanHoldsNothingButWhatItMay(t *testing.T) {
	r := newReceiver(t, nil)
	made, end := tracer(t, r, 1)
	const canary = "Canary Convention"
	ctx, request := made.Root(t.Context(), traces.Request)
	for _, odd := range []string{canary, "canary.pdf\n", "canary@example.int", "Canary", "../canary", "canary canary",
		"eyJhbGciOi.canary", "per_" + strings.Repeat("canary", 40), "/documents/" + canary} {
		request.Note(traces.Route(odd), traces.Method(odd), traces.Act(strings.ToUpper(odd)),
			traces.RequestID(odd), traces.Entry(odd), traces.MailID(odd), traces.WebhookID(odd), traces.Delivery(odd),
			traces.Code(odd+" "))
	}
	request.Note(traces.Route("/api/v1/documents/:id"), traces.Method("GET"), traces.Status(403),
		traces.Code("art4.5/held-in-confidence"), traces.RequestID("rid_00ff"))
	_, decide := traces.Begin(ctx, traces.Decide)
	decide.Note(traces.Act("disclose"), traces.Permitted(false))
	decide.End(nil)
	request.End(errors.New(canary))
	end()
	spans := r.got()
	if len(spans) != 2 || made.Sent() != 2 || made.Dropped() != 0 {
		t.Fatalf("%d spans came, %d sent, %d dropped", len(spans), made.Sent(), made.Dropped())
	}
	if got := strings.ToLower(r.raw.String()); strings.Contains(got, "canary") {
		t.Errorf("the collector was told %q", got)
	}
	child, root := spans[0], spans[1]
	if string(child.ParentSpanId) != string(root.SpanId) || child.Name != "decide" || root.Name != "request" ||
		len(root.Attributes) != 5 || root.Status.GetMessage() != "" ||
		root.Status.GetCode() != wire.Status_STATUS_CODE_ERROR || child.Status != nil {
		t.Errorf("told of\n%v\n%v", root, child)
	}
	if r.seen.Get("Authorization") != "Bearer of-one-test" {
		t.Error("it was not authenticated to")
	}
}

// A caller who names a trace, and wants it recorded, is linked to where a trusted proxy says so, and read nowhere else:
// the trace has an identifier of its own, and whether it is recorded is decided here.
func TestACallersTraceIsLinkedToAndNeverContinued(t *testing.T) {
	const planted = "4bf92f3577b34da6a3ce929d0e0e4736"
	const spares = "00-" + planted + "-00f067aa0ba902b7-00"
	asks := http.Header{"Traceparent": {"00-" + planted + "-00f067aa0ba902b7-01"}, "Tracestate": {"vendor=canary"},
		"Baggage": {"canary=1"}}
	for name, c := range map[string]struct {
		header   http.Header
		believed bool
		ratio    float64
		spans    int
		links    int
	}{
		"a stranger":               {asks, false, 1, 1, 0},
		"a trusted proxy":          {asks, true, 1, 1, 1},
		"wants to be recorded":     {asks, true, 0, 0, 0},
		"wants not to be recorded": {http.Header{"Traceparent": {spares}}, true, 1, 1, 1},
		"several": {http.Header{"Traceparent": {asks.Get("Traceparent"), asks.Get("Traceparent")}}, true, 1, 1,
			0},
		"none": {http.Header{"Traceparent": {"00-zz"}}, true, 1, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, nil)
			made, end := tracer(t, r, c.ratio)
			_, span := made.Arriving(t.Context(), traces.Request, c.header, c.believed)
			span.End(nil)
			end()
			spans := r.got()
			if len(spans) != c.spans {
				t.Fatalf("%d spans, want %d", len(spans), c.spans)
			}
			for _, s := range spans {
				if hexOf(s.TraceId) == planted || len(s.ParentSpanId) > 0 || len(s.Links) != c.links {
					t.Errorf("told of %v", s)
				}
				if c.links > 0 && hexOf(s.Links[0].TraceId) != planted {
					t.Errorf("linked to %x", s.Links[0].TraceId)
				}
			}
			if strings.Contains(r.raw.String(), "canary") {
				t.Error("another header of the caller's was handed on")
			}
		})
	}
}

// Whoever is traced does not wait for a collector that hangs: what it does not take is dropped, and counted.
func TestACollectorThatHangsHoldsNobodyUp(t *testing.T) {
	leave := make(chan struct{})
	r := newReceiver(t, func(_ http.ResponseWriter, q *http.Request) {
		select {
		case <-leave:
		case <-q.Context().Done():
		}
	})
	made, err := traces.New(traces.Config{Endpoint: r.URL, Ratio: 1, Timeout: time.Hour, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = made.Run(ctx) }()
	begun := 0
	for range 20_000 { // ends only if none of them waits
		_, span := made.Root(t.Context(), traces.Request)
		span.End(nil)
		begun++
	}
	if made.Dropped() < 20_000-4096-512 || made.Sent() != 0 {
		t.Errorf("%d are dropped, %d sent", made.Dropped(), made.Sent())
	}
	stop()
	close(leave)
	<-done
	r.CloseClientConnections()
}

// A collector that is away, or does not want the spans, is told of by the count alone, and by Check.
func TestWhatIsNotTakenIsCounted(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"leads elsewhere": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		},
		"is gone": nil,
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, answer)
			made, end := tracer(t, r, 1)
			if answer == nil {
				r.Close()
			}
			if made.Check(t.Context()) == nil {
				t.Error("it is taken for a collector that admits us")
			}
			_, span := made.Root(t.Context(), traces.Request)
			span.End(nil)
			end()
			if made.Dropped() != 1 || made.Sent() != 0 {
				t.Errorf("%d dropped, %d sent", made.Dropped(), made.Sent())
			}
		})
	}
}

func TestWhatIsNotRecordedCostsNothing(t *testing.T) {
	r := newReceiver(t, nil)
	made, end := tracer(t, r, 0)
	var none *traces.Tracer
	for _, of := range []*traces.Tracer{made, none} {
		ctx, span := of.Root(t.Context(), traces.Request)
		inner, child := traces.Begin(ctx, traces.Decide)
		child.Note(traces.Permitted(true))
		child.End(nil)
		span.Note(traces.Status(200))
		span.End(nil)
		if inner != ctx || child != nil {
			t.Error("a step of what is not recorded is made")
		}
	}
	end()
	if n := len(r.got()); n != 0 {
		t.Errorf("%d spans came", n)
	}
	for _, bad := range []traces.Config{{Endpoint: "collector:4318"}, {Endpoint: "ftp://x/"},
		{Endpoint: "http://a:b@x/"}, {Endpoint: "http://x/", Ratio: 1.5}, {Endpoint: "http://x/", Ratio: -1}} {
		if _, err := traces.New(bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for _, c := range b {
		out.WriteByte(digits[c>>4])
		out.WriteByte(digits[c&15])
	}
	return out.String()
}
