package ledger

import "time"

// When? The time of an entry is the word of the gateway's database, and the log as a whole may be the operator's
// invention. Within that word it has to hold together: time does not go back, and what somebody else dated, an identity
// provider its token, agrees with where it stands (docs/decisions/0092).
type timeChecker struct {
	*past
	oldest, newest time.Time
	before         int64 // where newest stands
}

// timeSlack is how far an entry may stand behind one that has a later time: transactions are slow, clocks are
// corrected.
const timeSlack = time.Minute

// stepSlack is for times that one clock gave under one lock: only a correction of that clock comes between.
const stepSlack = 5 * time.Second

func (c *timeChecker) see(e *seen) {
	at := e.body.At
	if c.oldest.IsZero() || at.Before(c.oldest) {
		c.oldest = at
	}
	if at.Add(timeSlack).Before(c.newest) {
		c.wrong(CheckTime, e, "its time, %s, is before %s, that of the entry at index %d", second(at), second(c.newest),
			c.before)
	}
	if at.After(c.newest) {
		c.newest, c.before = at, e.index
	}
	if d := e.body.Disclosure; d != nil && !d.Expires.After(at) {
		c.wrong(CheckTime, e, "the permit was over on %s, before it was given", second(d.Expires))
	}
}

func (c *timeChecker) finish() {
	c.report.Newest = c.newest
	if !c.newest.IsZero() {
		c.say(CheckTime, "from %s to %s, none more than a minute behind an earlier one; what came after, this bundle "+
			"cannot know", second(c.oldest), second(c.newest))
	}
}

func second(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
