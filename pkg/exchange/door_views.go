package exchange

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
)

// wholeDocument shows everything to somebody who may see it; who the entities concerned are, only to the Discloser's
// people.
func wholeDocument(d register.Document, v register.Version, own bool) Document {
	out := stub(d)
	out.Whole, out.Title, out.DepositedOn = true, d.Title, d.DepositedAt
	out.Depositor, out.Version, out.VersionNumber = d.Depositor, v.ID, v.Number
	out.FileName, out.MediaType, out.Size, out.SHA256 = v.FileName, v.MediaType, v.Size, v.SHA256
	out.PurposeStatement, out.Proprietary, out.Handling, out.Alias = d.Purpose, d.Proprietary, d.Handling, d.Alias
	out.PersonalData = PersonalData{Declared: true, Present: d.PersonalData, Regime: d.Regime, LegalBasis: d.LegalBasis,
		RetainUntil: d.RetainUntil}
	out.Unmarkable, out.Malware, out.Warnings = v.Unmarkable, v.Malware, warningsOf(v)
	out.Series = d.Series
	out.AsOf, out.ReviewBy, out.ShowTitle, out.Countries, out.Entry = d.AsOf, d.ReviewBy, d.ShowTitle, d.Countries,
		d.Entry
	if own {
		out.Entities, out.EntitiesNone, out.ETag = entitiesTold(d), d.EntitiesNone, documentTag(d)
		for _, source := range d.Sources {
			out.DerivedFrom = append(out.DerivedFrom, source.Document)
		}
	}
	return out
}

// warningsOf are what a marked copy of a version does not keep, or does not mark.
func warningsOf(v register.Version) []stamp.Warning {
	var out []stamp.Warning
	for code := range strings.SplitSeq(v.Warnings, ",") {
		if code != "" {
			out = append(out, stamp.Warning(code))
		}
	}
	return out
}

// stub is what standing alone shows: reference, Discloser, marking, day, and the title if it is shown.
func stub(d register.Document) Document {
	out := Document{
		ID:          d.ID,
		Reference:   d.Reference,
		Discloser:   d.Discloser,
		Recipient:   d.Recipient,
		Marking:     d.Marking,
		DepositedOn: d.DepositedAt.Truncate(24 * time.Hour),
		Purposes:    d.Purposes,
		ETag:        tagOf(d, d.Version, d.Marking),
	}
	if d.ShowTitle {
		out.Title = d.Title
	}
	return out
}

// documentTag changes with everything that an act on a document changes; it is for the Discloser's people, who act on
// it. To others it would tell who the entities concerned are: there are few to try.
func documentTag(d register.Document) string {
	return tagOf(d, d.Version, d.Marking, d.Proprietary, d.EntitiesConfirmed, entitiesTold(d), d.Sources,
		d.Title, d.Handling, d.Alias, d.ShowTitle, d.Countries, d.ReviewBy, d.Purposes)
}

func tagOf(d register.Document, state ...any) string {
	return string(d.ID) + "-" + string(digestOf(fmt.Sprint(state...))[:16])
}

// requestView shows a request with its state as computed now.
func (v *visit) requestView(d *register.Document, q register.Request) (AccessRequest, error) {
	grants, err := v.basis().grants([]register.Request{q})
	if err != nil {
		return AccessRequest{}, err
	}
	doc := documentFacts(d)
	state, missing := article4.StateOf(doc, grants[0], v.facts.Arrangement, v.at)
	out := AccessRequest{
		ID:            q.ID,
		Document:      q.Document,
		Version:       q.Version,
		Reference:     d.Reference,
		Marking:       d.Marking,
		AskedBy:       q.AskedBy,
		AskedByOrg:    q.AskedByOrg,
		For:           q.Beneficiary,
		People:        q.People,
		Admitted:      q.Admitted,
		Purpose:       q.Purpose,
		Statement:     q.Statement,
		Until:         grants[0].Until,
		Form:          grants[0].Form,
		MadeAt:        q.MadeAt,
		Delivery:      q.Delivery,
		Carries:       q.Carries,
		State:         state,
		Missing:       v.missingFor(d, missing),
		ConditionsSHA: grants[0].ConditionsOf,
		Entry:         q.Entry,
	}
	if state == article4.StateOpen {
		out.LapsesAt = q.LapsesAt
	}
	for _, l := range q.Decisions {
		out.Conditions = joined(out.Conditions, l)
		if !v.hides(d, l.Organisation) {
			out.Decisions = append(out.Decisions, decisionView(l))
		}
	}
	out.Met = v.metFor(d, q, article4.MetOf(doc, grants[0], v.at), out.Missing)
	if grants[0].ForKind == article4.ThirdParty && len(q.Agreements) > 0 {
		out.Agreement = q.Agreements[0].ID // that it waits for, or rests on
	}
	out.ETag = requestTag(out)
	return out, nil
}

// requestTag changes with what the caller is shown of a request, and is the same for all who are shown the same. It is
// no count: that would tell how many entities are concerned, and when each decided.
func requestTag(shown AccessRequest) string {
	state := []any{shown.State, shown.Until, shown.Form, shown.ConditionsSHA, shown.People, shown.Admitted}
	for _, one := range shown.Decisions {
		state = append(state, one.ID, one.Withdrawn)
	}
	return string(shown.ID) + "-" + string(digestOf(fmt.Sprint(state...))[:16])
}

func joined(before string, l register.Decision) string {
	switch {
	case !l.Given || l.Conditions == "":
		return before
	case before == "":
		return l.Conditions
	}
	return before + "\n\n" + l.Conditions
}

// missingFor names entities concerned only to the Discloser's people.
func (v *visit) missingFor(d *register.Document, missing []article4.Missing) []article4.Missing {
	var out []article4.Missing
	for _, m := range missing {
		m.From = v.fromTold(d, m.What, m.From)
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func decisionView(l register.Decision) Decision {
	out := Decision{
		ID:           l.ID,
		Act:          actOf(l),
		By:           l.By,
		Organisation: l.Organisation,
		At:           l.At,
		Until:        l.Until,
		Statement:    l.Statement,
		Evidence:     l.Evidence,
		TextSHA256:   l.TextSHA,
		Entry:        l.Entry,

		TransferBasis: l.TransferBasis,

		Series:   l.Series,
		Standing: l.Standing,
	}
	if w := l.Withdrawal; w != nil {
		out.Withdrawn, out.WithdrawnAt, out.WithdrawalText = true, w.At, w.Statement
	}
	return out
}

func organisationView(o register.Organisation) Organisation {
	return Organisation{
		ID:      o.ID,
		Short:   o.Short,
		Name:    o.Name,
		Kind:    o.Kind,
		Type:    o.Type,
		Country: o.Country,
		Issuer:  o.Issuer,
		State:   "in-force",
		Record:  o.Record,
		ETag:    string(o.ID) + "-" + string(o.Record),
	}
}

func agreementView(a register.Agreement, newest bool) Agreement {
	out := Agreement{
		ID:           a.ID,
		Organisation: a.Organisation,
		ProposedBy:   a.ProposedByOrg,
		Text:         a.Text,
		SHA256:       a.TextSHA,
		State:        "unsigned",
		Document:     a.Document,
		ProposedAt:   a.ProposedAt,
		Entry:        a.Entry,
		ETag:         string(a.ID),
	}
	if s := a.Signature; s != nil {
		out.State = "signed"
		out.ETag += "-signed"
		out.Signature = &Signature{
			By:        s.By,
			At:        s.At,
			SHA256:    a.TextSHA,
			Name:      s.Name,
			Function:  s.Function,
			Authority: s.Authority,
			Evidence:  s.Evidence,
			Entry:     s.Entry,
		}
	}
	if !newest {
		out.State = "superseded"
	}
	if n := a.Decline; n != nil {
		out.State = "declined"
		out.ETag += "-declined"
		out.Declined = &Declined{By: n.By, At: n.At, Reason: n.Reason, Entry: n.Entry}
	}
	return out
}
