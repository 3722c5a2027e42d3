package traces

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// newClient speaks to the collector alone: it follows nobody elsewhere, and asks no proxy.
func newClient(c Config) *http.Client {
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
			TLSHandshakeTimeout:    c.Timeout,
			IdleConnTimeout:        time.Minute,
			MaxIdleConns:           1,
			MaxResponseHeaderBytes: 16 << 10,
		},
	}
}

// newInstance tells replicas apart; it names no machine.
func newInstance() string {
	var random [8]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(random[:])
}

// Run sends what ended until ctx ends, and then what is left, in one attempt.
func (t *Tracer) Run(ctx context.Context) error {
	tick := time.NewTicker(t.config.Pause)
	defer tick.Stop()
	defer t.client.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			t.flush(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			for t.flush(context.WithoutCancel(ctx)) && ctx.Err() == nil {
			}
		}
	}
}

// flush sends one request's worth, and reports whether it was full: there may be more.
func (t *Tracer) flush(ctx context.Context) bool {
	var batch []*wire.Span
	for len(batch) < inOne {
		select {
		case s := <-t.ended:
			batch = append(batch, written(s))
			continue
		default:
		}
		break
	}
	if len(batch) == 0 {
		return false
	}
	if err := t.post(ctx, batch); err != nil {
		t.dropped.Add(int64(len(batch)))
	} else {
		t.sent.Add(int64(len(batch)))
	}
	return len(batch) == inOne
}

// Check asks the collector to take nothing at all: that is how it is known to be one, and to admit us.
func (t *Tracer) Check(ctx context.Context) error { return t.post(ctx, nil) }

func (t *Tracer) post(ctx context.Context, spans []*wire.Span) error {
	body, err := proto.Marshal(t.export(spans))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.config.Endpoint, bytes.NewReader(body))
	if err != nil {
		return errors.New("its address cannot be read")
	}
	for name, values := range t.config.Headers {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("User-Agent", "Chancery")
	answer, err := t.client.Do(r)
	if err != nil {
		return err
	}
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	_ = answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answers %d", answer.StatusCode)
	}
	return nil
}

func (t *Tracer) export(spans []*wire.Span) *collector.ExportTraceServiceRequest {
	out := &collector.ExportTraceServiceRequest{}
	if len(spans) == 0 {
		return out
	}
	out.ResourceSpans = []*wire.ResourceSpans{{
		Resource: &resource.Resource{Attributes: pairs([]attribute.KeyValue{
			attribute.String("service.name", "chancery"),
			attribute.String("service.version", t.config.Build),
			attribute.String("service.instance.id", t.instance),
		})},
		ScopeSpans: []*wire.ScopeSpans{{Scope: &common.InstrumentationScope{Name: scope}, Spans: spans}},
	}}
	return out
}

// written is a span as the collector takes it: what this package put into it, and nothing of another's.
func written(s sdk.ReadOnlySpan) *wire.Span {
	traceID, spanID := s.SpanContext().TraceID(), s.SpanContext().SpanID()
	out := &wire.Span{
		TraceId:           traceID[:],
		SpanId:            spanID[:],
		Name:              s.Name(),
		Kind:              wire.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: uint64(s.StartTime().UnixNano()),
		EndTimeUnixNano:   uint64(s.EndTime().UnixNano()),
		Attributes:        pairs(s.Attributes()),
		Flags:             uint32(s.SpanContext().TraceFlags()),
	}
	if parent := s.Parent().SpanID(); parent.IsValid() {
		out.ParentSpanId = parent[:]
	}
	if s.Name() == string(Request) {
		out.Kind = wire.Span_SPAN_KIND_SERVER
	}
	if s.Status().Code == codes.Error {
		out.Status = &wire.Status{Code: wire.Status_STATUS_CODE_ERROR}
	}
	for _, l := range s.Links() {
		linked, at := l.SpanContext.TraceID(), l.SpanContext.SpanID()
		out.Links = append(out.Links, &wire.Span_Link{TraceId: linked[:], SpanId: at[:]})
	}
	return out
}

func pairs(known []attribute.KeyValue) []*common.KeyValue {
	out := make([]*common.KeyValue, 0, len(known))
	for _, kv := range known {
		value := &common.AnyValue{}
		switch kv.Value.Type() {
		case attribute.INT64:
			value.Value = &common.AnyValue_IntValue{IntValue: kv.Value.AsInt64()}
		case attribute.BOOL:
			value.Value = &common.AnyValue_BoolValue{BoolValue: kv.Value.AsBool()}
		default:
			value.Value = &common.AnyValue_StringValue{StringValue: kv.Value.AsString()}
		}
		out = append(out, &common.KeyValue{Key: string(kv.Key), Value: value})
	}
	return out
}
