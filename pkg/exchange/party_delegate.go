package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// delegationSaid is what both officials say.
type delegationSaid struct {
	Subject    string                `json:"subject,omitempty"`
	Name       string                `json:"name,omitempty"`
	Acts       []article4.Act        `json:"acts,omitempty"`
	From       time.Time             `json:"from,omitzero"`
	Until      time.Time             `json:"until,omitzero"`
	Instrument article4.Digest       `json:"instrument_sha256,omitempty"`
	Ends       article4.DelegationID `json:"ends,omitempty"`
}

// FileDelegation files a Party's dated written instrument that lets one of its officials decide, or ends one before its
// term. One official of the Party files it and it waits, Pending set; a second confirms it, or files the same. What was
// decided under a Delegation while it was in force stands after its end: authority is judged at the time of the act.
func (g *Gateway) FileDelegation(ctx context.Context, a Actor, in DelegationFiled) (Delegation, *Pending, error) {
	said := in.said()
	if err := said.check(); err != nil {
		return Delegation{}, nil, err
	}
	target, err := said.target(a.organisation.ID)
	if err != nil {
		return Delegation{}, nil, err
	}
	return both(g.delegate(ctx, a, string(in.Ends), &said,
		func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
			return v.second(ctx, target, said)
		}))
}

// ConfirmDelegation confirms, as a second official, what one official of the own Party filed.
func (g *Gateway) ConfirmDelegation(ctx context.Context, a Actor, pendingID string) (Delegation, error) {
	var said delegationSaid
	out, err := g.delegate(ctx, a, pendingID, &said,
		func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
			return v.ownPendingNamed(ctx, pendingID, &said)
		})
	return out.Value, err
}

// said is what counts of it, in one form.
func (in DelegationFiled) said() delegationSaid {
	if in.Ends != "" {
		return delegationSaid{Instrument: in.InstrumentSHA256, Ends: in.Ends}
	}
	return delegationSaid{
		Subject:    in.Subject,
		Name:       in.Name,
		Acts:       slices.Compact(slices.Sorted(slices.Values(in.Acts))),
		From:       in.From.UTC().Truncate(time.Microsecond),
		Until:      in.Until.UTC().Truncate(time.Microsecond),
		Instrument: in.InstrumentSHA256,
	}
}

// instant wants a date within what people mean.
func (c *checks) instant(field, paragraph string, at time.Time) {
	if at.IsZero() {
		c.Add(invalid.Missing, field, paragraph)
	}
	c.date(field, paragraph, at)
}

// target lets several filings wait beside each other.
func (s delegationSaid) target(of article4.OrganisationID) (string, error) {
	digest, _, err := payloadOf(s)
	return string(of) + " " + string(digest), err
}

func (s delegationSaid) check() error {
	var c checks
	c.digest("instrument_sha256", s.Instrument)
	if s.Ends != "" {
		return c.Err()
	}
	c.subject("subject", "4(8)", s.Subject)
	c.name("name", "4(8)", s.Name)
	c.atMost("acts", "4(8)", len(s.Acts), maxList)
	c.instant("since", "4(8)", s.From)
	c.instant("until", "4(8)", s.Until)
	if !s.From.IsZero() && !s.Until.IsZero() && !s.From.Before(s.Until) {
		c.Add(invalid.NotLaterThanSince, "until", "4(8)")
	}
	return c.Err()
}

func (g *Gateway) delegate(ctx context.Context, a Actor, target string, said *delegationSaid,
	second func(context.Context, *visit) (*article4.SecondFacts, error)) (Outcome[Delegation], error) {
	var ends register.Delegation
	return perform(ctx, g, a, act[Outcome[Delegation]]{
		operation: operation{act: article4.ActDelegate, what: "delegation", target: target, alone: true,
			facts: func(ctx context.Context, v *visit) error {
				first, err := second(ctx, v)
				if err != nil {
					return err
				}
				v.facts.Change = &article4.ChangeFacts{
					Second:            first,
					OwnSubject:        v.ofParty(),
					InstrumentPresent: said.Instrument != "",
					From:              said.From,
					Until:             said.Until,
					ActsKnown:         delegableActs(said.Acts),
					Ends:              said.Ends != "",
				}
				if said.Ends == "" {
					v.facts.Change.NotSubject, err = v.holdsNot(ctx, said.Subject, first)
					return err
				}
				ends, err = v.endFacts(ctx, said.Ends)
				return err
			}},
		do: func(ctx context.Context, v *visit) (Outcome[Delegation], error) {
			if said.Ends != "" {
				return v.endDelegation(ctx, ends, *said)
			}
			return v.fileDelegation(ctx, *said)
		},
		replay: func(ctx context.Context, made string) (Outcome[Delegation], error) {
			return g.replayDelegation(ctx, a, made)
		},
	})
}

// replayDelegation answers the repetition of either half of a Delegation, or of its end.
func (g *Gateway) replayDelegation(ctx context.Context, a Actor, made string) (Outcome[Delegation], error) {
	var said delegationSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return Outcome[Delegation]{}, err
	}
	id := article4.DelegationID(made)
	if waits != nil {
		id = said.Ends
	}
	out, err := shown(ctx, g, a, operation{act: article4.ActDelegate, what: "delegation", target: made},
		func(ctx context.Context, v *visit) (Delegation, error) {
			if id == "" {
				return Delegation{Acts: said.Acts, From: said.From, Until: said.Until, Instrument: said.Instrument}, nil
			}
			d, err := g.register.Delegation(ctx, v.tx, id)
			return delegationView(d), err
		})
	return Outcome[Delegation]{out, waits}, err
}

// Delegable are the acts that a Delegation may name.
func Delegable() []article4.Act {
	var out []article4.Act
	for _, act := range instrument.Delegable() {
		out = append(out, article4.Act(act))
	}
	return out
}

func delegableActs(acts []article4.Act) bool {
	delegable := Delegable()
	return len(acts) > 0 && !slices.ContainsFunc(acts,
		func(act article4.Act) bool { return !slices.Contains(delegable, act) })
}

// holdsNot reports whether neither of the two officials is the one who is to hold the Delegation.
func (v *visit) holdsNot(ctx context.Context, subject string, first *article4.SecondFacts) (bool, error) {
	people := []article4.PersonID{v.actor.person}
	if first != nil {
		people = append(people, first.First)
	}
	found, err := v.register.People(ctx, v.tx, people)
	return !slices.ContainsFunc(found, func(p register.Person) bool { return p.Subject == subject }), err
}

// endFacts: the Delegation itself says what it let its holder do. To others than the Parties it is absent.
func (v *visit) endFacts(ctx context.Context, id article4.DelegationID) (register.Delegation, error) {
	if !v.ofParty() || !v.hasRole() {
		return register.Delegation{}, errAbsent
	}
	d, err := v.register.Delegation(ctx, v.tx, id)
	if err != nil {
		return d, err
	}
	c := v.facts.Change
	c.OwnSubject, c.From, c.Until, c.ActsKnown = d.Organisation == v.actor.organisation.ID, d.From, d.Until, true
	return d, nil
}

func (v *visit) fileDelegation(ctx context.Context, said delegationSaid) (Outcome[Delegation], error) {
	target, err := said.target(v.actor.organisation.ID)
	if err != nil {
		return Outcome[Delegation]{}, err
	}
	d := register.Delegation{
		ID:           article4.DelegationID(register.NewID("del_")),
		Organisation: v.actor.organisation.ID,
		Subject:      said.Subject,
		Name:         said.Name,
		Acts:         said.Acts,
		From:         said.From,
		Until:        said.Until,
		Instrument:   said.Instrument,
	}
	if v.pending != nil {
		if d.Digest, err = v.clauseDigest(said); err != nil {
			return Outcome[Delegation]{}, err
		}
	}
	body := v.officialBody(string(d.ID), said.Instrument)
	if v.pending == nil {
		body.Terms.Subject = string(d.Organisation)
	}
	body.Terms.Delegation, body.Terms.Acts, body.Terms.From, body.Terms.Until = string(d.Digest), texts(said.Acts),
		said.From, said.Until
	if v.pending != nil {
		body.Terms.Holder = ledger.HolderOf(string(d.Digest), v.actor.organisation.Issuer, said.Subject)
	}
	pending, err := v.twice(ctx, halves{
		target:  target,
		payload: said,
		body:    body,
		parties: v.entitledByStep(),
		fields:  []private{{"subject", said.Subject}, {"name", said.Name}},
		paper:   named{digest: said.Instrument, done: true},
		done: func(entry written) error {
			d.Entry = entry.id
			return v.register.PutDelegation(ctx, v.tx, d)
		},
	})
	if err != nil || pending != nil {
		return Outcome[Delegation]{Delegation{Acts: d.Acts, From: d.From, Until: d.Until, Instrument: d.Instrument},
			pending}, err
	}
	v.result = string(d.ID)
	return Outcome[Delegation]{Value: delegationView(d)}, nil
}

// clauseDigest is of the whole Delegation, as of a clause in the Arrangement file, and of the first official's entry:
// the same instrument filed again after its end is another Delegation.
func (v *visit) clauseDigest(said delegationSaid) (article4.Digest, error) {
	clause, err := json.Marshal(instrument.Delegation{
		Subject:     said.Subject,
		Name:        said.Name,
		Acts:        texts(said.Acts),
		From:        said.From,
		Until:       said.Until,
		Instrument:  string(said.Instrument),
		FiledBy:     string(v.pending.By),
		ConfirmedBy: string(v.actor.person),
	})
	if err != nil {
		return "", fmt.Errorf("delegation of %s: %w", v.actor.organisation.ID, err)
	}
	own := v.actor.organisation
	return digestOf(string(own.ID) + "\x00" + own.Issuer + "\x00" + string(clause) + "\x00" + v.pending.EntryHash), nil
}

// endDelegation: running downloads need not be decided again, for no act of the past loses its authority. Later acts
// wait for the Arrangement's row and find the Delegation ended.
func (v *visit) endDelegation(ctx context.Context, d register.Delegation, said delegationSaid) (Outcome[Delegation],
	error) {
	if !d.EndedAt.IsZero() {
		return Outcome[Delegation]{}, fmt.Errorf("%w: this Delegation was ended already", ErrConflict)
	}
	target, err := said.target(v.actor.organisation.ID)
	if err != nil {
		return Outcome[Delegation]{}, err
	}
	body := v.officialBody(string(d.ID), said.Instrument)
	body.Terms = &ledger.Terms{Subject: string(d.ID), Instrument: string(said.Instrument), Delegation: string(d.Digest),
		Until: v.at}
	if v.pending == nil {
		body.Terms.Until = time.Time{}
	}
	pending, err := v.twice(ctx, halves{
		target:  target,
		payload: said,
		body:    body,
		parties: v.entitledByStep(),
		paper:   named{digest: said.Instrument, done: true},
		done: func(entry written) error {
			v.result = string(d.ID)
			return v.register.EndDelegation(ctx, v.tx, d.ID, v.at, entry.id)
		},
	})
	return Outcome[Delegation]{delegationView(d), pending}, err
}

func delegationView(d register.Delegation) Delegation {
	return Delegation{ID: d.ID, Acts: d.Acts, From: d.From, Until: d.Until, Instrument: d.Instrument}
}

// Delegations lists those of both Parties, the newest first: each is shown to the other. What the own Party's second
// official has yet to confirm stands before them on the first page.
func (g *Gateway) Delegations(ctx context.Context, a Actor, p Paging) (Page[DelegationRecord], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[DelegationRecord]{}, err
	}
	var out Page[DelegationRecord]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = Page[DelegationRecord]{}
		if !v.ofParty() || !v.sees() {
			return nil
		}
		if after.id == "" || strings.HasPrefix(after.id, pendingPrefix) {
			waiting, err := v.pendingDelegations(ctx, after)
			if err != nil {
				return err
			}
			if out = page(waiting, limit, behindPending); out.Next != "" {
				return nil
			}
			after = cursor{}
		}
		room := limit - len(out.Items)
		found, err := g.register.Delegations(ctx, v.tx, after.at, article4.DelegationID(after.id), room+1)
		if err != nil {
			return err
		}
		if room == 0 && len(found) > 0 {
			out.Next = behindPending(out.Items[limit-1]).String()
			return nil
		}
		cut := page(found, room, func(d register.Delegation) cursor { return cursor{d.From, string(d.ID)} })
		out.Next = cut.Next
		for _, d := range cut.Items {
			out.Items = append(out.Items, delegationRecord(d))
		}
		return nil
	})
	return out, err
}

func delegationRecord(d register.Delegation) DelegationRecord {
	out := DelegationRecord{Delegation: delegationView(d), Organisation: d.Organisation, Holder: d.Holder, Name: d.Name,
		Entry: d.Entry}
	if !d.EndedAt.IsZero() {
		out.EndedAt = &d.EndedAt
	}
	return out
}

// behindPending points behind one that waits.
func behindPending(d DelegationRecord) cursor { return cursor{d.Pending.At, d.Pending.ID} }

// pendingDelegations are those behind a cursor, the oldest first.
func (v *visit) pendingDelegations(ctx context.Context, after cursor) ([]DelegationRecord, error) {
	waiting, err := v.ownPending(ctx, article4.ActDelegate)
	if err != nil {
		return nil, err
	}
	var out []DelegationRecord
	for _, w := range waiting {
		if w.At.Before(after.at) || w.At.Equal(after.at) && w.ID <= after.id {
			continue
		}
		var said delegationSaid
		if err := json.Unmarshal([]byte(w.Payload), &said); err != nil {
			return nil, fmt.Errorf("pending %s: %w", w.ID, err)
		}
		out = append(out, DelegationRecord{Delegation: Delegation{Acts: said.Acts, From: said.From, Until: said.Until,
			Instrument: said.Instrument},
			Organisation: w.Organisation, Name: said.Name, Pending: pendingView(w), Ends: said.Ends})
	}
	return out, nil
}
