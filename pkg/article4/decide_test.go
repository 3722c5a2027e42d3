package article4_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

func TestEverythingInOrderIsPermittedOnTheGrant(t *testing.T) {
	f := disclosure()
	d := load(t).Decide(f)
	if !d.Permit || len(d.Reasons) != 0 {
		t.Fatalf("refused: %v", d.Reasons)
	}
	if diff := cmp.Diff(&f.Access.Grants[0], d.Relies); diff != "" {
		t.Errorf("relies on another grant:\n%s", diff)
	}
}

func TestAThirdPartyWithoutAnythingHearsAllThatIsMissing(t *testing.T) {
	f := disclosure()
	f.Access.Grants = nil
	got := load(t).Decide(f)
	want := article4.Ruling{Reasons: []article4.Reason{
		{Code: "art4.4/authorization-missing", From: customs},
		{Code: "art4.5/not-granted", From: wco},
		{Code: "art4.8/no-written-consent", From: wco},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Facts come as somebody who asks again brings them; what a first answer costs stands under "anew".
func BenchmarkDecide(b *testing.B) {
	third, parties := disclosure(), disclosure()
	parties.Actor = article4.ActorFacts{
		Person:       "per_staff_unoct",
		Organisation: unoct,
		Kind:         article4.Party,
		Roles:        []article4.Role{article4.RoleStaff},
		SignIn:       article4.SignInFresh,
	}
	parties.Access.Grants = []article4.GrantFacts{grantFor(unoct, article4.Party, parties.Actor.Person)}
	for _, who := range []struct {
		name  string
		facts article4.Facts
	}{{"third party", third}, {"between the Parties", parties}} {
		rules, refused, access := load(b), who.facts, *who.facts.Access
		access.Grants = nil
		refused.Access = &access
		if !rules.Decide(who.facts).Permit || rules.Decide(refused).Permit {
			b.Fatalf("%s: not what it says", who.name)
		}
		for name, f := range map[string]article4.Facts{"permitted": who.facts, "refused": refused} {
			b.Run(who.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					rules.Decide(f)
				}
			})
		}
	}
	rules := load(b)
	b.Run("anew", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ { // nobody was in this situation before
			third.Actor.Roles = []article4.Role{article4.RoleStaff, article4.Role(strconv.Itoa(i))}
			rules.Decide(third)
		}
	})
}
