package ledger

import "slices"

// Whose sessions did a Party end? A signatory ends those of the own Party's people, and of nobody else (decision 0410).
// Whose somebody is, the log says wherever they acted, before or afterwards.
type sessionsChecker struct {
	*past
	of    map[string]string  // by person: under which organisation they acted
	ended map[string][]*seen // by person: of each organisation the first entry that ended their sessions
}

func newSessionsChecker(p *past) *sessionsChecker {
	return &sessionsChecker{past: p, of: map[string]string{}, ended: map[string][]*seen{}}
}

func (c *sessionsChecker) see(e *seen) {
	b := e.body
	if b.Actor != "" {
		c.of[b.Actor] = b.Organisation
		c.ended[b.Actor] = slices.DeleteFunc(c.ended[b.Actor], func(earlier *seen) bool {
			others := earlier.body.Organisation != b.Organisation
			if others {
				c.wrong(CheckAuthority, earlier, "%s ended the sessions of somebody who acts for %s at index %d",
					earlier.body.Organisation, shorten(b.Organisation), e.index)
			}
			return others
		})
	}
	if !e.done() || !e.is(KindSessionsEnded) {
		return
	}
	for _, person := range b.Terms.People {
		c.end(e, person)
	}
}

func (c *sessionsChecker) end(e *seen, person string) {
	by := e.body.Organisation
	if of, known := c.of[person]; known {
		if of != by {
			c.wrong(CheckAuthority, e, "%s ended the sessions of somebody who acts for %s", by, of)
		}
		return
	}
	if slices.ContainsFunc(c.ended[person], func(earlier *seen) bool { return earlier.body.Organisation == by }) {
		return
	}
	for _, earlier := range c.ended[person] {
		c.wrong(CheckAuthority, e, "%s ended the sessions of somebody whose sessions %s ended as its own at index %d",
			by, earlier.body.Organisation, earlier.index)
	}
	c.ended[person] = append(c.ended[person], e)
}

// finish says of how many nothing tells whose they are: not a gap, since no bundle would close it.
func (c *sessionsChecker) finish() {
	unknown := 0
	for person := range c.ended {
		if _, known := c.of[person]; !known {
			unknown++
		}
	}
	if unknown > 0 {
		c.say(CheckAuthority, "of %d whose sessions a Party ended the log says nothing else: that they are its own "+
			"people is its word", unknown)
	}
}
