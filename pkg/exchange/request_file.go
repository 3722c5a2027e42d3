package exchange

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// FileAuthorization files, as a signatory of the Discloser, the authorization of an entity concerned that has no
// account (Article 4(4)): who gave it, when, and the hash of the written instrument. It counts when a second signatory
// confirmed.
func (g *Gateway) FileAuthorization(ctx context.Context, a Actor, id article4.RequestID,
	in FiledAuthorization) (AccessRequest, *Pending, error) {
	if err := in.check(); err != nil {
		return AccessRequest{}, nil, err
	}
	in.GivenOn = dayOf(in.GivenOn)
	return both(g.file(ctx, a, id, in, func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
		return v.second(ctx, fileTarget(id, in.Entity), filingSaid{statedOn{v.seen()}, in})
	}))
}

// ConfirmFiled confirms, as a second signatory, what the first filed, as it stands.
func (g *Gateway) ConfirmFiled(ctx context.Context, a Actor, id article4.RequestID, pending string) (AccessRequest,
	error) {
	var said filingSaid
	out, err := g.file(ctx, a, id, FiledAuthorization{},
		func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
			second, err := v.confirming(ctx, pending, article4.ActFile, &said)
			if err == nil && (v.pending.Target != fileTarget(id, said.Entity) ||
				v.pending.Organisation != a.organisation.ID) {
				v.pending, err = nil, errAbsent
			}
			if err != nil {
				return nil, err
			}
			v.filed = said.FiledAuthorization
			outdated, err := statedOn{v.seen()}.outdated(*v.pending)
			second.Same = !outdated
			return second, err
		})
	return out.Value, err
}

// filingSaid is what the first of two says, and of which document as it stood.
type filingSaid struct {
	statedOn
	FiledAuthorization
}

// earliestDay is how far the day that somebody writes can be before the day in UTC.
const earliestDay = 14 * time.Hour

func fileTarget(id article4.RequestID, entity article4.OrganisationID) string {
	return string(id) + "|" + string(entity)
}

func (in FiledAuthorization) check() error {
	var c checks
	if in.Entity == "" {
		c.Add(invalid.MissingEntity, "entity", "4(4)")
	}
	c.required("given_by", "4(4)", in.GivenBy, maxName)
	c.line("given_by", "4(4)", in.GivenBy, maxName)
	if in.GivenOn.IsZero() {
		c.Add(invalid.MissingDayOfInstrument, "given_on", "4(4)")
	}
	c.date("given_on", "4(4)", in.GivenOn)
	if in.InstrumentSHA256 == "" {
		c.Add(invalid.MissingInstrument, "instrument_sha256", "4(4)")
	}
	c.digest("instrument_sha256", in.InstrumentSHA256)
	c.required("statement", "4(4)", in.Statement, maxStatement)
	c.date("until", "4(4)", in.Until)
	return c.Err()
}

func (g *Gateway) file(ctx context.Context, a Actor, id article4.RequestID, in FiledAuthorization,
	second func(context.Context, *visit) (*article4.SecondFacts, error)) (Outcome[AccessRequest], error) {
	return perform(ctx, g, a, act[Outcome[AccessRequest]]{
		operation: operation{act: article4.ActFile, request: id, what: "request", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				v.filed = in
				two, err := second(ctx, v)
				if err != nil {
					return err
				}
				account, err := v.register.HasPeople(ctx, v.tx, v.filed.Entity)
				if err != nil {
					return err
				}
				v.facts.Request.Until = v.filed.Until
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true,
					InstrumentPresent: v.filed.InstrumentSHA256 != "", Second: two,
					EntitiesKnown: v.isConcerned(v.filed.Entity), EntityHasAccount: account}
				return nil
			}},
		do: func(ctx context.Context, v *visit) (Outcome[AccessRequest], error) {
			waits, err := v.fileDecision(ctx)
			if err != nil {
				return Outcome[AccessRequest]{}, err
			}
			out, err := v.reread(ctx)
			return Outcome[AccessRequest]{out, waits}, err
		},
		replay: replayTwo(g, a, func(ctx context.Context) (AccessRequest,
			error) {
			return g.requestAsAnswered(ctx, a, id)
		}),
		conflicts: map[string]string{"one_decision_of_a_kind_per_organisation": "this entity has decided on this " +
			"request"},
	})
}

func (v *visit) fileDecision(ctx context.Context) (*Pending, error) {
	in := v.filed
	if in.GivenOn.After(v.at.Add(earliestDay)) {
		return nil, invalid.One(invalid.DayToCome, "given_on", "")
	}
	beneficiary, err := v.organisation(v.request.Beneficiary)
	if err != nil {
		return nil, err
	}
	asked := v.facts.Request.Grant
	until := in.Until.UTC().Truncate(time.Microsecond)
	if in.Until.IsZero() {
		until = asked.Until
	}
	l := register.Decision{
		ID:              article4.DecisionID(register.NewID("aut_")),
		Request:         v.request.ID,
		Document:        v.document.ID,
		Discloser:       v.document.Discloser,
		Kind:            article4.Authorization,
		Given:           true,
		Organisation:    in.Entity,
		At:              v.at,
		Version:         v.request.Version,
		Recipient:       beneficiary.ID,
		RecipientRecord: beneficiary.Record,
		Purpose:         v.request.Purpose,
		Until:           until,
		Form:            asked.Form,
		Statement:       in.Statement,
		Text: fmt.Sprintf("filed: authorization of %s given by %s on %s, instrument %s", in.Entity,
			oneLine(in.GivenBy), in.GivenOn.Format(time.DateOnly), in.InstrumentSHA256),
		Filed:       true,
		GivenBy:     in.GivenBy,
		GivenOn:     in.GivenOn,
		Instrument:  in.InstrumentSHA256,
		ConfirmedBy: v.actor.person,
		Evidence:    article4.EvidenceLetter,
		EvidenceSHA: in.InstrumentSHA256,
	}
	l.TextSHA = digestOf(l.Text)
	body := v.body(ledger.KindFiling, ledger.Permitted)
	body.Terms = decisionTerms(v.request, l, beneficiary, resolution{}, nil)
	body.Terms.Instrument, body.Terms.Given = string(in.InstrumentSHA256), in.GivenOn
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	fields := []private{{"entity", string(in.Entity)}, {"given-by", in.GivenBy}, {"statement", in.Statement}}
	return v.twice(ctx, halves{
		target:  fileTarget(v.request.ID, in.Entity),
		payload: filingSaid{statedOn{v.seen()}, in},
		body:    body,
		parties: []article4.OrganisationID{v.document.Discloser},
		fields:  fields,
		paper:   named{digest: in.InstrumentSHA256, request: v.request.ID},
		done: func(entry written) error {
			l.By, l.Entry, l.EntryHash = v.pending.By, entry.id, entry.hash
			if err := v.register.AddDecision(ctx, v.tx, l); err != nil {
				return err
			}
			if err := v.register.Touch(ctx, v.tx, v.request.ID); err != nil {
				return err
			}
			return v.tellDecision(ctx, l)
		},
	})
}
