package exchange_test

import (
	"chancery.example/gateway/pkg/exchange"
)

// endSessions: somebody ends the sessions that somebody has with the pages. Who has some signed in just before, mostly:
// where there is none, nothing is recorded.
func (l *life) endSessions() *step {
	whose := one(l, "whose sessions", l.w.people...)
	p := l.who(func(p does) answer { return l.w.mayEndSessions(p, whose) })
	var out exchange.SessionsEnded
	return &step{
		verb: "end sessions",
		who:  p,
		what: string(whose.identity),
		want: l.w.mayEndSessions(p, whose),
		prepare: func() {
			for range l.below(3, "signs in") {
				l.h.signedIn(whose.actor, 1)
				whose.sessions++
			}
		},
		do: func() (err error) {
			out, err = l.g.EndSessions(l.ctx, p.actorNow(), whose.identity)
			return err
		},
		entries: func() int { return min(whose.sessions, 1) },
		learn: func() {
			if out.Ended != whose.sessions || (out.Entry != "") != (out.Ended > 0) {
				l.wrong("%d sessions of %s were ended, with the entry %q; there were %d", out.Ended, whose.name,
					out.Entry, whose.sessions)
			}
			whose.sessions = 0
		},
	}
}

// signedInStill: nobody's sessions ended but by whom the model says; and of those that ended nothing is kept.
func (l *life) signedInStill() {
	for _, p := range l.w.people {
		var living, kept int
		must(l.h.t, l.db.QueryRow(l.ctx, `SELECT count(*) FILTER (WHERE ended IS NULL),
			count(*) FILTER (WHERE ended IS NOT NULL AND sealed <> '') FROM session WHERE person = $1`, p.identity).
			Scan(&living, &kept))
		if living != p.sessions || kept > 0 {
			l.wrong("%d sessions of %s go on, and of %d that ended something is kept; %d should go on", living, p.name,
				kept, p.sessions)
		}
	}
}
