package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// unreplicated marks a connection on which PostgreSQL warned about a commit.
const unreplicated = "chancery: a commit was not replicated"

// Hosts are the servers that an address names, host:port, in their order.
func Hosts(c *pgx.ConnConfig) []string {
	at := func(host string, port uint16) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }
	out := []string{at(c.Host, c.Port)}
	for _, f := range c.Fallbacks {
		if host := at(f.Host, f.Port); !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out
}

// noteUnreplicated hears of a commit whose wait for the standby somebody cancelled: it is done here and would be lost
// with this server, so nothing may be taken as done. Nothing else in our transactions warns.
func noteUnreplicated(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" && n.Code == "01000" {
		c.CustomData()[unreplicated] = n.Message
	}
}

// replicated reports what PostgreSQL warned of since it was last asked.
func (tx *Tx) replicated() error {
	var warned any
	err := tx.conn.Raw(func(driver any) error {
		data := driver.(*stdlib.Conn).Conn().PgConn().CustomData()
		warned = data[unreplicated]
		delete(data, unreplicated)
		return nil
	})
	if err != nil || warned == nil {
		return err
	}
	return fmt.Errorf("%w: %v", errUnreplicated, warned)
}

// errUnreplicated is of a commit that stands on this server alone.
var errUnreplicated = errors.New("the standby did not confirm it")

// Settled returns once all that was committed before is as durable as a commit is made here: flushed, and confirmed by
// the synchronous standby where there is one. What another session sees committed need not be: when its wait for the
// standby is cancelled, it shows all the same, and is lost when the standby takes over.
func (db *DB) Settled(ctx context.Context) error {
	err := db.InTx(ctx, func(tx *Tx) error {
		// A record of the write-ahead log that means nothing: waiting for it is waiting for all before it.
		return tx.Ask(ctx, Question{SQL: "SELECT pg_logical_emit_message(true, 'chancery', '')"})
	})
	if err != nil {
		return fmt.Errorf("postgres: settled: %w", err)
	}
	return nil
}
