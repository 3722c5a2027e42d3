package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Recall ends every grant and release of a document, cuts running downloads, and asks every holder what became of the
// copies (reading 0006). It is for the future only: what was disclosed stays covered by Article 4(5)-(10).
func (g *Gateway) Recall(ctx context.Context, a Actor, id article4.DocumentID, reason string) (Document, error) {
	var c checks
	c.required("statement", "4(8)", reason, maxStatement)
	if err := c.Err(); err != nil {
		return Document{}, err
	}
	return perform(ctx, g, a, act[Document]{
		operation: operation{act: article4.ActRecall, document: id, what: "document", lock: register.ForUpdate,
			facts: reasonGiven},
		do: func(ctx context.Context, v *visit) (Document, error) {
			if err := v.recall(ctx, reason); err != nil {
				return Document{}, err
			}
			return v.redescribe(ctx)
		},
		replay: g.described(a, id),
	})
}

func (v *visit) recall(ctx context.Context, reason string) error {
	// A recall takes back each decision and ends each Release by name, so that an auditor needs no rule to see which
	// ones it ended, and nobody revives one by its row. What cannot be read is named by what the log has of it.
	ends, err := v.register.EndedByRecall(ctx, v.tx, v.document.ID)
	if err != nil {
		return err
	}
	if ends.Altered {
		v.meets(v.document.ID)
	}
	decisions := ends.Decisions
	body := v.body(ledger.KindRecall, ledger.Permitted)
	body.Terms = v.changeTerms()
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	if body.Terms.Withdraws, err = v.endHere(ctx, decisions); err != nil {
		return err
	}
	body.Terms.Withdraws = append(body.Terms.Withdraws, ends.Releases...)
	entry, err := v.record(ctx, body, v.concerned(), []private{{"reason", reason}, v.entitiesField()})
	if err != nil {
		return err
	}
	each := slices.CompactFunc(slices.Clone(decisions), func(a, b register.Decision) bool { return a.ID == b.ID })
	if err := v.takeBack(ctx, each, reason, entry); err != nil {
		return err
	}
	for _, l := range decisions {
		if err := v.register.Touch(ctx, v.tx, l.Request); err != nil {
			return err
		}
	}
	if err := v.register.EndReleases(ctx, v.tx, v.document.ID, v.at); err != nil {
		return err
	}
	said := facts{"how": "recalled", "statement": reason}
	if err := v.tellHolders(ctx, noticeRecall, "", entry.id, said); err != nil {
		return err
	}
	return v.announceRevocation(ctx, v.document.ID)
}
