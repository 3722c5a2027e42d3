package layout_test

import (
	"regexp"
	"strings"
	"testing"
)

const askedPage = "docs/operators-asked.md"

var (
	madeBy     = regexp.MustCompile("`make ([a-z]+)")
	aCommand   = regexp.MustCompile("`(chanceryd?) ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
	cobraNames = regexp.MustCompile(`Use:\s+"([a-z-]+)`)
)

// Each line of what operators asked is answered by a test that there is, a command that there is, or a sentence that
// says why not.
func TestWhatOperatorsAskedIsAnsweredLineByLine(t *testing.T) {
	known, makefile := testsOfTheTree(t), string(read(t, "Makefile"))
	commands := map[string]map[string]bool{"chancery": namesOf(t, "cmd/chancery/"),
		"chanceryd": namesOf(t, "cmd/chanceryd/")}
	rows := 0
	for line := range strings.Lines(textOf(t, askedPage)) {
		if !strings.HasPrefix(line, "| ") || strings.Contains(line, "| now") || strings.Contains(line, "| there is |") {
			continue
		}
		rows++
		shown := 0
		for _, name := range testName.FindAllString(line, -1) {
			if shown++; !known[name] {
				t.Errorf("%s names %s, which no test is called", askedPage, name)
			}
		}
		for _, m := range madeBy.FindAllStringSubmatch(line, -1) {
			if shown++; !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which is no target", askedPage, m[1])
			}
		}
		for _, m := range aCommand.FindAllStringSubmatch(line, -1) {
			shown++
			for _, name := range m[2:] {
				if name != "" && !commands[m[1]][name] {
					t.Errorf("%s names %s %s, which is no command", askedPage, m[1], name)
				}
			}
		}
		if shown == 0 && !strings.Contains(line, "| Not ") && !strings.Contains(line, ". Not ") {
			t.Errorf("%s answers with nothing that shows it, and does not say why: %s", askedPage, line)
		}
	}
	if rows < 60 {
		t.Errorf("only %d lines were looked at: the page is not read as it is written", rows)
	}
}

// namesOf are the names of a program's commands.
func namesOf(t *testing.T, dir string) map[string]bool {
	names := map[string]bool{}
	for _, file := range goFiles(t) {
		if strings.HasPrefix(file, dir) && !strings.HasSuffix(file, "_test.go") {
			for _, m := range cobraNames.FindAllStringSubmatch(string(read(t, file)), -1) {
				names[m[1]] = true
			}
		}
	}
	return names
}
