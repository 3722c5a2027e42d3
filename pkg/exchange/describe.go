package exchange

import (
	"context"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Describe shows a document: whole, or the stub, with what the caller could do now and every reason why not.
// Without standing the answer is that of an absent document.
func (g *Gateway) Describe(ctx context.Context, a Actor, id article4.DocumentID) (Document, error) {
	var out Document
	err := g.enter(ctx, a, errand{act: article4.ActDescribe, document: id, what: "document", facts: loadAccess,
		then: func(ctx context.Context, v *visit) error {
			var err error
			if out, err = v.documentView(ctx, *v.document); err != nil {
				return err
			}
			out.Permissions, err = v.permissions()
			return err
		}})
	return out, err
}

// documentView needs Access to be loaded.
func (v *visit) documentView(ctx context.Context, d register.Document) (Document, error) {
	if !article4.WholeOf(v.facts) {
		return stub(d), nil
	}
	version, err := v.Register.Version(ctx, v.tx, d.Version)
	if err != nil {
		return Document{}, err
	}
	return wholeDocument(d, version, v.actor.organisation.ID == d.Discloser), nil
}

// loadAccess loads what the caller's organisation may rely on, without a reading.
func loadAccess(ctx context.Context, v *visit) error { return v.access(ctx, Reading{}) }

// access loads every request on the document that is for the caller's organisation or was put to it.
func (v *visit) access(ctx context.Context, r Reading) error {
	requests, err := v.Register.RequestsOn(ctx, v.tx, []article4.DocumentID{v.document.ID}, v.actor.organisation.ID)
	if err != nil {
		return err
	}
	return v.accessBy(ctx, r, requests)
}

// accessBy puts a reading, and the requests that it may rely on, before the rules.
func (v *visit) accessBy(ctx context.Context, r Reading, requests []register.Request) error {
	grants, err := v.grantFacts(ctx, requests)
	if err != nil {
		return err
	}
	if r.Form == "" {
		r.Form = article4.Stamped
	}
	v.facts.Access = &article4.AccessFacts{Purpose: r.Purpose, StatementPresent: strings.TrimSpace(r.Statement) != "", Form: r.Form,
		Conditions: r.ConditionsSHA256, Grants: grants}
	v.grants = requests
	return nil
}

// permissions asks the rules what the caller could do now: a dry run that supposes that the caller states a purpose,
// accepts the conditions and chooses the form that is given.
func (v *visit) permissions() (map[article4.Act]Permission, error) {
	disclose := v.facts
	disclose.Act = article4.ActDisclose
	best := article4.Decision{}
	for i, reading := range v.readings() {
		disclose.Access = &reading
		d := v.Rules.Decide(disclose)
		if i == 0 || d.Permit || !best.Permit && len(d.Reasons) < len(best.Reasons) {
			best = d
		}
		if best.Permit {
			break
		}
	}
	ask := v.facts
	ask.Act = article4.ActRequest
	until := v.at.AddDate(0, 0, 1)
	if ends := v.facts.Arrangement.EndsAt; !ends.IsZero() && until.After(ends) {
		until = ends
	}
	ask.Ask = &article4.AskFacts{For: v.actor.organisation.ID, ForKind: v.actor.organisation.Kind, ForInForce: true, PeopleBelong: true,
		Purpose: first(v.document.Purposes), StatementPresent: true, Until: until, Form: article4.Original}
	return map[article4.Act]Permission{
		article4.ActDisclose: v.permission(best),
		article4.ActRequest:  v.permission(v.Rules.Decide(ask)),
	}, nil
}

// readings are what the caller could hand in: each purpose of a grant, or else of the document.
func (v *visit) readings() []article4.AccessFacts {
	base := *v.facts.Access
	base.StatementPresent, base.Form = true, article4.Original
	var out []article4.AccessFacts
	for _, grant := range base.Grants {
		one := base
		one.Purpose, one.Conditions = grant.Purpose, grant.ConditionsOf
		out = append(out, one)
	}
	if len(out) == 0 {
		base.Purpose = first(v.document.Purposes)
		out = append(out, base)
	}
	return out
}

func first(codes []article4.PurposeCode) article4.PurposeCode {
	if len(codes) == 0 {
		return ""
	}
	return codes[0]
}

func (v *visit) permission(d article4.Decision) Permission {
	return Permission{Allowed: d.Permit, Reasons: v.forCaller(d.Reasons)}
}
