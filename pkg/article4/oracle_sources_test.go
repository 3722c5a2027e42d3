package article4_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Reading 0110: a deposit takes over whatever protects its sources.
func TestADepositProtectsAtLeastAsItsSources(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"marking: restricted | confidential | non-confidential", "proprietary: yes | no",
		"entities: none | unoct | unoct, customs",
		"source of: unoct | wco | nobody", "its marking: restricted | non-confidential | secret",
		"its proprietary: yes | no", "its entities: none | customs | wco", "its persons: yes | no",
		"personal data: yes, with safeguards | no", "declared: yes | no", "act: deposit | correct",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "marking", "proprietary", "entities", "personal data"},
			"who: focal-point of wco", "sources declared: "+x["declared"])...)
		if f.Document != nil {
			f.Deposit.PersonalData.Present = x.is("personal data", "yes, with safeguards")
			f.Document.PersonalData, f.Document.RetainUntil = f.Deposit.PersonalData.Present, later
		}
		if !x.is("source of", "nobody") {
			f.Deposit.Sources = []article4.SourceFacts{{
				Discloser: organisation(x["source of"]), Marking: article4.Marking(x["its marking"]),
				Proprietary:       x.is("its proprietary", "yes"),
				PersonalData:      x.is("its persons", "yes"),
				EntitiesConcerned: organisations(x["its entities"]),
			}}
		}
		var no refusals
		no.when(x.is("declared", "no"), "art4.8/sources-undeclared", "org_wco")
		no.when(less(x), "art4.8/source-stricter", "org_wco")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// less: the deposit protects less than its source. A marking that nobody knows protects.
func less(x choice) bool {
	if x.is("source of", "nobody") {
		return false
	}
	if x.is("its proprietary", "yes") && x.is("proprietary", "no") ||
		x.is("its persons", "yes") && x.is("personal data", "no") {
		return true
	}
	if x.is("its marking", "non-confidential") {
		return false
	}
	discloserNamed := x.is("source of", "wco") || !x.is("entities", "none")
	entityNamed := !x.is("its entities", "customs") || x.is("entities", "unoct, customs")
	return x.is("marking", "non-confidential") || !discloserNamed || !entityNamed
}

// Before a third party gets what is derived, each source's Discloser consents to exactly that; between the Parties, and
// of what is not protected, nobody asks for it. What is missing is told of the request as well.
func TestEachSourcesDiscloserConsentsBeforeAThirdParty(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	product([]int{len(standings), 2, 2, 3}, func(at []int) {
		said := standings[at[0]]
		f := disclosure()
		if at[1] == 1 {
			f = say(t, "who: staff of unoct", "grant for: unoct")
		}
		if at[2] == 1 {
			f.Document.Marking = article4.NonConfidential
			f.Access.Releases = []article4.ReleaseFacts{{To: piu, Purpose: purpose}}
		}
		f.Document.SourceDisclosers = [][]article4.OrganisationID{{unoct}, {unoct, wco, unoct}, {wco}}[at[3]]
		g := &f.Access.Grants[0]
		if at[1] == 0 {
			g.Decisions = append(g.Decisions, decisionFacts(said, article4.Consent, unoct, g.For)...)
		}
		asked := at[1] == 0 && at[2] == 0
		var no refusals
		// whoever is not asked, and refused or took back all the same, ends the request
		denied := asked && slices.Contains([]string{"refused", "withdrawn"}, said)
		no.when(denied, "art4.5/not-granted", "org_wco")
		no.when(asked && at[3] != 2 && said != "matching", "art4.8/source-not-consented", "org_unoct")
		c.check(at, f, no.sorted())
		state, missing := article4.StateOf(*f.Document, *g, f.Arrangement, f.Now)
		tells := slices.Contains(missing, article4.Missing{What: "art4.8/source-not-consented", From: unoct})
		if want := asked && at[3] != 2 && said != "matching" && !denied; tells != want {
			t.Fatalf("%v %s: %s, missing %v", at, said, state, missing)
		}
	})
	c.done(true)
}

func TestWithoutAGrantTheSourcesConsentIsMissingToo(t *testing.T) {
	f := disclosure()
	f.Access.Grants = nil
	f.Document.SourceDisclosers = []article4.OrganisationID{unoct}
	refusedFor(t, f, "art4.4/authorization-missing org_customs", "art4.5/not-granted org_wco",
		"art4.8/no-written-consent org_wco", "art4.8/source-not-consented org_unoct")
}
