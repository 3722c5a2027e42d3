package rest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/rest"
)

// notOverTheAPI are faults of the Arrangement file, which nobody sends.
var notOverTheAPI = []string{"instrument", "parties", "purposes"}

func TestEveryFaultHasItsCodeInTheTable(t *testing.T) {
	known := rest.Codes()
	for _, dir := range []string{".", "../exchange"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		must(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, fault := range faultsIn(t, name) {
				if !slices.Contains(known, "request/"+fault) && !slices.Contains(notOverTheAPI, fault) {
					t.Errorf("%s: request/%s stands in no table", name, fault)
				}
			}
		}
	}
}

// faultsIn are the names that a file gives to faults.
func faultsIn(t *testing.T, name string) (out []string) {
	syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	must(t, err)
	ast.Inspect(syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 3 {
			return true
		}
		called := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			called = f.Name
		case *ast.SelectorExpr:
			called = f.Sel.Name
		}
		if literal, ok := call.Args[0].(*ast.BasicLit); ok &&
			slices.Contains([]string{"add", "fault", "invalid"}, called) {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				out = append(out, text)
			}
		}
		return true
	})
	return out
}

func TestTheContractAndThePagesOfProblemsNeedNoToken(t *testing.T) {
	h := newFixture(t, anybody)
	for path, want := range map[string]string{
		"/": `"contract":"/api/v1/openapi.yaml"`, "/api/v1": `"name":"Chancery"`,
		"/api/v1/openapi.yaml": "openapi: 3.1.0", "/problems": "art4.8/no-written-consent",
		"/problems/art4.8/no-written-consent": "4(8)", "/problems/request/unknown-field": "no such member",
		"/problems/unavailable": "503",
	} {
		w := h.sendTo("GET", path)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d, without %q", path, w.Code, want)
		}
	}
	if w := h.sendTo("GET", "/problems/no-such-code"); w.Code != 404 {
		t.Errorf("a code that there is not: %d", w.Code)
	}
	for _, code := range rest.Codes() {
		if w := h.sendTo("GET", "/problems/"+code); w.Code != 200 {
			t.Errorf("the page of %s: %d", code, w.Code)
		}
	}
}
