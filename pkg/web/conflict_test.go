package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryCauseOfAConflictHasItsFrench(t *testing.T) {
	files, err := filepath.Glob("../exchange/*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`"%w: ([^"]+)", ErrConflict`)
	seen := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range said.FindAllStringSubmatch(string(text), -1) {
			seen++
			cause := strings.Replace(found[1], "%s", "2026-03-02", 1)
			if french := conflictIn(French, cause); french == conflictIn(English, cause) {
				t.Errorf("%s: no French for %q", name, cause)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d causes were read", seen)
	}
}
