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
	asvsStates = []string{"met", "in part", "not met", "with the portal", "not applicable"}
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

// failing is what a test calls to fail, itself or handing t to what does.
var failing = regexp.MustCompile(`^(Error|Errorf|Fatal|Fatalf|Fail|FailNow)$`)

// judges reports whether a test can fail: it calls t.Error or the like, or hands its t to others that do. A test that
// is skipped whatever happens judges nothing.
func judges(f *ast.FuncDecl) bool {
	if len(f.Body.List) == 0 || len(f.Type.Params.List) != 1 || len(f.Type.Params.List[0].Names) != 1 {
		return false
	}
	t, can := f.Type.Params.List[0].Names[0].Name, false
	if first, is := f.Body.List[0].(*ast.ExprStmt); is {
		if call, is := first.X.(*ast.CallExpr); is {
			if name, is := call.Fun.(*ast.SelectorExpr); is && strings.HasPrefix(name.Sel.Name, "Skip") {
				return false
			}
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		if name, is := call.Fun.(*ast.SelectorExpr); is && failing.MatchString(name.Sel.Name) {
			can = true
		}
		for _, argument := range call.Args {
			if name, is := argument.(*ast.Ident); is && name.Name == t {
				can = true
			}
		}
		return !can
	})
	return can
}

// testsOfTheTree are the tests, fuzz tests and benchmarks that go test runs, and whether each can fail.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for _, root := range []string{"../api", "../cmd", "../pkg"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, declared := range file.Decls {
				f, isFunc := declared.(*ast.FuncDecl)
				if isFunc && f.Recv == nil && testName.FindString(f.Name.Name) == f.Name.Name {
					known[f.Name.Name] = judges(f)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return known
}
