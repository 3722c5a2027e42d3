package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresConfig says where a PostgreSQL cluster lives.
type PostgresConfig struct {
	Dir    string       // holds the cluster; made when absent, used again when it holds one
	Port   int          // on 127.0.0.1; 0 takes a free one
	Apart  bool         // made by initdb and not a copy of this machine's template: of an identifier of its own
	Logger *slog.Logger // nil is silent
}

// Postgres is a PostgreSQL server owned by this process. Its methods may be called concurrently.
type Postgres struct {
	dir      clusterDir
	port     int
	binaries binaries
	account  account
	apart    bool
	logger   *slog.Logger
	password string

	mu    sync.Mutex // guards starting and ending
	lock  *fileLock
	child *process
}

const (
	startLimit  = 60 * time.Second // recovery after a crash included
	stopLimit   = 20 * time.Second
	orphanLimit = 5 * time.Second
	logLimit    = 8 << 20 // bytes, above which a start empties the server's log
)

// StartPostgres starts a PostgreSQL server on 127.0.0.1 and returns when it answers. Settings that
// guard what is committed (fsync, synchronous_commit) stay as PostgreSQL ships them.
//
// Root runs it as the user postgres, or nobody; parents of Dir that keep that user out get their
// search bit, which is logged. It fails when no PostgreSQL is installed, when Port is taken, and when
// another process runs the cluster in Dir; a server left by a killed process is ended first.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	if cfg.Dir == "" {
		return nil, errors.New("start postgresql: no directory given")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	path, err := realDirectory(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start postgresql: %w", err)
	}
	b, err := findBinaries(ctx, debianBinaries)
	if err != nil {
		return nil, fmt.Errorf("start postgresql: %w", err)
	}
	a, err := unprivileged()
	if err != nil {
		return nil, fmt.Errorf("start postgresql: %w", err)
	}
	p := &Postgres{dir: clusterDir(path), binaries: b, account: a, apart: cfg.Apart, logger: cfg.Logger}
	if err := p.prepareAndStart(ctx, cfg.Port); err != nil {
		return nil, fmt.Errorf("start postgresql in %s: %w", path, err)
	}
	return p, nil
}

// realDirectory makes dir and returns its absolute path without symbolic links.
func realDirectory(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

func (p *Postgres) prepareAndStart(ctx context.Context, port int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.takeDirectory(); err != nil {
		return err
	}
	err := p.prepare(ctx)
	if err == nil {
		p.port, err = startOnPort(port, func(port int) error {
			p.port = port
			return p.start(ctx)
		})
	}
	if err != nil {
		p.lock.release()
	}
	return err
}

// takeDirectory locks the cluster directory and ends what a killed owner left running in it.
func (p *Postgres) takeDirectory() error {
	lock, err := tryLock(p.dir.lock())
	if err != nil {
		return err
	}
	p.lock = lock
	endOrphans(p.dir.data())
	err = os.Remove(filepath.Join(p.dir.data(), "postmaster.pid"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		lock.release()
		return err
	}
	return nil
}

// endOrphans waits for servers that are just ending in the data directory, and kills those that do not:
// whoever holds the lock knows that their owner is gone.
func endOrphans(data string) {
	gone := waitUntil(orphanLimit, 20*time.Millisecond, func() bool { return len(processesIn(data)) == 0 })
	for !gone {
		signalAll(processesIn(data), syscall.SIGKILL)
		gone = waitUntil(time.Second, 20*time.Millisecond, func() bool { return len(processesIn(data)) == 0 })
	}
}

func (p *Postgres) prepare(ctx context.Context) error {
	if info, err := os.Stat(p.dir.log()); err == nil && info.Size() > logLimit {
		if err := os.Truncate(p.dir.log(), 0); err != nil {
			return err
		}
	}
	if err := p.account.openPath(string(p.dir), p.logger); err != nil {
		return err
	}
	if p.apart && !p.dir.complete() {
		if err := initialise(ctx, p.dir, p.binaries, p.account); err != nil {
			return err
		}
	}
	if err := makeCluster(ctx, p.dir, p.binaries, p.account, p.logger); err != nil {
		return err
	}
	// The directory may have been used by another user before, root or not root.
	if err := p.account.own(p.dir.data()); err != nil {
		return err
	}
	password, err := os.ReadFile(p.dir.password())
	p.password = string(password)
	return err
}

// start runs the server and waits until it answers; the caller holds mu and the directory.
func (p *Postgres) start(ctx context.Context) error {
	log, err := os.OpenFile(p.dir.log(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	cmd := exec.Command(p.binaries.postgres, "-D", p.dir.data(),
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(p.port), "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_timezone=UTC")
	cmd.Dir = p.dir.data()
	cmd.Env = plainEnvironment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = p.account.attributes()
	// SIGQUIT has the server take its shared memory along; a killed one would leave it.
	child, err := startProcess("postgresql", cmd, syscall.SIGQUIT)
	if err != nil {
		return err
	}
	if err := p.awaitAnswer(ctx, child); err != nil {
		child.kill()
		return fmt.Errorf("%w; its log ends: %s", err, p.logSince(from))
	}
	p.child = child
	p.logger.Info("postgresql started", "version", p.binaries.version, "port", p.port, "user", p.account.name)
	return nil
}

// awaitAnswer returns when the server that answers on the port is the one of our directory.
func (p *Postgres) awaitAnswer(ctx context.Context, child *process) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		if err := p.ping(ctx); err == nil {
			return nil
		}
		select {
		case <-child.exited:
			return errors.New("postgresql ended at once")
		case <-ctx.Done():
			return fmt.Errorf("postgresql does not answer: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *Postgres) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var data string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&data); err != nil {
		return err
	}
	if data != p.dir.data() {
		return fmt.Errorf("port %d belongs to the cluster in %s", p.port, data)
	}
	return nil
}

func (p *Postgres) logSince(offset int64) string {
	log, err := os.ReadFile(p.dir.log())
	if err != nil || offset > int64(len(log)) {
		return "(no log)"
	}
	return lastLines(string(log[offset:]), 6)
}

// Stop ends the server in an orderly way: sessions are cut, everything committed is on disk. An error
// means that it had to be killed. The data stays and can be started again.
func (p *Postgres) Stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.lock.release()
	err := p.child.stop(syscall.SIGINT, stopLimit)
	p.logger.Info("postgresql stopped", "port", p.port)
	return err
}

// Kill ends the server and all its sessions at once, as a power cut would.
func (p *Postgres) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.child.kill()
	p.lock.release()
}

// Pause makes the server hang: connections stay open and nothing answers, until Resume.
func (p *Postgres) Pause() error { return p.running().pause() }

// Resume lets a paused server go on.
func (p *Postgres) Resume() { p.running().resume() }

func (p *Postgres) running() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child
}

// Restart stops the server, where it still runs, and starts it on the same port and data.
func (p *Postgres) Restart(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	stopErr := p.child.stop(syscall.SIGINT, stopLimit)
	p.lock.release()
	if err := p.takeDirectory(); err != nil {
		return fmt.Errorf("restart postgresql in %s: %w", p.dir, errors.Join(err, stopErr))
	}
	if err := p.start(ctx); err != nil {
		p.lock.release()
		return fmt.Errorf("restart postgresql in %s: %w", p.dir, err)
	}
	return nil
}

// Pids lists the processes of the server, its own first; none when it does not run.
func (p *Postgres) Pids() []int { return p.running().family() }
