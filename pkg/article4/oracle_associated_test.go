package article4_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// The people of an associated office are the Party's own (reading 0005), with what they are there: staff; a signatory
// by the Party's Delegation alone; never a focal point, an auditor or a machine client. Whatever is asked of the rules,
// they answer as to such an official of the Party itself; and what the Party's own official may not do, nobody of an
// office may.
func TestReading0005PeopleOfAnAssociatedOfficeAreThePartysOwn(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	all := inOrder(t)
	each(c, dimensions(
		"of: wco | unoct", "role: staff | focal-point | signatory | auditor | service | operator | none | "+
			"staff, focal-point | staff, signatory | staff, service | staff, auditor, signatory",
		"delegated: yes | no", "mandated: yes | no", "marking: restricted | non-confidential",
		"grant for: unoct | piu | wco", "person: per_reader | per_staff_wco | per_other",
		"suspended: yes | no",
	), func(x choice) {
		for _, act := range article4.AllActs() {
			f := all[act]
			roles := list[article4.Role](x["role"])
			f.Actor = article4.ActorFacts{
				Person:         article4.PersonID(x["person"]),
				Organisation:   "org_legal",
				Kind:           article4.ThirdParty,
				AssociatedWith: organisation(x["of"]),
				Roles:          roles,
				Delegated:      x.is("delegated", "yes"),
				Mandated:       x.is("mandated", "yes"),
				SignIn:         article4.SignInFresh,
				Suspended:      x.is("suspended", "yes"),
			}
			if slices.Contains(roles, article4.RoleService) {
				f.Actor.Service = &article4.ServiceLimits{Purposes: []article4.PurposeCode{"art2.a", "art2.b"},
					Markings: []article4.Marking{"restricted", "non-confidential"}}
			}
			if f.Document != nil {
				doc := *f.Document
				doc.Marking = article4.Marking(x["marking"])
				f.Document = &doc
			}
			if f.Access != nil {
				access := *f.Access
				access.Grants = []article4.GrantFacts{grantFor(organisation(x["grant for"]), kind(x["grant for"]),
					"per_reader")}
				f.Access = &access
			}
			own := f
			own.Actor.Organisation, own.Actor.Kind, own.Actor.AssociatedWith = organisation(x["of"]), article4.Party, ""
			own.Actor.Service, own.Actor.Mandated, own.Actor.Roles = nil, false, nil
			machine := slices.Contains(roles, article4.RoleService)
			if slices.Contains(roles, article4.RoleStaff) && !machine {
				own.Actor.Roles = append(own.Actor.Roles, article4.RoleStaff)
			}
			if slices.Contains(roles, article4.RoleSignatory) && own.Actor.Delegated && !machine {
				own.Actor.Roles = append(own.Actor.Roles, article4.RoleSignatory)
			}
			want := spoken(t, c.rules.Decide(own).Reasons, c.order)
			c.check(x, f, want)
			if article4.StandingOf(f) != article4.StandingOf(own) || article4.WholeOf(f) != article4.WholeOf(own) {
				t.Fatalf("%s %v: is shown another document than the Party's own official", act, x)
			}
			if d := c.rules.Decide(f); d.Permit && act == article4.ActReadLog {
				t.Fatalf("%v: the office's provider made somebody who reads the Party's log", x)
			}
		}
	})
	c.done(true)
}

// An office is its Party's by an instrument, named by that Party and confirmed by the other, like any recognition.
func TestReading0005WhoNamesAnAssociatedOfficeAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"of: wco | unoct | piu", "role: staff | focal-point | signatory | auditor", "instrument: yes | no",
		"own subject: yes | no", "proposed by: nobody | wco | unoct",
		"first: nobody | per_first of wco | per_first of unoct",
		"record complete: yes | no", "sign-in: fresh | stale",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
		"open purposes: art2.a | none",
	), func(x choice) {
		f := say(t, x.lines([]string{"instrument", "own subject", "record complete", "sign-in", "phase",
			"open purposes"}, "act: recognise", "who: "+x["role"]+" of "+x["of"], "of an associated office: yes",
			x.unless("proposed by", "nobody", "proposed by: %s"), x.unless("first", "nobody", "first: %s"))...)
		var no refusals
		from := "org_" + x["of"]
		may := !x.is("of", "piu") && x.is("role", "focal-point", "signatory")
		proposes := x.is("first", "nobody") && x.is("proposed by", "nobody")
		no.when(!may || proposes && x.is("own subject", "no"), "gateway/no-authority", "")
		no.when(x.is("instrument", "no"), "gateway/no-instrument", from)
		no.when(x["proposed by"] == x["of"] || x["first"] == "per_first of "+x["of"],
			"gateway/second-person-missing", "")
		no.when(x.is("record complete", "no"), "gateway/record-incomplete", from)
		no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
		no.when(x.is("phase", "not-in-effect"), "gateway/not-in-effect", "")
		no.when(x.is("phase", "ended, last day 1 days ago") && x.is("open purposes", "none"), "art11.4/ended", "")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}
