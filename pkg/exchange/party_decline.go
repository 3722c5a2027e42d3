package exchange

import (
	"context"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Decline says for a third party that it does not sign a text of a Confidentiality Agreement, and why (Article 4(8),
// decision 0380): by whoever may sign it, once, while it is the newest text of its Party. The text binds nobody and is
// not signed any more; the Party may put another. Nothing is opened by it: an earlier signature does not take its
// place. ErrConflict where the text was signed or declined already.
func (g *Gateway) Decline(ctx context.Context, a Actor, id article4.AgreementID, reason string) (Agreement, error) {
	var c checks
	c.required("statement", "4(8)", reason, maxStatement)
	if err := c.Err(); err != nil {
		return Agreement{}, err
	}
	var found register.Agreement
	return perform(ctx, g, a, act[Agreement]{
		operation: operation{
			act:    article4.ActDecline,
			what:   "agreement",
			target: string(id),
			alone:  true, // it is signed or declined, and never both
			facts: func(ctx context.Context, v *visit) error {
				var newest bool
				var err error
				if found, newest, err = v.agreement(ctx, id); err != nil {
					return err
				}
				return v.decliningFacts(found, newest)
			},
		},
		do:     func(ctx context.Context, v *visit) (Agreement, error) { return v.decline(ctx, found, reason) },
		replay: func(ctx context.Context, _ string) (Agreement, error) { return g.DescribeAgreement(ctx, a, id) },
	})
}

// decliningFacts are those of a text that is declined for the reason that is there.
func (v *visit) decliningFacts(a register.Agreement, newest bool) error {
	o, err := v.organisation(a.Organisation)
	v.facts.Agreement = &article4.AgreementFacts{
		Organisation:      a.Organisation,
		OrganisationKind:  o.Kind,
		ProposedBy:        a.ProposedByOrg,
		TextPresent:       true,
		CurrentText:       newest,
		Declined:          a.Decline != nil,
		StatementsPresent: true,
	}
	return err
}

func (v *visit) decline(ctx context.Context, a register.Agreement, reason string) (Agreement, error) {
	switch {
	case a.Decline != nil:
		return Agreement{}, fmt.Errorf("%w: this text was declined already", ErrConflict)
	case a.Signature != nil:
		return Agreement{}, fmt.Errorf("%w: this text was signed already", ErrConflict)
	}
	signer, err := v.organisation(a.Organisation)
	if err != nil {
		return Agreement{}, err
	}
	waiting, err := v.waitForText(ctx, a.Organisation, false)
	if err != nil {
		return Agreement{}, err
	}
	body := v.body(ledger.KindAgreementDeclined, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Recipient:     string(a.Organisation),
		Agreement:     string(a.ID),
		AgreementText: string(a.TextSHA),
		Relies:        []string{a.EntryHash},
	}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	entry, err := v.record(ctx, body, v.partiesFrom(a.ProposedByOrg), []private{{"statement", reason}})
	if err != nil {
		return Agreement{}, err
	}
	a.Decline = &register.Decline{
		Agreement: a.ID,
		By:        v.actor.person,
		At:        v.at,
		Reason:    reason,
		Entry:     entry.id,
		EntryHash: entry.hash,
	}
	if err := v.register.AddDecline(ctx, v.tx, signer, *a.Decline); err != nil {
		return Agreement{}, err
	}
	if err := v.tellDeclined(ctx, a, signer, waiting, entry); err != nil {
		return Agreement{}, err
	}
	return v.agreementShown(ctx, a, true)
}

// tellDeclined tells the Party that put the text; and of each request that waits for nothing else, whoever asked, and
// its Discloser. Their silence counts anew.
func (v *visit) tellDeclined(ctx context.Context, a register.Agreement, signer register.Organisation,
	waiting []register.Request, entry written) error {
	err := v.tellAgreement(ctx, a, a.ProposedByOrg, facts{"how": "declined", "organisation": signer.Name,
		"statement": strings.TrimSpace(a.Decline.Reason)}, entry)
	if err != nil {
		return err
	}
	if err := v.silenceAnew(ctx, waiting); err != nil {
		return err
	}
	for _, q := range waiting {
		if err := v.tellAnotherTextIsWanted(ctx, q.ID, a.ProposedByOrg, entry); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) tellAnotherTextIsWanted(ctx context.Context, id article4.RequestID, told article4.OrganisationID,
	entry written) error {
	q, err := v.register.Request(ctx, v.tx, id)
	if err != nil {
		return err
	}
	n := register.Notice{
		Kind:     noticeDecided,
		Document: q.Document,
		Request:  q.ID,
		Owner:    q.Discloser,
		To:       q.AskedByOrg,
		Person:   q.AskedBy,
		Facts:    facts{"how": "agreement-declined", "until": instant(q.LapsesAt)},
		Entry:    entry.id,
	}
	if err := v.tell(ctx, n); err != nil || q.Discloser == told {
		return err
	}
	n.To, n.Person = q.Discloser, ""
	return v.tell(ctx, n)
}
