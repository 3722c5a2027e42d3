package article4

import "slices"

// StandingOf reports whether the actor may know that the document exists, and see its stub. Without standing
// the answer is that of an absent document.
//
// It looks at Actor, Document, Arrangement, Now, Access.Grants, Access.Releases, Request.Grant, Change.LoweringPut and
// Change.Lowering, whatever the act. The caller puts into Access.Grants (any act may carry an Access for this) every
// request on the document that is for the actor's organisation or was put to it as an entity concerned.
//
// A request by which the Discloser admits its own people is its own affair: nobody else has standing by it, or towards
// it. Nor has the Recipient towards a request of the Discloser's for somebody else, unless its own decision is asked,
// or was given: that the Discloser gives its own document to a third party takes no word of the Recipient's.
//
// Standing have the Discloser's people; those of the named Recipient; a third party from the Discloser's consent to
// it on, also when that consent expired or was withdrawn since: it may hold a copy, and is told why it gets no other
// (reading 0006); a third party to which a Release was made; the entities concerned that were asked: there is a
// request open or in force, or a lowering waits; and those that decided, whatever became of that and of the document.
// Auditors of the
// two Parties see the stub as people of their Party. The operator, and people without any role, have none. A machine
// client has it only within its limits: of documents with a marking and a purpose that are listed for it.
func StandingOf(f Facts) bool {
	f = f.resolved()
	if !f.sound() || !f.documentSound() || len(f.Actor.Roles) == 0 || f.Actor.Kind == Operator || !f.withinLimits() {
		return false
	}
	if f.Request != nil && f.Request.Grant.For == f.Document.Discloser {
		return f.side() == sideDiscloser
	}
	if f.side() == sideRecipient && f.Request != nil && f.ofDiscloserForOthers(f.Request) {
		return f.asks(&f.Request.Grant) || f.decidedOn(&f.Request.Grant) ||
			slices.Contains(f.Document.SourceDisclosers, f.Actor.Organisation)
	}
	if f.side() != sideThirdParty {
		return true
	}
	if f.Request != nil && f.standsBy(&f.Request.Grant) {
		return true
	}
	if f.Change != nil && (f.Change.LoweringPut || f.decidedOnLowering()) {
		return true
	}
	if f.Access == nil {
		return false
	}
	released := func(r ReleaseFacts) bool { return r.To == f.Actor.Organisation }
	return f.Document.Marking == NonConfidential && slices.ContainsFunc(f.Access.Releases, released) ||
		slices.ContainsFunc(f.Access.Grants, func(g GrantFacts) bool { return f.standsBy(&g) })
}

// ofDiscloserForOthers reports whether the Discloser asked, for a third party.
func (f *Facts) ofDiscloserForOthers(q *RequestFacts) bool {
	return q.AskedByOrg == f.Document.Discloser && q.Grant.For != f.Document.Recipient
}

// withinLimits reports whether the document is within what a machine client is limited to; people are not limited.
func (f *Facts) withinLimits() bool {
	limits := f.Actor.Service
	if limits == nil {
		return !f.Actor.isService()
	}
	return slices.Contains(limits.Markings, f.Document.Marking) &&
		slices.ContainsFunc(f.Document.Purposes, func(code PurposeCode) bool {
			return slices.Contains(limits.Purposes, code)
		})
}

// standsBy reports whether a third party has standing by one request: as an entity concerned that was asked,
// or as its beneficiary from the Discloser's consent on.
func (f *Facts) standsBy(grant *GrantFacts) bool {
	if grant.For == f.Actor.Organisation && f.consentedOnce(grant) {
		return true
	}
	if f.decidedOn(grant) {
		return true
	}
	state, _ := StateOf(*f.Document, *grant, f.Arrangement, f.Now)
	return (state == StateOpen || state == StateInForce) && f.asks(grant)
}

// decidedOn reports whether the actor's organisation authorized or refused on a request: it keeps sight of its own
// decision, and may take it back, whatever became of the document and of its being concerned (reading 0001).
func (f *Facts) decidedOn(grant *GrantFacts) bool {
	decided := func(l DecisionFacts) bool { return l.By == f.Actor.Organisation }
	return grant.For != f.Document.Discloser && slices.ContainsFunc(grant.Decisions, decided)
}

// asks reports whether a request needs the authorization of the actor's organisation as an entity concerned. One on a
// document that is not protected, and one by which the Discloser admits its own people, are put to no entity.
func (f *Facts) asks(grant *GrantFacts) bool {
	return slices.ContainsFunc(requiredBy(*f.Document, grant), func(r Requirement) bool {
		return r.Kind == Authorization && r.From == f.Actor.Organisation
	})
}

// consentedOnce reports whether the Discloser consented on the request, whatever became of that consent.
func (f *Facts) consentedOnce(grant *GrantFacts) bool {
	return slices.ContainsFunc(grant.Decisions, func(l DecisionFacts) bool {
		return l.Kind == Consent && l.By == f.Document.Discloser &&
			(l.State == DecisionGiven || l.State == DecisionWithdrawn)
	})
}
