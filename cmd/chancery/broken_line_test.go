package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"chancery.example/gateway/pkg/devstack/devtest"
)

// breaking is a line to the demo that breaks once, when that many bytes have come back on one connection.
func breaking(t *testing.T, after int64) (address string, broken *atomic.Int32) {
	t.Helper()
	broken = &atomic.Int32{}
	return "http://" + devtest.Line(t, demoHost(), func(near, far net.Conn) {
		go func() {
			_, _ = io.Copy(far, near)
			far.Close()
		}()
		defer near.Close()
		defer far.Close()
		if n, _ := io.CopyN(near, far, after); n == after && broken.CompareAndSwap(0, 1) {
			return
		}
		_, _ = io.Copy(near, far)
	}), broken
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

// demoHost is where the demo listens.
func demoHost() string { return strings.TrimPrefix(stack.BaseURL, "http://") }

// cutting is a line to the demo each of whose connections breaks when that many bytes have gone up on it, for as often
// as is said.
func cutting(t *testing.T, after int64, often int32) (address string, line *devtest.CutLine) {
	t.Helper()
	line = devtest.NewCutLine(t, demoHost(), after, often)
	return "http://" + line.Address, line
}

// A line that breaks again and again under a large file on its way up: it goes on by itself where it broke, and the
// same command of another process goes on with what the first one left.
func TestAFileWhoseLineBreaksIsPushedOnce(t *testing.T) {
	stack.start(t)
	p := newPlatform(t, "gtas", "wco")
	token, err := stack.token("staff.wco")
	must(t, err)
	content := strings.Repeat("Another line of a long message that goes over a line that breaks.\n", 400_000) // 26 MB
	path, back := filepath.Join(t.TempDir(), "large.txt"), filepath.Join(t.TempDir(), "back.txt")
	must(t, os.WriteFile(path, []byte(content), 0o600))
	push := []string{"chancery", "doc", "push", path, "--title", "Large", "--marking", "restricted", "--recipient",
		"unoct", "--purposes", "art2.f", "--purpose-statement", "For the trial", "--derived-from", "none",
		"--personal-data", "no"}
	address, line := cutting(t, 9<<20, 2)
	env := []string{"CHANCERY_TOKEN=" + token, "CHANCERY_SERVER=" + address}
	code, _, errs := p.run(env, push...) // what entities are concerned is not said: the deposit is refused
	if code != exitRefused || !strings.Contains(errs, "4(4)") || line.Breaks.Load() < 2 {
		t.Fatalf("push without a word about entities: %d, broken %d times\n%s", code, line.Breaks.Load(), errs)
	}
	sent := line.Up.Load()
	if sent > int64(len(content))+2*(4<<20)+1<<20 {
		t.Errorf("%d bytes went up of a file of %d, broken twice: more than a piece was lost each time", sent,
			len(content))
	}
	code, out, errs := p.run(env, append(push, "--entities-concerned", "none")...)
	if code != exitDone {
		t.Fatalf("push: %d\n%s", code, errs)
	}
	if again := line.Up.Load() - sent; again > 1<<20 {
		t.Errorf("%d bytes went up a second time of a file that was there", again)
	}
	code, _, errs = p.run(env, "chancery", "doc", "pull", strings.TrimSpace(out), "--form", "original", "-o", back)
	got, err := os.ReadFile(back)
	if code != exitDone || err != nil || string(got) != content {
		t.Errorf("pull: %d, %d bytes of %d, %v\n%s", code, len(got), len(content), err, errs)
	}
}

// A new version over a line that breaks, and by a command that is killed: it goes on where it broke, what is refused
// for an answer is not sent again, and there is one version more.
func TestANewVersionWhoseLineBreaksIsSentOnce(t *testing.T) {
	stack.start(t)
	p := newPlatform(t, "gtas", "wco")
	token, err := stack.token("staff.wco")
	must(t, err)
	short, path := filepath.Join(t.TempDir(), "short.txt"), filepath.Join(t.TempDir(), "large.txt")
	must(t, os.WriteFile(short, []byte("The first version.\n"), 0o600))
	content := largeText("the second version", 25)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	address, line := cutting(t, 9<<20, 2)
	env := []string{"CHANCERY_TOKEN=" + token, "CHANCERY_SERVER=" + address}
	code, out, errs := p.run(env, "chancery", "doc", "push", short, "--title", "Corrected", "--marking",
		"restricted", "--recipient", "unoct", "--purposes", "art2.f", "--purpose-statement", "For the trial",
		"--entities-concerned", "none", "--derived-from", "none", "--personal-data", "no")
	if code != exitDone {
		t.Fatalf("push: %d %s", code, errs)
	}
	document := strings.TrimSpace(out)
	sent := line.Up.Load()
	correct := []string{"doc", "correct", document, path, "--kind", "replaces", "--statement", "A figure was wrong"}
	code, _, errs = p.run(append(env, "KILL_AT=sent-15"), append([]string{"chancery-dies"}, correct...)...)
	if code != -1 {
		t.Fatalf("the command that is killed ends with %d\n%s", code, errs)
	}
	code, _, errs = p.run(env, append([]string{"chancery"}, correct...)...)
	if code != exitRefused || !strings.Contains(errs, "4(8)") {
		t.Fatalf("correct without a word about sources: %d\n%s", code, errs)
	}
	code, out, errs = p.run(env, append(append([]string{"chancery"}, correct...), "--derived-from", "none")...)
	if code != exitDone || !strings.HasPrefix(out, "ver_") {
		t.Fatalf("correct: %d %s\n%s", code, out, errs)
	}
	if up := line.Up.Load() - sent; up > int64(len(content))+3*piece+1<<20 || line.Breaks.Load() < 2 {
		t.Errorf("%d bytes went up of a file of %d, with %d breaks and a kill", up, len(content), line.Breaks.Load())
	}
	back := filepath.Join(t.TempDir(), "back.txt")
	code, _, errs = p.run(env, "chancery", "doc", "pull", document, "--form", "original", "-o", back)
	got, err := os.ReadFile(back)
	if code != exitDone || err != nil || string(got) != content {
		t.Errorf("pull: %d, %d bytes of %d, %v\n%s", code, len(got), len(content), err, errs)
	}
}
