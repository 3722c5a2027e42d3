package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// gateway is the server that an auditor reads from.
type gateway struct {
	base  *url.URL
	token string
	http  *http.Client
}

func newGateway(env environment, server string) (*gateway, error) {
	if server == "" {
		server = env.lookup("CHANCERY_SERVER")
	}
	if server == "" {
		return nil, &failure{exitUsage, errors.New("which gateway? Give --server, or set CHANCERY_SERVER")}
	}
	base, err := url.Parse(strings.TrimSuffix(server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, &failure{exitUsage, fmt.Errorf("%q is no address of a gateway; write https://chancery.example.int", server)}
	}
	token := env.lookup("CHANCERY_TOKEN")
	if token == "" {
		return nil, &failure{exitSignIn, errors.New("set CHANCERY_TOKEN to an access token of an auditor, or, for trace, of a signatory")}
	}
	return &gateway{base: base, token: token, http: &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second,
	}}}, nil
}

// problem is how the gateway refuses (RFC 9457).
type problem struct {
	Title    string   `json:"title"`
	Detail   string   `json:"detail"`
	Effect   string   `json:"effect"` // what did not happen; the last sentence of Detail
	Reasons  []reason `json:"reasons"`
	LogEntry string   `json:"log_entry"`
}

// reason is one thing that stands in the way: where it is written, and what helps.
type reason struct {
	Code      string `json:"code"`
	Paragraph string `json:"paragraph"`
	Title     string `json:"title"`
	Detail    string `json:"detail"`
	Remedy    *struct {
		Method string `json:"method"`
		Href   string `json:"href"`
	} `json:"remedy"`
}

func (r reason) String() string {
	where := "Article " + r.Paragraph
	if r.Paragraph == "gateway" {
		where = "safeguard of the gateway"
	}
	said := fmt.Sprintf("%s (%s): %s", r.Code, where, r.Title)
	if r.Detail != "" {
		said += "\n    " + r.Detail
	}
	if r.Remedy != nil {
		said += "\n    see " + r.Remedy.Method + " " + r.Remedy.Href
	}
	return said
}

// call answers the body of a good response; it has to be closed.
func (g *gateway) call(ctx context.Context, method, path string, query url.Values, body io.Reader) (io.ReadCloser, error) {
	return g.send(ctx, method, path, query, body, "application/json")
}

// send is call with a body of another kind than JSON.
func (g *gateway) send(ctx context.Context, method, path string, query url.Values, body io.Reader, kind string) (io.ReadCloser, error) {
	target := *g.base
	target.Path += "/api/v1" + path
	target.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+g.token)
	if body != nil {
		request.Header.Set("Content-Type", kind)
	}
	response, err := g.http.Do(request)
	if err != nil {
		var broken *url.Error
		if errors.As(err, &broken) {
			err = broken.Err // the address may hold more than is fit to print
		}
		return nil, fmt.Errorf("%s: %w", g.base.Host, err)
	}
	if response.StatusCode/100 == 2 {
		return response.Body, nil
	}
	defer response.Body.Close()
	return nil, refusal(response)
}

// refusal turns a problem into an exit code and words.
func refusal(response *http.Response) error {
	var p problem
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	_ = json.Unmarshal(text, &p)
	said := p.Title
	if said == "" {
		said = response.Status
	}
	for _, r := range p.Reasons {
		said += "\n  " + r.String()
	}
	switch {
	case len(p.Reasons) == 0 && p.Detail != "":
		said += ": " + p.Detail
	case len(p.Reasons) > 0 && p.Effect != "":
		said += "\n  " + p.Effect
	}
	if p.LogEntry != "" {
		said += "\n  recorded as " + p.LogEntry
	}
	code := map[int]int{401: exitSignIn, 403: exitRefused, 404: exitNotFound, 409: exitRefused, 412: exitChanged, 422: exitRefused}[response.StatusCode]
	if code == 0 {
		code = exitFailure
	}
	return &failure{code, errors.New(said)}
}
