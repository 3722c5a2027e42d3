package stamp

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	cannotBegin = "stamp-child: limits:"
	slack       = 1 << 20 // bytes of output that the answer may take beside the copy
	ownFiles    = 3       // standard input, output and error
)

// Child is what the command of Config.Child runs: it reads one job from in, writes the copy and the answer to out, and
// takes nothing else from the process; in and out are the anonymous files that Stamper made. It limits itself before it
// reads the file. An error means that there is no copy; the command then exits with a status other than 0.
func Child(in, out *os.File) error {
	j, source, err := readJob(in)
	if err != nil {
		return err
	}
	if j.Task == taskShow {
		return showCopy(j, source, out)
	}
	f, known := formatOf(j.MediaType)
	if !known {
		return errors.New("stamp-child: a media type that is not marked in place")
	}
	inPlace, err := f.prepare(j.Cache)
	if err != nil {
		return fmt.Errorf("%s %w", cannotBegin, err)
	}
	// From here on the document is read: what had to be opened is open, and the limits cannot be lifted again.
	if err := confine(j.Limits); err != nil {
		return fmt.Errorf("%s %w", cannotBegin, err)
	}
	j.Limits.Told = os.Stderr
	a, err := work(inPlace, j, source, out)
	if j.Task == taskProbe || err != nil { // half a copy is no copy, and a probe wants none
		if err := out.Truncate(0); err != nil {
			return fmt.Errorf("output: %w", err)
		}
	}
	if _, err := out.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	var refused *mark.ErrRefused
	switch {
	case errors.As(err, &refused):
		a.Refused = refused
	case errors.Is(err, syscall.EFBIG):
		a.Refused = &mark.ErrRefused{Reason: mark.TooLarge,
			Detail: fmt.Sprintf("its copy would have more than %d MiB", j.Limits.MaxOutput>>20)}
	case err != nil:
		a.Refused = &mark.ErrRefused{Reason: mark.Damaged, Detail: "it cannot be marked"}
	}
	return writeAnswer(out, a)
}

// confine sets the limits that the kernel keeps: memory beyond what the program itself has taken, processor time,
// size of the output. The process can open nothing any more, neither file nor socket; it leaves no core dump, and
// nobody may look into it.
func confine(l mark.Limits) error {
	own, err := dataSize()
	if err != nil {
		return err
	}
	// A write beyond RLIMIT_FSIZE then fails with EFBIG, which is answered as too large; the signal would end the
	// child.
	signal.Ignore(syscall.SIGXFSZ)
	time.AfterFunc(time.Hour, func() {}).Stop() // the runtime opens what it needs for timers with the first one
	// Below the kernel's limit, so that the collector tries harder first: at that limit the runtime only crashes.
	debug.SetMemoryLimit(l.MaxMemory / 4 * 3)
	debug.SetMaxStack(128 << 20)
	runtime.GOMAXPROCS(min(2, runtime.GOMAXPROCS(0)))
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("dumpable: %w", err)
	}
	wanted := map[int]int64{
		unix.RLIMIT_CORE: 0, unix.RLIMIT_CPU: l.MaxCPU, unix.RLIMIT_FSIZE: l.MaxOutput + slack,
		unix.RLIMIT_NOFILE: ownFiles,
	}
	if !shadowMemory {
		wanted[unix.RLIMIT_DATA] = own + l.MaxMemory
	}
	for resource, v := range wanted {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: uint64(v), Max: uint64(v)}); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	return nil
}

// work marks the file. Parsers of other people's files may panic; that is an answer, not a crash.
func work(inPlace marker, j job, source *io.SectionReader, out *os.File) (a mark.Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			a, err = mark.Answer{}, mark.Refuse(mark.Damaged, "its structure is broken")
		}
	}()
	return inPlace(source, out, j.Mark, j.Limits)
}

// dataSize is what the kernel counts against the limit of memory by now, in bytes (proc(5), statm).
func dataSize() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("memory: %w", err)
	}
	var size, resident, shared, code, libraries, data int64
	if _, err := fmt.Sscan(string(text), &size, &resident, &shared, &code, &libraries, &data); err != nil {
		return 0, fmt.Errorf("memory: %w", err)
	}
	return data * int64(os.Getpagesize()), nil
}
