package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrate brings the schema to what this build embeds, with the owner's credentials. Two that run at the same time wait
// for each other (advisory lock). A schema newer than the build is refused and left as it is. The owner has to be able
// to create roles, unless chancery_app, chancery_sequencer and chancery_auditor exist.
func Migrate(ctx context.Context, ownerURL string) error {
	pool, err := openOwner(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	files, newest, err := migrations()
	if err != nil {
		return err
	}
	// Tried every second, for a minute.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	if err := refuseNewer(ctx, provider, newest); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	return nil
}

// Pending names the migrations that Migrate would run, in their order, and whether one of them ends builds before this
// one. It alters nothing.
func Pending(ctx context.Context, ownerURL string) (names []string, ends bool, err error) {
	pool, err := openOwner(ctx, ownerURL)
	if err != nil {
		return nil, false, err
	}
	defer pool.Close()
	files, _, err := migrations()
	if err != nil {
		return nil, false, err
	}
	if names, err = fs.Glob(files, "*.sql"); err != nil {
		return nil, false, err
	}
	var there bool
	err = pool.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&there)
	if err != nil {
		return nil, false, fmt.Errorf("postgres: migrations that ran: %w", err)
	}
	if !there {
		return names, false, nil // of an empty database no build is served
	}
	ran := map[int64]bool{}
	rows, err := pool.QueryContext(ctx, `SELECT version_id FROM goose_db_version WHERE is_applied`)
	if err != nil {
		return nil, false, fmt.Errorf("postgres: migrations that ran: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, false, err
		}
		ran[version] = true
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		version, err := goose.NumericComponent(name)
		return err == nil && ran[version]
	})
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, false, err
		}
		ends = ends || bytes.Contains(text, []byte("UPDATE schema_bears"))
	}
	return names, ends, rows.Err()
}

func refuseNewer(ctx context.Context, provider *goose.Provider, newest int64) error {
	now, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	if now > newest {
		return fmt.Errorf("postgres: the schema is of version %d, newer than the %d of this build: use the build "+
			"that migrated it", now, newest)
	}
	return nil
}

// migrations is the embedded directory and the number of its newest file.
func migrations() (fs.FS, int64, error) {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, 0, fmt.Errorf("postgres: migrations: %w", err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return nil, 0, errors.Join(errors.New("postgres: no migrations are embedded"), err)
	}
	newest, err := goose.NumericComponent(slices.Max(names))
	if err != nil {
		return nil, 0, fmt.Errorf("postgres: migrations: %w", err)
	}
	return files, newest, nil
}

// openOwner connects once, as the owner.
func openOwner(ctx context.Context, ownerURL string) (*sql.DB, error) {
	if ownerURL == "" {
		return nil, errors.New("postgres: no owner URL")
	}
	conn, err := parse(ownerURL)
	if err != nil {
		return nil, err
	}
	delete(conn.RuntimeParams, "idle_in_transaction_session_timeout")
	pool := stdlib.OpenDB(*conn)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: connect as owner: %w", err), pool.Close())
	}
	return pool, nil
}
