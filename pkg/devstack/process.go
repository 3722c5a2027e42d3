package devstack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one child of this process, with all that it starts itself.
type process struct {
	name   string
	pid    int
	exited chan struct{} // closed once the child has been waited for

	mu       sync.Mutex
	watchdog *watchdog // set while the child is paused
}

// startProcess starts cmd so that it gets parentGone when this process dies, however it dies.
//
// Linux delivers that signal when the *thread* that forked ends, so the goroutine that forks keeps
// its thread until the child has exited.
func startProcess(name string, cmd *exec.Cmd, parentGone syscall.Signal) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // Ctrl-C in a terminal is ours to pass on
	dieWithParent(cmd.SysProcAttr, parentGone)
	p := &process{name: name, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its own log
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// running reports whether the child has not yet exited.
func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// family lists the child and everything it started; none when it has exited.
func (p *process) family() []int {
	if !p.running() {
		return nil
	}
	return append([]int{p.pid}, descendants(p.pid)...)
}

// stop sends sig and waits for the child; after grace it kills it and says so.
func (p *process) stop(sig syscall.Signal, grace time.Duration) error {
	p.resume()
	if !p.running() {
		return nil
	}
	_ = syscall.Kill(p.pid, sig)
	select {
	case <-p.exited:
		return nil
	case <-time.After(grace):
		p.kill()
		return fmt.Errorf("%s did not end within %s of %s and was killed", p.name, grace, sig)
	}
}

// kill ends the child and everything it started with SIGKILL, and waits for the child.
func (p *process) kill() {
	if p.running() {
		signalAll(p.family(), syscall.SIGKILL)
		<-p.exited
	}
	p.resume()
}

// pause stops the child and everything it started in their tracks; connections stay open, unanswered.
func (p *process) pause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchdog != nil {
		return nil
	}
	if !p.running() {
		return fmt.Errorf("pause %s: it is not running", p.name)
	}
	// The parent first, so that it starts nothing while its children are being counted.
	_ = syscall.Kill(p.pid, syscall.SIGSTOP)
	family := p.family()
	w, err := newWatchdog(family)
	if err != nil {
		_ = syscall.Kill(p.pid, syscall.SIGCONT)
		return fmt.Errorf("pause %s: %w", p.name, err)
	}
	signalAll(family, syscall.SIGSTOP)
	p.watchdog = w
	// The signal stops each thread when it gets there: on a busy machine a request may still be answered in between.
	stopped := func() bool { return !slices.ContainsFunc(family, moves) }
	if !waitUntil(5*time.Second, time.Millisecond, stopped) {
		return fmt.Errorf("pause %s: it does not stop", p.name)
	}
	return nil
}

// resume lets a paused child go on; it does nothing when the child is not paused.
func (p *process) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchdog != nil {
		p.watchdog.release()
		p.watchdog = nil
	}
}

// watchdog wakes stopped processes when it is released or when this process dies: a stopped process
// could otherwise not act on the signal that tells it its parent is gone.
type watchdog struct {
	cmd  *exec.Cmd
	pipe *os.File
}

func newWatchdog(pids []int) (*watchdog, error) {
	args := []string{"-c", `read -r _; kill -CONT "$@" 2>/dev/null`, "watchdog"}
	for _, pid := range pids {
		args = append(args, strconv.Itoa(pid))
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", args...)
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, err
	}
	return &watchdog{cmd: cmd, pipe: w}, nil
}

func (w *watchdog) release() {
	w.pipe.Close()
	_ = w.cmd.Wait() // kill reports those that are gone already
}

func signalAll(pids []int, sig syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig)
	}
}

// descendants lists the processes started by pid, and by those, from /proc; without /proc, none.
func descendants(pid int) []int {
	children := map[int][]int{}
	for _, child := range processes() {
		if parent, err := parentOf(child); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	family := slices.Clone(children[pid])
	for i := 0; i < len(family); i++ {
		family = append(family, children[family[i]]...)
	}
	return family
}

func processes() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// moves reports whether a thread of the process is not stopped; one that is gone is not.
func moves(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	return slices.ContainsFunc(threads, func(path string) bool {
		stat, err := os.ReadFile(path)
		_, after, named := strings.Cut(string(stat), ") ")
		return err == nil && named && !strings.ContainsAny(after[:1], "TtZX")
	})
}

// parentOf reads the fourth field of /proc/pid/stat; the second, a name in brackets, may hold blanks.
func parentOf(pid int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(stat), ") ")
	for found && strings.Contains(rest, ") ") {
		_, rest, found = strings.Cut(rest, ") ")
	}
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0, errors.New("unreadable process state")
	}
	return strconv.Atoi(fields[1])
}

// processesIn lists the processes whose working directory is dir.
func processesIn(dir string) []int {
	var pids []int
	for _, pid := range processes() {
		if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil && cwd == dir {
			pids = append(pids, pid)
		}
	}
	return pids
}
