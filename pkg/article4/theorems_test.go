package article4_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// What takes away is possible at any time: in every phase, for a closed purpose, after the retention, under a stop, on
// a closed version (readings 0006 and 0009).
func TestNarrowingIsAlwaysPossible(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: withdraw | withdraw by the entity | recall | destroy | destroy, the second | raise | proprietary | "+
			"amend | take a purpose off | add-entity | suspend | stop the document | lift | hold | erase | "+
			"acknowledge | account | report a leak | end a release",
		"phase: in-effect | notice-given, last day in 10 days | not-in-effect | ended, last day 1 days ago",
		"open purposes: art2.a | none",
		"document suspended: yes | no", "version closed: yes | no", "version destroyed: yes | no", "over: no | yes",
	), func(x choice) {
		lines := strings.Split(map[string]string{
			"withdraw":               "act: withdraw\nwho: signatory of wco with a Delegation",
			"withdraw by the entity": "act: withdraw\nwho: focal-point of customs\nsuspended: yes",
			"recall":                 "act: recall\nwho: signatory of wco with a Delegation",
			"destroy":                "act: destroy\nwho: staff of wco named per_staff_wco",
			"destroy, the second": "act: destroy\nwho: signatory of wco with a Delegation\nfirst: per_staff_wco " +
				"of wco",
			"raise":              "act: mark\nwho: staff of wco named per_staff_wco\nmarking: non-confidential",
			"proprietary":        "act: mark\nwho: signatory of wco\nkeeps proprietary: yes",
			"amend":              "act: amend\nwho: staff of wco named per_staff_wco",
			"take a purpose off": "act: amend\nwho: signatory of wco with a Delegation\ntakes back: yes",
			"add-entity":         "act: add-entity\nwho: staff of wco named per_staff_wco",
			"suspend":            "act: suspend\nwho: focal-point of unoct\nsign-in: weak",
			"stop the document":  "act: suspend\nwho: focal-point of wco\nabout a document: yes",
			"lift":               "act: lift\nwho: focal-point of wco\nfirst: per_first of wco",
			"hold":               "act: hold\nwho: auditor of unoct",
			"erase":              "act: erase\nwho: signatory of unoct with a Delegation",
			"acknowledge":        "act: acknowledge\nwho: staff of piu\nsuspended: yes",
			"end a release":      "act: end-release\nwho: focal-point of unoct",
			"account":            "act: account\nwho: auditor of unoct",
			"report a leak":      "act: report-leak\nwho: staff of piu",
		}[x["act"]], "\n")
		lines = append(lines, x.lines([]string{"phase", "open purposes", "document suspended", "version closed",
			"version destroyed"},
			map[string]string{"no": "", "yes": "personal data kept until: now"}[x["over"]])...)
		if d := c.rules.Decide(say(t, lines...)); !d.Permit {
			t.Fatalf("%v: %v", x, d.Reasons)
		}
	})
}

// Nobody is the second of their own: whatever takes two is refused for the same person twice, and for that alone.
func TestNobodyIsTheSecondOfTheirOwn(t *testing.T) {
	rules := load(t)
	lowering := say(t, "act: mark", "who: signatory of wco with a Delegation", "wanted marking: non-confidential")
	all := inOrder(t)
	for _, f := range []article4.Facts{
		lowering, all[article4.ActFile], all[article4.ActRemoveEntity], all[article4.ActDestroy], all[article4.ActLift],
		all[article4.ActEndHold], all[article4.ActErase],
		all[article4.ActDesignate], all[article4.ActDelegate], all[article4.ActRecognise], all[article4.ActMandate],
		all[article4.ActGiveNotice], all[article4.ActKeepWebhook],
	} {
		f.Change.Second = &article4.SecondFacts{First: f.Actor.Person, Organisation: f.Actor.Organisation, Same: true,
			Delegated: true}
		if d := rules.Decide(f); len(d.Reasons) != 1 ||
			!strings.HasSuffix(string(d.Reasons[0].Code), "/second-person-missing") {
			t.Errorf("%s: %v", f.Act, d)
		}
		f.Change.Second.First, f.Change.Second.Organisation = "per_other", f.Actor.Organisation
		if f.Act == article4.ActRecognise || f.Act == article4.ActMandate {
			f.Change.Second.Organisation = unoct
		}
		if d := rules.Decide(f); !d.Permit {
			t.Errorf("%s by two: %v", f.Act, d.Reasons)
		}
	}
}

// situations are the plain cases, and as many again at random: an act and a person of some case, under lines of others.
func situations(t *testing.T, random int) []plainCase {
	all := cases(t)
	var actors, lines [][2]string
	acts := article4.AllActs()
	for _, c := range all {
		for _, line := range c.lines {
			if line[1] == "not read yet" { // nothing can be found in it then
				continue
			}
			switch line[0] {
			case "who":
				actors = append(actors, line)
			case "act", "drop", "release basis", "release by discloser", "listed purposes", "listed markings",
				"confirms the same", "first delegated", "first came":
			default:
				lines = append(lines, line)
			}
		}
	}
	dice := rand.New(rand.NewPCG(4, 10))
	for range random {
		c := plainCase{place: "at random"}
		c.lines = append(c.lines, [2]string{"act", string(acts[dice.IntN(len(acts))])}, actors[dice.IntN(len(actors))])
		for range dice.IntN(7) {
			c.lines = append(c.lines, lines[dice.IntN(len(lines))])
		}
		all = append(all, c)
	}
	return all
}

// For any situation: the end, a notice, a closed purpose, a stop and a closed version take away and give nothing
// (Article 4(10), reading 0009); and a permit has no reasons, a refusal at least one.
func TestWhatTakesAwayGivesNothing(t *testing.T) {
	rules := load(t)
	permits := map[article4.Act]int{}
	for _, c := range situations(t, 40_000/every) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		d := rules.Decide(f)
		if d.Permit != (len(d.Reasons) == 0) ||
			slices.ContainsFunc(d.Reasons, func(r article4.Reason) bool { return r.Code == "" }) {
			t.Fatalf("%s %v: %+v", c.place, c.lines, d)
		}
		if !d.Permit {
			continue
		}
		permits[f.Act]++
		before := f
		before.Arrangement.Phase, before.Arrangement.EndsAt = article4.InEffect, time.Time{}
		before.Arrangement.OpenPurposes = []article4.PurposeCode{"art2.a", "art2.b", "art2.k"}
		before.Actor.Suspended = false
		if f.Document != nil {
			doc := *f.Document
			doc.Suspended, doc.VersionClosed, doc.VersionDestroyed = false, false, false
			before.Document = &doc
		}
		if d := rules.Decide(before); !d.Permit {
			t.Fatalf("%s %v: permitted, yet not in effect, with every purpose open and without a stop: %v", c.place,
				c.lines, d.Reasons)
		}
		if f.Actor.Suspended && (f.Actor.Kind == article4.Party ||
			!slices.Contains([]article4.Act{article4.ActWithdraw, article4.ActRefuse, article4.ActRefuseLowering,
				article4.ActWithdrawLowering, article4.ActWithdrawSeries, article4.ActAcknowledge}, f.Act)) {
			t.Fatalf("%s %v: permitted to somebody who is suspended", c.place, c.lines)
		}
	}
	for _, act := range article4.AllActs() {
		if permits[act] == 0 && every == 1 {
			t.Errorf("%s was never permitted: this shows nothing", act)
		}
	}
}
