package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"chancery.example/gateway/pkg/traces"
)

// ErrOutcomeUnknown says that COMMIT was sent and the answer was lost: the transaction may or may not have happened.
// Whoever meets it looks again, and never guesses.
var ErrOutcomeUnknown = errors.New("outcome of the commit unknown")

// errPoolTimeout says that no connection became free or could be made in time.
var errPoolTimeout = errors.New("no database connection in time")

// Tx is one transaction. It is valid inside the closure that received it and is not safe for concurrent use.
type Tx struct {
	conn    *sql.Conn
	gorm    *gorm.DB
	begun   bool
	waiting []Question // said by Later, not sent yet
	fault   error      // what last went wrong on the way
	trips   *atomic.Int64
}

// InTx runs f in one READ COMMITTED transaction and commits it when f returns nil. When f fails or panics everything is
// rolled back and the error, or the panic, goes on. An error of the commit is returned wrapped; nothing may be taken as
// done then: it wraps ErrOutcomeUnknown when the answer of the database was lost.
// Every statement ends with its context, and nothing is committed after ctx ended. Waiting for a connection is bounded
// (five seconds): see Unavailable.
func (db *DB) InTx(ctx context.Context, f func(tx *Tx) error) (err error) {
	ctx, span := traces.Begin(ctx, traces.Transaction)
	defer func() { span.End(err) }()
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx := &Tx{conn: conn, trips: &db.trips}
	tx.gorm = db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx})
	tx.gorm.Statement.ConnPool = inOrder{tx}
	// Nothing to do after the commit; after an error or a panic it is what leaves nothing behind.
	defer tx.rollBack(ctx)
	if err := f(tx); err != nil {
		return tx.because(err)
	}
	return tx.commit(ctx)
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

// commit sends what waits and COMMIT in one trip. When a statement before it fails, the server passes over the COMMIT.
func (tx *Tx) commit(ctx context.Context) error {
	if !tx.begun && len(tx.waiting) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: commit: %w", err)
	}
	err := tx.send(ctx, Question{SQL: "commit"})
	if err == nil {
		if err = tx.replicated(); err == nil {
			return nil
		}
	}
	if refusedByServer(err) || errors.Is(err, pgx.ErrTxCommitRollback) {
		return fmt.Errorf("postgres: commit: %w", err)
	}
	return fmt.Errorf("postgres: commit: %w: %w", ErrOutcomeUnknown, err)
}

// because adds why the transaction broke, where the error only says that it did.
func (tx *Tx) because(err error) error {
	if tx.fault == nil || errors.Is(err, tx.fault) {
		return err
	}
	return fmt.Errorf("%w; then: %w", tx.fault, err)
}

// rollBack ends a transaction that was not committed. A connection that does not even take that is closed.
func (tx *Tx) rollBack(ctx context.Context) {
	if !tx.begun {
		return
	}
	_ = tx.conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		if c.IsClosed() || c.PgConn().TxStatus() == 'I' {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dialTimeout)
		defer cancel()
		// The simple protocol takes one trip, and prepares nothing.
		if _, err := c.Exec(ctx, "rollback", pgx.QueryExecModeSimpleProtocol); err != nil {
			_ = c.Close(ctx)
		}
		return nil
	})
}

// Now is the database clock at this instant, not at the start of the transaction; UTC, microseconds.
func (tx *Tx) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	return now, tx.Ask(ctx, Clock(&now))
}

// Clock asks for the database clock at the instant at which the question is answered; UTC, microseconds.
func Clock(into *time.Time) Question {
	return Question{What: "postgres: clock", SQL: "SELECT clock_timestamp()", Row: func(r Row) error {
		err := r.Scan(into)
		*into = into.UTC().Truncate(time.Microsecond)
		return err
	}}
}

// Notify tells the listeners of channel, once the transaction commits. The payload is shorter than 8000 bytes.
// It costs every committing transaction a common lock: it is for narrowing acts and rounds, not for each entry.
func (tx *Tx) Notify(ctx context.Context, channel, payload string) error {
	return tx.Ask(ctx, Question{What: "postgres: notify " + channel, SQL: "SELECT pg_notify($1, $2)",
		Args: []any{channel, payload}})
}

// Gorm is the transaction for the packages that keep SQL: register and sequencer, nobody else.
func Gorm(tx *Tx) *gorm.DB { return tx.gorm }

// PlannedAnew, as the first argument of a query, has PostgreSQL plan it for the values that it is asked with: one plan
// for all of them is slow where some are rare and others common. (pgx sends an unnamed statement then, whose plan is
// not kept.)
func PlannedAnew() any { return pgx.QueryExecModeCacheDescribe }
