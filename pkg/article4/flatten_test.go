package article4_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

// The flattening, apart from the rules: what Decide says of the authorization of one organisation must follow from
// all the leaves that it left on a request, in whatever order they stand there.
func TestSeveralLeavesOfOneOrganisationFlattenToOneStanding(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	kinds := []string{"other-kind", "other-organisation", "unknown-state"}
	words := append(slices.Clone(standings), kinds...)
	product([]int{len(words), len(words), len(words)}, func(at []int) {
		if c.skip() {
			return
		}
		f := disclosure()
		g := &f.Access.Grants[0]
		var said []string
		g.Decisions = decisionFacts("matching", article4.Consent, wco, piu)
		for _, i := range at {
			said = append(said, words[i])
			g.Decisions = append(g.Decisions, oddDecision(words[i])...)
		}
		var no refusals
		no = append(no, refusedAuthorization(flattened(said), "org_customs")...)
		c.check(said, f, no.sorted())
	})
	c.done(true)
}

func oddDecision(word string) []article4.DecisionFacts {
	l := decisionFacts("matching", article4.Authorization, customs, piu)
	switch word {
	case "other-kind":
		l[0].Kind = article4.Consent
	case "other-organisation":
		l[0].By = unoct
	case "unknown-state":
		l[0].State = "perhaps"
	case "other-recipient":
		l[0].Recipient = unoct
	default:
		return decisionFacts(word, article4.Authorization, customs, piu)
	}
	return l
}

// flattened is the oracle: a no outweighs everything; else one good decision is enough; else the least faulty speaks.
func flattened(said []string) string {
	for _, word := range []string{"withdrawn", "refused", "matching", "without-authority", "evidence-invalid",
		"expired", "other-purpose", "other-recipient", "other-version"} {
		if slices.Contains(said, word) {
			return word
		}
	}
	return "none"
}

// A decision with several faults has the standing of the first of: version, recipient, purpose, time, evidence,
// authority.
func TestALeaveWithSeveralFaultsHasTheFirst(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	product([]int{2, 2, 2, 2, 2, 2}, func(at []int) {
		f := disclosure()
		l := &f.Access.Grants[0].Decisions[0]
		want := ""
		for i, fault := range []struct {
			spoil func()
			code  string
		}{
			{func() { l.Version = "ver_0" }, "art4.8/other-version org_wco"},
			{func() { l.Recipient = unoct }, "art4.8/other-recipient org_wco"},
			{func() { l.Purpose = "art2.b" }, "art4.8/other-purpose org_wco"},
			{func() { l.Until = now }, "art4.8/consent-expired org_wco"},
			{func() { l.EvidenceValid = false }, "art4.8/evidence-invalid org_wco"},
			{func() { l.Authority = false }, "art4.8/no-authority org_wco"},
		} {
			if at[i] == 1 {
				fault.spoil()
				if want == "" {
					want = fault.code
				}
			}
		}
		var no []string
		if want != "" {
			no = []string{want}
		}
		c.check(at, f, no)
	})
}

// The nearest grant: where one of several permits, the answer is a permit that rests on it, in whatever order
// they come; where none does, the reasons are those of one of them.
func TestTheNearestOfSeveralGrantsIsReliedOn(t *testing.T) {
	rules := load(t)
	faults := []func(*article4.GrantFacts){
		func(*article4.GrantFacts) {},
		func(g *article4.GrantFacts) { g.Withdrawn = true },
		func(g *article4.GrantFacts) { g.Version = "ver_0" },
		func(g *article4.GrantFacts) { g.Purpose = "art2.b" },
		func(g *article4.GrantFacts) { g.Until = now },
		func(g *article4.GrantFacts) { g.Lapsed = true },
		func(g *article4.GrantFacts) { g.Decisions = g.Decisions[:1] },
		func(g *article4.GrantFacts) { g.Decisions = nil; g.MadeAt = now.AddDate(-1, 0, 0) },
		func(g *article4.GrantFacts) { g.Agreements.OfDiscloser = "" },
		func(g *article4.GrantFacts) { g.People = nil },
		func(g *article4.GrantFacts) { g.ConditionsOf = "aa" },
		func(g *article4.GrantFacts) { g.Form = article4.Stamped },
		func(g *article4.GrantFacts) { g.For = unoct },
	}
	product([]int{len(faults), len(faults), len(faults)}, func(at []int) {
		f := disclosure()
		f.Access.Grants = nil
		anyPermits, alike := false, false
		var alone []article4.Ruling
		for n, i := range at {
			g := grantFor(piu, article4.ThirdParty, "per_analyst_piu")
			g.Request = article4.RequestID(rune('1' + n))
			faults[i](&g)
			one := f
			one.Access = &article4.AccessFacts{Purpose: purpose, StatementPresent: true, Form: article4.Original,
				StampAvailable: true, Grants: []article4.GrantFacts{g}}
			alone = append(alone, rules.Decide(one))
			anyPermits = anyPermits || alone[n].Permit
			f.Access.Grants = append(f.Access.Grants, g)
		}
		d := rules.Decide(f)
		for n := range alone {
			alike = alike || cmp.Equal(alone[n].Reasons, d.Reasons)
		}
		if d.Permit != anyPermits || !alike {
			t.Fatalf("grants %v: %+v, alone %+v", at, d, alone)
		}
		if d.Permit && !cmp.Equal(alone[slices.IndexFunc(alone,
			func(o article4.Ruling) bool { return o.Permit })].Relies, d.Relies) {
			t.Fatalf("grants %v: relies on %v", at, d.Relies.Request)
		}
	})
}

// Removing any one required authorization denies, however many entities are concerned (reading 0001).
func TestRemovingAnyOneRequiredLeaveDenies(t *testing.T) {
	rules := load(t)
	entities := []article4.OrganisationID{"org_e1", "org_e2", "org_e3", wco, unoct, piu}
	for set := range 1 << len(entities) {
		for _, kind := range []article4.OrganisationKind{article4.Party, article4.ThirdParty} {
			f := disclosure()
			f.Document.EntitiesConcerned = nil
			for i, entity := range entities {
				if set&(1<<i) != 0 {
					f.Document.EntitiesConcerned = append(f.Document.EntitiesConcerned, entity, entity)
				}
			}
			beneficiary := piu
			if kind == article4.Party {
				beneficiary = unoct
				f.Actor.Organisation, f.Actor.Kind = unoct, article4.Party
			}
			required := article4.Required(*f.Document, kind)
			var decisions []article4.DecisionFacts
			for _, r := range required {
				decisions = append(decisions, decision(r.Kind, r.From, beneficiary))
			}
			g := &f.Access.Grants[0]
			g.For, g.ForKind, g.Decisions = beneficiary, kind, decisions
			if d := rules.Decide(f); !d.Permit {
				t.Fatalf("%v: refused with every decision: %v", f.Document.EntitiesConcerned, d.Reasons)
			}
			for i := range decisions {
				g.Decisions = slices.Delete(slices.Clone(decisions), i, i+1)
				d := rules.Decide(f)
				if d.Permit || len(d.Reasons) != 1 || d.Reasons[0].From != decisions[i].By {
					t.Fatalf("without the decision of %s: %+v", decisions[i].By, d)
				}
			}
		}
	}
}

func TestRequiredLeaves(t *testing.T) {
	doc := *restricted()
	doc.EntitiesConcerned = []article4.OrganisationID{customs, wco, customs, unoct}
	for kind, want := range map[article4.OrganisationKind][]article4.Requirement{
		article4.Party: {
			{Kind: article4.Authorization, From: wco}, {Kind: article4.Authorization, From: customs},
			{Kind: article4.Authorization, From: unoct},
		},
		article4.ThirdParty: {
			{Kind: article4.Consent, From: wco}, {Kind: article4.Authorization, From: customs},
			{Kind: article4.Authorization, From: unoct},
		},
	} {
		if diff := cmp.Diff(want, article4.Required(doc, kind)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	doc.Marking = article4.NonConfidential
	if got := article4.Required(doc, article4.ThirdParty); got != nil {
		t.Errorf("non-confidential: %v", got)
	}
}

// Every combination of what a request can have, against the states in the order in which they are tried; and
// what is in force lets an admitted reader have the bytes, while nothing else does.
func TestStatesAgainstTheOracle(t *testing.T) {
	rules := load(t)
	agreements := []string{"not-required", "signed", "unsigned", "superseded", "unproven", "declined"}
	dims := []int{len(standings), len(standings), len(agreements), 2, 2, 2, 2, 2, 2, 2}
	n := 0
	product(dims, func(at []int) {
		if n++; n%every != 0 {
			return
		}
		f := disclosure()
		g := &f.Access.Grants[0]
		decision, entity, asked := standings[at[0]], standings[at[1]], agreements[at[2]]
		withdrawn, lapsed, overdue, expired := at[3] == 1, at[4] == 1, at[5] == 1, at[6] == 1
		closed, confirmed, recipient := at[7] == 1, at[8] == 0, at[9] == 1
		kind := article4.Consent
		if recipient {
			kind = article4.Authorization
			f.Actor.Organisation, f.Actor.Kind = unoct, article4.Party
			g.For = unoct
		}
		g.Decisions = append(decisionFacts(decision, kind, wco, g.For),
			decisionFacts(entity, article4.Authorization, customs, g.For)...)
		g.Agreements, g.Withdrawn, g.Lapsed = agreement(article4.AgreementStanding(asked)), withdrawn, lapsed
		f.Document.EntitiesConfirmed = confirmed
		if overdue {
			g.MadeAt = now.Add(-g.LapseAfter)
		}
		if expired {
			g.Until = now
		}
		if closed {
			f.Arrangement.OpenPurposes = nil
		}
		if recipient {
			asked = "not-required"
		}
		var want article4.RequestState
		absent := decision == "none" || entity == "none" || asked == "unsigned" || asked == "declined"
		complete := decision == "matching" && entity == "matching" && asked != "superseded" && asked != "unproven" &&
			confirmed
		switch {
		case withdrawn || decision == "withdrawn" || entity == "withdrawn":
			want = article4.StateWithdrawn
		case decision == "refused" || entity == "refused":
			want = article4.StateRefused
		case lapsed || (overdue && absent):
			want = article4.StateLapsed
		case expired || decision == "expired" || entity == "expired" || closed:
			want = article4.StateExpired
		case complete && !absent:
			want = article4.StateInForce
		default:
			want = article4.StateOpen
		}
		state, missing := article4.StateOf(*f.Document, *g, f.Arrangement, f.Now)
		if state != want || (len(missing) > 0) != (state == article4.StateOpen) {
			t.Fatalf("%v: %s, want %s, missing %v", at, state, want, missing)
		}
		d := rules.Decide(f)
		if d.Permit != (state == article4.StateInForce) {
			t.Fatalf("%v: %s, yet %+v", at, state, d)
		}
		for _, m := range missing { // what is called missing is what a disclosure is refused for
			if !slices.Contains(d.Reasons, article4.Reason{Code: m.What, From: m.From}) {
				t.Fatalf("%v: missing %v, but the reasons are %v", at, m, d.Reasons)
			}
		}
	})
}

func TestARequestOfTheDisclosersOwnNeedsNobodysLeave(t *testing.T) {
	doc := *restricted()
	g := grantFor(wco, article4.Party, "per_colleague")
	g.Decisions = nil
	if state, _ := article4.StateOf(doc, g, arrangement(), now); state != article4.StateInForce {
		t.Errorf("state %s", state)
	}
	if state, _ := article4.StateOf(doc, g, arrangement(), g.Until); state != article4.StateExpired {
		t.Errorf("at its end: %s", state)
	}
}

// A grant that calls a third party a Party gets no more by it.
func TestWhatAGrantCallsItsBeneficiaryCountsForNothing(t *testing.T) {
	g := grantFor(piu, article4.Party, "per_analyst_piu")
	state, missing := article4.StateOf(*restricted(), g, arrangement(), now)
	if state != article4.StateOpen ||
		!slices.Contains(missing, article4.Missing{What: "art4.8/no-written-consent", From: wco}) {
		t.Errorf("%s, missing %v", state, missing)
	}
	f := disclosure()
	f.Access.Grants = []article4.GrantFacts{g}
	if d := load(t).Decide(f); d.Permit {
		t.Error("permitted without a consent")
	}
}

func TestTheInstantOfTheEndIsOver(t *testing.T) {
	rules := load(t)
	f := disclosure()
	f.Now = later.Add(-time.Nanosecond)
	if !rules.Decide(f).Permit {
		t.Error("refused before the end")
	}
	f.Now = later
	if rules.Decide(f).Permit {
		t.Error("permitted at the end")
	}
}

// Reading 0001 with 0006 and 0007: who refused, or took a decision back, ended the request. That the Discloser takes
// the entity off afterwards does not bring it back.
func TestANoStaysWhenWhoeverSaidItIsTakenOff(t *testing.T) {
	for word, want := range map[string]article4.RequestState{"refused": article4.StateRefused,
		"withdrawn": article4.StateWithdrawn} {
		f := disclosure()
		g := &f.Access.Grants[0]
		g.Decisions = append(decisionFacts("matching", article4.Consent, wco, piu),
			decisionFacts(word, article4.Authorization, customs, piu)...)
		f.Document.EntitiesConcerned = nil
		if state, _ := article4.StateOf(*f.Document, *g, f.Arrangement, f.Now); state != want {
			t.Errorf("the entity had %s and was taken off: the request is %s", word, state)
		}
		refusedFor(t, f, "art4.5/not-granted org_wco")
	}
}

func TestARefusalOfTheDisclosersOwnEndsAnAdmission(t *testing.T) {
	for _, word := range []string{"refused", "withdrawn", "none"} {
		f := say(t, "who: staff of wco", "grant for: wco", "people admitted: per_reader")
		f.Access.Grants[0].Decisions = decisionFacts(word, article4.Authorization, wco, wco)
		if word == "none" {
			refusedFor(t, f)
			continue
		}
		refusedFor(t, f, "art4.6/not-admitted org_wco")
		if article4.WholeOf(f) {
			t.Errorf("%s: the record is seen whole", word)
		}
	}
}
