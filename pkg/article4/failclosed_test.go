package article4_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

var held = article4.Ruling{Reasons: []article4.Reason{{Code: "art4.5/held-in-confidence"}}}

// inOrder is one permitted case for each act.
func inOrder(t testing.TB) map[article4.Act]article4.Facts {
	all, rules := map[article4.Act]article4.Facts{}, load(t)
	for act, who := range map[article4.Act]string{
		article4.ActDeposit: "staff of wco", article4.ActDescribe: "staff of unoct",
		article4.ActRequest:   "staff of unoct",
		article4.ActAuthorize: "focal-point of customs", article4.ActConsent: "signatory of wco with a Delegation",
		article4.ActRefuse: "signatory of wco with a Delegation", article4.ActAdmit: "focal-point of piu",
		article4.ActWithdraw: "signatory of wco with a Delegation", article4.ActPropose: "focal-point of wco",
		article4.ActSign: "focal-point of piu", article4.ActDecline: "focal-point of piu",
		article4.ActDisclose: "staff of piu",

		article4.ActAsk: "focal-point of wco", article4.ActAnswer: "staff of unoct named per_asker",
		article4.ActFile: "signatory of wco with a Delegation", article4.ActRelease: "focal-point of wco",
		article4.ActMark: "focal-point of wco", article4.ActAddEntity: "focal-point of wco",
		article4.ActAmend:        "focal-point of wco",
		article4.ActRemoveEntity: "signatory of wco with a Delegation",
		article4.ActNotConcerned: "focal-point of customs", article4.ActAuthorizeLowering: "focal-point of customs",
		article4.ActRefuseLowering: "focal-point of customs", article4.ActWithdrawLowering: "focal-point of customs",
		article4.ActCorrect: "focal-point of wco", article4.ActAcknowledge: "staff of piu",
		article4.ActRecall:  "signatory of wco with a Delegation",
		article4.ActDestroy: "signatory of wco with a Delegation",
		article4.ActSuspend: "focal-point of wco", article4.ActLift: "focal-point of wco",
		article4.ActHold: "auditor of unoct", article4.ActEndHold: "auditor of wco",
		article4.ActErase: "signatory of wco with a Delegation", article4.ActDesignate: "focal-point of wco",
		article4.ActDelegate: "focal-point of wco", article4.ActRecognise: "focal-point of wco",
		article4.ActGiveNotice: "signatory of wco with a Delegation", article4.ActExplain: "staff of unoct",
		article4.ActAccount: "auditor of unoct", article4.ActReadLog: "auditor of wco",
		article4.ActKeepOffice:        "focal-point of wco",
		article4.ActEndSessions:       "signatory of wco",
		article4.ActKeepWebhook:       "focal-point of wco",
		article4.ActDepositInstrument: "focal-point of wco",
		article4.ActEndRelease:        "focal-point of wco",
		article4.ActMandate:           "focal-point of wco",
		article4.ActOpenSeries:        "focal-point of wco",
		article4.ActAuthorizeSeries:   "signatory of wco with a Delegation",
		article4.ActWithdrawSeries:    "signatory of wco with a Delegation",
		article4.ActTrace:             "signatory of wco", article4.ActReportLeak: "staff of unoct",
	} {
		lines := []string{"act: " + string(act), "who: " + who}
		if act == article4.ActRelease {
			lines = append(lines, "marking: non-confidential")
		}
		all[act] = say(t, lines...)
		if d := rules.Decide(all[act]); !d.Permit {
			t.Fatalf("%s: not in order: %v", act, d.Reasons)
		}
	}
	return all
}

func TestFactsThatMissAPartAreHeldInConfidence(t *testing.T) {
	rules := load(t)
	if diff := cmp.Diff(held, rules.Decide(article4.Facts{})); diff != "" {
		t.Errorf("no facts: %s", diff)
	}
	for act, f := range inOrder(t) {
		for what, spoil := range map[string]func(*article4.Facts){
			"no act":          func(f *article4.Facts) { f.Act = "" },
			"unknown act":     func(f *article4.Facts) { f.Act = "publish" },
			"no time":         func(f *article4.Facts) { f.Now = time.Time{} },
			"no phase":        func(f *article4.Facts) { f.Arrangement.Phase = "" },
			"unknown phase":   func(f *article4.Facts) { f.Arrangement.Phase = "suspended" },
			"no last day":     func(f *article4.Facts) { f.Arrangement.Phase = article4.NoticeGiven },
			"no person":       func(f *article4.Facts) { f.Actor.Person = "" },
			"no organisation": func(f *article4.Facts) { f.Actor.Organisation = "" },
			"unknown kind":    func(f *article4.Facts) { f.Actor.Kind = "member" },
		} {
			spoilt := f
			spoil(&spoilt)
			if diff := cmp.Diff(held, rules.Decide(spoilt)); diff != "" {
				t.Errorf("%s, %s: %s", act, what, diff)
			}
		}
	}
}

// Take any part away that an act has, and it is held in confidence; only standing can do without its grants.
func TestEveryPartThatAnActNeedsIsNeeded(t *testing.T) {
	rules := load(t)
	for act, f := range inOrder(t) {
		for i := range reflect.TypeFor[article4.Facts]().NumField() {
			spoilt := f
			part := reflect.ValueOf(&spoilt).Elem().Field(i)
			name := reflect.TypeFor[article4.Facts]().Field(i).Name
			look := act == article4.ActDescribe || act == article4.ActExplain || act == article4.ActAccount ||
				act == article4.ActReportLeak
			if part.Kind() != reflect.Pointer || part.IsNil() || (look && name == "Access") {
				continue
			}
			part.SetZero()
			if diff := cmp.Diff(held, rules.Decide(spoilt)); diff != "" {
				t.Errorf("%s without %s: %s", act, name, diff)
			}
		}
	}
}

func TestFactsThatContradictThemselvesAreHeldInConfidence(t *testing.T) {
	rules := load(t)
	for act, f := range inOrder(t) {
		if f.Document == nil {
			continue
		}
		for what, spoil := range map[string]func(*article4.Facts){
			"no version":      func(f *article4.Facts) { f.Document.Version = "" },
			"no Discloser":    func(f *article4.Facts) { f.Document.Discloser = "" },
			"no Recipient":    func(f *article4.Facts) { f.Document.Recipient = "" },
			"one Party twice": func(f *article4.Facts) { f.Document.Discloser = f.Document.Recipient },
			"a Party that is neither": func(f *article4.Facts) {
				f.Actor.Kind, f.Actor.Organisation = article4.Party,
					"org_third"
			},
			"a third party that bears the Discloser's name": func(f *article4.Facts) {
				f.Actor.Kind, f.Actor.Organisation = article4.ThirdParty, f.Document.Discloser
			},
		} {
			spoilt := f
			doc := *f.Document
			spoilt.Document = &doc
			spoil(&spoilt)
			if diff := cmp.Diff(held, rules.Decide(spoilt)); diff != "" {
				t.Errorf("%s, %s: %s", act, what, diff)
			}
		}
	}
	for _, act := range []article4.Act{article4.ActAuthorize, article4.ActAdmit, article4.ActWithdraw, article4.ActAsk,
		article4.ActAnswer, article4.ActFile} {
		f := inOrder(t)[act]
		f.Request.Grant.For = ""
		if diff := cmp.Diff(held, rules.Decide(f)); diff != "" {
			t.Errorf("%s on a request for nobody: %s", act, diff)
		}
	}
	ask, sign, release := inOrder(t)[article4.ActRequest], inOrder(t)[article4.ActSign], inOrder(t)[article4.ActRelease]
	ask.Ask.For, sign.Agreement.Organisation, release.Release.To = "", "", ""
	for _, f := range []article4.Facts{ask, sign, release} {
		if diff := cmp.Diff(held, rules.Decide(f)); diff != "" {
			t.Errorf("%s for nobody: %s", f.Act, diff)
		}
	}
}

// What a document declared and what a new version says it declared cannot differ; nor can a stop be about a document
// that is not whole.
func TestANewVersionAndAStopAgreeWithTheirDocument(t *testing.T) {
	rules := load(t)
	marking, personal := inOrder(t)[article4.ActCorrect], inOrder(t)[article4.ActCorrect]
	marking.Deposit.Marking = article4.NonConfidential
	personal.Deposit.PersonalData.Present = true
	stop := say(t, "act: suspend", "who: focal-point of wco", "about a document: yes")
	stop.Document.Recipient = ""
	stranger := say(t, "act: suspend", "who: focal-point of wco", "about a document: yes")
	stranger.Actor.Organisation = "org_third"
	for _, f := range []article4.Facts{marking, personal, stop, stranger} {
		if diff := cmp.Diff(held, rules.Decide(f)); diff != "" {
			t.Errorf("%s: %s", f.Act, diff)
		}
	}
}

func TestEveryActHasACaseInOrder(t *testing.T) {
	all := inOrder(t)
	for _, act := range article4.AllActs() {
		if _, known := all[act]; !known || !act.Valid() {
			t.Errorf("%s", act)
		}
	}
	if len(all) != len(article4.AllActs()) {
		t.Errorf("%d acts in order, %d are known", len(all), len(article4.AllActs()))
	}
}

// Cedar skips a forbid that errs. So a rule that errs must refuse, whatever the others say.
func TestARuleThatErrsRefuses(t *testing.T) {
	broken := strings.Replace(article4.RuleText(), "when { context.empty }", "when { context.no_such_word }", 1)
	rules, err := article4.LoadText(broken)
	if err != nil {
		t.Fatal(err)
	}
	f := say(t, "act: deposit", "who: staff of wco")
	if diff := cmp.Diff(held, rules.Decide(f)); diff != "" {
		t.Error(diff)
	}
	f.Deposit.TitlePresent = false
	want := []string{"art4.5/held-in-confidence ", "gateway/untitled org_wco"}
	if got := spoken(t, rules.Decide(f).Reasons, tableOrder()); !cmp.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Without its permit an act is held in confidence, whatever else is in order: that is the state of rest.
func TestWithoutItsPermitAnActIsHeldInConfidence(t *testing.T) {
	text, _, found := strings.Cut(article4.RuleText(), "// What is permitted:")
	rules, err := article4.LoadText(text)
	if err != nil || !found {
		t.Fatal(err)
	}
	for act, f := range inOrder(t) {
		if got := rules.Decide(f); got.Permit || !cmp.Equal(held.Reasons, got.Reasons) {
			t.Errorf("%s: %+v", act, got)
		}
	}
}

// Take away any one obligation, and nothing opens: not one protected byte, nor anything else. What it alone refused is
// held in confidence.
func TestLeavingOutAnyOneForbidOpensNothing(t *testing.T) {
	rules := load(t)
	byAct := map[article4.Act][]string{}
	for _, rule := range rules.All() {
		for _, act := range rule.Acts {
			byAct[act] = append(byAct[act], rule.ID)
		}
	}
	heldInstead := 0
	for _, c := range situations(t, 2_000) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		all := rules.Decide(f)
		if all.Permit {
			continue
		}
		for _, id := range byAct[f.Act] {
			d := article4.WithoutRule(rules, f.Act, id).Decide(f)
			if d.Permit {
				t.Fatalf("%s %v: permitted without %s, which is the only thing that refuses: %v", c.place, c.lines, id,
					all.Reasons)
			}
			if cmp.Equal(held.Reasons, d.Reasons) && !cmp.Equal(held.Reasons, all.Reasons) {
				heldInstead++
			}
		}
	}
	if heldInstead < len(rules.All()) {
		t.Errorf("only %d refusals rested on one obligation alone: this shows little", heldInstead)
	}
}

func TestRulesThatAreNotInOrderAreNotLoaded(t *testing.T) {
	const good = `@id("a") @paragraph("4(9)") @basis("text") @code("art4.9/unmarked") @from("reader") @does("x")
forbid (principal, action == Action::"deposit", resource) unless { context.marked };`
	if _, err := article4.LoadText(good); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"no Cedar":             "forbid everything",
		"no id":                strings.Replace(good, `@id("a")`, "", 1),
		"id used twice":        good + good,
		"unknown code":         strings.Replace(good, "art4.9/unmarked", "art4.9/unmarke", 1),
		"other paragraph":      strings.Replace(good, "4(9)", "4(8)", 1),
		"other basis":          strings.Replace(good, `@basis("text")`, `@basis("safeguard")`, 1),
		"no supplier":          strings.Replace(good, `@from("reader")`, "", 1),
		"unknown supplier":     strings.Replace(good, `@from("reader")`, `@from("somebody")`, 1),
		"no word on what":      strings.Replace(good, `@does("x")`, "", 1),
		"unknown act":          strings.Replace(good, "deposit", "deposits", 1),
		"every act":            strings.Replace(good, `action == Action::"deposit"`, "action", 1),
		"one principal":        strings.Replace(good, "(principal,", `(principal == Person::"per_1",`, 1),
		"one resource":         strings.Replace(good, "resource)", `resource == Document::"doc_1")`, 1),
		"a kind of principal":  strings.Replace(good, "(principal,", `(principal is Person,`, 1),
		"a word on principal":  strings.Replace(good, "context.marked", `principal == Person::"per_1"`, 1),
		"a word on resource":   strings.Replace(good, "context.marked", `resource has owner`, 1),
		"an act by membership": strings.Replace(good, "action ==", "action in", 1),
	} {
		_, err := article4.LoadText(text)
		if err == nil || !strings.HasPrefix(err.Error(), "rules: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The situations of all cases are well formed under the schema, so no rule meets a word that is not there.
func TestEverySituationIsValidUnderTheSchema(t *testing.T) {
	v := validator(t)
	for _, c := range cases(t) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		words, sound := article4.FlattenedFacts(f)
		if !sound {
			continue
		}
		request := types.Request{
			Principal: types.NewEntityUID("Person", "p"), Action: types.NewEntityUID("Action", types.String(f.Act)),
			Resource: types.NewEntityUID("Document", "d"), Context: types.NewRecord(words),
		}
		if err := v.Request(request); err != nil {
			t.Errorf("%s: %v", c.place, err)
		}
	}
}

func TestDecideChangesNothingAndItsGrantIsACopy(t *testing.T) {
	f := disclosure()
	before := fmt.Sprintf("%+v", *f.Access)
	d := load(t).Decide(f)
	d.Relies.Withdrawn = true
	if after := fmt.Sprintf("%+v", *f.Access); after != before {
		t.Errorf("%s\n%s", before, after)
	}
}

func TestTheDigestNamesTheRules(t *testing.T) {
	rules := load(t)
	if again := load(t); again.Digest() != rules.Digest() || !strings.HasPrefix(rules.Digest(), "sha256:") ||
		len(rules.Digest()) != 71 {
		t.Errorf("%s, %s", rules.Digest(), again.Digest())
	}
	other, err := article4.LoadText(article4.RuleText() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if other.Digest() == rules.Digest() {
		t.Error("other rules have the same digest")
	}
}

func TestConcurrentDecisionsAgree(t *testing.T) {
	rules, f := load(t), disclosure()
	f.Access.Grants[0].Decisions = nil
	want := rules.Decide(f)
	done := make(chan article4.Ruling)
	for range 8 {
		go func() { done <- rules.Decide(f) }()
	}
	for range 8 {
		if diff := cmp.Diff(want, <-done); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheThreeMarkingsAreNotRanked(t *testing.T) {
	for marking, protected := range map[article4.Marking]bool{article4.Confidential: true, article4.Restricted: true,
		article4.NonConfidential: false, "secret": false} {
		if marking.Protected() != protected || marking.Valid() != (marking != "secret") {
			t.Errorf("%s: protected %v, valid %v", marking, marking.Protected(), marking.Valid())
		}
	}
}

// For every act, and every situation of the plain cases: whatever a later phase permits, the Arrangement in effect
// permitted too (Article 4(10), reading 0009).
func TestForEveryActTheEndOnlyNarrows(t *testing.T) {
	rules := load(t)
	for _, c := range cases(t) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		open := []article4.PurposeCode{"art2.a", "art2.b", "art2.k"}
		f.Arrangement.Phase, f.Arrangement.EndsAt, f.Arrangement.OpenPurposes = article4.InEffect, time.Time{}, open
		if rules.Decide(f).Permit {
			continue
		}
		for _, phase := range []article4.Phase{article4.InEffect, article4.NotInEffect, article4.NoticeGiven,
			article4.Ended} {
			for kept := range open {
				f.Arrangement.Phase, f.Arrangement.EndsAt, f.Arrangement.OpenPurposes = phase, now.AddDate(0, 0, 40),
					open[kept:]
				if d := rules.Decide(f); d.Permit {
					t.Errorf("%s: permitted in %s, not before", c.place, phase)
				}
			}
		}
	}
}
