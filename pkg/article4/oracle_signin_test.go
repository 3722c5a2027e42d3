package article4_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Protected content, deposits and the log are reached only after a sign-in with the factors that the issuer's binding
// names, however old it is; what is not protected after any; a machine client without one.
func TestReachingWhatIsProtectedAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"what: disclose to the recipient | disclose to a third party | disclose to own | non-confidential | deposit | "+
			"correct | read-log | trace | by a machine | deposit by a machine",
		"sign-in: fresh | stale | weak | odd",
	), func(x choice) {
		f := say(t, append(map[string][]string{
			"disclose to the recipient": {"who: staff of unoct", "grant for: unoct"},
			"disclose to a third party": {"who: staff of piu", "grant for: piu"},
			"disclose to own":           {"who: focal-point of wco", "grant for: nobody"},
			"non-confidential":          {"who: staff of unoct", "marking: non-confidential"},
			"deposit":                   {"act: deposit", "who: staff of wco"},
			"correct":                   {"act: correct", "who: focal-point of wco"},
			"read-log":                  {"act: read-log", "who: auditor of wco"},
			"trace":                     {"act: trace", "who: auditor of wco"},
			"by a machine": {"who: service of unoct", "listed purposes: art2.a", "listed markings: restricted",
				"grant for: unoct"},
			"deposit by a machine": {"act: deposit", "who: service of wco", "listed purposes: art2.a",
				"listed markings: restricted"},
		}[x["what"]], "sign-in: "+x["sign-in"])...)
		open := x.is("what", "non-confidential", "by a machine", "deposit by a machine")
		want := open || x.is("sign-in", "fresh", "stale")
		d := c.rules.Decide(f)
		if d.Permit != want {
			t.Fatalf("%v: %v", x, d)
		}
		if !want && (len(d.Reasons) != 1 || d.Reasons[0].Code != "gateway/sign-in-too-weak") {
			t.Fatalf("%v: refused for %v", x, d.Reasons)
		}
	})
	var nobody article4.SignIn
	f := say(t, "who: staff of unoct", "grant for: unoct")
	if f.Actor.SignIn = nobody; c.rules.Decide(f).Permit {
		t.Error("whoever is not said to have signed in reads protected content")
	}
}
