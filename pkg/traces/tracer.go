package traces

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config is what a Tracer is made of.
type Config struct {
	Endpoint string      // required; http or https, the address to which traces are posted
	Ratio    float64     // of what is begun here, how much is recorded: from 0 to 1
	Headers  http.Header // sent along, such as what authenticates
	Build    string
	Roots    *x509.CertPool // whom the collector's certificate is checked by; nil: those of the machine
	// Timeout bounds one request to the collector; default 5 seconds.
	Timeout time.Duration
	// Pause is how long spans are gathered before they are sent; default 2 seconds.
	Pause time.Duration
}

const (
	// queued is how many spans may wait for the collector; what comes then is dropped.
	queued = 4096
	inOne  = 512 // spans in one request
)

// Tracer records and sends. Nil records nothing.
type Tracer struct {
	config   Config
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	client   *http.Client
	ended    chan sdk.ReadOnlySpan
	instance string
	sent     atomic.Int64
	dropped  atomic.Int64
}

// New refuses what cannot be sent to; it reaches out to nobody.
func New(c Config) (*Tracer, error) {
	at, err := url.Parse(c.Endpoint)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || at.User != nil {
		return nil, errors.New("is no address of a collector")
	}
	if !(c.Ratio >= 0 && c.Ratio <= 1) {
		return nil, fmt.Errorf("%v is no share from 0 to 1", c.Ratio)
	}
	for _, d := range []struct {
		of *time.Duration
		to time.Duration
	}{{&c.Timeout, 5 * time.Second}, {&c.Pause, 2 * time.Second}} {
		if *d.of == 0 {
			*d.of = d.to
		}
	}
	t := &Tracer{config: c, client: newClient(c), instance: newInstance()}
	t.ended = make(chan sdk.ReadOnlySpan, queued)
	// What is begun inside a span is recorded with it; nothing that comes from outside is a parent (decision 0390).
	t.provider = sdk.NewTracerProvider(sdk.WithSpanProcessor(handing{t}),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(c.Ratio))),
		sdk.WithRawSpanLimits(sdk.SpanLimits{
			AttributeValueLengthLimit:   256,
			AttributeCountLimit:         16,
			EventCountLimit:             1,
			LinkCountLimit:              1,
			AttributePerEventCountLimit: 1,
			AttributePerLinkCountLimit:  1,
		}))
	t.tracer = t.provider.Tracer(scope)
	return t, nil
}

// Root begins a step that is part of no other.
func (t *Tracer) Root(ctx context.Context, name Name) (context.Context, *Span) {
	return t.root(ctx, name)
}

// Arriving begins what a request asks for. What its traceparent says (W3C Trace Context) is linked to, where whoever
// sent the header is believed: it does not become this trace's identifier, nor has it this one recorded. Other headers
// about traces are not read.
func (t *Tracer) Arriving(ctx context.Context, name Name, h http.Header, believed bool) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	if !believed || len(h.Values("Traceparent")) != 1 {
		return t.root(ctx, name)
	}
	said := propagation.MapCarrier{"traceparent": h.Get("Traceparent")}
	from := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), said))
	if !from.IsValid() {
		return t.root(ctx, name)
	}
	return t.root(ctx, name, trace.WithLinks(trace.Link{SpanContext: from}))
}

func (t *Tracer) root(ctx context.Context, name Name, options ...trace.SpanStartOption) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(ctx, string(name), append(options, trace.WithNewRoot())...)
	return ctx, &Span{span}
}

// Sent counts the spans that the collector took.
func (t *Tracer) Sent() int64 { return t.sent.Load() }

// Dropped counts the spans that nobody took: the collector was away, slow, or did not want them.
func (t *Tracer) Dropped() int64 { return t.dropped.Load() }

// handing puts what ended into the queue, and waits for nobody.
type handing struct{ t *Tracer }

func (h handing) OnStart(context.Context, sdk.ReadWriteSpan) {}

func (h handing) OnEnd(s sdk.ReadOnlySpan) {
	select {
	case h.t.ended <- s:
	default:
		h.t.dropped.Add(1)
	}
}

func (h handing) Shutdown(context.Context) error { return nil }

func (h handing) ForceFlush(context.Context) error { return nil }
