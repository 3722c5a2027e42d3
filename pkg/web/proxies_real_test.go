package web_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/web"
)

// stand starts a proxy in front of h.
func stand(t *testing.T, f devtest.Front, h fixture, proxies web.Proxies) devtest.Standing {
	t.Helper()
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(admin.Close)
	gateway := h.serve(t, func(l net.Listener) net.Listener {
		if proxies.Announces {
			return web.Announced(l, proxies.Trusted)
		}
		return l
	})
	return f.Stand(t, gateway, admin.Listener.Addr().String())
}

// dial comes from another address of this machine than the proxy does.
func dial(t *testing.T, from, address string, config *tls.Config) net.Conn {
	t.Helper()
	dialer := &tls.Dialer{Config: config, NetDialer: &net.Dialer{Timeout: 10 * time.Second, Control: holdingLittle,
		LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// holdingLittle keeps the caller's kernel from growing its buffer: what it has taken in has left the proxy, and is not
// what a test of proxies measures.
func holdingLittle(_, _ string, c syscall.RawConn) (err error) {
	return errors.Join(c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 64<<10)
	}), err)
}

// smallBuffers names the environment of a machine whose kernel holds little of each connection.
const smallBuffers = "CHANCERY_TEST_SMALL_BUFFERS"

// handedOn is what a proxy may hand on after a withdrawal, in bytes: on a machine as the kernel comes, and on one with
// the setting of docs/serving.md, where the gateway's own bound holds.
func handedOn() int64 {
	if os.Getenv(smallBuffers) != "" {
		return 1 << 20
	}
	return 2 << 20
}

// Through each proxy as the sample files have it: a withdrawal ends the download as an error that no client takes for
// the end of the file, nothing of an upload waits in the proxy for the rest, and the operations log has the caller's
// address, whatever the caller says of it.
func TestThroughRealProxies(t *testing.T) {
	for name, f := range devtest.Fronts() {
		t.Run(name, func(t *testing.T) {
			proxies := web.Proxies{Trusted: onLoopback, Announces: f.Announces}
			h := newFixture(t, 0, func(cfg *web.EngineConfig) {
				cfg.Proxies = proxies
				cfg.Rates.Address = web.Rate{PerSecond: 0.001, Burst: 8}
			})
			content := newTransfer(256 << 20)
			offering(h, content)
			received := make(chan struct{})
			h.POST("/upload", func(c *gin.Context) {
				if _, err := io.CopyN(io.Discard, c.Request.Body, 512<<10); err == nil {
					close(received)
				}
				rest, _ := io.Copy(io.Discard, c.Request.Body)
				c.String(http.StatusOK, strconv.FormatInt(rest+512<<10, 10))
			})
			standing := stand(t, f, h, proxies)
			address, config := standing.Address, standing.Client
			t.Run("a withdrawal cuts", func(t *testing.T) {
				conn := dial(t, "127.0.0.9", address, config)
				cutThrough(t, conn, content)
			})
			t.Run("an upload is passed on as it comes", func(t *testing.T) {
				passedOn(t, dial(t, "127.0.0.9", address, config), received)
			})
			t.Run("the caller's address", func(t *testing.T) { addressed(t, h, address, config) })
		})
	}
}

func cutThrough(t *testing.T, conn net.Conn, content *transfer) {
	t.Helper()
	fmt.Fprintf(conn, "GET /content HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusOK || response.ContentLength != content.length {
		t.Fatalf("%v, %v", response, err)
	}
	for range 48 { // a reader of 3 MiB/s, who has buffers on the way fill up
		if _, err := io.CopyN(io.Discard, response.Body, 64<<10); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	began := time.Now()
	content.revoke()
	after, err := io.Copy(io.Discard, response.Body)
	if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it ends with %v after %d bytes: a client could take it for the whole", err, after)
	}
	t.Logf("cut after %s and %d KiB: %v", time.Since(began).Round(time.Millisecond), after>>10, err)
	if after > handedOn() {
		t.Errorf("%d bytes arrived after the withdrawal", after)
	}
	content.ended(t)
}

func passedOn(t *testing.T, conn net.Conn, received <-chan struct{}) {
	t.Helper()
	const whole, first = 1 << 20, 768 << 10
	fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"+
		"Content-Length: %d\r\n\r\n", whole)
	if _, err := conn.Write(make([]byte, first)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-received: // though the rest of it was not sent
	case <-time.After(10 * time.Second):
		t.Fatal("the proxy keeps the upload until it has all of it")
	}
	if _, err := conn.Write(make([]byte, whole-first)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, _ := io.ReadAll(response.Body); string(got) != strconv.Itoa(whole) {
		t.Errorf("the gateway got %s bytes", got)
	}
}

// addressed: one address is bounded whatever it forges, and another is not bounded with it.
func addressed(t *testing.T, h fixture, address string, config *tls.Config) {
	t.Helper()
	last := 0
	for i := range 10 {
		last = status(t, dial(t, "127.0.0.7", address, config), fmt.Sprintf("X-Forwarded-For: 203.0.113.%d\r\n", i))
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the tenth request of one address that names another each time: %d", last)
	}
	other := dial(t, "127.0.0.8", address, config)
	if got := status(t, other, "X-Forwarded-For: 127.0.0.7\r\n"); got != http.StatusNotFound {
		t.Errorf("somebody else, who names the one that is bounded: %d", got)
	}
	log := h.journal.String()
	if !strings.Contains(log, `"remote":"127.0.0.7"`) || !strings.Contains(log, `"remote":"127.0.0.8"`) ||
		strings.Contains(log, "203.0.113.") {
		t.Errorf("the operations log:\n%s", log)
	}
}

func status(t *testing.T, conn net.Conn, header string) int {
	t.Helper()
	fmt.Fprintf(conn, "GET /absent HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", header)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}
