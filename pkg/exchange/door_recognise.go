package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// Recognise turns verified claims into an Actor: the issuer says for which one organisation it may speak, and
// (issuer, subject) becomes a random identifier at the first meeting. ErrUnrecognised: no organisation has this issuer.
func (g *Gateway) Recognise(ctx context.Context, c Claims) (Actor, error) {
	if c.Issuer == "" || c.Subject == "" {
		return Actor{}, ErrUnrecognised
	}
	if a, found := g.known.find(c); found {
		return a, nil
	}
	var a Actor
	var revision string
	err := g.db.InTx(ctx, func(tx *postgres.Tx) error {
		arrangement, err := g.register.Arrangement(ctx, tx, register.Unlocked)
		if err != nil {
			return err
		}
		records, err := g.register.Records(ctx, tx, arrangement.Revision)
		if err != nil {
			return err
		}
		revision = arrangement.Revision
		a, err = g.recognise(ctx, tx, records, c)
		return err
	})
	if errors.Is(err, ErrUnrecognised) {
		return Actor{}, err
	}
	if err != nil {
		return Actor{}, g.fault(article4.ActDescribe, err)
	}
	g.known.add(a, revision)
	return a, nil
}

func (g *Gateway) recognise(ctx context.Context, tx *postgres.Tx, records *register.Records, c Claims) (Actor, error) {
	o, err := records.OfIssuer(c.Issuer)
	if err != nil {
		return Actor{}, fmt.Errorf("%w: %s", ErrUnrecognised, c.Issuer)
	}
	who := register.Person{Organisation: o.ID, Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, Keyset: o.Keyset}
	p, err := g.register.PersonOf(ctx, tx, who)
	if missingRecord(err) {
		p, err = g.meet(ctx, tx, who)
	}
	if err != nil {
		return Actor{}, err
	}
	a := Actor{person: p.ID, organisation: organisationView(o), claims: c}
	if c.Name == "" || c.Name == p.Name {
		return a, nil
	}
	p.Name = c.Name
	return a, g.register.Rename(ctx, tx, p)
}

// stillWho recognises an actor who was only known again, if the records are others since, inside the transaction that is
// about to rely on it.
func (v *visit) stillWho(ctx context.Context) error {
	if v.actor.revision == "" || v.actor.revision == v.arrangement.Revision {
		return nil
	}
	v.known.forget(v.actor.claims)
	now, err := v.Gateway.recognise(ctx, v.tx, v.records, v.actor.claims)
	if err != nil {
		return err
	}
	if now.person != v.actor.person || now.organisation.ID != v.actor.organisation.ID {
		return ErrUnrecognised // somebody else than when this began
	}
	v.actor.organisation, v.actor.revision = now.organisation, ""
	return nil
}

// meet records somebody who signs in for the first time.
func (g *Gateway) meet(ctx context.Context, tx *postgres.Tx, who register.Person) (register.Person, error) {
	at, err := g.now(ctx, tx)
	if err != nil {
		return register.Person{}, err
	}
	return g.register.Meet(ctx, tx, who, at)
}

// Self tells callers who they are to the gateway.
func (g *Gateway) Self(ctx context.Context, a Actor) (Self, error) {
	out := Self{Person: Person{ID: a.person, Name: a.claims.Name, Organisation: a.organisation.ID},
		Roles: a.claims.Roles, Issuer: a.claims.Issuer}
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out.Organisation = v.actor.organisation
		held, err := g.register.DelegationsOf(ctx, v.tx, a.person)
		for _, d := range held {
			if !v.at.Before(d.From) && v.at.Before(d.Until) && d.EndedAt.IsZero() {
				out.Delegations = append(out.Delegations, Delegation{ID: d.ID, Acts: d.Acts, From: d.From, Until: d.Until, Instrument: d.Instrument})
			}
		}
		return err
	})
	return out, err
}

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
		out.NoticeWaiting, err = v.noticeWaiting(ctx)
		return err
	})
	return out, err
}

// focalPoints lists a place for each Party, designated or not: due 30 days after signature.
func (v *visit) focalPoints(ctx context.Context, signed time.Time) ([]FocalPoint, error) {
	designated, err := v.register.FocalPoints(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	waiting, err := v.designationWaiting(ctx)
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
			f.Waiting = waiting
		}
		out = append(out, f)
	}
	return out, nil
}

// Organisations lists all for the Parties, with what waits for the other Party; a third party sees itself and the Parties.
func (g *Gateway) Organisations(ctx context.Context, a Actor, p Paging) (Page[Organisation], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Organisation]{}, err
	}
	var out Page[Organisation]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		found, err := g.register.Organisations(ctx, v.tx, article4.OrganisationID(after.id), limit+1)
		if err != nil {
			return err
		}
		all, err := v.withProposals(ctx, found, article4.OrganisationID(after.id))
		if err != nil {
			return err
		}
		out = page(all, limit, func(o Organisation) cursor { return cursor{id: string(o.ID)} })
		out.Items = slices.DeleteFunc(out.Items, func(o Organisation) bool { return !v.mayKnow(o.Kind, o.ID) })
		return nil
	})
	return out, err
}

func (v *visit) mayKnow(kind article4.OrganisationKind, id article4.OrganisationID) bool {
	return v.ofParty() && v.hasRole() || kind == article4.Party || id == v.actor.organisation.ID
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

// People lists whom the caller may address by name: the own organisation's people; for the Parties' people also those of
// a third party, whom a request may have to name.
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
		if missingRecord(err) || err == nil && !v.mayAddress(o) {
			return errAbsent
		}
		if err != nil {
			return err
		}
		found, err := g.register.PeopleOf(ctx, v.tx, of, article4.PersonID(after.id), limit+1)
		if err != nil {
			return err
		}
		cut := page(found, limit, func(p register.Person) cursor { return cursor{id: string(p.ID)} })
		out.Next = cut.Next
		for _, p := range cut.Items {
			out.Items = append(out.Items, Person{ID: p.ID, Name: p.Name, Organisation: p.Organisation})
		}
		return nil
	})
	if errors.Is(err, errAbsent) {
		err = g.notFound(ctx, a, article4.ActDescribe, "organisation", string(of))
	}
	return out, err
}

func (v *visit) mayAddress(o register.Organisation) bool {
	own := v.actor.organisation
	return len(v.actor.claims.Roles) > 0 && (o.ID == own.ID || own.Kind == article4.Party && o.Kind == article4.ThirdParty)
}

// Purposes lists the areas of cooperation in the order of the instrument.
func (g *Gateway) Purposes(ctx context.Context, a Actor) ([]Purpose, error) {
	var out []Purpose
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		all, err := g.register.Purposes(ctx, v.tx)
		for _, p := range all {
			out = append(out, Purpose{Code: p.Code, Label: p.Label, Paragraph: p.Paragraph, Open: v.isOpen(p.Code)})
		}
		return err
	})
	return out, err
}

func (v *visit) isOpen(code article4.PurposeCode) bool {
	return slices.Contains(v.facts.Arrangement.OpenPurposes, code)
}

// keysWork seals and opens a word under every Party's keyset.
func (g *Gateway) keysWork() error {
	for _, o := range g.keysets.Organisations() {
		sealed, err := g.keysets.Seal(o, []byte("ready"), "ready")
		if err != nil {
			return err
		}
		if _, err := g.keysets.Open(o, sealed, "ready"); err != nil {
			return err
		}
	}
	return nil
}

// CheckKeysets refuses keysets that open nothing of what was sealed under their names: somebody made new ones in the place of
// lost ones, or put back those of another gateway. It is asked before Adopt, since whoever is met under such a keyset would be
// taken for somebody new.
func (g *Gateway) CheckKeysets(ctx context.Context) error {
	return g.db.InTx(ctx, func(tx *postgres.Tx) error {
		foreign, err := g.register.ForeignKeyset(ctx, tx)
		if err == nil && foreign != "" {
			err = fmt.Errorf("nothing that was sealed under the keyset of %s opens: its keyset is missing, or another one stands in its place; "+
				"nothing was started and nothing was altered: put it back from its backup, a new one opens nothing of what there is", foreign)
		}
		return err
	})
}
