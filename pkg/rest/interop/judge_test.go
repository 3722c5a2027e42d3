package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const contract = `openapi: 3.1.0
info: {title: T, version: 1.0.0}
servers: [{url: /api/v1}]
paths:
  /me:
    get:
      operationId: getMe
      responses:
        '200': {description: Me., content: {application/json: {schema: {type: object}}}}
        default: {$ref: '#/components/responses/Failed'}
  /things:
    post:
      operationId: makeThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201':
          description: Made.
          headers: {X-Request-Id: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '400': {$ref: '#/components/responses/Failed'}
  /bytes:
    get:
      operationId: getBytes
      responses:
        '200': {description: Bytes., content: {application/pdf: {schema: {type: string, format: binary}}}}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Problem: {type: object, required: [code], properties: {code: {type: string}}}
  responses:
    Failed:
      description: A problem.
      content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}
`

// heard sends one request through the proxy to a gateway that answers as given, and tells what the judge says of it.
func heard(t *testing.T, method, path, body string, answer http.HandlerFunc, header ...string) (got string, err error,
	said string) {
	t.Helper()
	gateway := httptest.NewServer(answer)
	defer gateway.Close()
	j, err := newJudge([]byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(newProxy(j))
	defer proxy.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(through)}}
	request, err := http.NewRequest(method, gateway.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(request)
	if err == nil {
		var read []byte
		read, err = io.ReadAll(response.Body)
		got = string(read)
		response.Body.Close()
	}
	proxy.Close()
	var out bytes.Buffer
	j.report(&out)
	return got, err, out.String()
}

func answers(status int, kind, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestWhatBreaksTheContractIsHeardAndWhatKeepsItIsNot(t *testing.T) {
	const kind, problem = "application/json", "application/problem+json"
	for _, test := range []struct {
		what, method, path, body string
		answer                   http.HandlerFunc
		violations               int
		about                    string
	}{
		{"as promised", "POST", "/api/v1/things", `{"name":"x"}`,
			answers(201, kind, `{"name":"x"}`, "X-Request-Id", "1"), 0, ""},
		{"a member that is not in the contract", "POST", "/api/v1/things", `{"name":"x"}`,
			answers(201, kind, `{"name":"x","more":1}`, "X-Request-Id", "1"), 1, "more"},
		{"a member of another type", "POST", "/api/v1/things", `{"name":"x"}`,
			answers(201, kind, `{"name":1}`, "X-Request-Id", "1"), 1, "got number"},
		{"without its header", "POST", "/api/v1/things", `{"name":"x"}`, answers(201, kind, `{"name":"x"}`), 1,
			"X-Request-Id"},
		{"another status", "POST", "/api/v1/things", `{"name":"x"}`, answers(202, kind, `{"name":"x"}`), 1, "202"},
		{"another media type", "POST", "/api/v1/things", `{"name":"x"}`,
			answers(201, "text/plain", `x`, "X-Request-Id", "1"), 1, "text/plain"},
		{"a success of what the contract forbids", "POST", "/api/v1/things", `{"name":""}`,
			answers(201, kind, `{"name":"x"}`, "X-Request-Id", "1"), 1, "minLength"},
		{"a bad request that is refused", "POST", "/api/v1/things", `{"name":""}`,
			answers(400, problem, `{"code":"x"}`), 0, ""},
		{"a bad request that is refused with something else", "POST", "/api/v1/things", `{"name":""}`,
			answers(400, problem, `{"cod":"x"}`), 1, "code"},
		{"no operation, and a problem", "GET", "/api/v1/elsewhere", "", answers(404, problem, `{"code":"x"}`), 0, ""},
		{"no operation, and a page", "GET", "/api/v1/elsewhere", "", answers(404, "text/html", `gone`), 1, "text/html"},
		{"no operation, and a success", "GET", "/api/v1/elsewhere", "", answers(200, kind, `{}`), 1, "no operation"},
		{"beside the API", "GET", "/elsewhere", "", answers(200, "text/html", `x`), 0, ""},
	} {
		_, err, said := heard(t, test.method, test.path, test.body, test.answer)
		if err != nil || !strings.Contains(said, fmt.Sprintf("\n%d violations", test.violations)) ||
			!strings.Contains(said, test.about) {
			t.Errorf("%s: %v, %s", test.what, err, said)
		}
	}
}

func TestAnAnswerInTusBearsTusAndMayHaveNoBody(t *testing.T) {
	const problem, id = "application/problem+json", "X-Request-Id"
	for _, test := range []struct {
		what       string
		answer     http.HandlerFunc
		violations int
		about      string
	}{
		{"begun", answers(201, "", "", id, "1", tus, "1.0.0"), 0, ""},
		{"begun, and it does not say so", answers(201, "", "", id, "1"), 1, "without " + tus},
		{"begun, with a header that is not declared", answers(201, "", "", id, "1", tus, "1.0.0", "X-Other", "1"), 1,
			"X-Other"},
		{"refused", answers(400, problem, `{"code":"x"}`, tus, "1.0.0"), 0, ""},
		{"refused, and it does not say so", answers(400, problem, `{"code":"x"}`), 1, "without " + tus},
		{"refused in another way", answers(400, problem, `{"cod":"x"}`, tus, "1.0.0"), 1, "code"},
	} {
		_, err, said := heard(t, "POST", "/api/v1/things", `{"name":"x"}`, test.answer, tus, "1.0.0")
		if err != nil || !strings.Contains(said, fmt.Sprintf("\n%d violations", test.violations)) ||
			!strings.Contains(said, test.about) {
			t.Errorf("%s: %v, %s", test.what, err, said)
		}
	}
	_, err, said := heard(t, "POST", "/api/v1/things", `{"name":"x"}`, answers(201, "", "", id, "1"))
	if err != nil || !strings.Contains(said, "\n1 violations") {
		t.Errorf("an answer without a body to whoever speaks no tus: %v, %s", err, said)
	}
}

func TestBytesPassAsTheyAreAndACutIsPassedOn(t *testing.T) {
	all := strings.Repeat("\x00\xff%PDF", 1<<20)
	got, err, said := heard(t, "GET", "/api/v1/bytes", "", answers(200, "application/pdf", all))
	if got != all || err != nil || !strings.Contains(said, "0 violations") {
		t.Errorf("%d bytes of %d, %v: %s", len(got), len(all), err, said)
	}
	got, err, _ = heard(t, "GET", "/api/v1/bytes", "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Length", fmt.Sprint(len(all)))
		_, _ = io.WriteString(w, all[:1<<20])
		panic(http.ErrAbortHandler)
	})
	if err == nil {
		t.Errorf("a transfer that was cut looks whole, %d bytes", len(got))
	}
}
