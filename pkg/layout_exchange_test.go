package layout_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Handlers have the Gateway's methods to call and nothing else: whatever it is made of cannot be reached through
// anything that pkg/exchange exports. docs/decisions/0080.
func TestNothingThatTheExchangeExportsLeadsPastTheDoor(t *testing.T) {
	for _, door := range sideDoors(checked(t, exchangePath, exchangeFiles(t, nil))) {
		t.Error(door)
	}
}

// A handler that took hold of a part would not compile, and if a part were within reach again, the test above would say
// so.
func TestASideDoorInTheExchangeWouldBeNoticed(t *testing.T) {
	const handler = `package outside
import ("context"; "chancery.example/gateway/pkg/exchange")
func remove(g *exchange.Gateway) error { return g.Vault.Remove(context.Background(), "documents/x") }`
	built := func(with *types.Package) error {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "outside.go", handler, 0)
		if err != nil {
			t.Fatal(err)
		}
		config := types.Config{Importer: instead{with, compiled(t)}}
		_, err = config.Check("outside", fset, []*ast.File{file}, nil)
		return err
	}
	if err := built(checked(t, exchangePath, exchangeFiles(t, nil)).types); err == nil ||
		!strings.Contains(err.Error(), "Vault undefined") {
		t.Errorf("a handler that removes an object by itself: %v; want that it does not compile", err)
	}
	for name, change := range map[string][2]string{
		"embedded": {"type Gateway struct {\n", "type Gateway struct {\n\tConfig\n"},
		"exported": {"type Gateway struct {\n", "type Gateway struct {\n\tVault *vault.Vault\n"},
		"by a method": {"// RulesDigest is",
			"func (g *Gateway) Parts() map[string][]*vault.Vault { return nil }\n// RulesDigest is"},
		"by a variable": {"// RulesDigest is", "var TheVault *vault.Vault\n// RulesDigest is"},
		"in an anteroom": {"// RulesDigest is",
			"type Anteroom struct{ Behind struct{ Log func() *sequencer.Sequencer } }\n// RulesDigest is"},
	} {
		changed := checked(t, exchangePath, exchangeFiles(t, func(source string) string {
			return strings.Replace(source, change[0], change[1], 1)
		}))
		if len(sideDoors(changed)) == 0 {
			t.Errorf("a part within reach, %s: not noticed", name)
		}
		if name == "embedded" || name == "exported" {
			if err := built(changed.types); err != nil {
				t.Errorf("a part within reach, %s: the handler does not compile, so the example shows nothing: %v",
					name, err)
			}
		}
	}
}

// thresholds are the files of pkg/exchange that may begin a transaction: of one passage, and of a batch of them.
var thresholds = []string{"door_scope.go", "door_batch.go"}

// Whatever stands inside a transaction was made by begin, for a named scope: who reads a verb knows which fields are
// set. docs/decisions/0081.
func TestWhatStandsInsideATransactionIsMadeAtTheOneThreshold(t *testing.T) {
	for _, found := range madeByHand(checked(t, exchangePath, exchangeFiles(t, nil))) {
		t.Error(found)
	}
}

func TestAVisitMadeByHandAndABareTransactionWouldBeNoticed(t *testing.T) {
	for name, code := range map[string]string{
		"a literal":             `func (g *Gateway) x() any { return &visit{Gateway: g} }`,
		"new":                   `func (g *Gateway) x() any { return new(visit) }`,
		"a variable":            `func (g *Gateway) x() any { var v visit; return &v }`,
		"a copy":                `func (v *visit) x() any { one := *v; return &one }`,
		"a copy passed on":      `func (v *visit) x() any { return any(*v) }`,
		"a field":               `type x struct{ at visit }`,
		"a bare transaction":    `func (g *Gateway) x() error { return g.db.InTx(context.Background(), nil) }`,
		"a transaction by name": `func (g *Gateway) x() any { return g.db.InTx }`,
	} {
		changed := exchangeFiles(t, func(source string) string { return source + "\n" + code + "\n" })
		if len(madeByHand(checked(t, exchangePath, changed))) == 0 {
			t.Errorf("%s: not noticed", name)
		}
	}
}

// madeByHand lists what of pkg/exchange has a visit by value, or begins a transaction, away from the threshold.
func madeByHand(p typed) []string {
	visit := p.types.Scope().Lookup("visit")
	var out []string
	for _, f := range p.files {
		name := filepath.Base(p.fset.Position(f.Pos()).Filename)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StarExpr:
				if kind := p.info.Types[n.X]; kind.IsType() {
					return false // the type of a pointer to one
				}
				if kind := p.info.Types[n]; kind.Type == visit.Type() && name != thresholds[0] {
					out = append(out, fmt.Sprintf("%s: a copy of a visit: use of, or as", p.fset.Position(n.Pos())))
				}
			case *ast.TypeSpec:
				if p.info.Defs[n.Name] == visit {
					return false
				}
			case *ast.SelectorExpr:
				s := p.info.Selections[n]
				if s != nil && s.Obj().Name() == "InTx" && !slices.Contains(thresholds, name) {
					out = append(out, fmt.Sprintf("%s: a bare transaction: use within, with a scope",
						p.fset.Position(n.Pos())))
				}
			case ast.Expr:
				if kind, ok := p.info.Types[n]; ok && kind.Type == visit.Type() && name != thresholds[0] {
					out = append(out, fmt.Sprintf("%s: a visit made by hand: begin makes it, for a named scope",
						p.fset.Position(n.Pos())))
				}
			}
			return true
		})
	}
	return out
}

// partsOf are the packages whose types are parts of the Gateway, or records that only the door hands out.
var partsOf = []string{"pkg/vault", "pkg/register", "pkg/sequencer", "pkg/postgres", "pkg/stamp", "pkg/objects"}

// partsBesides are parts out of packages whose other types may be seen.
var partsBesides = []string{"pkg/article4.Rules", "pkg/label.Signer", "pkg/inspect.Scanner", "log/slog.Logger",
	"golang.org/x/mod/sumdb/note.Signer", "pkg/exchange.Config", "pkg/exchange.EvidenceVerifier"}

// takesTheParts are the one exported struct and the one function that the parts are handed in by, and what one of them
// is called.
var takesTheParts = []string{"Config", "New", "EvidenceVerifier"}

// sideDoors lists what is exported and leads to a part: fields, embedded types, results of methods and functions,
// variables.
func sideDoors(p typed) []string {
	var out []string
	for _, name := range p.types.Scope().Names() {
		object := p.types.Scope().Lookup(name)
		if !object.Exported() || slices.Contains(takesTheParts, name) {
			continue
		}
		seen := map[types.Type]bool{}
		if part := partIn(object.Type(), seen); part != "" {
			out = append(out, fmt.Sprintf("pkg/exchange: %s leads to %s: handlers have the door to call and nothing "+
				"else", name, part))
		}
	}
	return out
}

// partIn is the first part that can be reached through a type from outside the package; empty where none can.
func partIn(t types.Type, seen map[types.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		return partIn(types.Unalias(t), seen)
	case *types.Named:
		return partInNamed(t, seen)
	case *types.Pointer:
		return partIn(t.Elem(), seen)
	case *types.Slice:
		return partIn(t.Elem(), seen)
	case *types.Array:
		return partIn(t.Elem(), seen)
	case *types.Chan:
		return partIn(t.Elem(), seen)
	case *types.Map:
		return first(partIn(t.Key(), seen), partIn(t.Elem(), seen))
	case *types.Signature:
		return partInTuple(t.Results(), seen)
	case *types.Struct:
		for i := range t.NumFields() {
			f := t.Field(i)
			if !f.Exported() && !f.Embedded() {
				continue
			}
			if part := partIn(f.Type(), seen); part != "" {
				return f.Name() + ": " + part
			}
		}
	}
	return ""
}

func partInNamed(t *types.Named, seen map[types.Type]bool) string {
	name := t.Obj().Name()
	if t.Obj().Pkg() != nil {
		within := strings.TrimPrefix(t.Obj().Pkg().Path(), module+"/")
		if slices.Contains(partsOf, within) || slices.Contains(partsBesides, within+"."+name) {
			return within + "." + name
		}
		if within != "pkg/exchange" {
			return "" // words of other packages: what they lead to is theirs
		}
	}
	for i := range t.NumMethods() {
		if m := t.Method(i); m.Exported() {
			if part := partIn(m.Type(), seen); part != "" {
				return m.Name() + ": " + part
			}
		}
	}
	return partIn(t.Underlying(), seen)
}

func partInTuple(t *types.Tuple, seen map[types.Type]bool) string {
	for i := range t.Len() {
		if part := partIn(t.At(i).Type(), seen); part != "" {
			return part
		}
	}
	return ""
}

func first(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

const exchangePath = module + "/pkg/exchange"

// typed is a package as the compiler understands it.
type typed struct {
	fset  *token.FileSet
	files []*ast.File
	types *types.Package
	info  *types.Info
}

// exchangeFiles are the sources of pkg/exchange by name, tests left out; change may alter the file of the Gateway.
func exchangeFiles(t *testing.T, change func(source string) string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range goFiles(t) {
		if filepath.ToSlash(filepath.Dir(name)) != "pkg/exchange" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		source := string(read(t, name))
		if change != nil && filepath.Base(name) == "door_gateway.go" {
			changed := change(source)
			if changed == source {
				t.Fatal("the counter-example changes nothing: the code that it alters has moved")
			}
			source = changed
		}
		out[name] = source
	}
	return out
}

// checked has the compiler's type checker read sources as they are given, before what they import as it was compiled.
func checked(t *testing.T, path string, sources map[string]string) typed {
	t.Helper()
	p := typed{fset: token.NewFileSet(),
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
			Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}}
	for name, source := range sources {
		file, err := parser.ParseFile(p.fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		p.files = append(p.files, file)
	}
	config := types.Config{Importer: compiled(t)}
	var err error
	if p.types, err = config.Check(path, p.fset, p.files, p.info); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p
}

// instead gives one package as it was checked here, and all others as compiled.
type instead struct {
	one    *types.Package
	others types.Importer
}

func (i instead) Import(path string) (*types.Package, error) {
	if path == i.one.Path() {
		return i.one, nil
	}
	return i.others.Import(path)
}

// compiled imports packages from what the go command compiled of them; one importer, so that a type is one.
func compiled(t *testing.T) types.Importer {
	t.Helper()
	imports, err := theImporter()
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

var theImporter = sync.OnceValues(func() (types.Importer, error) {
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Export", "./pkg/exchange")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -export ./pkg/exchange: %w%s", err, stderrOf(err))
	}
	files := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p struct{ ImportPath, Export string }
		if err := decoder.Decode(&p); err != nil {
			return nil, err
		}
		files[p.ImportPath] = p.Export
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, errors.New("not compiled: " + path)
		}
		return os.Open(files[path])
	}), nil
})
