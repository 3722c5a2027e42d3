package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Recall ends every grant and release of a document, cuts running downloads, and asks every holder what became of the
// copies (reading 0006). It is for the future only: what was disclosed stays covered by Article 4(5)-(10).
func (g *Gateway) Recall(ctx context.Context, a Actor, id article4.DocumentID, reason string) (Document, error) {
	var c checks
	c.required("statement", "4(8)", reason, maxStatement)
	if err := c.err(); err != nil {
		return Document{}, err
	}
	var out Document
	err := g.enter(ctx, a, errand{act: article4.ActRecall, document: id, what: "document", lock: register.ForUpdate, once: true,
		facts: func(_ context.Context, v *visit) error {
			v.facts.Change = &article4.ChangeFacts{ReasonPresent: true}
			return nil
		},
		then: func(ctx context.Context, v *visit) error {
			if err := v.recall(ctx, reason); err != nil {
				return err
			}
			var err error
			out, err = v.redescribe(ctx)
			return err
		}})
	if _, again := doneBefore(err); again {
		return g.Describe(ctx, a, id)
	}
	return out, err
}

func (v *visit) recall(ctx context.Context, reason string) error {
	decisions, err := v.Register.DecisionsOn(ctx, v.tx, v.document.ID)
	if err != nil {
		return err
	}
	body := v.body(ledger.KindRecall, ledger.Permitted)
	body.Terms = v.changeTerms()
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	for _, l := range decisions {
		body.Terms.Withdraws = append(body.Terms.Withdraws, l.EntryHash)
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"reason", reason}, v.entitiesField()})
	if err != nil {
		return err
	}
	for _, l := range decisions {
		w := register.Withdrawal{Decision: l.ID, By: v.actor.person, At: v.at, Statement: reason, Entry: entry.id, EntryHash: entry.hash}
		if err := v.Register.AddWithdrawal(ctx, v.tx, v.document.Discloser, w); err != nil {
			return err
		}
		if err := v.Register.Touch(ctx, v.tx, l.Request); err != nil {
			return err
		}
	}
	if err := v.Register.EndReleases(ctx, v.tx, v.document.ID, v.at); err != nil {
		return err
	}
	text := fmt.Sprintf("The Discloser recalled document %s: %s Please say what became of your copies.", v.document.Reference, reason)
	if err := v.tellHolders(ctx, "recall", "", entry.id, text); err != nil {
		return err
	}
	return v.announceRevocation(ctx, v.document.ID)
}
