// Package postgres holds the database: the pool, the migrations with their roles, the checks at start-up, and
// transactions.
//
// Three credentials meet it. The owner migrates and is never used to serve. The app writes records and appends entries
// to the disclosure log; the sequencer numbers them. Neither can alter what is in the log: see migrations and Check.
//
// A transaction is one visible closure (DB.InTx) and READ COMMITTED. A Tx is opaque: whoever holds one can pass it to
// the packages that keep the SQL (register, sequencer), and can do nothing else with it than ask the time and notify.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
)

const (
	defaultMaxConns = 16
	// dialTimeout bounds one attempt to connect; poolTimeout bounds the wait for a free connection, dialling included.
	dialTimeout = 3 * time.Second
	poolTimeout = 5 * time.Second
	// defaultPatience is for a server that hangs, or a network that swallows packets: neither sends an error.
	defaultPatience = 10 * time.Second
)

// Config says which database, as whom.
type Config struct {
	// postgres://login:password@host:port/database; the login belongs to chancery_app or chancery_sequencer. With
	// several hosts, host:port,host:port, they are asked in this order, and the one that is no standby is taken.
	URL      string
	MaxConns int // at most so many connections; 0 means 16
	// Patience is how long the server may leave us without a byte of the answer to a statement, locks that it waits for
	// included; then the connection is given up and the error is Unavailable. 0 means 10 s.
	Patience time.Duration
	// ReadOnly has the server refuse whatever would write: for those who only look.
	ReadOnly bool
	Logger   *slog.Logger
}

// DB is a pool of connections with one login. It survives outages of the database: connections are made again when
// needed. It is safe for concurrent use.
type DB struct {
	pool   *sql.DB
	gorm   *gorm.DB
	conn   *pgx.ConnConfig
	logger *slog.Logger
	trips  atomic.Int64
}

// Trips is how often transactions of this pool have gone to the database and back: what waits for an answer costs one,
// however many statements go along.
func (db *DB) Trips() int64 { return db.trips.Load() }

// Open makes the pool and reaches the database once, so that a wrong address or password shows at start. Its sessions
// commit synchronously, whatever role and database are set to, and each new one refuses a server that could lose what
// it acknowledges. It checks nothing else: see Check.
func Open(ctx context.Context, c Config) (*DB, error) {
	switch {
	case c.URL == "":
		return nil, errors.New("postgres: no database URL")
	case c.MaxConns < 0:
		return nil, fmt.Errorf("postgres: max connections %d is negative", c.MaxConns)
	case c.Patience < 0:
		return nil, fmt.Errorf("postgres: patience %s is negative", c.Patience)
	case c.Logger == nil:
		return nil, errors.New("postgres: no logger")
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.MaxConns == 0 {
		c.MaxConns = defaultMaxConns
	}
	conn, err := parse(c.URL)
	if err != nil {
		return nil, err
	}
	if c.ReadOnly {
		conn.RuntimeParams["default_transaction_read_only"] = "on"
		if conn.ValidateConnect != nil { // what a session may write says nothing of the server then
			conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
		}
	}
	conn.OnNotice = noteUnreplicated
	pool := stdlib.OpenDB(*impatient(conn, c.Patience), stdlib.OptionAfterConnect(admit))
	pool.SetMaxOpenConns(c.MaxConns)
	pool.SetMaxIdleConns(c.MaxConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour)
	g, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: pool}), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		NowFunc:                func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
		Logger:                 statements{c.Logger},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: gorm: %w", err), pool.Close())
	}
	db := &DB{pool: pool, gorm: g, conn: conn, logger: c.Logger}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// parse reads a URL or keyword string. The error never repeats it: it may hold a password.
func parse(url string) (*pgx.ConnConfig, error) {
	conn, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("postgres: the database URL cannot be read; write " +
			"postgres://login:password@host:port/database")
	}
	if conn.ConnectTimeout == 0 || conn.ConnectTimeout > dialTimeout {
		conn.ConnectTimeout = dialTimeout
	}
	if conn.ValidateConnect == nil && len(Hosts(conn)) > 1 {
		conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	}
	// Before the settings of role and database, which anybody who administers the server may change between two of our
	// connections. What waits for more than the flush of the standby may be asked for in the address.
	if conn.RuntimeParams["synchronous_commit"] != "remote_apply" {
		conn.RuntimeParams["synchronous_commit"] = "on"
	}
	setDefault(conn.RuntimeParams, "timezone", "UTC")
	setDefault(conn.RuntimeParams, "application_name", "chancery")
	// Our statements are short and come often: compiling one takes longer than all that it saves.
	setDefault(conn.RuntimeParams, "jit", "off")
	// A replica that hangs inside a transaction must not hold the lock on log_head, or on a document, for ever.
	setDefault(conn.RuntimeParams, "idle_in_transaction_session_timeout", "30s")
	return conn, nil
}

func setDefault(params map[string]string, name, value string) {
	if _, set := params[name]; !set {
		params[name] = value
	}
}

// admit takes a new connection into the pool, unless the server that it leads to could lose what it acknowledges: a
// standby that was promoted has settings of its own.
func admit(ctx context.Context, c *pgx.Conn) error {
	readTimesAsUTC(c)
	var fsync, commit, pages string
	err := c.QueryRow(ctx, durability).Scan(&fsync, &commit, &pages)
	if err == nil {
		err = lossy(fsync, commit, pages)
	}
	if err != nil {
		return errors.Join(err, c.Close(ctx))
	}
	return nil
}

// readTimesAsUTC makes timestamptz columns come back in UTC wherever the process runs.
func readTimesAsUTC(c *pgx.Conn) {
	c.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// Connections tells how many connections are in use, and how many there may be.
func (db *DB) Connections() (used, most int) {
	stats := db.pool.Stats()
	return stats.InUse, stats.MaxOpenConnections
}

// Close ends the pool; transactions under way fail.
func (db *DB) Close() error {
	if err := db.pool.Close(); err != nil {
		return fmt.Errorf("postgres: close: %w", err)
	}
	return nil
}

// Ping asks the database for an answer, on a connection of the pool, within five seconds.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, poolTimeout)
	defer cancel()
	if err := db.pool.PingContext(ctx); err != nil {
		return fmt.Errorf("postgres: ping: %w", err)
	}
	return nil
}

// Gorm is the pool outside any transaction, for reads of the packages that keep SQL (register, sequencer).
func (db *DB) Gorm() *gorm.DB { return db.gorm }
