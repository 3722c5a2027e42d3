package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Suspensions lists the emergency stops of the caller's Party, newest first, to whoever decides or audits there, and
// whether the lifting of one waits for a second person.
func (g *Gateway) Suspensions(ctx context.Context, a Actor, p Paging) (Page[Suspension], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Suspension]{}, err
	}
	var out Page[Suspension]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !answers(a) {
			return nil
		}
		found, err := g.register.Suspensions(ctx, v.tx, a.organisation.ID, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		ids := make([]string, len(found))
		for i, s := range found {
			ids[i] = s.ID
		}
		pending, err := v.waitingOn(ctx, article4.ActLift, ids)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit,
			func(s register.Suspension) (Suspension, error) { return v.suspensionShown(ctx, s, pending[s.ID]) })
		return err
	})
	return out, err
}

// suspensionShown is one with its lifting that waits, if any, and what the caller could do about it.
func (v *visit) suspensionShown(ctx context.Context, s register.Suspension, lifting register.Pending) (Suspension,
	error) {
	out := suspensionView(s)
	if lifting.ID != "" {
		out.Pending = pendingView(lifting)
	}
	if out.LiftedAt != nil {
		return out, nil
	}
	var err error
	out.Permissions, err = v.would(ctx, article4.ActLift,
		func(ctx context.Context, v *visit) error { return v.liftFacts(ctx, s) })
	return out, err
}

func suspensionView(s register.Suspension) Suspension {
	out := Suspension{
		ID:           s.ID,
		Document:     s.Document,
		Person:       s.Person,
		Organisation: s.Organisation,
		Reason:       s.Reason,
		By:           s.By,
		ByOrg:        s.ByOrg,
		At:           s.At,
		Entry:        s.Entry,
	}
	if !s.LiftedAt.IsZero() {
		lifted := s.LiftedAt
		out.LiftedAt = &lifted
	}
	return out
}

// Suspend stops, from the next byte, what a Party discloses or what its people do: its own document, a person of its
// own, or a third party (Article 4(6)). One person is enough; lifting takes two.
func (g *Gateway) Suspend(ctx context.Context, a Actor, in Suspension) (Suspension, error) {
	var c checks
	c.required("statement", "4(6)", in.Reason, maxStatement)
	named := 0
	for _, id := range []string{string(in.Document), string(in.Person), string(in.Organisation)} {
		if id != "" {
			named++
		}
	}
	if named != 1 {
		c.Add(invalid.NothingToSuspend, "document", "4(6)")
	}
	if err := c.Err(); err != nil {
		return Suspension{}, err
	}
	return perform(ctx, g, a, act[Suspension]{
		operation: operation{
			act:      article4.ActSuspend,
			document: in.Document,
			what:     "document",
			target:   string(in.Person) + string(in.Organisation),
			lock:     register.ForUpdate,
			// people and third parties have no row that their disclosures hold; the Arrangement's is held by all
			alone: in.Document == "",
			facts: func(ctx context.Context, v *visit) error {
				own, err := v.ownSubject(ctx, in)
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: own}
				return err
			},
		},
		do:     func(ctx context.Context, v *visit) (Suspension, error) { return v.suspend(ctx, in) },
		made:   func(s Suspension) string { return s.ID },
		replay: g.replaySuspension(a, article4.ActSuspend),
	})
}

// replaySuspension answers the repetition of a stop, of a report of a leak, and of a lifting.
func (g *Gateway) replaySuspension(a Actor, by article4.Act) func(context.Context, string) (Suspension, error) {
	return func(ctx context.Context, id string) (Suspension, error) {
		return shown(ctx, g, a, operation{act: by, what: "suspension", target: id},
			func(ctx context.Context, v *visit) (Suspension, error) {
				found, err := g.register.Suspension(ctx, v.tx, id)
				return suspensionView(found), err
			})
	}
}

// ownSubject: a Party stops its own documents and people, and third parties.
func (v *visit) ownSubject(ctx context.Context, in Suspension) (bool, error) {
	own := v.actor.organisation.ID
	switch {
	case in.Document != "":
		return v.document.Discloser == own, nil
	case in.Person != "":
		people, err := v.register.People(ctx, v.tx, []article4.PersonID{in.Person})
		if err != nil {
			return false, err
		}
		if len(people) == 0 {
			return false, errAbsent
		}
		of, err := v.organisation(people[0].Organisation)
		if err == nil && !v.mayAddress(of) {
			err = errAbsent
		}
		return of.ID == own, err
	}
	o, err := v.organisation(in.Organisation)
	if err == nil && !v.mayKnow(o.Kind, o.ID) {
		err = errAbsent
	}
	return o.Kind == article4.ThirdParty, err
}

// stopPrefix begins the identifier of a suspension.
const stopPrefix = "sus_"

func (v *visit) suspend(ctx context.Context, in Suspension) (Suspension, error) {
	s := register.Suspension{
		ID:           register.NewID(stopPrefix),
		Document:     in.Document,
		Person:       in.Person,
		Organisation: in.Organisation,
		Reason:       in.Reason,
		By:           v.actor.person,
		ByOrg:        v.actor.organisation.ID,
		At:           v.at,
	}
	body := v.body(ledger.KindSuspension, ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: s.ID, People: nonEmpty(string(in.Person)), Recipient: string(in.Organisation)}
	entry, err := v.record(ctx, body, v.stopParties(), []private{{"reason", in.Reason}})
	if err != nil {
		return Suspension{}, err
	}
	s.Entry, s.EntryHash = entry.id, entry.hash
	if err := v.register.AddSuspension(ctx, v.tx, s); err != nil {
		return Suspension{}, err
	}
	if err := v.tellSuspension(ctx, s); err != nil {
		return Suspension{}, err
	}
	return suspensionView(s), v.announceRevocation(ctx, everything)
}

// stopParties: a stop over a document concerns both Parties, the acting one first, whose keyset seals the reason.
func (v *visit) stopParties() []article4.OrganisationID {
	out := []article4.OrganisationID{v.actor.organisation.ID}
	for _, p := range v.parties {
		if p != out[0] {
			out = append(out, p)
		}
	}
	return out
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Lift ends a suspension; it takes two people of the Party that suspended.
func (g *Gateway) Lift(ctx context.Context, a Actor, id, reason string) (Suspension, *Pending, error) {
	var c checks
	c.required("statement", "4(6)", reason, maxStatement)
	if err := c.Err(); err != nil {
		return Suspension{}, nil, err
	}
	var found register.Suspension
	return both(perform(ctx, g, a, act[Outcome[Suspension]]{
		operation: operation{act: article4.ActLift, what: "suspension", target: id, lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				if found, err = g.register.Suspension(ctx, v.tx, id); err != nil {
					return err
				}
				return v.liftFacts(ctx, found)
			}},
		do: func(ctx context.Context, v *visit) (Outcome[Suspension],
			error) {
			return v.lift(ctx, found, reason)
		},
		replay: replayTwo(g, a, func(ctx context.Context) (Suspension,
			error) {
			return g.replaySuspension(a, article4.ActLift)(ctx, id)
		}),
		conflicts: map[string]string{"one_first_person_waits": "the lifting waits for a second person already"},
	}))
}

func (v *visit) liftFacts(ctx context.Context, s register.Suspension) error {
	if !v.hasRole() || s.ByOrg != v.actor.organisation.ID || !s.LiftedAt.IsZero() {
		return errAbsent
	}
	second, err := v.second(ctx, s.ID, s.ID)
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: true, Second: second}
	return err
}

func (v *visit) lift(ctx context.Context, s register.Suspension, reason string) (Outcome[Suspension], error) {
	out := suspensionView(s)
	body := v.body(ledger.KindLifting, ledger.Permitted)
	body.Document, body.Terms = string(out.Document), &ledger.Terms{Subject: s.ID}
	var err error
	out.Pending, err = v.twice(ctx, halves{
		target:  s.ID,
		payload: s.ID,
		body:    body,
		parties: v.stopParties(),
		fields:  []private{{"reason", reason}},
		done: func(written) error {
			lifted := v.at
			out.LiftedAt = &lifted
			return v.register.Lift(ctx, v.tx, s.ID, v.at)
		},
	})
	return Outcome[Suspension]{out, out.Pending}, err
}
