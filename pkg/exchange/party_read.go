package exchange

import (
	"context"
	"errors"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Arrangement tells where the instrument stands in its life (Article 11), and who the focal points are (Article 5(3)).
func (g *Gateway) Arrangement(ctx context.Context, a Actor) (Arrangement, error) {
	var out Arrangement
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = Arrangement{Title: v.arrangement.Title, Phase: v.facts.Arrangement.Phase, Custody: g.keysets.Custody()}
		out.InEffectFrom, _ = v.dates.InEffectFrom()
		if notice := v.arrangement.NoticeGivenOn; !notice.IsZero() {
			ends := v.facts.Arrangement.EndsAt
			out.NoticeGiven, out.EndsAt = &notice, &ends
		}
		parties, err := g.register.Parties(ctx, v.tx)
		if err != nil {
			return err
		}
		for _, p := range parties {
			out.Parties = append(out.Parties, organisationView(p))
		}
		if out.FocalPoints, err = v.focalPoints(ctx, out.InEffectFrom); err != nil {
			return err
		}
		if out.SpecificArrangements, err = v.specificArrangements(ctx); err != nil {
			return err
		}
		out.PendingNotice, err = v.pendingNotice(ctx)
		return err
	})
	if err == nil && a.organisation.Kind == article4.Party {
		out.Permissions, err = g.onArrangement(ctx, a)
	}
	return out, err
}

// onArrangement asks the rules what somebody of a Party could do to the Arrangement's own records now.
func (g *Gateway) onArrangement(ctx context.Context, a Actor) (map[article4.Act]Permission, error) {
	const supposed = "as supposed"
	instrument := digestOf(supposed)
	today := g.ruleTime(time.Now()).Truncate(24 * time.Hour)
	verbs := map[article4.Act]func(Actor) error{
		article4.ActDesignate: func(a Actor) error {
			_, _, err := g.Designate(ctx, a,
				Designation{Subject: supposed, Name: supposed, InstrumentSHA256: instrument})
			return err
		},
		article4.ActDelegate: func(a Actor) error {
			_, _, err := g.FileDelegation(ctx, a, DelegationFiled{
				Subject:          supposed,
				Name:             supposed,
				Acts:             []article4.Act{article4.ActRefuse},
				From:             today.AddDate(0, 0, 1),
				Until:            today.AddDate(0, 1, 0),
				InstrumentSHA256: instrument,
			})
			return err
		},
		article4.ActGiveNotice: func(a Actor) error {
			_, err := g.GiveNotice(ctx, a, NoticeOfTermination{GivenOn: today.AddDate(0, 0, 1), Statement: supposed})
			return err
		},
		article4.ActRecognise: func(a Actor) error {
			_, _, err := g.ProposeOrganisation(ctx, a, OrganisationProposed{Short: "as-supposed", Name: supposed,
				Type: "carrier", Country: "BE", Issuer: "https://as-supposed.example"})
			return err
		},
	}
	out := map[article4.Act]Permission{}
	for act, verb := range verbs {
		permission, applies, err := Would(a, verb)
		if err != nil {
			return nil, err
		}
		if applies {
			out[act] = permission
		}
	}
	return out, nil
}

// focalPoints lists a place for each Party, designated or not: due 30 days after signature.
func (v *visit) focalPoints(ctx context.Context, signed time.Time) ([]FocalPoint, error) {
	designated, err := v.register.FocalPoints(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	waiting, err := v.pendingDesignation(ctx)
	if err != nil {
		return nil, err
	}
	var out []FocalPoint
	for _, party := range v.parties {
		f := FocalPoint{Organisation: party, DueBy: signed.AddDate(0, 0, 30)}
		for _, d := range designated {
			if d.Organisation == party {
				f.Person, f.Name, f.DesignatedOn = d.Person, d.Name, d.DesignatedOn
			}
		}
		f.Overdue = f.DesignatedOn.IsZero() && !signed.IsZero() && !v.at.Before(endOf(f.DueBy))
		if party == v.actor.organisation.ID {
			f.Pending = waiting
		}
		out = append(out, f)
	}
	return out, nil
}

// Organisations lists all for the Parties, with what waits for the other Party; a third party sees itself and the
// Parties.
func (g *Gateway) Organisations(ctx context.Context, a Actor, p Paging) (Page[Organisation], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Organisation]{}, err
	}
	var out Page[Organisation]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		found, err := v.organisationsKnown(ctx, article4.OrganisationID(after.id), limit+1)
		if err != nil {
			return err
		}
		all, err := v.withProposals(ctx, found, article4.OrganisationID(after.id))
		if err != nil {
			return err
		}
		out = page(all, limit, func(o Organisation) cursor { return cursor{id: string(o.ID)} })
		return nil
	})
	return out, err
}

// organisationsKnown are those that the caller may know of: a cursor behind any other would name it.
func (v *visit) organisationsKnown(ctx context.Context, after article4.OrganisationID,
	limit int) ([]register.Organisation, error) {
	if v.mayKnow(article4.ThirdParty, "") {
		return v.register.Organisations(ctx, v.tx, after, limit)
	}
	return v.register.OrganisationsKnownTo(ctx, v.tx, v.actor.organisation.ID, after, limit)
}

// Organisation shows one; what the caller may not know of is absent.
func (g *Gateway) Organisation(ctx context.Context, a Actor, id article4.OrganisationID) (Organisation, error) {
	var out Organisation
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		var err error
		out, err = v.organisationShown(ctx, id)
		return err
	})
	if errors.Is(err, errAbsent) {
		err = g.notFound(ctx, a, article4.ActDescribe, "organisation", string(id))
	}
	return out, err
}

// People lists whom the caller may address by name: the own organisation's people; for the Parties' people also those
// of a third party, whom a request may have to name, and of the other Party its designated focal point and whoever sits
// at one of its offices.
func (g *Gateway) People(ctx context.Context, a Actor, of article4.OrganisationID, p Paging) (Page[Person], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Person]{}, err
	}
	if of == "" {
		of = a.organisation.ID
	}
	var out Page[Person]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		o, err := g.register.Organisation(ctx, v.tx, of)
		across := v.ofParty() && v.sees() && o.Kind == article4.Party && o.ID != a.organisation.ID
		if missingRecord(err) || err == nil && !v.mayAddress(o) && !across {
			return errAbsent
		}
		if err != nil {
			return err
		}
		listed := g.register.PeopleOf
		if across {
			listed = g.register.AddressableOf
		}
		found, err := listed(ctx, v.tx, of, article4.PersonID(after.id), limit+1)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit, func(p register.Person) (Person, error) {
			return Person{ID: p.ID, Name: p.Name, Organisation: p.Organisation, Machine: p.Machine}, nil
		})
		return err
	})
	if errors.Is(err, errAbsent) {
		err = g.notFound(ctx, a, article4.ActDescribe, "organisation", string(of))
	}
	return out, err
}

// Purposes lists the areas of cooperation in the order of the instrument.
func (g *Gateway) Purposes(ctx context.Context, a Actor) ([]Purpose, error) {
	var out []Purpose
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		all, err := g.register.Purposes(ctx, v.tx)
		for _, p := range all {
			out = append(out, v.purpose(p))
		}
		return err
	})
	return out, err
}

func (v *visit) purpose(p register.Purpose) Purpose {
	return Purpose{Code: p.Code, Label: p.Label, LabelFR: p.LabelFR, Paragraph: p.Paragraph, Open: v.isOpen(p.Code)}
}

func (v *visit) isOpen(code article4.PurposeCode) bool {
	return slices.Contains(v.facts.Arrangement.OpenPurposes, code)
}
