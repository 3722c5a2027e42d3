package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery.example/gateway/pkg/web"
)

// pairFor writes a certificate for a host, or for loopback, that ends then, with its key.
func pairFor(t *testing.T, dir string, serial int64, host string, from, until time.Time) tlsConfig {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: from, NotAfter: until}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	files := tlsConfig{Certificate: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	write(t, files.Certificate, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, files.Key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
	return files
}

func TestACertificateIsLookedAtBeforeItIsShown(t *testing.T) {
	now := time.Now()
	months := func(n int) time.Time { return now.AddDate(0, n, 0) }
	for name, one := range map[string]struct {
		host        string
		from, until time.Time
		says        string
		stops       bool
	}{
		"sound":          {"chancery.example.int", months(-1), months(3), "", false},
		"expired":        {"chancery.example.int", months(-3), now.AddDate(0, 0, -1), "expired on", true},
		"not valid yet":  {"chancery.example.int", now.AddDate(0, 0, 1), months(3), "is valid only from", true},
		"ends soon":      {"chancery.example.int", months(-2), now.AddDate(0, 0, 29), "ends on", false},
		"another's host": {"other.example.int", months(-1), months(3), "is not for chancery", false},
	} {
		files := pairFor(t, t.TempDir(), 1, one.host, one.from, one.until)
		found := checkTLS(config{Listen: "0.0.0.0:443", PublicURL: "https://chancery.example.int", TLS: files})
		var said []string
		for _, f := range found {
			said = append(said, f.Key+" "+f.Problem)
			if f.stops() != one.stops {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if text := strings.Join(said, "\n"); one.says == "" && text != "" || !strings.Contains(text, one.says) {
			t.Errorf("%s: %q, want %q", name, text, one.says)
		}
	}
	for key, files := range map[string]tlsConfig{
		"tls.key":         {Certificate: "/nowhere/tls.crt"},
		"tls.certificate": {Certificate: "/nowhere/tls.crt", Key: "/nowhere/tls.key"},
	} {
		found := checkTLS(config{TLS: files})
		if len(found) != 1 || found[0].Key != key || found[0].Cure == "" {
			t.Errorf("%+v: %+v, want the key %s named", files, found, key)
		}
	}
}

// showing serves over TLS on loopback with these files, until stop, which wants it to end well.
func showing(t *testing.T, files tlsConfig, logger *slog.Logger, handler http.Handler) (shown *certificate,
	address string, stop func()) {
	t.Helper()
	cfg := config{Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", PublicURL: "https://127.0.0.1", TLS: files}
	shown, err := openCertificate(cfg, logger)
	if err != nil {
		t.Fatal(err)
	}
	api, admin, err := listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	api = dressed(api, cfg, shown)
	server, err := web.NewServer(web.ServerConfig{Logger: logger, Handler: handler,
		PublicURL: "https://gateway.example"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, api) }()
	return shown, api.Addr().String(), func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A certificate is renewed four times a year: SIGHUP shows the new one to whoever connects, and cuts nobody off.
func TestSIGHUPReadsTheCertificateAgainAndCutsNoConnection(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	files := pairFor(t, dir, 1, "127.0.0.1", now.Add(-time.Hour), now.AddDate(0, 3, 0))
	var journal lockedBuffer
	logger := slog.New(slog.NewJSONHandler(&journal, nil))
	shown, address, stop := showing(t, files, logger, http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	go shown.obey(t.Context(), logger)

	standing, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer standing.Close()
	serial := func() int64 {
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	// hup sends the signal until the operations log tells of it: obey may not listen yet.
	hup := func(want string) {
		t.Helper()
		for range 200 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			if strings.Contains(journal.String(), want) {
				return
			}
		}
		t.Fatalf("the operations log does not say %q:\n%s", want, journal.String())
	}
	survives := make(chan os.Signal, 1) // the signal would end the test before obey listens
	signal.Notify(survives, syscall.SIGHUP)
	defer signal.Stop(survives)

	pairFor(t, dir, 2, "127.0.0.1", now.Add(-time.Hour), now.AddDate(0, 3, 0))
	if got := serial(); got != 1 {
		t.Errorf("shown is %d before the signal", got)
	}
	hup("certificate read again")
	if got := serial(); got != 2 {
		t.Errorf("shown is %d after the signal, want 2", got)
	}
	if _, err := io.WriteString(standing, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatalf("the connection of before: %v", err)
	}
	if answer, err := io.ReadAll(standing); err != nil || !strings.Contains(string(answer), "here") {
		t.Errorf("the connection of before: %q %v", answer, err)
	}

	pairFor(t, dir, 3, "127.0.0.1", now.AddDate(0, -3, 0), now.AddDate(0, 0, -1))
	hup("certificate not taken; the one before is shown on")
	if got := serial(); got != 2 {
		t.Errorf("an expired one was taken: %d", got)
	}
	stop()
}

// Whoever renews a certificate need not be able to send a signal: where nothing but the gateway runs, nobody can. A
// pair of which one half is there yet, or which cannot be shown, is not taken, and told once.
func TestACertificateThatChangedIsReadWithoutASignal(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	files := pairFor(t, dir, 1, "127.0.0.1", now.Add(-time.Hour), now.AddDate(0, 3, 0))
	var journal lockedBuffer
	logger := slog.New(slog.NewJSONHandler(&journal, nil))
	shown, _, stop := showing(t, files, logger, http.NotFoundHandler())
	defer stop()
	serial := func() int64 { return shown.shown.Load().Leaf.SerialNumber.Int64() }
	said := func(what string) int { return strings.Count(journal.String(), what) }

	shown.look(logger)
	if journal.String() != "" {
		t.Errorf("files that are as they were: %s", journal.String())
	}
	key, err := os.ReadFile(files.Key)
	if err != nil {
		t.Fatal(err)
	}
	pairFor(t, dir, 2, "127.0.0.1", now.Add(-time.Hour), now.AddDate(0, 3, 0))
	newer, err := os.ReadFile(files.Key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, files.Key, string(key))
	for range 2 {
		shown.look(logger)
	}
	if serial() != 1 || said("certificate not taken; the one before is shown on") != 1 {
		t.Errorf("half of a pair: %d is shown\n%s", serial(), journal.String())
	}
	write(t, files.Key, string(newer))
	for range 2 {
		shown.look(logger)
	}
	if serial() != 2 || said("certificate read again") != 1 {
		t.Errorf("the whole pair: %d is shown\n%s", serial(), journal.String())
	}
}
