package article4

import "slices"

// WholeOf reports whether the actor sees the record of a document whole, or only its stub. It needs standing first.
//
// Non-confidential documents are seen whole by the Parties' people, and by a third party once released to it.
// Protected ones by the depositor, the focal points and signatories of the Discloser, and by whoever may rely on a
// grant in force: the asker, the people named and the people admitted (Article 4(6)); of the Discloser's own only the
// people admitted, since they ask for themselves and nobody's decision is needed. An auditor sees the stub, and so does
// whoever is suspended.
func WholeOf(f Facts) bool {
	if !StandingOf(f) || f.Actor.Suspended {
		return false
	}
	roles := f.Actor.Roles
	side := f.side()
	switch {
	case !Reads(roles):
		return false
	case f.Document.Marking == NonConfidential && side != sideThirdParty:
		return true
	case f.Document.Marking == NonConfidential && f.Access != nil &&
		slices.ContainsFunc(f.Access.Releases, func(r ReleaseFacts) bool { return r.To == f.Actor.Organisation }):
		return true
	case side == sideDiscloser && (f.Document.Depositor == f.Actor.Person ||
		slices.Contains(roles, RoleFocalPoint) || slices.Contains(roles, RoleSignatory)):
		return true
	}
	return f.Access != nil && slices.ContainsFunc(f.Access.Grants, f.readsBy)
}

// Reads reports whether one of the roles lets its holder see more than stubs.
func Reads(roles []Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return r != RoleAuditor && r != RoleOperator })
}

// readsBy reports whether a grant is in force and the actor is among those who may read by it.
func (f *Facts) readsBy(g GrantFacts) bool {
	if g.For != f.Actor.Organisation {
		return false
	}
	if g.For == f.Document.Discloser {
		return f.ownAdmission(g)
	}
	state, _ := StateOf(*f.Document, g, f.Arrangement, f.Now)
	return state == StateInForce && (g.AskedBy == f.Actor.Person ||
		slices.Contains(g.People, f.Actor.Person) || slices.Contains(g.Admitted, f.Actor.Person))
}
