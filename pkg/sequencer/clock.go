package sequencer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrClock is what CheckClock answers when two clocks contradict each other.
var ErrClock = errors.New("the clocks contradict each other")

// clockSlack is how far the gateway's clock and the database's may be apart, and an entry in the future.
const clockSlack = time.Minute

// CheckClock holds the database's clock, by which entries are dated, against now, the gateway's, and against the newest
// entry: a log whose time goes back is one that auditors find to be wrong. It is called before anything is appended;
// the error wraps ErrClock and says which clock is to be looked at. Nothing is altered.
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
	say := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s. Nothing was started and nothing was altered. Set the clocks of both hosts (NTP), "+
			"and start again", ErrClock, fmt.Sprintf(format, args...))
	}
	switch apart := now.Sub(database); {
	case apart.Abs() > clockSlack:
		return say("the gateway's says %s, the database's %s", utc(now), utc(database))
	case newest.V.After(database.Add(clockSlack)):
		return say("the newest entry of the log is of %s, and the database's clock says %s: it was set back, or ran "+
			"ahead when that entry was written",
			utc(newest.V), utc(database))
	}
	return nil
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
