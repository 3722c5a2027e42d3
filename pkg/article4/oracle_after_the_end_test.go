package article4_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// After the end the Discloser may consent in writing to a third party for a copy that the Recipient holds (reading
// 0009): what is asked, and who decides on it, against the oracle.
func TestReading0009WhatIsAskedForAfterTheEndAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: staff of wco | staff of unoct | auditor of unoct | staff of piu", "for: piu | unoct | wco | operator",
		"marking: restricted | confidential | non-confidential", "purpose: art2.a | art2.b | art2.k | none",
		"copy: held | not held", "over: no | yes", "version: open | closed | destroyed", "document suspended: no | yes",
		"until: in 30 days | now", "delivery: no | yes",
		"phase: in-effect | notice-given, last day in 40 days | ended, last day 1 days ago | not-in-effect",
	), func(x choice) {
		f := say(t, x.lines([]string{"marking", "purpose", "document suspended", "delivery", "phase"}, "act: request",
			"who: "+x["who"], "asks for: "+x["for"], "asks until: "+x["until"], "open purposes: none",
			"closed by the end: art2.a, art2.k",
			map[string]string{"held": "copy held: yes", "not held": "copy held: no"}[x["copy"]],
			map[string]string{"no": "", "yes": "personal data kept until: now"}[x["over"]],
			x.unless("version", "open", "version %s: yes"))...)
		c.check(x, f, askedAfterTheEnd(x))
	})
	c.done(true)
}

// art2.a is one that nothing but the end closed; art2.b was closed before; art2.k is not the document's.
func askedAfterTheEnd(x choice) []string {
	var no refusals
	from := map[string]string{"staff of wco": "org_wco", "staff of unoct": "org_unoct",
		"auditor of unoct": "org_unoct", "staff of piu": "org_piu"}[x["who"]]
	third, free := x.is("who", "staff of piu"), x.is("marking", "non-confidential")
	ended := x.is("phase", "ended, last day 1 days ago")
	paragraph := "art4.7/"
	if free {
		paragraph = "art4.2/"
		no.when(third || x.is("for", "piu"), "art4.2/not-released", "org_wco")
	} else {
		no.when(third, "art4.8/onward-sharing", "org_wco")
	}
	no.when(x.is("purpose", "none"), paragraph+"no-purpose", from)
	no.when(x.is("purpose", "art2.k"), paragraph+"purpose-not-permitted", "org_wco")
	no.when(!ended && !x.is("purpose", "none"), paragraph+"purpose-closed", "org_wco")
	no.when(x.is("over", "yes"), "art4.3/retention-over", "org_wco")
	no.when(x.is("until", "now"), "art4.5/no-end-ahead", from)
	no.when(x.is("who", "auditor of unoct") || x.is("for", "operator"), "art4.6/not-admitted", "")
	no.when(x.is("for", "wco") && x.is("who", "staff of unoct", "auditor of unoct"), "art4.6/not-admitted", from)
	no.when(x.is("document suspended", "yes"), "art4.6/suspended", "org_wco")
	no.when(x.is("version", "closed"), "art4.9/superseded-closed", "org_wco")
	no.when(x.is("version", "destroyed"), "art4.9/version-destroyed", "org_wco")
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(x.is("delivery", "yes") && !(x.is("who", "staff of wco") && x.is("for", "unoct")),
		"gateway/not-the-other-party", from)
	// what is recorded after the end: protected, for a third party, for a copy that is held, and a purpose that the end
	// alone closed
	consent := !free && x.is("for", "piu") && x.is("copy", "held") && x.is("purpose", "art2.a", "art2.k")
	no.when(ended && !consent, "art11.4/ended", "")
	return no.sorted()
}

// Who decides on such a request; one that was made before the end ended with the Arrangement.
func TestReading0009DecisionsAfterTheEndAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: authorize | consent | refuse | admit | file | ask | answer",
		"who: signatory of wco with a Delegation | focal-point of customs | focal-point of piu | "+
			"signatory of unoct with a Delegation | staff of unoct named per_asker",
		"for: piu | unoct", "made: now | 1 days ago | 2 days ago", "marking: restricted | non-confidential",
		"purpose: art2.a | art2.b", "over: no | yes", "copy held: yes | no",
		"phase: in-effect | ended, last day 1 days ago | not-in-effect",
	), func(x choice) {
		f := say(t, x.lines([]string{"marking", "copy held", "phase"}, "act: "+x["act"], "who: "+x["who"],
			"grant for: "+x["for"], "authorization of customs: missing", "grant made: "+x["made"],
			"grant purpose: "+x["purpose"], "open purposes: none", "closed by the end: art2.a",
			map[string]string{"no": "", "yes": "personal data kept until: now"}[x["over"]])...)
		c.check(x, f, decidedAfterTheEnd(x))
	})
	c.done(true)
}

func decidedAfterTheEnd(x choice) []string {
	var no refusals
	from := map[string]string{"signatory of wco with a Delegation": "org_wco", "focal-point of customs": "org_customs",
		"focal-point of piu": "org_piu", "signatory of unoct with a Delegation": "org_unoct",
		"staff of unoct named per_asker": "org_unoct"}[x["who"]]
	beneficiary := "org_" + x["for"]
	free := x.is("marking", "non-confidential")
	discloser, customs := from == "org_wco", from == "org_customs"
	asker := x.is("who", "staff of unoct named per_asker")
	ended := x.is("phase", "ended, last day 1 days ago")
	// the last instant in effect was one day ago: what was made then was made after the end
	recorded := ended && !free && x.is("for", "piu") && x.is("made", "now", "1 days ago") && x.is("purpose", "art2.a")
	moves := !x.is("act", "refuse", "ask", "answer")
	no.when(moves && ended && (!recorded || x.is("act", "admit")), "art11.4/ended", "")
	no.when(moves && x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(moves && !free && !ended, "art4.7/purpose-closed", "org_wco")
	no.when(moves && x.is("over", "yes"), "art4.3/retention-over", "org_wco")
	no.when(!recorded, "gateway/request-closed", beneficiary)
	no.when(asker && x.is("act", "authorize", "consent", "refuse", "file"), "gateway/own-request", from)
	switch x["act"] {
	case "authorize", "refuse":
		no.when(!discloser && !customs, "art4.4/no-authority", from)
	case "consent":
		no.when(!discloser, "art4.8/no-authority", "org_wco")
		no.when(x.is("for", "unoct"), "art4.8/not-a-third-party", beneficiary)
		no.when(customs || from == "org_piu", "art5.3/no-focal-point", from)
	case "file":
		no.when(!discloser, "art4.4/no-authority", "org_wco")
	case "admit":
		no.when(!(from == "org_piu" && x.is("for", "piu")), "art4.6/not-admitted", beneficiary)
	case "ask":
		no.when(!discloser && !customs, "gateway/no-authority", "")
	case "answer":
		no.when(!asker, "gateway/no-authority", "")
	}
	return no.sorted()
}

// Survival (Article 4(10)): a consent that is recorded after the end opens no byte and no record, to nobody but the
// Discloser's own people, whoever asks for it in whatever form and for whatever purpose that the end closed.
func TestReading0009AConsentAfterTheEndOpensNoByte(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	inForce := 0
	each(c, dimensions(
		"who: staff of piu | focal-point of piu | service of piu | staff of unoct | signatory of unoct with a "+
			"Delegation | focal-point of customs | staff of operator",
		"for: piu | unoct", "named: per_reader | per_other", "made: now | 1 days ago | 2 days ago",
		"purpose: art2.a | art2.b | art2.k | none", "grant purpose: art2.a | art2.b",
		"marking: restricted | confidential | secret", "form: view | stamped | original",
		"authorization of customs: given | missing | refused", "agreement: signed | unsigned",
	), func(x choice) {
		f := say(t, x.lines([]string{"purpose", "grant purpose", "marking", "form", "authorization of customs",
			"agreement"}, "act: disclose", "who: "+x["who"], "grant for: "+x["for"], "grant made: "+x["made"],
			"people named: "+x["named"], "people admitted: "+x["named"], "can be shown: yes",
			"phase: ended, last day 1 days ago", "open purposes: none", "closed by the end: art2.a, art2.b")...)
		for i := range f.Access.Grants[0].Decisions {
			f.Access.Grants[0].Decisions[i].Purpose = f.Access.Grants[0].Purpose
		}
		if f.Actor.Service != nil {
			f.Actor.Service.Purposes = f.Document.Purposes
			f.Actor.Service.Markings = []article4.Marking{f.Document.Marking}
		}
		state, _ := article4.StateOf(*f.Document, f.Access.Grants[0], f.Arrangement, f.Now)
		if state == article4.StateInForce {
			inForce++
		}
		if c.rules.Decide(f).Permit {
			t.Fatalf("%v: the bytes leave after the end", x)
		}
		f.Act = article4.ActDescribe
		if article4.WholeOf(f) {
			t.Fatalf("%v: the record is seen whole after the end", x)
		}
	})
	if inForce == 0 {
		t.Error("no consent was in force: this shows nothing")
	}
}
