package exchange

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// What is about to end is told once, however many replicas look and however often.

const (
	oneDay        = 24 * time.Hour
	lapseToldAt   = 3 * oneDay  // and once more a day before
	endingToldAt  = 14 * oneDay // or half of a term that is shorter than twice that
	referencesToo = 20          // of the documents that the day's word names

	disclosedToldFor = 7 * oneDay // how late what was disclosed on a day is told of still
)

// tellDue tells whom it concerns what is about to lapse or to end, and the Disclosers what was disclosed the day
// before.
func (g *Gateway) tellDue(ctx context.Context) error {
	tasks := []func(context.Context) error{
		g.eachDue(lapseToldAt, g.register.Lapsing, (*visit).tellLapsing),
		g.eachDue(endingToldAt, g.register.Ending, (*visit).tellEnding),
		g.tellRetentionOver,
		g.tellDelegationsEnding,
		g.tellStandingEnding,
		g.tellDisclosed,
	}
	for _, task := range tasks {
		if err := task(ctx); err != nil {
			return err
		}
	}
	return nil
}

// dueRequests finds requests that are due until an instant, behind an identifier.
type dueRequests = func(ctx context.Context, tx *postgres.Tx, now, until time.Time, after article4.RequestID,
	limit int) ([]article4.RequestID, error)

// eachDue goes through the requests that are due within some time, each in a transaction of its own.
func (g *Gateway) eachDue(within time.Duration, find dueRequests,
	tell func(*visit, context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		var after article4.RequestID
		for {
			var due []article4.RequestID
			err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
				var err error
				due, err = find(ctx, v.tx, v.at, v.at.Add(within), after, closeAtATime)
				return err
			})
			if err != nil {
				return err
			}
			for _, id := range due {
				err := g.bySystem(ctx, operation{request: id, lock: register.ForShare},
					func(ctx context.Context, v *visit) error { return tell(v, ctx) })
				if err != nil {
					return err
				}
				after = id
			}
			if len(due) < closeAtATime {
				return nil
			}
		}
	}
}

// tellLapsing tells whoever is to decide, the third party that is to sign once somebody consented, and whoever asked.
func (v *visit) tellLapsing(ctx context.Context) error {
	q := v.request
	state, missing, err := v.stateOf(*v.document, *q)
	if err != nil || state != article4.StateOpen {
		return err
	}
	days := 3
	if !q.LapsesAt.After(v.at.Add(oneDay)) {
		days = 1
	}
	once := fmt.Sprintf("lapsing|%d|%s|%d", days, q.ID, q.LapsesAt.Unix())
	told := func(to article4.OrganisationID, person article4.PersonID, how string) error {
		return v.tell(ctx, register.Notice{
			Kind:   noticeLapsing,
			To:     to,
			Person: person,
			Facts:  facts{"how": how, "until": instant(q.LapsesAt)},
			Entry:  q.Entry,
			Once:   once + "|" + string(to) + "|" + string(person),
		})
	}
	for _, o := range v.awaited(missing) {
		if err := told(o, "", "decide"); err != nil {
			return err
		}
	}
	unsigned := slices.ContainsFunc(missing,
		func(m article4.Missing) bool { return forAgreement(m) && m.From == q.Beneficiary })
	consented := slices.ContainsFunc(q.Decisions,
		func(l register.Decision) bool { return l.Kind == article4.Consent && l.Given })
	if unsigned && consented {
		if err := told(q.Beneficiary, "", "sign"); err != nil {
			return err
		}
	}
	return told(q.AskedByOrg, q.AskedBy, "asked")
}

// tellEnding tells whoever has access that it ends, and whoever decided that their decision does.
func (v *visit) tellEnding(ctx context.Context) error {
	q := v.request
	state, _, err := v.stateOf(*v.document, *q)
	if err != nil || state != article4.StateInForce {
		return err
	}
	grants, err := v.basis().grants([]register.Request{*q})
	if err != nil {
		return err
	}
	until := grants[0].Until
	if v.at.Before(until.Add(-min(endingToldAt, until.Sub(q.MadeAt)/2))) {
		return nil
	}
	told := func(to article4.OrganisationID, person article4.PersonID, how string) error {
		return v.tell(ctx, register.Notice{
			Kind:   noticeEnding,
			To:     to,
			Person: person,
			Facts:  facts{"how": how, "until": instant(until)},
			Entry:  q.Entry,
			Once:   fmt.Sprintf("ending|%s|%d|%s|%s|%s", q.ID, until.Unix(), how, to, person),
		})
	}
	decided := map[article4.OrganisationID]bool{}
	for _, l := range q.Decisions {
		if l.Given && l.Withdrawal == nil && !l.Filed {
			decided[l.Organisation] = true
		}
	}
	for _, o := range slices.Sorted(maps.Keys(decided)) {
		if err := told(o, "", "decision"); err != nil {
			return err
		}
	}
	readers := map[article4.PersonID]article4.OrganisationID{q.AskedBy: q.AskedByOrg}
	for _, p := range slices.Concat(q.People, q.Admitted) {
		readers[p] = q.Beneficiary
	}
	if !v.isOpen(q.Purpose) { // it is for the copy that the Recipient holds, and gives nobody access
		readers = map[article4.PersonID]article4.OrganisationID{}
	}
	for _, p := range slices.Sorted(maps.Keys(readers)) {
		if err := told(readers[p], p, "grant"); err != nil {
			return err
		}
	}
	return nil
}

// tellDelegationsEnding tells the official, and whoever answers for the Party.
func (g *Gateway) tellDelegationsEnding(ctx context.Context) error {
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		ending, err := g.register.DelegationsEnding(ctx, v.tx, v.at, v.at.Add(endingToldAt))
		if err != nil {
			return err
		}
		for _, d := range ending {
			err := v.tell(ctx, register.Notice{
				Kind:    noticeEnding,
				Subject: string(d.ID),
				Owner:   d.Organisation,
				To:      d.Organisation,
				Facts:   facts{"how": "delegation", "until": instant(d.Until)},
				Entry:   d.Entry,
				Once:    fmt.Sprintf("ending|%s|%d", d.ID, d.Until.Unix()),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// tellStandingEnding tells whoever answers for an organisation that its authorization of a series is about to end.
func (g *Gateway) tellStandingEnding(ctx context.Context) error {
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		ending, err := g.register.StandingEnding(ctx, v.tx, v.at, v.at.Add(endingToldAt))
		if err != nil {
			return err
		}
		for _, a := range ending {
			err := v.tell(ctx, register.Notice{
				Kind:    noticeEnding,
				Subject: string(a.Series),
				Owner:   a.Discloser,
				To:      a.Organisation,
				Facts:   facts{"how": "series", "until": instant(a.Until)},
				Entry:   a.Entry,
				Once:    fmt.Sprintf("ending|%s|%d", a.ID, a.Until.Unix()),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// tellDisclosed tells each Party once a day what of its documents was disclosed to others on the day before, and on the
// days of the week before of which it was not told, since no gateway ran.
func (g *Gateway) tellDisclosed(ctx context.Context) error {
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		today := dayOf(v.at)
		for _, party := range v.parties {
			days, err := g.register.DisclosedOf(ctx, v.tx, party, today.Add(-disclosedToldFor), today)
			if err != nil {
				return err
			}
			for _, d := range days {
				if err := v.tellDay(ctx, party, d); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (v *visit) tellDay(ctx context.Context, party article4.OrganisationID, d register.DayOfDisclosures) error {
	documents := strings.Join(d.References[:min(len(d.References), referencesToo)], ", ")
	if len(d.References) > referencesToo {
		documents += " …"
	}
	return v.tell(ctx, register.Notice{
		Kind:  noticeDisclosed,
		Owner: party,
		To:    party,
		Facts: facts{"since": day(d.Day), "count": strconv.Itoa(d.Count), "documents": documents},
		Once:  "disclosed|" + day(d.Day) + "|" + string(party),
	})
}
