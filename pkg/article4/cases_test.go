package article4_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// plainCase is one case of testdata/cases: a situation in plain words, the decision and the reasons.
type plainCase struct {
	place     string // file:line
	sentence  string
	lines     [][2]string
	permitted bool
	because   []string
}

// cases reads every case; testdata/cases/README says how they are written.
func cases(t testing.TB) []plainCase {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var all []plainCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := parseCases(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func parseCases(file, text string) ([]plainCase, error) {
	var all []plainCase
	for n, line := range strings.Split(text, "\n") {
		place := fmt.Sprintf("%s:%d", file, n+1)
		line, _, _ = strings.Cut(line, "#")
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			all = append(all, plainCase{place: place, sentence: trimmed})
			continue
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("%s: a line without a case", place)
		}
		if err := all[len(all)-1].add(trimmed); err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
	}
	return all, nil
}

func (c *plainCase) add(line string) error {
	if line == "=> permitted" {
		c.permitted = true
		return nil
	}
	if reason, ok := strings.CutPrefix(line, "=> "); ok {
		code, from, _ := strings.Cut(reason, ", ")
		if from != "" {
			from = string(organisation(from))
		}
		c.because = append(c.because, code+" "+from)
		return nil
	}
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("%q is neither \"key: value\" nor \"=> …\"", line)
	}
	c.lines = append(c.lines, [2]string{key, strings.TrimSpace(value)})
	return nil
}

// facts is the situation of a case.
func (c plainCase) facts() (article4.Facts, error) {
	w := newWorld()
	for _, line := range c.lines {
		say, known := vocabulary[line[0]]
		if !known {
			say, known = lifeVocabulary[line[0]]
		}
		if !known {
			say, known = seriesVocabulary[line[0]]
		}
		if !known {
			return article4.Facts{}, fmt.Errorf("%s: the key %q is not known", c.place, line[0])
		}
		if err := say(w, line[1]); err != nil {
			return article4.Facts{}, fmt.Errorf("%s: %s: %w", c.place, line[0], err)
		}
	}
	return w.facts(), nil
}

func TestPlainCases(t *testing.T) {
	rules, order, all := load(t), tableOrder(), cases(t)
	if len(all) < 500 {
		t.Errorf("only %d cases", len(all))
	}
	for _, c := range all {
		t.Run(c.sentence, func(t *testing.T) {
			f, err := c.facts()
			if err != nil {
				t.Fatal(err)
			}
			if c.permitted == (len(c.because) > 0) {
				t.Fatalf("%s: says neither, or both: permitted, and why not", c.place)
			}
			d := rules.Decide(f)
			want := slices.Sorted(slices.Values(c.because))
			if got := spoken(t, d.Reasons, order); d.Permit != c.permitted || !slices.Equal(got, want) {
				t.Errorf("%s: permitted %v\n got %q\nwant %q", c.place, d.Permit, got, want)
			}
		})
	}
}

// For each act that it speaks of, each rule is the only thing that stands between some case and another answer: take it
// away for that act, and a case changes.
func TestEveryRuleIsNeededByACaseOfEachOfItsActs(t *testing.T) {
	rules, order := load(t), tableOrder()
	ofAct := map[article4.Act][]article4.Facts{}
	for _, c := range cases(t) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		ofAct[f.Act] = append(ofAct[f.Act], f)
	}
	for _, rule := range rules.All() {
		for _, act := range rule.Acts {
			without := article4.WithoutRule(rules, act, rule.ID)
			needed := slices.ContainsFunc(ofAct[act], func(f article4.Facts) bool {
				return !slices.Equal(spoken(t, without.Decide(f).Reasons, order),
					spoken(t, rules.Decide(f).Reasons, order))
			})
			if !needed {
				t.Errorf("no case of %s changes without the rule %q", act, rule.ID)
			}
		}
	}
}
