package layout_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const asvsPage = "docs/asvs.md"

var (
	asvsRow    = regexp.MustCompile(`(?m)^\| (V[0-9]+\.[0-9]+\.[0-9]+) \| (L[123]) \| ([a-z ]+) \| (.*) \|$`)
	asvsCount  = regexp.MustCompile(`(?m)^\| ([a-z ]+) \| ([0-9]+) \| ([0-9]+) \| ([0-9]+) \| ([0-9]+) \|$`)
	testName   = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z0-9]\w*`)
	asvsStates = []string{"met", "in part", "not met", "not applicable"}
)

// requirement is a row of the page.
type requirement struct{ id, level, state, says string }

func requirements(t *testing.T) (rows []requirement) {
	t.Helper()
	for _, m := range asvsRow.FindAllStringSubmatch(textOf(t, asvsPage), -1) {
		rows = append(rows, requirement{m[1], m[2], m[3], m[4]})
	}
	return rows
}

// pkg/testdata/asvs-ids.txt has the requirements of ASVS 5.0.0 that the page is to answer: all of levels 1 and 2, and
// those of level 3 in V5, V8, V9, V11, V14 and V16.
func TestASVSEveryRequirementAskedForHasOneRow(t *testing.T) {
	asked := strings.Fields(strings.ReplaceAll(string(read(t, "pkg/testdata/asvs-ids.txt")), " L", "/L"))
	if len(asked) != 278 {
		t.Fatalf("%d requirements are asked for", len(asked))
	}
	var answered []string
	for _, row := range requirements(t) {
		answered = append(answered, row.id+"/"+row.level)
	}
	if lines := strings.Count(textOf(t, asvsPage), "\n| V"); lines != len(answered) {
		t.Errorf("%d rows begin with a requirement, and %d are written as a row is", lines, len(answered))
	}
	for _, id := range asked {
		if n := len(slices.DeleteFunc(slices.Clone(answered), func(a string) bool { return a != id })); n != 1 {
			t.Errorf("%s has %d rows", id, n)
		}
	}
	for _, id := range answered {
		if !slices.Contains(asked, id) {
			t.Errorf("%s is not asked for", id)
		}
	}
}

func TestASVSEveryRowNamesTestsThatExistOrSaysWhyNot(t *testing.T) {
	known := testsOfTheTree(t)
	for _, row := range requirements(t) {
		named := testName.FindAllString(row.says, -1)
		for _, name := range named {
			if judges, is := known[name]; !is {
				t.Errorf("%s names %s, which no test is called", row.id, name)
			} else if !judges {
				t.Errorf("%s names %s, which has nothing by which it could fail", row.id, name)
			}
		}
		if !slices.Contains(asvsStates, row.state) {
			t.Errorf("%s is %q, which is no state", row.id, row.state)
		}
		sentence := strings.HasSuffix(row.says, ".") && strings.Count(row.says, " ") >= 2
		if !sentence && (row.state != "met" || len(named) == 0) {
			t.Errorf("%s is %s, and has neither a test nor a sentence that tells why", row.id, row.state)
		}
	}
}

// The chapters on the frontend, on sessions and on OAuth are whole: nothing of them is in part, and what is met is
// met by a test and not by a sentence alone.
func TestASVSV3V7AndV10AreWholeAndEachRowIsATest(t *testing.T) {
	rows := 0
	for _, row := range requirements(t) {
		chapter, _, _ := strings.Cut(row.id, ".")
		if !slices.Contains([]string{"V3", "V7", "V10"}, chapter) || row.level == "L3" {
			continue
		}
		rows++
		if row.state == "met" && testName.MatchString(row.says) || row.state == "not applicable" {
			continue
		}
		t.Errorf("%s is %s: %s", row.id, row.state, row.says)
	}
	if rows < 60 {
		t.Errorf("only %d rows are of these chapters", rows)
	}
}

func TestASVSTheCountsAreThoseOfTheRows(t *testing.T) {
	counts := map[string][4]int{}
	for _, row := range requirements(t) {
		for _, state := range []string{row.state, "all"} {
			n := counts[state]
			n[row.level[1]-'1']++
			n[3]++
			counts[state] = n
		}
	}
	told := asvsCount.FindAllStringSubmatch(textOf(t, asvsPage), -1)
	if len(told) != len(asvsStates)+1 {
		t.Fatalf("%d counts are told", len(told))
	}
	for _, m := range told {
		n := counts[m[1]]
		if want := fmt.Sprint(n[0], n[1], n[2], n[3]); strings.Join(m[2:], " ") != want {
			t.Errorf("%s is told %s times, and its rows are %s", m[1], m[2:], want)
		}
	}
}

// failing is what a test calls of its t to fail.
var failing = regexp.MustCompile(`^(Error|Errorf|Fatal|Fatalf|Fail|FailNow)$`)

// helpers are the functions and methods of the tests of one package, by name.
type helpers map[string][]*ast.FuncDecl

// judges reports whether a test can fail: it calls Error or the like of its t, or of the t that a part of its world
// holds, or calls what does and tells that what to judge. Whatever takes t alone, or nothing, only sets up. A test that
// is skipped whatever happens judges nothing.
func (h helpers) judges(f *ast.FuncDecl) bool {
	if len(f.Body.List) == 0 {
		return false
	}
	if first, is := f.Body.List[0].(*ast.ExprStmt); is {
		if call, is := first.X.(*ast.CallExpr); is {
			if name, is := call.Fun.(*ast.SelectorExpr); is && strings.HasPrefix(name.Sel.Name, "Skip") {
				return false
			}
		}
	}
	return h.fails(f, map[*ast.FuncDecl]bool{})
}

func (h helpers) fails(f *ast.FuncDecl, seen map[*ast.FuncDecl]bool) bool {
	if seen[f] || f.Body == nil {
		return false
	}
	seen[f] = true
	ts := map[string]bool{"t": true, "tb": true, "b": true, "f": true}
	if f.Recv != nil {
		for _, name := range f.Recv.List[0].Names {
			delete(ts, name.Name)
		}
	}
	can := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is || can {
			return !can
		}
		told, handed := 0, false
		for _, argument := range call.Args {
			if isT(argument, ts) {
				handed = true
			} else {
				told++
			}
		}
		switch fun := unindexed(call.Fun).(type) {
		case *ast.SelectorExpr:
			can = failing.MatchString(fun.Sel.Name) && isT(fun.X, ts) ||
				told > 0 && h.called(fun.Sel.Name, seen) ||
				told > 0 && handed && h[fun.Sel.Name] == nil // of another package
		case *ast.Ident:
			can = told > 0 && (h.called(fun.Name, seen) || handed && h[fun.Name] == nil)
		}
		return !can
	})
	return can
}

// called reports whether one of the helpers of that name can fail.
func (h helpers) called(name string, seen map[*ast.FuncDecl]bool) bool {
	return slices.ContainsFunc(h[name], func(f *ast.FuncDecl) bool { return h.fails(f, seen) })
}

// isT reports whether an expression is a test's t, or that of a part of its world (s.t).
func isT(x ast.Expr, ts map[string]bool) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return ts[x.Name]
	case *ast.SelectorExpr:
		return x.Sel.Name == "t" || x.Sel.Name == "tb" || x.Sel.Name == "TB" || x.Sel.Name == "T"
	}
	return false
}

// unindexed is a generic function without its types.
func unindexed(x ast.Expr) ast.Expr {
	switch of := x.(type) {
	case *ast.IndexExpr:
		return of.X
	case *ast.IndexListExpr:
		return of.X
	}
	return x
}

// What answers an error, or only sets a world up, is not taken for what fails a test.
func TestATestThatCannotFailIsNotTakenForOneThatCan(t *testing.T) {
	const source = `package p
func newWorld(t *testing.T) *world { if broken { t.Fatal("no world") }; return &world{t: t} }
func must(t *testing.T, err error) { if err != nil { t.Fatal(err) } }
func (w *world) wants(what string) { if !w.has(what) { w.t.Errorf("no %s", what) } }
func (w *world) says(what string) string { return what }
func TestYesItself(t *testing.T)    { if x { t.Error("x") } }
func TestYesByHelper(t *testing.T)  { must(t, do()) }
func TestYesByItsWorld(t *testing.T) { newWorld(t).wants("x") }
func TestYesInAPart(t *testing.T)   { t.Run("x", func(t *testing.T) { if x { t.Fatal("x") } }) }
func TestYesByAnother(t *testing.T) { devtest.Eventually(t, "x", is) }
func TestNoErrorOfAnError(t *testing.T) { log(do().Error()) }
func TestNoAnswerOfAServer(t *testing.T) { serve(func(w http.ResponseWriter) { http.Error(w, "x", 500) }) }
func TestNoWorldAlone(t *testing.T) { newWorld(t) }
func TestNoWordAlone(t *testing.T) { newWorld(t).says("x") }
func TestNoPartAlone(t *testing.T) { t.Run("x", func(t *testing.T) { newWorld(t) }) }
func TestNoSkipped(t *testing.T)    { t.Skip("later"); t.Error("x") }
`
	file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	judged([]*ast.File{file}, known)
	for name, can := range known {
		if can != strings.HasPrefix(name, "TestYes") {
			t.Errorf("%s: %t", name, can)
		}
	}
	if len(known) != 11 {
		t.Errorf("looked at %d of 11", len(known))
	}
}

// judged notes of each test of a package whether it can fail.
func judged(files []*ast.File, known map[string]bool) {
	own := helpers{}
	for _, file := range files {
		for _, declared := range file.Decls {
			if f, is := declared.(*ast.FuncDecl); is {
				own[f.Name.Name] = append(own[f.Name.Name], f)
			}
		}
	}
	for name, all := range own {
		if testName.FindString(name) == name && all[0].Recv == nil {
			known[name] = own.judges(all[0])
		}
	}
}

// testsOfTheTree are the tests, fuzz tests and benchmarks that go test runs, and whether each can fail.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	known, packages := map[string]bool{}, map[string][]*ast.File{}
	for _, root := range []string{"../api", "../cmd", "../pkg"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, files := range packages {
		judged(files, known)
	}
	return known
}
