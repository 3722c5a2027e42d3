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
	f = f.resolved()
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

// WholeVersion is the version of which the actor sees the record whole: the one that the facts are about where WholeOf
// reports so, else one that a grant in force names; none: the stub only.
func WholeVersion(f Facts) (VersionID, bool) {
	if f.Document == nil {
		return "", false
	}
	if WholeOf(f) {
		return f.Document.Version, true
	}
	if f.Access == nil {
		return "", false
	}
	for _, g := range f.Access.Grants {
		if WholeOf(f.ofVersion(g.Version)) {
			return g.Version, true
		}
	}
	return "", false
}

// SeesVersion reports whether the actor sees the record of one version: to a third party a grant for one tells nothing
// of any other.
func SeesVersion(f Facts, id VersionID) bool {
	if f.Document == nil {
		return false
	}
	return WholeOf(f.ofVersion(id))
}

// ofVersion are the facts as if they were about another version of the document.
func (f Facts) ofVersion(id VersionID) Facts {
	document := *f.Document
	document.Version = id
	f.Document = &document
	return f
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
	if g.Version != f.Document.Version && f.side() == sideThirdParty {
		return false // it sees of a document the version that it has a consent for
	}
	state, _ := StateOf(*f.Document, g, f.Arrangement, f.Now)
	return state == StateInForce && f.purposeOpen(g.Purpose) && (g.AskedBy == f.Actor.Person ||
		slices.Contains(g.People, f.Actor.Person) || slices.Contains(g.Admitted, f.Actor.Person))
}
