package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// Deliver gives a document to people of the Recipient who did not ask for it (docs/decisions/0162). Any of the
// Discloser's people begins it; a signatory's authorization completes it, and that of each entity concerned, who are
// asked as ever. Where whoever begins it is a signatory with a Delegation for it and no entity is concerned, it is
// authorized in the same act. The people addressed are told when it is in force, and may read by being named. Between
// the Parties only: what reaches a third party is asked for by a Party and consented to.
func (g *Gateway) Deliver(ctx context.Context, a Actor, id article4.DocumentID, in Addressed) (AccessRequest, error) {
	ask := in.ask()
	if err := in.check(ask); err != nil {
		return AccessRequest{}, err
	}
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{
			act:      article4.ActRequest,
			document: id,
			what:     "document",
			lock:     register.ForShare,
			reading:  &Reading{}, // it is of the current version
			facts: func(ctx context.Context, v *visit) error {
				ask.For = v.document.Recipient
				return v.deliveryFacts(ctx, &ask, in.Offices)
			},
		},
		do:   func(ctx context.Context, v *visit) (AccessRequest, error) { return v.deliver(ctx, ask) },
		made: func(q AccessRequest) string { return string(q.ID) },
		replay: func(ctx context.Context, made string) (AccessRequest, error) {
			return g.requestAsAnswered(ctx, a, article4.RequestID(made))
		},
	})
}

// Deliveries lists what was given unasked of one document, the newest first, as the box of that name does.
func (g *Gateway) Deliveries(ctx context.Context, a Actor, id article4.DocumentID,
	p Paging) (Page[AccessRequest], error) {
	if _, err := g.Describe(ctx, a, id); err != nil {
		return Page[AccessRequest]{}, err
	}
	return g.Requests(ctx, a, RequestQuery{Paging: p, Box: string(register.BoxDelivered), Document: id})
}

func (in Addressed) check(ask Ask) error {
	ask.For = "the Recipient, whoever that is"
	var c checks
	if len(in.People)+len(in.Offices) == 0 {
		c.Add(invalid.MissingPeople, "people", "4(6)")
	}
	c.atMost("offices", "4(6)", len(in.Offices), maxList)
	if err := ask.check(); err != nil {
		return err
	}
	return c.Err()
}

// deliveryFacts adds to those of a request that somebody is addressed, and that each of them may be. Who sits at an
// office is named as of now: whoever comes later is admitted by the own focal point, like anybody else.
func (v *visit) deliveryFacts(ctx context.Context, ask *Ask, offices []string) error {
	seated, known, err := v.register.Seated(ctx, v.tx, ask.For, offices)
	if err != nil {
		return err
	}
	named := ask.People
	ask.People = slices.Concat(ask.People, seated)
	if err := v.askFacts(ctx, *ask); err != nil {
		return err
	}
	may, err := v.register.Addressable(ctx, v.tx, v.viewer(), ask.For, named)
	v.facts.Ask.Delivery = true
	v.facts.Ask.PeopleBelong = v.facts.Ask.PeopleBelong && known && may && len(ask.People) > 0 &&
		len(ask.People) <= maxPeople
	return err
}

func (v *visit) deliver(ctx context.Context, ask Ask) (AccessRequest, error) {
	if _, err := v.ask(ctx, ask); err != nil {
		return AccessRequest{}, err
	}
	q, err := v.register.Request(ctx, v.tx, v.request.ID)
	if err != nil {
		return AccessRequest{}, err
	}
	v.request = &q
	done, err := v.authorizeOwn(ctx, ask)
	if err == nil && !done {
		err = v.tellAsked(ctx)
	}
	if err != nil {
		return AccessRequest{}, err
	}
	return v.reread(ctx)
}

// authorizeOwn gives the Discloser's authorization in the act that began the Delivery, where the rules let whoever
// began it give one; else it waits for a signatory. Where an entity is concerned it always waits, and what is not
// protected needs nobody's.
func (v *visit) authorizeOwn(ctx context.Context, ask Ask) (done bool, err error) {
	if len(v.document.Entities) > 0 || !v.viewer().SeesOwn || v.document.Marking == article4.NonConfidential {
		return false, nil
	}
	held, err := v.held(ctx)
	if err != nil {
		return false, err
	}
	one := v.as(v.actor, article4.ActAuthorize)
	one.situation.Act, one.situation.Reading = article4.ActAuthorize, nil
	read := &one.situation.Dossier
	read.Document, read.Version, read.Request, read.Delegations = v.document, v.version, v.request, held
	set, err := factsOf(one.situation, v.evidence)
	if err != nil {
		return false, err
	}
	one.facts, one.delegation = set.facts, set.delegation
	said := Verdict{Act: article4.ActAuthorize, Statement: ask.Statement,
		Evidence: EvidenceGiven{Kind: article4.EvidenceNone}}
	one.verdictFacts(said, true)
	if one.decide(ctx); !one.ruling.Permit {
		return false, nil
	}
	r, err := one.resolve(ctx, said)
	if err != nil {
		return false, err
	}
	return true, one.giveDecision(ctx, r, nil)
}
