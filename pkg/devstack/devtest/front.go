package devtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Front is a proxy as a sample file of deploy/proxy has it, with other addresses and files.
type Front struct {
	Announces bool // it tells of callers by the PROXY protocol

	program   string
	sample    string
	edit      func(text, dir, listen, gateway, admin string) string
	arguments func(dir, config string) []string
}

// Fronts are the proxies whose samples tests run, by name.
func Fronts() map[string]Front {
	return map[string]Front{
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
			Announces: true,
			program:   "haproxy",
			sample:    "haproxy.cfg",
			edit: func(text, dir, listen, gateway, admin string) string {
				_, port, _ := net.SplitHostPort(admin)
				if os.Geteuid() != 0 { // nobody else can give root up
					text = strings.NewReplacer("    user haproxy\n", "", "    group haproxy\n", "",
						"    chroot /var/lib/haproxy\n", "").Replace(text)
				}
				return strings.NewReplacer("bind :443 ", "bind "+listen+" ", "127.0.0.1:8080", gateway,
					"check port 8081", "check port "+port, "/etc/haproxy/", dir+"/").Replace(text)
			},
			arguments: func(_, config string) []string { return []string{"-db", "-f", config} },
		},
	}
}

// Standing is a proxy that runs.
type Standing struct {
	Address string
	Client  *tls.Config // trusts it
	Process int
}

// Stand starts the proxy in front of a gateway, given by its address and that of its admin listener, until the test
// ends. The test's package lies two folders below the root. Each of change, if any, edits the configuration first.
func (f Front) Stand(tb testing.TB, gateway, admin string, change ...func(string) string) Standing {
	tb.Helper()
	program, err := exec.LookPath(f.program)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + f.program); err != nil {
			tb.Skip(f.program + " is not installed")
		}
	}
	dir, listen := tb.TempDir(), unused(tb)
	s := Standing{Address: listen, Client: &tls.Config{RootCAs: certify(tb, dir), ServerName: "chancery.example.int"}}
	sample, err := os.ReadFile(filepath.Join("..", "..", "deploy", "proxy", f.sample))
	if err != nil {
		tb.Fatal(err)
	}
	text := f.edit(string(sample), dir, listen, gateway, admin)
	for _, one := range change {
		text = one(text)
	}
	config := filepath.Join(dir, f.sample)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, f.arguments(dir, config)...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	s.Process = cmd.Process.Pid
	tb.Cleanup(func() { stop(); _ = cmd.Wait() })
	for end := time.Now().Add(10 * time.Second); ; {
		if conn, err := net.Dial("tcp", listen); err == nil {
			conn.Close()
			return s
		}
		if time.Now().After(end) {
			stop()
			_ = cmd.Wait()
			tb.Fatalf("%s does not listen:\n%s", f.program, said.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func unused(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// certify writes what both samples name: chancery.crt and .key, and chancery.pem with both.
func certify(tb testing.TB, dir string) *x509.CertPool {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"chancery.example.int"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	for name, content := range map[string][]byte{"chancery.crt": certificate, "chancery.key": secret,
		"chancery.pem": append(append([]byte{}, certificate...), secret...)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return roots
}
