package article4_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

var update = flag.Bool("update", false, "write docs/article-4.md anew")

const page = "../../docs/article-4.md"

// docs/article-4.md is made from the paragraphs, the rules, coverage.txt and the table of reasons.
// After a change to any of them: go test ./pkg/article4 -run TestArticle4Page -update
func TestArticle4Page(t *testing.T) {
	want := writePage(t)
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run go test ./pkg/article4 -run TestArticle4Page -update (%v)", page, err)
	}
}

func writePage(t *testing.T) []byte {
	var b bytes.Buffer
	b.WriteString(`# Article 4, and what the gateway does about it

<!-- Generated from pkg/article4: go test ./pkg/article4 -run TestArticle4Page -update -->

Each paragraph in its own words, then every rule that serves it. *Basis* says on what a rule rests: **text**, the
paragraph says so; **reading NNNN**, our interpretation, one page each in [decisions](decisions/); **safeguard**, our own
care, stricter than the text. What no rule carries is kept by how a package is built, or left to people, and that is
said. The rules themselves stand in [rules.cedar](../pkg/article4/rules.cedar): each refuses, and at the end stand the
permits, which name again everything that an act takes, so that what no permit names is held in confidence.
`)
	order, lines := covered(t)
	rules := map[string]article4.Rule{}
	for _, rule := range load(t).All() {
		rules[rule.ID] = rule
	}
	for _, paragraph := range order {
		writeParagraph(&b, paragraph, lines[paragraph], rules)
	}
	writeReasons(&b)
	return b.Bytes()
}

func writeParagraph(b io.Writer, paragraph string, lines []string, rules map[string]article4.Rule) {
	heading := "Article " + paragraph
	if paragraph == "gateway" {
		heading = "Safeguards of the gateway"
	}
	fmt.Fprintf(b, "\n## %s\n\n", heading)
	if p, quoted := article4.Quote(paragraph); quoted {
		fmt.Fprintf(b, "> %s\n\n", p.Text)
	}
	table := false
	for _, line := range lines {
		rule, isRule := rules[strings.TrimPrefix(line, "rule ")]
		if isRule && !table {
			fmt.Fprint(b, "| rule | what the gateway does | basis | reason |\n|---|---|---|---|\n")
			table = true
		}
		if isRule {
			fmt.Fprintf(b, "| %s | %s | %s | `%s` |\n", rule.ID, rule.Does, rule.Basis, rule.Code)
			continue
		}
		if table {
			fmt.Fprintln(b)
			table = false
		}
		fmt.Fprintf(b, "- %s\n", strings.ToUpper(line[:1])+line[1:])
	}
}

func writeReasons(b io.Writer) {
	fmt.Fprint(b, "\n## Every reason\n\nWhere several apply, all are given, in this order; of their statuses the "+
		"first of 503, 401, 403, 422, 409 answers.\n\n")
	fmt.Fprint(b, "| code | paragraph | basis | status | remedy | in words | en français "+
		"|\n|---|---|---|---|---|---|---|\n")
	for _, code := range article4.Codes() {
		e, _ := article4.Lookup(code)
		english, french := e.Effect.Words()
		fmt.Fprintf(b, "| `%s` | %s | %s | %d | %s | %s. %s %s | %s. %s %s |\n", e.Code, e.Paragraph, e.Basis, e.Status,
			e.Remedy,
			e.English.Title, e.English.Detail, english, e.French.Title, e.French.Detail, french)
	}
}
