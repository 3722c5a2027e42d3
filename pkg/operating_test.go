package layout_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	metricName = regexp.MustCompile(`\bchancery_(?:log|mail|webhook|requests?)_[a-z_]+`)
	tableRow   = regexp.MustCompile("(?m)^\\| (`[^|]+`(?:, (?:then|later) `[^|]+`)?) \\|")
)

// Alerts rest on these words: one that is spelled otherwise never rings.
func TestTheOperatorIsToldOfEveryMetricAndOfNoOther(t *testing.T) {
	page, code := textOf(t, "docs/operating.md"), program(t)
	told := metricName.FindAllString(page, -1)
	if len(told) < 8 {
		t.Fatalf("only %q are told of", told)
	}
	for _, name := range told {
		if !strings.Contains(code, `"`+name+`"`) {
			t.Errorf("docs/operating.md tells of %s, which no metric is called", name)
		}
	}
	named := regexp.MustCompile(`"(chancery_(?:log|mail|webhook|requests?)_[a-z_]+)"`)
	for _, name := range named.FindAllStringSubmatch(code, -1) {
		if !slices.Contains(told, name[1]) {
			t.Errorf("docs/operating.md does not tell of %s", name[1])
		}
	}
}

func TestTheOperationsLogSaysWhatTheOperatorIsToldToLookFor(t *testing.T) {
	_, table, found := strings.Cut(textOf(t, "docs/operating.md"), "| `msg` | means |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows, code := tableRow.FindAllStringSubmatch(table, -1), program(t)
	if !found || len(rows) < 10 || len(rows) != strings.Count(table, "\n") {
		t.Fatalf("%d messages are read of\n%s", len(rows), table)
	}
	for _, row := range rows {
		for _, message := range codeSpan.FindAllStringSubmatch(row[1], -1) {
			if !strings.Contains(code, `"`+message[1]+`"`) {
				t.Errorf("docs/operating.md explains the message %q, which nothing says", message[1])
			}
		}
	}
}

// program is the text of everything that is linked into the gateway, tests left out.
func program(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, root := range []string{"../cmd", "../pkg"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
