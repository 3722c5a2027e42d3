package stamp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/traces"
)

const maxComplaint = 64 << 10 // bytes of the child's standard error that are kept

// finished is what a child left: the copy in file, from 0 to size.
type finished struct {
	answer mark.Answer
	file   *os.File
	size   int64
}

// run hands the source to a child and waits for its answer. On error nothing of the copy remains. When the child
// refused, the answer comes beside the *ErrRefused.
func (s *Stamper) run(ctx context.Context, j job, in Source) (done finished, err error) {
	c := s.config
	if in.Size > c.MaxInput {
		return finished{}, mark.Refuse(mark.TooLarge, "it has more than %d MiB", c.MaxInput>>20)
	}
	text := j.Limits.Text
	j.Limits = s.limits()
	j.Limits.Text = text
	if f, _ := formatOf(j.MediaType); f.compiled {
		if j.Cache, err = s.cache(); err != nil {
			return finished{}, mark.Refuse(mark.Unavailable, "what reads the file cannot be compiled: %v", err)
		}
	}
	// Files without a name: the child can open nothing, and nothing of a document stays when both processes are gone.
	input, err := anonymousFile("source")
	if err != nil {
		return finished{}, err
	}
	defer input.Close()
	if err := writeJob(input, j); err != nil {
		return finished{}, err
	}
	if err := fillFrom(ctx, input, in.Reader, c.MaxInput); err != nil {
		return finished{}, err
	}
	output, err := anonymousFile("copy")
	if err != nil {
		return finished{}, err
	}
	defer func() {
		if err != nil {
			output.Close()
		}
	}()
	if err := s.child(ctx, input, output, in.Progress); err != nil {
		return finished{}, err
	}
	a, size, err := readAnswer(output)
	if err != nil {
		return finished{}, mark.Refuse(mark.Crashed, "the file made the work on it end without an answer")
	}
	if a.Refused != nil {
		return finished{answer: a}, a.Refused
	}
	return finished{answer: a, file: output, size: size}, nil
}

// limits are those of a child.
func (s *Stamper) limits() mark.Limits {
	c := s.config
	return mark.Limits{
		MaxMemory: c.MaxMemory,
		MaxInput:  c.MaxInput,
		MaxOutput: c.MaxOutput,
		MaxPixels: c.MaxPixels,
		// On two processors, which is what confine leaves a child.
		MaxCPU: 2 * int64(math.Ceil(c.MaxTime.Seconds())),
	}
}

// anonymousFile makes a file in memory that has no name anywhere and is gone when it is closed, whoever crashes.
func anonymousFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, mark.Refuse(mark.Unavailable, "no memory for the copy: %v", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// fillFrom copies the source, at most limit bytes of it, in pieces.
func fillFrom(ctx context.Context, to io.Writer, from io.Reader, limit int64) error {
	n, err := io.Copy(struct{ io.Writer }{to}, io.LimitReader(&cancellable{ctx, from}, limit+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the source: %w", err)
	case n == 0:
		return mark.Refuse(mark.Damaged, "it is empty")
	case n > limit:
		return mark.Refuse(mark.TooLarge, "it has more than %d MiB", limit>>20)
	}
	return nil
}

type cancellable struct {
	ctx  context.Context
	from io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.from.Read(p)
}

// child runs one child to its end. The thread that starts it is held until then: the kernel sends Pdeathsig when that
// thread ends, not when the process does.
func (s *Stamper) child(ctx context.Context, input, output *os.File, progress *Progress) (err error) {
	ctx, span := traces.Begin(ctx, traces.StampChild)
	defer func() { span.End(err) }()
	limited, cancel := context.WithTimeout(ctx, s.config.MaxTime)
	defer cancel()
	complaint := progressListener{progress: progress}
	cmd := exec.CommandContext(limited, s.config.Child[0], s.config.Child[1:]...)
	// Not nil, which would hand down the gateway's environment.
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = input, output, &complaint
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return mark.Refuse(mark.Unavailable, "the process that marks copies cannot be started: %v", err)
	}
	err = cmd.Wait()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil, signalled(err, syscall.SIGXCPU):
		return mark.Refuse(mark.TooLong, "it took longer than %s", s.config.MaxTime)
	case complaint.says("out of memory"), complaint.says("cannot allocate memory"):
		return mark.Refuse(mark.OutOfMemory, "it needs more than %d MiB of memory", s.config.MaxMemory>>20)
	case complaint.says(cannotBegin):
		return mark.Refuse(mark.Unavailable, "the process that marks copies cannot set its limits")
	}
	return mark.Refuse(mark.Crashed, "the file made the work on it end without an answer")
}

func signalled(err error, want syscall.Signal) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == want
}

// boundedComplaint keeps the beginning of what is written. It is never shown or logged: it may hold content.
type boundedComplaint struct{ kept bytes.Buffer }

func (b *boundedComplaint) Write(p []byte) (int, error) {
	b.kept.Write(p[:min(len(p), max(0, maxComplaint-b.kept.Len()))])
	return len(p), nil
}

func (b *boundedComplaint) says(words string) bool {
	return bytes.Contains(b.kept.Bytes(), []byte(words))
}
