// Package client calls a gateway over its REST API, with the types of package api. It sends a new Idempotency-Key with
// every act, so that an act whose answer was lost can be sent again and is done once; it comes again where the gateway
// asks it to; it takes a download up where it broke off, and checks what came against its digest.
//
// It decides nothing, keeps nothing, and logs nothing.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/api"
)

// Base is where the API is below the address of a gateway.
const Base = "/api/v1"

const (
	defaultRetries  = 3
	defaultPatience = 30 * time.Second
	defaultStall    = time.Minute
	defaultSilence  = time.Minute
	connectWithin   = 10 * time.Second
	idle            = 90 * time.Second
	// maxProblem bounds what is read of an answer that is no success: 1 MiB.
	maxProblem = 1 << 20
)

// Config is what New needs.
type Config struct {
	// Server is the address of the gateway, "https://chancery.example.int"; required. A path is kept.
	Server string
	// Token gives an access token each time one is sent; required.
	Token func(ctx context.Context) (string, error)
	// HTTP does the requests. Where nil, one through the proxy of the environment that follows no redirect: token and
	// document go to Server alone, and a redirect is answered as a *Problem.
	HTTP *http.Client
	// Silence is how long the headers of an answer are waited for once a request was sent, where HTTP is nil; zero is a
	// minute. The body may take as long as it does.
	Silence time.Duration
	// Retries is how often a request is sent again after 429 or 503 with Retry-After; zero is 3, negative never.
	Retries int
	// Patience is the longest Retry-After that is waited for; zero is 30 s. What asks for more is answered as it is.
	Patience time.Duration
	// Unanswered is how often an act is sent again, under its key, when the line broke before an answer came; zero
	// never.
	Unanswered int
	// Stall is how long a download may stand still before it is taken up again; zero is a minute.
	Stall  time.Duration
	Header http.Header // goes with every request; may be nil
}

// Client is one caller of one gateway. It may be used by several goroutines at once.
type Client struct {
	cfg  Config
	base url.URL
}

// onThisMachine reports whether what is sent to a host never leaves this machine.
func onThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// New makes a Client, and sends nothing.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(cfg.Server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("client: %q is no address of a gateway; write https://chancery.example.int", cfg.Server)
	}
	if base.Scheme == "http" && !onThisMachine(base.Hostname()) {
		return nil, fmt.Errorf("client: %q would carry the token in clear; write https", cfg.Server)
	}
	if cfg.Token == nil {
		return nil, errors.New("client: a token is needed")
	}
	switch {
	case cfg.HTTP != nil:
	case cfg.Silence == 0:
		cfg.HTTP = shared
	default:
		cfg.HTTP = plain(cfg.Silence)
	}
	if cfg.Retries == 0 {
		cfg.Retries = defaultRetries
	}
	if cfg.Patience == 0 {
		cfg.Patience = defaultPatience
	}
	if cfg.Stall == 0 {
		cfg.Stall = defaultStall
	}
	base.Path += Base
	return &Client{cfg: cfg, base: *base}, nil
}

// shared is what does the requests where nothing else is given: all clients of a program use the same connections.
var shared = plain(defaultSilence)

// plain gives up where no headers come for so long.
func plain(silence time.Duration) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: connectWithin}).DialContext,
			TLSHandshakeTimeout:   connectWithin,
			ResponseHeaderTimeout: silence,
			IdleConnTimeout:       idle,
			ForceAttemptHTTP2:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Host names the gateway.
func (c *Client) Host() string { return c.base.Host }

// Call is one request below Base.
type Call struct {
	Method string
	Path   string // begins with a slash; may hold a query
	Query  url.Values
	Header http.Header
	// Body may be nil. Where it is an io.Seeker, the call can be sent again.
	Body io.Reader
	Type string // the media type of Body; application/json where empty
	Size int64  // of Body in bytes; zero where it is not known
}

// Problem is what a gateway answers with instead of a success (RFC 9457).
type Problem struct {
	api.Problem
	// RetryAfter is how long to wait before the same may be sent again; zero where that does not help.
	RetryAfter time.Duration
	// Challenge says how to sign in where the answer is 401 (RFC 9110 11.6.1, RFC 9470 3); else empty.
	Challenge string
}

// Error names the code, what it means, and what is wrong with each field.
func (p *Problem) Error() string {
	said := fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Title)
	if p.Detail != nil {
		said += ": " + *p.Detail
	}
	return said
}

// Do makes a call and answers a success, whose body has to be closed. Anything else is a *Problem.
func (c *Client) Do(ctx context.Context, call Call) (*http.Response, error) {
	response, err := c.Send(ctx, call)
	if err != nil || response.StatusCode/100 == 2 || response.StatusCode == http.StatusNotModified {
		return response, err
	}
	defer response.Body.Close()
	return nil, problemOf(response)
}

func problemOf(response *http.Response) *Problem {
	var p Problem
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxProblem)) // what is missing of it is not understood
	if json.Unmarshal(text, &p.Problem) != nil || p.Title == "" {
		p.Title = response.Status
	}
	p.Status = response.StatusCode
	p.RetryAfter = retryAfter(response)
	p.Challenge = response.Header.Get("WWW-Authenticate")
	return &p
}

func retryAfter(response *http.Response) time.Duration {
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return time.Duration(max(0, seconds)) * time.Second
}

// Send makes a call and answers whatever came, after the retries. The body has to be closed.
func (c *Client) Send(ctx context.Context, call Call) (*http.Response, error) {
	_, given := call.Header["Idempotency-Key"]
	_, always := c.cfg.Header["Idempotency-Key"]
	if call.Method == http.MethodPost && !given && !always {
		call.Header = call.Header.Clone()
		if call.Header == nil {
			call.Header = http.Header{}
		}
		call.Header.Set("Idempotency-Key", newKey())
	}
	lost := 0
	for sent := 0; ; sent++ {
		response, err := c.once(ctx, call)
		var broken *lineError
		if errors.As(err, &broken) && call.Method == http.MethodPost && lost < c.cfg.Unanswered && ctx.Err() == nil &&
			rewound(call.Body) {
			lost++
			if err := rest(ctx, time.Duration(lost)*time.Second); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		wait := retryAfter(response)
		busy := response.StatusCode == http.StatusServiceUnavailable ||
			response.StatusCode == http.StatusTooManyRequests
		if !busy || wait == 0 || wait > c.cfg.Patience || sent >= c.cfg.Retries || !rewound(call.Body) {
			return response, nil
		}
		response.Body.Close()
		if err := rest(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// lineError says that no answer came.
type lineError struct{ error }

func (e *lineError) Unwrap() error { return e.error }

func rest(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// rewound reports whether the body can be sent once more.
func rewound(body io.Reader) bool {
	if body == nil {
		return true
	}
	seeker, ok := body.(io.Seeker)
	if !ok {
		return false
	}
	_, err := seeker.Seek(0, io.SeekStart)
	return err == nil
}

func (c *Client) once(ctx context.Context, call Call) (*http.Response, error) {
	path, query, _ := strings.Cut(call.Path, "?")
	if len(call.Query) > 0 {
		query = call.Query.Encode()
	}
	target := c.base.Scheme + "://" + c.base.Host + c.base.EscapedPath() + path
	if query != "" {
		target += "?" + query
	}
	body := call.Body
	if body != nil {
		body = io.NopCloser(body) // it may be sent again
	}
	request, err := http.NewRequestWithContext(ctx, call.Method, target, body)
	if err != nil {
		return nil, err
	}
	token, err := c.cfg.Token(ctx)
	if err != nil {
		return nil, err
	}
	request.ContentLength = sizeOf(call)
	request.Header.Set("Authorization", "Bearer "+token)
	if call.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if call.Type != "" {
		request.Header.Set("Content-Type", call.Type)
	}
	for _, headers := range []http.Header{c.cfg.Header, call.Header} {
		for name, values := range headers {
			request.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	response, err := c.cfg.HTTP.Do(request)
	var broken *url.Error
	if errors.As(err, &broken) {
		err = broken.Err // the address may hold more than is fit to print
	}
	if err != nil {
		return nil, &lineError{fmt.Errorf("%s: %w", c.base.Host, err)}
	}
	return response, nil
}

func sizeOf(call Call) int64 {
	if sized, ok := call.Body.(interface{ Len() int }); ok && call.Size == 0 {
		return int64(sized.Len())
	}
	if call.Body != nil && call.Size == 0 {
		return -1
	}
	return call.Size
}

func newKey() string {
	var random [16]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(random[:])
}

// Answer is a success, read.
type Answer[T any] struct {
	Body     T
	ETag     string    // for If-Match; empty where there is none
	Location string    // below Base
	Date     time.Time // of the gateway's clock; zero where the answer tells none
	Waits    bool      // nothing has changed yet: a second person confirms it at Location
}

// Get reads a thing.
func Get[T any](ctx context.Context, c *Client, path string, query url.Values) (Answer[T], error) {
	return read[T](c.Do(ctx, Call{Method: http.MethodGet, Path: path, Query: query}))
}

// Post does an act; headers are pairs.
func Post[T any](ctx context.Context, c *Client, path string, body any, headers ...string) (Answer[T], error) {
	call := Call{Method: http.MethodPost, Path: path, Header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		call.Header.Set(headers[i], headers[i+1])
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return Answer[T]{}, err
		}
		call.Body = bytes.NewReader(text)
	}
	return read[T](c.Do(ctx, call))
}

func read[T any](response *http.Response, err error) (Answer[T], error) {
	var out Answer[T]
	if err != nil {
		return out, err
	}
	defer response.Body.Close()
	out.ETag, out.Location = response.Header.Get("ETag"), strings.TrimPrefix(response.Header.Get("Location"), Base)
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		out.Date = date
	}
	if out.Waits = response.StatusCode == http.StatusAccepted; out.Waits {
		return out, nil
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(text, &out.Body)
}
