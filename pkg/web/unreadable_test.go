package web_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/web"
)

// said sends bytes as they stand and reads one answer.
func said(t *testing.T, conn net.Conn, read *bufio.Reader, request string) (*http.Response, string) {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go io.WriteString(conn, request) // an answer may come before all of it is taken
	response, err := http.ReadResponse(read, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// isProblem checks an answer that no handler gave.
func isProblem(t *testing.T, what string, response *http.Response, body string, status int, code string) {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Errorf("%s: %d %q", what, response.StatusCode, body)
		return
	}
	if response.StatusCode != status || p.Status != status || p.Code != code || p.Title == "" ||
		p.Type != "https://gateway.example/problems/"+code || p.Effect == "" {
		t.Errorf("%s: %d %s, want %d %s", what, response.StatusCode, body, status, code)
	}
	h := response.Header
	if h.Get("Content-Type") != "application/problem+json" || h.Get("X-Request-Id") != p.RequestID ||
		p.RequestID == "" || h.Get("Cache-Control") != "no-store" || h.Get("Content-Language") != "en" ||
		h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: %v", what, h)
	}
}

func dialled(t *testing.T, address string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, bufio.NewReader(conn)
}

func TestWhatCannotBeReadIsAnsweredWithAProblemToo(t *testing.T) {
	h := newFixture(t, time.Minute)
	h.GET("/fine", func(c *gin.Context) { c.String(http.StatusOK, "fine") })
	address := h.serve(t)
	long := strings.Repeat("x", 64<<10)
	for _, test := range []struct {
		what, request string
		status        int
		code          string
	}{
		{"long headers", "GET /fine HTTP/1.1\r\nHost: x\r\nX: " + long + "\r\n\r\n", 431, "request/head-too-large"},
		{"a long address", "GET /" + long + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "request/head-too-large"},
		{"no HTTP", "hello there\r\n\r\n", 400, "request/not-http"},
		{"no host", "GET /fine HTTP/1.1\r\n\r\n", 400, "request/not-http"},
		{"a bad header", "GET /fine HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", 400, "request/not-http"},
		{"another version", "GET /fine HTTP/3.0\r\nHost: x\r\n\r\n", 505, "request/http-version"},
		{"a transfer coding", "POST /fine HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501,
			"request/transfer-coding"},
		{"an expectation", "POST /fine HTTP/1.1\r\nHost: x\r\nExpect: cake\r\nContent-Length: 1\r\n\r\n", 417,
			"request/expectation"},
		{"options of everything", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404, "request/not-found"},
	} {
		conn, read := dialled(t, address)
		response, body := said(t, conn, read, test.request)
		if test.status != 404 {
			isProblem(t, test.what, response, body, test.status, test.code)
		} else if !strings.Contains(body, test.code) {
			t.Errorf("%s: %d %s", test.what, response.StatusCode, body)
		}
		conn, read = dialled(t, address)
		if _, body := said(t, conn, read, "GET /fine HTTP/1.1\r\nHost: x\r\n\r\n"); body != "fine" {
			t.Fatalf("before %s: %q", test.what, body)
		}
		response, body = said(t, conn, read, test.request)
		if test.status != 404 {
			isProblem(t, test.what+", second on its connection", response, body, test.status, test.code)
		}
	}
	if log := h.journal.String(); !strings.Contains(log, `"request not read"`) || strings.Contains(log, "hello there") {
		t.Errorf("the operations log says %s", log)
	}
}

// What a document holds is never taken for what net/http says of a request.
func TestContentThatLooksLikeARefusalIsSentAsItIs(t *testing.T) {
	h := newFixture(t, time.Minute)
	text := "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Connection: close\r\n\r\n431 Request Header Fields Too Large"
	h.GET("/document", func(c *gin.Context) {
		c.Writer.WriteHeaderNow()
		c.Writer.Flush()
		for range 3 {
			fmt.Fprint(c.Writer, text)
			c.Writer.Flush()
		}
	})
	conn, read := dialled(t, h.serve(t))
	for range 2 {
		_, body := said(t, conn, read, "GET /document HTTP/1.1\r\nHost: x\r\n\r\n")
		if body != strings.Repeat(text, 3) {
			t.Errorf("%q", body)
		}
	}
}

func TestAHeadThatComesTooSlowlyIsAnsweredAndASilentConnectionIsNot(t *testing.T) {
	t.Parallel()
	h := newFixture(t, time.Minute)
	address := h.serve(t)
	silent, nothing := dialled(t, address)
	conn, read := dialled(t, address)
	response, body := said(t, conn, read, "GET /fine HTTP/1.1\r\nHost: ")
	isProblem(t, "a slow head", response, body, 408, "request/too-slow")
	if err := silent.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(nothing); len(got) > 0 || err != nil {
		t.Errorf("who said nothing was told %q, %v", got, err)
	}
}

func TestPlainHTTPWhereTLSIsSpokenIsAnsweredWithAProblem(t *testing.T) {
	h := newFixture(t, time.Minute)
	h.GET("/fine", func(c *gin.Context) { c.String(http.StatusOK, "fine") })
	other := httptest.NewTLSServer(nil) // for its certificate
	defer other.Close()
	server, err := web.NewServer(web.ServerConfig{Handler: h.Engine, Logger: h.journal.logger(),
		PublicURL: "https://gateway.example"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- server.Run(ctx, tls.NewListener(listener, &tls.Config{Certificates: other.TLS.Certificates}))
	}()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	conn, read := dialled(t, listener.Addr().String())
	response, body := said(t, conn, read, "GET /fine HTTP/1.1\r\nHost: x\r\n\r\n")
	isProblem(t, "plain HTTP", response, body, 400, "request/not-http")

	secured, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer secured.Close()
	read = bufio.NewReader(secured)
	if _, body := said(t, secured, read, "GET /fine HTTP/1.1\r\nHost: x\r\n\r\n"); body != "fine" {
		t.Errorf("over TLS: %q", body)
	}
	response, body = said(t, secured, read, "hello there\r\n\r\n")
	isProblem(t, "no HTTP over TLS", response, body, 400, "request/not-http")
}
