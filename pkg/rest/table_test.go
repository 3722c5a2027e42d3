package rest_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/web"
)

// counted counts how often it is read.
type counted struct{ times int }

func (c *counted) UnmarshalJSON([]byte) error {
	c.times++
	return nil
}

func TestABodyIsDecodedOnceUnderAnIdempotencyKeyToo(t *testing.T) {
	type body struct {
		Word counted `json:"word"`
		More *string `json:"more,omitempty"`
	}
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("POST", "/api/v1/x", strings.NewReader(`{"word":"x","more":"y"}`))
	c.Request.Header.Set("Content-Type", "application/json")
	c.Request.Header.Set("Idempotency-Key", "once")
	read := 0
	must(t, rest.Handle(c, func(in body) { read = in.Word.times }))
	if read != 1 {
		t.Errorf("the body was decoded %d times", read)
	}
}

func TestEveryFaultOfABodyIsAnsweredAtOnce(t *testing.T) {
	h := newFixture(t, anybody)
	p := problemOf(t, h.post("/documents/doc_1/requests?x=1",
		`{"for":{"organisation":" ","x":1},"purpose":3,"form":"faxed","until":"tomorrow"}`))
	var got []string
	for _, fault := range p.Errors {
		got = append(got, strings.TrimPrefix(fault.Code, "request/")+" "+fault.Field)
	}
	want := []string{"unknown-parameter x", "unknown-field for.x", "missing-field for.organisation",
		"wrong-type purpose", "unknown-value form", "wrong-type until"}
	if !slices.Equal(got, want) {
		t.Errorf("answered %q, want %q", got, want)
	}
}

func TestAnEmptyObjectIsNoBodyWhereNoneIsTaken(t *testing.T) {
	h := newFixture(t, anybody)
	for body, code := range map[string]string{"": "request/precondition-required",
		"{}": "request/precondition-required", `{"x":1}`: "request/unknown-field"} {
		if p := problemOf(t, h.post("/confirmations/pen_1", body)); p.Code != code {
			t.Errorf("%q: %s, want %s", body, p.Code, code)
		}
	}
}

func TestACursorOfOneListIsRefusedByAnother(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		want[api.Document](t, w.deposit(declared, secret), 201)
	}
	next := *want[api.DocumentPage](t, w.as("staff.wco", "GET", "/documents?limit=1", ""), 200).Next
	want[api.DocumentPage](t, w.as("staff.wco", "GET", "/documents?limit=1&after="+next, ""), 200)
	for _, other := range []string{"/requests?after=", "/documents?sort=deposited&after=", "/documents?q=risk&after=",
		"/purposes?after="} {
		p := refused(t, w.as("staff.wco", "GET", other+next, ""), 400, "request/bad-cursor")
		if p.Errors[0].Field != "after" {
			t.Errorf("%s: the field is %s", other, p.Errors[0].Field)
		}
	}
}

func TestWhoHasSeenItIsToldThatItStands(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(secret)
	d := want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	for _, path := range []string{"/requests/" + q.Id, "/documents/" + doc.Id, "/documents", "/me",
		"/disclosures/" + d.Id + "/content", "/disclosures/" + d.Id + "/receipt"} {
		first := w.as("staff.unoct", "GET", path, "")
		etag := first.Header.Get("ETag")
		if first.StatusCode != 200 || etag == "" {
			t.Fatalf("%s: %d, ETag %q", path, first.StatusCode, etag)
		}
		if again := w.as("staff.unoct", "GET", path, "", "If-None-Match",
			`"x", W/`+etag); again.StatusCode != http.StatusNotModified || len(again.body) > 0 ||
			again.Header.Get("ETag") != etag {
			t.Errorf("%s, seen before: %d %s", path, again.StatusCode, again.body)
		}
		if other := w.as("staff.unoct", "GET", path, "", "If-None-Match", `"x"`); other.StatusCode != 200 {
			t.Errorf("%s, of which something else was seen: %d", path, other.StatusCode)
		}
		for _, verb := range []string{"GET", "HEAD"} {
			if as := w.as("staff.unoct", verb, path, "", "If-Match", `"x", `+etag); as.StatusCode != 200 {
				t.Errorf("%s %s, wanted as it is: %d", verb, path, as.StatusCode)
			}
			if other := w.as("staff.unoct", verb, path, "", "If-Match", `"x", W/`+etag); other.StatusCode != 412 {
				t.Errorf("%s %s, wanted as it is not: %d", verb, path, other.StatusCode)
			}
		}
		head := w.as("staff.unoct", "HEAD", path, "")
		if head.StatusCode != 200 || head.ContentLength != int64(len(first.body)) || head.Header.Get("ETag") != etag ||
			len(head.body) > 0 {
			t.Errorf("HEAD %s: %d of %d bytes, ETag %s", path, head.StatusCode, head.ContentLength,
				head.Header.Get("ETag"))
		}
	}
	seen := w.as("staff.unoct", "GET", "/requests/"+q.Id, "").Header.Get("ETag")
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/withdrawal", `{"statement":"No longer"}`),
		201)
	if now := w.as("staff.unoct", "GET", "/requests/"+q.Id, "", "If-None-Match", seen); now.StatusCode != 200 {
		t.Errorf("withdrawn since it was seen: %d", now.StatusCode)
	}
}

func TestAConflictNamesItsCause(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	for language, detail := range map[string]string{"en": "The document is marked so already. Nothing was done.",
		"fr": "Le document porte déjà cette marque. Rien n’a été fait."} {
		p := refused(t, w.as("focal.wco", "POST", "/documents/"+doc.Id+"/marking",
			`{"marking":"confidential","statement":"x"}`, "Accept-Language", language), 409, "request/conflict")
		if p.Detail != detail {
			t.Errorf("%s: %q", language, p.Detail)
		}
	}
}

func TestAMachineIsNotToldToSignInWhereThatDoesNotHelp(t *testing.T) {
	w := newWorld(t)
	_, q := w.authorized(secret)
	decide := `{"act":"refuse","statement":"x"}`
	a := w.as("machine.wco", "POST", "/requests/"+q.Id+"/decisions", decide, "If-Match", w.etag(q.Id))
	refused(t, a, 403, "art4.4/no-authority")
	if a.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("the machine is challenged: %s", a.Header.Get("WWW-Authenticate"))
	}
}

func TestTheDigestOfABodyIsComparedWithTheBody(t *testing.T) {
	h := newFixture(t, anybody)
	const body = `{"x":1}`
	sum256, sum512 := sha256.Sum256([]byte(body)), sha512.Sum512([]byte(body))
	right := "sha-256=:" + base64.StdEncoding.EncodeToString(sum256[:]) + ":, sha-512=:" +
		base64.StdEncoding.EncodeToString(sum512[:]) + ":"
	for _, test := range []struct{ field, said, code string }{
		{"Content-Digest", right, "request/unknown-field"},
		{"Repr-Digest", right, "request/unknown-field"},
		{"Content-Digest", "md5=:AAAA:", "request/unknown-field"},
		{"Content-Digest", strings.Replace(right, "sha-256=:", "sha-256=:AAAA", 1), "request/digest-differs"},
		{"Repr-Digest", "sha-512=:AAAA:", "request/digest-differs"},
		{"Content-Digest", "md5=:AAAA:, sha-256=broken", "request/digest-differs"},
	} {
		w := h.send("POST", "/documents/doc_1/requests", "application/json", body, http.Header{test.field: {test.said}})
		p := problemOf(t, w)
		if w.Code != 400 || !slices.ContainsFunc(p.Errors, func(f web.Fault) bool { return f.Code == test.code }) {
			t.Errorf("%s: %s: %d %+v, want %s", test.field, test.said, w.Code, p, test.code)
		}
	}
	p := problemOf(t, h.send("POST", "/documents", multipartKind, raw(declared, "", secret),
		http.Header{"Content-Digest": {right}}))
	if p.Code != "request/digest-of-parts" || p.Errors[0].Field != "Content-Digest" {
		t.Errorf("of a body in parts: %+v", p)
	}
}
