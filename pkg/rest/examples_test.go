package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"chancery.example/gateway/api"
)

const contractFile = "../../api/openapi.yaml"

// examplesBegin is where the examples begin in the contract; everything behind it is made here.
const examplesBegin = "\n  # From here on written by go test ./pkg/rest -run TestExamples -update.\n  examples:\n"

// The examples of the contract are answers that the gateway gives, with other identifiers, digests and times in them.
func TestExamplesOfTheContractAreRealAnswers(t *testing.T) {
	w := newWorld(t)
	unmarked := w.deposit(strings.Replace(declared, `"confidential"`, `""`, 1), secret)
	made := w.deposit(declared, secret)
	doc := want[api.Document](t, made, 201)
	waits := w.as("focal.wco", "POST", "/documents/"+doc.Id+"/marking",
		`{"marking":"non-confidential","statement":"Published in June"}`)
	confirmation := w.as("deputy.wco", "GET", path(waits), "")
	refusal := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading)
	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	asked := w.as("staff.unoct", "GET", "/requests/"+q.Id, "")
	decided := w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions",
		`{"act":"authorize","statement":"Agreed for the training"}`, "If-Match", w.etag(q.Id))
	given := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading)
	fault := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/requests",
		`{"for":{"organisation":""},"purposes":"art2.e","until":"tomorrow"}`)
	page := w.as("staff.wco", "GET", "/documents?limit=1", "")

	var written strings.Builder
	n := renamer{}
	for _, one := range []struct {
		name    string
		from    answer
		summary string
	}{
		{"Unmarked", unmarked, "A deposit without its marking"},
		{"Deposited", made, "A deposit"},
		{"Waiting", waits, "The first of two people"},
		{"Confirmation", confirmation, "What the second has to see"},
		{"Refused", refusal, "Somebody reads whom nobody authorized"},
		{"Asked", asked, "A request that lacks an authorization"},
		{"Decided", decided, "The request, in force"},
		{"Disclosed", given, "Permission to read"},
		{"Malformed", fault, "Every fault of a request at once"},
		{"Documents", page, "A page"},
	} {
		var compact bytes.Buffer
		must(t, json.Compact(&compact, one.from.body))
		fmt.Fprintf(&written, "    %s: {summary: '%s', value: %s}\n", one.name, one.summary, n.rename(compact.String()))
	}
	text, err := os.ReadFile(contractFile)
	must(t, err)
	before, behind, found := strings.Cut(string(text), examplesBegin)
	if !found {
		before = strings.TrimRight(before, "\n") + "\n"
	}
	if behind == written.String() {
		return
	}
	if !*update {
		t.Fatalf("the examples of the contract are stale: run go test ./pkg/rest -run TestExamples -update\n%s",
			written.String())
	}
	must(t, os.WriteFile(contractFile, []byte(before+examplesBegin+written.String()), 0o644))
}

// renamer puts the same in the place of what differs each time.
type renamer map[string]string

var differs = regexp.MustCompile(
	`\b(org|per|doc|ver|req|aut|dis|ent|pen|rid|del|ref)_[a-z0-9]{8,}\b|\b[0-9a-f]{64}\b|\d{4}-\d\d-\d\dT[0-9:.]+Z|"` +
		`reference":"[^"]*"|"copy_number":"[^"]*"|"log_index":\d+|"next":"[^"]*"|"deposited_on":"[^"]*"|"name":"[^"]*"`)

func (n renamer) rename(text string) string {
	return differs.ReplaceAllStringFunc(text, func(s string) string {
		if n[s] != "" {
			return n[s]
		}
		prefix, _, isID := strings.Cut(s, "_")
		switch {
		case strings.HasPrefix(s, `"reference"`):
			n[s] = `"reference":"WCO-7Q4M-2KXV-9"`
		case strings.HasPrefix(s, `"copy_number"`):
			n[s] = `"copy_number":"CH-4T7K-9XQM-2"`
		case strings.HasPrefix(s, `"log_index"`):
			n[s] = `"log_index":41`
		case strings.HasPrefix(s, `"next"`):
			n[s] = `"next":"Zm9yIHRo~aXMgbGlzdA"`
		case strings.HasPrefix(s, `"deposited_on"`):
			n[s] = `"deposited_on":"2026-03-02"`
		case strings.HasPrefix(s, `"name"`):
			n[s] = s
		case s[4] == '-':
			n[s] = "2026-03-02T09:15:00Z"
		case isID:
			n[s] = fmt.Sprintf("%s_%026d", prefix, len(n)+1)
		default:
			n[s] = strings.Repeat(fmt.Sprintf("%04x", len(n)+1), 16)
		}
		return n[s]
	})
}
