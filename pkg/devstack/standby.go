package devstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// standbyName is what a standby calls itself to its primary.
const standbyName = "standby"

// StartStandby makes a copy of a running cluster (pg_basebackup) under dir, starts it as its hot standby, and has the
// primary wait for it with each commit. The primary goes on waiting when the standby is gone, as PostgreSQL does.
func (p *Postgres) StartStandby(ctx context.Context, dir string) (*Postgres, error) {
	path, err := realDirectory(dir)
	if err != nil {
		return nil, fmt.Errorf("start standby: %w", err)
	}
	s := &Postgres{dir: clusterDir(path), binaries: p.binaries, account: p.account, logger: p.logger}
	if err := s.copyOf(ctx, p); err != nil {
		return nil, fmt.Errorf("start standby in %s: %w", path, err)
	}
	if err := s.prepareAndStart(ctx, 0); err != nil {
		return nil, fmt.Errorf("start standby in %s: %w", path, err)
	}
	if err := p.waitFor(ctx, standbyName); err != nil {
		return nil, errors.Join(fmt.Errorf("start standby: %w", err), s.Stop())
	}
	return s, nil
}

// copyOf fills the directory with a base backup that knows its primary.
func (p *Postgres) copyOf(ctx context.Context, primary *Postgres) error {
	if err := p.account.openPath(string(p.dir), p.logger); err != nil {
		return err
	}
	if err := os.Mkdir(p.dir.data(), 0o700); err != nil {
		return err
	}
	if err := p.account.own(p.dir.data()); err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(p.binaries.postgres), "pg_basebackup"),
		"--dbname="+primary.URL(superuser)+"&application_name="+standbyName, "--pgdata="+p.dir.data(),
		"--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf", "--no-sync")
	cmd.Dir, cmd.Env, cmd.Stderr = p.dir.data(), plainEnvironment(), &said
	cmd.SysProcAttr = p.account.attributes()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pg_basebackup: %w: %s", err, lastLines(said.String(), 4))
	}
	return os.WriteFile(p.dir.password(), []byte(primary.password), 0o600)
}

// waitFor has each commit wait for the named standby, once that follows.
func (p *Postgres) waitFor(ctx context.Context, standby string) error {
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range []string{"ALTER SYSTEM SET synchronous_standby_names = '" + standby + "'",
		"SELECT pg_reload_conf()"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var follows bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')").
			Scan(&follows)
		if err != nil || follows {
			return err
		}
	}
	return errors.New("it does not follow its primary")
}

// Promote makes a standby a primary of its own, and returns when it is one.
func (p *Postgres) Promote(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return fmt.Errorf("promote: %w", err)
	}
	defer conn.Close(ctx)
	var done bool
	if err := conn.QueryRow(ctx, "SELECT pg_promote(true, 60)").Scan(&done); err != nil || !done {
		return fmt.Errorf("promote: %t, %w", done, err)
	}
	return nil
}

// Port is where the server listens, on 127.0.0.1.
func (p *Postgres) Port() int { return p.port }
