package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// docs/the-end-rehearsed.md is run as it stands, against the demo on three days of the Arrangement's life: the first
// two blocks of its commands are said on each, as whoever follows the page has them in their terminal.
func TestTheDemoShowsDay89Day91AndAnUntouchedSpecificArrangement(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("NOT TESTED: there is no curl to follow docs/the-end-rehearsed.md with; apt-get install -y curl")
	}
	steps := stepsOf(t, filepath.Join("..", "..", "docs", "the-end-rehearsed.md"), 5)
	if len(steps) != 5 {
		t.Fatalf("%d blocks of commands; this test knows of the short hands, two for today, one for each later day",
			len(steps))
	}
	dir := walkersDirectory(t)
	for _, on := range []struct {
		day   int
		steps []step
	}{{0, steps[1:3]}, {89, steps[3:4]}, {91, steps[4:]}} {
		var now []string
		if on.day > 0 {
			now = []string{"--now", time.Now().UTC().AddDate(0, 0, on.day).Format(time.RFC3339)}
		}
		data := filepath.Join(dir, "data", "end")
		if err := os.MkdirAll(data, 0o755); err != nil {
			t.Fatal(err)
		}
		running := play(t, data, now...)
		answers, spoken, err := walk(t, dir, append([]step{steps[0]}, on.steps...))
		if err != nil || len(answers) != 1+len(on.steps) {
			t.Fatalf("day %d: %v\n%s", on.day, err, spoken)
		}
		for i, s := range on.steps {
			if diff := cmp.Diff(s.wants, answers[1+i]); diff != "" {
				t.Errorf("day %d, docs/the-end-rehearsed.md:%d (- shown, + answered):\n%s\n%s", on.day, s.line, diff,
					spoken)
			}
		}
		if code, said := running.stop(); code != 0 {
			t.Fatalf("the demo of day %d ends with %d:\n%s", on.day, code, said)
		}
	}
}
