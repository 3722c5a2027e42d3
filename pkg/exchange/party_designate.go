package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// designationSaid is what both officials say.
type designationSaid struct {
	Subject    string          `json:"subject"`
	Name       string          `json:"name"`
	Instrument article4.Digest `json:"instrument_sha256,omitempty"`
}

// Designate names the own Party's focal point in writing (Article 5(3)). One official says it and it waits, Pending
// set; a second confirms it, or says the same; then it is told to the other Party. It takes the place of the one
// before.
func (g *Gateway) Designate(ctx context.Context, a Actor, in Designation) (FocalPoint, *Pending, error) {
	said := designationSaid{Subject: in.Subject, Name: in.Name, Instrument: in.InstrumentSHA256}
	if err := said.check(); err != nil {
		return FocalPoint{}, nil, err
	}
	return both(g.designate(ctx, a, string(a.organisation.ID), &said,
		func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
			return v.second(ctx, string(a.organisation.ID), said)
		}))
}

// ConfirmDesignation confirms, as a second official, whom one official of the own Party named.
func (g *Gateway) ConfirmDesignation(ctx context.Context, a Actor, pendingID string) (FocalPoint, error) {
	var said designationSaid
	out, err := g.designate(ctx, a, pendingID, &said,
		func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
			return v.ownPendingNamed(ctx, pendingID, &said)
		})
	return out.Value, err
}

func (s designationSaid) check() error {
	var c checks
	c.subject("subject", "5(3)", s.Subject)
	c.name("name", "5(3)", s.Name)
	c.digest("instrument_sha256", s.Instrument)
	return c.Err()
}

// subject wants 1 to 255 printable ASCII characters (OpenID Connect Core 2).
func (c *checks) subject(field, paragraph, s string) {
	if s == "" {
		c.Add(invalid.MissingSubject, field, paragraph)
	} else if len(s) > 255 || strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e }) >= 0 {
		c.Add(invalid.NotASubject, field, paragraph)
	}
}

// name wants a name on one line.
func (c *checks) name(field, paragraph, s string) {
	if strings.TrimSpace(s) == "" {
		c.Add(invalid.Missing, field, paragraph)
		return
	}
	c.line(field, paragraph, s, maxName)
}

func (g *Gateway) designate(ctx context.Context, a Actor, target string, said *designationSaid,
	second func(context.Context, *visit) (*article4.SecondFacts, error)) (Outcome[FocalPoint], error) {
	return perform(ctx, g, a, act[Outcome[FocalPoint]]{
		operation: operation{act: article4.ActDesignate, what: "designation", target: target, alone: true,
			facts: func(ctx context.Context, v *visit) error {
				first, err := second(ctx, v)
				v.facts.Change = &article4.ChangeFacts{Second: first, OwnSubject: v.ofParty(),
					InstrumentPresent: said.Instrument != ""}
				return err
			}},
		do: func(ctx context.Context, v *visit) (Outcome[FocalPoint], error) { return v.nameFocalPoint(ctx, *said) },
		replay: func(ctx context.Context, made string) (Outcome[FocalPoint], error) {
			return g.replayDesignation(ctx, a, made)
		},
	})
}

// replayDesignation answers the repetition of either half of a designation; to the second with the focal point as it
// stands.
func (g *Gateway) replayDesignation(ctx context.Context, a Actor, made string) (Outcome[FocalPoint], error) {
	var said designationSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return Outcome[FocalPoint]{}, err
	}
	out, err := shown(ctx, g, a, operation{act: article4.ActDesignate, what: "designation", target: made},
		func(ctx context.Context, v *visit) (FocalPoint, error) {
			out := FocalPoint{Organisation: a.organisation.ID, Name: said.Name}
			if waits != nil {
				return out, nil
			}
			signed, _ := v.dates.InEffectFrom()
			all, err := v.focalPoints(ctx, signed)
			for _, f := range all {
				if f.Organisation == a.organisation.ID {
					out = f
				}
			}
			return out, err
		})
	return Outcome[FocalPoint]{out, waits}, err
}

func (v *visit) nameFocalPoint(ctx context.Context, said designationSaid) (Outcome[FocalPoint], error) {
	own := v.actor.organisation
	f := register.FocalPoint{Organisation: own.ID, Subject: said.Subject, Name: said.Name,
		DesignatedOn: v.at.Truncate(24 * time.Hour)}
	body := v.officialBody(string(own.ID), said.Instrument)
	if v.pending != nil {
		body.Terms.Given = f.DesignatedOn
	}
	pending, err := v.twice(ctx, halves{
		target:  string(own.ID),
		payload: said,
		body:    body,
		parties: v.entitledByStep(),
		fields:  []private{{"subject", said.Subject}, {"name", said.Name}},
		paper:   named{digest: said.Instrument, done: true},
		done: func(entry written) error {
			f.Entry = entry.id
			if err := v.register.PutFocalPoint(ctx, v.tx, f); err != nil {
				return err
			}
			return v.tellOtherParty(ctx, noticeDesignation, entry.id,
				facts{"organisation": own.Name, "name": said.Name})
		},
	})
	if err != nil || pending != nil {
		return Outcome[FocalPoint]{FocalPoint{Organisation: own.ID, Name: said.Name}, pending}, err
	}
	known, err := v.register.PersonOf(ctx, v.tx,
		register.Person{Organisation: own.ID, Issuer: own.Issuer, Subject: said.Subject})
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return Outcome[FocalPoint]{}, err
	}
	signed, _ := v.dates.InEffectFrom()
	return Outcome[FocalPoint]{Value: FocalPoint{Organisation: own.ID, Person: known.ID, Name: f.Name,
		DesignatedOn: f.DesignatedOn,
		DueBy:        signed.AddDate(0, 0, 30)}}, nil
}

// pendingDesignation is the own Party's focal point to be, waiting for a second official.
func (v *visit) pendingDesignation(ctx context.Context) (*PendingDesignation, error) {
	waiting, err := v.ownPending(ctx, article4.ActDesignate)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	var said designationSaid
	if err := json.Unmarshal([]byte(waiting[0].Payload), &said); err != nil {
		return nil, fmt.Errorf("pending %s: %w", waiting[0].ID, err)
	}
	return &PendingDesignation{Pending: *pendingView(waiting[0]),
		Designation: Designation{Subject: said.Subject, Name: said.Name, InstrumentSHA256: said.Instrument}}, nil
}
