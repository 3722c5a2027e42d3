package layout_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// columns is the longest line of Go, a tab being four.
const columns = 120

// ofOurs yields every Go file that somebody wrote, by its path from the root.
func ofOurs(t *testing.T, f func(name string, text []byte)) {
	t.Helper()
	for _, root := range []string{"api", "cmd", "deploy", "pkg"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".gen.go") {
				return err
			}
			text, err := os.ReadFile(name)
			if err == nil {
				f(strings.TrimPrefix(filepath.ToSlash(name), "../"), text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestLinesEndWithinAHundredAndTwentyColumns(t *testing.T) {
	ofOurs(t, func(name string, text []byte) {
		asTheyStand := linesOfTexts(text)
		for n, line := range strings.Split(string(text), "\n") {
			if w := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t"); w > columns && !asTheyStand[n+1] {
				t.Errorf("%s:%d has %d columns", name, n+1, w)
			}
		}
	})
}

// linesOfTexts are those of a raw string over several lines: a text that stands as it is, such as a page or an answer.
func linesOfTexts(text []byte) map[int]bool {
	out := map[int]bool{}
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return out
		}
		if lines := strings.Count(literal, "\n"); tok == token.STRING && lines > 0 &&
			!strings.Contains(literal, "SELECT") {
			for n := range lines + 1 {
				out[file.Line(pos)+n] = true
			}
		}
	}
}

func TestALiteralOfMoreThanFiveFieldsHasALineForEach(t *testing.T) {
	seen := 0
	ofOurs(t, func(name string, text []byte) {
		if strings.HasSuffix(name, "_test.go") { // rows of tables stand on one line there
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		line := func(p token.Pos) int { return set.Position(p).Line }
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || !ofFields(literal) {
				return true
			}
			seen++
			for i := 1; i < len(literal.Elts); i++ {
				if line(literal.Elts[i].Pos()) == line(literal.Elts[i-1].End()) {
					t.Errorf("%s:%d: %d fields, and two on a line", name, line(literal.Elts[i].Pos()),
						len(literal.Elts))
					break
				}
			}
			return true
		})
	})
	if seen < 100 {
		t.Errorf("only %d literals were looked at", seen)
	}
}

// ofFields tells a struct with more than five fields from a map, a list and a shorter one.
func ofFields(literal *ast.CompositeLit) bool {
	if _, isMap := literal.Type.(*ast.MapType); isMap || len(literal.Elts) <= 5 {
		return false
	}
	first, keyed := literal.Elts[0].(*ast.KeyValueExpr)
	if !keyed {
		return false
	}
	_, named := first.Key.(*ast.Ident)
	return named
}
