package article4

import "slices"

// StandingOf reports whether the actor may know that the document exists, and see its stub. Without standing
// the answer is that of an absent document.
//
// It looks at Actor, Document, Arrangement, Now, Access.Grants, Access.Releases and Request.Grant, whatever the
// act. The caller puts into Access.Grants (any act may carry an Access for this) every request on the document
// that is for the actor's organisation or was put to it as an entity concerned.
//
// Standing have the Discloser's people; those of the named Recipient; the beneficiaries of a request open or in
// force, third parties only from the Discloser's consent on; a third party to which a Release was made; and the
// entities concerned that were asked: there is a request open or in force. Auditors of the two Parties see the
// stub as people of their Party. The operator, and people without any role, have none.
func StandingOf(f Facts) bool {
	if !f.sound() || !f.documentSound() || len(f.Actor.Roles) == 0 || f.Actor.Kind == Operator {
		return false
	}
	if f.side() != sideThirdParty {
		return true
	}
	if f.Request != nil && f.standsBy(&f.Request.Grant) {
		return true
	}
	if f.Access == nil {
		return false
	}
	released := func(r ReleaseFacts) bool { return r.To == f.Actor.Organisation }
	return f.Document.Marking == NonConfidential && slices.ContainsFunc(f.Access.Releases, released) ||
		slices.ContainsFunc(f.Access.Grants, func(g GrantFacts) bool { return f.standsBy(&g) })
}

// standsBy reports whether a third party has standing by one request: as an entity concerned that was asked,
// or as its beneficiary from the Discloser's consent on.
func (f *Facts) standsBy(grant *GrantFacts) bool {
	state, _ := StateOf(*f.Document, *grant, f.Arrangement, f.Now)
	if state != StateOpen && state != StateInForce {
		return false
	}
	if slices.Contains(f.Document.EntitiesConcerned, f.Actor.Organisation) {
		return true
	}
	view := viewOf(*f.Document, grant, f.Now)
	return grant.For == f.Actor.Organisation && view.consent() == string(StandingMatching)
}
