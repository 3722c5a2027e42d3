package exchange

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// What is deposited into a series is given to whom a standing authorization names, in the act of the deposit: a
// Delivery like any other, decided by what the Discloser and the entities concerned authorized before (reading 0111).

// declareSeries puts the series that a deposit names before the rules; one of another Party is as good as none.
func (in *intake) declareSeries(ctx context.Context, v *visit) error {
	d := v.facts.Deposit
	if d.SeriesNamed = in.meta.Series != ""; !d.SeriesNamed {
		return nil
	}
	s, err := v.register.Series(ctx, v.tx, in.meta.Series)
	if missingRecord(err) {
		return nil
	}
	if err == nil && s.Discloser == v.actor.organisation.ID {
		d.Series = seriesFacts(s)
	}
	return err
}

// standsFor are the Deliveries that a document of a series begins with: one for each of the Discloser's standing
// authorizations that reaches it, with what the entities concerned authorized for the same purpose.
func (v *visit) standsFor(ctx context.Context, d register.Document) ([]Ask, error) {
	if d.Series == "" || d.Marking == article4.NonConfidential {
		return nil, nil
	}
	all, err := v.register.StandingAuthorizations(ctx, v.tx, d.Series)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(a register.StandingAuthorization) bool {
		return !a.WithdrawnAt.IsZero() || !v.at.Before(a.Until) || !slices.Contains(a.Markings, d.Marking) ||
			!v.isOpen(a.Purpose) || !slices.Contains(d.Purposes, a.Purpose)
	})
	var out []Ask
	for _, own := range all {
		if own.Organisation != d.Discloser || own.By == d.Depositor {
			continue
		}
		ask := Ask{
			For:       own.Recipient,
			People:    own.People,
			Purpose:   own.Purpose,
			Statement: own.Statement,
			Until:     v.untilTheEnd(own.Until, own.Purpose),
			Form:      own.Form,
			standing:  []register.StandingAuthorization{own},
		}
		for _, other := range all {
			if other.Organisation != d.Discloser && other.Purpose == own.Purpose &&
				slices.Contains(d.Entities, other.Organisation) && !ask.restsOn(other.Organisation) {
				ask.standing = append(ask.standing, other)
				if other.Until.Before(ask.Until) { // what is given reaches no further than anything that it rests on
					ask.Until = other.Until
				}
			}
		}
		out = append(out, ask)
	}
	return out, nil
}

// restsOn reports whether an organisation's standing authorization is among those that an Ask rests on.
func (ask Ask) restsOn(o article4.OrganisationID) bool {
	return slices.ContainsFunc(ask.standing, func(a register.StandingAuthorization) bool { return a.Organisation == o })
}

// untilTheEnd keeps a term from reaching beyond the last day of the Arrangement, once there is one (Article 11(4)).
func (v *visit) untilTheEnd(until time.Time, purpose article4.PurposeCode) time.Time {
	a := v.facts.Arrangement
	if a.EndsAt.IsZero() || !until.After(a.EndsAt) || slices.Contains(a.Surviving, purpose) {
		return until
	}
	return a.EndsAt
}

// givingStanding is the same visit for one of these Deliveries, once the rules permit it as they would any other.
func (v *visit) givingStanding(ctx context.Context, d register.Document, ver register.Version,
	ask Ask) (*visit, error) {
	one := v.about(article4.ActRequest, d, ver)
	if err := one.askFacts(ctx, ask); err != nil {
		return nil, err
	}
	one.facts.Ask.Delivery = true
	if one.ruling, one.asked = v.rules.Ask(one.facts); !one.ruling.Permit {
		return nil, &undeliverable{one.ruling.Reasons, one.asked}
	}
	return one, nil
}

// giveStanding begins the Deliveries of a document of a series in the transaction of its deposit: either all stand, or
// nothing is deposited.
func (v *visit) giveStanding(ctx context.Context, d *register.Document, ver register.Version, out *Document) error {
	asks, err := v.standsFor(ctx, *d)
	if err != nil {
		return err
	}
	for _, ask := range asks {
		one, err := v.givingStanding(ctx, *d, ver, ask)
		if err != nil {
			return err
		}
		one.document = d
		if _, err := one.ask(ctx, ask); err != nil {
			return err
		}
		if err := one.restOnStanding(ctx, ask.standing); err != nil {
			return err
		}
		out.Deliveries = append(out.Deliveries, one.request.ID)
	}
	return nil
}

// restOnStanding lets each standing authorization count on a request, as the decision that it is.
func (v *visit) restOnStanding(ctx context.Context, standing []register.StandingAuthorization) error {
	for _, a := range standing {
		if err := v.register.AddDecision(ctx, v.tx, standingDecision(v.request, a)); err != nil {
			return err
		}
		if a.Organisation == v.document.Discloser && !v.document.EntitiesConfirmed {
			if err := v.register.ConfirmEntities(ctx, v.tx, v.document); err != nil {
				return err
			}
		}
	}
	return v.tellAsked(ctx)
}

// standingDecision is a standing authorization as it serves one request. Its entry, text and evidence are those of what
// was given for the series.
func standingDecision(q *register.Request, a register.StandingAuthorization) register.Decision {
	return register.Decision{
		ID:              article4.DecisionID(register.NewID("aut_")),
		Request:         q.ID,
		Document:        q.Document,
		Discloser:       a.Discloser,
		Kind:            article4.Authorization,
		Given:           true,
		By:              a.By,
		Organisation:    a.Organisation,
		At:              a.At,
		Version:         q.Version,
		Recipient:       a.Recipient,
		RecipientRecord: a.RecipientRecord,
		Purpose:         a.Purpose,
		Until:           a.Until,
		Form:            a.Form,
		Statement:       a.Statement,
		Text:            a.Text,
		TextSHA:         a.TextSHA,
		Delegation:      a.Delegation,
		Evidence:        a.Evidence,
		EvidenceText:    a.EvidenceText,
		EvidenceSHA:     a.EvidenceSHA,
		EvidenceKey:     a.EvidenceKey,
		Entry:           a.Entry,
		EntryHash:       a.EntryHash,
		Series:          a.Series,
		Standing:        a.ID,
		Markings:        a.Markings,
	}
}
