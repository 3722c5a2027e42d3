package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// ErrOutcomeUnknown says that COMMIT was sent and the answer was lost: the transaction may or may not have happened.
// Whoever meets it looks again, and never guesses.
var ErrOutcomeUnknown = errors.New("outcome of the commit unknown")

// errPoolTimeout says that no connection became free or could be made in time.
var errPoolTimeout = errors.New("no database connection in time")

// Tx is one transaction. It is valid inside the closure that received it and is not safe for concurrent use.
type Tx struct {
	sql  *sql.Tx
	gorm *gorm.DB
}

// InTx runs f in one READ COMMITTED transaction and commits it when f returns nil. When f fails or panics everything is
// rolled back and the error, or the panic, goes on. An error of the commit is returned wrapped; nothing may be taken as
// done then: it wraps ErrOutcomeUnknown when the answer of the database was lost.
// The transaction ends with ctx. Waiting for a connection is bounded (five seconds): see Unavailable.
func (db *DB) InTx(ctx context.Context, f func(tx *Tx) error) (err error) {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	raw, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("postgres: begin: %w", err)
	}
	// A no-op after the commit; after an error or a panic it is what leaves nothing behind.
	defer func() { _ = raw.Rollback() }()
	g := db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx})
	g.Statement.ConnPool = raw
	if err := f(&Tx{sql: raw, gorm: g}); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return commitError(err)
	}
	return nil
}

func (db *DB) acquire(ctx context.Context) (*sql.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, poolTimeout)
	defer cancel()
	conn, err := db.pool.Conn(bounded)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() == nil && bounded.Err() != nil:
		return nil, fmt.Errorf("postgres: connect: %w: %w", errPoolTimeout, err)
	}
	return nil, fmt.Errorf("postgres: connect: %w", err)
}

// commitError tells a commit that surely did not happen from one whose answer was lost.
func commitError(err error) error {
	switch {
	// database/sql returns the bare error of a context that ended before COMMIT was sent; on the way it comes wrapped.
	case err == context.Canceled, err == context.DeadlineExceeded, errors.Is(err, sql.ErrTxDone):
	case refusedByServer(err), errors.Is(err, pgx.ErrTxCommitRollback):
	default:
		return fmt.Errorf("postgres: commit: %w: %w", ErrOutcomeUnknown, err)
	}
	return fmt.Errorf("postgres: commit: %w", err)
}

// Now is the database clock at this instant, not at the start of the transaction; UTC, microseconds.
func (tx *Tx) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := tx.sql.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("postgres: clock: %w", err)
	}
	return now.UTC().Truncate(time.Microsecond), nil
}

// Notify tells the listeners of channel, once the transaction commits. The payload is shorter than 8000 bytes.
// It costs every committing transaction a common lock: it is for narrowing acts and rounds, not for each entry.
func (tx *Tx) Notify(ctx context.Context, channel, payload string) error {
	if _, err := tx.sql.ExecContext(ctx, "SELECT pg_notify($1, $2)", channel, payload); err != nil {
		return fmt.Errorf("postgres: notify %s: %w", channel, err)
	}
	return nil
}

// Gorm is the transaction for the packages that keep SQL: register and sequencer, nobody else.
func Gorm(tx *Tx) *gorm.DB { return tx.gorm }
