package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/review"
)

// What holds whatever the model expects.

// consentGiven is what the Discloser wrote (Article 4(8)), or authorized (Article 4(4)).
type consentGiven struct {
	version  *version
	to       org
	purpose  code
	decision *decision
}

func (l *life) consented(q *request, x *decision) {
	l.consents = append(l.consents, consentGiven{q.version, q.to, q.purpose, x})
}

// received: no protected byte, and no page, reaches the Recipient without the Discloser's authorization, nor a third
// party without its prior written consent for this version, this recipient and this purpose, not withdrawn and not
// expired.
func (l *life) received(p *person, x *disclosure) {
	if p.org == x.document.discloser || !x.document.protected() {
		return
	}
	if p.official() {
		l.authorized(p, x)
		return
	}
	if !slices.ContainsFunc(l.consents, func(c consentGiven) bool { return l.serves(c, p, x) }) {
		l.wrong("%s received %s without the Discloser's consent", p.name, x.version.id)
	}
}

// counts are what an act may change: the log's entries, and the rows of the records.
type counts struct{ entries, rows int }

// records are the tables of what people did. Not among them: refusals counted, people recognised, uploads given up.
var records = []string{"arrangement", "purpose", "organisation", "focal_point", "delegation", "document",
	"document_entity", "document_purpose",
	"version", "access_request", "request_person", "agreement", "signature", "decision", "withdrawal", "admission",
	"disclosure", "transfer", "pending",
	"message", "release", "notice", "acknowledgement", "suspension", "copy", "hold", "series", "standing_authorization",
	"staged", "page_shown"}

func (l *life) count() counts {
	rows := "0"
	for _, table := range records {
		rows += " + (SELECT count(*) FROM " + table + ")"
	}
	// What an act changes in place is counted by its marks. Of the log's private fields, the facts of a refusal stay.
	rows += ` + (SELECT count(*) FROM log_detail WHERE field <> 'facts')`
	rows += ` + (SELECT coalesce(sum(revision), 0) FROM access_request) + (SELECT count(*) FROM version WHERE closed_at
		IS NOT NULL)
		+ (SELECT count(*) FROM version WHERE destroyed_at IS NOT NULL) + (SELECT count(*) FROM release WHERE ended_at
			IS NOT NULL)
		+ (SELECT count(*) FROM suspension WHERE lifted_at IS NOT NULL) + (SELECT count(*) FROM hold WHERE ended_at IS
			NOT NULL)
		+ (SELECT count(*) FROM arrangement WHERE notice_given_on IS NOT NULL)`
	var c counts
	must(l.h.t, l.db.QueryRow(l.ctx, `SELECT (SELECT count(*) FROM log_entry), `+rows).Scan(&c.entries, &c.rows))
	return c
}

// oneEntry: every act, permitted or refused, is one entry; what conflicts or came too late did nothing and is none. A
// refusal leaves no row.
func (l *life) oneEntry(s *step, err error, before, after counts) {
	if s.quiet {
		return
	}
	entries := 1
	if err == nil && s.entries != nil {
		entries = s.entries()
	}
	if errors.Is(err, exchange.ErrConflict) || errors.Is(err, exchange.ErrOver) {
		entries = 0
	}
	if got := after.entries - before.entries; got != entries {
		l.wrong("%s: %s %s (%v): %d entries; want %d", s.who.name, s.verb, s.what, err, got, entries)
	}
	if err != nil && after.rows-before.rows != 0 {
		l.wrong("%s: %s %s was refused (%v) and left %d rows or marks", s.who.name, s.verb, s.what, err,
			after.rows-before.rows)
	}
	l.expected += entries
}

// completion: a life of which the second half has begun.
func (l *life) completion() bool { return len(l.acts) > actsOfALife/2 }

// timePasses: minutes, days, and from one day of notice to the other side of the end. What is permitted after the end
// was permitted before (Article 4(10), reading 0009).
func (l *life) timePasses() *step {
	by := one(l, "time", 20*time.Minute, days, days, 5*days, 8*days)
	if l.rarely("long", 6) || l.completion() && l.rarely("long at the end", 2) {
		by = one(l, "long time", 15*days, 40*days)
	}
	crosses := func() bool { return l.w.noticeGiven() && !l.w.ended() && !l.w.now.Add(by).Before(l.w.ends()) }
	if l.w.noticeGiven() && !l.w.ended() && !l.w.now.Before(l.w.noticeOn) && l.rarely("to the last day", 3) {
		by = l.w.ends().Add(-12 * time.Hour).Sub(l.w.now).Truncate(days) // day 90, about noon
		if by <= 0 {
			by = days
		}
	}
	var before map[string]bool
	return &step{
		verb:  "time passes",
		who:   does{person: l.w.people[0]},
		what:  by.String(),
		quiet: true,
		do: func() error {
			if crosses() {
				before = l.outside()
			}
			l.h.moveClock(by)
			return nil
		},
		learn: func() {
			l.w.now = l.h.clock(time.Now())
			if before == nil {
				return
			}
			for what := range l.outside() {
				if !before[what] {
					l.wrong("permitted after the end and not before: %s", what)
				}
			}
		},
	}
}

// correctClock sets the clock that dates entries forward or back by seconds, as a time service does. However often, the
// clock is never further than two seconds off, and the auditor finds nothing in the log.
func (l *life) correctClock() *step {
	off := one(l, "off", -2*time.Second, -time.Second, 0, 2*time.Second)
	by := off - l.off
	return &step{
		verb:  "clock corrected",
		who:   does{person: l.w.people[0]},
		what:  by.String(),
		quiet: true,
		do: func() error {
			l.h.moveClock(by)
			l.off = off
			return nil
		},
		learn: func() { l.w.now = l.h.clock(time.Now()) },
	}
}

// outside is what people outside the Discloser could do now, as the gateway itself tells it.
func (l *life) outside() map[string]bool {
	out := map[string]bool{}
	for _, d := range l.w.documents {
		for _, p := range l.w.people {
			if p.org == d.discloser {
				continue
			}
			seen, err := l.g.Describe(l.ctx, p.actor, d.id)
			if err != nil {
				l.expected++ // of the refusal
				continue
			}
			for act, permission := range seen.Permissions {
				if permission.Allowed {
					out[fmt.Sprintf("%s may %s %s", p.name, act, d.id)] = true
				}
			}
		}
	}
	return out
}

// backgroundRounds lets the gateway write down what lapsed and what expired.
func (l *life) backgroundRounds() *step {
	var due []*request
	over := l.shownAndOver()
	for _, q := range l.w.requests {
		state := l.w.stateOf(q)
		if !q.written && (state == article4.StateLapsed || state == article4.StateExpired) {
			due = append(due, q)
		}
	}
	return &step{
		verb:  "background rounds",
		who:   does{person: l.w.people[0]},
		what:  fmt.Sprint(len(due), " due, ", len(over), " shown"),
		quiet: true,
		do: func() error {
			before := l.count().entries
			err := l.g.CloseDue(l.ctx)
			if got := l.count().entries - before; got != len(due) {
				l.wrong("the gateway wrote %d lapses and expiries; want %d", got, len(due))
			}
			l.expected += len(due)
			if err == nil {
				err = l.closeShown(over)
			}
			return err
		},
		learn: func() {
			for _, q := range due {
				q.lapsed = l.w.stateOf(q) == article4.StateLapsed
				q.written = true
			}
		},
	}
}

// verify is what both Parties' auditors find, and whether the log holds what was expected and nothing else.
func (l *life) verify() {
	l.w.now = l.h.clock(time.Now())
	must(l.h.t, l.closeShown(l.shownAndOver()))
	if got := l.count().entries; got != l.expected {
		l.wrong("the log holds %d entries; %d were to be written", got, l.expected)
	}
	l.h.eventually(`SELECT count(*) FROM log_pending`, 0)
	l.seriesStayBetweenTheParties()
	l.signedInStill()
	again, err := review.New()
	must(l.h.t, err)
	options := ledger.Options{Keys: []note.Verifier{l.h.verifier}, Decider: again}
	var bundles []ledger.Bundle
	for _, o := range []org{wco, unoct} {
		b := l.h.export(l.g, l.arrived(short(o), "controller."+short(o), nil, article4.RoleAuditor).actor,
			exchange.LogQuery{})
		l.clean(ledger.Verify(b, options))
		bundles = append(bundles, b)
	}
	l.clean(ledger.VerifyJoint(bundles[0], bundles[1], options))
}

func (l *life) clean(r ledger.Report, err error) {
	must(l.h.t, err)
	if !r.Good {
		l.wrong("%v: false alarm: %v", r.Parties, r.Findings)
	}
	for _, gap := range r.NotProvable {
		if strings.HasPrefix(gap.What, "decisions of earlier") || strings.HasPrefix(gap.What, "decisions under rules") {
			l.wrong("%v: %d %s", r.Parties, gap.Count, gap.What)
		}
	}
}
