package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// listenProbe is how long a silent listening connection is trusted before it is asked for an answer.
	listenProbe = 5 * time.Second
	// listenRetry is the pause between two attempts to listen again.
	listenRetry = 250 * time.Millisecond
)

// Listen calls f with each payload notified on channel until ctx ends; it holds a connection of its own beside the
// pool. Notifications sent while it is not connected are lost. broken(err) says that this may be happening, each time
// that the connection breaks or cannot be made; broken(nil) says that it listens (again), and that what was missed has
// to be looked up. Both functions run one after the other on the calling goroutine, and may not block for long.
func (db *DB) Listen(ctx context.Context, channel string, f func(payload string), broken func(error)) {
	for ctx.Err() == nil {
		err := db.listen(ctx, channel, f, broken)
		if ctx.Err() != nil {
			return
		}
		broken(fmt.Errorf("postgres: listen %s: %w", channel, err))
		select {
		case <-ctx.Done():
		case <-time.After(listenRetry):
		}
	}
}

// listen runs until the connection breaks.
func (db *DB) listen(ctx context.Context, channel string, f func(string), broken func(error)) error {
	// Without the pool's patience: here silence is usual, and wait asks for a sign of life.
	conn, err := pgx.ConnectConfig(ctx, db.conn.Copy())
	if err != nil {
		return err
	}
	defer closeSoon(conn)
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	broken(nil)
	for {
		if err := wait(ctx, conn, f); err != nil {
			return err
		}
	}
}

// wait hands over one notification, or makes sure after a silence that the other side is still there.
func wait(ctx context.Context, conn *pgx.Conn, f func(string)) error {
	silence, cancel := context.WithTimeout(ctx, listenProbe)
	defer cancel()
	n, err := conn.WaitForNotification(silence)
	if err == nil {
		f(n.Payload)
		return nil
	}
	if ctx.Err() != nil || silence.Err() == nil {
		return err
	}
	probe, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return conn.Ping(probe)
}

func closeSoon(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
