package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// ChangeEntities names further entities concerned, at once: nothing protected leaves until they have authorized. Or it takes
// one off, with two people of the Discloser and a reason (Article 4(4)).
func (g *Gateway) ChangeEntities(ctx context.Context, a Actor, id article4.DocumentID, in EntitiesChange) (Document, *Pending, error) {
	var c checks
	c.text("statement", "4(4)", in.Reason, maxStatement)
	c.atMost("add", "4(4)", len(in.Add), maxList)
	if len(in.Add) > 0 == (in.Remove != "") {
		c.add("missing-field", "add", "4(4)", "name entities to add, or one entity to remove")
	}
	if err := c.err(); err != nil {
		return Document{}, nil, err
	}
	act := article4.ActAddEntity
	if in.Remove != "" {
		act = article4.ActRemoveEntity
	}
	var out Document
	var waits *Pending
	err := g.enter(ctx, a, errand{act: act, document: id, what: "document", lock: register.ForUpdate, once: true,
		facts: func(ctx context.Context, v *visit) error { return v.entitiesFacts(ctx, in) },
		then: func(ctx context.Context, v *visit) error {
			var err error
			if waits, err = v.changeEntities(ctx, in); err != nil {
				return err
			}
			out, err = v.redescribe(ctx)
			return err
		}})
	if made, again := doneBefore(err); again {
		return g.describedAgain(ctx, a, id, made)
	}
	return out, waits, err
}

func (v *visit) entitiesFacts(ctx context.Context, in EntitiesChange) error {
	f := &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(in.Reason) != "", EntitiesKnown: true}
	v.facts.Change = f
	if in.Remove != "" {
		f.EntitiesKnown = v.isConcerned(in.Remove)
		var err error
		f.Second, err = v.second(ctx, removeTarget(v.document.ID, in.Remove), in.Remove)
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
		return v.twice(ctx, removeTarget(v.document.ID, in.Remove), in.Remove, body, own, fields, func(written) error {
			return v.Register.RemoveEntity(ctx, v.tx, v.document, in.Remove)
		})
	}
	waiting, err := v.inForce(ctx, v.document.ID, "")
	if err != nil {
		return nil, err
	}
	if _, err := v.record(ctx, body, own, []private{{"added", strings.Join(texts(in.Add), ",")}, {"reason", in.Reason}}); err != nil {
		return nil, err
	}
	for _, entity := range in.Add {
		if err := v.Register.AddEntity(ctx, v.tx, v.document, entity); err != nil {
			return nil, fmt.Errorf("entity %s: %w", entity, err)
		}
	}
	if err := v.silenceAnew(ctx, waiting); err != nil {
		return nil, err
	}
	return nil, v.announceRevocation(ctx, v.document.ID)
}
