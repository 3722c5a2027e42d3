package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// MandateProposed is who is to decide and sign for a third party, or with Ends the end of a Mandate that stands.
type MandateProposed struct {
	Subject          string // at the third party's own issuer
	Name             string
	Function         string // what the person is there
	Authority        string // by what the person may decide and sign
	Until            time.Time
	InstrumentSHA256 article4.Digest
	Ends             article4.DelegationID // set: ends that Mandate, nothing else is read
}

// MandateRecord is a Mandate as the Parties and the third party see it.
type MandateRecord struct {
	ID           article4.DelegationID // empty while it waits
	Organisation article4.OrganisationID
	Holder       article4.PersonID // empty until that person first signed in
	Name         string
	Function     string
	Authority    string
	From         time.Time // zero while it waits
	Until        time.Time
	Instrument   article4.Digest
	EndedAt      *time.Time // before its term; what was decided under it before stands
	Entry        string     // empty for those of the Arrangement file

	// Pending is set for a proposal, and ProposedBy whose it is: the other Party has yet to confirm it; where the third
	// party proposed it, both Parties.
	Pending    *Pending
	ProposedBy article4.OrganisationID
}

// mandateSaid is what is proposed and confirmed, settled.
type mandateSaid struct {
	Organisation article4.OrganisationID `json:"organisation"`
	Subject      string                  `json:"subject"`
	Name         string                  `json:"name"`
	Function     string                  `json:"function"`
	Authority    string                  `json:"authority"`
	Until        time.Time               `json:"until"`
	Instrument   article4.Digest         `json:"instrument_sha256"`
}

// mostMandates is how many Mandates of one third party are told.
const mostMandates = 200

// Mandate proposes who may decide and sign for a third party (Article 4(8); 4(4) where it is an entity concerned). One
// Party proposes, and it is in force when somebody of the other hands in the same. The third party's own focal point
// may propose as well: then one Party takes the proposal up as its own by handing in the same, and the other confirms
// it.
// With Ends it is the end of a Mandate, which takes one person: it narrows. What was decided or signed under a Mandate
// while it was in force stands after its end.
func (g *Gateway) Mandate(ctx context.Context, a Actor, of article4.OrganisationID, in MandateProposed) (MandateRecord,
	*Pending, error) {
	if in.Ends != "" {
		ended, err := g.endMandate(ctx, a, of, in.Ends)
		return ended, nil, err
	}
	said := mandateSaid{
		Organisation: of,
		Subject:      in.Subject,
		Name:         in.Name,
		Function:     in.Function,
		Authority:    in.Authority,
		Until:        in.Until.UTC().Truncate(time.Microsecond),
		Instrument:   in.InstrumentSHA256,
	}
	if err := said.check(); err != nil {
		return MandateRecord{}, nil, err
	}
	target, err := said.target()
	if err != nil {
		return MandateRecord{}, nil, err
	}
	var waiting *register.Pending
	return both(perform(ctx, g, a, act[Outcome[MandateRecord]]{
		operation: operation{act: article4.ActMandate, what: "organisation", target: string(of), alone: true,
			facts: func(ctx context.Context, v *visit) error {
				if err := v.mandateFacts(ctx, said); err != nil {
					return err
				}
				var err error
				waiting, err = v.mandateWaiting(ctx, target)
				return err
			}},
		do: func(ctx context.Context, v *visit) (Outcome[MandateRecord], error) {
			return v.mandate(ctx, said, target, waiting)
		},
		replay: func(ctx context.Context, made string) (Outcome[MandateRecord], error) {
			return g.replayMandate(ctx, a, said, made)
		},
	}))
}

func (s mandateSaid) check() error {
	var c checks
	c.subject("subject", "4(8)", s.Subject)
	c.name("name", "4(8)", s.Name)
	c.name("function", "4(8)", s.Function)
	c.name("authority", "4(8)", s.Authority)
	c.instant("until", "4(8)", s.Until)
	c.digest("instrument_sha256", s.Instrument)
	return c.Err()
}

// target lets several proposals wait beside each other.
func (s mandateSaid) target() (string, error) {
	digest, _, err := payloadOf(s)
	return string(s.Organisation) + "|" + string(digest), err
}

// mandateFacts: what the caller may not know of is absent.
func (v *visit) mandateFacts(ctx context.Context, said mandateSaid) error {
	o, err := v.thirdParty(ctx, said.Organisation)
	if err != nil {
		return err
	}
	v.facts.Change = &article4.ChangeFacts{
		OwnSubject:        o.ID == v.actor.organisation.ID,
		InstrumentPresent: said.Instrument != "",
		Complete:          o.Kind == article4.ThirdParty && v.at.Before(said.Until),
	}
	return nil
}

// thirdParty is the organisation that a Mandate is of, as far as the caller may know of it.
func (v *visit) thirdParty(ctx context.Context, id article4.OrganisationID) (register.Organisation, error) {
	o, err := v.register.Organisation(ctx, v.tx, id)
	if missingRecord(err) || err == nil && !v.mayKnow(o.Kind, o.ID) {
		return o, errAbsent
	}
	return o, err
}

// mandateWaiting finds the same proposal, and who may do what with it: what the other Party proposed is confirmed; what
// the third party proposed is taken up.
func (v *visit) mandateWaiting(ctx context.Context, target string) (*register.Pending, error) {
	waiting, err := v.register.PendingOn(ctx, v.tx, article4.ActMandate, target, v.at)
	if v.actor.confirms != "" && (missingRecord(err) || err == nil && waiting.ID != v.actor.confirms) {
		return nil, errAbsent // whoever confirms begins nothing
	}
	if missingRecord(err) {
		return nil, nil
	}
	if err != nil || !v.ofParty() {
		return &waiting, err
	}
	switch {
	case waiting.Organisation == v.actor.organisation.ID: // whoever proposed is not who confirms
		v.facts.Change.ProposedBy = waiting.Organisation
	case slices.Contains(v.parties, waiting.Organisation):
		v.pending = &waiting
		v.facts.Change.ProposedBy = waiting.Organisation
		v.facts.Change.Second = &article4.SecondFacts{First: waiting.By, Organisation: waiting.Organisation, Same: true,
			At: waiting.At}
	case v.actor.confirms != "":
		return nil, errAbsent // it waits for a Party to take it up, and is not done by that
	default:
		v.supersedes = waiting.ID
	}
	return &waiting, nil
}

// mandate does the first half, or for the other Party the second.
func (v *visit) mandate(ctx context.Context, said mandateSaid, target string,
	waiting *register.Pending) (Outcome[MandateRecord], error) {
	if waiting != nil && v.pending == nil && v.supersedes == "" {
		return Outcome[MandateRecord]{}, fmt.Errorf("%w: the same proposal waits for the Parties already", ErrConflict)
	}
	o, err := v.register.Organisation(ctx, v.tx, said.Organisation)
	if err != nil {
		return Outcome[MandateRecord]{}, err
	}
	m, err := v.mandateRecord(said, o)
	if err != nil {
		return Outcome[MandateRecord]{}, err
	}
	body := v.body(ledger.KindMandate, ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: string(o.ID), Recipient: string(o.ID), Instrument: string(said.Instrument),
		Until: said.Until}
	if v.supersedes != "" {
		body.Terms.Relies = []string{waiting.EntryHash}
	}
	if v.pending != nil {
		body.Terms.Subject, body.Terms.Delegation, body.Terms.From = string(m.ID), string(m.Digest), m.From
		body.Terms.Holder = ledger.HolderOf(string(m.Digest), o.Issuer, said.Subject)
	}
	pending, err := v.twice(ctx, halves{
		target:  target,
		payload: said,
		body:    body,
		parties: v.twoParties(),
		fields: []private{{"subject", said.Subject}, {"name", said.Name}, {"function", said.Function},
			{"authority", said.Authority}},
		paper: named{digest: said.Instrument, by: append(v.twoParties(), said.Organisation), waiting: true},
		done: func(entry written) error {
			m.Entry = entry.id
			return v.register.PutDelegation(ctx, v.tx, m)
		},
	})
	if err != nil {
		return Outcome[MandateRecord]{}, err
	}
	if pending != nil {
		return Outcome[MandateRecord]{said.proposed(pending, v.actor.organisation.ID), pending}, nil
	}
	v.result = string(m.ID)
	return Outcome[MandateRecord]{Value: mandateView(m)}, nil
}

// mandateRecord is the Mandate that comes of it. Its digest is of the whole, and of the entry of the proposal: the same
// filed again after its end is another Mandate.
func (v *visit) mandateRecord(said mandateSaid, o register.Organisation) (register.Delegation, error) {
	m := register.Delegation{
		ID:           article4.DelegationID(register.NewID("del_")),
		Organisation: o.ID,
		Subject:      said.Subject,
		Name:         said.Name,
		Function:     said.Function,
		Authority:    said.Authority,
		Keyset:       cmp.Or(o.Keyset, o.ProposedBy),
		Holders:      o.Keyset,
		Acts:         register.MandatedActs(),
		From:         v.at,
		Until:        said.Until,
		Instrument:   said.Instrument,
	}
	if v.pending == nil {
		return m, nil
	}
	text, err := json.Marshal(said)
	if err != nil {
		return m, fmt.Errorf("mandate for %s: %w", o.ID, err)
	}
	m.Digest = digestOf(string(o.ID) + "\x00" + o.Issuer + "\x00" + string(text) + "\x00" + v.pending.EntryHash)
	return m, nil
}

func (g *Gateway) endMandate(ctx context.Context, a Actor, of article4.OrganisationID,
	id article4.DelegationID) (MandateRecord, error) {
	var ends register.Delegation
	return perform(ctx, g, a, act[MandateRecord]{
		operation: operation{act: article4.ActMandate, what: "organisation", target: string(of), alone: true,
			facts: func(ctx context.Context, v *visit) error {
				o, err := v.thirdParty(ctx, of)
				if err != nil {
					return err
				}
				ends, err = v.register.Delegation(ctx, v.tx, id)
				if err != nil && !missingRecord(err) {
					return err
				}
				if err != nil || ends.Organisation != o.ID || o.Kind != article4.ThirdParty {
					return errAbsent
				}
				v.facts.Change = &article4.ChangeFacts{OwnSubject: o.ID == v.actor.organisation.ID, Ends: true,
					Complete: ends.EndedAt.IsZero()}
				return nil
			}},
		do: func(ctx context.Context, v *visit) (MandateRecord, error) {
			body := v.body(ledger.KindMandateEnded, ledger.Permitted)
			body.Terms = &ledger.Terms{Subject: string(ends.ID), Recipient: string(of), Delegation: string(ends.Digest)}
			entry, err := v.record(ctx, body, v.twoParties(), nil)
			if err != nil {
				return MandateRecord{}, err
			}
			ends.EndedAt = v.at
			return mandateView(ends), v.register.EndDelegation(ctx, v.tx, ends.ID, v.at, entry.id)
		},
		made: func(m MandateRecord) string { return string(m.ID) },
		replay: func(ctx context.Context, made string) (MandateRecord, error) {
			return g.mandateShown(ctx, a, article4.DelegationID(made))
		},
	})
}

// replayMandate answers the repetition of either half.
func (g *Gateway) replayMandate(ctx context.Context, a Actor, said mandateSaid, made string) (Outcome[MandateRecord],
	error) {
	waits, err := g.begun(ctx, a, made, nil)
	if err != nil {
		return Outcome[MandateRecord]{}, err
	}
	if waits != nil {
		return Outcome[MandateRecord]{said.proposed(waits, a.organisation.ID), waits}, nil
	}
	out, err := g.mandateShown(ctx, a, article4.DelegationID(made))
	return Outcome[MandateRecord]{Value: out}, err
}

func (g *Gateway) mandateShown(ctx context.Context, a Actor, id article4.DelegationID) (MandateRecord, error) {
	return shown(ctx, g, a, operation{act: article4.ActMandate, what: "organisation", target: string(id)},
		func(ctx context.Context, v *visit) (MandateRecord, error) {
			m, err := g.register.Delegation(ctx, v.tx, id)
			return mandateView(m), err
		})
}

func (s mandateSaid) proposed(p *Pending, by article4.OrganisationID) MandateRecord {
	return MandateRecord{
		Organisation: s.Organisation,
		Name:         s.Name,
		Function:     s.Function,
		Authority:    s.Authority,
		Until:        s.Until,
		Instrument:   s.Instrument,
		Pending:      p,
		ProposedBy:   by,
	}
}
