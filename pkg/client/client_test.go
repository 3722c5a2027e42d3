package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// serving starts a server that answers as f does, and a client of it.
func serving(t *testing.T, f http.HandlerFunc, change ...func(*client.Config)) *client.Client {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	cfg := client.Config{Server: server.URL, Token: func(context.Context) (string, error) { return "token", nil }}
	for _, c := range change {
		c(&cfg)
	}
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnActComesAgainUnderItsOwnKeyWhereTheGatewayAsksForIt(t *testing.T) {
	var keys, bodies []string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, string(body))
		if len(keys) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"id":"req_1"}`)
	})
	q, err := c.Ask(t.Context(), "doc_1", api.Ask{Purpose: "art2.e"})
	if err != nil || q.Id != "req_1" {
		t.Fatalf("asked %+v: %v", q, err)
	}
	if len(keys) != 2 || keys[0] == "" || keys[0] != keys[1] || bodies[0] != bodies[1] || bodies[0] == "" {
		t.Errorf("sent under %q: %q", keys, bodies)
	}
	if _, err := c.Ask(t.Context(), "doc_1", api.Ask{}); err != nil || keys[2] == keys[0] {
		t.Errorf("another act under the key %s: %v", keys[2], err)
	}
}

func TestNothingComesAgainThatWouldWaitTooLongOrCannotBeSentTwice(t *testing.T) {
	sent := 0
	busy := func(w http.ResponseWriter, r *http.Request) {
		sent++
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Retry-After", "2")
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"type":"https://x/problems/request/rate-limited","title":"Too `+
			`many","status":429,"code":"request/rate-limited","request_id":"rid_1"}`)
	}
	c := serving(t, busy, func(cfg *client.Config) { cfg.Patience = time.Second })
	_, err := c.Me(t.Context())
	var p *client.Problem
	if !errors.As(err, &p) || p.Code != "request/rate-limited" || p.RetryAfter != 2*time.Second || sent != 1 {
		t.Errorf("sent %d times: %v", sent, err)
	}
	sent = 0
	patient := serving(t, busy)
	once := client.File{Name: "a", Size: 1, Body: io.LimitReader(strings.NewReader("x"), 1)}
	if _, err := patient.Deposit(t.Context(), api.DepositMetadata{}, once); !errors.As(err, &p) || sent != 1 {
		t.Errorf("a stream was sent %d times: %v", sent, err)
	}
}

func TestADownloadGoesOnWhereItBrokeOff(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 1000)
	sum := sha256.Sum256(content)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	var ranges []string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range")+" "+r.Header.Get("If-Range"))
		w.Header().Set("ETag", `"tag"`)
		w.Header().Set("Repr-Digest", "sha-256=:"+digest+":")
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content[:4000])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content[4000:])
	})
	var got bytes.Buffer
	n, err := c.Download(t.Context(), "dis_1", &got)
	if err != nil || n != int64(len(content)) || !bytes.Equal(got.Bytes(), content) {
		t.Fatalf("%d bytes: %v", n, err)
	}
	if len(ranges) != 2 || ranges[1] != `bytes=4000- "tag"` {
		t.Errorf("asked for %q", ranges)
	}
	digest = base64.StdEncoding.EncodeToString(make([]byte, 32))
	if _, err := c.Download(t.Context(), "dis_1", io.Discard); !errors.Is(err, client.ErrDigest) {
		t.Errorf("other bytes than the digest says: %v", err)
	}
}

// An act whose answer was lost is sent again under the same key, where the caller wants it so.
func TestAnActWhoseAnswerWasLostIsSentAgainUnderItsKey(t *testing.T) {
	var keys, bodies []string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, string(body))
		if len(keys) == 1 {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, `{"id":"req_1"}`)
	}, func(cfg *client.Config) { cfg.Unanswered = 1 })
	r, err := c.Ask(t.Context(), "doc_1", api.Ask{Purpose: "art2.f"})
	if err != nil || r.Id != "req_1" || len(keys) != 2 || keys[0] == "" || keys[0] != keys[1] ||
		bodies[0] != bodies[1] {
		t.Errorf("keys %q, bodies %q: %v", keys, bodies, err)
	}
}

// A line that stands still looks like one that works: without a bound a download would wait on it for ever.
func TestADownloadThatStandsStillIsTakenUpAgain(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 1000)
	sum := sha256.Sum256(content)
	asked := 0
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("ETag", `"tag"`)
		w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content[:4000])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			return
		}
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content[4000:])
	}, func(cfg *client.Config) { cfg.Stall = 100 * time.Millisecond })
	var got bytes.Buffer
	if _, err := c.Download(t.Context(), "dis_1", &got); err != nil || !bytes.Equal(got.Bytes(), content) ||
		asked != 2 {
		t.Errorf("asked %d times, %d bytes: %v", asked, got.Len(), err)
	}
}

func TestAPermitThatEndedEndsTheDownload(t *testing.T) {
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w.Header().Set("ETag", `"tag"`)
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("01234"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"type":"x","title":"Withdrawn","status":403,"code":"art4.8/consent-withdrawn","request_id":"`+
			`rid_1"}`)
	})
	n, err := c.Download(t.Context(), "dis_1", io.Discard)
	var p *client.Problem
	if !errors.As(err, &p) || p.Code != "art4.8/consent-withdrawn" || n != 5 {
		t.Errorf("%d bytes: %v", n, err)
	}
}

func TestAnUploadIsStreamedWithItsLength(t *testing.T) {
	var length int64
	var parts []string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		length = r.ContentLength
		in, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		for {
			part, err := in.NextPart()
			if err != nil {
				break
			}
			text, _ := io.ReadAll(part)
			parts = append(parts, part.FormName()+" "+part.FileName()+" "+string(text))
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":"doc_1"}`)
	})
	made, err := c.Deposit(t.Context(), api.DepositMetadata{},
		client.File{Name: "été.txt", Size: 5, Body: strings.NewReader("bytes")})
	if err != nil || made.Id != "doc_1" || length <= 5 {
		t.Fatalf("%+v of %d bytes: %v", made, length, err)
	}
	if len(parts) != 2 || parts[0] != `metadata  {"size":5}` || parts[1] != "content été.txt bytes" {
		t.Errorf("the parts are %q", parts)
	}
}
