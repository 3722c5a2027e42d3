package rest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/rest"
)

func readContract(t *testing.T) contract {
	t.Helper()
	c, err := contractOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contractOnce reads it for all tests: it is long, and read by many.
var contractOnce = sync.OnceValues(func() (contract, error) {
	var c contract
	data, err := os.ReadFile("../../api/openapi.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &c)
	}
	return c, err
})

func TestCallersWhoAreNotRecognisedGetNowhere(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"no token", identity.ErrNoToken, 401, "request/no-token"},
		{"bad token", &identity.BadToken{Reason: "expired"}, 401, "request/bad-token"},
		{"provider away", fmt.Errorf("issuer x: %w", identity.ErrProviderAway), 503, "unavailable"},
		{"issuer of nobody", fmt.Errorf("recognise: %w", exchange.ErrUnrecognised), 401, "request/bad-token"},
		{"anything else", errors.New("boom"), 500, "internal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newFixture(t, func(*http.Request) error { return test.err })
			readContract(t).operations(t, func(_, path, verb string, _ operation) {
				w := h.send(verb, strings.NewReplacer("{id}", "x", "{paragraph}", "4(8)").Replace(path),
					"application/json", "{", nil)
				if w.Code != test.status {
					t.Errorf("%s %s: %d, want %d", verb, path, w.Code, test.status)
				}
				if test.status == 401 && w.Header().Get("WWW-Authenticate") == "" {
					t.Errorf("%s %s: no challenge", verb, path)
				}
				if verb == "HEAD" {
					return
				}
				if got := problemOf(t, w); got.Code != test.code {
					t.Errorf("%s %s: %s, want %s", verb, path, got.Code, test.code)
				}
			})
		})
	}
}

func TestAllRoutesStandInTheContract(t *testing.T) {
	known, served := map[string]bool{}, map[string]bool{}
	readContract(t).operations(t, func(key, _, _ string, _ operation) { known[key], served[key] = true, true })
	for _, route := range newFixture(t, anybody).Routes() {
		key := route.Method + " " + strings.TrimPrefix(route.Path, rest.Base)
		get := strings.Replace(key, "HEAD ", "GET ", 1)
		if strings.HasPrefix(route.Path, rest.Base+"/") && !served[get] && !strings.HasSuffix(key, "/openapi.yaml") {
			t.Errorf("%s is not in openapi.yaml", key)
		}
		delete(known, key)
	}
	for key := range known {
		t.Errorf("%s is not served", key)
	}
}

func TestRejectedTokensAreLoggedSparsely(t *testing.T) {
	h := newFixture(t, func(*http.Request) error { return &identity.BadToken{Reason: "expired"} })
	for range 200 {
		h.send("GET", "/me", "", "", nil)
	}
	if lines := strings.Count(h.journal.String(), `"token rejected"`); lines < 1 || lines > 10 {
		t.Errorf("%d lines for 200 rejected tokens", lines)
	}
}

// heap is the heap in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestUnauthenticatedUploadCostsNextToNothing(t *testing.T) {
	const size = 300 << 20
	h := newFixture(t, func(*http.Request) error { return identity.ErrNoToken })
	address := h.serve(t)
	before := heap()
	var peak uint64
	for _, framing := range []string{fmt.Sprintf("Content-Length: %d", size), "Transfer-Encoding: chunked"} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s/documents HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; "+
			"boundary=b\r\n%s\r\n\r\n", rest.Base, framing)
		uploaded := make(chan int64, 1)
		go func() {
			piece, sent := []byte(strings.Repeat("x", 64<<10)), int64(0)
			if strings.HasPrefix(framing, "Transfer") {
				piece = []byte(fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece))
			}
			for sent < size {
				n, err := conn.Write(piece)
				sent += int64(n)
				if err != nil {
					break
				}
			}
			uploaded <- sent
		}()
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", framing, err)
		}
		if response.StatusCode != 401 {
			t.Errorf("%s: %d", framing, response.StatusCode)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
		_, _ = io.Copy(io.Discard, conn)
		if sent := <-uploaded; sent > 32<<20 {
			t.Errorf("%s: %d MiB were taken", framing, sent>>20)
		}
		conn.Close()
	}
	if cost := int64(peak) - int64(before); cost > 16<<20 {
		t.Errorf("it cost %d MiB of heap", cost>>20)
	}
}

func TestOperationsLogHoldsNoTitlesNamesOrTokens(t *testing.T) {
	const canary = "kestrel-4711"
	h := newFixture(t, anybody)
	token := http.Header{"Authorization": {"Bearer " + canary}}
	h.send("GET", "/documents?q="+canary, "", "", token)
	h.send("GET", "/documents?"+canary+"="+canary, "", "", token)
	h.send("POST", "/documents/doc_1/disclosures", "application/json", `{"statement":"`+canary+`"}`, token)
	h.send("POST", "/documents/doc_1/disclosures", "application/json", `{"`+canary+`":1}`, token)
	h.send("POST", "/requests/req_1/decisions", "application/json", `{"act":"`+canary+`"}`, token)
	body, kind := deposit(part{"metadata", "", `{"title":"` + canary + `"}`}, part{"content", canary + ".pdf", canary})
	h.send("POST", "/documents", kind, body, token)
	if log := h.journal.String(); strings.Contains(log, canary) ||
		!strings.Contains(log, "/documents/:id/disclosures") {
		t.Errorf("the operations log:\n%s", log)
	}
}
