package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/devstack"
)

// replica is a gateway of its own process over the parts of a site.
type replica struct {
	process     *exec.Cmd
	base, admin string
}

// replica starts one more gateway; variables are of its environment.
func (r *rack) replica(t *testing.T, variables ...string) *replica {
	t.Helper()
	one := &replica{base: "127.0.0.1:" + freePort(t), admin: "127.0.0.1:" + freePort(t)}
	log, err := os.OpenFile(filepath.Join(r.dir, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	one.process = exec.Command("/proc/self/exe", "serve", "--config", r.config)
	one.process.Env = append(append(os.Environ(), "CHANCERY_LISTEN="+one.base, "CHANCERY_ADMIN_LISTEN="+one.admin,
		"CHANCERY_ADMIT_NOT_INSPECTED=true"), variables...)
	one.process.Stdout, one.process.Stderr = log, log
	if err := one.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(one.kill)
	becomes(t, "a replica is ready", 200, func() int { return ready(t, one.admin) })
	return one
}

// kill is kill -9.
func (o *replica) kill() {
	_ = o.process.Process.Kill() // one that ended already is ended
	_ = o.process.Wait()
}

// client is staff.wco at this replica.
func (o *replica) client(t *testing.T, issuers *devstack.Issuers) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Server: "http://" + o.base, Token: func(context.Context) (string, error) {
		token, _, err := issuers.Token("wco", "staff.wco", devstack.TokenOptions{})
		return token, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// watched is a content of which each reading is told before it is handed out.
type watched struct {
	io.ReaderAt
	read func(to int64)
}

func (w *watched) ReadAt(b []byte, at int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(b, at)
	w.read(at + int64(n))
	return n, err
}

// repeated is a block of noise, again and again, each time with its number in it: of any size, and in no file.
type repeated struct {
	block []byte
	size  int64
}

func newRepeated(size int64) *repeated {
	block := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{7}).Read(block)
	return &repeated{block, size}
}

func (r *repeated) ReadAt(b []byte, at int64) (int, error) {
	if at >= r.size {
		return 0, io.EOF
	}
	from := at % int64(len(r.block))
	n := copy(b[:min(int64(len(b)), r.size-at)], r.block[from:])
	if from == 0 && n >= 8 {
		copy(b, strconv.AppendInt([]byte("n"), at>>20+1_000_000, 10))
	}
	return n, nil
}

// sum is its digest.
func (r *repeated) sum(t *testing.T) string {
	t.Helper()
	digest := sha256.New()
	if _, err := io.CopyBuffer(digest, io.NewSectionReader(r, 0, r.size), make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// A gateway that is killed under an upload, by kill -9, loses the piece that was on its way and no more: on another
// replica the same upload goes on, and the file is whole. So it is when the kill comes while the whole is looked at.
func TestAnUploadGoesOnOnAnotherReplicaAfterTheFirstWasKilled(t *testing.T) {
	r := newRack(t)
	// What was sent may lie in the buffers of the line, and in the piece that is not sealed yet.
	const piece = 4 << 20
	under := piece + mostIn(t, "tcp_wmem") + mostIn(t, "tcp_rmem")
	for name, at := range map[string]int64{"in the middle": 56 << 20, "at the last bytes": 64 << 20} {
		t.Run(name, func(t *testing.T) {
			content := newRepeated(64 << 20)
			one, two := r.replica(t), r.replica(t)
			var killed atomic.Bool
			parts := client.Parts{Name: "noise.bin", Marking: "restricted", Size: content.size, SHA256: content.sum(t),
				Key: "killed-" + strconv.FormatInt(at, 10), Body: &watched{content, func(to int64) {
					if to >= at && killed.CompareAndSwap(false, true) {
						_ = one.process.Process.Signal(syscall.SIGKILL)
					}
				}}}
			ctx, enough := context.WithCancel(t.Context())
			go func() { _ = one.process.Wait(); enough() }()
			if _, err := one.client(t, r.site.issuers).StageInParts(ctx, parts); err == nil || !killed.Load() {
				t.Fatalf("killed: %t, %v", killed.Load(), err)
			}
			again := int64(-1)
			parts.Body = content
			parts.Sent = func(n int64) {
				if again < 0 {
					again = n
				}
			}
			staged, err := two.client(t, r.site.issuers).StageInParts(t.Context(), parts)
			if err != nil || staged.Sha256 != parts.SHA256 || staged.Size != content.size {
				t.Fatalf("on the other replica: %+v, %v", staged, err)
			}
			if again < piece || at-again > under {
				t.Errorf("it went on from %d, when %d had been sent and %d could be on their way", again, at, under)
			}
		})
	}
}

// mostIn is how large the kernel lets a buffer of a connection grow, in bytes.
func mostIn(t *testing.T, setting string) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/net/ipv4/" + setting)
	if err != nil {
		t.Fatal(err)
	}
	sizes := strings.Fields(string(text)) // at least, at first, at most
	most, err := strconv.ParseInt(sizes[len(sizes)-1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return most
}

// A large file whose line breaks five times: the gateway holds a few pieces of it at a time, no more. A gibibyte takes
// what the torture has time for.
func TestAFileThatIsResumedFiveTimesTakesBoundedMemory(t *testing.T) {
	r := newRack(t)
	one := r.replica(t)
	content := newRepeated(160 << 20)
	if os.Getenv(cyclesVariable) != "" {
		content = newRepeated(1 << 30)
	}
	small := newRepeated(9 << 20)
	send := func(c *repeated, breaks int64) {
		t.Helper()
		parts := client.Parts{Name: "noise.bin", Marking: "restricted", Size: c.size, SHA256: c.sum(t),
			Key: "memory-" + strconv.FormatInt(c.size, 10)}
		for n := range breaks {
			ctx, cut := context.WithCancel(t.Context())
			parts.Body = &watched{c, func(to int64) {
				if to >= (n+1)*c.size/(breaks+1) {
					cut()
				}
			}}
			if _, err := one.client(t, r.site.issuers).StageInParts(ctx, parts); err == nil {
				t.Fatal("it was not cut")
			}
		}
		parts.Body = c
		staged, err := one.client(t, r.site.issuers).StageInParts(t.Context(), parts)
		if err != nil || staged.Sha256 != parts.SHA256 {
			t.Fatalf("%+v, %v", staged, err)
		}
		if err := one.client(t, r.site.issuers).Unstage(t.Context(), staged.Id); err != nil {
			t.Fatal(err)
		}
	}
	send(small, 1) // idle is that of a gateway in use
	idle := one.resident(t, "VmRSS")
	if err := os.WriteFile("/proc/"+strconv.Itoa(one.process.Process.Pid)+"/clear_refs", []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
	send(content, 5)
	peak := one.resident(t, "VmHWM")
	t.Logf("resident: %d MiB idle, %d MiB at most", idle>>20, peak>>20)
	if peak-idle > 32<<20 {
		t.Errorf("%d MiB above idle, want 32 at most", (peak-idle)>>20)
	}
}

// resident is a line of /proc/PID/status, in bytes.
func (o *replica) resident(t *testing.T, line string) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(o.process.Process.Pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(l, line+":"); found {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatalf("no %s", line)
	return 0
}
