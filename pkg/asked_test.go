package layout_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

const askedPage = "docs/operators-asked.md"

var (
	madeBy   = regexp.MustCompile("`make ([a-z]+)")
	aCommand = regexp.MustCompile("`(chanceryd?) ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
)

// Each line of what operators asked is answered by a test that there is, a command that there is, or a sentence that
// says why not.
func TestWhatOperatorsAskedIsAnsweredLineByLine(t *testing.T) {
	known, makefile := testsOfTheTree(t), string(read(t, "Makefile"))
	commands := map[string]map[string]bool{"chancery": commandsOf(t, "cmd/chancery/"),
		"chanceryd": commandsOf(t, "cmd/chanceryd/")}
	rows := 0
	for line := range strings.Lines(textOf(t, askedPage)) {
		if !strings.HasPrefix(line, "| ") || strings.Contains(line, "| now") || strings.Contains(line, "| there is |") {
			continue
		}
		rows++
		shown := 0
		for _, name := range testName.FindAllString(line, -1) {
			if shown++; !known[name] {
				t.Errorf("%s names %s, which no test is called", askedPage, name)
			}
		}
		for _, m := range madeBy.FindAllStringSubmatch(line, -1) {
			if shown++; !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which is no target", askedPage, m[1])
			}
		}
		for _, m := range aCommand.FindAllStringSubmatch(line, -1) {
			shown++
			if !commands[m[1]][m[1]+" "+m[2]] || m[3] != "" && !commands[m[1]][m[2]+" "+m[3]] {
				t.Errorf("%s names %s` is no command", askedPage, m[0])
			}
		}
		if shown == 0 && !strings.Contains(line, "| Not ") && !strings.Contains(line, ". Not ") {
			t.Errorf("%s answers with nothing that shows it, and does not say why: %s", askedPage, line)
		}
	}
	if rows < 60 {
		t.Errorf("only %d lines were looked at: the page is not read as it is written", rows)
	}
}

// A command stands under its own group, and under no other.
func TestACommandIsOneOfItsOwnGroup(t *testing.T) {
	commands := commandsOf(t, "cmd/chanceryd/")
	for pair, want := range map[string]bool{"log rotate-key": true, "webhooks rotate-key": true,
		"mail rotate-key": false, "chanceryd keys": true, "keys rotate": true, "chanceryd rotate-key": false,
		"backup create": true, "keys create": true, "log create": false} {
		if commands[pair] != want {
			t.Errorf("%s: %t; want %t", pair, commands[pair], want)
		}
	}
}

// commandsOf are the commands of a program, each behind the name of what it stands in: "chanceryd log", "log check". A
// function that makes a group names that first; the rest of its names, and the first name of what each function that it
// calls makes, are those in the group.
func commandsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names, calls := map[string][]string{}, map[string][]string{} // by function
	for _, file := range goFiles(t) {
		if !strings.HasPrefix(file, dir) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, read(t, file), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			f, is := declared.(*ast.FuncDecl)
			if !is {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					key, isName := n.Key.(*ast.Ident)
					value, isText := n.Value.(*ast.BasicLit)
					if isName && isText && key.Name == "Use" {
						use, _, _ := strings.Cut(strings.Trim(value.Value, "`\""), " ")
						names[f.Name.Name] = append(names[f.Name.Name], use)
					}
				case *ast.CallExpr:
					if called, is := n.Fun.(*ast.Ident); is {
						calls[f.Name.Name] = append(calls[f.Name.Name], called.Name)
					}
				}
				return true
			})
		}
	}
	pairs := map[string]bool{}
	for f, own := range names {
		for _, name := range own[1:] {
			pairs[own[0]+" "+name] = true
		}
		for _, called := range calls[f] {
			if of := names[called]; len(of) > 0 && called != f {
				pairs[own[0]+" "+of[0]] = true
			}
		}
	}
	return pairs
}
