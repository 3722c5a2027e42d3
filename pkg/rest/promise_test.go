package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"chancery.example/gateway/pkg/rest"
)

// promise is openapi.yaml as it binds an answer: statuses, headers, media types, and the members of JSON with their
// types. Whatever a test of this package asks of a real gateway is held against it.
type promise struct {
	root   map[string]any
	routes []promised
}

type promised struct {
	method string
	path   *regexp.Regexp
	does   map[string]any
}

var readPromise = sync.OnceValues(func() (*promise, error) {
	text, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	p := &promise{}
	if err := yaml.Unmarshal(text, &p.root); err != nil {
		return nil, err
	}
	wild := regexp.MustCompile(`\\\{[a-z]+\\\}`)
	for path, verbs := range p.root["paths"].(map[string]any) {
		route := wild.ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`)
		if strings.HasSuffix(path, "{path}") {
			route = strings.TrimSuffix(route, `[^/]+`) + ".*"
		}
		for method, does := range verbs.(map[string]any) {
			if operation, ok := does.(map[string]any); ok {
				p.routes = append(p.routes, promised{strings.ToUpper(method), regexp.MustCompile("^" + route + "$"),
					operation})
			}
		}
	}
	return p, nil
})

// everywhere are statuses that stand in the introduction of openapi.yaml, not with each operation.
var everywhere = []int{404, 405, 408, 412, 413, 429, 431}

// kept holds an answer against the promise.
func (a answer) kept(t testing.TB) {
	t.Helper()
	p, err := readPromise()
	must(t, err)
	path := strings.TrimPrefix(a.Request.URL.Path, rest.Base)
	about := fmt.Sprintf("%s %s: %d", a.Request.Method, path, a.StatusCode)
	h := a.Header
	if h.Get("X-Request-Id") == "" || h.Get("Cache-Control") != "no-store" ||
		h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: X-Request-Id %q, Cache-Control %q, X-Content-Type-Options %q", about, h.Get("X-Request-Id"),
			h.Get("Cache-Control"), h.Get("X-Content-Type-Options"))
	}
	at := slices.IndexFunc(p.routes,
		func(r promised) bool { return r.method == a.Request.Method && r.path.MatchString(path) })
	if at < 0 {
		return
	}
	responses := p.routes[at].does["responses"].(map[string]any)
	promisedOne, listed := responses[fmt.Sprint(a.StatusCode)]
	if !listed {
		if !slices.Contains(everywhere, a.StatusCode) {
			t.Errorf("%s stands not in openapi.yaml; body %.300s", about, a.body)
		}
		return
	}
	p.holds(t, about, p.resolve(promisedOne), a)
}

// holds checks headers, media type and body.
func (p *promise) holds(t testing.TB, about string, response map[string]any, a answer) {
	t.Helper()
	headers, _ := response["headers"].(map[string]any)
	for name, spec := range headers {
		if required, _ := p.resolve(spec)["required"].(bool); required && a.Header.Get(name) == "" {
			t.Errorf("%s without %s", about, name)
		}
	}
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	content, _ := response["content"].(map[string]any)
	begunInTus := a.Request.Header.Get("Tus-Resumable") != "" && a.StatusCode == 201 && len(a.body) == 0
	if len(content) == 0 || a.Request.Method == "HEAD" || begunInTus {
		return
	}
	of, listed := content[kind].(map[string]any)
	if !listed {
		if _, anything := content["*/*"]; !anything && content["application/octet-stream"] == nil {
			t.Errorf("%s is %q, which stands not in openapi.yaml", about, kind)
		}
		return
	}
	if !strings.HasSuffix(kind, "json") {
		return
	}
	var body any
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		t.Errorf("%s: %v", about, err)
		return
	}
	for _, fault := range p.faults(p.resolve(of["schema"]), body, "") {
		t.Errorf("%s: %s", about, fault)
	}
}

// resolve follows a reference.
func (p *promise) resolve(node any) map[string]any {
	m, _ := node.(map[string]any)
	ref, isRef := m["$ref"].(string)
	if !isRef {
		return m
	}
	var at any = p.root
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[step]
	}
	return p.resolve(at)
}

// faults lists where a value is not what a schema says.
func (p *promise) faults(schema map[string]any, value any, at string) (out []string) {
	if either, ok := schema["oneOf"].([]any); ok {
		for _, one := range either {
			if out = p.faults(p.resolve(one), value, at); len(out) == 0 {
				return nil
			}
		}
		return out
	}
	if all, ok := schema["allOf"].([]any); ok {
		for _, one := range all {
			out = append(out, p.faults(p.resolve(one), value, at)...)
		}
		return out
	}
	if values, ok := schema["enum"].([]any); ok && !slices.Contains(values, value) {
		out = append(out, fmt.Sprintf("%s is %v, none of %v", at, value, values))
	}
	switch schema["type"] {
	case "object":
		return append(out, p.objectFaults(schema, value, at)...)
	case "array":
		items, ok := value.([]any)
		if !ok {
			return append(out, fmt.Sprintf("%s is no list", at))
		}
		for i, item := range items {
			out = append(out, p.faults(p.resolve(schema["items"]), item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case "string":
		out = append(out, textFaults(schema, value, at)...)
	case "integer", "number":
		if _, ok := value.(json.Number); !ok {
			out = append(out, fmt.Sprintf("%s is no number", at))
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			out = append(out, fmt.Sprintf("%s is neither true nor false", at))
		}
	}
	return out
}

// objectFaults wants the required members, and no member that nobody promised.
func (p *promise) objectFaults(schema map[string]any, value any, at string) (out []string) {
	members, ok := value.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is no object", at)}
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := members[name.(string)]; !there {
			out = append(out, fmt.Sprintf("%s.%s is absent", at, name))
		}
	}
	known, _ := schema["properties"].(map[string]any)
	for name, member := range members {
		switch spec, listed := known[name]; {
		case listed:
			out = append(out, p.faults(p.resolve(spec), member, at+"."+name)...)
		case p.resolve(schema["additionalProperties"]) != nil:
			out = append(out, p.faults(p.resolve(schema["additionalProperties"]), member, at+"."+name)...)
		case known != nil:
			out = append(out, fmt.Sprintf("%s.%s is promised nowhere", at, name))
		}
	}
	return out
}

// idPrefix is what identifiers of one kind begin with: "`org_…`".
var idPrefix = regexp.MustCompile("`([a-z]+_)…`")

func textFaults(schema map[string]any, value any, at string) []string {
	text, ok := value.(string)
	if !ok {
		return []string{fmt.Sprintf("%s is no string", at)}
	}
	var err error
	switch schema["format"] {
	case "date-time":
		if _, err = time.Parse(time.RFC3339Nano, text); err == nil && !strings.HasSuffix(text, "Z") {
			err = fmt.Errorf("%s is not in UTC", text)
		}
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", at, err)}
	}
	said, _ := schema["description"].(string)
	prefixes := idPrefix.FindAllStringSubmatch(said, -1)
	if len(prefixes) > 0 && !slices.ContainsFunc(prefixes,
		func(p []string) bool { return strings.HasPrefix(text, p[1]) }) {
		return []string{fmt.Sprintf("%s is %q, and its identifiers are: %s", at, text, said)}
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(text) {
		return []string{fmt.Sprintf("%s is %q, not %s", at, text, pattern)}
	}
	return nil
}

func TestAnAnswerThatIsNotAsPromisedIsSeen(t *testing.T) {
	p, err := readPromise()
	must(t, err)
	me := p.resolve(map[string]any{"$ref": "#/components/schemas/Me"})
	for says, want := range map[string]string{
		`{}`: ".person is absent",
		`{"person":"per_1","organisation":{},"roles":[],"delegations":[],"issuer":"x","salary":1}`: ".salary is " +
			"promised nowhere",
		`{"person":1}`:       ".person is no string",
		`{"roles":["king"]}`: ".roles[0] is king",
		`{"delegations":[{"since":"2026-01-01T00:00:00+01:00"}]}`: "is not in UTC",
	} {
		var body any
		must(t, json.Unmarshal([]byte(says), &body))
		if faults := strings.Join(p.faults(me, body, ""), "\n"); !strings.Contains(faults, want) {
			t.Errorf("%s has the faults %q, want %q among them", says, faults, want)
		}
	}
	if len(p.routes) < 60 {
		t.Errorf("%d routes were read", len(p.routes))
	}
}

// pagedPaths are the paths whose answers are pages.
func pagedPaths(t *testing.T) (out []*regexp.Regexp) {
	p, err := readPromise()
	must(t, err)
	for _, r := range p.routes {
		parameters, _ := r.does["parameters"].([]any)
		if slices.ContainsFunc(parameters, func(one any) bool { return p.resolve(one)["name"] == "limit" }) {
			out = append(out, r.path)
		}
	}
	return out
}
