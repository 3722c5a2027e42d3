package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
)

// permissions asks the rules what the caller could do with the document now: a dry run of each act, as if all the words
// that it wants were given. Of what takes two people it tells whether the caller could be the first; of a marking,
// whether the caller could change it alone, which lowering it never is.
func (v *visit) permissions(ctx context.Context) (map[article4.Act]Permission, error) {
	request, disclose := v.supposed("")
	request, err := v.orForCopyHeld(ctx, request)
	if err != nil {
		return nil, err
	}
	out := map[article4.Act]Permission{article4.ActDisclose: v.permission(disclose),
		article4.ActRequest: v.permission(request)}
	delegated, err := v.delegatedActs(ctx)
	if err != nil {
		return nil, err
	}
	held := false
	if v.actor.organisation.ID == v.document.Discloser { // nobody else destroys, or learns of a Hold
		if held, err = v.register.Held(ctx, v.tx, v.document.ID); err != nil {
			return nil, err
		}
	}
	for _, act := range []article4.Act{article4.ActCorrect, article4.ActMark, article4.ActAmend,
		article4.ActAddEntity, article4.ActRemoveEntity, article4.ActRelease,
		article4.ActRecall, article4.ActDestroy, article4.ActSuspend, article4.ActHold, article4.ActReportLeak,
		article4.ActAccount} {
		if act == article4.ActRemoveEntity && len(v.document.Entities) == 0 {
			continue // there is none to be removed
		}
		facts := v.facts
		facts.Act = act
		speaks(&facts.Actor, delegated[restsOnDelegation[act]])
		v.supposeChange(&facts, held)
		d := v.rules.Decide(facts)
		out[act] = Permission{Allowed: d.Permit, Reasons: v.forCaller(d.Reasons)}
	}
	return out, nil
}

// orForCopyHeld is what could be asked for after the end, where the own people can be asked for no more: a third party,
// for a copy that the Recipient holds (reading 0009).
func (v *visit) orForCopyHeld(ctx context.Context, request article4.Ruling) (article4.Ruling, error) {
	if request.Permit || v.facts.Arrangement.Phase != article4.Ended || !v.ofParty() {
		return request, nil
	}
	held, err := v.register.CopyHeld(ctx, v.tx, v.document.Version, v.document.Recipient)
	if err != nil || !held {
		return request, err
	}
	facts := v.facts
	facts.Act = article4.ActRequest
	facts.Ask = v.supposedAsk(first(v.document.Purposes))
	facts.Ask.For, facts.Ask.ForKind, facts.Ask.CopyHeld = someThirdParty, article4.ThirdParty, true
	if d := v.rules.Decide(facts); d.Permit {
		return d, nil
	}
	return request, nil
}

// someThirdParty stands for any, where the rules are asked for no particular one.
const someThirdParty article4.OrganisationID = "org_some-third-party"

// delegatedActs are those that a Delegation of the caller covers now.
func (v *visit) delegatedActs(ctx context.Context) (map[article4.Act]bool, error) {
	out := map[article4.Act]bool{}
	if !v.viewer().SeesOwn {
		return out, nil // nobody else holds one that counts
	}
	held, err := v.held(ctx)
	for _, d := range held {
		for _, act := range d.Acts {
			if d.Covers(act, v.at) {
				out[act] = true
			}
		}
	}
	return out, err
}

// supposeChange is what an act on the document would bring, whole and well-formed.
func (v *visit) supposeChange(facts *article4.Facts, held bool) {
	d := v.document
	own := v.actor.organisation.ID == d.Discloser
	facts.Change = &article4.ChangeFacts{
		ReasonPresent:   true,
		EntitiesKnown:   true,
		NothingPut:      true,
		Marking:         d.Marking,
		KeepProprietary: true,
		Kind:            article4.Corrects,
		Held:            held,
		OwnSubject:      own,
	}
	switch facts.Act {
	case article4.ActHold:
		facts.Change.OwnSubject = v.ofParty()
	case article4.ActCorrect:
		facts.Deposit = v.declared()
		facts.Deposit.MarkingConfirmed = true
	case article4.ActRelease:
		facts.Change = nil
		facts.Release = &article4.ReleaseAsked{
			To:               someThirdParty,
			ToKind:           article4.ThirdParty,
			ToInForce:        true,
			Purpose:          first(d.Purposes),
			StatementPresent: true,
			TransferBasis:    true,
		}
	}
}

// supposed decides as if the caller stated a purpose (the one named, or else one that serves), accepted the conditions
// and took a marked copy, or read page by page where the grant gives no more. It needs Access to be loaded.
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
	if purpose == "" {
		purpose = first(v.document.Purposes)
	}
	facts.Ask = v.supposedAsk(purpose)
	return v.rules.Decide(facts), disclose
}

// supposedAsk is a request for the caller's own people, as long as the Arrangement lets one be.
func (v *visit) supposedAsk(purpose article4.PurposeCode) *article4.AskFacts {
	until := v.at.AddDate(0, 0, 1)
	if life := v.facts.Arrangement; !life.EndsAt.IsZero() && life.Phase != article4.Ended && until.After(life.EndsAt) {
		until = life.EndsAt
	}
	return &article4.AskFacts{
		For:              v.actor.organisation.ID,
		ForKind:          v.actor.organisation.Kind,
		ForInForce:       true,
		PeopleBelong:     true,
		Purpose:          purpose,
		StatementPresent: true,
		Until:            until,
		Form:             article4.Original,
	}
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
		if grant.Form == article4.View {
			one.Form = article4.View
		}
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
