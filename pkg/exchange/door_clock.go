package exchange

import (
	"sync/atomic"
	"time"

	"chancery.example/gateway/pkg/sequencer"
)

// clocks holds the database's clock against the gateway's, and against what it said before. Entries are dated by it,
// and a log whose time goes back is one that auditors find to be wrong; a permit runs by one clock and is looked at by
// the other. So nothing is decided by clocks that contradict each other, and no byte leaves.
type clocks struct {
	now    func() time.Time // the gateway's
	newest atomic.Int64     // of the database's, in nanoseconds since 1970
}

// agree reports whether an act may be dated with what the database's clock says; the error wraps sequencer.ErrClock.
func (c *clocks) agree(database time.Time) error {
	var newest time.Time
	at := c.newest.Load()
	if at != 0 {
		newest = time.Unix(0, at)
	}
	if err := sequencer.ClocksAgree(c.now(), database, newest); err != nil {
		return err
	}
	for database.UnixNano() > at && !c.newest.CompareAndSwap(at, database.UnixNano()) {
		at = c.newest.Load()
	}
	return nil
}

// dated sets the rules' clock to what the database's says. What only reads shows things by whatever clock there is.
func (v *visit) dated(database time.Time) error {
	v.at = v.ruleTime(database)
	if v.scope == readOnly {
		return nil
	}
	return v.clocks.agree(database)
}
