package devtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"chancery.example/gateway/pkg/inspect"
)

// Malware is what the scanner of these tests takes for malware: a local signature says so.
const Malware = "CHANCERY-MALWARE-TEST"

const clamdConfig = `TCPAddr 127.0.0.1
TCPSocket %[2]d
Foreground yes
DatabaseDirectory %[1]s/db
TemporaryDirectory %[1]s
StreamMaxLength 64M
`

// Scanner starts a clamd with one local signature, and ends it with the test.
func Scanner(tb testing.TB) inspect.Scanner {
	tb.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/clamd"); err != nil {
			tb.Fatal("clamd is missing: install Debian's clamav-daemon (make test does)")
		}
	}
	dir := Directory(tb)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := free.Addr().(*net.TCPAddr)
	free.Close()
	files := map[string]string{
		"clamd.conf":      fmt.Sprintf(clamdConfig, dir, address.Port),
		"db/chancery.ndb": fmt.Sprintf("Chancery.Test:0:*:%x\n", Malware),
	}
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o755); err != nil {
		tb.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-c", filepath.Join(dir, "clamd.conf"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("clamd: %v", err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := inspect.Scanner{Network: "tcp", Address: address.String(), Timeout: 10 * time.Second}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial(s.Network, s.Address); err == nil {
			c.Close()
			return s
		}
		if time.Now().After(deadline) {
			tb.Fatal("clamd did not begin to listen within 30 s")
		}
	}
}
