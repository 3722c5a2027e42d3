package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"chancery.example/gateway/pkg/traces"
	"chancery.example/gateway/pkg/web"
)

// tracesConfig is the collector that spans are sent to; without an endpoint there are none.
type tracesConfig struct {
	Endpoint string  `koanf:"endpoint"`
	Ratio    float64 `koanf:"ratio"`
	Headers  secret  `koanf:"headers"` // "Name: value", one a line
	CA       string  `koanf:"ca"`
}

// open reads what the files hold; it reaches out to nobody. Nil: nothing is traced.
func (c tracesConfig) open() (*traces.Tracer, error) {
	if c.Endpoint == "" {
		return nil, nil
	}
	cfg := traces.Config{Endpoint: c.Endpoint, Ratio: c.Ratio, Build: build()}
	var err error
	if cfg.Headers, err = headersOf(c.Headers); err != nil {
		return nil, faultAt("traces.headers_file", err, `write "Name: value" there, one a line`)
	}
	if c.CA != "" {
		pem, err := readBounded(c.CA)
		if err != nil {
			return nil, faultAt("traces.ca", err, "name the PEM file of the authority that signed its certificate")
		}
		cfg.Roots = x509.NewCertPool()
		if !cfg.Roots.AppendCertsFromPEM(pem) {
			return nil, faultAt("traces.ca", errors.New("holds no certificate in PEM"),
				"name the PEM file of the authority that signed its certificate")
		}
	}
	if !(c.Ratio >= 0 && c.Ratio <= 1) {
		return nil, faultAt("traces.ratio", fmt.Errorf("%v is no share", c.Ratio),
			"write how much is traced, from 0 to 1; leave it out for 0.01")
	}
	t, err := traces.New(cfg)
	return t, faultAt("traces.endpoint", err, "write such as https://collector.example.int:4318/v1/traces")
}

// headersOf reads headers without repeating any of them in a fault: they authenticate.
func headersOf(text secret) (http.Header, error) {
	out := http.Header{}
	for i, line := range strings.Split(text.reveal(), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || !token(name) || value == "" || strings.ContainsFunc(value, control) {
			return nil, fmt.Errorf("line %d is no header", i+1)
		}
		out.Add(name, value)
	}
	return out, nil
}

// token reports whether a name may be that of a header (RFC 9110, 5.6.2).
func token(name string) bool {
	return name != "" && strings.Trim(name,
		"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// checkTraces wants a collector that can be sent to, or none. Spans hold identifiers, so beyond this machine they go
// under TLS.
func checkTraces(c tracesConfig) []finding {
	if _, err := c.open(); err != nil {
		return foundIn("traces", err)
	}
	at, err := url.Parse(c.Endpoint)
	if err == nil && at.Scheme == "http" && !loopback(at.Hostname()) {
		return []finding{{Key: "traces.endpoint",
			Problem: "identifiers travel open to the collector on " + at.Hostname(),
			Cure:    "write an address with https, or run a collector on this machine", Weakening: true}}
	}
	return nil
}

// askTraces has the collector take nothing at all.
func askTraces(ctx context.Context, s setting) []finding {
	t, err := s.Traces.open()
	if err != nil || t == nil {
		return nil // said by checkTraces
	}
	err = t.Check(ctx)
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		return foundIn("traces.ca", faultAt("traces.ca", errors.New("its certificate is not trusted"),
			"name the PEM file of the authority that signed its certificate"))
	case err != nil && strings.Contains(err.Error(), "it answers 401"),
		err != nil && strings.Contains(err.Error(), "it answers 403"):
		return foundIn("traces.headers_file", faultAt("traces.headers_file", err,
			"put there what the collector admits"))
	}
	return foundIn("traces.endpoint", faultAt("traces.endpoint", err,
		"see that a collector takes OTLP over HTTP at that address, with its path; serve starts without it"))
}

// traceGauges are the figures of what is sent to the collector.
func traceGauges(t *traces.Tracer) []web.Gauge {
	if t == nil {
		return nil
	}
	return []web.Gauge{
		{Name: "chancery_spans_sent_total", Help: "Spans that the collector took.", Total: true,
			Read: func() float64 { return float64(t.Sent()) }},
		{Name: "chancery_spans_dropped_total", Total: true,
			Help: "Spans that were dropped: the collector did not take them in time.",
			Read: func() float64 { return float64(t.Dropped()) }},
	}
}
