package exchange

import (
	"errors"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

func (v *visit) viewer() register.Viewer {
	roles := v.actor.claims.Roles
	return register.Viewer{
		Person:       v.actor.person,
		Organisation: v.actor.organisation.ID,
		Kind:         v.actor.organisation.Kind,
		Now:          v.at,
		Audits:       slices.Contains(roles, article4.RoleAuditor),
		SeesOwn:      slices.Contains(roles, article4.RoleFocalPoint) || slices.Contains(roles, article4.RoleSignatory),
		Reads:        article4.Reads(roles),
		Service:      v.actor.claims.Service,
	}
}

// hasRole reports whether the caller is anybody here: an unknown group gives nothing, and the operator has nothing to
// know.
func (v *visit) hasRole() bool {
	return len(v.actor.claims.Roles) > 0 && v.actor.organisation.Kind != article4.Operator
}

// sees reports whether lists show anything at all to the caller: the operator, people without a role, and people who
// are suspended see nothing.
func (v *visit) sees() bool {
	return v.hasRole() && !v.facts.Actor.Suspended
}

// missingRecord reports whether an error says that a record is not there.
func missingRecord(err error) bool { return errors.Is(err, register.ErrNotFound) }

// ofParty reports whether the caller is one of a Party's own people.
func (v *visit) ofParty() bool { return v.actor.organisation.Kind == article4.Party }

// answers reports whether somebody acts for the whole organisation.
func answers(a Actor) bool {
	return slices.ContainsFunc(a.claims.Roles, func(r article4.Role) bool {
		return r == article4.RoleAuditor || r == article4.RoleFocalPoint || r == article4.RoleSignatory
	})
}

// mayKnow reports whether the caller may know that there is an organisation.
func (v *visit) mayKnow(kind article4.OrganisationKind, id article4.OrganisationID) bool {
	return v.ofParty() && v.hasRole() || kind == article4.Party || id == v.actor.organisation.ID
}

// mayAddress reports whether the caller may name people of an organisation.
func (v *visit) mayAddress(o register.Organisation) bool {
	own := v.actor.organisation
	return len(v.actor.claims.Roles) > 0 &&
		(o.ID == own.ID || own.Kind == article4.Party && o.Kind == article4.ThirdParty)
}
