package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// Whatever is said to be wrong with a field is said in French to those who prefer it, values included: the English is read off
// the sources of the packages that find the faults.
func TestEveryFaultIsWordedInFrench(t *testing.T) {
	p := problems(t)
	found := 0
	for _, detail := range append(faultsIn(t, "../exchange"), faultsIn(t, "../rest")...) {
		found++
		said := strings.NewReplacer("%d", "7331", "%q", `"faxé"`, "%s", "faxé", "%U", "U+202E").Replace(detail)
		err := &exchange.Invalid{Problems: []exchange.Problem{{Name: "x", Field: "a.b", Detail: said}}}
		french := p.Of(err, exchange.Actor{}, web.French)
		if french.Errors[0].Detail == said {
			t.Errorf("no French for %q", detail)
			continue
		}
		for _, value := range []string{"7331", "faxé", "U+202E"} {
			if strings.Count(french.Errors[0].Detail, value) != strings.Count(said, value) {
				t.Errorf("%q becomes %q", said, french.Errors[0].Detail)
			}
		}
		if want := "a.b: " + french.Errors[0].Detail + ". Rien n'a été fait."; french.Detail != want || french.Title != "La demande ne peut être comprise" {
			t.Errorf("the document says %q, %q", french.Title, french.Detail)
		}
		if english := p.Of(err, exchange.Actor{}, web.English); english.Errors[0].Detail != said || english.Detail != "a.b: "+said+". Nothing was done." {
			t.Errorf("in English %+v", english)
		}
	}
	if found < 100 {
		t.Errorf("only %d faults were found in the sources", found)
	}
}

// A fault of the whole request has no field, and its sentence does not begin with one.
func TestAFaultWithoutAFieldIsASentence(t *testing.T) {
	got := problems(t).Of(&exchange.Invalid{Problems: []exchange.Problem{{Name: "bad-json", Detail: "is not well-formed JSON"}}}, exchange.Actor{}, web.English)
	if got.Detail != "is not well-formed JSON. Nothing was done." {
		t.Errorf("%q", got.Detail)
	}
}

func problems(t *testing.T) *web.Problems {
	t.Helper()
	p, err := web.NewProblems(web.ProblemsConfig{PublicURL: "https://gateway.example", Logger: slog.New(slog.DiscardHandler),
		Reasons: func(*exchange.Refusal, exchange.Actor, web.Language) []web.Reason { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ofTheArrangementFile: what is wrong with the Arrangement file is for whoever writes it, and never leaves.
func ofTheArrangementFile(base string) bool {
	return strings.HasPrefix(base, "party_instrument") || base == "party_specific.go"
}

// faultsIn are the details of faults that a package's sources hold.
func faultsIn(t *testing.T, dir string) (details []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, file := range files {
		if base := filepath.Base(file); strings.HasSuffix(base, "_test.go") || strings.HasSuffix(base, ".gen.go") || ofTheArrangementFile(base) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				details = append(details, literals(detailOf(n))...)
			case *ast.FuncDecl:
				if strings.HasPrefix(n.Name.Name, "wanted") {
					details = append(details, wantedBy(n)...)
				}
			}
			return true
		})
	}
	return details
}

// detailOf is the argument of a call that words a fault; nil of other calls.
func detailOf(c *ast.CallExpr) ast.Expr {
	name := ""
	switch f := c.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	switch {
	case (name == "fault" || name == "invalid" || name == "add") && len(c.Args) == 3:
		return c.Args[2]
	case name == "add" && len(c.Args) > 3:
		return c.Args[3]
	case name == "FailBecause" && len(c.Args) == 2:
		return c.Args[1]
	}
	return nil
}

func literals(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.CallExpr: // of fmt.Sprintf
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return literals(e.Args[0])
		}
	}
	return nil
}

// wantedBy are the words of a function that says what is wanted: of a method whole, of the others behind "must be".
func wantedBy(f *ast.FuncDecl) (details []string) {
	must := "must be "
	if f.Recv != nil {
		must = ""
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
			for _, words := range literals(r.Results[0]) {
				details = append(details, must+words)
			}
		}
		return true
	})
	return details
}
