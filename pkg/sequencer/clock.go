package sequencer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrClock says that two clocks contradict each other: nothing is dated by them.
var ErrClock = errors.New("the clocks contradict each other")

// clockSlack is how far the gateway's clock and the database's may be apart, and an entry in the future.
const clockSlack = time.Minute

// CheckClock holds the database's clock, by which entries are dated, against now, the gateway's, and against the newest
// entry: a log whose time goes back is one that auditors find to be wrong. The error wraps ErrClock and says which
// clock is to be looked at. Nothing is altered.
func (s *Sequencer) CheckClock(ctx context.Context, now time.Time) error {
	var database time.Time
	var newest sql.Null[time.Time]
	q := s.db.Gorm().Statement.ConnPool
	err := q.QueryRowContext(ctx, `SELECT clock_timestamp(),
		(SELECT e.at FROM log_seq s JOIN log_entry e ON e.id = s.entry ORDER BY s.index DESC LIMIT 1)`).Scan(&database,
		&newest)
	if err != nil {
		return fmt.Errorf("sequencer: clock: %w", err)
	}
	return ClocksAgree(now, database, newest.V)
}

// ClocksAgree holds three clocks against each other: the gateway's, the database's, and the newest instant that is
// known to have been written, zero for none. They agree within a minute; the error wraps ErrClock.
func ClocksAgree(gateway, database, newest time.Time) error {
	switch {
	case gateway.Sub(database).Abs() > clockSlack:
		return fmt.Errorf("%w: the gateway's says %s, the database's %s: set the clocks of both hosts (NTP)", ErrClock,
			utc(gateway), utc(database))
	case newest.After(database.Add(clockSlack)):
		return fmt.Errorf("%w: the newest entry of the log is of %s, and the database's clock says %s: it was set "+
			"back, or ran ahead when that entry was written: set the clocks of both hosts (NTP)", ErrClock, utc(newest),
			utc(database))
	}
	return nil
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
