package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a program of the bench that serves on an address.
type child struct {
	address string
	command *exec.Cmd
	ready   time.Duration // from its start to its first good answer
	pprof   string
}

// serve starts one replica of the gateway.
func (h *surroundings) serve(ctx context.Context) (*child, error) { return h.serveAs(ctx, h.program) }

// serveAs starts a replica that is this program.
func (h *surroundings) serveAs(ctx context.Context, program string) (*child, error) {
	address, admin, err := twoAddresses()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program, "serve", "--config", h.config)
	// A malware scanner is another program, with figures of its own: there is none here.
	c.Env = append(os.Environ(), "CHANCERY_LISTEN="+address, "CHANCERY_ADMIN_LISTEN="+admin,
		"CHANCERY_ADMIT_NOT_INSPECTED=true")
	out := &child{address: address, command: c}
	if h.profile != "" {
		if out.pprof, err = freeAddress(); err != nil {
			return nil, err
		}
		c.Env = append(c.Env, "BENCH_PPROF="+out.pprof)
	}
	return out, out.start("http://" + admin + "/readyz?all")
}

func twoAddresses() (one, two string, err error) {
	one, err = freeAddress()
	two, second := freeAddress()
	return one, two, errors.Join(err, second)
}

func (c *child) start(probe string) error {
	c.command.Stderr = os.Stderr
	began := time.Now()
	if err := c.command.Start(); err != nil {
		return err
	}
	for time.Since(began) < 30*time.Second {
		resp, err := http.Get(probe)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				c.ready = time.Since(began)
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("%s does not get ready", c.command.Path), c.stop())
}

func (c *child) stop() error {
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := c.command.Wait(); err != nil && !errors.As(err, &ended) {
		return err
	}
	return nil
}

func (c *child) proc(file string) string {
	return filepath.Join("/proc", strconv.Itoa(c.command.Process.Pid), file)
}

// processor is the processor time that the process has used, in seconds; zero for none.
func (c *child) processor() (float64, error) {
	if c == nil {
		return 0, nil
	}
	used, err := ticks(c.command.Process.Pid)
	return used / 100, err
}

// resident is what the process has of the machine's memory, in bytes: "VmRSS" now, "VmHWM" at its highest.
func (c *child) resident(field string) (int64, error) {
	status, err := os.ReadFile(c.proc("status"))
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(status), field+":")
	if !found {
		return 0, fmt.Errorf("no %s of %s", field, c.command.Path)
	}
	kib, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	return kib << 10, err
}

// forgetPeak makes the highest what is now.
func (c *child) forgetPeak() error { return os.WriteFile(c.proc("clear_refs"), []byte("5"), 0) }

// profiled runs f, while the gateway writes down for so long what it does, if that is asked for.
func (h *surroundings) profiled(c *child, name string, seconds int, f func() error) error {
	if h.profile == "" || c.pprof == "" {
		return f()
	}
	written := make(chan error, 2)
	go func() { written <- fetchProfile(c.pprof, "profile", filepath.Join(h.profile, name+".pprof"), seconds) }()
	go func() { written <- fetchProfile(c.pprof, "allocs", filepath.Join(h.profile, name+".allocs"), seconds) }()
	return errors.Join(f(), <-written, <-written)
}

// fetchProfile writes a profile of that kind over so many seconds.
func fetchProfile(address, kind, path string, seconds int) error {
	resp, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/%s?seconds=%d", address, kind, seconds))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return errors.Join(err, os.WriteFile(path, data, 0o600))
}

// measureReady is the time from the start of the process to readiness.
func measureReady(ctx context.Context, h *surroundings, p plan) error {
	var took series
	for range p.rounds {
		c, err := h.serve(ctx)
		if err != nil {
			return err
		}
		took = append(took, c.ready.Seconds())
		if err := c.stop(); err != nil {
			return err
		}
	}
	figure("serve: from start to ready, s", "%.2f", took)
	return nil
}

func measureBinary(_ context.Context, h *surroundings, _ plan) error {
	info, err := os.Stat(h.program)
	if err != nil {
		return err
	}
	row("chanceryd, stripped, MB", fmt.Sprintf("%.1f", float64(info.Size())/1e6), "", "", "", "")
	return nil
}
