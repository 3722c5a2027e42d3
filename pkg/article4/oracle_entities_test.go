package article4_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Reading 0001 with 0002: a lowering takes the authorization of each entity concerned, for this version and this
// lowering. The first of the two people begins; the second, when all have authorized, lowers.
func TestLoweringsTakeTheEntitiesConcerned(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: lower | drop proprietary | both | raise", "entities: customs | customs, unoct | none | wco",
		"lowering of customs: given | missing | refused | withdrawn | expired | for another version | for another "+
			"marking | without authority | of another organisation",
		"second: nobody | another", "marking: restricted | confidential | non-confidential",
	), func(x choice) {
		x["of"] = "wco"
		change := map[string]string{
			"lower": "wanted marking: non-confidential", "drop proprietary": "proprietary: yes\nkeeps proprietary: no",
			"both":  "wanted marking: non-confidential\nproprietary: yes\nkeeps proprietary: no",
			"raise": "wanted marking: restricted",
		}[x["act"]]
		f := say(t, x.lines([]string{"entities", "lowering of customs", "marking"}, "act: mark",
			"who: signatory of wco with a Delegation", change, x.second())...)
		c.check(x, f, loweringRefusals(x))
	})
	c.done(true)
}

func loweringRefusals(x choice) []string {
	var no refusals
	lowers := x.is("act", "drop proprietary", "both") || x.is("act", "lower") && !x.is("marking", "non-confidential")
	if !lowers || x.is("second", "nobody") {
		return nil
	}
	if x.is("entities", "customs", "customs, unoct") {
		said := map[string]string{
			"missing": "authorization-missing", "refused": "authorization-refused",
			"withdrawn": "authorization-withdrawn",
			"expired":   "authorization-expired", "for another version": "other-version",
			"for another marking": "other-purpose",
			"without authority":   "no-authority", "of another organisation": "authorization-missing",
		}[x["lowering of customs"]]
		if x.is("lowering of customs", "for another marking") && x.is("act", "drop proprietary") {
			said = "" // the marking stays what it was said to stay
		}
		no.when(said != "", "art4.4/"+said, "org_customs")
	}
	no.when(x.is("entities", "customs, unoct"), "art4.4/authorization-missing", "org_unoct") // it said nothing
	return no.sorted()
}

// Reading 0001: the Discloser is not the judge of who is concerned after the fact.
func TestWhoTakesAnEntityOff(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: remove-entity | not-concerned",
		"who: signatory of wco with a Delegation | signatory of unoct with a Delegation | focal-point of customs | "+
			"focal-point of piu | operator, focal-point of operator",
		"entities: customs | customs, unoct | customs, wco | none | operator", "nothing put: yes | no",
		"entities known: yes | no",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "who", "entities", "nothing put", "entities known", "phase"})...)
		c.check(x, f, offRefusals(x))
	})
	c.done(true)
}

func offRefusals(x choice) []string {
	var no refusals
	discloser := x.is("who", "signatory of wco with a Delegation")
	no.when(x.is("phase", "not-in-effect"), "gateway/not-in-effect", "")
	no.when(x.is("phase", "ended, last day 1 days ago"), "art11.4/ended", "")
	if x.is("act", "not-concerned") {
		itself := x.is("who", "focal-point of customs") && !x.is("entities", "none", "operator") ||
			x.is("who", "signatory of unoct with a Delegation") && x.is("entities", "customs, unoct")
		no.when(!itself, "art4.4/no-authority", "")
		return no.sorted()
	}
	no.when(!discloser, "art4.4/no-authority", "org_wco")
	no.when(discloser && x.is("nothing put", "no"), "art4.4/entity-was-asked", "")
	no.when(discloser && x.is("entities known", "no"), "art4.4/not-concerned", "org_wco")
	return no.sorted()
}

// Whoever decided keeps sight of the own decision, and may take it back, whatever became of the document and of its
// being concerned; whoever did not decide does not.
func TestWhoeverDecidedKeepsSightAndMayTakeItBack(t *testing.T) {
	rules := load(t)
	for _, marking := range []string{"restricted", "non-confidential"} {
		for _, entities := range []string{"customs", "none"} {
			for _, said := range []string{"given", "refused", "withdrawn", "expired", "missing"} {
				lines := []string{"who: focal-point of customs", "marking: " + marking, "entities: " + entities,
					"authorization of customs: " + said}
				asked := entities == "customs" && marking == "restricted"
				sight := said != "missing" || asked
				for _, act := range []string{"describe", "account"} {
					if d := rules.Decide(say(t, append(lines, "act: "+act)...)); d.Permit != sight {
						t.Errorf("%s %v: %v", act, lines, d.Reasons)
					}
				}
				if d := rules.Decide(say(t, append(lines, "act: withdraw")...)); d.Permit != (said != "missing" ||
					entities == "customs") {
					t.Errorf("withdraw %v: %v", lines, d.Reasons)
				}
				f := say(t, append(lines, "act: describe")...)
				if article4.WholeOf(f) {
					t.Errorf("%v: sees the record whole", lines)
				}
			}
		}
	}
}

// Readings 0001, 0002 and 0006: only who is concerned decides on a lowering, while it waits; only who decided takes
// that back, at any time.
func TestWhoDecidesOnALowering(t *testing.T) {
	c := newChecker(t)
	each(c, dimensions(
		"act: authorize-lowering | refuse-lowering | withdraw-lowering",
		"who: signatory of wco with a Delegation | signatory of unoct with a Delegation | signatory of unoct | "+
			"focal-point of customs | staff of customs | focal-point of piu | operator, focal-point of operator",
		"entities: customs | customs, unoct | customs, wco | none | operator", "lowering open: yes | no",
		"lowering of customs: given | refused | withdrawn | missing", "suspended: yes | no", "mandated: yes | no",
		"phase: in-effect | not-in-effect | ended, last day 1 days ago",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "who", "entities", "lowering open", "lowering of customs", "suspended",
			"phase"})...)
		if x.is("mandated", "no") {
			f.Actor.Mandated = false
		}
		c.check(x, f, onLoweringRefusals(x))
	})
	c.done(true)
}

func onLoweringRefusals(x choice) []string {
	var no refusals
	concerned := x.is("who", "focal-point of customs") && !x.is("entities", "none", "operator") ||
		x.is("who", "signatory of unoct with a Delegation") && x.is("entities", "customs, unoct")
	party := x.is("who", "signatory of wco with a Delegation", "signatory of unoct with a Delegation",
		"signatory of unoct")
	if x.is("act", "withdraw-lowering") {
		no.when(!x.is("who", "focal-point of customs") || x.is("lowering of customs", "missing"),
			"art4.4/no-authority", "")
		no.when(x.is("suspended", "yes") && party, "art4.6/suspended", "")
		return no.sorted()
	}
	no.when(!concerned || !party && x.is("mandated", "no"), "art4.4/no-authority", "")
	no.when(x.is("suspended", "yes") && (party || x.is("act", "authorize-lowering")), "art4.6/suspended", "")
	no.when(x.is("lowering open", "no"), "gateway/lowering-over", "org_wco")
	no.when(x.is("phase", "not-in-effect") && x.is("act", "authorize-lowering"), "gateway/not-in-effect", "")
	return no.sorted()
}
