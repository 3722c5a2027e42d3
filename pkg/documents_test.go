package layout_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Files are named by their path from the root of the repository, whole.
var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	filePath = regexp.MustCompile(`^(?:\.ci|api|cmd|deploy|docs|pkg)/[A-Za-z0-9_./-]*\.[a-z0-9]+$`)
	anyPath  = regexp.MustCompile(
		`(?:^|[\s(\x60])((?:\.ci|api|cmd|deploy|docs|pkg)/[A-Za-z0-9_./-]*\.[a-z]+[a-z0-9]*)`)
	linkTarget = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	wordsIn    = regexp.MustCompile("((?:`[^`\n]+`(?:, | and )?)+) (?:in|of) " +
		"((?:api|cmd|pkg)/[A-Za-z0-9_./-]+\\.[a-z]+)")
	reasonCode = regexp.MustCompile("`((?:art[0-9.]+|gateway)/[a-z-]+)`")
	quotation  = regexp.MustCompile(`(?m)^> ([0-9]+\([0-9]+\)): (.+)$`)
	ruleLine   = regexp.MustCompile(`(?m)^- Rules: (.+)$`)
)

func TestEveryStepInTheLifeOfADocumentIsWhereThePageSays(t *testing.T) {
	steps := 0
	for line := range strings.Lines(string(read(t, "docs/life-of-a-document.md"))) {
		file, text := "", ""
		for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
			switch {
			case filePath.MatchString(span[1]):
				file, text = span[1], textOf(t, span[1])
			case file != "" && isIdentifier(span[1]):
				steps++
				if !holdsWord(text, span[1]) {
					t.Errorf("docs/life-of-a-document.md names %s in %s, where it does not stand", span[1], file)
				}
			}
		}
	}
	if steps < 60 {
		t.Errorf("only %d functions were looked for: the page is not read as it is written", steps)
	}
}

func TestPagesNameOnlyFilesThatExistAndWordsThatStandInThem(t *testing.T) {
	for _, page := range pages(t) {
		text := string(read(t, page))
		for _, named := range anyPath.FindAllStringSubmatch(text, -1) {
			if !exists(named[1]) {
				t.Errorf("%s names %s, which does not exist", page, named[1])
			}
		}
		for _, found := range wordsIn.FindAllStringSubmatch(text, -1) {
			for _, span := range codeSpan.FindAllStringSubmatch(found[1], -1) {
				if isIdentifier(span[1]) && !holdsWord(textOf(t, found[2]), span[1]) {
					t.Errorf("%s names %s in %s, where it does not stand", page, span[1], found[2])
				}
			}
		}
		for _, link := range linkTarget.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(link[1], "://") && !exists(path.Join(path.Dir(page), link[1])) {
				t.Errorf("%s links to %s, which does not exist", page, link[1])
			}
		}
	}
}

func TestPagesNameOnlyReasonsThatTheRulesCanGive(t *testing.T) {
	codes := article4.Codes()
	for _, page := range pages(t) {
		for _, named := range reasonCode.FindAllStringSubmatch(string(read(t, page)), -1) {
			if !slices.Contains(codes, article4.Code(named[1])) {
				t.Errorf("%s names the reason %s, which no rule gives", page, named[1])
			}
		}
	}
}

func TestEveryReadingNamesTheRulesThatRestOnItAndOnlyRulesThereAre(t *testing.T) {
	rules, err := article4.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, rule := range rules.All() {
		known[rule.ID] = true
		number, isReading := strings.CutPrefix(rule.Basis, "reading ")
		if !isReading {
			continue
		}
		page, text := readingPage(t, number)
		if !slices.Contains(rulesNamed(text), rule.ID) {
			t.Errorf("rule %s rests on reading %s, and %s does not name it among its rules", rule.ID, number, page)
		}
	}
	for n := 1; n <= 10; n++ {
		page, text := readingPage(t, padded(n))
		if len(rulesNamed(text)) == 0 {
			t.Errorf("%s names no rule", page)
		}
		for _, named := range rulesNamed(text) {
			if !known[named] {
				t.Errorf("%s names the rule %s, which does not exist", page, named)
			}
		}
		if !strings.Contains(text, "## Adoption\n") {
			t.Errorf("%s has no sentence that the Parties could adopt", page)
		}
	}
}

func TestReadingsQuoteTheArrangementWordForWord(t *testing.T) {
	for n := 1; n <= 10; n++ {
		page, text := readingPage(t, padded(n))
		quotes := quotation.FindAllStringSubmatch(text, -1)
		if len(quotes) == 0 {
			t.Errorf("%s quotes nothing", page)
		}
		for _, quote := range quotes {
			paragraph, known := article4.Quote(quote[1])
			if !known || !strings.Contains(paragraph.Text, quote[2]) {
				t.Errorf("%s: paragraph %s does not say %q", page, quote[1], quote[2])
			}
		}
	}
}

func TestEveryDecisionStandsInTheIndex(t *testing.T) {
	index := string(read(t, "docs/decisions/README.md"))
	found, err := filepath.Glob("../docs/decisions/[0-9]*.md")
	if err != nil || len(found) < 11 {
		t.Fatalf("%d decisions, %v", len(found), err)
	}
	for _, name := range found {
		if !strings.Contains(index, "("+filepath.Base(name)+")") {
			t.Errorf("docs/decisions/README.md does not list %s", filepath.Base(name))
		}
		if text := textOf(t, "docs/decisions/"+filepath.Base(name)); !strings.Contains(text, "## Context\n") ||
			!strings.Contains(text, "## Rejected\n") || !strings.Contains(text, "## Consequences\n") {
			t.Errorf("%s lacks its context, what was rejected, or its consequences", name)
		}
	}
}

// pages are the README and everything under docs.
func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	if exists("README.md") {
		out = append(out, "README.md")
	}
	err := fs.WalkDir(os.DirFS(".."), "docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".md") {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func textOf(t *testing.T, name string) string {
	t.Helper()
	if !exists(name) {
		t.Errorf("%s does not exist", name)
		return ""
	}
	return string(read(t, name))
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func isIdentifier(s string) bool { return identifier.MatchString(s) }

// holdsWord finds a whole word, not the part of a longer one.
func holdsWord(text, word string) bool {
	return regexp.MustCompile(`(?m)(^|[^A-Za-z0-9_])` + regexp.QuoteMeta(word) + `($|[^A-Za-z0-9_])`).MatchString(text)
}

func readingPage(t *testing.T, number string) (page, text string) {
	t.Helper()
	found, err := filepath.Glob("../docs/decisions/" + number + "-*.md")
	if err != nil || len(found) != 1 {
		t.Fatalf("reading %s has %d pages in docs/decisions", number, len(found))
	}
	page = "docs/decisions/" + filepath.Base(found[0])
	return page, string(read(t, page))
}

func rulesNamed(text string) []string {
	var out []string
	for _, line := range ruleLine.FindAllStringSubmatch(text, -1) {
		for _, span := range codeSpan.FindAllStringSubmatch(line[1], -1) {
			out = append(out, span[1])
		}
	}
	return out
}

func padded(n int) string {
	return string([]byte{'0', '0', byte('0' + n/10), byte('0' + n%10)})
}
