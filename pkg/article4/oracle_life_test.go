package article4_test

import (
	"strings"
	"testing"
)

// Who is the second of two, in the words of the cases.
const seconds = "second: nobody | another | oneself | another's other | of the other Party | no name"

func (x choice) second() string {
	of := x["of"]
	other := map[string]string{"wco": "unoct", "unoct": "wco"}[of]
	if other == "" {
		other = "wco"
	}
	return map[string]string{
		"nobody": "", "another": "first: per_first of " + of, "oneself": "first: per_reader of " + of,
		"another's other":    "first: per_first of " + of + "\nconfirms the same: no",
		"of the other Party": "first: per_first of " + other,
		"no name":            "first: nobody of " + of,
	}[x["second"]]
}

// secondMissing: one of two came first, and this is not the other.
func (x choice) secondMissing() bool { return !x.is("second", "nobody", "another") }

// who is the person of the combination.
func (x choice) who() string {
	who := "who: " + x["role"] + " of " + x["of"]
	if x.is("delegated", "yes") {
		who += " with a Delegation"
	}
	if x.is("depositor", "yes") {
		who += " named per_staff_wco"
	}
	return who
}

// lines are those of the vocabulary that are named like their dimension, and others besides.
func (x choice) lines(named []string, others ...string) []string {
	var lines []string
	for _, key := range named {
		if word, varies := x[key]; varies {
			lines = append(lines, key+": "+word)
		}
	}
	for _, other := range others {
		lines = append(lines, strings.Split(other, "\n")...)
	}
	return lines
}

func (x choice) official() bool { return x.is("role", "focal-point", "signatory") }

func (x choice) party() bool { return x.is("of", "wco", "unoct") }

// signs: a signatory with a Delegation in force.
func (x choice) signs() bool { return x.is("role", "signatory") && x.is("delegated", "yes") }

// Questions to the asker, and the answers.
func TestMessagesAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: ask | answer", "role: staff | focal-point | signatory | auditor | service, focal-point, signatory",
		"of: wco | unoct | customs | piu | operator", "entities: customs | customs, unoct | none | operator",
		"asked by: per_reader | per_asker", "asked by organisation: unoct | wco | piu",
		"state: open | withdrawn | refused | lapsed | expired", "statement: yes | no", "suspended: yes | no",
	), func(x choice) {
		lines := x.lines([]string{"act", "entities", "asked by", "asked by organisation", "statement", "suspended"},
			x.who(), map[string]string{
				"open": "", "withdrawn": "grant withdrawn: yes", "refused": "consent of wco: refused",
				"lapsed": "consent of wco: missing\ngrant made: 14 days ago", "expired": "grant until: now",
			}[x["state"]])
		if x.is("entities", "operator") { // its authorization is there, so that the request is in force
			lines = append(lines, "authorization of customs: given")
		}
		c.check(x, say(t, lines...), messageRefusals(x))
	})
	c.done(true)
}

func messageRefusals(x choice) []string {
	var no refusals
	concerned := strings.Contains(x["entities"], x["of"])
	focal := x.is("role", "focal-point")
	if x.is("act", "ask") {
		party := x.party() && x.official() && (x.is("of", "wco") || concerned)
		entity := !x.party() && !x.is("of", "operator") && concerned && focal
		no.when(!party && !entity, "gateway/no-authority", "")
	} else {
		own := x["of"] == x["asked by organisation"]
		no.when(!x.is("asked by", "per_reader") && !(own && focal), "gateway/no-authority", "")
	}
	no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
	no.when(x.is("statement", "no"), "gateway/no-statement", "org_"+x["of"])
	no.when(!x.is("state", "open"), "gateway/request-closed", "org_piu")
	return no.sorted()
}

// Who files the authorization of an entity without an account, and how two do it.
func TestFilersAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"role: staff | focal-point | signatory | service, signatory", "of: wco | unoct | customs | operator",
		"delegated: yes | no",
		"sign-in: fresh | stale | weak | odd", "asked by: per_reader | per_asker", seconds, "instrument: yes | no",
		"entities: customs | none", "entities known: yes | no", "entity has account: yes | no", "suspended: yes | no",
	), func(x choice) {
		f := say(t, x.lines([]string{"sign-in", "asked by", "instrument", "entities", "entities known",
			"entity has account", "suspended"}, "act: file", x.who(), x.second())...)
		var no refusals
		from := "org_" + x["of"]
		no.when(x.is("of", "wco") && (x.is("entities known", "no") || x.is("entities", "none")),
			"art4.4/not-concerned", from)
		no.when(x.is("of", "wco") && x.is("entity has account", "yes"), "art4.4/entity-has-account", "")
		no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
		no.when(!x.is("of", "wco") || !x.signs(), "art4.4/no-authority", "org_wco")
		no.when(x.secondMissing(), "art4.4/second-person-missing", from)
		no.when(x.is("asked by", "per_reader"), "gateway/own-request", from)
		no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
		no.when(x.is("sign-in", "weak", "odd"), "gateway/sign-in-too-weak", "")
		no.when(x.is("instrument", "no"), "gateway/no-instrument", from)
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// What is filed, and when: everything that holds for an authorization given directly holds for one that is filed.
func TestFiledTermsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"marking: restricted | non-confidential", "statement: yes | no", "until: own | in 5 days | in 90 days | now",
		"grant version: ver_1 | ver_0",
		"purpose: permitted | not permitted | closed", "over: no | yes", "document suspended: yes | no",
		"version: open | closed | destroyed",
		"state: open | withdrawn | refused | expired",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
	), func(x choice) {
		f := say(t, x.lines([]string{"marking", "statement", "grant version", "document suspended", "phase"},
			"act: file",
			"who: signatory of wco with a Delegation", x.unless("until", "own", "decision until: %s"),
			map[string]string{"permitted": "", "not permitted": "grant purpose: art2.k\nopen purposes: art2.a, art2.k",
				"closed": "open purposes: art2.b"}[x["purpose"]],
			map[string]string{"no": "", "yes": "personal data kept until: now"}[x["over"]],
			x.unless("version", "open", "version %s: yes"),
			map[string]string{"open": "", "withdrawn": "grant withdrawn: yes", "refused": "consent of wco: refused",
				"expired": "grant until: now"}[x["state"]])...)
		c.check(x, f, filedRefusals(x))
	})
	c.done(true)
}

func filedRefusals(x choice) []string {
	var no refusals
	ended := x.is("phase", "ended, last day 1 days ago")
	protected := x.is("marking", "restricted")
	closed := x.is("purpose", "closed")
	expired, own := x.is("state", "expired"), x.is("until", "own")
	no.when(x.is("over", "yes"), "art4.3/retention-over", "org_wco")
	no.when(x.is("grant version", "ver_0"), "art4.4/other-version", "org_piu")
	no.when(x.is("until", "now") || (own && expired), "art4.5/no-end-ahead", "org_wco")
	no.when(x.is("document suspended", "yes"), "art4.6/suspended", "org_wco")
	no.when(protected && x.is("purpose", "not permitted"), "art4.7/purpose-not-permitted", "org_wco")
	no.when(protected && closed && !ended, "art4.7/purpose-closed", "org_wco")
	no.when(x.is("version", "closed"), "art4.9/superseded-closed", "org_wco")
	no.when(x.is("version", "destroyed"), "art4.9/version-destroyed", "org_wco")
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(x.is("phase", "notice-given, last day in 10 days") && (x.is("until", "in 90 days") || (own && !expired)),
		"art11.4/notice-given", "org_wco")
	no.when(ended && closed, "art11.4/ended", "")
	no.when(x.is("until", "in 90 days") || (expired && x.is("until", "in 5 days")), "gateway/until-not-granted",
		"org_wco")
	no.when(x.is("statement", "no"), "gateway/no-statement", "org_wco")
	no.when(closed || expired || x.is("state", "withdrawn", "refused"), "gateway/request-closed", "org_piu")
	return no.sorted()
}

// A Release: who, to whom, for what, and of what.
func TestReleasesAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"role: staff | focal-point | service, focal-point", "of: wco | unoct | customs",
		"to: piu | piu, not in force | wco | operator",
		"marking: non-confidential | restricted", "proprietary: yes | no",
		"personal: no | kept | over", "transfer basis: yes | no", "purpose: art2.a | art2.b | art2.k | none",
		"statement: yes | no",
		"stop: none | person | document | stale sign-in | weak sign-in",
		"phase: in-effect | not-in-effect | ended, last day 1 days ago",
	), func(x choice) {
		to, _, gone := strings.Cut(x["to"], ", ")
		f := say(t, x.lines([]string{"marking", "proprietary", "transfer basis", "purpose", "statement", "phase"},
			"act: release", x.who(), "open purposes: art2.a, art2.k",
			map[string]string{"no": "", "kept": "personal data kept until: in 1 days",
				"over": "personal data kept until: now"}[x["personal"]],
			map[string]string{"none": "", "person": "suspended: yes", "document": "document suspended: yes",
				"stale sign-in": "sign-in: stale", "weak sign-in": "sign-in: weak"}[x["stop"]],
			"release to: "+to)...)
		f.Release.ToInForce = !gone
		c.check(x, f, releaseRefusals(x))
	})
	c.done(true)
}

// art2.a is open and the document's; art2.b is the document's but closed; art2.k is open but not the document's.
func releaseRefusals(x choice) []string {
	var no refusals
	from := "org_" + x["of"]
	ended := x.is("phase", "ended, last day 1 days ago")
	if x.is("marking", "non-confidential") {
		no.when(x.is("purpose", "none") || x.is("statement", "no"), "art4.2/no-purpose", from)
		no.when(x.is("purpose", "art2.k"), "art4.2/purpose-not-permitted", "org_wco")
		no.when(x.is("purpose", "art2.b") && !ended, "art4.2/purpose-closed", "org_wco")
		no.when(!x.is("personal", "no") && x.is("transfer basis", "no"), "art4.3/no-transfer-basis", from)
		no.when(x.is("proprietary", "yes") && !x.is("of", "wco"), "art4.5/proprietary", "org_wco")
	} else {
		no.when(true, "art4.8/no-written-consent", "org_wco")
	}
	no.when(x.is("personal", "over"), "art4.3/retention-over", "org_wco")
	no.when(x.party() && !x.is("to", "piu"), "art4.6/not-admitted", from)
	no.when(x.is("stop", "person"), "art4.6/suspended", "")
	no.when(x.is("stop", "document"), "art4.6/suspended", "org_wco")
	no.when(!x.party() || !x.official(), "art4.2/no-authority", "")
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(ended && x.is("purpose", "art2.b", "none"), "art11.4/ended", "")
	no.when(x.is("stop", "stale sign-in"), "gateway/step-up", "")
	no.when(x.is("stop", "weak sign-in"), "gateway/sign-in-too-weak", "")
	return no.sorted()
}

// Stops and closed versions, for every reader: besides what the other enumerations vary.
func TestStopsAndClosedVersionsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	sides := []string{"discloser", "recipient", "third-party", "operator"}
	roles := []string{"staff", "focal-point", "auditor", "service-within"}
	markings := []string{"restricted", "non-confidential"}
	dims := []int{len(sides), len(roles), len(markings), len(phases), 2, 2, 2, 2, 2, 2, 2}
	product(dims, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly(sides[at[0]])
		r.role, r.marking, r.phase = roles[at[1]], markings[at[2]], phases[at[3]]
		r.suspended, r.stopped, r.closed = yesNo[at[4]], yesNo[at[5]], yesNo[at[6]]
		r.admitted, r.depositor = yesNo[at[7]], yesNo[at[8]]
		r.destroyed = yesNo[at[10]]
		if yesNo[at[9]] {
			r.decision = "withdrawn"
		}
		d := c.check(r, r.facts(), r.refusals())
		if d.Permit && (r.suspended || r.destroyed || (r.stopped || r.closed) && r.side != "discloser") {
			t.Fatalf("permitted in spite of a stop: %+v", r)
		}
	})
	c.done(true)
}
