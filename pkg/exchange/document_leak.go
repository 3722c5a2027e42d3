package exchange

import (
	"context"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// LeakReported is what became of a report of a leak.
type LeakReported struct {
	// Stop is set where every grant was suspended at once; else the report was put to the Discloser, who decides.
	Stop  *Suspension
	Entry string
}

// ReportLeak takes the report of a leak by anyone with standing (Article 4(6)). Where content of the document was
// disclosed to the reporter's organisation, the Discloser's own included, or the statement quotes the number of a copy
// of it, every grant is suspended at once until two people of the Discloser lift it. Any other report is put to the
// Discloser, who decides: else whoever knows that there is a document could stop it (docs/decisions/0107).
func (g *Gateway) ReportLeak(ctx context.Context, a Actor, id article4.DocumentID, statement string) (LeakReported,
	error) {
	var c checks
	c.required("statement", "4(6)", statement, maxStatement)
	if err := c.Err(); err != nil {
		return LeakReported{}, err
	}
	return perform(ctx, g, a, act[LeakReported]{
		operation: operation{act: article4.ActReportLeak, document: id, what: "document", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				had, err := v.hadDocument(ctx, statement)
				if err != nil {
					return err
				}
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, HadDocument: had}
				return loadAccess(ctx, v)
			}},
		do: func(ctx context.Context, v *visit) (LeakReported, error) {
			if article4.LeakStops(v.facts) {
				return v.stopLeak(ctx, statement)
			}
			return v.tellLeak(ctx, statement)
		},
		made: func(l LeakReported) string {
			if l.Stop != nil {
				return l.Stop.ID
			}
			return l.Entry
		},
		replay: func(ctx context.Context, made string) (LeakReported, error) {
			if !strings.HasPrefix(made, stopPrefix) {
				return LeakReported{Entry: made}, nil
			}
			stop, err := g.replaySuspension(a, article4.ActReportLeak)(ctx, made)
			return LeakReported{Stop: &stop, Entry: stop.Entry}, err
		},
	})
}

// hadDocument reports whether the reporter shows that they had content of the document.
func (v *visit) hadDocument(ctx context.Context, statement string) (bool, error) {
	if v.actor.organisation.ID == v.document.Discloser {
		return true, nil
	}
	numbers, _ := register.ReadNumbers(statement)
	return v.register.HadCopy(ctx, v.tx, v.document.ID, v.actor.organisation.ID, numbers)
}

func (v *visit) stopLeak(ctx context.Context, statement string) (LeakReported, error) {
	s := register.Suspension{
		ID:       register.NewID(stopPrefix),
		Document: v.document.ID,
		Reason:   statement,
		By:       v.actor.person,
		ByOrg:    v.document.Discloser,
		At:       v.at,
	} // the Discloser's to lift, whoever reported
	entry, err := v.recordLeak(ctx, ledger.KindLeak, s.ID, statement)
	if err != nil {
		return LeakReported{}, err
	}
	s.Entry, s.EntryHash = entry.id, entry.hash
	if err := v.register.AddSuspension(ctx, v.tx, s); err != nil {
		return LeakReported{}, err
	}
	if err := v.tell(ctx, register.Notice{Kind: noticeLeak, To: v.document.Discloser, Entry: entry.id}); err != nil {
		return LeakReported{}, err
	}
	stop := suspensionView(s)
	return LeakReported{Stop: &stop, Entry: entry.id}, v.announceRevocation(ctx, v.document.ID)
}

// tellLeak puts the report to the Discloser and stops nothing.
func (v *visit) tellLeak(ctx context.Context, statement string) (LeakReported, error) {
	entry, err := v.recordLeak(ctx, ledger.KindLeakTold, "", statement)
	if err != nil {
		return LeakReported{}, err
	}
	return LeakReported{Entry: entry.id}, v.tell(ctx, register.Notice{Kind: noticeLeak, To: v.document.Discloser,
		Facts: facts{"how": "told", "statement": statement}, Entry: entry.id})
}

func (v *visit) recordLeak(ctx context.Context, kind ledger.Kind, stop, statement string) (written, error) {
	body := v.body(kind, ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Subject: stop}
	return v.record(ctx, body, []article4.OrganisationID{v.document.Discloser, v.document.Recipient},
		[]private{{"statement", statement}})
}
