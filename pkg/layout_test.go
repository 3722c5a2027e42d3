// Package layout_test executes the plan of the gateway: which package may import which. The plan is for readers first;
// these tests keep it true.
package layout_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "chancery.example/gateway"

// Modules that only the packages named in the plan may touch.
const (
	gin     = "github.com/gin-gonic/gin"
	gorm    = "gorm.io"
	minio   = "github.com/minio/minio-go"
	netHTTP = "net/http"
)

// row is one line of the plan: what of ours a package imports, and what of others it never does.
type row struct {
	may   []string
	never []string
	words bool // of article4 it uses the words only, and decides nothing
	all   bool // may import everything of ours
}

// plan is the whole table. A package that stands in no row does not belong to the gateway: give it one, and say in
// docs/decisions why.
var plan = map[string]row{
	"pkg/article4": {never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	"pkg/ledger":   {never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	// Decision 0396.
	"pkg/disk":   {never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	"pkg/report": {may: []string{"pkg/disk", "pkg/ledger"}, never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	// Decision 0231: it has the rules decide again what a log says was decided.
	"pkg/review": {may: []string{"pkg/ledger", "pkg/article4"},
		never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	"pkg/inspect": {never: []string{netHTTP, gin, gorm, minio}},
	"pkg/label":   {never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	// Decisions 0095 and 0096.
	"pkg/invalid":    {never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	"pkg/instrument": {never: []string{netHTTP, gin, gorm, minio, "database/sql"}},
	// Decision 0390: what takes time says so to it, and it knows nobody.
	"pkg/traces":   {never: []string{gin, gorm, minio, "database/sql"}},
	"pkg/postgres": {may: []string{"pkg/traces"}, never: []string{netHTTP, gin, minio}},

	// What marks a file knows neither the queue nor the child process it runs in.
	"pkg/stamp/mark":   {may: []string{"pkg/label"}, never: []string{netHTTP, gin, gorm, minio}},
	"pkg/stamp/face":   {never: []string{netHTTP, gin, gorm, minio}},
	"pkg/stamp/pdfium": {never: []string{netHTTP, gin, gorm, minio}},
	"pkg/stamp/pdf": {may: []string{"pkg/stamp/mark", "pkg/stamp/face", "pkg/stamp/pdfium", "pkg/label"},
		never: []string{netHTTP, gin, gorm, minio}},
	"pkg/stamp/office": {may: []string{"pkg/stamp/mark", "pkg/stamp/face", "pkg/label"},
		never: []string{netHTTP, gin, gorm, minio}},
	"pkg/stamp/picture": {may: []string{"pkg/stamp/mark", "pkg/stamp/face", "pkg/label"},
		never: []string{netHTTP, gin, gorm, minio}},
	"pkg/stamp": {may: []string{"pkg/stamp/mark", "pkg/stamp/face", "pkg/stamp/pdfium", "pkg/stamp/pdf",
		"pkg/stamp/office",
		"pkg/stamp/picture", "pkg/label", "pkg/traces"}, never: []string{netHTTP, gin, gorm, minio}},

	"pkg/vault":   {may: []string{"pkg/disk", "pkg/ledger"}, never: []string{minio, netHTTP, gin, gorm}},
	"pkg/objects": {may: []string{"pkg/vault", "pkg/ledger", "pkg/traces"}, never: []string{gin, gorm}},
	// Decision 0360.
	"pkg/backup":    {may: []string{"pkg/ledger", "pkg/vault"}, never: []string{gin, gorm, minio, netHTTP}},
	"pkg/sequencer": {may: []string{"pkg/postgres", "pkg/ledger", "pkg/traces"}, never: []string{gin, minio, netHTTP}},
	"pkg/register":  {may: []string{"pkg/postgres", "pkg/article4"}, words: true, never: []string{gin, minio, netHTTP}},

	// It sends what the transaction of the act put into the records: decision 0171.
	"pkg/notify": {may: []string{"pkg/register", "pkg/postgres", "pkg/article4", "pkg/traces"}, words: true,
		never: []string{gin, minio, netHTTP}},

	// Decision 0351: it speaks HTTP with strangers, and cannot reach the door.
	"pkg/webhook": {may: []string{"pkg/register", "pkg/postgres", "pkg/article4", "pkg/traces"}, words: true,
		never: []string{gin, minio, gorm}},

	"pkg/exchange": {may: []string{"pkg/article4", "pkg/ledger", "pkg/vault", "pkg/inspect", "pkg/label", "pkg/stamp",
		"pkg/register",
		"pkg/sequencer", "pkg/postgres", "pkg/instrument", "pkg/invalid", "pkg/traces"},
		never: []string{gin, netHTTP, gorm, minio}},

	// The words of article4 by decision 0013.
	"pkg/identity": {may: []string{"pkg/exchange", "pkg/article4"}, words: true, never: []string{minio, gorm}},
	"pkg/web":      {may: []string{"pkg/exchange", "pkg/invalid", "pkg/traces"}, never: []string{minio, gorm}},
	// Decision 0340.
	"pkg/tus": {may: []string{"pkg/web", "pkg/exchange", "pkg/invalid", "pkg/article4"}, words: true,
		never: []string{gorm, minio}},
	"pkg/rest": {may: []string{"pkg/web", "pkg/tus", "pkg/identity", "pkg/exchange", "pkg/invalid", "api",
		"pkg/article4"},
		words: true,
		never: []string{gorm, minio}},
	// Decision 0150; of the register, by 0410, what a living session is.
	"pkg/session": {may: []string{"pkg/identity", "pkg/postgres", "pkg/exchange", "pkg/register", "pkg/article4"},
		words: true,
		never: []string{gin, gorm, minio}},
	"pkg/portal": {may: []string{"pkg/web", "pkg/tus", "pkg/session", "pkg/identity", "pkg/exchange", "pkg/invalid",
		"api", "pkg/article4"},
		words: true,
		never: []string{gorm, minio}},

	"api":        {never: []string{gin, gorm, minio}},
	"deploy":     {},
	"pkg/client": {may: []string{"api"}, never: []string{gin, gorm, minio}},
	"cmd/chancery": {may: []string{"api", "pkg/client", "pkg/disk", "pkg/ledger", "pkg/label", "pkg/report",
		"pkg/review"},
		never: []string{gin, gorm, minio}},
	"cmd/chanceryd": {all: true},
	"pkg/devstack":  {all: true},
	"pkg/bench":     {all: true},
}

// dotted stands for whatever a dot import uses.
const dotted = "everything, by a dot import"

// belowToo are packages whose row holds for what lies below them.
var belowToo = []string{"pkg/devstack"}

// deciding is what of article4 is no word but a rule at work.
var deciding = []string{dotted, "Load", "Rules", "Facts", "StateOf", "StandingOf", "WholeOf", "Required"}

func TestEveryPackageHasItsRowInThePlan(t *testing.T) {
	for _, p := range packages(t) {
		if _, ok := rowOf(p.path); !ok {
			t.Errorf("%s stands in no row of the import table: give it one in pkg/layout_test.go, and a page in "+
				"docs/decisions", p.path)
		}
	}
}

func TestPackagesImportOnlyWhatTheirRowOfThePlanNames(t *testing.T) {
	for _, p := range packages(t) {
		r, ok := rowOf(p.path)
		if !ok || r.all {
			continue
		}
		for _, imported := range p.ours() {
			if !slices.Contains(r.may, imported) && rowPath(imported) != rowPath(p.path) {
				t.Errorf("%s → %s (%s): the row of %s allows of ours only: %s",
					p.path, imported, p.imports[module+"/"+imported], rowPath(p.path), orNothing(r.may))
			}
		}
	}
}

func TestPackagesNeverImportWhatTheirRowForbids(t *testing.T) {
	for _, p := range packages(t) {
		r, _ := rowOf(p.path)
		for imported, file := range p.imports {
			for _, never := range r.never {
				if imported == never || strings.HasPrefix(imported, never+"/") {
					t.Errorf("%s → %s (%s): the row of %s says never %s", p.path, imported, file, rowPath(p.path),
						never)
				}
			}
		}
	}
}

func TestNothingImportsACommand(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.ours() {
			if strings.HasPrefix(imported, "cmd/") {
				t.Errorf("%s → %s: commands are built of packages, never the other way", p.path, imported)
			}
		}
	}
}

func TestOutsideTheExchangeArticle4IsUsedForItsWordsOnly(t *testing.T) {
	for _, p := range packages(t) {
		if r, _ := rowOf(p.path); !r.words {
			continue
		}
		for _, f := range p.files {
			for _, used := range selectedFrom(f.syntax, module+"/pkg/article4") {
				if slices.Contains(deciding, used) {
					t.Errorf("%s uses article4.%s: only pkg/exchange decides; the row of %s allows the words alone",
						f.name, used, p.path)
				}
			}
		}
	}
}

func TestStatusCodesLiveInWebAndInTheTableOfReasons(t *testing.T) {
	for _, p := range packages(t) {
		if p.path != "pkg/rest" && p.path != "pkg/portal" {
			continue
		}
		for _, f := range p.files {
			if ast.IsGenerated(f.syntax) {
				continue
			}
			for _, used := range selectedFrom(f.syntax, netHTTP) {
				if strings.HasPrefix(used, "Status") {
					t.Errorf("%s uses http.%s: status codes stand in pkg/web and in the reasons of pkg/article4",
						f.name, used)
				}
			}
		}
	}
}

// callers are the files that make HTTP requests by hand, and why: they ask something else than the API, or what they
// send is no request that a client would make.
var callers = map[string]string{
	"pkg/client/client.go":           "the one caller of the API",
	"pkg/identity/keys.go":           "asks identity providers",
	"pkg/webhook/message.go":         "what is sent to webhooks, which are strangers",
	"pkg/identity/sign_in.go":        "asks identity providers",
	"pkg/devstack/sessions.go":       "the development's own identity providers tell of a sign-out",
	"pkg/session/world_test.go":      "asks the development's own identity providers",
	"pkg/traces/send.go":             "sends spans to a collector",
	"cmd/chanceryd/traces_test.go":   "asks the admin listener, and as no client of ours does",
	"pkg/bench/proxy.go":             "asks the bare proxy that the gateway is measured beside",
	"pkg/bench/gateway.go":           "asks the admin listener",
	"cmd/chanceryd/demo_ready.go":    "asks the admin listener",
	"cmd/chanceryd/health.go":        "asks the admin listener",
	"cmd/chanceryd/figures_test.go":  "asks the admin listener",
	"cmd/chanceryd/crawl_test.go":    "a browser without scripts at the pages, which are not the API",
	"cmd/chanceryd/serve_test.go":    "asks the admin listener, and sends tokens that are none",
	"pkg/rest/mirror_test.go":        "asks the mirror of the log, which is not the API",
	"pkg/web/server_test.go":         "the engine alone, without the API",
	"pkg/web/engine_test.go":         "the engine alone, without the API",
	"pkg/devstack/issuers_test.go":   "asks the development's own identity providers",
	"cmd/chancery/signin.go":         "asks identity providers, and a gateway where they are",
	"cmd/chancery/scenarios_test.go": "a browser at the development's own identity providers",
	"pkg/devstack/signin_test.go":    "asks the development's own identity providers",
}

func TestOnlyTheClientCallsTheAPI(t *testing.T) {
	by := []string{"NewRequest", "NewRequestWithContext", "Get", "Post", "PostForm", "Head"}
	seen := map[string]bool{}
	for _, name := range goFiles(t) {
		for _, used := range selectedFrom(parse(t, name, parser.SkipObjectResolution), netHTTP) {
			if !slices.Contains(by, used) {
				continue
			}
			seen[name] = true
			if callers[name] == "" {
				t.Errorf("%s uses http.%s: the API is called through pkg/client", name, used)
			}
		}
	}
	for name := range callers {
		if !seen[name] {
			t.Errorf("%s makes no request by hand: strike it off the list", name)
		}
	}
}

func TestAProblemIsTypedOnceOnEachSide(t *testing.T) {
	declared := map[string]bool{"api/api.gen.go": true, "pkg/web/problem.go": true, "pkg/client/client.go": true,
		"pkg/exchange/door_errors.go": true,
		"pkg/sequencer/check.go":      true} // the last is what is wrong with a stored log
	for _, name := range goFiles(t) {
		ast.Inspect(parse(t, name, parser.SkipObjectResolution), func(n ast.Node) bool {
			if d, ok := n.(*ast.TypeSpec); ok && strings.EqualFold(d.Name.Name, "problem") && !declared[name] {
				t.Errorf("%s types a problem of its own, %s", name, d.Name.Name)
			}
			return true
		})
	}
}

// The linked code, not the direct imports alone: an auditor who builds the verifier, and a lawyer who runs the rules,
// get these parts and nothing else.
func TestWhatIsReadAloneLinksOnlyItsOwnParts(t *testing.T) {
	packages(t) // so that a cached verdict is not used again after any file was changed
	tests := map[string]func(imported string) bool{
		"pkg/ledger":  within("golang.org/x/mod"),
		"pkg/label":   within(), // the standard library
		"pkg/invalid": within(),
		// Whoever drafts an Arrangement file can check it.
		"pkg/instrument": within("github.com/goccy/go-yaml"),
		// The last two are what cedar-go itself links.
		"pkg/article4": within("github.com/cedar-policy/cedar-go", "golang.org/x/exp",
			"github.com/go-json-experiment/json"),
		"cmd/chancery": func(imported string) bool { return !within(gin, gorm, minio)(imported) },
	}
	for name, allowed := range tests {
		if !exists(name) {
			continue
		}
		for _, linked := range linkedBy(t, name) {
			if linked != module+"/"+name && !allowed(linked) {
				t.Errorf("%s links %s: %s is to stand alone", name, linked, name)
			}
		}
	}
}

func TestNoPackageIsNamedAfterNothing(t *testing.T) {
	empty := []string{"util", "utils", "common", "model", "models", "helper", "helpers", "service", "services",
		"manager",
		"managers", "handlers", "misc", "shared", "lib"}
	for _, p := range packages(t) {
		for _, f := range p.files {
			name := f.syntax.Name.Name
			if slices.Contains(empty, name) || slices.Contains(empty, path.Base(p.path)) {
				t.Errorf("%s: package %s says nothing about what is in it", f.name, name)
			}
		}
	}
}

func TestEveryModuleThatTheCodeImportsHasItsReasonWritten(t *testing.T) {
	const page = "docs/decisions/0011-parts-and-dependencies.md"
	text := read(t, page)
	required := requiredModules(t)
	for _, file := range goFiles(t) {
		for _, spec := range parse(t, file, parser.ImportsOnly).Imports {
			name := moduleOf(importPath(spec), required)
			if name != "" && !bytes.Contains(text, []byte("`"+name+"`")) {
				t.Errorf("%s imports %s, and %s does not say why", file, name, page)
			}
		}
	}
}

// pack is one package as its files tell, tests left out.
type pack struct {
	path    string            // below the module, "pkg/article4"
	imports map[string]string // import path → a file that has it
	files   []file
}

type file struct {
	name   string
	syntax *ast.File
}

// ours are the imports from this module, relative to it.
func (p pack) ours() []string {
	var out []string
	for imported := range p.imports {
		if inside, ok := strings.CutPrefix(imported, module+"/"); ok {
			out = append(out, inside)
		}
	}
	slices.Sort(out)
	return out
}

// packages reads every package of the module. It reads the files here, so that the test runs again when one changes.
func packages(t *testing.T) []pack {
	t.Helper()
	byPath := map[string]*pack{}
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		syntax := parse(t, name, parser.ParseComments|parser.SkipObjectResolution)
		dir := path.Dir(name)
		p := byPath[dir]
		if p == nil {
			p = &pack{path: dir, imports: map[string]string{}}
			byPath[dir] = p
		}
		p.files = append(p.files, file{name, syntax})
		for _, spec := range syntax.Imports {
			p.imports[importPath(spec)] = name
		}
	}
	var out []pack
	for _, p := range byPath {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b pack) int { return strings.Compare(a.path, b.path) })
	if len(out) < 10 {
		t.Fatalf("only %d packages found: the test looks in the wrong place", len(out))
	}
	return out
}

// goFiles are the module's, relative to its root; those of other modules that lie below it are left out.
func goFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && otherPeoples(name):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go"):
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func otherPeoples(dir string) bool {
	if dir == "." {
		return false
	}
	base := path.Base(dir)
	own, _ := filepath.Glob(filepath.Join("..", dir, "*.mod"))
	return base == "testdata" || base == "node_modules" || dir == "build" || strings.HasPrefix(base, ".") ||
		len(own) > 0
}

func parse(t *testing.T, name string, mode parser.Mode) *ast.File {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", name), nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return syntax
}

func importPath(spec *ast.ImportSpec) string {
	name, _ := strconv.Unquote(spec.Path.Value)
	return name
}

// selectedFrom lists what a file uses of one imported package.
func selectedFrom(f *ast.File, imported string) []string {
	name := ""
	for _, spec := range f.Imports {
		if importPath(spec) == imported {
			name = path.Base(imported)
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	var out []string
	if name == "" {
		return nil
	}
	if name == "." {
		return []string{dotted}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name {
				out = append(out, s.Sel.Name)
			}
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// rowPath is the package whose row holds for p.
func rowPath(p string) string {
	for _, above := range belowToo {
		if strings.HasPrefix(p, above+"/") {
			return above
		}
	}
	return p
}

func rowOf(p string) (row, bool) {
	r, ok := plan[rowPath(p)]
	return r, ok
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// within allows the packages of the named modules.
func within(modules ...string) func(string) bool {
	return func(imported string) bool {
		return slices.ContainsFunc(modules,
			func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") })
	}
}

func exists(dir string) bool {
	_, err := os.Stat(filepath.Join("..", dir))
	return !errors.Is(err, fs.ErrNotExist)
}

// linkedBy lists the packages outside the standard library that dir's code needs.
func linkedBy(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard", "./"+dir)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps ./%s: %v%s", dir, err, stderrOf(err))
	}
	var linked []string
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p struct {
			ImportPath string
			Standard   bool
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if !p.Standard {
			linked = append(linked, p.ImportPath)
		}
	}
	if len(linked) == 0 {
		t.Fatalf("go list -deps ./%s names not even the package itself", dir)
	}
	return linked
}

func stderrOf(err error) string {
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return fmt.Sprintf("\n%s", ended.Stderr)
	}
	return ""
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// requiredModules are those of go.mod.
func requiredModules(t *testing.T) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(string(read(t, "go.mod"))) {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(words) >= 2 && strings.Contains(words[0], ".") && strings.HasPrefix(words[1], "v") {
			out = append(out, words[0])
		}
	}
	return out
}

// moduleOf is the required module that an import is of; empty for the standard library and for ours.
func moduleOf(imported string, required []string) string {
	best := ""
	for _, m := range required {
		if len(m) > len(best) && within(m)(imported) {
			best = m
		}
	}
	return best
}
