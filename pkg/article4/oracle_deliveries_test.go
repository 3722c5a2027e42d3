package article4_test

import "testing"

// Giving unasked, against the oracle: the Discloser's people to people of the Recipient, and nobody else to anybody.
func TestDeliveriesAgainstTheOracle(t *testing.T) {
	c := newChecker(t)
	each(c, dimensions(
		"who: staff of wco | signatory of wco | staff of unoct | staff of piu | auditor of wco",
		"for: piu | unoct | wco", "marking: restricted | non-confidential", "people: yes | no",
		"delivery: yes | no", "phase: in-effect | not-in-effect",
	), func(x choice) {
		f := say(t, "act: request", "who: "+x["who"], "asks for: "+x["for"], "marking: "+x["marking"],
			"people belong: "+x["people"], "delivery: "+x["delivery"], "phase: "+x["phase"])
		from := map[string]string{"staff of unoct": "org_unoct", "staff of piu": "org_piu"}[x["who"]]
		if from == "" {
			from = "org_wco"
		}
		var no refusals
		third := x.is("who", "staff of piu")
		strange := x.is("for", "wco") && from != "org_wco"
		given := from == "org_wco" && x.is("for", "unoct")
		no.when(x.is("marking", "non-confidential") && (third || x.is("for", "piu")), "art4.2/not-released", "org_wco")
		no.when(x.is("who", "auditor of wco"), "art4.6/not-admitted", "")
		no.when(!third && (strange || x.is("people", "no")), "art4.6/not-admitted", from)
		no.when(third && x.is("marking", "restricted"), "art4.8/onward-sharing", "org_wco")
		no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
		no.when(x.is("delivery", "yes") && !given, "gateway/not-the-other-party", from)
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// Who begins a Delivery may authorize it, by a Delegation and a fresh sign-in, as signatory of the Discloser; every
// other request of one's own is decided by somebody else.
func TestOnesOwnDeliveryAgainstTheOracle(t *testing.T) {
	c := newChecker(t)
	each(c, dimensions(
		"act: authorize | consent | refuse", "role: signatory | staff", "of: wco | unoct | customs",
		"delegated: yes | no", "sign-in: fresh | stale", "asked by: per_reader | per_asker", "for: unoct | piu",
		"delivery: yes | no",
	), func(x choice) {
		who := "who: " + x["role"] + " of " + x["of"]
		if x.is("delegated", "yes") {
			who += " with a Delegation"
		} else {
			who += " without a Mandate"
		}
		f := say(t, "act: "+x["act"], who, "sign-in: "+x["sign-in"], "grant for: "+x["for"],
			"asked by: "+x["asked by"], "delivery: "+x["delivery"], "focal points: wco, unoct, customs",
			"asked by organisation: wco")
		from, beneficiary := "org_"+x["of"], "org_"+x["for"]
		speaks := !x.is("of", "customs") && x.is("role", "signatory") && x.is("delegated", "yes")
		var no refusals
		if x.is("act", "consent") {
			no.when(!(x.is("of", "wco") && speaks), "art4.8/no-authority", "org_wco")
			no.when(x.is("for", "unoct"), "art4.8/not-a-third-party", beneficiary)
		} else {
			no.when(!(x.is("of", "wco") && speaks), "art4.4/no-authority", from)
		}
		gives := x.is("act", "authorize") && x.is("delivery", "yes") && x.is("of", "wco")
		no.when(x.is("asked by", "per_reader") && !gives, "gateway/own-request", from)
		no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}
