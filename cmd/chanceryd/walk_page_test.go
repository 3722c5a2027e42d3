package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// step is one block of commands in a page, and what it says that they answer.
type step struct {
	line            int
	commands, wants string
}

// docs/walk.md is copied by people who see the gateway for the first time. It is run here as it stands, by a
// plain sh, against a demo that runs; what it shows is what comes.
func TestTheWalkAnswersWhatItShows(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("NOT TESTED: there is no curl to walk with; apt-get install -y curl")
	}
	steps := stepsOf(t, filepath.Join("..", "..", "docs", "walk.md"), 10)
	dir := walkersDirectory(t)
	play(t, filepath.Join(dir, "data", "demo"))
	answers, spoken, err := walk(t, dir, steps)
	if err != nil {
		t.Errorf("the walk-through ended early: %v\n%s", err, spoken)
	}
	for i, s := range steps {
		if i >= len(answers) {
			t.Fatalf("docs/walk.md:%d and what follows was not reached", s.line)
		}
		if diff := cmp.Diff(s.wants, answers[i]); s.wants != "" && diff != "" {
			t.Errorf("docs/walk.md:%d answers otherwise (- shown, + answered):\n%s\n%s", s.line, diff, spoken)
		}
	}
}

func TestTheWalkIsRefusedWhereArticle4Refuses(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	for _, s := range stepsOf(t, filepath.Join("..", "..", "docs", "walk.md"), 10) {
		shown.WriteString(s.wants)
	}
	rest := shown.String()
	for _, code := range []string{"art4.9/unmarked", "art4.4/authorization-missing", "art4.8/no-written-consent",
		"art4.8/agreement-unsigned", "the same bytes", "art4.8/consent-withdrawn"} {
		_, after, found := strings.Cut(rest, code)
		if !found {
			t.Fatalf("docs/walk.md does not show %s, or not in its turn", code)
		}
		rest = after
	}
}

var fence = regexp.MustCompile("(?ms)^```(sh|text)\n(.*?)^```$")

// stepsOf pairs each block of commands with the answer that follows it.
func stepsOf(t *testing.T, path string, atLeast int) []step {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for _, at := range fence.FindAllSubmatchIndex(text, -1) {
		kind, content := string(text[at[2]:at[3]]), string(text[at[4]:at[5]])
		switch {
		case kind == "sh":
			steps = append(steps, step{line: 1 + bytes.Count(text[:at[0]], []byte("\n")), commands: content})
		case len(steps) == 0 || steps[len(steps)-1].wants != "":
			t.Fatalf("an answer without its commands: %s", content)
		default:
			steps[len(steps)-1].wants = content
		}
	}
	if len(steps) < atLeast {
		t.Fatalf("only %d blocks of commands found in %s", len(steps), path)
	}
	return steps
}

// walkersDirectory looks like the repository to whoever follows docs/walk.md: the program that make demo builds, the
// pages, and a place for the demo's data.
func walkersDirectory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Abs(filepath.Join("..", "..", "docs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(docs, filepath.Join(dir, "docs")); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "build", "bin", "chanceryd"), ".")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build chanceryd: %v\n%s", err, said)
	}
	return dir
}

// walk runs the steps in one shell, as a person would, and tells their answers apart.
func walk(t *testing.T, dir string, steps []step) (answers []string, spoken string, err error) {
	t.Helper()
	const mark = "---- end of step ----"
	var script strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&script, "%s\necho '%s'\n", s.commands, mark)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-eu")
	shell.Dir, shell.Stdin = dir, strings.NewReader(script.String())
	var out, all bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &all
	err = shell.Run()
	answers = strings.Split(out.String(), mark+"\n")
	return answers[:len(answers)-1], all.String() + out.String(), err
}
