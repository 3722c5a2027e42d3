package exchange

import (
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Names tells, of some people, those whose names the caller may know, and silently leaves out the rest: the own people;
// those of third parties to the Parties' people; and, of the other side, the asker, the named readers and whoever
// decides on one request, to each other and to the auditors of the Parties (docs/decisions/0160). Nothing is disclosed
// by it that the caller could not find elsewhere, and no entry is written.
func (g *Gateway) Names(ctx context.Context, a Actor, ids []article4.PersonID) ([]Person, error) {
	var c checks
	c.atMost("person", "4(8)", len(ids), maxPeople)
	if err := c.Err(); err != nil {
		return nil, err
	}
	var out []Person
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return nil
		}
		var err error
		out, err = v.names(ctx, ids)
		return err
	})
	return out, err
}

// names are those of the people that the caller may be told, in the order of their identifiers.
func (v *visit) names(ctx context.Context, ids []article4.PersonID) ([]Person, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id article4.PersonID) bool { return id == "" })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	audits := slices.Contains(v.actor.claims.Roles, article4.RoleAuditor)
	told, err := v.register.Told(ctx, v.tx, v.viewer(), audits, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(told, func(a, b register.Listed[register.Person]) int { return strings.Compare(a.ID, b.ID) })
	people, _, err := readEach(v, told, itself)
	var out []Person
	for _, p := range people {
		if p.Name != "" { // it was erased
			out = append(out, Person{ID: p.ID, Name: p.Name, Organisation: p.Organisation})
		}
	}
	return out, err
}
