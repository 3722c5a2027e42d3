package layout_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// askers are the files that make requests over HTTP by hand, and whom they ask. None asks the API: pkg/client does.
var askers = map[string]string{
	"pkg/identity/keys.go":           "identity providers, for their keys",
	"pkg/identity/sign_in.go":        "identity providers, to sign somebody in",
	"pkg/devstack/sessions.go":       "its own issuers' clients, at the back channel",
	"pkg/devstack/issuers_test.go":   "its own issuers",
	"pkg/devstack/signin_test.go":    "its own issuers",
	"pkg/web/server_test.go":         "a server of the test",
	"pkg/web/engine_test.go":         "an engine of the test",
	"pkg/session/world_test.go":      "pages, as a browser does",
	"pkg/bench/gateway.go":           "the health and the profile of a gateway",
	"pkg/bench/proxy.go":             "the store, and a bare proxy",
	"cmd/chanceryd/demo_ready.go":    "the health of a gateway",
	"cmd/chanceryd/crawl_test.go":    "pages, as a browser does",
	"cmd/chanceryd/serve_test.go":    "the health of a gateway",
	"pkg/rest/interop/judge_test.go": "the proxy under test",
}

// requests are the functions of net/http that make one.
var requests = []string{"NewRequest", "NewRequestWithContext", "Get", "Head", "Post", "PostForm"}

// The API has one caller: what it does about tokens, keys of repetition, problem documents and waiting is done once.
func TestTheAPIIsCalledThroughPackageClientAlone(t *testing.T) {
	asks := map[string]bool{}
	ofOurs(t, func(name string, text []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !asksByHand(file) || strings.HasPrefix(name, "pkg/client/") {
			return
		}
		asks[name] = true
		if askers[name] == "" {
			t.Errorf("%s makes requests over HTTP: the API is called through pkg/client; who asks something else "+
				"stands in askers, with whom", name)
		}
	})
	for name := range askers {
		if !asks[name] {
			t.Errorf("%s makes no request any more", name)
		}
	}
}

// asksByHand reports whether a file makes requests with net/http.
func asksByHand(file *ast.File) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		if of, ok := n.(*ast.SelectorExpr); ok {
			from, _ := of.X.(*ast.Ident)
			found = found || from != nil && from.Name == "http" && slices.Contains(requests, of.Sel.Name)
		}
		return true
	})
	return found
}
