package exchange

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Self tells callers who they are to the gateway.
func (g *Gateway) Self(ctx context.Context, a Actor) (Self, error) {
	out := Self{Person: Person{ID: a.person, Name: a.claims.Name, Organisation: a.organisation.ID},
		Roles: a.claims.Roles, Issuer: a.claims.Issuer, Service: a.claims.Service}
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out.Organisation = v.actor.organisation
		held, err := v.held(ctx)
		for _, d := range held {
			if !v.at.Before(d.From) && v.at.Before(d.Until) && d.EndedAt.IsZero() {
				out.Delegations = append(out.Delegations,
					Delegation{ID: d.ID, Acts: d.Acts, From: d.From, Until: d.Until, Instrument: d.Instrument})
			}
		}
		if err != nil {
			return err
		}
		if out.Standing, err = v.standingForSelf(ctx); err != nil {
			return err
		}
		out.Permissions, err = v.mayDeposit(ctx)
		return err
	})
	return out, err
}

// StandingForSelf is the Discloser's authorization of a series that stands now, and what the series is.
type StandingForSelf struct {
	StandingWord
	Name      string
	Discloser article4.OrganisationID
	Recipient article4.OrganisationID
	Markings  []article4.Marking // that the documents of the series may bear
	Purpose   article4.PurposeCode
	Until     time.Time
	Form      article4.Form
	Named     bool // the caller is named in it, and may read what it gives
}

// standingForSelf is what stands for the caller: the authorizations of series, not withdrawn and not expired, that name
// it (reading 0111); for a machine client also the others of its organisation's series, that it deposits into or that
// are given to its colleagues. They stand between the Parties alone: a third party has none.
func (v *visit) standingForSelf(ctx context.Context) ([]StandingForSelf, error) {
	if !v.ofParty() || !v.sees() {
		return nil, nil
	}
	found, err := v.register.StandingInForce(ctx, v.tx, v.actor.organisation.ID, v.at)
	if err != nil {
		return nil, err
	}
	var ids []article4.SeriesID
	for _, a := range found {
		ids = append(ids, a.Series)
	}
	series, err := v.register.SeriesNamed(ctx, v.tx, ids)
	var out []StandingForSelf
	for _, a := range found {
		named := slices.Contains(a.People, v.actor.person)
		if named || v.actor.claims.Service != nil {
			out = append(out, standingForSelf(a, series[a.Series], named))
		}
	}
	return out, err
}

func standingForSelf(a register.StandingAuthorization, s register.Series, named bool) StandingForSelf {
	return StandingForSelf{
		StandingWord: StandingWord{Series: s.ID, Authorization: a.ID},
		Name:         s.Name,
		Discloser:    s.Discloser,
		Recipient:    s.Recipient,
		Markings:     a.Markings,
		Purpose:      a.Purpose,
		Until:        a.Until,
		Form:         a.Form,
		Named:        named,
	}
}
