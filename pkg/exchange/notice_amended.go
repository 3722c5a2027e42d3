package exchange

import (
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// tellAmended tells holders what changes for the copies that they have: alias, countries and the day of review are the
// Discloser's own affair.
func (v *visit) tellAmended(ctx context.Context, m amendment, reason string, entry written) error {
	var all []facts
	if m.title {
		all = append(all, facts{"how": "title", "statement": reason})
	}
	switch {
	case m.handle && m.next.Handling != "":
		all = append(all, facts{"how": "handling", "handling": m.next.Handling})
	case m.handle:
		all = append(all, facts{"how": "handling-ended"})
	}
	if len(m.added)+len(m.taken) > 0 {
		all = append(all, facts{"how": "purposes", "purposes": strings.Join(texts(m.next.Purposes), ", "),
			"statement": reason})
	}
	for _, said := range all {
		if err := v.tellHolders(ctx, noticeAmended, "", entry.id, said); err != nil {
			return err
		}
	}
	return nil
}

// tellPurposesOff asks the holders at each beneficiary whose decisions ended what became of their copies, and tells
// whoever asked and whichever organisation had decided.
func (v *visit) tellPurposesOff(ctx context.Context, m amendment, entry written) error {
	requests, err := v.register.RequestsFor(ctx, v.tx, v.document.ID, m.taken)
	if err != nil {
		return err
	}
	var asked []article4.OrganisationID
	for _, q := range requests {
		ended := slices.DeleteFunc(slices.Clone(m.decisions),
			func(l register.Decision) bool { return l.Request != q.ID })
		if len(ended) == 0 {
			continue
		}
		if !slices.Contains(asked, q.Beneficiary) {
			asked = append(asked, q.Beneficiary)
			err := v.tellHoldersIn(ctx, noticeWithdrawal, "", q.Beneficiary, entry.id, nil)
			if err != nil {
				return err
			}
		}
		if err := v.tellEnded(ctx, q, ended, entry); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) tellEnded(ctx context.Context, q register.Request, ended []register.Decision, entry written) error {
	n := register.Notice{Kind: noticeDecided, Request: q.ID, Facts: facts{"how": "purpose-off"}, Entry: entry.id}
	told := []article4.OrganisationID{v.actor.organisation.ID}
	for _, l := range ended {
		if slices.Contains(told, l.Organisation) {
			continue
		}
		told = append(told, l.Organisation)
		n.To = l.Organisation
		if err := v.tell(ctx, n); err != nil {
			return err
		}
	}
	if q.AskedBy == v.actor.person {
		return nil
	}
	n.To, n.Person = q.AskedByOrg, q.AskedBy
	return v.tell(ctx, n)
}
