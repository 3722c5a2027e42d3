package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

func refusal(codes ...article4.Code) *exchange.Refusal {
	r := &exchange.Refusal{Act: article4.ActDisclose, Rules: "sha256:00", Entry: "ent_1"}
	for _, code := range codes {
		r.Reasons = append(r.Reasons, article4.Reason{Code: code})
	}
	return r
}

func TestEachErrorHasItsAnswer(t *testing.T) {
	malformed := &invalid.Error{Faults: []invalid.Fault{
		{Key: invalid.Required, Field: "until", Paragraph: "4(7)"},
		{Key: invalid.UnknownField, Field: "untill"},
	}}
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"malformed input", malformed, 400, "request/missing-field"},
		{"malformed input, wrapped", fmt.Errorf("deposit: %w", malformed), 400, "request/missing-field"},
		{"absent or without standing", &exchange.NotFound{What: "document", Entry: "ent_2"}, 404, "request/not-found"},
		{"changed since it was read", fmt.Errorf("request req_1: %w", exchange.ErrChanged), 412, "request/changed"},
		{"done already", fmt.Errorf("request req_1: %w", exchange.ErrConflict), 409, "request/conflict"},
		{"outside the content", exchange.ErrRange, 416, "request/range"},
		{"fetched too late", fmt.Errorf("disclosure dis_1: %w", exchange.ErrOver), 410, "request/over"},
		{"content that broke off", fmt.Errorf("%w: EOF", exchange.ErrContent), 400, "request/broken-body"},
		{"an issuer that nobody is bound to", exchange.ErrUnrecognised, 401, "request/bad-token"},
		{"no token", web.Fail(web.KindNoToken, nil), 401, "request/no-token"},
		{"a bad token", web.FailBecause(web.KindBadToken, web.Technical("expired")), 401, "request/bad-token"},
		{"too large", &http.MaxBytesError{Limit: 1}, 413, "request/too-large"},
		{"too slow", web.Fail(web.KindTooSlow, nil), 408, "request/too-slow"},
		{"one upload too many at once", fmt.Errorf("deposit: %w", &exchange.TooManyUploads{Most: 8}), 429,
			"request/rate-limited"},
		{"one call too many that waits", &exchange.TooManyWaits{Most: 4}, 429, "request/rate-limited"},
		{"a review while one is counted", exchange.ErrReviewing, 429, "request/rate-limited"},
		{"another media type", web.Fail(web.KindMediaType, nil), 415, "request/media-type"},
		{"no If-Match", web.Fail(web.KindPreconditionRequired, nil), 428, "request/precondition-required"},
		{"a part away", web.Fail(web.KindUnavailable, errors.New("dial")), 503, "unavailable"},
		{"the provider behind a piece of evidence away",
			fmt.Errorf("%w: %w", exchange.ErrEvidenceUnavailable, errors.New("dial")), 503, "unavailable"},
		{"our own time over", context.DeadlineExceeded, 503, "unavailable"},
		{"anything else", errors.New("boom"), 500, "internal"},
		{"one reason", refusal("a/403"), 403, "a/403"},
		{"a refusal, wrapped", fmt.Errorf("disclose: %w", refusal("a/422")), 422, "a/422"},
		{"an unknown code refuses", refusal("a/unheard-of"), 403, "a/unheard-of"},
		{"a refusal without reasons is a fault of ours", refusal(), 500, "internal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, language := range []string{"en", "fr"} {
				h := newFixture(t, 0)
				h.GET("/x", func(c *gin.Context) { h.problems.Write(c, test.err) })
				w := h.ask("GET", "/x", http.Header{"Accept-Language": {language}})
				var got web.Problem
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
					t.Fatalf("%v in %q", err, w.Body)
				}
				if w.Code != test.status || got.Status != test.status || got.Code != test.code {
					t.Errorf("answered %d, %d %s; want %d %s", w.Code, got.Status, got.Code, test.status, test.code)
				}
				if got.Title == "" || !strings.HasPrefix(got.Type, "https://gateway.example/problems/") {
					t.Errorf("title %q, type %q", got.Title, got.Type)
				}
				if got.RequestID == "" || got.RequestID != w.Header().Get("X-Request-Id") {
					t.Errorf("request id %q in the body, %q in the header", got.RequestID,
						w.Header().Get("X-Request-Id"))
				}
				if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
					t.Errorf("Content-Type %q", kind)
				}
				if (test.status == 401) != (w.Header().Get("WWW-Authenticate") != "") {
					t.Errorf("WWW-Authenticate %q", w.Header().Get("WWW-Authenticate"))
				}
				if (test.status == 503 || test.status == 429) != (w.Header().Get("Retry-After") != "") {
					t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
				}
				if after := w.Header().Get("Retry-After"); test.status == 429 &&
					!strings.Contains(got.Detail, "in "+after+" seconds") &&
					!strings.Contains(got.Detail, "dans "+after+" secondes") {
					t.Errorf("whoever reads a page reads %q, and not that it is %s seconds", got.Detail, after)
				}
			}
		})
	}
}

func TestWorstStatusAnswersForAllReasons(t *testing.T) {
	tests := []struct {
		codes []article4.Code
		want  int
	}{
		{[]article4.Code{"a/409", "a/422", "a/403", "a/401", "a/503"}, 503},
		// a sign-in would not help: the rest still stands in the way
		{[]article4.Code{"a/409", "a/422", "a/403", "a/401"}, 403},
		{[]article4.Code{"a/401"}, 401},
		{[]article4.Code{"a/409", "a/422", "a/403"}, 403},
		{[]article4.Code{"a/409", "a/422"}, 422},
		{[]article4.Code{"a/409"}, 409},
	}
	problems := newProblems(t, &journal{})
	for _, test := range tests {
		got := problems.Of(refusal(test.codes...), exchange.Actor{}, web.English)
		if got.Status != test.want || got.Code != string(test.codes[0]) || len(got.Reasons) != len(test.codes) {
			t.Errorf("%v: %d %s with %d reasons; want %d, the first code, every reason", test.codes, got.Status,
				got.Code, len(got.Reasons), test.want)
		}
	}
}

func TestEveryFaultIsListedWithItsField(t *testing.T) {
	got := newProblems(t, &journal{}).Of(&invalid.Error{Faults: []invalid.Fault{
		{Key: invalid.Required, Field: "for.organisation", Paragraph: "4(8)"},
		{Key: invalid.UnknownField, Field: "untill"},
	}}, exchange.Actor{}, web.English)
	want := []web.Fault{
		{Code: "request/missing-field", Field: "for.organisation", Detail: "is required", Paragraph: "4(8)"},
		{Code: "request/unknown-field", Field: "untill", Detail: "is not a member of this object"},
	}
	if diff := cmp.Diff(want, got.Errors); diff != "" {
		t.Error(diff)
	}
}

func TestTextOfInternalErrorsNeverLeaves(t *testing.T) {
	h := newFixture(t, 0)
	const secret = "password=hunter2 host=10.0.0.7"
	h.GET("/internal", func(c *gin.Context) { h.problems.Write(c, errors.New(secret)) })
	h.GET("/away", func(c *gin.Context) { h.problems.Write(c, web.Fail(web.KindUnavailable, errors.New(secret))) })
	h.GET("/panic", func(*gin.Context) { panic(secret) })
	for _, path := range []string{"/internal", "/away", "/panic"} {
		w := h.ask("GET", path, nil)
		if w.Code < 500 || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if log := h.journal.String(); !strings.Contains(log, w.Header().Get("X-Request-Id")) ||
			!strings.Contains(log, "hunter2") {
			t.Errorf("%s: the cause is not in the operations log under its request id", path)
		}
	}
}

func TestRefusalIsWordedInTheCallersLanguage(t *testing.T) {
	h := newFixture(t, 0)
	h.GET("/x", func(c *gin.Context) { h.problems.Write(c, refusal("a/403")) })
	for accept, want := range map[string]string{
		"": "en", "fr": "fr", "fr-BE, en;q=0.8": "fr", "de, fr;q=0.5, en;q=0.4": "fr", "en-GB": "en", "de": "en",
		"fr;q=0, en": "en", "en;q=0.2, fr;q=0.9": "fr", "*": "en", ";;;": "en", strings.Repeat("fr,", 200): "en",
	} {
		w := h.ask("GET", "/x", http.Header{"Accept-Language": {accept}})
		if got := w.Header().Get("Content-Language"); got != want ||
			!strings.Contains(w.Body.String(), "a/403 in "+want) {
			t.Errorf("Accept-Language %.40q: %q, %s; want %s", accept, got, w.Body, want)
		}
	}
}

func TestChallengesSayWhatToDo(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no token: no error code", web.Fail(web.KindNoToken, nil), `Bearer realm="chancery"`},
		{"bad token", web.FailBecause(web.KindBadToken, web.Technical("expired")),
			`Bearer realm="chancery", error="invalid_token", error_description="expired"`},
		{"nothing breaks out of the quotes", web.FailBecause(web.KindBadToken, web.Technical("a\"b\\c\r\nX: y é")),
			`Bearer realm="chancery", error="invalid_token", error_description="a\"b\\c??X: y ?"`},
		{"step-up", refusal("a/401"), `Bearer realm="chancery", error="insufficient_user_authentication", ` +
			`error_description="a/401 in en", acr_values="urn:example:strong", max_age=600`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newFixture(t, 0)
			h.GET("/x", func(c *gin.Context) { h.problems.Write(c, test.err) })
			if diff := cmp.Diff(test.want, h.ask("GET", "/x", nil).Header().Get("WWW-Authenticate")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownPathsAndVerbsAreProblemsToo(t *testing.T) {
	h := newFixture(t, 0)
	h.GET("/x", func(c *gin.Context) { c.Status(http.StatusOK) })
	if w := h.ask("GET", "/y", nil); w.Code != 404 || !strings.Contains(w.Body.String(), "request/not-found") {
		t.Errorf("unknown path: %d %s", w.Code, w.Body)
	}
	if w := h.ask("DELETE", "/x", nil); w.Code != 405 || w.Header().Get("Allow") != "GET" {
		t.Errorf("unknown verb: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := h.ask("HEAD", "/y", nil); w.Code != 404 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes of body", w.Code, w.Body.Len())
	}
}
