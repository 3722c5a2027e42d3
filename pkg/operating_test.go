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
	metricName = regexp.MustCompile(`\bchancery_[a-z_]+`)
	metricMade = regexp.MustCompile(`(?:Name: *|\bof\()"(chancery_[a-z_]+)"`)
	ofDatabase = regexp.MustCompile(`^chancery_(?:owner|app|sequencer|auditor|backup)$`) // logins and their groups
	tableRow   = regexp.MustCompile("(?m)^\\| (`[^|]+`(?:, (?:then|later) `[^|]+`)?) \\|")
)

// Alerts rest on these words: one that is spelled otherwise never rings.
func TestTheOperatorIsToldOfEveryMetricAndOfNoOther(t *testing.T) {
	told := slices.DeleteFunc(metricName.FindAllString(textOf(t, "docs/operating.md"), -1), ofDatabase.MatchString)
	var made []string
	for _, name := range metricMade.FindAllStringSubmatch(program(t), -1) {
		if made = append(made, name[1]); !slices.Contains(told, name[1]) {
			t.Errorf("docs/operating.md does not tell of %s", name[1])
		}
	}
	if len(made) < 25 {
		t.Fatalf("only %q are made", made)
	}
	for _, name := range told {
		if !slices.Contains(made, name) {
			t.Errorf("docs/operating.md tells of %s, which no metric is called", name)
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

// What a unit names has to be there for who installs the package and follows the page.
func TestEachUnitRunsAsAUserThatThePackageMakesAndReadsWhereThePageWrites(t *testing.T) {
	units, err := filepath.Glob("../deploy/systemd/*.service")
	if err != nil || len(units) < 4 {
		t.Fatalf("%q, %v", units, err)
	}
	makes, packed, page := textOf(t, "deploy/packages/before"), textOf(t, "deploy/packages/nfpm.yaml"),
		textOf(t, "docs/operating.md")
	_, users, _ := strings.Cut(makes, "for user in ")
	users, _, _ = strings.Cut(users, ";")
	for _, unit := range units {
		text := string(read(t, strings.TrimPrefix(unit, "../")))
		for _, m := range regexp.MustCompile(`(?m)^(User|EnvironmentFile|StateDirectory)=(.+)$`).
			FindAllStringSubmatch(text, -1) {
			name := filepath.Base(unit)
			switch m[1] {
			case "User":
				if !slices.Contains(strings.Fields(users), m[2]) {
					t.Errorf("%s runs as %s, which deploy/packages/before does not make", name, m[2])
				}
			case "EnvironmentFile":
				if !strings.Contains(packed, "dst: "+filepath.Dir(m[2])+",") {
					t.Errorf("%s reads %s, in a directory that no package makes", name, m[2])
				}
				if !strings.Contains(page, filepath.Base(m[2])) || !strings.Contains(page, filepath.Dir(m[2])) {
					t.Errorf("docs/operating.md does not write %s, which %s reads", m[2], name)
				}
			case "StateDirectory":
				if !strings.Contains(page, "/var/lib/"+m[2]) {
					t.Errorf("docs/operating.md does not name /var/lib/%s, where %s writes", m[2], name)
				}
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
