package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// ReportLeak suspends a document's every grant at once, by anyone with standing, until two people of the Discloser lift
// it (Article 4(6)). The Discloser's focal point is told.
func (g *Gateway) ReportLeak(ctx context.Context, a Actor, id article4.DocumentID, statement string) (Suspension,
	error) {
	var c checks
	c.required("statement", "4(6)", statement, maxStatement)
	if err := c.Err(); err != nil {
		return Suspension{}, err
	}
	return perform(ctx, g, a, act[Suspension]{
		operation: operation{act: article4.ActReportLeak, document: id, what: "document", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true}
				return loadAccess(ctx, v)
			}},
		do:     func(ctx context.Context, v *visit) (Suspension, error) { return v.reportLeak(ctx, statement) },
		made:   func(s Suspension) string { return s.ID },
		replay: g.replaySuspension(a, article4.ActReportLeak),
	})
}

func (v *visit) reportLeak(ctx context.Context, statement string) (Suspension, error) {
	s := register.Suspension{
		ID:       register.NewID("sus_"),
		Document: v.document.ID,
		Reason:   statement,
		By:       v.actor.person,
		ByOrg:    v.document.Discloser,
		At:       v.at,
	} // the Discloser's to lift, whoever reported
	body := v.body(ledger.KindLeak, ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Subject: s.ID}
	entry, err := v.record(ctx, body, []article4.OrganisationID{v.document.Discloser, v.document.Recipient},
		[]private{{"statement", statement}})
	if err != nil {
		return Suspension{}, err
	}
	s.Entry, s.EntryHash = entry.id, entry.hash
	if err := v.register.AddSuspension(ctx, v.tx, s); err != nil {
		return Suspension{}, err
	}
	err = v.tell(ctx, register.Notice{Kind: noticeLeak, To: v.document.Discloser, Entry: entry.id})
	if err != nil {
		return Suspension{}, err
	}
	return suspensionView(s), v.announceRevocation(ctx, v.document.ID)
}
