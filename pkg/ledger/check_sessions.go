package ledger

// Whose sessions did a Party end? A signatory ends those of the own Party's people, and of nobody else (decision 0410).
// Whose somebody is, the log says wherever they acted, before or afterwards.
type sessionsChecker struct {
	*past
	of    map[string]string // by person: under which organisation they acted
	ended map[string]*seen  // by person: the last entry that ended their sessions
}

func newSessionsChecker(p *past) *sessionsChecker {
	return &sessionsChecker{past: p, of: map[string]string{}, ended: map[string]*seen{}}
}

func (c *sessionsChecker) see(e *seen) {
	b := e.body
	if b.Actor != "" {
		c.of[b.Actor] = b.Organisation
		if earlier := c.ended[b.Actor]; earlier != nil && earlier.body.Organisation != b.Organisation {
			c.wrong(CheckAuthority, earlier, "%s ended the sessions of somebody who acts for %s at index %d",
				earlier.body.Organisation, shorten(b.Organisation), e.index)
			delete(c.ended, b.Actor)
		}
	}
	if !e.done() || !e.is(KindSessionsEnded) {
		return
	}
	for _, person := range b.Terms.People {
		if of, known := c.of[person]; known && of != b.Organisation {
			c.wrong(CheckAuthority, e, "%s ended the sessions of somebody who acts for %s", b.Organisation, of)
			continue
		}
		c.ended[person] = e
	}
}

func (c *sessionsChecker) finish() {}
