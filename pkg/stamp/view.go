package stamp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"chancery.example/gateway/pkg/stamp/mark"
)

// ErrNoPage: the copy has no page of that number.
var ErrNoPage = errors.New("no such page")

// CanShow tells whether the pages of marked copies of this type can be shown as pictures: a file that is neither PDF
// nor a picture has no pages of its own, and what somebody else's program would make of it is not what was marked.
func CanShow(mediaType string) bool { return showers[strings.ToLower(mediaType)] != nil }

// View is a marked copy that is open to be shown, page by page, in a child process of its own: as many pages of one
// copy as are asked for, and nothing of any other. It must be closed. It is safe for concurrent use; pages are drawn
// one after the other.
type View struct {
	pages    int
	patience time.Duration
	turn     chan struct{} // holds one while nobody asks
	talk     *os.File
	end      func()
	once     sync.Once
}

// Show opens a marked copy to be shown. The child is bound like one that marks, but for its memory: MaxViewMemory.
// Errors: *ErrRefused, what the source's Read returned, and the context's.
func (s *Stamper) Show(ctx context.Context, in Source) (*View, error) {
	if !CanShow(in.MediaType) {
		return nil, mark.Refuse(mark.Unsupported, "files of this type are not shown page by page")
	}
	j := job{Task: taskShow, MediaType: strings.ToLower(in.MediaType), Limits: s.limits()}
	j.Limits.MaxMemory = s.config.MaxViewMemory
	if f, _ := formatOf(j.MediaType); f.compiled {
		var err error
		if j.Cache, err = s.cache(); err != nil {
			return nil, mark.Refuse(mark.Unavailable, "what reads the file cannot be compiled: %v", err)
		}
	}
	input, err := anonymousFile("shown")
	if err != nil {
		return nil, err
	}
	defer input.Close()
	if err := writeJob(input, j); err != nil {
		return nil, err
	}
	if err := fillFrom(ctx, input, in.Reader, s.config.MaxOutput); err != nil {
		return nil, err
	}
	v, err := s.startView(input)
	if err != nil {
		return nil, err
	}
	content, err := v.answer(ctx)
	if err == nil && len(content) != 4 {
		err = mark.Refuse(mark.Crashed, "the file made the work on it end without an answer")
	}
	if err != nil {
		v.Close()
		return nil, err
	}
	v.pages = int(binary.BigEndian.Uint32(content))
	v.turn <- struct{}{}
	return v, nil
}

// startView starts the child. The thread that starts it is held until it ends: the kernel sends Pdeathsig when that
// thread ends, not when the process does.
func (s *Stamper) startView(input *os.File) (*View, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, mark.Refuse(mark.Unavailable, "no line to the process that shows copies: %v", err)
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "view"), os.NewFile(uintptr(ends[1]), "view")
	defer theirs.Close()
	if err := unix.SetNonblock(ends[1], false); err != nil { // the child takes it as it takes any output
		ours.Close()
		return nil, mark.Refuse(mark.Unavailable, "no line to the process that shows copies: %v", err)
	}
	cmd := exec.Command(s.config.Child[0], s.config.Child[1:]...)
	// Not nil, as in child.
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.Stdin, cmd.Stdout = input, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started, gone := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		ours.Close()
		return nil, mark.Refuse(mark.Unavailable, "the process that shows copies cannot be started: %v", err)
	}
	return &View{talk: ours, turn: make(chan struct{}, 1), patience: s.config.MaxTime, end: func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-gone
	}}, nil
}

// Pages is how many the copy has.
func (v *View) Pages() int { return v.pages }

// Page draws one, counted from 1, as a PNG picture. Errors: ErrNoPage, *ErrRefused and the context's; after another
// error than ErrNoPage the view is of no use.
func (v *View) Page(ctx context.Context, n int) ([]byte, error) {
	if n < 1 || n > v.pages {
		return nil, fmt.Errorf("page %d of %d: %w", n, v.pages, ErrNoPage)
	}
	select {
	case <-v.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { v.turn <- struct{}{} }()
	// What was asked is waited for, whoever has gone meanwhile: the next question must not get its answer.
	if _, err := v.talk.Write(binary.BigEndian.AppendUint32(nil, uint32(n))); err != nil {
		return nil, mark.Refuse(mark.Crashed, "the process that shows the copy has ended")
	}
	return v.answer(context.WithoutCancel(ctx))
}

// answer waits for what the child says, no longer than a copy may take to be made.
func (v *View) answer(ctx context.Context) ([]byte, error) {
	if err := v.talk.SetReadDeadline(time.Now().Add(v.patience)); err != nil {
		return nil, mark.Refuse(mark.Unavailable, "the process that shows the copy cannot be heard: %v", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = v.talk.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var head [8]byte
	if _, err := io.ReadFull(v.talk, head[:]); err != nil {
		return nil, v.silent(ctx, err)
	}
	status, size := binary.BigEndian.Uint32(head[:4]), binary.BigEndian.Uint32(head[4:])
	switch {
	case status == viewNoPage && size == 0:
		return nil, ErrNoPage
	case status != viewDone || size > maxShown:
		return nil, mark.Refuse(mark.Damaged, "it cannot be shown")
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(v.talk, content); err != nil {
		return nil, v.silent(ctx, err)
	}
	return content, nil
}

// silent says why there is no answer.
func (v *View) silent(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return mark.Refuse(mark.TooLong, "it took longer than %s", v.patience)
	}
	return mark.Refuse(mark.Crashed, "the file made the work on it end without an answer")
}

// Close ends the child. What is being drawn fails.
func (v *View) Close() {
	v.once.Do(func() {
		v.end()
		v.talk.Close()
	})
}
