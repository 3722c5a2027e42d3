package exchange

import (
	"context"
	"errors"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/traces"
)

// operation is one entrant through the door.
type operation struct {
	act      article4.Act
	document article4.DocumentID // to be locked and loaded; empty: none
	request  article4.RequestID  // likewise, with its document
	// what is the kind of thing that NotFound names ("request not found"); target is the identifier that the entry has
	// where it is of neither a document nor a request.
	what, target string
	lock         register.Lock
	// alone holds the Arrangement's row against every act that shares it: for acts on its own records.
	alone bool
	once  bool // the act that an Idempotency-Key is about; its then sets v.result
	// reading is what a reader of the document hands in: the version, and what the reader may rely on, are loaded with
	// the rest.
	reading *Reading
	// together: the reader may pass in a batch.
	together bool
	// facts adds what the act brings; the arrangement, the actor, the document and the request are there already.
	facts step
	// then does the permitted act and records it.
	then step
	// refused adds to a refusal, in the transaction of its entry, what only the act knows; nil: nothing.
	refused func(ctx context.Context, v *visit, r *Refusal, entry written) error
}

// enter is the one door: lock, facts, decide, entry. A refusal commits its entry and comes back as *Refusal or
// *NotFound.
func (g *Gateway) enter(ctx context.Context, a Actor, o operation) error {
	if a.person == "" {
		return ErrUnrecognised
	}
	if a.supposing != nil {
		return g.suppose(ctx, a, o)
	}
	if g.refusalLimiter.has(a.person) {
		if err := g.dryRun(ctx, a, o); err != nil {
			return err
		}
	}
	if o.together {
		if passed, err := g.batches.join(ctx, g, a, o); passed {
			return err
		}
	}
	return g.pass(ctx, a, o)
}

// pass is one entrant through the door, in one transaction.
func (g *Gateway) pass(ctx context.Context, a Actor, o operation) error {
	var refused error
	var last *visit
	err := g.decided(ctx, a, o, func(ctx context.Context, v *visit) error {
		refused, last = nil, v // a transaction that is tried again starts over
		if o.once && a.attempt != nil {
			// Before the decision: an act that was done already would now be refused, or done twice (decision 0024).
			if err := v.before(ctx); err != nil {
				return err
			}
		}
		err := v.load(ctx, o)
		if errors.Is(err, errAbsent) || errors.Is(err, register.ErrNotFound) {
			refused, err = v.absent(ctx, o) // commits: the refusal's entry has to stay, as below
			return err
		}
		if err != nil {
			return err
		}
		if v.decide(ctx); !v.ruling.Permit {
			refused, err = v.refuse(ctx, o)
			return err
		}
		return v.carryOut(ctx, o)
	})
	if err != nil {
		return g.outage(ctx, a, o, last.toldOfOutage(), err)
	}
	if last.recorded {
		g.sequencer.Wake()
	}
	var over *Refusal
	if errors.As(refused, &over) && over.RetryAfter > 0 {
		g.refusalLimiter.note(a.person, over.RetryAfter)
	}
	return refused
}

// decide asks the rules.
func (v *visit) decide(ctx context.Context) {
	_, span := traces.Begin(ctx, traces.Decide)
	v.ruling, v.asked = v.rules.Ask(v.facts)
	span.Note(traces.Act(string(v.act)), traces.Permitted(v.ruling.Permit))
	span.End(nil)
	if v.onDecision != nil {
		v.onDecision(v)
	}
}

// carryOut does what was permitted.
func (v *visit) carryOut(ctx context.Context, o operation) error {
	if err := o.then(ctx, v); err != nil {
		return err
	}
	if o.once && v.actor.attempt != nil {
		v.after()
	}
	return v.tellOwnRefusals(ctx)
}

// load reads the facts behind the locks; errAbsent: the caller has no standing for the document.
func (v *visit) load(ctx context.Context, o operation) error {
	if err := v.read(ctx, o); err != nil {
		return err
	}
	return v.complete(ctx, o)
}

// complete adds the facts that the act brings; errAbsent: the caller has no standing for the document.
func (v *visit) complete(ctx context.Context, o operation) error {
	if o.facts != nil {
		if err := o.facts(ctx, v); err != nil {
			return err
		}
	}
	if v.document != nil && !article4.StandingOf(v.facts) {
		return errAbsent
	}
	return nil
}

// refuse writes the refusal's entry.
func (v *visit) refuse(ctx context.Context, o operation) (error, error) {
	if over, err := v.tooMany(ctx, v.concerned()); over != nil || err != nil {
		return over, err
	}
	refusal := &Refusal{Act: v.act, Reasons: v.forCaller(v.ruling.Reasons), Rules: v.RulesDigest(),
		Request: v.shownNearest(v.ruling)}
	body := v.body(kindOf(v.act), ledger.Refused)
	for _, reason := range v.ruling.Reasons {
		body.Reasons = append(body.Reasons, string(reason.Code))
	}
	if v.document != nil {
		refusal.Document = v.document.ID
	}
	if v.request != nil {
		refusal.Request = v.request.ID
	}
	entry, err := v.record(ctx, body, v.concerned(), nil)
	if err != nil {
		return nil, err
	}
	refusal.Entry = entry.id
	if o.refused != nil {
		err = o.refused(ctx, v, refusal, entry)
	}
	return refusal, err
}

// shownNearest is the request that came nearest to permitting a disclosure, where the caller may see it.
func (v *visit) shownNearest(d article4.Ruling) article4.RequestID {
	for i := range v.grants {
		if v.grants[i].ID != d.Nearest {
			continue
		}
		facts := v.facts
		facts.Request, facts.Access = &article4.RequestFacts{Grant: v.facts.Access.Grants[i]}, nil
		if article4.StandingOf(facts) {
			return d.Nearest
		}
	}
	return ""
}

// forCaller names entities concerned only to the Discloser's people; to others they are the Discloser.
func (v *visit) forCaller(reasons []article4.Reason) []article4.Reason {
	if v.document == nil || v.actor.organisation.ID == v.document.Discloser {
		return reasons
	}
	out := make([]article4.Reason, 0, len(reasons))
	seen := map[article4.Reason]bool{}
	for _, reason := range reasons {
		reason.From = v.fromTold(v.document, reason.Code, reason.From)
		if !seen[reason] {
			seen[reason] = true
			out = append(out, reason)
		}
	}
	return out
}

// toldOfOutage are the Parties entitled to the entry of a refusal for an outage; none where that was not read yet.
func (v *visit) toldOfOutage() []article4.OrganisationID {
	if v == nil || len(v.parties) == 0 {
		return nil
	}
	return v.concerned()
}
