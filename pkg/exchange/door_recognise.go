package exchange

import (
	"context"
	"errors"
	"fmt"

	"chancery.example/gateway/pkg/article4"
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
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		revision = v.arrangement.Revision
		var err error
		a, err = v.recogniseBy(ctx, c)
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

// recogniseBy does it by the records as they are in this transaction.
func (v *visit) recogniseBy(ctx context.Context, c Claims) (Actor, error) {
	o, err := v.records.OfIssuer(c.Issuer)
	if err != nil {
		return Actor{}, fmt.Errorf("%w: %s", ErrUnrecognised, c.Issuer)
	}
	who := register.Person{
		Organisation: o.ID,
		Issuer:       c.Issuer,
		Subject:      c.Subject,
		Name:         c.Name,
		Keyset:       o.Keyset,
		Machine:      c.Service != nil,
	}
	p, err := v.register.PersonOf(ctx, v.tx, who)
	if missingRecord(err) {
		p, err = v.register.Meet(ctx, v.tx, who, v.at)
	}
	if err != nil {
		return Actor{}, err
	}
	a := Actor{person: p.ID, organisation: organisationView(o), claims: c}
	if err := v.keepContact(ctx, p, c); err != nil {
		return Actor{}, err
	}
	if p.Machine != who.Machine {
		p.Machine = who.Machine
		if err := v.register.SetMachine(ctx, v.tx, p); err != nil {
			return Actor{}, err
		}
	}
	if c.Name == "" || c.Name == p.Name {
		return a, nil
	}
	p.Name = c.Name
	return a, v.register.Rename(ctx, v.tx, p)
}

// stillWho recognises an actor who was only known again, if the records are others since, inside the transaction that
// is about to rely on it.
func (v *visit) stillWho(ctx context.Context) error {
	if v.actor.revision == "" || v.actor.revision == v.arrangement.Revision {
		return nil
	}
	v.known.forget(v.actor.claims)
	now, err := v.recogniseBy(ctx, v.actor.claims)
	if err != nil {
		return err
	}
	if now.person != v.actor.person || now.organisation.ID != v.actor.organisation.ID {
		return ErrUnrecognised // somebody else than when this began
	}
	v.actor.organisation, v.actor.revision = now.organisation, ""
	return nil
}
