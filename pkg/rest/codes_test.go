package rest_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/identity"
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

// Whoever is answered 401 is told where tokens come from, and of nobody but the Parties.
func TestARejectedClientIsLedToTheProvidersOfTheParties(t *testing.T) {
	h := newFixture(t, func(*http.Request) error { return identity.ErrNoToken })
	w := h.send("GET", "/me", "", "", nil)
	const address = "https://gateway.example/.well-known/oauth-protected-resource/api/v1"
	if said := w.Header().Get("WWW-Authenticate"); !strings.HasSuffix(said, `, resource_metadata="`+address+`"`) {
		t.Errorf("challenged with %s", said)
	}
	told := h.sendTo("GET", strings.TrimPrefix(address, "https://gateway.example"))
	var got struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Methods  []string `json:"bearer_methods_supported"`
	}
	if err := json.Unmarshal(told.Body.Bytes(), &got); err != nil || told.Code != 200 ||
		got.Resource != "https://gateway.example/api/v1" || !slices.Equal(got.Methods, []string{"header"}) ||
		!slices.Equal(got.Servers, []string{"https://id.one.example", "https://id.other.example"}) {
		t.Errorf("answered %d: %s", told.Code, told.Body)
	}
}
