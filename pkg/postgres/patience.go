package postgres

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// impatient is the same server, reached over connections on which no wait is longer than patience.
func impatient(c *pgx.ConnConfig, patience time.Duration) *pgx.ConnConfig {
	c = c.Copy()
	dial := c.DialFunc
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &impatientConn{Conn: conn, patience: patience}, nil
	}
	return c
}

// impatientConn gives each read and each write a deadline, where pgx has set none: pgx sets one only when a caller's
// context ends, and a caller may wait for ever.
type impatientConn struct {
	net.Conn
	patience time.Duration

	mu    sync.Mutex
	given bool // pgx has set a deadline, and it stands
}

func (c *impatientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given = !t.IsZero()
	return c.Conn.SetDeadline(t)
}

func (c *impatientConn) Read(p []byte) (int, error) {
	return c.within(c.Conn.SetReadDeadline, c.Conn.Read, p)
}

func (c *impatientConn) Write(p []byte) (int, error) {
	return c.within(c.Conn.SetWriteDeadline, c.Conn.Write, p)
}

// within never replaces a deadline of pgx: that would undo a cancellation. When its own has passed it closes the
// connection: pgx takes a timeout for a caller's wish, and would read on.
func (c *impatientConn) within(set func(time.Time) error, move func([]byte) (int, error), p []byte) (int, error) {
	given, err := c.begin(set)
	if err != nil {
		return 0, err
	}
	n, err := move(p)
	if !given && errors.Is(err, os.ErrDeadlineExceeded) && !c.isGiven() {
		_ = c.Close()
	}
	return n, err
}

func (c *impatientConn) begin(set func(time.Time) error) (given bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.given {
		return true, nil
	}
	return false, set(time.Now().Add(c.patience))
}

func (c *impatientConn) isGiven() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.given
}
