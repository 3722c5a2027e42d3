package rest_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

var update = flag.Bool("update", false, "write docs/refusals.md again")

const refusalsPage = "../../docs/refusals.md"

// docs/refusals.md is made from the table of reasons and the scenarios that TestEveryReasonIsMetAndCured plays.
// After a change to either: go test ./pkg/rest -run TestRefusalsPage -update
func TestRefusalsPage(t *testing.T) {
	want := writeRefusals(t)
	if *update {
		must(t, os.WriteFile(refusalsPage, want, 0o644))
	}
	got, err := os.ReadFile(refusalsPage)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run go test ./pkg/rest -run TestRefusalsPage -update (%v)", refusalsPage, err)
	}
}

func writeRefusals(t *testing.T) []byte {
	var b bytes.Buffer
	b.WriteString(`# Refusals: how each is met, and who cures it

<!-- Generated from pkg/article4 and the scenarios of pkg/rest: go test ./pkg/rest -run TestRefusalsPage -update -->

For anyone who has been refused, and for those they ask for help. A refusal names a code; look it up here. Each way to meet
it and each cure below is played by a test over the API, with the people of both Parties: what is said here is what happens.
In all of them the WCO is the Discloser, UNOCT the Recipient; the unit (PIU) and the customs of Exampleland are third parties.

Every refusal says what did *not* happen (` + "`effect`" + `), and names the log entry (` + "`log_entry`" +
		`) and the request
(` + "`request_id`" + `, under which the operations log has the cause). Where several reasons apply, all are given, in the order of
this page. *Basis* is **text** where the paragraph itself says so, a **reading** of ours, or a precaution of our own
(**safeguard**). Who may do what is in [article-4.md](article-4.md).

*Contact* is the organisation that can help, and *next step* the address of the API that helps this caller (` + "`remedy`" + `). Where
the next step is ` + "`GET /arrangement`" +
		`, the gateway has usually nothing for the caller to do: the page shows who the focal points are.

Problems that the operator can solve usually have status 503: a component is unavailable. The operator also sets the limit of
a file and the list of a machine client, and loads what the Parties signed. Nobody at the operator can open, release,
authorize or consent to anything.

The words that follow are used below; [glossary.md](glossary.md) has more.

| word | what it means |
|---|---|
| protected | marked confidential or restricted |
| entity concerned | an organisation whose authorization Article 4(4) requires before a protected document is exchanged |
| grant | access that was asked for and decided: for one organisation, one version, one purpose, until a day |
| admitted | named in a grant, or added by the Discloser or by the reader's own focal point |
| Release | the recorded act by which a Party makes a non-confidential document available to a third party |
| Delegation | a written instrument that lets an official decide for a Party, for named acts, until a day |
| form | the original, or a marked copy, made for one reader and numbered |
| proprietary | what a Party considers its own under Article 4(5), even when it is non-confidential |
| Hold | an order that keeps a document and its entries from being destroyed or erased |

`)
	for _, code := range article4.Codes() {
		writeRefusal(t, &b, code)
	}
	return b.Bytes()
}

func writeRefusal(t *testing.T, b *bytes.Buffer, code article4.Code) {
	e, _ := article4.Lookup(code)
	paragraph := "Article " + e.Paragraph
	if e.Paragraph == "gateway" {
		paragraph = "safeguard of the gateway"
	}
	basis := ", basis " + linked(t, e.Basis)
	if e.Paragraph == e.Basis {
		basis = ""
	}
	fmt.Fprintf(b, "## `%s`\n\n%s%s · status %d\n\n", code, paragraph, basis, e.Status)
	english, french := e.Effect.Words()
	fmt.Fprintf(b, "> **%s.** %s %s\n>\n", e.English.Title, e.English.Detail, english)
	fmt.Fprintf(b, "> **%s.** %s %s\n\n", e.French.Title, e.French.Detail, french)
	for _, one := range stages() {
		for _, s := range slices.Concat(one.scenes...) {
			if s.code == code {
				writeScenario(b, s)
			}
		}
	}
	fmt.Fprintln(b)
}

func writeScenario(b *bytes.Buffer, s scenario) {
	fmt.Fprintf(b, "- *Met:* %s\n  *Cured:* %s", s.met, s.cured)
	if party, named := parties[s.from]; named {
		fmt.Fprintf(b, " **Contact:** %s.", party)
	}
	if s.remedy != "" {
		fmt.Fprintf(b, " **Next step:** `%s`.", s.remedy)
	}
	if s.hidden {
		fmt.Fprint(b, " The answer is 404, and gives no reason.")
	}
	fmt.Fprintln(b)
}

// parties are those whom a reason names as able to help.
var parties = map[string]string{"org_wco": "the WCO", "org_unoct": "UNOCT", unit: "the unit", customs: "the customs"}

// linked leads from a reading to its page.
func linked(t *testing.T, basis string) string {
	number, isReading := strings.CutPrefix(basis, "reading ")
	if !isReading {
		return basis
	}
	found, err := filepath.Glob("../../docs/decisions/" + number + "-*.md")
	if err != nil || len(found) != 1 {
		t.Fatalf("reading %s has %d pages", number, len(found))
	}
	return fmt.Sprintf("[%s](decisions/%s)", basis, filepath.Base(found[0]))
}
