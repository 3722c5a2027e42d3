package rest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A parameter that cannot be read is named, with what is wanted of it, and nothing of what was sent is repeated.
func TestAParameterThatCannotBeReadIsNamed(t *testing.T) {
	h := newFixture(t, anybody)
	for at, want := range map[string][2]string{
		"/documents?limit=ten":                  {"limit", "must be a whole number"},
		"/documents?limit=99999999999999999999": {"limit", "must be a whole number"},
		"/documents?limit=":                     {"limit", "must be a whole number"},
		"/log/entries?since=yesterday": {"since",
			"must be an instant, RFC 3339 such as 2026-01-31T12:00:00Z"},
		"/log/consistency?first=a&second=2": {"first", "must be a whole number"},
		"/log/monitoring?since=2026-01-01T00:00:00Z&until=tomorrow": {"until",
			"must be an instant, RFC 3339 such as 2026-01-31T12:00:00Z"},
		"/documents?limit=0": {"limit", "must be 1 to 200"},
	} {
		p := problemOf(t, h.send("GET", at, "", "", nil))
		if p.Status != 400 || len(p.Errors) != 1 || p.Errors[0].Field != want[0] || p.Errors[0].Detail != want[1] {
			t.Errorf("%s: %d %+v, want %q", at, p.Status, p.Errors, want)
		}
		if wanted := want[0] + ": " + want[1] + ". Nothing was done."; p.Detail != wanted {
			t.Errorf("%s: %q, want %q", at, p.Detail, wanted)
		}
	}
	twice := http.Header{"If-Match": {`"a"`, `"b"`}}
	if p := problemOf(t, h.send("POST", "/requests/req_1/decisions", "application/json", `{"act":"refuse"}`,
		twice)); len(p.Errors) != 1 || p.Errors[0].Field != "If-Match" {
		t.Errorf("If-Match twice: %+v", p.Errors)
	}
}

// A value that a field does not know is answered with those that it knows, as openapi.yaml has them.
func TestAnUnknownValueIsAnsweredWithTheKnownOnes(t *testing.T) {
	c, h := readContract(t), newFixture(t, anybody)
	body, kind := deposit(part{"metadata", "", `{"kind":"faxed","statement":"x"}`}, part{"content", "a", "b"})
	for schema, send := range map[string][4]string{
		"Form":          {"POST", "/documents/doc_1/disclosures", "application/json", `{"form":"faxed"}`},
		"Marking":       {"GET", "/documents?marking=faxed"},
		"DocumentOrder": {"GET", "/documents?sort=faxed"},
		"RequestBox":    {"GET", "/requests?box=faxed"},
		"RequestState":  {"GET", "/requests?state=faxed"},
		"DecisionAct":   {"POST", "/requests/req_1/decisions", "application/json", `{"act":"faxed"}`},
		"EvidenceKind": {"POST", "/requests/req_1/decisions", "application/json",
			`{"act":"refuse","evidence":{"kind":"faxed"}}`},
		"QuestionAction": {"POST", "/explain", "application/json", `{"document":"doc_1","action":"faxed"}`},
		"Disposition":    {"POST", "/notices/not_1/acknowledgement", "application/json", `{"disposition":"faxed"}`},
		"Outcome":        {"GET", "/log/entries?outcome=faxed"},
		"CorrectionKind": {"POST", "/documents/doc_1/versions", kind, body},
	} {
		p := problemOf(t, h.send(send[0], send[1], send[2], send[3], nil))
		if len(p.Errors) != 1 || p.Errors[0].Code != "request/unknown-value" {
			t.Errorf("%s: %+v", schema, p)
			continue
		}
		values := c.Parts.Schemas[schema].Enum
		if len(values) == 0 {
			t.Fatalf("openapi.yaml has no values of %s", schema)
		}
		_, told, _ := strings.Cut(p.Errors[0].Detail, `"faxed" is none of `)
		if len(strings.Split(told, ", ")) != len(values) {
			t.Errorf("%s: %q, want %q", schema, p.Errors[0].Detail, values)
		}
		for _, v := range values {
			if !strings.Contains(", "+told+",", ", "+v+",") {
				t.Errorf("%s: %q does not say %q", schema, p.Errors[0].Detail, v)
			}
		}
	}
}

// An auditor who misspells a kind of entry, or a paragraph, is told so: an empty list would read as if nothing had
// happened.
func TestAFilterOfTheLogThatFitsNoEntryIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, at := range []string{"kind=disclosures", "paragraph=4.8", "paragraph=9(9)"} {
		p := refused(t, w.as("auditor.wco", "GET", "/log/entries?"+at, ""), 400, "request/unknown-value")
		if name, _, _ := strings.Cut(at, "="); p.Errors[0].Field != name ||
			!strings.Contains(p.Errors[0].Detail, " are ") {
			t.Errorf("%s: %+v", at, p.Errors)
		}
	}
	refused(t, w.as("auditor.wco", "POST", "/log/exports", `{"kind":"disclosures"}`), 400, "request/unknown-value")
	for _, kind := range kindsOfEntries(t) {
		if a := w.as("auditor.wco", "GET", "/log/entries?kind="+kind, ""); a.StatusCode != 200 {
			t.Errorf("kind %s: %d %s", kind, a.StatusCode, a.body)
		}
	}
	for _, paragraph := range []string{"4(2)", "4(8)", "5(3)", "11(4)", "gateway"} {
		if a := w.as("auditor.wco", "GET", "/log/entries?paragraph="+paragraph, ""); a.StatusCode != 200 {
			t.Errorf("paragraph %s: %d %s", paragraph, a.StatusCode, a.body)
		}
	}
}

// kindsOfEntries are those that the log's format names.
func kindsOfEntries(t *testing.T) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob("../ledger/*.go")
	must(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		must(t, err)
		for _, found := range regexp.MustCompile(`(?m)^\s+Kind\w+\s+Kind = "([a-z-]+)"`).FindAllSubmatch(source, -1) {
			kinds = append(kinds, string(found[1]))
		}
	}
	if len(kinds) < 30 {
		t.Fatalf("only %d kinds of entries", len(kinds))
	}
	return kinds
}

// A client that sends an empty key believes that its act is done once; it is told that no key came.
func TestAnEmptyIdempotencyKeyIsRefused(t *testing.T) {
	h := newFixture(t, anybody)
	p := problemOf(t, h.send("POST", "/documents/doc_1/recall", "application/json", `{"statement":"x"}`,
		http.Header{"Idempotency-Key": {""}}))
	if p.Code != "request/bad-key" || p.Errors[0].Field != "Idempotency-Key" {
		t.Errorf("%+v", p)
	}
}
