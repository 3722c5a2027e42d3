package layout_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// warnings are the constant messages at level WARN or ERROR of a file.
func warnings(file *ast.File) []string {
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall {
			return true
		}
		method, selects := call.Fun.(*ast.SelectorExpr)
		if !selects || !slices.Contains([]string{"Warn", "Error", "WarnContext", "ErrorContext", "LogAttrs"},
			method.Sel.Name) || method.Sel.Name == "LogAttrs" && !isWarning(call.Args[1]) {
			return true
		}
		for _, argument := range call.Args {
			if literal, is := argument.(*ast.BasicLit); is && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					out = append(out, text)
				}
				break
			}
		}
		return true
	})
	return out
}

func isWarning(level ast.Expr) bool {
	named, is := level.(*ast.SelectorExpr)
	return is && (named.Sel.Name == "LevelWarn" || named.Sel.Name == "LevelError")
}

// At night an operator looks a message up.
func TestEachWarningOfTheOperationsLogIsExplained(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "operating.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "pkg/devstack/") ||
			strings.HasPrefix(name, "pkg/bench/") || strings.HasPrefix(name, "cmd/chancery/") {
			continue
		}
		for _, message := range warnings(parse(t, name, parser.SkipObjectResolution)) {
			seen++
			if !strings.Contains(string(page), "`"+message+"`") {
				t.Errorf("%s logs %q, and docs/operating.md does not say what it means", name, message)
			}
		}
	}
	if seen < 30 {
		t.Errorf("%d warnings were found: the search is broken", seen)
	}
}
