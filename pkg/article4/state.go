package article4

import (
	"slices"
	"time"
)

// StateOf computes where a request stands at now, the first that fits: withdrawn, refused, lapsed, expired,
// in force, open (reading 0007), and for an open one what it still needs and from whom. It rests on the same
// flattening as Decide: what is in force here lets an admitted reader with the right purpose have the bytes, unless an
// emergency stop stands over the reader or the document, or the version was closed; these stand beside the request.
//
// A request that lost a decision by withdrawal is withdrawn: what rested on it ended (reading 0006). One that somebody
// refused is refused. Neither comes back when whoever said no is not concerned any more: a new request is made. One
// whose purpose is closed, or that outlived the Arrangement without a specific arrangement, is expired; one for a copy
// that the Recipient holds, made after the end, is not, and lets nobody have the bytes (reading 0009).
func StateOf(doc DocumentFacts, grant GrantFacts, arrangement ArrangementFacts, now time.Time) (RequestState,
	[]Missing) {
	view := viewOf(doc, &grant, now)
	switch {
	case grant.Withdrawn || grant.has(DecisionWithdrawn):
		return StateWithdrawn, nil
	case grant.has(DecisionRefused):
		return StateRefused, nil
	case lapsed(&grant, view.lacking(), now):
		return StateLapsed, nil
	case !now.Before(grant.Until) || view.has(StandingExpired) ||
		!slices.Contains(arrangement.OpenPurposes, grant.Purpose) && !forCopyHeld(doc, &grant, arrangement):
		return StateExpired, nil
	}
	missing := view.missing(doc)
	if len(missing) == 0 {
		return StateInForce, nil
	}
	return StateOpen, missing
}

// viewOf flattens a grant against itself: its own version, beneficiary and purpose. A grant that names another
// version than the document's newest can still stand; whether it serves a reader is for Decide. Whose leave it
// takes follows from who the beneficiary is to this document, not from what the grant calls it.
func viewOf(doc DocumentFacts, grant *GrantFacts, now time.Time) grantView {
	n := need{
		version:   grant.Version,
		marking:   doc.Marking,
		depositor: doc.Depositor,
		recipient: grant.For,
		purpose:   grant.Purpose,
		now:       now,
	}
	if beneficiaryKind(doc, grant) == Party {
		n.series = doc.Series
	}
	return grantView{grant: grant, decisions: decisionsOf(requiredBy(doc, grant), grant.Decisions, n),
		sources:   sourcesOf(doc, beneficiaryKind(doc, grant), grant.Decisions, n),
		agreement: agreementOf(grant, beneficiaryKind(doc, grant))}
}

// requiredBy lists the leaves that a request needs. By one of its own organisation the Discloser admits its own people:
// nobody's decision is needed.
func requiredBy(doc DocumentFacts, grant *GrantFacts) []Requirement {
	if grant.For == doc.Discloser {
		return nil
	}
	return Required(doc, beneficiaryKind(doc, grant))
}

// beneficiaryKind is what the beneficiary is to this document.
func beneficiaryKind(doc DocumentFacts, grant *GrantFacts) OrganisationKind {
	if grant.For == doc.Discloser || grant.For == doc.Recipient {
		return Party
	}
	return ThirdParty
}

// lapsed holds the silence against its term (reading 0007); a lapse once recorded stays.
func lapsed(grant *GrantFacts, lacking bool, now time.Time) bool {
	return grant.Lapsed || lacking && !now.Before(grant.MadeAt.Add(grant.LapseAfter))
}

// has reports whether any decision on the grant is in a state, whoever left it there: also an entity that was taken off
// since.
func (g *GrantFacts) has(state DecisionState) bool {
	return slices.ContainsFunc(g.Decisions, func(l DecisionFacts) bool { return l.State == state })
}

func (v *grantView) has(s Standing) bool {
	return slices.ContainsFunc(v.decisions, func(l decisionStanding) bool { return l.Standing == s })
}

// missing names what an open request lacks, each with the code that its absence gives at a disclosure.
func (v *grantView) missing(doc DocumentFacts) []Missing {
	var missing []Missing
	for _, decision := range v.decisions {
		if decision.Standing != StandingMatching {
			missing = append(missing, Missing{What: codeOf(decision), From: decision.From})
		}
		if decision.Standing == StandingMatching && decision.From == doc.Discloser && !doc.EntitiesConfirmed {
			missing = append(missing, Missing{What: "art4.4/entities-unconfirmed", From: doc.Discloser})
		}
	}
	for _, from := range wanting(v.sources) {
		missing = append(missing, Missing{What: "art4.8/source-not-consented", From: from})
	}
	switch v.agreement {
	case AgreementDeclined:
		for _, party := range v.grant.declined(&doc) {
			missing = append(missing, Missing{What: "art4.8/agreement-declined", From: party})
		}
	case AgreementUnsigned:
		missing = append(missing, Missing{What: "art4.8/agreement-unsigned", From: v.grant.For})
	case AgreementSuperseded:
		missing = append(missing, Missing{What: "art4.8/agreement-superseded", From: v.grant.For})
	case AgreementUnproven:
		missing = append(missing, Missing{What: "art4.8/signature-unproven", From: v.grant.For})
	}
	return missing
}

// codeOf is the reason that a decision gives which does not match.
func codeOf(decision decisionStanding) Code {
	paragraph, noun, absent := Code("art4.4/"), Code("authorization-"), Code("authorization-missing")
	if decision.Kind == Consent {
		paragraph, noun, absent = "art4.8/", "consent-", "no-written-consent"
	}
	switch decision.Standing {
	case StandingWithoutAuthority:
		return paragraph + "no-authority"
	case StandingEvidenceInvalid:
		return paragraph + "evidence-invalid"
	case StandingNone:
		return paragraph + absent
	case StandingLapsed, StandingRefused, StandingWithdrawn, StandingExpired, StandingOutsideSeries:
		return paragraph + noun + Code(decision.Standing)
	}
	return paragraph + Code(decision.Standing)
}
