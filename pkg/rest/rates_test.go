package rest_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/web"
)

// busy asserts a 429 with a problem document that says when to come again.
func busy(t *testing.T, a answer, code string) web.Problem {
	t.Helper()
	p := refused(t, a, 429, code)
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 60 || p.Title == "" || p.Detail == "" || p.Code != code {
		t.Errorf("Retry-After %q, %s", a.Header.Get("Retry-After"), a.body)
	}
	for _, name := range []string{"RateLimit", "RateLimit-Policy"} {
		if len(a.Header.Values(name)) == 0 {
			t.Errorf("%s without %s", code, name)
		}
	}
	return p
}

func TestWhoeverIsRefusedTooOftenIsToldSoAndNothingElse(t *testing.T) {
	w := newBoundedWorld(t, bounds{refusals: 3})
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	for _, person := range []string{"staff.unoct", "machine.unoct"} {
		disclose := "/documents/" + doc.Id + "/disclosures"
		for range 3 {
			refused(t, w.as(person, "GET", "/documents/doc_absent", ""), 404)
		}
		p := busy(t, w.as(person, "POST", disclose, reading), "gateway/too-many")
		if len(p.Reasons) != 1 || p.Reasons[0].Basis != "safeguard" || p.LogEntry != "" || p.Rules == "" {
			t.Errorf("%s: %+v", person, p)
		}
		bound := w.as(person, "GET", "/documents/doc_absent", "")
		busy(t, bound, "gateway/too-many")
		if got := bound.Header.Get("RateLimit-Policy"); got != `"refusals";q=3;w=60` {
			t.Errorf("%s: RateLimit-Policy %q", person, got)
		}
		if got := bound.Header.Get("RateLimit"); got != `"refusals";r=0;t=`+bound.Header.Get("Retry-After") {
			t.Errorf("%s: RateLimit %q", person, got)
		}
		busy(t, w.as(person, "GET", "/requests/req_absent", "", "Accept-Language", "fr"), "gateway/too-many")
		want[api.Document](t, w.as(person, "GET", "/documents/"+doc.Id, ""), 200)
	}
	refused(t, w.as("other.unoct", "GET", "/documents/doc_absent", ""), 404)
}

func TestOnePersonsRequestsAreBoundedAndNobodyElses(t *testing.T) {
	w := newBoundedWorld(t, bounds{refusals: 60, rates: web.Rates{Person: web.Rate{PerSecond: 0.05, Burst: 4}}})
	for _, person := range []string{"staff.wco", "machine.wco"} {
		for left := 3; left >= 0; left-- {
			a := w.as(person, "GET", "/me", "")
			want[api.Me](t, a, 200)
			if policy, now := a.Header.Get("RateLimit-Policy"), a.Header.Get("RateLimit"); policy !=
				`"requests";q=4;w=80` || !strings.HasPrefix(now, fmt.Sprintf(`"requests";r=%d;t=`, left)) {
				t.Errorf("%s, %d left: %s and %s", person, left, policy, now)
			}
		}
		p := busy(t, w.as(person, "GET", "/me", ""), "request/rate-limited")
		if len(p.Reasons) != 0 {
			t.Errorf("%s: %+v", person, p)
		}
		busy(t, w.deposit(declared, secret), "request/rate-limited")
	}
	want[api.Me](t, w.as("staff.unoct", "GET", "/me", ""), 200)
}
