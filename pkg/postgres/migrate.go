package postgres

import (
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
