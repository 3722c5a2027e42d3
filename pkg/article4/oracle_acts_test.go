package article4_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// choice is one combination: the name of each dimension with the word chosen.
type choice map[string]string

// dimension is one thing that varies, "name: word | word | …".
type dimension struct {
	name  string
	words []string
}

func dimensions(lines ...string) []dimension {
	var all []dimension
	for _, line := range lines {
		name, words, _ := strings.Cut(line, ": ")
		all = append(all, dimension{name, strings.Split(words, " | ")})
	}
	return all
}

// each visits every combination of the dimensions.
func each(c *checker, dims []dimension, visit func(choice)) {
	sizes := make([]int, len(dims))
	for i := range dims {
		sizes[i] = len(dims[i].words)
	}
	product(sizes, func(at []int) {
		if c.skip() {
			return
		}
		chosen := choice{}
		for i := range dims {
			chosen[dims[i].name] = dims[i].words[at[i]]
		}
		visit(chosen)
	})
}

func (c choice) is(name string, words ...string) bool { return slices.Contains(words, c[name]) }

// refusals collects what the oracle says.
type refusals []string

func (r *refusals) when(applies bool, code, from string) {
	if applies {
		*r = append(*r, code+" "+from)
	}
}

func (r refusals) sorted() []string {
	slices.Sort(r)
	return slices.Compact(r)
}

// say builds the facts of a case out of lines of the vocabulary that the plain cases use.
func say(t testing.TB, lines ...string) article4.Facts {
	t.Helper()
	c := plainCase{place: strings.Join(lines, "; ")}
	for _, line := range lines {
		if line == "" {
			continue
		}
		if err := c.add(line); err != nil {
			t.Fatal(err)
		}
	}
	f, err := c.facts()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// unless gives the line unless the word chosen is the one in good order.
func (c choice) unless(name, good, line string) string {
	if c[name] == good {
		return ""
	}
	return fmt.Sprintf(line, c[name])
}

// What a deposit declares, against the oracle of 4(3), 4(4), 4(5), 4(9) and 11.
func TestDepositDeclarationsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: staff of wco | auditor of wco | staff of piu | service of wco",
		"marking: restricted | non-confidential | secret",
		"title: yes | no", "statement: yes | no",
		"purpose: art2.a | art2.a, art2.k | none",
		"recipient: unoct | piu",
		"personal data: no | not said | yes, with safeguards | yes, without legal basis | yes, retention over",
		"declared: yes | no", "known: yes | no",
		"phase: in-effect | not-in-effect | ended, last day 1 days ago",
	), func(x choice) {
		lines := []string{"act: deposit", "who: " + x["who"]}
		if x.is("who", "service of wco") {
			lines = append(lines, "listed purposes: art2.a", "listed markings: restricted")
		}
		for _, key := range []string{"marking", "title", "statement", "purpose", "recipient", "personal data",
			"phase"} {
			lines = append(lines, key+": "+x[key])
		}
		lines = append(lines, "entities declared: "+x["declared"], "entities known: "+x["known"])
		c.check(x, say(t, lines...), depositRefusals(x))
	})
	c.done(true)
}

func depositRefusals(x choice) []string {
	var no refusals
	from := "org_wco"
	if x.is("who", "staff of piu") {
		from = "org_piu"
	}
	closed := x.is("purpose", "art2.a, art2.k")
	ended := x.is("phase", "ended, last day 1 days ago")
	no.when(x.is("marking", "non-confidential") && closed && !ended, "art4.2/purpose-closed", from)
	no.when(!x.is("marking", "non-confidential") && closed && !ended, "art4.7/purpose-closed", from)
	no.when(x.is("personal data", "not said"), "art4.3/undeclared", from)
	no.when(x.is("personal data", "yes, without legal basis"), "art4.3/no-safeguard", from)
	no.when(x.is("personal data", "yes, retention over"), "art4.3/retention-over", from)
	no.when(x.is("declared", "no") || x.is("known", "no"), "art4.4/entities-undeclared", from)
	no.when(x.is("recipient", "piu"), "art4.5/not-the-recipient", from)
	no.when(x.is("marking", "secret"), "art4.9/unmarked", from)
	no.when(x.is("statement", "no") || x.is("purpose", "none"), "art4.9/no-purpose", from)
	no.when(x.is("who", "auditor of wco", "staff of piu"), "art4.9/not-discloser", "")
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(ended && !x.is("purpose", "art2.a"), "art11.4/ended", "")
	no.when(x.is("title", "no"), "gateway/untitled", from)
	no.when(x.is("who", "service of wco") && !(x.is("marking", "restricted") && x.is("purpose", "art2.a")),
		"gateway/service-limited", from)
	// retention is told to the Discloser, who is whoever deposits
	return no.sorted()
}

// What is found in the file.
func TestDepositFindingsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"marking: restricted | non-confidential | secret", "personal data: no | yes, with safeguards",
		"empty: yes | no", "large: yes | no", "size: same | other", "digest: same | other", "type: same | other",
		"passengers: yes | no", "received: yes | no",
		"headers: same | another | another, confirmed", "malware: no | found", "inspected: yes | no",
	), func(x choice) {
		f := say(t, "act: deposit", "who: staff of wco", "marking: "+x["marking"], "personal data: "+x["personal data"])
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
		no.when(x.is("marking", "secret"), "art4.9/unmarked", "org_wco")
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

// Asking, against the oracle.
func TestRequestsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: staff of wco | staff of unoct | auditor of unoct | staff of piu | operator of operator",
		"for: piu | unoct | wco | operator", "marking: restricted | non-confidential",
		"in force: yes | no", "people: yes | no", "purpose: art2.a | art2.b | art2.k | none", "statement: yes | no",
		"until: in 30 days | now | not given", "form: stamped | view, not shown | printed",
		"focal: wco, unoct | wco", "phase: in-effect | notice-given, last day in 29 days | ended, last day 1 days "+
			"ago | not-in-effect",
		"over: no | yes",
	), func(x choice) {
		lines := []string{
			"act: request", "who: " + x["who"], "asks for: " + x["for"], "marking: " + x["marking"],
			"organisation in force: " + x["in force"],
			"people belong: " + x["people"], "purpose: " + x["purpose"], "statement: " + x["statement"],
			"asks until: " + x["until"],
			"form: " + formOf(x["form"]), "can be shown: " + shownOf(x["form"]),
			"focal points: " + x["focal"], "phase: " + x["phase"],
			"open purposes: art2.a, art2.k",
		}
		if x.is("over", "yes") {
			lines = append(lines, "personal data kept until: now")
		}
		c.check(x, say(t, lines...), requestRefusals(x))
	})
	c.done(true)
}

// art2.a is open and the document's; art2.b is the document's but closed; art2.k is open but not the document's.
func requestRefusals(x choice) []string {
	var no refusals
	from := map[string]string{"staff of wco": "org_wco", "staff of unoct": "org_unoct", "auditor of unoct": "org_unoct",
		"staff of piu": "org_piu", "operator of operator": "org_operator"}[x["who"]]
	third := x.is("who", "staff of piu", "operator of operator")
	free := x.is("marking", "non-confidential")
	ended := x.is("phase", "ended, last day 1 days ago")
	wordless := x.is("purpose", "none") || x.is("statement", "no")
	no.when(x.is("over", "yes"), "art4.3/retention-over", "org_wco")
	if free {
		no.when(wordless, "art4.2/no-purpose", from)
		no.when(x.is("purpose", "art2.k"), "art4.2/purpose-not-permitted", "org_wco")
		no.when(x.is("purpose", "art2.b") && !ended, "art4.2/purpose-closed", "org_wco")
		no.when(third || x.is("for", "piu"), "art4.2/not-released", "org_wco")
	} else {
		no.when(wordless, "art4.7/no-purpose", from)
		no.when(x.is("purpose", "art2.k"), "art4.7/purpose-not-permitted", "org_wco")
		no.when(x.is("purpose", "art2.b") && !ended, "art4.7/purpose-closed", "org_wco")
		no.when(third, "art4.8/onward-sharing", "org_wco")
		no.when(x.is("focal", "wco"), "art5.3/no-focal-point", "org_unoct")
	}
	no.when(x.is("until", "now", "not given"), "art4.5/no-end-ahead", from)
	no.when(x.is("who", "auditor of unoct") || x.is("for", "operator") || x.is("who", "operator of operator"),
		"art4.6/not-admitted", "")
	strange := x.is("for", "wco") && !x.is("who", "staff of wco")
	no.when(!third && (x.is("in force", "no") || strange), "art4.6/not-admitted", from)
	no.when(!third && x.is("people", "no"), "art4.6/not-admitted", from)
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(x.is("phase", "notice-given, last day in 29 days") && x.is("until", "in 30 days"), "art11.4/notice-given",
		from)
	no.when(ended && x.is("purpose", "art2.b", "none"), "art11.4/ended", "")
	no.when(x.is("form", "printed"), "gateway/form-not-granted", from)
	no.when(x.is("form", "view, not shown"), "gateway/form-unavailable", from)
	return no.sorted()
}

// formOf and shownOf read "view, not shown": reading page by page of what cannot be shown so.
func formOf(said string) string { return strings.TrimSuffix(said, ", not shown") }

func shownOf(said string) string {
	if strings.HasSuffix(said, ", not shown") {
		return "no"
	}
	return "yes"
}

// Who may decide, admit and withdraw.
func TestAuthorityAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: authorize | consent | refuse | admit | withdraw",
		"role: signatory | focal-point | staff | service, signatory, focal-point",
		"of: wco | unoct | customs | piu | operator",
		"delegated: yes | no", "sign-in: fresh | stale | weak | odd", "asked by: per_reader | per_asker",
		"for: piu | unoct",
		"concerned: customs | customs, unoct", "state: open | withdrawn | refused | lapsed | expired",
		"asking: unoct | wco",
	), func(x choice) {
		who := "who: " + x["role"] + " of " + x["of"]
		if x.is("delegated", "yes") {
			who += " with a Delegation"
		} else {
			who += " without a Mandate"
		}
		lines := []string{
			"act: " + x["act"], who, "sign-in: " + x["sign-in"], "grant for: " + x["for"], "asked by: " + x["asked by"],
			"entities: " + x["concerned"], "focal points: wco, unoct, customs, piu, operator",
			"asked by organisation: " + x["asking"],
		}
		switch x["state"] {
		case "withdrawn":
			lines = append(lines, "grant withdrawn: yes")
		case "refused":
			lines = append(lines, "authorization of customs: refused")
		case "lapsed":
			lines = append(lines, "authorization of customs: missing", "grant made: 14 days ago")
		case "expired":
			lines = append(lines, "authorization of customs: expired")
		}
		c.check(x, say(t, lines...), authorityRefusals(x))
	})
	c.done(true)
}

func authorityRefusals(x choice) []string {
	var no refusals
	from, beneficiary := "org_"+x["of"], "org_"+x["for"]
	asker := x.is("asked by", "per_reader")
	party := x.is("of", "wco", "unoct")
	concerned := x.is("of", "wco", "customs") || (x.is("of", "unoct") && x.is("concerned", "customs, unoct"))
	speaks := party && x.is("role", "signatory") && x.is("delegated", "yes") || !party && x.is("role", "focal-point") &&
		x.is("delegated", "yes")
	if x.is("act", "withdraw") {
		speaks = speaks || !party && x.is("role", "focal-point") // taking back narrows: a focal point is enough
		givesUp := x.is("role", "focal-point") && (x["of"] == x["for"] || x["of"] == x["asking"])
		no.when(!asker && !givesUp && !(concerned && speaks), "art4.4/no-authority", "")
		return no.sorted()
	}
	no.when(!x.is("state", "open"), "gateway/request-closed", beneficiary)
	if x.is("act", "admit") {
		no.when(x["of"] != x["for"] || !x.is("role", "focal-point"), "art4.6/not-admitted", beneficiary)
		return no.sorted()
	}
	if x.is("act", "consent") {
		no.when(!(x.is("of", "wco") && speaks), "art4.8/no-authority", "org_wco")
		no.when(x.is("for", "unoct"), "art4.8/not-a-third-party", beneficiary)
	} else {
		no.when(!(concerned && speaks), "art4.4/no-authority", from)
	}
	no.when(asker, "gateway/own-request", from)
	no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
	no.when(x.is("sign-in", "weak", "odd"), "gateway/sign-in-too-weak", "")
	return no.sorted()
}

// What a decision brings with it.
func TestDecisionTermsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: authorize | consent | refuse", "statement: yes | no",
		"until: own | in 5 days | in 90 days | now | 1 days ago",
		"form: own | view | view, not shown | stamped | original", "granted form: stamped | view",
		"version: ver_1 | ver_0",
		"evidence: oidc | letter, invalid | none | none, admitted | rumour", "none: no | repeated | not repeated",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
		"purposes: art2.a | none", "over: no | yes",
	), func(x choice) {
		lines := []string{
			"act: " + x["act"], "who: signatory of wco with a Delegation", "statement: " + x["statement"],
			"grant form: " + x["granted form"],
			"grant version: " + x["version"],
			"phase: " + x["phase"], "open purposes: " + x["purposes"], "consent of wco: missing",
			x.unless("until", "own", "decision until: %s"),
			"can be shown: " + shownOf(x["form"]),
		}
		if !x.is("form", "own") {
			lines = append(lines, "decision form: "+formOf(x["form"]))
		}
		evidence, but, _ := strings.Cut(x["evidence"], ", ")
		lines = append(lines, "evidence: "+evidence)
		switch but {
		case "invalid":
			lines = append(lines, "evidence valid: no")
		case "admitted":
			lines = append(lines, "evidence none admitted: yes")
		}
		if !x.is("none", "no") {
			lines = append(lines, "entities: none", "entities confirmed: no")
			if x.is("none", "repeated") {
				lines = append(lines, "none repeated: yes")
			}
		}
		if x.is("over", "yes") {
			lines = append(lines, "personal data kept until: now")
		}
		c.check(x, say(t, lines...), termsRefusals(x))
	})
	c.done(true)
}

func termsRefusals(x choice) []string {
	var no refusals
	ended := x.is("phase", "ended, last day 1 days ago")
	closed := x.is("purposes", "none")
	no.when(x.is("statement", "no"), "gateway/no-statement", "org_wco")
	no.when(closed, "gateway/request-closed", "org_piu")
	if x.is("act", "refuse") {
		return no.sorted()
	}
	no.when(x.is("over", "yes"), "art4.3/retention-over", "org_wco")
	no.when(x.is("none", "not repeated"), "art4.4/entities-unconfirmed", "org_wco")
	no.when(x.is("until", "now", "1 days ago"), "art4.5/no-end-ahead", "org_wco")
	no.when(closed && !ended, "art4.7/purpose-closed", "org_wco")
	if x.is("act", "consent") {
		no.when(x.is("version", "ver_0"), "art4.8/other-version", "org_piu")
		no.when(!x.is("evidence", "oidc", "none, admitted"), "art4.8/evidence-invalid", "org_wco")
	} else {
		no.when(!x.is("evidence", "oidc", "none, admitted"), "art4.4/evidence-invalid", "org_wco")
		no.when(x.is("version", "ver_0"), "art4.4/other-version", "org_piu")
	}
	no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
	no.when(x.is("phase", "notice-given, last day in 10 days") && x.is("until", "own", "in 90 days"),
		"art11.4/notice-given", "org_wco")
	no.when(ended && closed, "art11.4/ended", "")
	widens := x.is("form", "original") || (x.is("form", "stamped") && x.is("granted form", "view"))
	no.when(x.is("form", "view, not shown"), "gateway/form-unavailable", "org_wco")
	no.when(widens, "gateway/form-not-granted", "org_wco")
	no.when(x.is("until", "in 90 days"), "gateway/until-not-granted", "org_wco")
	return no.sorted()
}

// The Confidentiality Agreement, put and signed.
func TestAgreementsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: propose-agreement | sign | decline-agreement", "role: focal-point | signatory | staff",
		"of: wco | piu | customs | operator", "with: piu | unoct", "text: yes | no", "newest: yes | no",
		"declined: no | yes",
		"statement: yes | no", "sign-in: fresh | stale | weak",
		"phase: in-effect | not-in-effect | ended, last day 1 days ago", "purposes: art2.a | none",
	), func(x choice) {
		f := say(t, "act: "+x["act"], "who: "+x["role"]+" of "+x["of"], "agreement with: "+x["with"],
			"agreement text: "+x["text"],
			"newest text: "+x["newest"], "text declined: "+x["declined"],
			"statement: "+x["statement"], "sign-in: "+x["sign-in"], "phase: "+x["phase"],
			"open purposes: "+x["purposes"])
		var no refusals
		from := "org_" + x["of"]
		switch {
		case x.is("act", "decline-agreement"): // whoever may sign, on the same text, at any time of the Arrangement
			no.when(!x.is("role", "focal-point") || x["of"] != x["with"], "art4.8/no-authority", "org_"+x["with"])
			no.when(x.is("newest", "no"), "art4.8/agreement-superseded", from)
			no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
			no.when(x.is("sign-in", "weak"), "gateway/sign-in-too-weak", "")
			no.when(x.is("text", "no") || x.is("statement", "no"), "gateway/no-statement", from)
			c.check(x, f, no.sorted())
			return
		case x.is("act", "sign"):
			no.when(x.is("declined", "yes"), "art4.8/agreement-declined", "org_wco")
			no.when(!x.is("role", "focal-point") || x["of"] != x["with"], "art4.8/no-authority", "org_"+x["with"])
			no.when(x.is("newest", "no"), "art4.8/agreement-superseded", from)
			no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
			no.when(x.is("sign-in", "weak"), "gateway/sign-in-too-weak", "")
			no.when(x.is("text", "no") || x.is("statement", "no"), "gateway/signature-incomplete", from)
		default:
			no.when(!x.is("of", "wco") || x.is("role", "staff"), "art4.8/no-authority", "")
			// who else is a third party is told only to those who may put a text to one
			no.when(x.is("with", "unoct") && x.is("of", "wco") && !x.is("role", "staff"), "art4.8/not-a-third-party",
				from)
			no.when(x.is("text", "no"), "gateway/no-statement", from)
		}
		no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
		no.when(x.is("phase", "ended, last day 1 days ago") && x.is("purposes", "none"), "art11.4/ended", "")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// Whoever may not know of a document hears what is heard of an absent one.
func TestStandingAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: staff of wco | auditor of unoct | none of unoct | staff of piu | focal-point of customs | none of piu "+
			"| operator of operator",
		"marking: restricted | non-confidential", "for: piu | unoct | wco | nobody",
		"decision: matching | none | refused | withdrawn | other-recipient | evidence-invalid",
		"entity: matching | none | refused | expired",
		"agreement: signed | unsigned", "until: later | now", "made: lately | long ago", "release: no | yes",
		"via: access | request", "asker: wco | unoct",
	), func(x choice) {
		lines := []string{"act: describe", "who: " + x["who"], "marking: " + x["marking"], "grant for: " + x["for"]}
		if x.is("release", "yes") {
			lines = append(lines, "released to: piu")
		}
		f := say(t, lines...)
		if len(f.Access.Grants) == 1 {
			g := &f.Access.Grants[0]
			kind := article4.Consent
			if x.is("for", "unoct") {
				kind = article4.Authorization
			}
			g.Decisions = append(decisionFacts(x["decision"], kind, "org_wco", g.For),
				decisionFacts(x["entity"], article4.Authorization, "org_customs", g.For)...)
			g.Agreements = agreement(article4.AgreementStanding(x["agreement"]))
			if x.is("until", "now") {
				g.Until = now
			}
			if x.is("made", "long ago") {
				g.MadeAt = now.Add(-365 * 24 * time.Hour)
			}
			if x.is("via", "request") {
				asker := article4.OrganisationID("org_" + x["asker"])
				f.Request, f.Access = &article4.RequestFacts{Grant: *g, AskedByOrg: asker}, nil
			}
		}
		if got, want := article4.StandingOf(f), hasStanding(x); got != want {
			t.Fatalf("%v: standing %v, want %v", x, got, want)
		}
		if d := c.rules.Decide(f); d.Permit != hasStanding(x) {
			t.Fatalf("%v: describe %v", x, d)
		}
	})
}

func hasStanding(x choice) bool {
	if x.is("via", "request") && x.is("for", "wco") && !x.is("who", "staff of wco") {
		return false // the Discloser's own affair
	}
	if x.is("via", "request") && x.is("who", "auditor of unoct") && x.is("for", "piu") && x.is("asker", "wco") {
		return false // neither asked by the Recipient, nor for it, nor put to it
	}
	if x.is("who", "staff of wco", "auditor of unoct") {
		return true
	}
	if x.is("who", "none of unoct", "none of piu", "operator of operator") {
		return false
	}
	if x.is("who", "focal-point of customs") && !x.is("for", "nobody", "wco") && !x.is("entity", "none") {
		return true // it decided, and keeps sight of what it decided
	}
	if x.is("who", "staff of piu") {
		viaRequest := x.is("via", "request") && !x.is("for", "nobody")
		released := x.is("release", "yes") && x.is("marking", "non-confidential") && !viaRequest
		return released || (x.is("for", "piu") && !x.is("decision", "none", "refused")) // consented once
	}
	return putToCustoms(x)
}

// putToCustoms: the entity concerned was asked, and the request is open or in force.
func putToCustoms(x choice) bool {
	if x.is("for", "nobody") || x.is("until", "now") {
		return false
	}
	unsigned := x.is("agreement", "unsigned") && x.is("for", "piu")
	if x.is("marking", "non-confidential") || x.is("for", "wco") { // no decision is needed, so none was asked for
		return false
	}
	if x.is("decision", "refused", "withdrawn") || x.is("entity", "refused", "expired") {
		return false
	}
	wanting := x.is("decision", "none") || x.is("entity", "none") || unsigned
	return !wanting || x.is("made", "lately")
}

// Who sees a record whole, and who its stub: titles are content enough.
// Scene D: a third party sees the record of the version that it has a consent for, and of no other.
func TestAThirdPartySeesTheVersionOfItsConsentAndNoOther(t *testing.T) {
	reader := say(t, "act: describe", "who: staff of piu")
	consented := reader.Document.Version
	reader.Document.Version = "ver_later"
	if id, whole := article4.WholeVersion(reader); !whole || id != consented {
		t.Errorf("the third party sees %q whole: %v; want %s", id, whole, consented)
	}
	if !article4.SeesVersion(reader, consented) || article4.SeesVersion(reader, "ver_later") {
		t.Error("the third party sees another version than that of its consent")
	}
	for name, f := range map[string]article4.Facts{
		"nobody's grant": say(t, "act: describe", "who: staff of piu", "grant for: nobody"),
		"no document":    {},
	} {
		if id, whole := article4.WholeVersion(f); whole || id != "" || article4.SeesVersion(f, "ver_0") {
			t.Errorf("%s: sees %q whole: %v", name, id, whole)
		}
	}
	depositor := say(t, "act: describe", "who: staff of wco named per_staff_wco")
	if id, whole := article4.WholeVersion(depositor); !whole || id != depositor.Document.Version {
		t.Errorf("the depositor sees %q whole: %v", id, whole)
	}
	bare := say(t, "act: describe", "who: staff of piu")
	bare.Access = nil
	if _, whole := article4.WholeVersion(bare); whole {
		t.Error("who relies on nothing sees a version whole")
	}
}

func TestWhoSeesTheRecordWhole(t *testing.T) {
	for sentence, c := range map[string]struct {
		whole bool
		lines []string
	}{
		"the depositor":                  {true, []string{"who: staff of wco named per_staff_wco"}},
		"a focal point of the Discloser": {true, []string{"who: focal-point of wco"}},
		"a signatory of the Discloser":   {true, []string{"who: signatory of wco"}},
		"a colleague of the depositor":   {false, []string{"who: staff of wco named per_other"}},
		"a colleague whom the focal point admitted": {true,
			[]string{"who: staff of wco", "grant for: wco", "people admitted: per_reader"}},
		"a colleague who only asked": {false,
			[]string{"who: staff of wco named per_asker", "grant for: wco"}},
		"a colleague whom a colleague named": {false,
			[]string{"who: staff of wco", "grant for: wco", "people named: per_reader"}},
		"an auditor of the Discloser":         {false, []string{"who: auditor of wco named per_staff_wco"}},
		"the Recipient's staff":               {false, []string{"who: staff of unoct", "grant for: nobody"}},
		"the Recipient's reader with a grant": {true, []string{"who: staff of unoct", "grant for: unoct"}},
		"the Recipient's reader before authorization": {false,
			[]string{"who: staff of unoct", "grant for: unoct", "authorization of customs: missing"}},
		"the asker": {true, []string{"who: staff of unoct named per_asker", "grant for: unoct"}},
		"the Recipient's staff, non-confidential": {true,
			[]string{"who: staff of unoct", "marking: non-confidential", "grant for: nobody"}},
		"the Recipient's auditor, non-confidential": {false,
			[]string{"who: auditor of unoct", "marking: non-confidential"}},
		"the third party's reader": {true, []string{"who: staff of piu"}},
		"the third party's reader of an earlier version": {false,
			[]string{"who: staff of piu", "grant version: ver_0"}},
		"the third party's colleague": {false,
			[]string{"who: staff of piu named per_other"}},
		"the third party after the withdrawal": {false,
			[]string{"who: staff of piu", "consent of wco: withdrawn"}},
		"a third party without standing": {false,
			[]string{"who: staff of piu", "grant for: nobody"}},
		"a third party after a Release": {true,
			[]string{"who: staff of piu", "marking: non-confidential", "released to: piu", "grant for: nobody"}},
		"a third party that had consent, lowered since, without a Release": {false,
			[]string{"who: staff of piu named per_other", "marking: non-confidential"}},
		"the entity concerned": {false, []string{"who: focal-point of customs"}},
	} {
		if got := article4.WholeOf(say(t, append([]string{"act: describe"}, c.lines...)...)); got != c.whole {
			t.Errorf("%s: %v", sentence, got)
		}
	}
	for sentence, c := range map[string]struct {
		standing bool
		lines    []string
	}{
		"a machine client within its limits": {true,
			[]string{"listed purposes: art2.a", "listed markings: restricted"}},
		"of other markings": {false,
			[]string{"listed purposes: art2.a", "listed markings: non-confidential"}},
		"of other purposes": {false,
			[]string{"listed purposes: art2.k", "listed markings: restricted"}},
		"of one of the document's purposes": {true,
			[]string{"listed purposes: art2.b, art2.k", "listed markings: restricted"}},
		"without limits, which are limited to nothing": {false, nil},
	} {
		f := say(t, append([]string{"act: describe", "who: service of unoct", "marking: restricted"}, c.lines...)...)
		if got := article4.StandingOf(f); got != c.standing {
			t.Errorf("%s: standing %v", sentence, got)
		}
	}
	f := say(t, "act: describe", "who: focal-point of customs", "grant for: nobody")
	for _, put := range []bool{false, true} { // a lowering is put to the entity concerned
		f.Change = &article4.ChangeFacts{LoweringPut: put}
		if got := article4.StandingOf(f); got != put {
			t.Errorf("a lowering is put to the entity %v: standing %v", put, got)
		}
	}
	f = say(t, "act: describe", "who: staff of wco")
	f.Access = nil
	if article4.WholeOf(f) {
		t.Error("whole without anything to rely on")
	}
}
