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
	return perform(ctx, g, a, act[Document]{
		operation: operation{act: article4.ActDescribe, document: id, what: "document", reading: &Reading{}},
		do: func(ctx context.Context, v *visit) (Document, error) {
			out, err := v.documentView(ctx, *v.document)
			if err != nil {
				return Document{}, err
			}
			out.Permissions, err = v.permissions(ctx)
			return out, err
		}})
}

// described answers the repetition of a change of a document.
func (g *Gateway) described(a Actor, id article4.DocumentID) func(context.Context, string) (Document, error) {
	return func(ctx context.Context, _ string) (Document, error) { return g.Describe(ctx, a, id) }
}

// documentView needs Access to be loaded.
func (v *visit) documentView(ctx context.Context, d register.Document) (Document, error) {
	if !article4.WholeOf(v.facts) {
		return stub(d), nil
	}
	version, err := v.register.Version(ctx, v.tx, d.Version)
	if err != nil {
		return Document{}, err
	}
	return wholeDocument(d, version, v.actor.organisation.ID == d.Discloser), nil
}

// loadAccess loads what the caller's organisation may rely on, without a reading.
func loadAccess(ctx context.Context, v *visit) error { return v.access(ctx, Reading{}) }

// access loads every request on the document that is for the caller's organisation or was put to it.
func (v *visit) access(ctx context.Context, r Reading) error {
	requests, err := v.register.RequestsOn(ctx, v.tx, []article4.DocumentID{v.document.ID}, v.actor.organisation.ID)
	if err != nil {
		return err
	}
	releases, err := v.register.ReleasesOf(ctx, v.tx, []article4.DocumentID{v.document.ID}, v.actor.organisation.ID)
	if err != nil {
		return err
	}
	return v.accessBy(ctx, r, requests, releases)
}

// accessBy puts a reading, and the requests that it may rely on, before the rules.
func (v *visit) accessBy(ctx context.Context, r Reading, requests []register.Request, releases []register.Release) error {
	grants, err := v.grantFacts(ctx, requests)
	if err != nil {
		return err
	}
	if r.Form == "" {
		r.Form = article4.Stamped
	}
	v.facts.Access = &article4.AccessFacts{Purpose: r.Purpose, StatementPresent: strings.TrimSpace(r.Statement) != "", Form: r.Form,
		Conditions: r.ConditionsSHA256, StampAvailable: true, Grants: grants}
	for _, rel := range releases {
		v.facts.Access.Releases = append(v.facts.Access.Releases, article4.ReleaseFacts{To: rel.To, Purpose: rel.Purpose,
			TransferBasis: rel.TransferBasis != "", ByDiscloser: rel.ByDiscloser})
	}
	v.grants = requests
	return nil
}

// supposed decides as if the caller stated a purpose (the one named, or else one that serves), accepted the conditions and
// took a marked copy, which every grant gives. It needs Access to be loaded.
func (v *visit) supposed(purpose article4.PurposeCode) (request, disclose article4.Ruling) {
	facts := v.facts
	facts.Act = article4.ActDisclose
	for i, reading := range v.readings(purpose) {
		facts.Access = &reading
		d := v.rules.Decide(facts)
		if i == 0 || d.Permit || len(d.Reasons) < len(disclose.Reasons) {
			disclose = d
		}
		if disclose.Permit {
			break
		}
	}
	facts = v.facts
	facts.Act = article4.ActRequest
	until := v.at.AddDate(0, 0, 1)
	if life := facts.Arrangement; !life.EndsAt.IsZero() && life.Phase != article4.Ended && until.After(life.EndsAt) {
		until = life.EndsAt
	}
	if purpose == "" {
		purpose = first(v.document.Purposes)
	}
	facts.Ask = &article4.AskFacts{For: v.actor.organisation.ID, ForKind: v.actor.organisation.Kind, ForInForce: true, PeopleBelong: true,
		Purpose: purpose, StatementPresent: true, Until: until, Form: article4.Original}
	return v.rules.Decide(facts), disclose
}

// readings are what the caller could hand in: the purpose named, or each purpose of a grant, or else of the document.
func (v *visit) readings(purpose article4.PurposeCode) []article4.AccessFacts {
	base := *v.facts.Access
	base.StatementPresent, base.Form = true, article4.Stamped
	var out []article4.AccessFacts
	for _, grant := range base.Grants {
		if purpose != "" && grant.Purpose != purpose {
			continue
		}
		one := base
		one.Purpose, one.Conditions = grant.Purpose, grant.ConditionsOf
		out = append(out, one)
	}
	if len(out) > 0 {
		return out
	}
	for _, release := range base.Releases {
		if purpose == "" {
			purpose = release.Purpose
		}
	}
	if purpose == "" {
		purpose = first(v.document.Purposes)
	}
	base.Purpose = purpose
	return append(out, base)
}

func first(codes []article4.PurposeCode) article4.PurposeCode {
	if len(codes) == 0 {
		return ""
	}
	return codes[0]
}

func (v *visit) permission(d article4.Ruling) Permission {
	return Permission{Allowed: d.Permit, Reasons: v.forCaller(d.Reasons), Nearest: v.shownNearest(d), Forms: d.Forms}
}

// formGround is why the form that was decided on is handed out.
func (v *visit) formGround() article4.FormGround {
	if v.ruling.Forms == nil {
		return ""
	}
	return v.ruling.Forms.Ground
}
