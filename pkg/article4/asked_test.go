package article4_test

import (
	"fmt"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Of every case, what the rules were asked is written down, and the rules out of their own text say the same of it
// again: the outcome, and the code of every reason.
func TestWhatTheRulesWereAskedIsDecidedAgain(t *testing.T) {
	rules := load(t)
	recorded, err := article4.ReadRules(rules.Text())
	if err != nil {
		t.Fatal(err)
	}
	if recorded.Digest() != rules.Digest() {
		t.Errorf("digest %s, not %s", recorded.Digest(), rules.Digest())
	}
	longest := 0
	for _, c := range cases(t) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		ruling, asked := rules.Ask(f)
		longest = max(longest, len(asked.String()))
		act, permit, codes, err := recorded.Again(asked.String())
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.place, err, asked)
		}
		want := map[article4.Code]bool{}
		for _, reason := range ruling.Reasons {
			want[reason.Code] = true
		}
		if act != f.Act || permit != ruling.Permit || fmt.Sprint(codes) != fmt.Sprint(want) {
			t.Errorf("%s: %s, %v %v; again %s, %v %v", c.place, f.Act, ruling.Permit, want, act, permit, codes)
		}
		for _, id := range []string{"org_", "per_", "doc_", "req_", "ver_", "?"} {
			if strings.Contains(asked.String(), id) {
				t.Errorf("%s: somebody or something is named:\n%s", c.place, asked)
			}
		}
	}
	if longest > 900 {
		t.Errorf("%d bytes: an entry grows by more than a KiB", longest)
	}
}

// Facts that miss a part leave nothing to be asked, and are held in confidence again.
func TestFactsThatMissAPartAreHeldInConfidenceAgain(t *testing.T) {
	rules := load(t)
	if !(article4.Asked{}).IsZero() {
		t.Error("nothing was decided, and something was asked")
	}
	f := disclosure()
	f.Access = nil
	ruling, asked := rules.Ask(f)
	recorded, err := article4.ReadRules(rules.Text())
	if err != nil {
		t.Fatal(err)
	}
	_, permit, codes, err := recorded.Again(asked.String())
	held := fmt.Sprint(codes) == "map[art4.5/held-in-confidence:true]"
	if ruling.Permit || asked.IsZero() || err != nil || permit || !held {
		t.Errorf("%v, %q; again %v %v %v", ruling, asked, permit, codes, err)
	}
	_, permit, codes, err = recorded.Again("disclose\nyes own\nno suspended\n") // most words are missing: the rules err
	if err != nil || permit || !codes["art4.5/held-in-confidence"] {
		t.Errorf("with words missing: %v %v %v", permit, codes, err)
	}
	_, permit, codes, err = recorded.Again("levitate\n")
	if err != nil || permit || !codes["art4.5/held-in-confidence"] {
		t.Errorf("an act that there is not: %v %v %v", permit, codes, err)
	}
}

func TestFactsAreReadInTheOneFormInWhichTheyAreKept(t *testing.T) {
	rules := load(t)
	recorded, err := article4.ReadRules(rules.Text())
	if err != nil {
		t.Fatal(err)
	}
	_, asked := rules.Ask(disclosure())
	good := asked.String()
	for about, text := range map[string]string{
		"nothing":              "",
		"no end":               strings.TrimSuffix(good, "\n"),
		"a line twice":         good + "roles staff\n",
		"a flag both ways":     strings.Replace(good, "\nno ", "\nno admitted ", 1),
		"another order":        strings.Replace(good, "yes admitted ", "yes zeal admitted ", 1),
		"two spaces":           strings.Replace(good, "yes ", "yes  ", 1),
		"a value with a mark":  strings.Replace(good, "phase =in", "phase =i_n", 1),
		"no line of yes":       strings.Replace(good, "\nyes ", "\nja ", 1),
		"an empty line behind": good + "\n",
	} {
		if _, _, _, err := recorded.Again(text); err == nil || text == good {
			t.Errorf("%s: taken", about)
		}
	}
}

// A value that holds more than a word of the schema is written as one word.
func TestAValueIsOneWord(t *testing.T) {
	f := disclosure()
	f.Actor.Roles = []article4.Role{"staff", "king of\nspades"}
	_, asked := load(t).Ask(f)
	if !strings.Contains(asked.String(), "\nroles king?of?spades staff\n") {
		t.Errorf("%s", asked)
	}
}

func TestRulesThatCannotBeReadAreRefused(t *testing.T) {
	text := load(t).Text()
	part := func(rules string) string {
		return fmt.Sprintf("== rules.cedar, %d bytes\n%s", len(rules), rules)
	}
	const permit = `@id("a") permit (principal, action == Action::"disclose", resource);`
	if _, err := article4.ReadRules(part(permit)); err != nil {
		t.Fatal(err)
	}
	for about, text := range map[string]string{
		"nothing":            "",
		"no part":            strings.TrimPrefix(text, "=="),
		"a size too large":   "== rules.cedar, 99999999 bytes\nx",
		"a size below zero":  "== rules.cedar, -1 bytes\nx",
		"more than a MiB":    text + strings.Repeat(" ", 1<<20),
		"no cedar":           part("permit everything"),
		"brackets":           part(permit + strings.Repeat("(", 200)),
		"an id twice":        part(permit + permit),
		"no act":             part(`@id("a") permit (principal, action, resource);`),
		"who asks":           part(strings.Replace(permit, "principal", `principal == Person::"x"`, 1)),
		"a forbid, no code":  part(`@id("a") forbid (principal, action == Action::"disclose", resource);`),
		"a permit with code": part(`@code("c") ` + permit),
	} {
		if _, err := article4.ReadRules(text); err == nil {
			t.Errorf("%s: read", about)
		}
	}
}

// FuzzAgain wants no text to end the program, and none that is no question to be answered.
func FuzzAgain(f *testing.F) {
	rules, err := article4.Load()
	if err != nil {
		f.Fatal(err)
	}
	recorded, err := article4.ReadRules(rules.Text())
	if err != nil {
		f.Fatal(err)
	}
	_, asked := rules.Ask(disclosure())
	f.Add(asked.String())
	f.Fuzz(func(t *testing.T, text string) {
		_, permit, _, err := recorded.Again(text)
		if permit && err != nil {
			t.Error("permitted, and not understood")
		}
	})
}
