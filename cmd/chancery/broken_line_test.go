package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// breaking is a line to the demo that breaks once, when that many bytes have come back on one connection.
func breaking(t *testing.T, after int64) (address string, broken *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	broken = &atomic.Int32{}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", strings.TrimPrefix(stack.BaseURL, "http://"))
			if err != nil {
				near.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(far, near)
				far.Close()
			}()
			go func() {
				defer near.Close()
				defer far.Close()
				if n, _ := io.CopyN(near, far, after); n == after && broken.CompareAndSwap(0, 1) {
					return
				}
				_, _ = io.Copy(near, far)
			}()
		}
	}()
	return "http://" + listener.Addr().String(), broken
}

// A line that breaks in the middle of a file: the rest is fetched under the same permit, and the file is whole.
func TestAFileWhoseLineBreaksIsPulledWhole(t *testing.T) {
	stack.start(t)
	p := newPlatform(t, "gtas", "wco")
	token, err := stack.token("staff.wco")
	must(t, err)
	content := strings.Repeat("A line of a long message that goes over a line that breaks.\n", 20_000) // 1.2 MB
	path, back := filepath.Join(t.TempDir(), "long.txt"), filepath.Join(t.TempDir(), "back.txt")
	must(t, os.WriteFile(path, []byte(content), 0o600))
	env := []string{"CHANCERY_TOKEN=" + token}
	code, out, errs := p.run(env, "chancery", "doc", "push", path, "--title", "Long", "--marking", "restricted",
		"--recipient", "unoct", "--purposes", "art2.f", "--purpose-statement", "For the trial", "--entities-concerned",
		"none", "--derived-from", "none", "--personal-data", "no")
	if code != exitDone {
		t.Fatalf("push: %d %s", code, errs)
	}
	address, broken := breaking(t, 300_000)
	code, _, errs = p.run(append(env, "CHANCERY_SERVER="+address), "chancery", "doc", "pull", strings.TrimSpace(out),
		"--form", "original", "-o", back)
	got, err := os.ReadFile(back)
	if code != exitDone || err != nil || string(got) != content || broken.Load() != 1 {
		t.Errorf("pull: %d, %d bytes of %d, broken %d times, %v\n%s", code, len(got), len(content), broken.Load(), err,
			errs)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(back), ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
