package postgres

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Unavailable reports whether err means that the database cannot be reached, is going down, cannot take work now or
// could lose what it takes: the same call may succeed later. A caller that gave up by itself (context cancelled) is not
// that; one that ran out of time is.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return unavailableState(answer.Code)
	}
	var fault *Fault
	if errors.As(err, &fault) {
		return true
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, errPoolTimeout), errors.Is(err, errUnreplicated),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return true
	case errors.As(err, &connect), errors.As(err, &network), pgconn.Timeout(err):
		return true
	}
	// pgconn keeps this one to itself: a connection that broke earlier and was used again.
	return strings.Contains(err.Error(), "conn closed")
}

// unavailableState knows the SQLSTATEs of a server that cannot work now: connection exceptions, insufficient resources
// (disk full, too many connections), shutdown and crash, a transaction cut off for standing still, a server gone
// read-only.
func unavailableState(code string) bool {
	switch {
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57P0"):
		return true
	}
	return code == "25P03" || code == "25006"
}

// Constraint is the name of the constraint that err says was violated, "" when it is about none.
func Constraint(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.ConstraintName
	}
	return ""
}

// Conflict reports whether err is a serialization failure or a deadlock: the whole transaction may be tried again.
func Conflict(err error) bool {
	code := state(err)
	return code == "40001" || code == "40P01"
}

// state is the SQLSTATE that the database answered with, "" when it did not answer.
func state(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// refusedByServer reports whether the database itself said that it did not do it. A server that is going down is not
// believed: it may have committed before it fell.
func refusedByServer(err error) bool {
	code := state(err)
	return code != "" && !unavailableState(code)
}
