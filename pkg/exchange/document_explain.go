package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Explain is a dry run: what the rules would say now if somebody asked for a document, or for access to it. About
// others only the Discloser's signatories and auditors may ask. The dry run is an entry; nothing is disclosed by it.
// What a deposit would be answered is no entry either: explainDeposit.
func (g *Gateway) Explain(ctx context.Context, a Actor, q Question) (Explanation, error) {
	if q.Action == article4.ActDeposit {
		return g.explainDeposit(ctx, a, q)
	}
	var c checks
	if q.Deposit != nil {
		c.Add(invalid.OnlyForDeposit, "deposit", "")
	}
	if q.Document == "" {
		c.Add(invalid.MissingDocument, "document", "4(4)")
	}
	if q.Action != article4.ActDisclose && q.Action != article4.ActRequest {
		c.Add(invalid.NotAQuestion, "action", "")
	}
	if q.Person != "" && q.Organisation != "" {
		c.Add(invalid.NotTogether, "person", "")
	}
	if err := c.Err(); err != nil {
		return Explanation{}, err
	}
	return perform(ctx, g, a, act[Explanation]{
		operation: operation{act: article4.ActExplain, document: q.Document, what: "document", lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				others := q.Person != "" && q.Person != a.person || q.Organisation != "" &&
					q.Organisation != a.organisation.ID
				v.facts.Change = &article4.ChangeFacts{AboutOthers: others}
				return loadAccess(ctx, v)
			}},
		do: func(ctx context.Context, v *visit) (Explanation, error) { return v.explain(ctx, q) }})
}

// explainDeposit asks the rules what the caller's own deposit would be answered by its metadata: it goes the way of the
// deposit itself as far as the first decision, before which no byte is read. What is in the file is not known yet, and
// nothing is kept: no upload, no document, no entry (docs/decisions/0180).
func (g *Gateway) explainDeposit(ctx context.Context, a Actor, q Question) (Explanation, error) {
	var c checks
	if q.Deposit == nil {
		c.Add(invalid.MissingDeposit, "deposit", "4(9)")
	}
	for field, given := range map[string]bool{"document": q.Document != "", "version": q.Version != "",
		"person": q.Person != "", "organisation": q.Organisation != "", "purpose": q.Purpose != ""} {
		if given {
			c.Add(invalid.NotWithDeposit, field, "")
		}
	}
	if err := c.Err(); err != nil {
		return Explanation{}, err
	}
	said, _, err := Would(a, func(a Actor) error {
		_, err := g.Deposit(ctx, a, *q.Deposit, nil)
		return invalid.Within("deposit", err)
	})
	return Explanation{Permission: said, Rules: g.RulesDigest()}, err
}

// mayDeposit asks the rules whether the caller could deposit anything at all: the least of what is permitted to them,
// with all the words that it wants. A machine client is asked about what is listed for it.
func (v *visit) mayDeposit(ctx context.Context) (map[article4.Act]Permission, error) {
	marking := article4.Confidential
	if listed := v.actor.claims.Service; listed != nil {
		marking = append(slices.Clone(listed.Markings), "")[0]
	}
	return v.would(ctx, article4.ActDeposit, func(_ context.Context, v *visit) error {
		v.facts.Deposit = v.leastDeposit(marking)
		return nil
	})
}

func (v *visit) explain(ctx context.Context, q Question) (Explanation, error) {
	subject, err := v.subject(ctx, q)
	if err != nil {
		return Explanation{}, err
	}
	ruling, err := subject.suppose(ctx, q)
	if err != nil {
		return Explanation{}, err
	}
	body := v.body(ledger.KindExplanation, ledger.Permitted)
	body.Terms = &ledger.Terms{Recipient: string(subject.actor.organisation.ID),
		People: nonEmpty(string(subject.actor.person))}
	entry, err := v.record(ctx, body, v.concerned(), nil)
	out := Explanation{Permission: v.permission(ruling), Rules: v.RulesDigest(), Entry: entry.id}
	if ruling.Relies != nil {
		out.Relies = ruling.Relies.Request
	}
	return out, err
}

// subject is a visit by whom the dry run is about: with the role of staff, since nobody signed in.
func (v *visit) subject(ctx context.Context, q Question) (*visit, error) {
	person, organisation := q.Person, q.Organisation
	if person == "" && organisation == "" || person == v.actor.person {
		return v.as(v.actor, q.Action), nil
	}
	if person != "" {
		found, err := v.register.People(ctx, v.tx, []article4.PersonID{person})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, invalid.One(invalid.UnknownPerson, "person", "")
		}
		organisation = found[0].Organisation
	}
	o, err := v.organisation(organisation)
	if missingRecord(err) {
		return nil, invalid.One(invalid.UnknownOrganisation, "organisation", "")
	}
	if err != nil {
		return nil, err
	}
	if person == "" {
		person = "per_somebody"
	}
	one := v.as(Actor{person: person, organisation: organisationView(o),
		claims: Claims{Roles: []article4.Role{article4.RoleStaff}, SignIn: article4.SignInFresh}}, q.Action)
	one.facts.Change = nil
	one.facts.Actor = actorFacts(one.actor)
	return one, one.suspensionFacts(ctx)
}

// suppose asks the rules as if the subject had stated the purpose, accepted the conditions and taken a marked copy.
func (v *visit) suppose(ctx context.Context, q Question) (article4.Ruling, error) {
	if err := v.ofVersionOrCurrent(ctx, q.Version); err != nil {
		return article4.Ruling{}, err
	}
	if err := loadAccess(ctx, v); err != nil {
		return article4.Ruling{}, err
	}
	permissions, ruling := v.supposed(q.Purpose)
	if q.Action == article4.ActRequest {
		return permissions, nil
	}
	return ruling, nil
}

func (v *visit) ofVersionOrCurrent(ctx context.Context, id article4.VersionID) error {
	if id == "" {
		id = v.document.Version
	}
	return v.ofVersion(ctx, id)
}
