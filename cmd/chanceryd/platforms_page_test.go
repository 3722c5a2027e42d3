package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/platforms.md is copied by the author of a platform. It is run here as it stands, against a demo that runs; what
// it shows is what comes.
func TestThePageForPlatformsAnswersWhatItShows(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"curl", "openssl", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT TESTED: there is no %s to follow the page with", tool)
		}
	}
	steps := stepsOf(t, filepath.Join("..", "..", "docs", "platforms.md"), 10)
	dir := platformsDirectory(t)
	play(t, filepath.Join(dir, "data", "demo"))
	answers, spoken, err := walk(t, dir, steps)
	if err != nil {
		t.Errorf("the page ended early: %v\n%s", err, spoken)
	}
	for i, s := range steps {
		if i >= len(answers) {
			t.Fatalf("docs/platforms.md:%d and what follows was not reached\n%s", s.line, spoken)
		}
		if diff := cmp.Diff(s.wants, answers[i]); s.wants != "" && diff != "" {
			t.Errorf("docs/platforms.md:%d answers otherwise (- shown, + answered):\n%s", s.line, diff)
		}
	}
}

// platformsDirectory is the repository as its own files lead to it, with both programs built.
func platformsDirectory(t *testing.T) string {
	t.Helper()
	dir := walkersDirectory(t)
	for _, name := range []string{"api", "cmd", "pkg", "go.mod", "go.sum"} {
		path, err := filepath.Abs(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "build", "bin", "chancery"), "../chancery")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build chancery: %v\n%s", err, said)
	}
	return dir
}
