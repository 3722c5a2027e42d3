package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// WithdrawStanding takes a standing authorization of the caller's organisation back (reading 0006): for the future
// only, from the next byte, for every document of the series that rests on it; one person is enough. It cuts running
// downloads, and asks those who hold copies what became of them.
func (g *Gateway) WithdrawStanding(ctx context.Context, a Actor, id article4.SeriesID, given article4.DecisionID,
	in Withdrawal) (StandingAuthorization, error) {
	var c checks
	c.required("statement", "4(4)", in.Statement, maxStatement)
	if err := c.Err(); err != nil {
		return StandingAuthorization{}, err
	}
	var s register.Series
	var of register.StandingAuthorization
	return perform(ctx, g, a, act[StandingAuthorization]{
		operation: operation{act: article4.ActWithdrawSeries, what: "standing authorization", target: string(given),
			alone: true,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				if s, err = v.series(ctx, id); err != nil {
					return err
				}
				if of, err = v.standing(ctx, s, given); err != nil {
					return err
				}
				v.facts.Series = seriesFacts(s)
				return nil
			}},
		do: func(ctx context.Context, v *visit) (StandingAuthorization, error) {
			return v.withdrawStanding(ctx, s, of, in.Statement)
		},
		made: func(out StandingAuthorization) string { return string(out.ID) },
		replay: func(ctx context.Context, made string) (StandingAuthorization, error) {
			return g.standingByID(ctx, a, article4.DecisionID(made))
		},
	})
}

// standing is one of a series, as far as the caller may know of it: that of an entity concerned is its own and the
// Discloser's alone.
func (v *visit) standing(ctx context.Context, s register.Series,
	id article4.DecisionID) (register.StandingAuthorization, error) {
	found, err := v.register.StandingAuthorization(ctx, v.tx, id)
	if err == nil && (found.Series != s.ID || !v.toldOfStanding(s, found)) {
		err = errAbsent
	}
	return found, err
}

func (v *visit) toldOfStanding(s register.Series, a register.StandingAuthorization) bool {
	own := v.actor.organisation.ID
	return own == s.Discloser || own == a.Organisation || own == s.Recipient && a.Organisation == s.Discloser
}

func (v *visit) withdrawStanding(ctx context.Context, s register.Series, a register.StandingAuthorization,
	statement string) (StandingAuthorization, error) {
	if a.Organisation != v.actor.organisation.ID || !a.WithdrawnAt.IsZero() {
		return StandingAuthorization{}, fmt.Errorf("%w: nothing that this organisation gave stands here", ErrConflict)
	}
	body := v.body(ledger.KindStandingWithdrawal, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Series:    string(s.ID),
		Discloser: string(s.Discloser),
		Recipient: string(s.Recipient),
		Withdraws: []string{a.EntryHash},
		Relies:    []string{s.EntryHash},
	}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	entry, err := v.record(ctx, body, v.ofSeries(s), []private{{"statement", statement}})
	if err != nil {
		return StandingAuthorization{}, err
	}
	a.WithdrawnAt, a.WithdrawnBy, a.WithdrawnWhy, a.WithdrawnEntry = v.at, v.actor.person, statement, entry.id
	if err := v.register.WithdrawStanding(ctx, v.tx, a, entry.hash); err != nil {
		return StandingAuthorization{}, err
	}
	if err := v.tellHoldersOf(ctx, a); err != nil {
		return StandingAuthorization{}, err
	}
	return v.standingView(a), v.announceRevocation(ctx, everything)
}

// tellHoldersOf asks whoever holds a copy of what rested on a standing authorization what became of it.
func (v *visit) tellHoldersOf(ctx context.Context, a register.StandingAuthorization) error {
	documents, err := v.register.RestingOn(ctx, v.tx, a.ID)
	if err != nil {
		return err
	}
	for _, id := range documents {
		d, err := v.register.Document(ctx, v.tx, id)
		if err != nil {
			return err
		}
		if err := v.of(d).tellHoldersIn(ctx, noticeWithdrawal, "", a.Recipient, a.WithdrawnEntry, nil); err != nil {
			return err
		}
	}
	return nil
}
