package exchange

import (
	"context"
	"errors"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// undeliverable says why what a deposit addresses cannot be given: the deposit is refused for it, whole.
type undeliverable struct {
	reasons []article4.Reason
	asked   article4.Asked
}

func (e *undeliverable) Error() string { return "a deposit that is addressed cannot be given" }

// ask is the Delivery that a deposit begins with, as a request.
func (in Addressed) ask() Ask {
	ask := Ask{Purpose: in.Purpose, Statement: in.Statement, Form: in.Form, People: in.People,
		Until: in.Until.UTC().Truncate(time.Microsecond)}
	if ask.Form == "" {
		ask.Form = article4.Stamped
	}
	return ask
}

// deliverable asks whether what the deposit addresses could be given: before a byte of the file is read, and with what
// was found in it, before it is kept.
func (in *intake) deliverable(ctx context.Context, v *visit) error {
	m := in.meta
	if m.Addressed == nil && m.Series == "" {
		return nil
	}
	d := register.Document{
		ID:           in.subject,
		Discloser:    v.actor.organisation.ID,
		Recipient:    m.Recipient,
		Depositor:    v.actor.person,
		Marking:      m.Marking,
		Purposes:     m.Purposes,
		PersonalData: m.PersonalData.Present,
		RetainUntil:  dayOf(m.PersonalData.RetainUntil),
		Entities:     m.Entities,
		Version:      in.version,
		Series:       m.Series,
	}
	ver := register.Version{ID: in.version, Document: in.subject, MediaType: "application/pdf"} // it may be one
	if in.facts != nil {
		ver.MediaType, ver.Unmarkable = in.found.MediaType, in.tried.unmarkable
	}
	if m.Addressed != nil {
		if _, _, err := v.giving(ctx, d, ver, *m.Addressed); err != nil {
			return err
		}
	}
	asks, err := v.standsFor(ctx, d)
	if err != nil {
		return err
	}
	for _, ask := range asks {
		if _, err := v.givingStanding(ctx, d, ver, ask); err != nil {
			return err
		}
	}
	return nil
}

// giving is the same visit for the Delivery that a deposit begins with, and the Delivery as a request. It is decided as
// a request of its own; no rule on what may be given is written twice.
func (v *visit) giving(ctx context.Context, d register.Document, ver register.Version, to Addressed) (*visit, Ask,
	error) {
	one := v.about(article4.ActRequest, d, ver)
	ask := to.ask()
	ask.For = d.Recipient
	if err := one.deliveryFacts(ctx, &ask, to.Offices); err != nil {
		return nil, ask, err
	}
	if one.ruling, one.asked = v.rules.Ask(one.facts); !one.ruling.Permit {
		return nil, ask, &undeliverable{one.ruling.Reasons, one.asked}
	}
	return one, ask, nil
}

// give begins the Delivery of a deposit, in the transaction of the deposit: either both stand, or none.
func (v *visit) give(ctx context.Context, d register.Document, ver register.Version, to *Addressed,
	out *Document) error {
	if to == nil {
		return nil
	}
	one, ask, err := v.giving(ctx, d, ver, *to)
	if err != nil {
		return err
	}
	q, err := one.deliver(ctx, ask)
	out.Delivery = q.ID
	return err
}

// refusedUngiven is the refusal of a deposit for what it addresses, with its entry.
func (g *Gateway) refusedUngiven(ctx context.Context, a Actor, err error) error {
	var no *undeliverable
	if !errors.As(err, &no) {
		return err
	}
	out := &Refusal{Act: article4.ActDeposit, Reasons: no.reasons, Rules: g.RulesDigest()}
	o := operation{act: article4.ActDeposit}
	failed := g.within(ctx, followUp, a, o, func(ctx context.Context, v *visit) error {
		v.asked = no.asked
		body := v.body(kindOf(v.act), ledger.Refused)
		for _, reason := range no.reasons {
			body.Reasons = append(body.Reasons, string(reason.Code))
		}
		entry, err := v.record(ctx, body, v.ownParties(), nil)
		out.Entry = entry.id
		return err
	})
	if failed != nil {
		return g.fault(article4.ActDeposit, failed)
	}
	g.sequencer.Wake()
	return out
}
