package ledger_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

var update = flag.Bool("update", false, "write the pages that are made of the code anew")

// golden compares a page, or the part of it between two markers, with what the code makes of it.
func golden(t *testing.T, path, begin, end, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && (begin != "" || !*update) {
		t.Fatal(err)
	}
	before, after := "", ""
	have := string(text)
	if begin != "" {
		var found, closed bool
		before, have, found = strings.Cut(have, begin+"\n")
		have, after, closed = strings.Cut(have, end)
		if !found || !closed {
			t.Fatalf("%s: no %s and %s", path, begin, end)
		}
		before, after = before+begin+"\n", end+after
	}
	if have == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the code makes; run go test with -update", path)
	}
	must(t, os.WriteFile(path, []byte(before+want+after), 0o644))
}

// The kinds that the package names are those of the table, each once.
func TestEveryKindHasItsRow(t *testing.T) {
	rows := map[ledger.Kind]int{}
	for _, r := range ledger.Grammar {
		rows[r.Kind]++
		if r.Records == "" || r.Rests == "" || len(r.By) == 0 || r.Opens == "" || r.Steps == "" || r.Refused == "" {
			t.Errorf("the row of %s says nothing of something", r.Kind)
		}
	}
	for _, file := range []string{"body.go", "kinds_life.go"} {
		text, err := os.ReadFile(file)
		must(t, err)
		for line := range strings.Lines(string(text)) {
			if _, kind, is := strings.Cut(line, ` Kind = "`); is {
				kind, _, _ = strings.Cut(kind, `"`)
				if rows[ledger.Kind(kind)] != 1 {
					t.Errorf("%s has %d rows", kind, rows[ledger.Kind(kind)])
				}
			}
		}
	}
}

// docs/log-entries.md is the table, for auditors.
func TestThePageOfEntriesIsTheTable(t *testing.T) {
	var out strings.Builder
	out.WriteString(`# What the log may say: its grammar

This page is made of the table in pkg/ledger/grammar_table.go; a test compares them. The gateway refuses to write an entry that
does not fit its row, and ` + "`chancery verify`" +
		` judges by the same row (check "grammar"). A kind that stands in no row is of a newer
gateway than your ` + "`chancery`" + `: the report counts it as not provable, and takes nothing from it.

**Every entry** says its kind, id, time, outcome, the digest of the rules and the build; what somebody did says who, of which
organisation, by which identity provider and client; from the first configuration on, the configuration in force. A **refused**
entry says why, and at most of which document and request, or a salted hash of what is not to be known (` + "`target`" +
		`). What follows is
of permitted ones. *Private fields* stand in an entry as commitments; their values are shown to the Party for which they are sealed.

| kind | what it records | rests on | who may write it | who can open it | people | what stands before it | once for each |
|---|---|---|---|---|---|---|---|
`)
	for _, r := range ledger.Grammar {
		after := make([]string, len(r.After))
		for i, a := range r.After {
			after[i] = string(a)
		}
		by := make([]string, len(r.By))
		for i, w := range r.By {
			by[i] = string(w)
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", r.Kind, r.Records, r.Rests,
			strings.Join(by, "; "), r.Opens, r.Steps,
			strings.Join(after, "; "), r.Once)
	}
	out.WriteString("\n## Fields\n\n| kind | has to have | may have | private | outcomes |\n|---|---|---|---|---|\n")
	for _, r := range ledger.Grammar {
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s |\n", r.Kind, strings.Join(r.Needs, ", "),
			strings.Join(r.May, ", "), strings.Join(r.Private, ", "), r.Refused)
	}
	golden(t, filepath.Join("..", "..", "docs", "log-entries.md"), "", "", out.String())
}

// whole tells a log in which every entry fits; each alteration of one of them does not.
func TestAnEntryThatDoesNotFitItsRowIsRefused(t *testing.T) {
	s := newStory(t)
	c := s.between()
	s.read(&c)
	s.completion(c.disclosure, ledger.EndComplete, both)
	s.twice([]string{wco}, nil, ledger.Body{Kind: ledger.KindEntities, Organisation: wco, Document: "doc_1",
		Terms: s.change()})
	s.twice(both, nil, ledger.Body{Kind: ledger.KindLifting, Organisation: wco, Document: "doc_1",
		Terms: &ledger.Terms{Subject: "sus_1"}})
	s.tell(both, nil, ledger.Body{
		Kind:         ledger.KindCopy,
		Outcome:      ledger.Refused,
		Reasons:      []string{"gateway/stamp"},
		Organisation: unoct,
		Document:     "doc_1",
		Terms:        &ledger.Terms{Subject: "dis_1", Relies: []string{c.disclosure}},
	})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindTooMany, Outcome: ledger.Refused,
		Reasons: []string{"gateway/too-many"}, Organisation: unoct,
		Counted: &ledger.Counted{Refusals: 3, From: s.at, To: s.at}})
	s.tell([]string{unoct}, nil, ledger.Body{Kind: ledger.KindDescribe, Outcome: ledger.Refused,
		Reasons: []string{"request/not-found"}, Organisation: unoct, Target: "salted"})
	last := map[ledger.Kind]told{}
	for _, e := range s.entries {
		if err := ledger.Fits(&e.body, e.parties); err != nil {
			t.Errorf("%s: %v", e.body.ID, err)
		}
		last[e.body.Kind] = e
	}
	for about, one := range map[string]struct {
		kind  ledger.Kind
		spoil func(b *ledger.Body, opens *[]string)
	}{
		"does not know": {ledger.KindDeposit,
			func(b *ledger.Body, _ *[]string) { b.Kind = "telepathy" }},
		"is never refused": {ledger.KindCompletion,
			func(b *ledger.Body, _ *[]string) { b.Outcome = ledger.Refused }},
		"is only ever refused": {ledger.KindDescribe,
			func(b *ledger.Body, _ *[]string) { b.Outcome = ledger.Permitted }},
		"with 0 reasons": {ledger.KindTooMany,
			func(b *ledger.Body, _ *[]string) { b.Reasons = nil }},
		"a refusal with private fields": {ledger.KindTooMany,
			func(b *ledger.Body, _ *[]string) { b.Private = map[string]string{"title": "x"} }},
		"a refusal with counted": {ledger.KindDescribe,
			func(b *ledger.Body, _ *[]string) { b.Counted = &ledger.Counted{} }},
		"terms.marking is missing": {ledger.KindDeposit,
			func(b *ledger.Body, _ *[]string) { b.Terms.Marking = "" }},
		"terms.evidence has no place": {ledger.KindDeposit,
			func(b *ledger.Body, _ *[]string) { b.Terms.Evidence = "oidc" }},
		`the private field "id-token"`: {ledger.KindDeposit,
			func(b *ledger.Body, _ *[]string) { b.Private["id-token"] = "x" }},
		`step "third"`: {ledger.KindLifting,
			func(b *ledger.Body, _ *[]string) { b.Terms.Step = "third" }},
		"terms.step is missing": {ledger.KindLifting,
			func(b *ledger.Body, _ *[]string) { b.Terms.Step = "" }},
		"names no first": {ledger.KindLifting,
			func(b *ledger.Body, _ *[]string) { b.Terms.Relies = nil }},
		"may not write it": {ledger.KindDeposit,
			func(b *ledger.Body, _ *[]string) { b.Organisation = unoct }},
		"who may: the gateway": {ledger.KindConfiguration,
			func(b *ledger.Body, _ *[]string) { b.Organisation = unoct }},
		"or an entity concerned": {ledger.KindAuthorization,
			func(b *ledger.Body, _ *[]string) { b.Organisation = "" }},
		"who may: the organisation of the": {ledger.KindDisclosure,
			func(b *ledger.Body, _ *[]string) { b.Organisation = wco }},
		`"org_wco" may open it`: {ledger.KindDisclosure,
			func(_ *ledger.Body, opens *[]string) { *opens = []string{wco} }},
		`who has to: both Parties`: {ledger.KindDeposit,
			func(_ *ledger.Body, opens *[]string) { *opens = []string{wco} }},
		`who has to: the Discloser alone`: {ledger.KindEntities,
			func(_ *ledger.Body, opens *[]string) { *opens = both }},
		`the Discloser "org_wco" cannot`: {ledger.KindEntities,
			func(_ *ledger.Body, opens *[]string) { *opens = []string{unoct} }},
		`"" may open it; who has to: the Part`: {ledger.KindCompletion,
			func(_ *ledger.Body, opens *[]string) { *opens = nil }},
	} {
		e := last[one.kind]
		data, err := ledger.Encode(e.body)
		must(t, err)
		b, err := ledger.Decode(data)
		must(t, err)
		opens := slices.Clone(e.parties)
		one.spoil(&b, &opens)
		refused(t, ledger.Fits(&b, opens), about)
		if unknown := errors.Is(ledger.Fits(&b, opens), ledger.ErrUnknownKind); unknown != (b.Kind == "telepathy") {
			t.Errorf("%s: unknown: %v", about, unknown)
		}
	}
}

// An act of one person that claims to be of two is no act of the grammar.
func TestAnActOfOnePersonHasNoStep(t *testing.T) {
	for i, r := range ledger.Grammar {
		if r.Steps == ledger.OnePerson && slices.Contains(slices.Concat(r.Needs, r.May), "terms.step") {
			t.Errorf("%s may have a step", ledger.Grammar[i].Kind)
		}
	}
}
