package invalid_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/invalid"
)

// Whoever finds a fault gives as many arguments as its words take: read off the sources of the packages that find
// faults.
func TestEveryFaultIsGivenTheArgumentsThatItsWordsTake(t *testing.T) {
	byName := keysByName(t)
	calls, used, called := 0, map[string]bool{}, map[string]bool{}
	for _, file := range sources(t) {
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if name := keyOf(n); name != "" {
				used[name] = true
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || keyOf(call.Args[0]) == "" {
				return true
			}
			calls++
			called[keyOf(call.Args[0])] = true
			given, known := argumentsOf(call)
			if !known {
				t.Errorf("%s: a fault is given to a function that this test does not know", fset.Position(call.Pos()))
			}
			_, english, _ := invalid.Said(byName[keyOf(call.Args[0])])
			if given != taken(english) {
				t.Errorf("%s: %d arguments for %q", fset.Position(call.Pos()), given, english)
			}
			return true
		})
	}
	if calls < 80 {
		t.Errorf("only %d faults were found in the sources", calls)
	}
	for name, key := range byName {
		_, english, _ := invalid.Said(key)
		switch {
		case !used[name]:
			t.Errorf("invalid.%s is found by nobody: take it away", name)
		case !called[name] && taken(english) != 0:
			t.Errorf("invalid.%s takes arguments, and is handed around without them", name)
		}
	}
}

// argumentsOf counts the arguments of a fault; false of a call that is none of ours.
func argumentsOf(call *ast.CallExpr) (int, bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	before := map[string]int{"Add": 3, "One": 3, "fault": 2}[name]
	return len(call.Args) - before, before > 0
}

// keyOf is the name of a key where a node is one: invalid.Missing.
func keyOf(n ast.Node) string {
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); !ok || x.Name != "invalid" {
		return ""
	}
	if types := []string{"Key", "Fault", "Faults", "Error", "One",
		"Keys"}; strings.Contains(" "+strings.Join(types, " ")+" ", " "+s.Sel.Name+" ") {
		return ""
	}
	return s.Sel.Name
}

// sources are the files of the packages that find faults, tests left out.
func sources(t *testing.T) (files []string) {
	t.Helper()
	for _, dir := range []string{"../exchange", "../rest", "../portal", "../tus"} {
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		found, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, f := range found {
			if !strings.HasSuffix(f, "_test.go") {
				files = append(files, f)
			}
		}
	}
	return files
}

// keysByName reads the names of the keys off their declaration, where they stand in their order.
func keysByName(t *testing.T) map[string]invalid.Key {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]invalid.Key{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && ast.IsExported(spec.Names[0].Name) {
			names[spec.Names[0].Name] = invalid.Key(len(names) + 1)
		}
		return true
	})
	if len(names) != len(invalid.Keys()) {
		t.Fatalf("%s names for %d keys", strconv.Itoa(len(names)), len(invalid.Keys()))
	}
	return names
}
