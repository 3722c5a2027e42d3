package exchange

import (
	"context"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// SayNotConcerned takes an entity off those concerned by its own word (Article 4(4), reading 0001): once something was
// put to it, nobody else can. What it decided before stays its own, to see and to take back.
func (g *Gateway) SayNotConcerned(ctx context.Context, a Actor, id article4.DocumentID, reason string) (NotConcerned,
	error) {
	var c checks
	c.text("statement", "4(4)", reason, maxStatement)
	if err := c.Err(); err != nil {
		return NotConcerned{}, err
	}
	return perform(ctx, g, a, act[NotConcerned]{
		operation: operation{act: article4.ActNotConcerned, document: id, what: "document", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error { return v.notConcernedFacts(ctx, reason) }},
		do:   func(ctx context.Context, v *visit) (NotConcerned, error) { return v.notConcerned(ctx, reason) },
		made: func(n NotConcerned) string { return n.Entry + " " + n.At.Format(time.RFC3339Nano) },
		replay: func(_ context.Context, made string) (NotConcerned, error) {
			entry, at, _ := strings.Cut(made, " ")
			when, err := time.Parse(time.RFC3339Nano, at)
			return NotConcerned{Document: id, Organisation: a.organisation.ID, At: when, Entry: entry}, err
		},
	})
}

// notConcernedFacts: whoever something was put to may know of the document.
func (v *visit) notConcernedFacts(ctx context.Context, reason string) error {
	if err := loadAccess(ctx, v); err != nil {
		return err
	}
	put, err := v.loweringWaits(ctx)
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(reason) != "", LoweringPut: put}
	return err
}

// loweringWaits reports whether a lowering that was put to the caller's organisation waits.
func (v *visit) loweringWaits(ctx context.Context) (bool, error) {
	own := v.actor.organisation.ID
	if own == v.document.Discloser || !v.isConcerned(own) {
		return false, nil
	}
	all, err := v.register.LoweringsOn(ctx, v.tx, v.document.ID)
	if err != nil || len(all) == 0 {
		return false, err
	}
	newest, err := v.readLowering(ctx, all[0])
	return newest.open, err
}

func (v *visit) notConcerned(ctx context.Context, reason string) (NotConcerned, error) {
	own := v.actor.organisation
	body := v.body(ledger.KindNotConcerned, ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Recipient: string(v.document.Recipient),
		Relies: []string{v.document.EntryHash}}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", reason}})
	if err != nil {
		return NotConcerned{}, err
	}
	if err := v.register.RemoveEntity(ctx, v.tx, v.document, own.ID); err != nil {
		return NotConcerned{}, err
	}
	err = v.tell(ctx, register.Notice{Kind: noticeNotConcerned, To: v.document.Discloser, Entry: entry.id,
		Facts: facts{"organisation": own.Name, "statement": reason}})
	return NotConcerned{Document: v.document.ID, Organisation: own.ID, At: v.at, Entry: entry.id}, err
}
