package web

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/exchange"
)

func TestEveryCauseOfAConflictHasItsFrench(t *testing.T) {
	files, err := filepath.Glob("../exchange/*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`"%w: ([^"]+)", ErrConflict|conflicts: +map\[string\]string\{"[^"]+": "([^"]+)"`)
	broken := regexp.MustCompile(`" \+\s+"`) // a text over two lines is one text
	seen := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range said.FindAllStringSubmatch(broken.ReplaceAllString(string(text), ""), -1) {
			if found[1] == "%s" { // the frame, which says what the verb gave it
				continue
			}
			seen++
			cause := strings.Replace(found[1]+found[2], "%s", "2026-03-02", 1)
			if says := conflictOf(fmt.Errorf("%w: %s", exchange.ErrConflict, cause)); says.French == says.English {
				t.Errorf("%s: no French for %q", name, cause)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d causes were read", seen)
	}
}
