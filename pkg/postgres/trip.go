package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Row is one row of an answer.
type Row interface {
	Scan(into ...any) error
}

// Question is one statement, with what becomes of each row of its answer.
type Question struct {
	What string // names it in errors
	SQL  string
	Args []any
	Row  func(Row) error // nil: no rows are looked at

	rows bool // Args are columns, to which more rows may be added
}

// Named are the arguments of a Question by name, as its only argument: the SQL says @name in place of $1.
type Named = pgx.NamedArgs

// Ask sends several statements in one trip, after what waits from Later. The database carries them out one after the
// other, each looking at what is committed when its turn comes: a row that one of them locks is seen by the next as it
// is once the lock is held. It returns the first that fails; those after it were not carried out.
func (tx *Tx) Ask(ctx context.Context, questions ...Question) error {
	return tx.send(ctx, questions...)
}

// Later has a statement wait for the next trip, at the latest for that of the commit, where its error comes to light:
// the transaction does not commit then.
func (tx *Tx) Later(what, sql string, args ...any) {
	tx.waiting = append(tx.waiting, Question{What: what, SQL: sql, Args: args})
}

// LaterRows is Later for a statement that takes its rows as columns, each argument a slice. Rows given to the same
// statement before the next trip go out as one, in their order, with the first of them.
func (tx *Tx) LaterRows(what, sql string, columns ...any) {
	for i, q := range tx.waiting {
		if !q.rows || q.SQL != sql {
			continue
		}
		for c, column := range columns {
			tx.waiting[i].Args[c] = reflect.AppendSlice(reflect.ValueOf(q.Args[c]), reflect.ValueOf(column)).Interface()
		}
		return
	}
	tx.waiting = append(tx.waiting, Question{What: what, SQL: sql, Args: columns, rows: true})
}

// send is one trip, with BEGIN in the first.
func (tx *Tx) send(ctx context.Context, questions ...Question) error {
	all := make([]Question, 0, 1+len(tx.waiting)+len(questions))
	if !tx.begun {
		all = append(all, Question{SQL: "begin isolation level read committed"})
	}
	all = append(append(all, tx.waiting...), questions...)
	tx.begun, tx.waiting = true, nil
	if len(all) == 0 {
		return nil
	}
	tx.trips.Add(1)
	var failed error
	err := tx.conn.Raw(func(driver any) error {
		failed = trip(ctx, driver.(*stdlib.Conn).Conn(), all)
		return nil
	})
	if err = errors.Join(err, failed); err != nil {
		tx.fault = err
	}
	return err
}

func trip(ctx context.Context, c *pgx.Conn, all []Question) error {
	var batch pgx.Batch
	for _, q := range all {
		batch.Queue(q.SQL, q.Args...)
	}
	results := c.SendBatch(ctx, &batch)
	defer results.Close()
	for _, q := range all {
		if err := q.answer(results); err != nil {
			if q.What == "" {
				return err
			}
			return fmt.Errorf("%s: %w", q.What, err)
		}
	}
	return results.Close()
}

func (q Question) answer(results pgx.BatchResults) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if q.Row == nil {
			continue
		}
		if err := q.Row(rows); err != nil {
			return err
		}
	}
	rows.Close()
	if q.SQL == "commit" && rows.Err() == nil && rows.CommandTag().String() != "COMMIT" {
		return pgx.ErrTxCommitRollback // the closure passed over a statement that failed
	}
	return rows.Err()
}

// inOrder is the transaction for gorm: each of its statements goes out after what waits.
type inOrder struct{ tx *Tx }

func (o inOrder) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := o.tx.send(ctx); err != nil {
		return nil, err
	}
	o.tx.trips.Add(1)
	return o.tx.conn.PrepareContext(ctx, query)
}

func (o inOrder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := o.tx.send(ctx); err != nil {
		return nil, err
	}
	o.tx.trips.Add(1)
	return o.tx.conn.ExecContext(ctx, query, args...)
}

func (o inOrder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := o.tx.send(ctx); err != nil {
		return nil, err
	}
	o.tx.trips.Add(1)
	return o.tx.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext has no way to return that what waited failed: the transaction is broken then, so its own statement
// fails as well, and InTx says why.
func (o inOrder) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = o.tx.send(ctx)
	o.tx.trips.Add(1)
	return o.tx.conn.QueryRowContext(ctx, query, args...)
}
