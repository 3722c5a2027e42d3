package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/auditing.md begins where docs/walk.md ends, and a superuser forges along the way. What it shows is looked
// for line by line; "…" stands for what differs each time.
func TestThePageForAuditorsAnswersWhatItShows(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"curl", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT TESTED: there is no %s to follow docs/auditing.md with; apt-get install -y curl "+
				"postgresql-client", program)
		}
	}
	walked := stepsOf(t, filepath.Join("..", "..", "docs", "walk.md"), 10)
	steps := stepsOf(t, filepath.Join("..", "..", "docs", "auditing.md"), 10)
	// What was built for this test stands in the place of make build; a verdict that is bad ends with its own code.
	steps[0].commands = strings.Replace(steps[0].commands, "make build\n", "set +e\n", 1)
	dir := walkersDirectory(t)
	if said, err := exec.Command("go", "build", "-o", filepath.Join(dir, "build", "bin", "chancery"),
		"../chancery").CombinedOutput(); err != nil {
		t.Fatalf("build chancery: %v\n%s", err, said)
	}
	demo := filepath.Join(dir, "data", "demo")
	first := play(t, demo)
	last := len(steps) - 1 // before which the page has the demo started again
	answers, spoken, err := walk(t, dir, append(walked, steps[:last]...))
	if code, said := first.stop(); code != 0 && code != exitContradiction { // as it met the hole, or did not
		t.Errorf("the demo ends with %d: %s", code, said)
	}
	play(t, demo)
	again, more, failed := walk(t, dir, steps[last:])
	answers, spoken, err = append(answers, again...), spoken+more, errors.Join(err, failed)
	if err != nil || len(answers) != len(walked)+len(steps) {
		t.Fatalf("%d of %d blocks were reached: %v\n%s", len(answers), len(walked)+len(steps), err, spoken)
	}
	shown := 0
	for i, s := range steps {
		rest := strings.Split(answers[len(walked)+i], "\n")
		for want := range strings.Lines(s.wants) {
			if want = strings.TrimSpace(want); want == "" {
				continue
			}
			shown++
			pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".+") + "$")
			for len(rest) > 0 && !pattern.MatchString(rest[0]) {
				rest = rest[1:]
			}
			if len(rest) == 0 {
				t.Errorf("docs/auditing.md:%d shows %q; it answers\n%s", s.line, want, answers[len(walked)+i])
				break
			}
		}
	}
	if shown < 18 {
		t.Errorf("only %d lines were compared", shown)
	}
	if last := answers[len(answers)-1]; !strings.Contains(last, "GOOD: ") {
		t.Errorf("put back as it was, the log verifies no more:\n%s", last)
	}
}
