package rest

import (
	"bytes"
	"errors"
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
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// shape is what an operation takes beside its path. A test holds it against openapi.yaml.
type shape struct {
	query    []string
	needed   []string   // those that are required
	body     func() any // makes what the JSON body is decoded into; nil: no JSON body
	required []string   // members of the body, with dots
	deposit  bool       // multipart, read by its handler; with a JSON body, either
	bare     bool       // a POST without a body
}

// shapeOf knows every operation by its method and route.
func shapeOf(operation string) shape {
	paged := []string{"limit", "after"}
	switch operation {
	case "GET /organisations", "GET /agreements", "GET /documents/:id/history", "GET /requests/:id/messages", "GET /notices",
		"GET /suspensions", "GET /holds", "GET /confirmations", "GET /arrangement/delegations", "GET /arrangement/wind-down":
		return shape{query: paged}
	case "GET /people":
		return shape{query: append(paged, "organisation")}
	case "GET /documents":
		return shape{query: append(paged, "q", "marking", "purpose", "discloser", "sort")}
	case "POST /documents", "POST /documents/:id/versions":
		return shape{deposit: true}
	case "GET /requests":
		return shape{query: append(paged, "box", "document", "state")}
	case "POST /documents/:id/requests":
		return shape{body: into[api.Ask], required: []string{"for", "for.organisation", "purpose", "until"}}
	case "POST /documents/:id/disclosures":
		return shape{body: into[api.Reading]}
	case "POST /requests/:id/decisions":
		return shape{query: []string{"draft"}, body: into[api.Deciding], required: []string{"act", "evidence.kind"}}
	case "POST /requests/:id/admissions":
		return shape{body: into[api.Admission], required: []string{"people"}}
	case "POST /requests/:id/withdrawal":
		return shape{body: into[api.Withdrawal], required: []string{"statement"}}
	case "POST /requests/:id/authorizations/:pending/confirmation", "POST /organisations/:id/confirmation",
		"POST /arrangement/notice/confirmation", "POST /arrangement/delegations/:id/confirmation",
		"POST /arrangement/focal-points/:id/confirmation":
		return shape{bare: true}
	case "POST /agreements":
		return shape{body: into[api.Proposal], required: []string{"organisation", "text"}}
	case "POST /agreements/:id/signatures":
		return shape{body: into[api.Signing], required: []string{"text_sha256", "name", "function", "authority", "accepts"}}
	}
	return lifeShapeOf(operation)
}

// lifeShapeOf knows the acts on what was deposited and asked before.
func lifeShapeOf(operation string) shape {
	switch operation {
	case "POST /requests/:id/authorizations":
		return shape{body: into[api.Filing], required: []string{"entity", "given_by", "given_on", "instrument_sha256", "statement"}}
	case "POST /requests/:id/messages":
		return shape{body: into[api.Words], required: []string{"text"}}
	case "POST /documents/:id/marking":
		return shape{body: into[api.MarkingChange], required: []string{"marking"}}
	case "POST /documents/:id/entities":
		return shape{body: into[api.EntitiesChange]}
	case "POST /documents/:id/releases":
		return shape{body: into[api.Releasing], required: []string{"organisation", "purpose"}}
	case "POST /documents/:id/recall", "POST /documents/:id/versions/:version/destruction", "POST /suspensions/:id/lifting",
		"POST /holds/:id/ending":
		return shape{body: into[api.Justification], required: []string{"reason"}}
	case "POST /notices/:id/acknowledgement":
		return shape{body: into[api.Acknowledging], required: []string{"disposition"}}
	case "POST /suspensions":
		return shape{body: into[api.Suspending], required: []string{"reason"}}
	case "POST /holds":
		return shape{body: into[api.Holding], required: []string{"document", "reason"}}
	case "POST /erasures":
		return shape{body: into[api.Erasing], required: []string{"legal_basis"}}
	case "POST /organisations":
		return shape{body: into[api.OrganisationProposed], required: []string{"name", "type", "issuer"}}
	case "POST /arrangement/notice":
		return shape{body: into[api.Terminating], required: []string{"given_on", "statement"}}
	case "POST /arrangement/delegations":
		return shape{body: into[api.DelegationFiled]}
	case "POST /arrangement/focal-points":
		return shape{body: into[api.Designating], required: []string{"subject", "name"}}
	case "POST /trace":
		return shape{body: into[api.Clue], deposit: true}
	case "POST /documents/:id/leak-reports":
		return shape{body: into[api.LeakReport], required: []string{"statement"}}
	case "POST /explain":
		return shape{body: into[api.Question], required: []string{"document", "action"}}
	}
	return logShapeOf(operation)
}

// logShapeOf knows the reading of the log.
func logShapeOf(operation string) shape {
	switch operation {
	case "GET /log/entries":
		return shape{query: []string{"limit", "after", "since", "until", "organisation", "document", "kind", "outcome", "paragraph"}}
	case "GET /log/accounting":
		return shape{query: []string{"document", "limit", "after"}, needed: []string{"document"}}
	case "GET /log/consistency", "GET /log/monitoring":
		return shape{query: []string{"from", "to"}, needed: []string{"from", "to"}}
	case "POST /log/exports":
		return shape{body: into[api.Export]}
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
	case slices.ContainsFunc(c.Params, func(p gin.Param) bool { return !isPlain(p.Value) }):
		err = web.Fail(web.KindNotFound, nil) // there is no such identifier
	case err != nil:
	case s.deposit && (s.body == nil || isMultipart(c)):
		err = allow(c)
	case s.body != nil:
		err = s.readBody(c)
	case s.bare:
		err = noBody(c)
	}
	if err == nil {
		err = repeatable(c, s)
	}
	if err != nil {
		a.problems.Write(c, err)
	}
}

// checkQuery wants known parameters, each once.
func (s shape) checkQuery(c *gin.Context) error {
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return fault(invalid.UnreadableQuery, "")
	}
	var f faults
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !slices.Contains(s.query, name):
			f.Add(invalid.UnknownParameter, short(name), "")
		case len(values[name]) > 1:
			f.Add(invalid.RepeatedParameter, name, "")
		case !isPlain(values.Get(name)):
			f.Add(invalid.ControlInParameter, name, "")
		}
	}
	for _, name := range s.query {
		if slices.Contains(s.needed, name) && values.Get(name) == "" {
			f.Add(invalid.RequiredParameter, name, "")
		}
	}
	return f.Err()
}

// isPlain wants UTF-8 without control characters: the database takes nothing else.
func isPlain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// readBody reads and checks a JSON body, and leaves it as it was for the generated binding.
func (s shape) readBody(c *gin.Context) error {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/json" {
		return web.FailBecause(web.KindMediaType, web.JSONExpected())
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

func isMultipart(c *gin.Context) bool {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	return kind == "multipart/form-data"
}

// noBody refuses a body where none is taken: whoever sends one means something by it.
func noBody(c *gin.Context) error {
	n, err := io.ReadFull(c.Request.Body, make([]byte, 1))
	switch {
	case n > 0:
		return fault(invalid.UnexpectedBody, "")
	case err != nil && !errors.Is(err, io.EOF):
		return unreadable(err)
	}
	return nil
}
