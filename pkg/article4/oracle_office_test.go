package article4_test

import (
	"strings"
	"testing"
)

// Who does what in a Party's own office, and how two do it.
func TestOfficersAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: suspend | lift | hold | end-hold | erase | acknowledge | designate | delegate | recognise | "+
			"mandate | give-notice | keep-office | end-sessions | keep-webhook | end-release",
		"role: staff | focal-point | signatory | auditor | service, signatory", "of: wco | unoct | piu | operator",
		"delegated: yes | no",
		"own subject: yes | no", "sign-in: fresh | stale | weak | odd", seconds, "statement: yes | no",
		"suspended: yes | no",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "own subject", "sign-in", "statement", "suspended"}, x.who(),
			x.second())...)
		c.check(x, f, officeRefusals(x))
	})
	c.done(true)
}

func officeRefusals(x choice) []string {
	var no refusals
	from := "org_" + x["of"]
	two := x.is("act", "lift", "end-hold", "erase", "designate", "delegate", "give-notice", "keep-webhook")
	steps := x.is("act", "lift", "end-hold", "erase", "designate", "delegate", "recognise", "mandate",
		"give-notice", "keep-webhook", "end-sessions")
	var may bool
	switch x["act"] {
	case "suspend", "lift", "designate", "delegate":
		may = x.party() && x.official() && x.is("own subject", "yes")
	case "hold", "end-hold":
		may = x.party() && x.is("role", "signatory", "auditor") && x.is("own subject", "yes")
	case "end-release":
		may = x.party() && x.official() && x.is("own subject", "yes")
	case "erase":
		may = x.party() && x.signs() && x.is("own subject", "yes")
	case "acknowledge":
		may = x.is("own subject", "yes")
	case "recognise":
		may = x.party() && x.official()
	case "mandate":
		may = x.party() && x.official() ||
			x.is("of", "piu", "operator") && x.is("role", "focal-point") && x.is("own subject", "yes")
	case "keep-office":
		may = x.party() && x.is("role", "focal-point") && x.is("own subject", "yes")
	case "end-sessions":
		may = x.party() && x.is("role", "signatory") && x.is("own subject", "yes")
	case "keep-webhook": // who confirms is a focal point
		confirms := !x.is("second", "nobody") && !x.secondMissing()
		may = x.party() && x.official() && x.is("own subject", "yes") &&
			(x.is("role", "focal-point") || !confirms)
	case "give-notice":
		may = x.party() && x.signs()
	}
	of := map[string]string{"designate": "art5.3", "give-notice": "art11.4",
		"end-release": "art4.2"}[x["act"]]
	if of == "" {
		of = "gateway"
	}
	no.when(!may, of+"/no-authority", "")
	no.when(x.is("suspended", "yes") && !(x.is("act", "acknowledge") && !x.party()), "art4.6/suspended", "")
	no.when(two && x.secondMissing(), of+"/second-person-missing", from)
	// the first of two was of the other Party: for a third party's record that is as it should be
	no.when(x.is("act", "recognise", "mandate") && !x.is("second", "nobody", "of the other Party"),
		"gateway/second-person-missing", "")
	no.when(steps && x.is("sign-in", "stale"), "gateway/step-up", "")
	no.when(steps && x.is("sign-in", "weak", "odd"), "gateway/sign-in-too-weak", "")
	no.when(x.is("act", "suspend", "lift", "hold", "end-hold", "erase", "end-release") && x.is("statement", "no"),
		"gateway/no-statement", from)
	return no.sorted()
}

// Papers are deposited by those who file what names them; a letter by a signatory of the Discloser with a Delegation.
func TestWhoDepositsPapersAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions("role: staff | focal-point | signatory | auditor | service, signatory",
		"of: wco | unoct | piu | operator", "delegated: yes | no", "own subject: yes | no",
		"sign-in: fresh | stale | weak | odd", "suspended: yes | no", "letter: yes | no",
		"phase: in-effect | not-in-effect | ended, last day 1 days ago", "paper: clean | malware | not inspected",
	), func(x choice) {
		var no refusals
		third := x.is("of", "piu", "operator") && x.is("role", "focal-point") && x.is("letter", "no")
		no.when(!(x.party() && x.official()) && !third, "gateway/no-authority", "")
		no.when(x.is("letter", "yes") && !(x.party() && x.signs() && x.is("own subject", "yes")),
			"art4.8/no-authority", "")
		no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
		no.when(x.is("sign-in", "weak", "odd"), "gateway/sign-in-too-weak", "")
		no.when(x.is("paper", "malware"), "gateway/malware-found", "")
		no.when(x.is("paper", "not inspected"), "gateway/not-inspected", "")
		c.check(x, say(t, x.lines([]string{"own subject", "sign-in", "suspended", "letter", "phase", "paper"},
			"act: deposit-instrument", x.who())...), no.sorted())
	})
	c.done(true)
}

// To take an address away takes one person, however long ago they signed in; nobody of another Party.
func TestWhoEndsAWebhookAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions("role: staff | focal-point | signatory | auditor | service, signatory",
		"of: wco | unoct | piu | operator", "own subject: yes | no", "sign-in: fresh | stale | weak | odd", seconds,
		"suspended: yes | no",
	), func(x choice) {
		var no refusals
		no.when(!(x.party() && x.official() && x.is("own subject", "yes")), "gateway/no-authority", "")
		no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
		c.check(x, say(t, x.lines([]string{"own subject", "sign-in", "suspended"}, "act: keep-webhook",
			"ends it: yes", x.who(), x.second())...), no.sorted())
	})
	c.done(true)
}

// What a Hold keeps, and what is never erased.
func TestHoldsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: erase | destroy | recall | hold | end-hold | lift", "held: yes | no", "only others hold: yes | no",
		"erasable: yes | no", "second: nobody | another",
		"phase: in-effect | not-in-effect | ended, last day 1 days ago", "document suspended: yes | no",
	), func(x choice) {
		x["of"] = "wco"
		var no refusals
		no.when(x.is("held", "yes") &&
			(x.is("act", "erase") || x.is("act", "destroy") && x.is("only others hold", "no")), "gateway/under-hold",
			"")
		no.when(x.is("act", "erase") && x.is("erasable", "no"), "gateway/not-erasable", "")
		c.check(x, say(t, x.lines([]string{"act", "held", "only others hold", "erasable", "phase",
			"document suspended"}, "who: signatory of wco with a Delegation", x.second())...), no.sorted())
	})
	c.done(true)
}

// What is put in writing: instruments, Delegations, records, and the day of a notice, in every phase.
func TestInstrumentsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: designate | delegate | delegate, an end | recognise | mandate | mandate, an end | give-notice | "+
			"suspend | lift | acknowledge",
		"instrument: yes | no",
		"delegation from: now | in 10 days | 20 days ago | not given",
		"delegation until: 10 days ago | now | in 10 days | in 20 days | not given", "acts known: yes | no",
		"given on: now | in 10 days | 1 days ago | now at noon | not given", "record complete: yes | no",
		"phase: in-effect | in-effect, last day in 100 days | notice-given, last day in 10 days | not-in-effect | "+
			"ended, last day 1 days ago",
		"open purposes: art2.a | none",
	), func(x choice) {
		act, end, _ := strings.Cut(x["act"], ", ")
		named := []string{"instrument", "delegation from", "delegation until", "acts known", "given on",
			"record complete", "phase", "open purposes"}
		lines := x.lines(named, "act: "+act, "who: signatory of unoct with a Delegation")
		if end != "" {
			lines = append(lines, "ends it: yes")
		}
		c.check(x, say(t, lines...), instrumentRefusals(x))
	})
	c.done(true)
}

func instrumentRefusals(x choice) []string {
	var no refusals
	ended := x.is("phase", "ended, last day 1 days ago")
	before := x.is("phase", "not-in-effect")
	switch x["act"] {
	case "designate", "delegate", "delegate, an end":
		no.when(x.is("instrument", "no"), "gateway/no-instrument", "org_unoct")
		clear := x.is("delegation from", "now", "20 days ago") &&
			x.is("delegation until", "in 10 days", "in 20 days") ||
			x.is("delegation from", "in 10 days") && x.is("delegation until", "in 20 days")
		// what is given begins when it is filed, or later
		if x.is("act", "delegate") && x.is("delegation from", "20 days ago") {
			clear = false
		}
		no.when(!x.is("act", "designate") && (!clear || x.is("acts known", "no")), "gateway/delegation-unclear",
			"org_unoct")
	case "recognise":
		no.when(x.is("record complete", "no"), "gateway/record-incomplete", "org_unoct")
		no.when(before, "gateway/not-in-effect", "")
		no.when(ended && x.is("open purposes", "none"), "art11.4/ended", "")
	case "mandate":
		no.when(x.is("instrument", "no"), "gateway/no-instrument", "org_unoct")
		no.when(x.is("record complete", "no"), "gateway/record-incomplete", "org_unoct")
		no.when(before, "gateway/not-in-effect", "")
		no.when(ended && x.is("open purposes", "none"), "art11.4/ended", "")
	case "mandate, an end":
		no.when(x.is("record complete", "no"), "gateway/record-incomplete", "org_unoct")
	case "give-notice":
		no.when(!x.is("given on", "now", "in 10 days"), "art11.4/notice-backdated", "org_unoct")
		no.when(before, "gateway/not-in-effect", "")
		no.when(x.is("phase", "in-effect, last day in 100 days", "notice-given, last day in 10 days"),
			"art11.4/notice-stands", "")
		no.when(ended, "art11.4/ended", "")
	}
	return no.sorted()
}

// A Delegation makes Delegations: of the two officials one holds one that names it, neither is to hold the new one, and
// it begins on the day of its filing or later. To end one takes two officials, whoever they are.
func TestWhoMakesASignatory(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: focal-point of wco | signatory of wco with a Delegation | staff of wco with a Delegation | signatory "+
			"of piu with a Delegation",
		"first: nobody | per_first of wco | per_reader of wco | per_first of unoct", "first delegated: yes | no",
		"for oneself: yes | no", "ends it: yes | no",
		"first came: now | 3 days ago | not given", "delegation from: now | 1 days ago | 3 days ago | 5 days ago",
	), func(x choice) {
		lines := x.lines([]string{"who", "for oneself", "ends it", "delegation from"}, "act: delegate")
		if !x.is("first", "nobody") {
			lines = append(lines, x.lines([]string{"first", "first delegated", "first came"})...)
		}
		f := say(t, lines...)
		var no refusals
		from := string(f.Actor.Organisation)
		no.when(!x.is("who", "focal-point of wco", "signatory of wco with a Delegation"), "gateway/no-authority", "")
		no.when(x.is("first", "per_reader of wco", "per_first of unoct") || x.is("first", "per_first of wco") &&
			x.is("who", "signatory of piu with a Delegation"),
			"gateway/second-person-missing", from)
		if x.is("ends it", "no") {
			minted := x.is("first", "nobody") || x.is("first delegated", "yes") || !x.is("who", "focal-point of wco")
			no.when(!minted, "gateway/delegation-unauthorized", from)
			no.when(x.is("for oneself", "yes"), "gateway/delegation-own", from)
			filed := x.is("delegation from", "now") || x.is("delegation from", "1 days ago", "3 days ago") &&
				!x.is("first", "nobody") && x.is("first came", "3 days ago")
			no.when(!filed, "gateway/delegation-unclear", from)
		}
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// One Party proposes, the other confirms: whoever is named as first must be of the other, by whichever name.
func TestCounterpartsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"of: wco | unoct", "proposed by: nobody | wco | unoct",
		"first: nobody | per_first of wco | per_first of unoct | per_reader of wco | nobody of wco | nobody of unoct",
		"same: yes | no",
	), func(x choice) {
		lines := []string{"act: recognise", "who: focal-point of " + x["of"],
			x.unless("proposed by", "nobody", "proposed by: %s"), x.unless("first", "nobody", "first: %s")}
		f := say(t, lines...)
		if s := f.Change.Second; s != nil {
			s.Same = x.is("same", "yes")
		}
		var no refusals
		firstOK := x.is("first", "nobody") || x.is("same", "yes") &&
			(x.is("of", "wco") && x.is("first", "per_first of unoct") || x.is("of", "unoct") &&
				x.is("first", "per_first of wco"))
		no.when(x["proposed by"] == x["of"] || !firstOK, "gateway/second-person-missing", "")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// Who may know, ask what the rules would say, read the accounting, report a leak, trace a copy, and read the log.
func TestLooksAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: describe | explain | account | report-leak | trace | read-log",
		"role: staff | focal-point | signatory | auditor | none | service, auditor | staff, auditor",
		"of: wco | unoct | piu | customs | operator",
		"grant for: piu | nobody", "about others: yes | no", "statement: yes | no", "suspended: yes | no",
		"document suspended: yes | no", "version closed: yes | no",
		"phase: in-effect | ended, last day 1 days ago | not-in-effect", "open purposes: art2.a | none",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "grant for", "about others", "statement", "suspended", "document suspended",
			"version closed", "phase", "open purposes"}, x.who())...)
		var no refusals
		no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
		if x.is("act", "read-log") {
			no.when(!x.party() || !x.is("role", "auditor", "service, auditor", "staff, auditor"), "art4.6/not-admitted",
				"")
			c.check(x, f, no.sorted())
			return
		}
		if x.is("act", "trace") {
			no.when(!x.party() || !x.is("role", "signatory", "auditor", "service, auditor", "staff, auditor"),
				"art4.6/not-admitted", "")
			c.check(x, f, no.sorted())
			return
		}
		granted := x.is("grant for", "piu")
		standing := !x.is("role", "none", "service, auditor") &&
			(x.party() || x.is("of", "piu") && granted || x.is("of", "customs") && granted)
		no.when(!standing, "art4.5/held-in-confidence", "")
		tells := x.is("of", "wco") && x.is("role", "signatory", "auditor", "service, auditor", "staff, auditor")
		no.when(x.is("act", "explain") && x.is("about others", "yes") && !tells, "art4.6/not-admitted", "org_wco")
		no.when(x.is("act", "report-leak") && x.is("statement", "no"), "gateway/no-statement", "org_"+x["of"])
		c.check(x, f, no.sorted())
	})
	c.done(true)
}
