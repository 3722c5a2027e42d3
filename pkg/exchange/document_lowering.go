package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// entitiesAsked are the entities concerned whose authorization a lowering takes: the Discloser is not one of its own.
func (v *visit) entitiesAsked() []article4.OrganisationID {
	return slices.DeleteFunc(slices.Clone(v.document.Entities),
		func(o article4.OrganisationID) bool { return o == v.document.Discloser })
}

// putLowering puts what the first of two began before each entity concerned (Article 4(4), reading 0001).
func (v *visit) putLowering(ctx context.Context, waits *Pending, reason string) error {
	asked := v.entitiesAsked()
	if len(asked) == 0 {
		return nil
	}
	err := v.register.AddLowering(ctx, v.tx, v.document.Discloser, waits.ID, v.document.ID, reason)
	if err != nil {
		return err
	}
	for _, entity := range asked {
		err := v.tell(ctx, register.Notice{Kind: noticeLowering, To: entity, Entry: waits.entry,
			Facts: facts{"how": "asked", "until": instant(waits.ExpiresAt)}})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellOfLowering tells the Discloser what an entity said of a lowering.
func (v *visit) tellOfLowering(ctx context.Context, how, entry string) error {
	return v.tell(ctx, register.Notice{Kind: noticeLowering, To: v.document.Discloser, Entry: entry,
		Facts: facts{"how": how, "organisation": v.actor.organisation.Name}})
}

// onLowering is one lowering with what was said of it.
type onLowering struct {
	register.Lowering
	said      markSaid
	decisions []register.LoweringDecision
	open      bool
}

// besideLowerings is what was said of several lowerings and which of them wait, read at once.
type besideLowerings struct {
	decisions map[string][]register.LoweringDecision
	waiting   map[string]register.Pending // by document
}

func (v *visit) besideLowerings(ctx context.Context, found ...register.Lowering) (out besideLowerings, err error) {
	var ids, targets []string
	for _, l := range found {
		ids, targets = append(ids, l.ID), append(targets, l.Target)
	}
	if out.decisions, err = v.register.LoweringDecisions(ctx, v.tx, ids); err != nil {
		return out, err
	}
	out.waiting, err = v.register.PendingOnEach(ctx, v.tx, article4.ActMark, targets, v.at)
	return out, err
}

func (v *visit) readLowering(ctx context.Context, l register.Lowering) (onLowering, error) {
	beside, err := v.besideLowerings(ctx, l)
	if err != nil {
		return onLowering{}, err
	}
	return v.asLowering(l, beside)
}

// asLowering is one that was put to entities concerned. It is open while it waits and the document stands as the first
// of the two saw it.
func (v *visit) asLowering(l register.Lowering, beside besideLowerings) (onLowering, error) {
	out := onLowering{Lowering: l, decisions: beside.decisions[l.ID]}
	if err := json.Unmarshal([]byte(l.Payload), &out.said); err != nil {
		return out, fmt.Errorf("pending %s: %w", l.ID, err)
	}
	if beside.waiting[l.Target].ID != l.ID {
		return out, nil
	}
	outdated, err := statedOn{v.seen()}.outdated(l.Pending)
	out.open = !outdated
	return out, err
}

// loweringFacts are what the entities said, for the rules.
func (v *visit) loweringFacts(o onLowering) []article4.LoweringFacts {
	var out []article4.LoweringFacts
	for _, l := range o.decisions {
		f := article4.LoweringFacts{
			By:              l.Organisation,
			State:           article4.DecisionRefused,
			Version:         o.said.Seen.Version,
			Marking:         o.said.Marking,
			KeepProprietary: o.said.Proprietary || !o.said.Seen.Proprietary,
			Until:           o.ExpiresAt,
		}
		if l.Given {
			f.State = article4.DecisionGiven
		}
		if l.Withdrawal != nil {
			f.State = article4.DecisionWithdrawn
		}
		d, ok := v.records.Delegation(l.Delegation)
		f.Authority = ok && d.Organisation == l.Organisation && d.Covers(article4.ActAuthorize, l.At)
		out = append(out, f)
	}
	return out
}

// saidOfLowering are the decisions on what waits; none where it was put to nobody.
func (v *visit) saidOfLowering(ctx context.Context) ([]register.LoweringDecision, []article4.LoweringFacts, error) {
	l, err := v.register.Lowering(ctx, v.tx, v.pending.ID)
	if missingRecord(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	o, err := v.readLowering(ctx, l)
	if err != nil {
		return nil, nil, err
	}
	return o.decisions, v.loweringFacts(o), nil
}

// loweringOf finds the document that a lowering is of; empty when there is no such lowering.
func (g *Gateway) loweringOf(ctx context.Context, id string) (l register.Lowering, err error) {
	err = g.find(ctx, func(tx *postgres.Tx) error {
		l, err = g.register.Lowering(ctx, tx, id)
		if missingRecord(err) {
			return nil
		}
		return err
	})
	return l, err
}

// onLoweringFacts loads a lowering for those who may know of it.
func (v *visit) onLoweringFacts(ctx context.Context, l register.Lowering, reason string) (onLowering, error) {
	if v.document == nil {
		return onLowering{}, errAbsent
	}
	o, err := v.readLowering(ctx, l)
	if err != nil {
		return o, err
	}
	return o, v.knowsLowering(o, reason)
}

// knowsLowering states the facts of a lowering to those who may know of it: the Discloser's people, the entities
// concerned while it waits, and whoever decided on it. To all others it is absent.
func (v *visit) knowsLowering(o onLowering, reason string) (err error) {
	own := v.actor.organisation.ID
	f := &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(reason) != "", LoweringOpen: o.open,
		LoweringPut: o.open && own != v.document.Discloser && v.isConcerned(own)}
	v.facts.Change = f
	f.Lowering = v.loweringFacts(o)
	decided := slices.ContainsFunc(o.decisions, func(d register.LoweringDecision) bool { return d.Organisation == own })
	if own != v.document.Discloser && !f.LoweringPut && !decided {
		return errAbsent
	}
	return nil
}

// DecideLowering authorizes or refuses, for an entity concerned, a lowering that was put to it.
func (g *Gateway) DecideLowering(ctx context.Context, a Actor, id string, in LoweringVerdict) (Lowering, error) {
	if err := in.check(); err != nil {
		return Lowering{}, err
	}
	return g.onLowering(ctx, a, id, in.Act, in.Statement, func(ctx context.Context, v *visit, o onLowering) error {
		return v.decideLowering(ctx, o, in)
	})
}

func (in LoweringVerdict) check() error {
	var c checks
	if in.Act != article4.ActAuthorizeLowering && in.Act != article4.ActRefuseLowering {
		c.Add(invalid.NotADecision, "act", "4(4)")
	}
	c.text("statement", "4(4)", in.Statement, maxStatement)
	return c.Err()
}

// WithdrawLowering takes back what the caller's organisation decided on a lowering, whatever became of it, for the
// future only: what waits is not lowered on it any more; a marking that was lowered stays, and the Discloser is told.
func (g *Gateway) WithdrawLowering(ctx context.Context, a Actor, id string, in Withdrawal) (Lowering, error) {
	var c checks
	c.required("statement", "4(4)", in.Statement, maxStatement)
	if err := c.Err(); err != nil {
		return Lowering{}, err
	}
	return g.onLowering(ctx, a, id, article4.ActWithdrawLowering, in.Statement,
		func(ctx context.Context, v *visit, o onLowering) error {
			return v.withdrawLowering(ctx, o, in.Statement)
		})
}

// DescribeLowering shows one.
func (g *Gateway) DescribeLowering(ctx context.Context, a Actor, id string) (Lowering, error) {
	return g.onLowering(ctx, a, id, article4.ActDescribe, "",
		func(context.Context, *visit, onLowering) error { return nil })
}

// onLowering is the frame of every act on a lowering.
func (g *Gateway) onLowering(ctx context.Context, a Actor, id string, verb article4.Act, reason string,
	do func(context.Context, *visit, onLowering) error) (Lowering, error) {
	l, err := g.loweringOf(ctx, id)
	if err != nil {
		return Lowering{}, err
	}
	lock := register.ForUpdate
	if verb == article4.ActDescribe {
		lock = register.Unlocked
	}
	var o onLowering
	it := act[Lowering]{
		operation: operation{
			act:      verb,
			document: l.Document,
			what:     "lowering",
			target:   id,
			lock:     lock,
			facts: func(ctx context.Context, v *visit) error {
				o, err = v.onLoweringFacts(ctx, l, reason)
				return err
			},
		},
		do: func(ctx context.Context, v *visit) (Lowering, error) {
			if err := do(ctx, v, o); err != nil {
				return Lowering{}, err
			}
			after, err := v.readLowering(ctx, l)
			return v.loweringView(after), err
		},
		conflicts: map[string]string{"one_decision_of_an_entity_on_a_lowering": "this organisation has decided on " +
			"this lowering", "lowering_withdrawal_pkey": "this organisation has taken its decision back"},
	}
	if verb != article4.ActDescribe {
		it.replay = func(ctx context.Context, _ string) (Lowering, error) { return g.DescribeLowering(ctx, a, id) }
	}
	return perform(ctx, g, a, it)
}

func (v *visit) decideLowering(ctx context.Context, o onLowering, in LoweringVerdict) error {
	l := register.LoweringDecision{
		ID:           article4.DecisionID(register.NewID("lwd_")),
		Lowering:     o.ID,
		Document:     v.document.ID,
		Discloser:    v.document.Discloser,
		Organisation: v.actor.organisation.ID,
		By:           v.actor.person,
		Given:        v.act == article4.ActAuthorizeLowering,
		At:           v.at,
		Statement:    in.Statement,
	}
	if v.delegation != nil {
		l.Delegation = v.delegation.Digest
	}
	body := v.body(kindOf(v.act), ledger.Permitted)
	body.Terms = &ledger.Terms{
		Discloser:       string(v.document.Discloser),
		Recipient:       string(v.document.Recipient),
		Marking:         string(o.said.Marking),
		Proprietary:     o.said.Proprietary,
		DocumentVersion: string(o.said.Seen.Version),
		Decision:        string(l.ID),
		Delegation:      string(l.Delegation),
		Relies:          []string{o.EntryHash},
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", in.Statement}})
	if err != nil {
		return err
	}
	l.Entry, l.EntryHash = entry.id, entry.hash
	if err := v.register.AddLoweringDecision(ctx, v.tx, l); err != nil {
		return err
	}
	how := "refused"
	if l.Given {
		how = "authorized"
	}
	return v.tellOfLowering(ctx, how, entry.id)
}

func (v *visit) withdrawLowering(ctx context.Context, o onLowering, statement string) error {
	own := v.actor.organisation.ID
	at := slices.IndexFunc(o.decisions, func(d register.LoweringDecision) bool { return d.Organisation == own })
	if at < 0 || !o.decisions[at].Given || o.decisions[at].Withdrawal != nil {
		return fmt.Errorf("%w: nothing that this organisation gave stands on this lowering", ErrConflict)
	}
	given := o.decisions[at]
	body := v.body(kindOf(v.act), ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Recipient: string(v.document.Recipient),
		Relies: []string{o.EntryHash}, Withdraws: []string{given.EntryHash}}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", statement}})
	if err != nil {
		return err
	}
	err = v.register.AddLoweringWithdrawal(ctx, v.tx, v.document.Discloser, register.Withdrawal{
		Decision:  given.ID,
		By:        v.actor.person,
		At:        v.at,
		Statement: statement,
		Entry:     entry.id,
	})
	if err != nil {
		return err
	}
	return v.tellOfLowering(ctx, "withdrawn", entry.id)
}
