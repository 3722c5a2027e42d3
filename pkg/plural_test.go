package layout_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// counts finds a number that is always followed by several of what it counts: at one it reads "1 entries". Bounds and
// sizes are never one.
var counts = regexp.MustCompile(`%d (?:attempt|checkpoint|document|finding|mail|object|place|problem|session|tile|` +
	`version|webhook)s\b|%d (?:entries|deliveries|copies)\b`)

// What is told to operators, auditors and clients counts one thing as one.
func TestOneThingIsCountedAsOne(t *testing.T) {
	seen := 0
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "pkg/bench/") ||
			strings.HasPrefix(name, "pkg/devstack/") || strings.Contains(name, "/interop/") ||
			strings.HasPrefix(name, "cmd/chanceryd/demo_") {
			continue
		}
		ast.Inspect(parse(t, name, parser.SkipObjectResolution), func(n ast.Node) bool {
			literal, is := n.(*ast.BasicLit)
			if !is || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			seen++
			if found := counts.FindString(text); found != "" {
				t.Errorf("%s: %q is one thing's as well: ledger.Several", name, found)
			}
			return true
		})
	}
	if seen < 5000 {
		t.Errorf("only %d literals were looked at", seen)
	}
}
