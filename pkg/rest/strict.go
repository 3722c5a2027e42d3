package rest

import (
	"bytes"
	"io"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/web"
)

// shape is what an operation takes beside its path. A test holds it against openapi.yaml.
type shape struct {
	query    []string
	body     func() any // makes what the JSON body is decoded into; nil: no JSON body
	required []string   // members of the body, with dots
	deposit  bool       // multipart, read by its handler
}

// shapeOf knows every operation by its method and route.
func shapeOf(operation string) shape {
	paged := []string{"limit", "after"}
	switch operation {
	case "GET /organisations", "GET /agreements":
		return shape{query: paged}
	case "GET /people":
		return shape{query: append(paged, "organisation")}
	case "GET /documents":
		return shape{query: append(paged, "q", "marking", "purpose", "discloser", "sort")}
	case "POST /documents":
		return shape{deposit: true}
	case "GET /requests":
		return shape{query: append(paged, "box", "document", "state")}
	case "POST /documents/:id/requests":
		return shape{body: into[api.Ask], required: []string{"for", "for.organisation", "purpose", "until"}}
	case "POST /documents/:id/disclosures":
		return shape{body: into[api.Reading]}
	case "POST /requests/:id/decisions":
		return shape{query: []string{"draft"}, body: into[api.Decision], required: []string{"act", "evidence.kind"}}
	case "POST /requests/:id/admissions":
		return shape{body: into[api.Admission], required: []string{"people"}}
	case "POST /requests/:id/withdrawal":
		return shape{body: into[api.Withdrawal], required: []string{"statement"}}
	case "POST /agreements":
		return shape{body: into[api.Proposal], required: []string{"organisation", "text"}}
	case "POST /agreements/:id/signatures":
		return shape{body: into[api.Signing], required: []string{"text_sha256", "name", "function", "authority", "accepts"}}
	}
	return shape{}
}

func into[T any]() any { return new(T) }

// strict refuses what the generated binding would overlook: query parameters and members that nobody knows, so that a
// misspelt one never changes what a request does, and required members that are absent.
func (a *API) strict(c *gin.Context) {
	s := shapeOf(c.Request.Method + " " + c.FullPath()[len(Base):])
	err := s.checkQuery(c)
	switch {
	case !isPlain(c.Param("id")):
		err = web.Fail(web.KindNotFound, nil) // there is no such identifier
	case err != nil:
	case s.deposit:
		allow(c)
	case s.body != nil:
		err = s.readBody(c)
	}
	if err != nil {
		a.problems.Write(c, err)
	}
}

// checkQuery wants known parameters, each once.
func (s shape) checkQuery(c *gin.Context) error {
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return fault("bad-query", "", "cannot be read")
	}
	var f faults
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !slices.Contains(s.query, name):
			f.add("unknown-parameter", short(name), "is not a parameter of this operation")
		case len(values[name]) > 1:
			f.add("repeated-parameter", name, "is given more than once")
		case !isPlain(values.Get(name)):
			f.add("control-character", name, "is UTF-8 without control characters")
		}
	}
	return f.err()
}

// isPlain wants UTF-8 without control characters: the database takes nothing else.
func isPlain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// readBody reads and checks a JSON body, and leaves it as it was for the generated binding.
func (s shape) readBody(c *gin.Context) error {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/json" {
		return web.FailBecause(web.KindMediaType, "application/json is wanted.")
	}
	data, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return unreadable(err)
	}
	if err := decode(data, s.body()); err != nil {
		return err
	}
	if err := present(data, s.required); err != nil {
		return err
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(data))
	return nil
}
