package article4_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

// covered reads coverage.txt: for each paragraph its lines.
func covered(t testing.TB) (order []string, lines map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("coverage.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines = map[string][]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "  "):
			last := order[len(order)-1]
			lines[last] = append(lines[last], strings.TrimSpace(line))
		default:
			order = append(order, line)
		}
	}
	return order, lines
}

func TestEveryParagraphIsKeptBySomething(t *testing.T) {
	order, lines := covered(t)
	for i, p := range article4.Paragraphs() {
		if order[i] != p.Number {
			t.Errorf("paragraph %s stands at the place of %s", order[i], p.Number)
		}
	}
	for _, paragraph := range order {
		if len(lines[paragraph]) == 0 {
			t.Errorf("nothing keeps %s", paragraph)
		}
		for _, line := range lines[paragraph] {
			checkCoverageLine(t, paragraph, line)
		}
	}
}

// checkCoverageLine: a line is a rule, a package that there is, or a reason why it is left to people.
func checkCoverageLine(t *testing.T, paragraph, line string) {
	if strings.HasPrefix(line, "rule ") {
		return
	}
	if rest, ok := strings.CutPrefix(line, "by construction in pkg/"); ok {
		name, why, _ := strings.Cut(rest, ": ")
		if info, err := os.Stat(filepath.Join("..", name)); err != nil || !info.IsDir() || why == "" {
			t.Errorf("%s: no such package, or no word about it: %q", paragraph, line)
		}
		return
	}
	if why, ok := strings.CutPrefix(line, "by people, because "); !ok || why == "" {
		t.Errorf("%s: %q is neither a rule, nor a construction, nor left to people", paragraph, line)
	}
}

func TestCoverageNamesEveryRuleUnderItsParagraph(t *testing.T) {
	want := map[string][]string{}
	for _, rule := range load(t).All() {
		want[rule.Paragraph] = append(want[rule.Paragraph], "rule "+rule.ID)
	}
	_, lines := covered(t)
	got := map[string][]string{}
	for paragraph, all := range lines {
		for _, line := range all {
			if strings.HasPrefix(line, "rule ") {
				got[paragraph] = append(got[paragraph], line)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// raisedByExchange are the codes that no rule gives: faults that exchange meets on its way, each with its place.
var raisedByExchange = map[article4.Code]string{
	"gateway/log-unavailable": "the one door, when the entry cannot be written or its checkpoint does not come " +
		"in time",
	"gateway/storage-unavailable": "deposit and disclose, when the object store fails",
	"gateway/altered":             "whatever is read, when it does not fit its seal",
	"gateway/too-many":            "the one door, when one person is refused more than sixty times in a minute",
	"gateway/cannot-be-marked":    "disclose, when the precheck at deposit showed that no copy can be made",
	"gateway/keys-unavailable":    "deposit and disclose, when a keyset cannot wrap or unwrap",
}

func TestACodeWithoutARuleDoesNotExist(t *testing.T) {
	given := map[article4.Code]bool{"art4.5/held-in-confidence": true}
	for _, rule := range load(t).All() {
		given[rule.Code] = true
	}
	for _, code := range article4.Codes() {
		_, raised := raisedByExchange[code]
		if given[code] == raised {
			t.Errorf("%s: given by a rule %v, raised by exchange %v: exactly one must hold", code, given[code], raised)
		}
	}
}

// Reasons are sorted by paragraph because the table is, and a code bears its paragraph in its name.
func TestReasonsStandInTheOrderOfTheParagraphs(t *testing.T) {
	paragraphs := []string{"4(2)", "4(3)", "4(4)", "4(5)", "4(6)", "4(7)", "4(8)", "4(9)", "5(3)", "11(1)", "11(4)",
		"gateway"}
	last := 0
	for _, code := range article4.Codes() {
		entry, _ := article4.Lookup(code)
		at := slices.Index(paragraphs, entry.Paragraph)
		if at < last {
			t.Errorf("%s: paragraph %s comes after %s", code, entry.Paragraph, paragraphs[last])
		}
		last = at
		prefix := "art" + strings.NewReplacer("(", ".", ")", "").Replace(entry.Paragraph) + "/"
		if entry.Paragraph == "gateway" {
			prefix = "gateway/"
		}
		if !strings.HasPrefix(string(code), prefix) {
			t.Errorf("%s does not begin with %s", code, prefix)
		}
	}
}
