package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// ChangeEntities names further entities concerned, at once: nothing protected leaves until they have authorized. Or it
// takes one off, with two people of the Discloser and a reason (Article 4(4)).
func (g *Gateway) ChangeEntities(ctx context.Context, a Actor, id article4.DocumentID, in EntitiesChange) (Document,
	*Pending, error) {
	var c checks
	c.text("statement", "4(4)", in.Reason, maxStatement)
	c.atMost("add", "4(4)", len(in.Add), maxList)
	if len(in.Add) > 0 == (in.Remove != "") {
		c.Add(invalid.NoChangeOfEntities, "add", "4(4)")
	}
	if err := c.Err(); err != nil {
		return Document{}, nil, err
	}
	named := article4.ActAddEntity
	if in.Remove != "" {
		named = article4.ActRemoveEntity
	}
	return both(perform(ctx, g, a, act[Outcome[Document]]{
		operation: operation{act: named, document: id, what: "document", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error { return v.entitiesFacts(ctx, in) }},
		do: func(ctx context.Context, v *visit) (Outcome[Document], error) {
			waits, err := v.changeEntities(ctx, in)
			if err != nil {
				return Outcome[Document]{}, err
			}
			out, err := v.redescribe(ctx)
			return Outcome[Document]{out, waits}, err
		},
		replay: replayTwo(g, a, func(ctx context.Context) (Document, error) { return g.Describe(ctx, a, id) }),
	}))
}

// removalSaid is what the first of two says, and on what.
type removalSaid struct {
	statedOn
	Removes article4.OrganisationID `json:"removes"`
}

func (v *visit) entitiesFacts(ctx context.Context, in EntitiesChange) error {
	f := &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(in.Reason) != "", EntitiesKnown: true}
	v.facts.Change = f
	if in.Remove != "" {
		// what was taken over from a source is not the Discloser's to take off, and is not told by a refusal
		f.EntitiesKnown = v.isConcerned(in.Remove) && !slices.Contains(v.document.Inherited, in.Remove)
		var err error
		if f.NothingPut, err = v.nothingPut(ctx, in.Remove); err != nil {
			return err
		}
		f.Second, err = v.second(ctx, removeTarget(v.document.ID, in.Remove),
			removalSaid{statedOn{v.seen()}, in.Remove})
		return err
	}
	for _, entity := range in.Add {
		o, err := v.organisation(entity)
		if err != nil && !errors.Is(err, register.ErrNotFound) {
			return err
		}
		if err != nil || o.Kind == article4.Operator {
			f.EntitiesKnown = false
		}
	}
	return nil
}

// nothingPut reports whether no request on the document and no lowering was ever put to the entity. What was made
// before it was named and was open then was put to it by the naming; nobody keeps since when it is named, so every
// request that was ever made counts, and every lowering that was put to anybody.
func (v *visit) nothingPut(ctx context.Context, entity article4.OrganisationID) (bool, error) {
	requests, err := v.register.RequestsOn(ctx, v.tx, []article4.DocumentID{v.document.ID}, entity, nil)
	if err != nil || slices.ContainsFunc(requests,
		func(q register.Request) bool { return q.Beneficiary != v.document.Discloser }) {
		return false, err
	}
	lowerings, err := v.register.LoweringsOn(ctx, v.tx, v.document.ID)
	return len(lowerings) == 0, err
}

// isConcerned reports whether an organisation is an entity concerned by the document (Article 4(4)).
func (v *visit) isConcerned(o article4.OrganisationID) bool {
	return slices.Contains(v.document.Entities, o)
}

func removeTarget(id article4.DocumentID, entity article4.OrganisationID) string {
	return string(id) + "|" + string(entity)
}

func (v *visit) changeEntities(ctx context.Context, in EntitiesChange) (*Pending, error) {
	body := v.body(ledger.KindEntities, ledger.Permitted)
	body.Terms = v.changeTerms()
	own := []article4.OrganisationID{v.document.Discloser} // who is concerned is the Discloser's to tell
	if in.Remove != "" {
		fields := []private{{"removed", string(in.Remove)}, {"reason", in.Reason}}
		return v.twice(ctx, halves{
			target:  removeTarget(v.document.ID, in.Remove),
			payload: removalSaid{statedOn{v.seen()}, in.Remove},
			body:    body,
			parties: own,
			fields:  fields,
			done: func(entry written) error {
				tell, err := v.comesIntoForce(ctx, v.document.ID, "")
				if err != nil {
					return err
				}
				if err := v.register.RemoveEntity(ctx, v.tx, v.document, in.Remove); err != nil {
					return err
				}
				return tell(entry.id)
			},
		})
	}
	waiting, err := v.inForce(ctx, v.document.ID, "")
	if err != nil {
		return nil, err
	}
	if _, err := v.record(ctx, body, own,
		[]private{{"added", strings.Join(texts(in.Add), ",")}, {"reason", in.Reason}}); err != nil {
		return nil, err
	}
	for _, entity := range in.Add {
		if err := v.register.AddEntity(ctx, v.tx, v.document, entity); err != nil {
			return nil, fmt.Errorf("entity %s: %w", entity, err)
		}
	}
	if err := v.silenceAnew(ctx, waiting); err != nil {
		return nil, err
	}
	return nil, v.announceRevocation(ctx, v.document.ID)
}
