package article4

import "slices"

// A Party may name associated offices by an instrument that the other Party confirms; their people are then its own
// (reading 0005). Each keeps an identity provider of its own, which asserts its people and nobody else's.

// resolved are the facts with the people of an associated office as the Party's own. Of the roles that their provider
// gives them staff counts, and signatory where a Delegation of the Party names the person for the act: focal points,
// auditors and machine clients are a Party's by its own instruments and its own provider. What calls itself an
// associated office and is no third party of its own is nobody that the rules know.
func (f Facts) resolved() Facts {
	a := &f.Actor
	if a.AssociatedWith == "" {
		return f
	}
	party, service := a.AssociatedWith, a.isService()
	counts := func(r Role) bool { return r == RoleStaff || r == RoleSignatory && a.Delegated }
	roles := slices.DeleteFunc(slices.Clone(a.Roles), func(r Role) bool { return service || !counts(r) })
	if a.Kind != ThirdParty || a.Organisation == party {
		a.Kind = ""
		return f
	}
	a.Kind, a.Organisation, a.Roles, a.AssociatedWith = Party, party, roles, ""
	a.Service, a.Mandated = nil, false
	return f
}
