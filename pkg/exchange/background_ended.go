package exchange

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// What has ended is told to whoever was not told before that it would: no gateway may have run in the days in which
// that is said. Whoever asked learns of a lapse in any case, for silence has become a refusal.

// tellClosed tells of a request that lapsed or expired just now.
func (v *visit) tellClosed(ctx context.Context, state article4.RequestState) error {
	grants, err := v.basis().grants([]register.Request{*v.request})
	if err != nil {
		return err
	}
	if state == article4.StateLapsed {
		return v.tellLapsed(ctx, grants[0])
	}
	return v.tellExpired(ctx, grants[0])
}

// stoodBefore is where a request stood just before an instant, whatever purposes are open since.
func (v *visit) stoodBefore(at time.Time, grant article4.GrantFacts) (article4.RequestState, []article4.Missing) {
	open := v.facts.Arrangement
	open.OpenPurposes = append(slices.Clip(open.OpenPurposes), grant.Purpose)
	return article4.StateOf(documentFacts(v.document), grant, open, at.Add(-time.Microsecond))
}

func (v *visit) tellLapsed(ctx context.Context, grant article4.GrantFacts) error {
	q := v.request
	_, missing := v.stoodBefore(q.LapsesAt, grant)
	for _, t := range v.waitsFor(missing) {
		told, err := v.toldLapsing(ctx, t)
		if err != nil {
			return err
		}
		if told && t.how != "asked" {
			continue
		}
		once := fmt.Sprintf("lapsed|%s|%s|%s", q.ID, t.to, t.person)
		if err := v.tellWhere(ctx, noticeLapsing, t, t.how+"-lapsed", q.LapsesAt, once); err != nil {
			return err
		}
	}
	return nil
}

// toldLapsing reports whether somebody was told that the request would lapse.
func (v *visit) toldLapsing(ctx context.Context, t toldOf) (bool, error) {
	for _, days := range []int{3, 1} {
		told, err := v.register.ToldOnce(ctx, v.tx,
			register.TellsOnce{Owner: v.document.Discloser, Name: lapsingTold(days, *v.request, t)})
		if told || err != nil {
			return told, err
		}
	}
	return false, nil
}

// tellExpired tells of a term that is over. Where a purpose was closed before it, the act that closed that was told.
func (v *visit) tellExpired(ctx context.Context, grant article4.GrantFacts) error {
	q, until := v.request, grant.Until
	if until.After(v.at) {
		return nil
	}
	ended := []toldOf{{"asked", q.AskedByOrg, q.AskedBy}} // it never came into force
	if state, _ := v.stoodBefore(until, grant); state == article4.StateInForce {
		ended = v.endsFor()
	}
	for _, t := range ended {
		if err := v.tellWhere(ctx, noticeEnding, t, t.how+"-ended", until, endingTold(*q, until, t)); err != nil {
			return err
		}
	}
	return nil
}

// tellDelegationsEnding tells the official, and whoever answers for the Party.
func (g *Gateway) tellDelegationsEnding(ctx context.Context) error {
	return each(ctx, g, chore[article4.DelegationID]{
		find: func(ctx context.Context, v *visit, after article4.DelegationID) ([]article4.DelegationID, error) {
			return g.register.DelegationsEnding(ctx, v.tx, v.endings(), after, closeAtATime)
		},
		about: func(article4.DelegationID) operation { return operation{} },
		do: func(ctx context.Context, v *visit, id article4.DelegationID) error {
			d, err := g.register.Delegation(ctx, v.tx, id)
			if err != nil {
				return err
			}
			return v.tell(ctx, register.Notice{
				Kind:    noticeEnding,
				Subject: string(d.ID),
				Owner:   d.Organisation,
				To:      d.Organisation,
				Facts:   facts{"how": v.endsOrEnded("delegation", d.Until), "until": instant(d.Until)},
				Entry:   d.Entry,
				Once:    fmt.Sprintf("ending|%s|%d", d.ID, d.Until.Unix()),
			})
		},
	})
}

// tellStandingEnding tells whoever answers for an organisation that its authorization of a series ends.
func (g *Gateway) tellStandingEnding(ctx context.Context) error {
	return each(ctx, g, chore[article4.DecisionID]{
		find: func(ctx context.Context, v *visit, after article4.DecisionID) ([]article4.DecisionID, error) {
			return g.register.StandingEnding(ctx, v.tx, v.endings(), after, closeAtATime)
		},
		about: func(article4.DecisionID) operation { return operation{} },
		do: func(ctx context.Context, v *visit, id article4.DecisionID) error {
			a, err := g.register.StandingAuthorization(ctx, v.tx, id)
			if err != nil {
				return err
			}
			return v.tell(ctx, register.Notice{
				Kind:    noticeEnding,
				Subject: string(a.Series),
				Owner:   a.Discloser,
				To:      a.Organisation,
				Facts:   facts{"how": v.endsOrEnded("series", a.Until), "until": instant(a.Until)},
				Entry:   a.Entry,
				Once:    fmt.Sprintf("ending|%s|%d", a.ID, a.Until.Unix()),
			})
		},
	})
}

// endings are the terms that end soon, or ended while nobody may have told of it.
func (v *visit) endings() register.Endings {
	return register.Endings{Since: v.at.Add(-toldStill), Now: v.at, Within: endingToldAt}
}

func (v *visit) endsOrEnded(how string, until time.Time) string {
	if until.After(v.at) {
		return how
	}
	return how + "-ended"
}
