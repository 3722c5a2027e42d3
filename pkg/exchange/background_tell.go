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

	toldStill = 7 * oneDay // how late what nobody told in its time, since no gateway ran, is told of
)

// tellDue tells whom it concerns what is about to lapse or to end, and the Disclosers what was disclosed the day
// before.
func (g *Gateway) tellDue(ctx context.Context) error {
	return g.allOf(ctx,
		g.eachDue(lapseToldAt, g.register.Lapsing, (*visit).tellLapsing),
		g.eachDue(endingToldAt, g.register.Ending, (*visit).tellEnding),
		g.tellRetentionOver,
		g.tellDelegationsEnding,
		g.tellStandingEnding,
		g.tellDisclosed,
	)
}

// dueRequests finds requests that are due until an instant, behind an identifier.
type dueRequests = func(ctx context.Context, tx *postgres.Tx, now, until time.Time, after article4.RequestID,
	limit int) ([]article4.RequestID, error)

// eachDue goes through the requests that are due within some time, each in a transaction of its own.
func (g *Gateway) eachDue(within time.Duration, find dueRequests,
	tell func(*visit, context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		return each(ctx, g, chore[article4.RequestID]{
			find: func(ctx context.Context, v *visit, after article4.RequestID) ([]article4.RequestID, error) {
				return find(ctx, v.tx, v.at, v.at.Add(within), after, closeAtATime)
			},
			about: heldRequest,
			do:    func(ctx context.Context, v *visit, _ article4.RequestID) error { return tell(v, ctx) },
		})
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
	for _, t := range v.waitsFor(missing) {
		if err := v.tellWhere(ctx, noticeLapsing, t, t.how, q.LapsesAt, lapsingTold(days, *q, t)); err != nil {
			return err
		}
	}
	return nil
}

// toldOf is somebody whom the end of a request concerns, and how.
type toldOf struct {
	how    string
	to     article4.OrganisationID
	person article4.PersonID // empty: whoever answers for the organisation
}

func (v *visit) tellWhere(ctx context.Context, kind string, t toldOf, how string, until time.Time, once string) error {
	return v.tell(ctx, register.Notice{
		Kind:   kind,
		To:     t.to,
		Person: t.person,
		Facts:  facts{"how": how, "until": instant(until)},
		Entry:  v.request.Entry,
		Once:   once,
	})
}

// waitsFor are those whom a lapse concerns while this is missing, whoever asked last.
func (v *visit) waitsFor(missing []article4.Missing) []toldOf {
	q := v.request
	var out []toldOf
	for _, o := range v.awaited(missing) {
		out = append(out, toldOf{how: "decide", to: o})
	}
	unsigned := slices.ContainsFunc(missing,
		func(m article4.Missing) bool { return forAgreement(m) && m.From == q.Beneficiary })
	consented := slices.ContainsFunc(q.Decisions,
		func(l register.Decision) bool { return l.Kind == article4.Consent && l.Given })
	if unsigned && consented {
		out = append(out, toldOf{how: "sign", to: q.Beneficiary})
	}
	return append(out, toldOf{"asked", q.AskedByOrg, q.AskedBy})
}

// lapsingTold names that somebody was told so many days before that a request lapses.
func lapsingTold(days int, q register.Request, t toldOf) string {
	return fmt.Sprintf("lapsing|%d|%s|%d|%s|%s", days, q.ID, q.LapsesAt.Unix(), t.to, t.person)
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
	for _, t := range v.endsFor() {
		if err := v.tellWhere(ctx, noticeEnding, t, t.how, until, endingTold(*q, until, t)); err != nil {
			return err
		}
	}
	return nil
}

// endsFor are those whom the end of what is in force concerns: whoever decided, and whoever has access.
func (v *visit) endsFor() []toldOf {
	q := v.request
	var out []toldOf
	decided := map[article4.OrganisationID]bool{}
	for _, l := range q.Decisions {
		if l.Given && l.Withdrawal == nil && !l.Filed {
			decided[l.Organisation] = true
		}
	}
	for _, o := range slices.Sorted(maps.Keys(decided)) {
		out = append(out, toldOf{how: "decision", to: o})
	}
	readers := map[article4.PersonID]article4.OrganisationID{q.AskedBy: q.AskedByOrg}
	for _, p := range slices.Concat(q.People, q.Admitted) {
		readers[p] = q.Beneficiary
	}
	if !v.isOpen(q.Purpose) { // it is for the copy that the Recipient holds, and gives nobody access
		readers = map[article4.PersonID]article4.OrganisationID{}
	}
	for _, p := range slices.Sorted(maps.Keys(readers)) {
		out = append(out, toldOf{"grant", readers[p], p})
	}
	return out
}

// endingTold names that somebody was told of the end of a request, before it or after.
func endingTold(q register.Request, until time.Time, t toldOf) string {
	return fmt.Sprintf("ending|%s|%d|%s|%s|%s", q.ID, until.Unix(), t.how, t.to, t.person)
}

// tellDisclosed tells each Party once a day what of its documents was disclosed to others on the day before, and on the
// days of the week before of which it was not told, since no gateway ran.
func (g *Gateway) tellDisclosed(ctx context.Context) error {
	return g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		today := dayOf(v.at)
		for _, party := range v.parties {
			days, err := g.register.DisclosedOf(ctx, v.tx, party, today.Add(-toldStill), today)
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
