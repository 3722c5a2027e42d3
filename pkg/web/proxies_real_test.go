package web_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/web"
)

// front is a proxy as the sample file has it, with other addresses and files: it starts it in front of a gateway.
type front struct {
	program   string
	sample    string
	announces bool
	edit      func(text, dir, listen, gateway, admin string) string
	arguments func(dir, config string) []string
}

func fronts() map[string]front {
	return map[string]front{
		"nginx": {
			program: "nginx",
			sample:  "nginx.conf",
			edit: func(text, dir, listen, gateway, _ string) string {
				return strings.NewReplacer("listen 443 ", "listen "+listen+" ", "127.0.0.1:8080", gateway,
					"/etc/nginx/", dir+"/", "http {", "http {\n    access_log off;\n    client_body_temp_path "+dir+
						"/body;\n    proxy_temp_path "+dir+"/proxy;").Replace(text)
			},
			arguments: func(dir, config string) []string {
				return []string{"-p", dir, "-c", config, "-e", "stderr", "-g",
					"daemon off; master_process off; pid " + dir + "/pid;"}
			},
		},
		"haproxy": {
			program:   "haproxy",
			sample:    "haproxy.cfg",
			announces: true,
			edit: func(text, dir, listen, gateway, admin string) string {
				_, port, _ := net.SplitHostPort(admin)
				return strings.NewReplacer("bind :443 ", "bind "+listen+" ", "127.0.0.1:8080", gateway,
					"check port 8081", "check port "+port, "/etc/haproxy/", dir+"/").Replace(text)
			},
			arguments: func(_, config string) []string { return []string{"-db", "-f", config} },
		},
	}
}

// stand starts the proxy in front of h, and answers its address and a client's configuration that trusts it.
func (f front) stand(t *testing.T, h fixture, proxies web.Proxies) (string, *tls.Config) {
	t.Helper()
	program, err := exec.LookPath(f.program)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + f.program); err != nil {
			t.Skip(f.program + " is not installed")
		}
	}
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
	dir, listen := t.TempDir(), unused(t)
	roots := certify(t, dir)
	sample, err := os.ReadFile(filepath.Join("..", "..", "deploy", "proxy", f.sample))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, f.sample)
	if err := os.WriteFile(config, []byte(f.edit(string(sample), dir, listen, gateway,
		admin.Listener.Addr().String())), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, f.arguments(dir, config)...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = cmd.Wait() })
	for end := time.Now().Add(10 * time.Second); ; {
		if conn, err := net.Dial("tcp", listen); err == nil {
			conn.Close()
			break
		}
		if time.Now().After(end) {
			stop()
			_ = cmd.Wait()
			t.Fatalf("%s does not listen:\n%s", f.program, said.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return listen, &tls.Config{RootCAs: roots, ServerName: "chancery.example.int"}
}

func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// certify writes what both samples name: chancery.crt and .key, and chancery.pem with both.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"chancery.example.int"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	for name, content := range map[string][]byte{"chancery.crt": certificate, "chancery.key": secret,
		"chancery.pem": append(append([]byte{}, certificate...), secret...)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return roots
}

// dial comes from another address of this machine than the proxy does.
func dial(t *testing.T, from, address string, config *tls.Config) net.Conn {
	t.Helper()
	dialer := &tls.Dialer{Config: config, NetDialer: &net.Dialer{Timeout: 10 * time.Second,
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

// Through each proxy as the sample files have it: a withdrawal ends the download as an error that no client takes for
// the end of the file, nothing of an upload waits in the proxy for the rest, and the operations log has the caller's
// address, whatever the caller says of it.
func TestThroughRealProxies(t *testing.T) {
	for name, f := range fronts() {
		t.Run(name, func(t *testing.T) {
			proxies := web.Proxies{Trusted: onLoopback, Announces: f.announces}
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
			address, config := f.stand(t, h, proxies)
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
	if after > 2<<20 {
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
