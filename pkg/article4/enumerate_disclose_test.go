package article4_test

import (
	"slices"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
)

var standings = []string{"matching", "other-version", "other-recipient", "other-purpose", "expired", "withdrawn",
	"refused", "none", "without-authority", "evidence-invalid"}

var phases = []string{"not-in-effect", "in-effect", "purpose-closed", "notice-given", "ended", "ended-specific"}

var purposes = []string{"stated", "no-code", "no-sentence", "other"}

var grants = []string{"none", "matching", "expired", "withdrawn", "lapsed", "overdue", "other-version", "other-purpose"}

var yesNo = []bool{true, false}

// product runs over every combination of the dimensions, the last one fastest.
func product(dimensions []int, visit func(at []int)) {
	at := make([]int, len(dimensions))
	for {
		visit(at)
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < dimensions[i] {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// spoken renders reasons as the oracle does, and checks on the way that they are in the order of the table.
func spoken(t testing.TB, reasons []article4.Reason, order map[article4.Code]int) []string {
	var said []string
	for i, reason := range reasons {
		if i > 0 && order[reasons[i-1].Code] > order[reason.Code] {
			t.Fatalf("out of order: %v", reasons)
		}
		said = append(said, string(reason.Code)+" "+string(reason.From))
	}
	slices.Sort(said)
	return said
}

func tableOrder() map[article4.Code]int {
	order := map[article4.Code]int{}
	for i, code := range article4.Codes() {
		order[code] = i
	}
	return order
}

// checker holds Decide against the oracle, and keeps count.
type checker struct {
	t     testing.TB
	rules *article4.Rules
	alone *article4.Rules // the permits without any obligation
	order map[article4.Code]int
	n     int
	seen  map[string]int
}

func newChecker(t testing.TB) *checker {
	rules := load(t)
	return &checker{t: t, rules: rules, alone: article4.PermitsAlone(rules), order: tableOrder(),
		seen: map[string]int{}}
}

// skip thins the combinations out when the race detector is on.
func (c *checker) skip() bool {
	c.n++
	return c.n%every != 0
}

// check decides and compares: the same reasons, and a permit exactly where there are none; and the permits by
// themselves permit the same, so that an obligation that somebody left out would open nothing.
func (c *checker) check(words any, f article4.Facts, want []string) article4.Ruling {
	d := c.rules.Decide(f)
	got := spoken(c.t, d.Reasons, c.order)
	if d.Permit != (len(d.Reasons) == 0) || !slices.Equal(got, want) {
		c.t.Fatalf("%+v:\npermit %v\n got %q\nwant %q", words, d.Permit, got, want)
	}
	if c.alone.Decide(f).Permit != d.Permit {
		c.t.Fatalf("%+v: the permits alone say %v, all rules say %v", words, !d.Permit, d.Permit)
	}
	if d.Permit {
		c.seen["permit"]++
		c.survives(words, f)
	}
	for _, reason := range d.Reasons {
		c.seen[string(reason.Code)]++
	}
	return d
}

// survives holds Article 4(10) and reading 0009 on the way: what is permitted in another phase is permitted in effect,
// with no purpose open beside those that are and those that nothing but the end closed.
func (c *checker) survives(words any, f article4.Facts) {
	if f.Arrangement.Phase == article4.InEffect && f.Arrangement.EndsAt.IsZero() {
		return
	}
	phase := f.Arrangement.Phase
	f.Arrangement.Phase, f.Arrangement.EndsAt = article4.InEffect, time.Time{}
	f.Arrangement.OpenPurposes = slices.Concat(f.Arrangement.OpenPurposes, f.Arrangement.EndedPurposes)
	if d := c.rules.Decide(f); !d.Permit {
		c.t.Fatalf("%+v: permitted in %s, not in effect: %v", words, phase, d.Reasons)
	}
}

func (c *checker) done(permits bool) {
	c.t.Logf("%d combinations, %d permitted", c.n/every, c.seen["permit"])
	if permits && every == 1 && c.seen["permit"] == 0 {
		c.t.Error("nothing was ever permitted: the enumeration shows nothing")
	}
}

// Every combination of decisions, agreement, grant, admission, conditions, phase, purpose and form that a third
// party can come with, against the oracle; and by the same enumeration: no protected byte to a third party
// without the Discloser's consent in force, nor without the authorization of the entity concerned.
func TestThirdPartyHasNoProtectedByteWithoutEveryLeave(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	agreements := []string{"not-required", "signed", "unsigned", "superseded", "declined"}
	conditions := []string{"accepted", "not-accepted"}
	forms := []string{"original", "original-not-granted"}
	dims := []int{len(standings), len(standings), len(agreements), len(grants), 2, 2, len(phases), len(purposes),
		len(forms)}
	product(dims, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly("third-party")
		r.decision, r.entity, r.agreement, r.grant = standings[at[0]], standings[at[1]], agreements[at[2]],
			grants[at[3]]
		r.admitted, r.conditons = yesNo[at[4]], conditions[at[5]]
		r.phase, r.purpose, r.form = phases[at[6]], purposes[at[7]], forms[at[8]]
		d := c.check(r, r.facts(), r.refusals())
		if d.Permit && (r.decision != "matching" || r.entity != "matching" || d.Relies == nil) {
			t.Fatalf("protected bytes without every decision: %+v", r)
		}
	})
	c.done(true)
}

// Every form that can be asked for of every grant, by every side.
func TestFormsAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	sides := []string{"discloser", "recipient", "third-party", "operator"}
	markings := []string{"restricted", "confidential", "non-confidential", "secret"}
	forms := []string{"stamped", "stamped-unavailable", "stamped-not-granted", "original", "original-not-granted",
		"unknown", "view", "view-unavailable", "view-file"}
	grants := []string{"matching", "none", "expired", "withdrawn"}
	releases := []string{"none", "both"}
	product([]int{len(sides), len(markings), len(forms), len(grants), len(releases), 2}, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly(sides[at[0]])
		r.marking, r.form, r.grant, r.release = markings[at[1]], forms[at[2]], grants[at[3]], releases[at[4]]
		r.admitted = yesNo[at[5]]
		c.check(r, r.facts(), r.refusals())
	})
	c.done(true)
}

// Every combination of who reads, in which role, how the document is marked, and what else is asked of a reader.
func TestReadersAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	sides := []string{"discloser", "recipient", "third-party", "operator"}
	roles := []string{"staff", "focal-point", "auditor", "staff+auditor", "none", "service-within", "service-outside",
		"service-unlimited"}
	markings := []string{"restricted", "confidential", "non-confidential", "secret"}
	forms := []string{"stamped-unavailable", "original", "original-not-granted", "unknown", "view"}
	personal := []string{"no", "over"}
	given := []string{"all", "discloser-none", "entity-none", "no-grant"}
	dims := []int{len(sides), len(roles), len(markings), len(forms), len(personal), len(given), len(phases), 3, 2, 2, 2}
	product(dims, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly(sides[at[0]])
		r.role, r.marking, r.form, r.personal = roles[at[1]], markings[at[2]], forms[at[3]], personal[at[4]]
		switch given[at[5]] {
		case "discloser-none":
			r.decision = "none"
		case "entity-none":
			r.entity = "none"
		case "no-grant":
			r.grant = "none"
		}
		r.phase, r.purpose = phases[at[6]], []string{"stated", "no-code", "other"}[at[7]]
		r.focal, r.confirmed, r.depositor = yesNo[at[8]], yesNo[at[9]], yesNo[at[10]]
		c.check(r, r.facts(), r.refusals())
	})
	c.done(true)
}

// The Recipient's people: every standing of the two authorizations and of the grant.
func TestRecipientAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	standings := append(slices.Clone(standings), "outside-series")
	dims := []int{len(standings), len(standings), len(grants), 2, 2, len(phases), len(purposes), 2}
	product(dims, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly("recipient")
		r.agreement = "unsigned" // Article 4(8) asks an agreement of third parties only
		r.decision, r.entity, r.grant, r.admitted = standings[at[0]], standings[at[1]], grants[at[2]], yesNo[at[3]]
		r.focal, r.phase, r.purpose, r.confirmed = yesNo[at[4]], phases[at[5]], purposes[at[6]], yesNo[at[7]]
		d := c.check(r, r.facts(), r.refusals())
		if d.Permit && (r.entity != "matching" || r.decision != "matching") {
			t.Fatalf("protected bytes without every authorization: %+v", r)
		}
	})
	c.done(true)
}

// Non-confidential documents, and the Releases that third parties need.
func TestNonConfidentialAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	sides := []string{"discloser", "recipient", "third-party", "operator"}
	releases := []string{"none", "plain", "basis", "decision", "both"}
	personal := []string{"no", "kept", "over"}
	dims := []int{len(sides), len(releases), len(personal), len(phases), len(purposes), 2, 2}
	product(dims, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly(sides[at[0]])
		r.marking, r.grant = "non-confidential", "none"
		r.release, r.personal, r.phase, r.purpose = releases[at[1]], personal[at[2]], phases[at[3]], purposes[at[4]]
		r.propriety, r.focal = yesNo[at[5]], yesNo[at[6]]
		c.check(r, r.facts(), r.refusals())
	})
	c.done(true)
}

// The end only narrows: what is permitted after the end, or after notice, was permitted before (reading 0009).
func TestTheEndOnlyNarrows(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	sides := []string{"discloser", "recipient", "third-party", "operator"}
	markings := []string{"restricted", "non-confidential"}
	some := []string{"matching", "none", "withdrawn"}
	dims := []int{len(sides), len(markings), len(some), len(some), len(purposes), len(grants), 2, 2}
	product(dims, func(at []int) {
		if c.skip() {
			return
		}
		r := orderly(sides[at[0]])
		r.marking, r.decision, r.entity, r.purpose = markings[at[1]], some[at[2]], some[at[3]], purposes[at[4]]
		r.grant, r.admitted, r.depositor = grants[at[5]], yesNo[at[6]], yesNo[at[7]]
		before := r
		before.phase = "in-effect"
		permitted := c.rules.Decide(before.facts()).Permit
		for _, phase := range []string{"notice-given", "ended", "ended-specific", "not-in-effect", "purpose-closed"} {
			r.phase = phase
			if c.rules.Decide(r.facts()).Permit && !permitted {
				t.Fatalf("permitted in %s but not before: %+v", phase, r)
			}
		}
	})
}
