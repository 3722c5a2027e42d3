package article4_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Who does what to the Discloser's own document, and how two do it.
func TestChangersAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: raise | lower | drop proprietary | add-entity | remove-entity | not-concerned | recall | destroy",
		"role: staff | focal-point | signatory | auditor | service, signatory", "of: wco | unoct | customs",
		"depositor: yes | no", "delegated: yes | no",
		"sign-in: fresh | stale | weak | odd", seconds, "statement: yes | no", "suspended: yes | no",
	), func(x choice) {
		act := map[string]string{
			"raise": "act: mark\nmarking: non-confidential", "lower": "act: mark\nwanted marking: non-confidential",
			"drop proprietary": "act: mark\nproprietary: yes\nkeeps proprietary: no",
		}[x["act"]]
		if act == "" {
			act = "act: " + x["act"]
		}
		c.check(x, say(t, x.lines([]string{"sign-in", "statement", "suspended"}, act, x.who(), x.second())...),
			changeRefusals(x))
	})
	c.done(true)
}

func changeRefusals(x choice) []string {
	var no refusals
	from := "org_" + x["of"]
	own := x.is("of", "wco")
	depositor := own && x.is("depositor", "yes") && x.is("role", "staff")
	lowers := x.is("act", "lower", "drop proprietary")
	var may bool
	switch x["act"] {
	case "raise", "add-entity":
		may = own && x.official() || depositor
	case "lower", "drop proprietary", "remove-entity", "recall":
		may = own && x.signs()
	case "destroy":
		may = own && x.signs() || depositor && x.is("second", "nobody")
	case "not-concerned":
		may = x.is("of", "customs") && x.is("role", "focal-point")
	}
	// the paragraph of the act: markings 4(9), entities 4(4); a recall and a destruction are the gateway's own
	of := map[string]string{"raise": "art4.9", "lower": "art4.9", "drop proprietary": "art4.9", "add-entity": "art4.4",
		"remove-entity": "art4.4", "not-concerned": "art4.4"}[x["act"]]
	if of == "" {
		of = "gateway"
	}
	helps := "org_wco"
	if x.is("act", "not-concerned") { // it is the entity's own
		helps = ""
	}
	no.when(!may, of+"/no-authority", helps)
	no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
	oneself := x.is("second", "oneself") && x.is("depositor", "no") // the depositor bears another name
	missing := oneself || x.secondMissing() && !x.is("second", "oneself")
	no.when(missing && (lowers || x.is("act", "remove-entity", "destroy")), of+"/second-person-missing", from)
	no.when(x.is("statement", "no") && !x.is("act", "add-entity"), "gateway/no-statement", from)
	steps := lowers || x.is("act", "recall", "remove-entity", "not-concerned", "destroy")
	no.when(steps && x.is("sign-in", "stale"), "gateway/step-up", "")
	no.when(steps && x.is("sign-in", "weak", "odd"), "gateway/sign-in-too-weak", "")
	return no.sorted()
}

// Every step from one marking to another, with and without proprietary, in every phase.
func TestMarkingsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: the depositor | a focal point | a signatory | a signatory with a Delegation",
		"marking: confidential | restricted | non-confidential | secret",
		"wanted marking: confidential | restricted | non-confidential | secret | none",
		"proprietary: yes | no", "keeps proprietary: yes | no", "second: nobody | another | oneself",
		"sign-in: fresh | stale", "document suspended: yes | no",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
		"open purposes: art2.a, art2.b | none",
	), func(x choice) {
		x["of"] = "wco"
		who := map[string]string{
			"the depositor": "staff of wco named per_staff_wco", "a focal point": "focal-point of wco",
			"a signatory":                   "signatory of wco",
			"a signatory with a Delegation": "signatory of wco with a Delegation",
		}[x["who"]]
		f := say(t, x.lines([]string{"marking", "wanted marking", "proprietary", "keeps proprietary", "sign-in",
			"document suspended", "phase", "open purposes"},
			"act: mark", "who: "+who, x.second())...)
		if x.is("wanted marking", "none") {
			f.Change.Marking, f.Change.Lowering[0].Marking = "", ""
		}
		c.check(x, f, markingRefusals(x))
	})
	c.done(true)
}

// markingRefusals: confidential and restricted are the two words of one protection (reading 0002); a word that nobody
// knows protects when it stands on a document, and does not when it is wanted.
func markingRefusals(x choice) []string {
	var no refusals
	wanted := x.is("wanted marking", "confidential", "restricted")
	lowers := !x.is("marking", "non-confidential") && !wanted || x.is("proprietary", "yes") &&
		x.is("keeps proprietary", "no")
	no.when(x.is("wanted marking", "secret", "none"), "art4.9/unmarked", "org_wco")
	if !lowers {
		return no.sorted() // one person of the Discloser, in any phase
	}
	no.when(!x.is("who", "a signatory with a Delegation"), "art4.9/no-authority", "org_wco")
	no.when(x.is("second", "oneself") && !x.is("who", "the depositor"), "art4.9/second-person-missing", "org_wco")
	no.when(x.is("phase", "not-in-effect"), "gateway/not-in-effect", "")
	// after the end the Discloser still lowers its own (reading 0009)
	no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
	return no.sorted()
}

// Either Party may consider a document proprietary (Article 4(5)): a focal point or signatory of either, in any phase;
// of the Discloser the depositor too. What else is changed by it, and to take it back, is the Discloser's alone.
func TestArticle4_5WhoStatesThatADocumentIsProprietaryAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"role: staff | focal-point | signatory | auditor | service, signatory", "of: wco | unoct | piu | customs",
		"depositor: yes | no", "marking: confidential | restricted | non-confidential",
		"wanted marking: confidential | restricted | non-confidential", "proprietary: yes | no",
		"keeps proprietary: yes | no", "adds proprietary: yes | no", "statement: yes | no",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
	), func(x choice) {
		f := say(t, x.lines([]string{"marking", "wanted marking", "proprietary", "keeps proprietary",
			"adds proprietary", "statement", "phase"}, "act: mark", x.who())...)
		c.check(x, f, proprietaryRefusals(x))
	})
	c.done(true)
}

func proprietaryRefusals(x choice) []string {
	var no refusals
	from := "org_" + x["of"]
	own := x.is("of", "wco")
	lowers := !x.is("marking", "non-confidential") && x.is("wanted marking", "non-confidential") ||
		x.is("proprietary", "yes") && x.is("keeps proprietary", "no")
	states := x["marking"] == x["wanted marking"] && x.is("proprietary", "no") && x.is("keeps proprietary", "yes") &&
		x.is("adds proprietary", "yes")
	var may bool
	switch {
	case lowers:
		may = own && x.signs()
	case own:
		may = x.official() || x.is("depositor", "yes") && x.is("role", "staff")
	default:
		may = x.is("of", "unoct") && states && x.official()
	}
	no.when(!may, "art4.9/no-authority", "org_wco")
	no.when(lowers && x.is("phase", "not-in-effect"), "gateway/not-in-effect", "")
	no.when(x.is("statement", "no"), "gateway/no-statement", from)
	return no.sorted()
}

// Who changes what a document says of itself; what a purpose that is added asks for, and one that is taken off.
func TestAmendmentsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"role: staff | focal-point | signatory | auditor | service, signatory", "of: wco | unoct | piu | customs",
		"depositor: yes | no", "delegated: yes | no", "marking: restricted | non-confidential | secret",
		"adds: nothing | art2.a | art2.a, art2.b", "takes back: yes | no", "statement: yes | no", "suspended: yes | no",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
		"open purposes: art2.a, art2.b | art2.a | none",
	), func(x choice) {
		lines := x.lines([]string{"marking", "takes back", "statement", "suspended", "phase", "open purposes"},
			"act: amend", x.who())
		if !x.is("adds", "nothing") {
			lines = append(lines, "adds purposes: "+x["adds"])
		}
		c.check(x, say(t, lines...), amendmentRefusals(x))
	})
	c.done(true)
}

func amendmentRefusals(x choice) []string {
	var no refusals
	own, adds := x.is("of", "wco"), !x.is("adds", "nothing")
	may := own && (x.official() || x.is("depositor", "yes") && x.is("role", "staff"))
	closed := adds && !x.is("open purposes", "art2.a, art2.b") && x["adds"] != x["open purposes"]
	of := "art4.7"
	if x.is("marking", "non-confidential") {
		of = "art4.2"
	}
	no.when(closed && !x.is("phase", "ended, last day 1 days ago"), of+"/purpose-closed", "org_wco")
	no.when(x.is("suspended", "yes"), "art4.6/suspended", "")
	no.when(x.is("takes back", "yes") && !(own && x.signs()), "art4.7/no-authority", "org_wco")
	no.when(!may, "art4.9/no-authority", "org_wco")
	no.when(adds && x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(closed && x.is("phase", "ended, last day 1 days ago"), "art11.4/ended", "")
	no.when(x.is("statement", "no"), "gateway/no-statement", "org_"+x["of"])
	return no.sorted()
}

// Who corrects, with what words, and when.
func TestNewVersionsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"role: staff | focal-point | signatory | auditor | service", "of: wco | unoct | customs", "depositor: yes | no",
		"limits: within | other purpose | other marking", "kind: corrects | updates | replaces | improves",
		"statement: yes | no", "over: no | yes",
		"stop: none | person | document | version", "phase: in-effect | not-in-effect | ended, last day 1 days ago",
		"open purposes: art2.a, art2.b | art2.b | none", "read: yes | no",
	), func(x choice) {
		lines := x.lines([]string{"kind", "statement", "phase", "open purposes"}, "act: correct", x.who(),
			map[string]string{"no": "", "yes": "personal data kept until: now"}[x["over"]],
			map[string]string{"none": "", "person": "suspended: yes", "document": "document suspended: yes",
				"version": "version closed: yes"}[x["stop"]],
			map[string]string{"yes": "", "no": "file: not read yet"}[x["read"]])
		if x.is("role", "service") {
			lines = append(lines, map[string]string{
				"within":        "listed purposes: art2.a, art2.b, art2.k\nlisted markings: restricted",
				"other purpose": "listed purposes: art2.a\nlisted markings: restricted",
				"other marking": "listed purposes: art2.a, art2.b\nlisted markings: confidential",
			}[x["limits"]])
			lines = append(lines[:len(lines)-1], strings.Split(lines[len(lines)-1], "\n")...)
		}
		c.check(x, say(t, lines...), versionRefusals(x))
	})
	c.done(true)
}

func versionRefusals(x choice) []string {
	var no refusals
	from := "org_" + x["of"]
	depositor := x.is("depositor", "yes") && x.is("role", "staff", "service")
	no.when(x.is("over", "yes"), "art4.3/retention-over", "org_wco")
	no.when(x.is("stop", "person"), "art4.6/suspended", "")
	no.when(!(x.is("of", "wco") && (x.official() || depositor)), "art4.9/no-authority", "org_wco")
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(x.is("phase", "ended, last day 1 days ago") && x.is("open purposes", "none"), "art11.4/ended", "")
	no.when(x.is("role", "service") && !x.is("limits", "within"), "gateway/service-limited", from)
	no.when(x.is("statement", "no") || x.is("kind", "improves"), "gateway/no-statement", from)
	return no.sorted()
}

// What is found in a new version is held against what the document declared, as at its deposit.
func TestNewVersionFindingsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"marking: restricted | confidential | non-confidential", "personal data: no | yes", "empty: yes | no",
		"large: yes | no",
		"size: same | other", "digest: same | other", "type: same | other", "passengers: yes | no",
		"received: yes | no",
		"headers: same | another | another, confirmed", "malware: no | found", "inspected: yes | no",
	), func(x choice) {
		lines := x.lines([]string{"marking"}, "act: correct", "who: focal-point of wco")
		if x.is("personal data", "yes") {
			lines = append(lines, "personal data kept until: in 30 days")
		}
		f := say(t, lines...)
		f.Deposit.Found = &article4.FoundFacts{
			Empty:               x.is("empty", "yes"),
			TooLarge:            x.is("large", "yes"),
			SizeMatches:         x.is("size", "same"),
			DigestMatches:       x.is("digest", "same"),
			TypeMatches:         x.is("type", "same"),
			PassengerData:       x.is("passengers", "yes"),
			DisclosedToOwn:      x.is("received", "yes"),
			MarkingContradicted: !x.is("headers", "same"),
			MalwareFound:        x.is("malware", "found"),
			NotInspected:        x.is("inspected", "no"),
		}
		f.Deposit.MarkingConfirmed = x.is("headers", "another, confirmed")
		var no refusals
		no.when(x.is("passengers", "yes") && x.is("personal data", "no"), "art4.3/passenger-data-undeclared", "org_wco")
		no.when(x.is("passengers", "yes") && x.is("marking", "non-confidential"), "gateway/passenger-data-protected",
			"org_wco")
		no.when(x.is("received", "yes"), "art4.9/received-from-the-other", "")
		no.when(x.is("empty", "yes"), "gateway/empty", "org_wco")
		no.when(x.is("large", "yes"), "gateway/too-large", "org_wco")
		no.when(x.is("size", "other"), "gateway/size-mismatch", "org_wco")
		no.when(x.is("digest", "other"), "gateway/digest-mismatch", "org_wco")
		no.when(x.is("type", "other"), "gateway/type-mismatch", "org_wco")
		no.when(x.is("headers", "another"), "art4.9/marking-conflict", "org_wco")
		no.when(x.is("malware", "found"), "gateway/malware-found", "")
		no.when(x.is("inspected", "no"), "gateway/not-inspected", "")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}
