package exchange

import (
	"context"
	"fmt"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Withdraw takes back what the caller's organisation gave on a request, or the request itself if it asked or is to
// benefit (reading 0006): for the future only, from the next byte; one person is enough. It cuts running downloads.
// Copies disclosed before stay covered by Article 4(5)-(10).
func (g *Gateway) Withdraw(ctx context.Context, a Actor, id article4.RequestID, in Withdrawal) (AccessRequest, error) {
	var c checks
	c.required("statement", "4(8)", in.Statement, maxStatement)
	if err := c.Err(); err != nil {
		return AccessRequest{}, err
	}
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{act: article4.ActWithdraw, request: id, what: "request", lock: register.ForUpdate,
			facts: func(_ context.Context, v *visit) error {
				v.facts.Request.StatementPresent = true
				return nil
			}},
		do: func(ctx context.Context, v *visit) (AccessRequest, error) {
			if err := v.withdraw(ctx, in.Statement); err != nil {
				return AccessRequest{}, err
			}
			return v.reread(ctx)
		},
		replay: g.requestDescribed(a, id),
	})
}

func (v *visit) withdraw(ctx context.Context, statement string) error {
	decisions, stands := v.toWithdraw()
	if !stands {
		return fmt.Errorf("%w: nothing that this organisation gave stands on this request", ErrConflict)
	}
	body := v.body(ledger.KindWithdrawal, ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Recipient: string(v.request.Beneficiary),
		DocumentVersion: string(v.request.Version), Relies: []string{v.request.EntryHash}}
	for _, l := range decisions {
		body.Terms.Withdraws = append(body.Terms.Withdraws, l.EntryHash)
	}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", statement}})
	if err != nil {
		return err
	}
	if err := v.takeBack(ctx, decisions, statement, entry); err != nil {
		return err
	}
	if len(decisions) == 0 {
		err = v.register.WithdrawRequest(ctx, v.tx, *v.request, v.at)
	} else {
		err = v.register.Touch(ctx, v.tx, v.request.ID)
	}
	if err != nil {
		return err
	}
	if len(decisions) > 0 {
		if err := v.tellHoldersIn(ctx, noticeWithdrawal, "", v.request.Beneficiary, entry.id, nil); err != nil {
			return err
		}
	}
	// Sent with the commit: every replica that hears it finds the withdrawal when it decides running downloads again.
	return v.announceRevocation(ctx, v.document.ID)
}

// toWithdraw are the decisions that the caller would take back, and whether there is anything: without any it is the
// request itself that is given up, by the asker's organisation or the beneficiary.
func (v *visit) toWithdraw() (decisions []register.Decision, stands bool) {
	if v.takesBack() {
		decisions = v.ownDecisions()
	}
	own := v.actor.organisation.ID
	asking := (v.request.AskedByOrg == own || v.request.Beneficiary == own) && v.request.WithdrawnAt.IsZero()
	return decisions, len(decisions) > 0 || asking
}

// takesBack reports whether the caller may take back what the own organisation gave: a signatory with a Delegation of a
// Party. Others of a Party only give up a request that is theirs. Of an entity concerned it is its focal point, whom
// alone the rules let through.
func (v *visit) takesBack() bool {
	return !v.ofParty() || v.facts.Actor.Delegated && slices.Contains(v.facts.Actor.Roles, article4.RoleSignatory)
}

// ownDecisions are those that the caller's organisation gave on the request and did not take back; what the Discloser
// filed for an entity is the Discloser's to take back (reading 0006).
func (v *visit) ownDecisions() []register.Decision {
	own := v.actor.organisation.ID
	var out []register.Decision
	for _, l := range v.request.Decisions {
		mine := l.Organisation == own || l.Filed && own == v.document.Discloser
		// what stands for a series is taken back for the series; the Discloser gives up this Delivery by itself
		if mine && l.Standing == "" && l.Given && l.Withdrawal == nil {
			out = append(out, l)
		}
	}
	return out
}

// endHere is by which entries the log names decisions that end for this document: by their own, or, where one stands
// for a series and serves its other documents on, by that of the Delivery.
func (v *visit) endHere(ctx context.Context, decisions []register.Decision) ([]string, error) {
	var out []string
	for _, l := range decisions {
		name := l.EntryHash
		if l.Standing != "" {
			var err error
			if name, err = v.register.RequestEntry(ctx, v.tx, l.Request); err != nil {
				return nil, err
			}
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// takeBack records that the caller withdrew these decisions on the document, by one entry of the log.
func (v *visit) takeBack(ctx context.Context, decisions []register.Decision, statement string, entry written) error {
	for _, l := range decisions {
		w := register.Withdrawal{
			Decision:  l.ID,
			By:        v.actor.person,
			At:        v.at,
			Statement: statement,
			Entry:     entry.id,
			EntryHash: entry.hash,
		}
		if err := v.register.AddWithdrawal(ctx, v.tx, v.document.Discloser, w); err != nil {
			return err
		}
	}
	return nil
}
