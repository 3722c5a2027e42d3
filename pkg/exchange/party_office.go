package exchange

import (
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Offices lists the desks of both Parties that may be addressed, to people of the Parties; who sits at one, only to
// people of its own Party. Whom the other Party may address by name is listed by People.
func (g *Gateway) Offices(ctx context.Context, a Actor, p Paging) (Page[Office], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Office]{}, err
	}
	var out Page[Office]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !v.ofParty() {
			return nil
		}
		found, err := g.register.Offices(ctx, v.tx, after.id, limit+1)
		if err != nil {
			return err
		}
		cut := page(found, limit, func(o register.Office) cursor { return cursor{id: o.ID} })
		out.Next = cut.Next
		for _, o := range cut.Items {
			out.Items = append(out.Items, v.officeView(o))
		}
		return nil
	})
	return out, err
}

func (v *visit) officeView(o register.Office) Office {
	out := Office{ID: o.ID, Organisation: o.Organisation, Name: o.Name, Empty: len(o.Members) == 0}
	if o.Organisation == v.actor.organisation.ID {
		out.Members, out.Entry = o.Members, o.Entry
	}
	return out
}

// OpenOffice sets up a desk of the own Party, by its focal point: from then on the other Party may address it, and the
// people who sit there by name.
func (g *Gateway) OpenOffice(ctx context.Context, a Actor, in OfficeOpened) (Office, error) {
	in.Name = strings.TrimSpace(in.Name)
	var c checks
	c.required("name", "", in.Name, maxName)
	c.line("name", "", in.Name, maxName)
	c.atMost("members", "", len(in.Members), maxPeople)
	if err := c.Err(); err != nil {
		return Office{}, err
	}
	id := register.NewID("off_")
	return perform(ctx, g, a, act[Office]{
		operation: operation{act: article4.ActKeepOffice, what: "office", lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error { return v.officeFacts(ctx, in.Members) }},
		do: func(ctx context.Context, v *visit) (Office, error) {
			entry, err := v.recordOffice(ctx, id, "open", in.Members, in.Name)
			if err != nil {
				return Office{}, err
			}
			err = g.register.AddOffice(ctx, v.tx, register.Office{
				ID:           id,
				Organisation: a.organisation.ID,
				Name:         in.Name,
				By:           a.person,
				At:           v.at,
				Entry:        entry.id,
			})
			if err != nil {
				return Office{}, err
			}
			return v.seat(ctx, id, in.Members, true, entry)
		},
		made:      func(o Office) string { return o.ID },
		replay:    g.replayOffice(a),
		conflicts: map[string]string{"one_office_of_a_name_in_a_party": "the Party has an office of this name already"},
	})
}

// ChangeOffice lets people of the own Party sit at one of its desks, or no longer. What was given to them before
// stands: a Delivery names people.
func (g *Gateway) ChangeOffice(ctx context.Context, a Actor, id string, in OfficeChange) (Office, error) {
	var c checks
	if len(in.Add)+len(in.Remove) == 0 {
		c.Add(invalid.MissingPeople, "add", "")
	}
	c.atMost("add", "", len(in.Add), maxPeople)
	c.atMost("remove", "", len(in.Remove), maxPeople)
	if err := c.Err(); err != nil {
		return Office{}, err
	}
	return perform(ctx, g, a, act[Office]{
		operation: operation{act: article4.ActKeepOffice, what: "office", target: id, lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				o, err := g.register.Office(ctx, v.tx, id)
				if err != nil {
					return err
				}
				if o.Organisation != a.organisation.ID || !v.hasRole() {
					return errAbsent
				}
				return v.officeFacts(ctx, slices.Concat(in.Add, in.Remove))
			}},
		do: func(ctx context.Context, v *visit) (Office, error) {
			var out Office
			for _, change := range []struct {
				does   string
				people []article4.PersonID
			}{{"add", in.Add}, {"remove", in.Remove}} {
				if len(change.people) == 0 {
					continue
				}
				entry, err := v.recordOffice(ctx, id, change.does, change.people, "")
				if err != nil {
					return Office{}, err
				}
				if out, err = v.seat(ctx, id, change.people, change.does == "add", entry); err != nil {
					return Office{}, err
				}
			}
			return out, nil
		},
		made:   func(o Office) string { return o.ID },
		replay: g.replayOffice(a),
	})
}

func (g *Gateway) replayOffice(a Actor) replay[Office] {
	return func(ctx context.Context, id string) (Office, error) {
		return shown(ctx, g, a, operation{act: article4.ActKeepOffice, what: "office", target: id},
			func(ctx context.Context, v *visit) (Office, error) {
				o, err := g.register.Office(ctx, v.tx, id)
				return v.officeView(o), err
			})
	}
}

// officeFacts: a Party's desk is kept by its own people, and nobody else sits there.
func (v *visit) officeFacts(ctx context.Context, people []article4.PersonID) error {
	own, err := v.belong(ctx, people, v.actor.organisation.ID)
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: own && v.ofParty()}
	return err
}

func (v *visit) recordOffice(ctx context.Context, id, does string, people []article4.PersonID,
	name string) (written, error) {
	body := v.body(ledger.KindOffice, ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: id, Acts: []string{does}, People: texts(people)}
	return v.record(ctx, body, v.partiesFrom(v.actor.organisation.ID), []private{{"name", name}})
}

func (v *visit) seat(ctx context.Context, id string, people []article4.PersonID, sits bool,
	entry written) (Office, error) {
	if err := v.register.Seat(ctx, v.tx, id, people, sits, v.at, entry.id); err != nil {
		return Office{}, err
	}
	o, err := v.register.Office(ctx, v.tx, id)
	return v.officeView(o), err
}
