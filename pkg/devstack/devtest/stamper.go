package devtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

// stampChild makes the test's own program mark one copy, as the gateway's own program does in service.
const stampChild = "stamp-child"

// Stamper makes marked copies in children of this test process, which has to begin with Main.
func Stamper(tb testing.TB, change ...func(*stamp.Config)) *stamp.Stamper {
	tb.Helper()
	c := stamp.Config{Child: StampChild(tb)}
	for _, f := range change {
		f(&c)
	}
	s, err := stamp.New(c)
	if err != nil {
		tb.Fatalf("stamper: %v", err)
	}
	return s
}

// Slow makes one copy at a time, and the stamper wait before each until the file that hold names is gone.
func Slow(tb testing.TB, hold string) func(*stamp.Config) {
	tb.Helper()
	const wait = `hold=$1; shift; while [ -e "$hold" ]; do sleep 0.02; done; exec "$@"`
	child := append([]string{"/bin/sh", "-c", wait, "sh", hold}, StampChild(tb)...)
	return func(c *stamp.Config) { c.Concurrency, c.Child = 1, child }
}

// StampChild is the command that marks one copy: the test's own program, or, under the race detector, one that is built
// without it. A child does one thing after another and shares nothing with its parent; what it does is tested, without
// the detector, in pkg/stamp (docs/decisions/0121).
func StampChild(tb testing.TB) []string {
	tb.Helper()
	if !raced {
		self, err := os.Executable()
		if err != nil {
			tb.Fatal(err)
		}
		return []string{self, stampChild}
	}
	program, err := builtChild()
	if err != nil {
		tb.Fatal(err)
	}
	return []string{program}
}

var builtChild = sync.OnceValues(func() (string, error) {
	stack.mu.Lock()
	dir, err := directory()
	stack.mu.Unlock()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, stampChild)
	build := exec.Command("go", "build", "-o", program, "chancery.example/gateway/pkg/devstack/stampchild")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the child that marks copies: %w\n%s", err, out)
	}
	return program, nil
})
