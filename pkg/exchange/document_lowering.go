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

// readLowering reads one that was put to entities concerned. It is open while it waits and the document stands as the
// first of the two saw it.
func (v *visit) readLowering(ctx context.Context, l register.Lowering) (onLowering, error) {
	out := onLowering{Lowering: l}
	if err := json.Unmarshal([]byte(l.Payload), &out.said); err != nil {
		return out, fmt.Errorf("pending %s: %w", l.ID, err)
	}
	var err error
	if out.decisions, err = v.register.LoweringDecisions(ctx, v.tx, l.ID); err != nil {
		return out, err
	}
	now, err := v.register.PendingOnEach(ctx, v.tx, article4.ActMark, []string{l.Target}, v.at)
	if err != nil || now[l.Target].ID != l.ID {
		return out, err
	}
	outdated, err := statedOn{v.seen()}.outdated(l.Pending)
	out.open = !outdated
	return out, err
}

// facts are what the entities said, for the rules.
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

// onLoweringFacts loads a lowering for those who may know of it: the Discloser's people, the entities concerned while
// it waits, and whoever decided on it. To all others it is absent.
func (v *visit) onLoweringFacts(ctx context.Context, l register.Lowering, reason string) (onLowering, error) {
	if v.document == nil {
		return onLowering{}, errAbsent
	}
	o, err := v.readLowering(ctx, l)
	if err != nil {
		return o, err
	}
	own := v.actor.organisation.ID
	f := &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(reason) != "", LoweringOpen: o.open,
		LoweringPut: o.open && own != v.document.Discloser && v.isConcerned(own)}
	v.facts.Change = f
	f.Lowering = v.loweringFacts(o)
	decided := slices.ContainsFunc(o.decisions, func(d register.LoweringDecision) bool { return d.Organisation == own })
	if own != v.document.Discloser && !f.LoweringPut && !decided {
		return o, errAbsent
	}
	return o, nil
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

// loweringView shows a lowering: to the Discloser's people with what each entity said, to an entity with its own.
func (v *visit) loweringView(o onLowering) Lowering {
	out := Lowering{
		ID:          o.ID,
		Document:    v.document.ID,
		Reference:   v.document.Reference,
		Discloser:   v.document.Discloser,
		Version:     o.said.Seen.Version,
		From:        o.said.Seen.Marking,
		To:          o.said.Marking,
		Proprietary: o.said.Proprietary,
		Was:         o.said.Seen.Proprietary,
		Reason:      o.Reason,
		At:          o.At,
		Until:       o.ExpiresAt,
		Open:        o.open,
	}
	if v.document.ShowTitle {
		out.Title = v.document.Title
	}
	own := v.actor.organisation.ID
	for _, l := range o.decisions {
		if own != v.document.Discloser && own != l.Organisation {
			continue
		}
		d := LoweringDecision{
			ID:           l.ID,
			Act:          article4.ActRefuseLowering,
			Organisation: l.Organisation,
			By:           l.By,
			At:           l.At,
			Statement:    l.Statement,
			Entry:        l.Entry,
		}
		if l.Given {
			d.Act = article4.ActAuthorizeLowering
		}
		if w := l.Withdrawal; w != nil {
			d.WithdrawnAt, d.WithdrawalText = w.At, w.Statement
		}
		out.Decisions = append(out.Decisions, d)
	}
	return out
}

// Lowerings lists those that were put to the caller's organisation and wait, those on which it decided, and to the
// Discloser's people those of its own documents; the newest first.
func (g *Gateway) Lowerings(ctx context.Context, a Actor, p Paging) (Page[Lowering], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Lowering]{}, err
	}
	var out Page[Lowering]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || a.claims.Service != nil {
			return nil
		}
		found, err := g.register.LoweringsPut(ctx, v.tx, a.organisation.ID, v.at, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		cut := page(found, limit, func(l register.Lowering) cursor { return cursor{l.At, l.ID} })
		out.Next = cut.Next
		for _, l := range cut.Items {
			d, err := v.register.Document(ctx, v.tx, l.Document)
			if err != nil {
				return err
			}
			one := v.of(d)
			o, err := one.onLoweringFacts(ctx, l, "")
			if err == errAbsent {
				continue // it does not wait any more as it was put
			}
			if err != nil {
				return err
			}
			out.Items = append(out.Items, one.loweringView(o))
		}
		return nil
	})
	return out, err
}
