package rest_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/rest"
)

// part is one part of a deposit.
type part struct{ name, file, body string }

const boundary = "b0undary"

// deposit writes parts as they are, also what mime/multipart would refuse to write.
func deposit(parts ...part) (body, kind string) {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"", boundary, p.name)
		if p.file != "" {
			fmt.Fprintf(&b, "; filename=\"%s\"", p.file)
		}
		fmt.Fprintf(&b, "\r\n\r\n%s\r\n", p.body)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.String(), "multipart/form-data; boundary=" + boundary
}

// read reads a deposit to its end, as the Gateway would.
func read(body string) (metadata exchange.Metadata, content []byte, said exchange.ContentPart, err error) {
	err = rest.ReadDeposit(strings.NewReader(body), boundary,
		func(m exchange.Metadata, r io.Reader, p exchange.ContentPart) {
			metadata, said = m, p
			content, _ = io.ReadAll(r)
		})
	return metadata, content, said, err
}

func TestDepositIsReadAsDeclared(t *testing.T) {
	body, _ := deposit(
		part{"metadata", "", `{"title":"T","marking":"restricted","purpose_statement":"P","purposes":["art2.a"],"recipient":"org_2",
			"personal_data":{"present":true,"regime":"R","legal_basis":"L","retain_until":"2027-01-31"},
			"entities_concerned":["org_3"],"proprietary":true,"handling":"H","alias":"A","as_of":"2026-01-01",
			"review_by":"2026-06-01","show_title":true,"countries":["FR"],"size":4,"sha256":"ab"}`},
		part{"content", "report.pdf", "%PDF"})
	metadata, content, said, err := read(body)
	if err != nil {
		t.Fatal(err)
	}
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	want := exchange.Metadata{
		Title:            "T",
		Marking:          article4.Restricted,
		PurposeStatement: "P",
		Purposes:         []article4.PurposeCode{"art2.a"},
		Recipient:        "org_2",
		PersonalData: exchange.PersonalData{Declared: true, Present: true, Regime: "R", LegalBasis: "L",
			RetainUntil: day(2027, 1, 31)},
		EntitiesDeclared: true,
		Entities:         []article4.OrganisationID{"org_3"},
		Proprietary:      true,
		Handling:         "H",
		Alias:            "A",
		AsOf:             day(2026, 1, 1),
		ReviewBy:         day(2026, 6, 1),
		ShowTitle:        true,
		Countries:        []string{"FR"},
		Size:             4,
		SHA256:           "ab",
	}
	if diff := cmp.Diff(want, metadata); diff != "" {
		t.Error(diff)
	}
	if string(content) != "%PDF" || said.FileName != "report.pdf" {
		t.Errorf("content %q, said %+v", content, said)
	}
}

func TestNothingIsDeclaredByDefault(t *testing.T) {
	body, _ := deposit(part{"metadata", "", `{}`}, part{"content", "", "x"})
	metadata, _, _, err := read(body)
	if err != nil {
		t.Fatal(err)
	}
	want := exchange.Metadata{Size: -1}
	if diff := cmp.Diff(want, metadata,
		cmp.Transformer("empty", func(s []article4.PurposeCode) int { return len(s) })); diff != "" {
		t.Error(diff)
	}
}

func TestEntitiesConcernedAreListedOrSaidToBeNone(t *testing.T) {
	for value, want := range map[string]struct {
		declared bool
		count    int
		code     string
	}{
		`"none"`:    {true, 0, ""},
		`["org_1"]`: {true, 1, ""},
		`[]`:        {false, 0, ""},
		`null`:      {false, 0, ""},
		`"all"`:     {false, 0, "unknown-value"},
		`""`:        {false, 0, "unknown-value"},
		`[1]`:       {false, 0, "wrong-type"},
		`{}`:        {false, 0, "wrong-type"},
		`false`:     {false, 0, "wrong-type"},
	} {
		body, _ := deposit(part{"metadata", "", `{"entities_concerned":` + value + `}`}, part{"content", "", "x"})
		metadata, _, _, err := read(body)
		if code := codeOf(err); code != want.code || metadata.EntitiesDeclared != want.declared ||
			len(metadata.Entities) != want.count {
			t.Errorf("%s: %q, declared %v, %d entities", value, code, metadata.EntitiesDeclared, len(metadata.Entities))
		}
	}
}

// codeOf is the name of the first fault.
func codeOf(err error) string {
	var invalid *exchange.Invalid
	if errors.As(err, &invalid) {
		return invalid.Faults[0].Name()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestWhatIsNoDepositIsRefusedByName(t *testing.T) {
	good := part{"metadata", "", `{"title":"T"}`}
	file := part{"content", "a.pdf", "x"}
	truncated, _ := deposit(good, part{"content", "a.pdf", strings.Repeat("x", 10_000)})
	quoted := strings.Replace(first(deposit(good, file)), "filename=\"a.pdf\"",
		"filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64", 1)
	many := make([]part, 10_000)
	for i := range many {
		many[i] = part{"content", "a.pdf", "x"}
	}
	tests := []struct {
		name, body, want string
	}{
		{"nothing", "", "missing-part"},
		{"no part", "--" + boundary + "--\r\n", "missing-part"},
		{"another boundary", strings.ReplaceAll(first(deposit(good, file)), boundary, "other"), "missing-part"},
		{"metadata only", first(deposit(good)), "missing-part"},
		{"content first", first(deposit(file, good)), "wrong-order"},
		{"metadata twice", first(deposit(good, good)), "wrong-part"},
		{"content twice", first(deposit(good, file, file)), "extra-part"},
		{"a third part", first(deposit(good, file, part{"x", "", ""})), "extra-part"},
		{"ten thousand parts", first(deposit(append([]part{good}, many...)...)), "extra-part"},
		{"no name", first(deposit(part{"", "", "{}"}, file)), "wrong-part"},
		{"NUL in a part's name", first(deposit(part{"meta\x00data", "", "{}"}, file)), "broken-body"},
		{"NUL in the file name", first(deposit(good, part{"content", "a\x00.pdf", "x"})), "broken-body"},
		{"control character in the file name", first(deposit(good, part{"content", "a\u0085.pdf", "x"})),
			"bad-file-name"},
		{"file name of 4 KB", first(deposit(good, part{"content", strings.Repeat("a", 4096), "x"})), "bad-file-name"},
		{"file name that is not UTF-8", first(deposit(good, part{"content", "\xff.pdf", "x"})), "bad-file-name"},
		{"truncated", truncated[:5000], "broken-body"},
		{"cut before the last boundary", strings.TrimSuffix(truncated, "--"+boundary+"--\r\n"), "broken-body"},
		{"content with a transfer encoding", quoted, "transfer-encoding"},
		{"metadata that is no JSON", first(deposit(part{"metadata", "", "title=T"}, file)), "bad-json"},
		{"unknown member", first(deposit(part{"metadata", "", `{"titel":"T"}`}, file)), "unknown-field"},
		{"instant where a day is wanted",
			first(deposit(part{"metadata", "", `{"as_of":"2026-01-01T00:00:00Z"}`}, file)), "wrong-type"},
		{"a day that is none", first(deposit(part{"metadata", "", `{"personal_data":{"retain_until":"2026-02-30"}}`},
			file)), "wrong-type"},
		{"negative size", first(deposit(part{"metadata", "", `{"size":-1}`}, file)), "out-of-range"},
		{"size that is no integer", first(deposit(part{"metadata", "", `{"size":1.5}`}, file)), "wrong-type"},
		{"metadata over 256 KiB", first(deposit(part{"metadata", "",
			`{"title":"` + strings.Repeat("x", 256<<10) + `"}`}, file)), "too-large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, _, _, err := read(test.body); codeOf(err) != test.want {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

func first(body, _ string) string { return body }

func TestPartHeadersAreBoundedBeforeTheRulesAreAsked(t *testing.T) {
	h := newFixture(t, anybody)
	before := heap()
	huge := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\nX-Pad: " +
		strings.Repeat("x", 8<<20) + "\r\n\r\n{}\r\n"
	start := heap()
	w := h.send("POST", "/documents", "multipart/form-data; boundary="+boundary, huge, nil)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if got := problemOf(t, w); got.Code != "request/too-large" {
		t.Errorf("%d %s", w.Code, got.Code)
	}
	if cost := int64(m.HeapAlloc) - int64(start); cost > 4<<20 {
		t.Errorf("cost %d KiB over %d KiB", cost>>10, (start-before)>>10)
	}
	body, kind := deposit(part{"metadata", "", `{"title":"T"}`}, part{"content", "", "x"})
	if got := problemOf(t, h.send("POST", "/documents", kind, body, nil)); got.Code != atTheDoor {
		t.Errorf("a well-formed deposit: %s", got.Code)
	}
	if got := problemOf(t, h.send("POST", "/documents", "multipart/form-data", body,
		nil)); got.Code != "request/missing-boundary" {
		t.Errorf("without a boundary: %s", got.Code)
	}
}

func FuzzDeposit(f *testing.F) {
	f.Add(first(deposit(part{"metadata", "", `{"title":"T"}`}, part{"content", "a.pdf", "x"})))
	f.Add("--" + boundary + "\r\n\r\n")
	f.Fuzz(func(t *testing.T, body string) {
		_, content, _, err := read(body)
		if err != nil && codeOf(err) == "" {
			t.Fatalf("%v", err)
		}
		if len(content) > len(body) {
			t.Fatal("more content than body")
		}
	})
}

// A body that is coded in another way is refused and not read as if it were not.
func TestADepositInACodingIsRefused(t *testing.T) {
	w := newWorld(t)
	body, kind := deposit(part{"metadata", "", declared}, part{"content", "a.txt", secret})
	for _, coding := range []string{"gzip", "br", "identity, gzip"} {
		refused(t, w.as("staff.wco", "POST", "/documents", body, "Content-Type", kind, "Content-Encoding", coding), 415)
	}
	plain := w.as("staff.wco", "POST", "/documents", body, "Content-Type", kind, "Content-Encoding", "identity")
	if plain.StatusCode != 201 {
		t.Errorf("no coding: %d, want 201", plain.StatusCode)
	}
}
