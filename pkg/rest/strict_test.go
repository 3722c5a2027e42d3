package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/rest"
)

// atTheDoor is how the Gateway answers an Actor that nobody recognised.
const atTheDoor = "request/bad-token"

func TestStrictReadingNamesTheFault(t *testing.T) {
	const ask = `{"for":{"organisation":"org_1"},"purpose":"art2.a","until":"2026-12-31T00:00:00Z"}`
	tests := []struct {
		name        string
		path, body  string
		code, field string
	}{
		{"well-formed", "/documents/doc_1/requests", ask, atTheDoor, ""},
		{"unknown member", "/documents/doc_1/requests", strings.Replace(ask, `"purpose"`, `"purposes"`, 1),
			"request/unknown-field", "purposes"},
		{"unknown nested member", "/documents/doc_1/requests", `{"for":{"organisation":"org_1","x":1}}`,
			"request/unknown-field", "for.x"},
		{"another case", "/documents/doc_1/requests", strings.Replace(ask, `"until"`, `"Until"`, 1),
			"request/unknown-field", "Until"},
		{"member twice", "/documents/doc_1/requests", `{"purpose":"a","purpose":"b"}`, "request/duplicate-field",
			"purpose"},
		{"required member absent", "/documents/doc_1/requests", `{"for":{"organisation":"org_1"},"purpose":"a"}`,
			"request/missing-field", "until"},
		{"required member null", "/documents/doc_1/requests", strings.Replace(ask, `"2026-12-31T00:00:00Z"`, "null", 1),
			"request/missing-field", "until"},
		{"required nested member absent", "/documents/doc_1/requests",
			strings.Replace(ask, `"organisation":"org_1"`, "", 1), "request/missing-field", "for.organisation"},
		{"day where an instant is wanted", "/documents/doc_1/requests", strings.Replace(ask, "T00:00:00Z", "", 1),
			"request/wrong-type", "until"},
		{"number where a string is wanted", "/documents/doc_1/requests", strings.Replace(ask, `"art2.a"`, "1", 1),
			"request/wrong-type", "purpose"},
		{"wrong type in a list", "/requests/req_1/admissions", `{"people":["per_1",2]}`, "request/wrong-type",
			"people[1]"},
		{"unknown value", "/documents/doc_1/disclosures", `{"form":"faxed"}`, "request/unknown-value", "form"},
		{"unknown value of a decision", "/requests/req_1/decisions", `{"act":"approve"}`, "request/unknown-value",
			"act"},
		{"evidence without kind", "/requests/req_1/decisions", `{"act":"consent","evidence":{}}`,
			"request/missing-field", "evidence.kind"},
		{"no JSON", "/documents/doc_1/disclosures", `purpose=a`, "request/bad-json", ""},
		{"nothing", "/documents/doc_1/disclosures", ``, "request/bad-json", ""},
		{"two values", "/documents/doc_1/disclosures", `{} {}`, "request/bad-json", ""},
		{"a list", "/documents/doc_1/disclosures", `[]`, "request/wrong-type", ""},
		{"not UTF-8", "/documents/doc_1/disclosures", "{\"statement\":\"\xff\"}", "request/bad-json", "statement"},
		{"deeply nested", "/documents/doc_1/disclosures", strings.Repeat("[", 100_000), "request/wrong-type", ""},
		{"accepts absent", "/agreements/agr_1/signatures",
			`{"text_sha256":"00","name":"a","function":"b","authority":"c"}`, "request/missing-field", "accepts"},
		{"NUL in an identifier", "/requests/req_1/admissions", `{"people":["per_1","per_\u0000"]}`,
			"request/control-character", "people[1]"},
		{"NUL spelt out is no NUL", "/documents/doc_1/disclosures", `{"statement":"\\u0000"}`, atTheDoor, ""},
		{"NUL in the path", "/documents/doc%00/disclosures", `{}`, "request/not-found", ""},
		{"not UTF-8 in the path", "/documents/doc%ff/disclosures", `{}`, "request/not-found", ""},
		{"misspelt parameter", "/requests/req_1/decisions?draft", `{"act":"consent"}`, "request/unknown-parameter",
			"draft"},
		{"token in the query", "/documents/doc_1/disclosures?access_token=x", `{}`, "request/unknown-parameter",
			"access_token"},
	}
	h := newFixture(t, anybody)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := problemOf(t, h.post(test.path, test.body))
			field := ""
			if len(got.Errors) > 0 {
				field = got.Errors[0].Field
			}
			if got.Code != test.code || field != test.field {
				t.Errorf("%s at %q, want %s at %q", got.Code, field, test.code, test.field)
			}
		})
	}
}

func TestQueriesAreReadStrictly(t *testing.T) {
	h := newFixture(t, anybody)
	for query, want := range map[string]string{
		"/documents":                              atTheDoor,
		"/documents?marking=restricted":           atTheDoor,
		"/documents?marking=secret":               "request/unknown-value",
		"/documents?sort=title":                   "request/unknown-value",
		"/documents?limit=0":                      "request/out-of-range",
		"/documents?limit=201":                    "request/out-of-range",
		"/documents?limit=ten":                    "request/bad-parameter",
		"/documents?page=2":                       "request/unknown-parameter",
		"/documents?q=a&q=b":                      "request/repeated-parameter",
		"/requests?box=outbox":                    "request/unknown-value",
		"/requests?state=pending":                 "request/unknown-value",
		"/documents?q=%00":                        "request/control-character",
		"/documents?after=%ff":                    "request/control-character",
		"/documents?limit=1;q=x":                  "request/bad-query",
		"/documents?q=%zz":                        "request/bad-query",
		"/me?verbose":                             "request/unknown-parameter",
		"/organisations/org_1?x":                  "request/unknown-parameter",
		"/disclosures/dis_1/content?access_token": "request/unknown-parameter",
		"/rules": "",
	} {
		w := h.send("GET", query, "", "", nil)
		if want == "" {
			if w.Code != 200 {
				t.Errorf("%s: %d %s", query, w.Code, w.Body)
			}
			continue
		}
		if got := problemOf(t, w); got.Code != want {
			t.Errorf("%s: %s, want %s", query, got.Code, want)
		}
	}
}

func TestDecisionNamesTheVersionThatWasRead(t *testing.T) {
	h := newFixture(t, anybody)
	for _, test := range []struct {
		match, query, want string
	}{
		{"", "", "request/precondition-required"},
		{"", "/draft", atTheDoor},
		{`"req_1-3"`, "", atTheDoor},
		{`*`, "", "request/bad-if-match"},
		{`W/"req_1-3"`, "", "request/bad-if-match"},
		{`req_1-3`, "", "request/bad-if-match"},
		{`"a", "b"`, "", "request/bad-if-match"},
		{`""`, "", "request/bad-if-match"},
	} {
		header := http.Header{}
		if test.match != "" {
			header.Set("If-Match", test.match)
		}
		w := h.send("POST", "/requests/req_1/decisions"+test.query, "application/json",
			`{"act":"refuse","statement":"no"}`, header)
		if got := problemOf(t, w); got.Code != test.want {
			t.Errorf("If-Match %s %s: %s, want %s", test.match, test.query, got.Code, test.want)
		}
	}
}

func TestBodiesAreOfTheMediaTypeWanted(t *testing.T) {
	h := newFixture(t, anybody)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json-seq",
		"multipart/form-data; boundary=x"} {
		w := h.send("POST", "/documents/doc_1/disclosures", kind, `{}`, nil)
		got := problemOf(t, w)
		if got.Code != "request/media-type" || w.Code != 415 {
			t.Errorf("%q: %d %s", kind, w.Code, got.Code)
		}
		if !strings.HasPrefix(got.Detail, "Content-Type: application/json is expected, and ") ||
			!strings.Contains(got.Detail, kind) {
			t.Errorf("%q: the header that was sent is not told: %s", kind, got.Detail)
		}
	}
	if w := h.send("POST", "/documents/doc_1/disclosures", "application/json; charset=utf-8", `{}`, nil); problemOf(t,
		w).Code != atTheDoor {
		t.Errorf("with a charset: %s", w.Body)
	}
	if w := h.send("POST", "/staged", "application/json", `{}`, nil); w.Code != 415 {
		t.Errorf("a file as JSON: %d", w.Code)
	}
	if p := problemOf(t, h.post("/documents", `{}`)); len(p.Errors) != 1 || p.Errors[0].Field != "staged" {
		t.Errorf("a deposit as JSON, of nothing that was staged: %+v", p)
	}
	if w := h.post("/documents/doc_1/disclosures", `{"statement":"`+strings.Repeat("x", 1<<20)+`"}`); w.Code != 413 {
		t.Errorf("over one mebibyte: %d", w.Code)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"for":{"organisation":"o"}}`, `{"a":1,"a":2}`, `[`, `{"until":"2026-13-01"}`,
		"{\"for\":null}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var into struct {
			For   map[string]int `json:"for"`
			Until string         `json:"until"`
		}
		err := rest.Decode(data, &into)
		if err != nil && len(err.Error()) > 1000 {
			t.Fatalf("%d bytes of error", len(err.Error()))
		}
	})
}

// contract is what of openapi.yaml the strict reading must agree with.
type contract struct {
	Paths map[string]map[string]yaml.RawMessage `yaml:"paths"`
	Parts struct {
		Parameters map[string]parameter `yaml:"parameters"`
		Schemas    map[string]schema    `yaml:"schemas"`
	} `yaml:"components"`
}

type operation struct {
	ID         string      `yaml:"operationId"`
	Parameters []parameter `yaml:"parameters"`
	Body       struct {
		Content map[string]struct {
			Schema schema `yaml:"schema"`
		} `yaml:"content"`
	} `yaml:"requestBody"`
	Description string              `yaml:"description"`
	Responses   map[string]response `yaml:"responses"`
}

type response struct {
	Ref     string `yaml:"$ref"`
	Content map[string]struct {
		Schema schema `yaml:"schema"`
	} `yaml:"content"`
}

type parameter struct {
	Ref  string `yaml:"$ref"`
	Name string `yaml:"name"`
	In   string `yaml:"in"`
}

type schema struct {
	Ref        string            `yaml:"$ref"`
	Enum       []string          `yaml:"enum"`
	Required   []string          `yaml:"required"`
	Closed     any               `yaml:"additionalProperties"`
	Properties map[string]schema `yaml:"properties"`
}

func (c contract) resolve(s schema) schema {
	if s.Ref == "" {
		return s
	}
	return c.Parts.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
}

// required lists the members that a body must have, with dots.
func (c contract) required(s schema, prefix string) []string {
	s = c.resolve(s)
	var out []string
	for _, name := range s.Required {
		out = append(out, prefix+name)
	}
	for name, inner := range s.Properties {
		out = append(out, c.required(inner, prefix+name+".")...)
	}
	slices.Sort(out)
	return out
}

func (c contract) query(o operation) []string {
	var out []string
	for _, p := range o.Parameters {
		if p.Ref != "" {
			p = c.Parts.Parameters[p.Ref[strings.LastIndex(p.Ref, "/")+1:]]
		}
		if p.In == "query" {
			out = append(out, p.Name)
		}
	}
	slices.Sort(out)
	return out
}

// operations calls f for each operation with its key as the router has it.
func (c contract) operations(t *testing.T, f func(key, path, verb string, o operation)) {
	t.Helper()
	for path, verbs := range c.Paths {
		for verb, raw := range verbs {
			if verb == "parameters" {
				continue
			}
			var o operation
			if err := yaml.Unmarshal(raw, &o); err != nil {
				t.Fatalf("%s %s: %v", verb, path, err)
			}
			route := strings.NewReplacer("{path}", "*path", "{", ":", "}", "").Replace(path)
			f(strings.ToUpper(verb)+" "+route, path, strings.ToUpper(verb), o)
		}
	}
}

func TestTheTableAgreesWithTheContract(t *testing.T) {
	c, table := readContract(t), rest.Table()
	c.operations(t, func(key, _, _ string, o operation) {
		row, found := table[key]
		if !found {
			t.Errorf("%s stands in the contract and not in the table", key)
			return
		}
		delete(table, key)
		want := rest.Operation{Query: c.query(o), Answers: c.answers(o)}
		_, want.Form = o.Body.Content["multipart/form-data"]
		if body, isJSON := o.Body.Content["application/json"]; isJSON {
			want.Body, want.Required = name(body.Schema.Ref), c.required(body.Schema, "")
			if s := c.resolve(body.Schema); s.Closed != false {
				t.Errorf("%s: the contract does not say that unknown members are refused", key)
			}
		}
		slices.Sort(row.Query)
		slices.Sort(row.Required)
		if diff := cmp.Diff(want, row,
			cmp.Transformer("empty", func(s []string) string { return strings.Join(s, " ") })); diff != "" {
			t.Errorf("%s, the contract - and the table +: %s", key, diff)
		}
	})
	for key := range table {
		t.Errorf("%s stands in the table and not in the contract", key)
	}
}

func name(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// answers is the type of the JSON that an operation answers with where the act is done.
func (c contract) answers(o operation) string {
	for _, status := range []string{"200", "201"} {
		if s := o.Responses[status].Content["application/json"].Schema; s.Ref != "" && !byteForByte[o.ID] {
			return name(s.Ref)
		}
	}
	return ""
}

// byteForByte are answers that were hashed or signed, and are not rendered again.
var byteForByte = map[string]bool{"getMonitoring": true, "getAccounting": true, "getReceipt": true,
	"getActReceipt": true, "getLabel": true}

func TestEveryOperationSaysWhatIsPromisedAndByWhichParagraph(t *testing.T) {
	readContract(t).operations(t, func(key, _, _ string, o operation) {
		if len(o.Description) < 10 || o.ID == "" {
			t.Errorf("%s: %q", key, o.Description)
		}
		for _, status := range []string{"400", "401", "429", "500", "503", "default"} {
			if _, told := o.Responses[status]; !told {
				t.Errorf("%s does not describe %s", key, status)
			}
		}
	})
}
