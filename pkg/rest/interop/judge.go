package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/content"
	invalid "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/paths"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// everywhere are the headers that every answer bears, or that HTTP itself answers for; the contract names them in its
// prose.
var everywhere = []string{"Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security",
	"Referrer-Policy", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy",
	"X-Frame-Options", "Allow", "Vary", "Cache-Control", "Content-Language", "Trailer", "Keep-Alive",
	"RateLimit", "RateLimit-Policy", "Idempotency-Replayed"}

// tus is what a request in tus bears, and every answer to it. The contract says so in its prose: the answers that all
// operations share do not declare it.
const tus = "Tus-Resumable"

// open are objects whose members the contract leaves open, and which the validator would have it name one by one.
var open = []string{"**.permissions.*", "**.says.**", "**.exchanged.*", "**.by_marking.*", "**.by_purpose**"}

// judge holds what passed against the contract.
type judge struct {
	whole  validator.Validator // of requests and of answers
	header validator.Validator // of answers without a body
	model  *v3.Document
	log    *slog.Logger

	mu         sync.Mutex
	exchanges  int
	elsewhere  int // below no path of the contract
	operations map[string]int
	statuses   map[int]int
	violations map[string]int
	unsaid     map[string]int // requests that the contract allows, and the gateway cannot understand
}

func newJudge(contract []byte) (*judge, error) {
	document, err := libopenapi.NewDocument(contract)
	if err != nil {
		return nil, err
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return nil, err
	}
	options := []config.Option{
		config.WithStrictMode(),
		config.WithStrictIgnoredHeadersExtra(everywhere...),
		config.WithStrictIgnorePaths(open...),
		config.WithFormatAssertions(),
		config.WithBodyDecoder("multipart/form-data", content.DecoderFunc(form)),
		config.WithRejectUndeclaredRequestBody(),
	}
	j := &judge{
		model:      &model.Model,
		operations: map[string]int{},
		statuses:   map[int]int{},
		violations: map[string]int{},
		unsaid:     map[string]int{},
	}
	whole, faults := validator.NewValidator(document, options...)
	bare, more := validator.NewValidator(document, append(options, config.WithoutResponseBodyValidation())...)
	if err := errors.Join(append(faults, more...)...); err != nil {
		return nil, err
	}
	if ok, faults := whole.ValidateDocument(); !ok {
		return nil, fmt.Errorf("the contract itself: %v", faults)
	}
	j.whole, j.header = whole, bare
	return j, nil
}

// form reads a multipart body as an object; a part that the contract's encoding has as JSON, and that says nothing else
// of itself, is read as that. The validator's own reading takes every part for text.
func form(in *content.DecodeInput) (any, error) {
	read := multipart.NewReader(in.Body, in.Parameters["boundary"])
	out := map[string]any{}
	for {
		part, err := read.NextRawPart()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		var value any = string(text)
		if isJSON(in, part) {
			if err := json.Unmarshal(text, &value); err != nil {
				return nil, err
			}
		}
		if _, twice := out[part.FormName()]; twice {
			return nil, fmt.Errorf("the part %s is there twice", part.FormName())
		}
		out[part.FormName()] = value
	}
}

func isJSON(in *content.DecodeInput, part *multipart.Part) bool {
	kind := part.Header.Get("Content-Type")
	if kind == "" && in.Encoding != nil {
		if declared := in.Encoding.GetOrZero(part.FormName()); declared != nil {
			kind = declared.ContentType
		}
	}
	return strings.HasPrefix(kind, "application/json")
}

func contextWith(ctx context.Context, asked *copied) context.Context {
	return context.WithValue(ctx, askedKey{}, asked)
}

// hear judges one exchange, once its answer has passed.
func (j *judge) hear(e exchange) {
	if !belowBase(e.request.URL.Path) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.exchanges++
	j.statuses[e.response.StatusCode]++
	asked := e.request.Clone(context.Background())
	asked.URL = &url.URL{Path: e.request.URL.Path, RawPath: e.request.URL.RawPath, RawQuery: e.request.URL.RawQuery}
	asked.Body = http.NoBody
	// The path of a tile has slashes, which the gateway takes as they are, and for which a contract has no word.
	if tile, isTile := strings.CutPrefix(asked.URL.EscapedPath(), base+"/log/tile/"); isTile {
		asked.URL.RawPath = base + "/log/tile/" + strings.ReplaceAll(tile, "/", "%2F")
	}
	item, faults, path := paths.FindPath(asked, j.model, nil)
	operation := operationOf(item, asked.Method)
	if asked.Method == http.MethodHead && operation == nil {
		asked.Method = http.MethodGet // which the contract says of every GET
		operation = operationOf(item, asked.Method)
	}
	if operation == nil || len(faults) > 0 {
		j.nowhere(e, asked)
		return
	}
	j.operations[operation.OperationId]++
	said := fmt.Sprintf("%s %s, answered %d", asked.Method, path, e.response.StatusCode)
	for _, fault := range j.answer(e, asked) {
		j.violations[said+": "+fault]++
	}
	request, judged := e.asked.body()
	if judged && len(request) > 0 {
		asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(request)), int64(len(request))
	}
	switch status := e.response.StatusCode; {
	case !judged:
	case status/100 == 2 || status == http.StatusNotModified:
		for _, fault := range j.question(asked) {
			j.violations[said+", though the contract forbids the request: "+fault]++
		}
	case status == http.StatusBadRequest:
		if len(j.question(asked)) == 0 {
			j.unsaid[fmt.Sprintf("%s %s: %s", asked.Method, path, codesOf(e))]++
		}
	}
}

// nowhere judges the answer to a request that the contract has no operation for: a problem document, as everywhere.
// What answers without a token is no part of the contract.
func (j *judge) nowhere(e exchange, asked *http.Request) {
	j.elsewhere++
	if e.response.StatusCode/100 == 2 || e.response.StatusCode == http.StatusNotModified {
		if asked.URL.Path != base && asked.URL.Path != base+"/openapi.yaml" {
			j.violations[fmt.Sprintf("%s %s, answered %d, is no operation", asked.Method, asked.URL.Path,
				e.response.StatusCode)]++
		}
		return
	}
	asked.Method, asked.URL = http.MethodGet, &url.URL{Path: base + "/me"} // its default is everybody's
	for _, fault := range j.answer(e, asked) {
		j.violations[fmt.Sprintf("what is no operation, answered %d: %s", e.response.StatusCode, fault)]++
	}
}

// answer says what is wrong with an answer.
func (j *judge) answer(e exchange, asked *http.Request) []string {
	body, judged := e.answered.body()
	response := *e.response
	response.Header = e.response.Header.Clone()
	response.Body = io.NopCloser(bytes.NewReader(body))
	by := j.whole
	if !judged || e.request.Method == http.MethodHead {
		by = j.header // cut off, longer than what is kept, or none
	}
	var unsaid []string
	if asked.Header.Get(tus) != "" {
		if response.Header.Get(tus) != "1.0.0" {
			unsaid = []string{"an answer in tus without " + tus}
		}
		response.Header.Del(tus)
		if len(body) == 0 {
			by = j.header // of an upload that was begun, or given up
		}
	}
	_, faults := by.ValidateHttpResponse(asked, &response)
	return append(unsaid, told(faults)...)
}

// question says what is wrong with a request. Headers that the contract does not name are the client's own affair.
func (j *judge) question(asked *http.Request) []string {
	_, faults := j.whole.ValidateHttpRequestSync(asked)
	return told(slices.DeleteFunc(faults, func(f *invalid.ValidationError) bool {
		return strings.Contains(f.Message, "header") && strings.Contains(f.Message, "not declared")
	}))
}

func told(faults []*invalid.ValidationError) []string {
	var out []string
	for _, fault := range faults {
		said := fault.Message + ": " + fault.Reason
		for _, one := range fault.SchemaValidationErrors {
			said += fmt.Sprintf(" [%s %s]", one.FieldPath, one.Reason)
		}
		out = append(out, said)
	}
	return out
}

func operationOf(item *v3.PathItem, method string) *v3.Operation {
	if item == nil {
		return nil
	}
	return map[string]*v3.Operation{"GET": item.Get, "POST": item.Post, "HEAD": item.Head, "PUT": item.Put,
		"DELETE": item.Delete, "PATCH": item.Patch, "OPTIONS": item.Options}[method]
}

// codesOf are what a problem document says, with the fields.
func codesOf(e exchange) string {
	var problem struct {
		Code   string
		Errors []struct{ Code, Field string }
	}
	text, _ := e.answered.body()
	if json.Unmarshal(text, &problem) != nil {
		return "no problem document"
	}
	var out []string
	for _, fault := range problem.Errors {
		out = append(out, fault.Code+" "+fault.Field)
	}
	if len(out) == 0 {
		return problem.Code
	}
	return strings.Join(out, ", ")
}

func (j *judge) heard() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.exchanges
}

// report prints what was heard, and answers how many different violations there were.
func (j *judge) report(w io.Writer) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	var silent []string
	all := 0
	for _, item := range j.model.Paths.PathItems.FromOldest() {
		for _, operation := range item.GetOperations().FromOldest() {
			all++
			if j.operations[operation.OperationId] == 0 {
				silent = append(silent, operation.OperationId)
			}
		}
	}
	fmt.Fprintf(w, "%d exchanges heard, %d of them of no operation; %d of %d operations; statuses", j.exchanges,
		j.elsewhere, all-len(silent), all)
	for _, status := range slices.Sorted(maps.Keys(j.statuses)) {
		fmt.Fprintf(w, " %d: %d", status, j.statuses[status])
	}
	fmt.Fprintf(w, "\nnever asked: %s\n", cmp.Or(strings.Join(silent, " "), "none"))
	fmt.Fprintf(w, "%d violations of the contract\n", len(j.violations))
	list(w, j.violations)
	fmt.Fprintf(w, "%d requests that the schema allows and the gateway answers 400\n", len(j.unsaid))
	list(w, j.unsaid)
	return len(j.violations)
}

func list(w io.Writer, counted map[string]int) {
	for _, said := range slices.Sorted(maps.Keys(counted)) {
		fmt.Fprintf(w, "  %d x %s\n", counted[said], said)
	}
}
