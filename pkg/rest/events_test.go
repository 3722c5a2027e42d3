package rest_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// A call that waits is answered when something is told, and holds identifiers alone.
func TestEventsAreWaitedForAndHoldIdentifiersAlone(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	answered := make(chan answer, 1)
	go func() { answered <- w.as("staff.unoct", "GET", "/events?wait=30", "") }()
	for w.running.Figures().Waits != 1 {
		time.Sleep(5 * time.Millisecond)
	}
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions",
		`{"act":"authorize","statement":"Agreed between us"}`, "If-Match", w.etag(q.Id)), 201)
	told := <-answered
	page := want[api.EventPage](t, told, 200)
	if len(page.Items) != 1 || page.Items[0].Kind != "in-force" || page.Items[0].Request == nil ||
		*page.Items[0].Request != q.Id {
		t.Errorf("told %s", told.body)
	}
	for _, canary := range []string{doc.Reference, "Agreed between us", "staff of", secret} {
		if strings.Contains(string(told.body), canary) {
			t.Errorf("an event holds %q: %s", canary, told.body)
		}
	}
	began := time.Now()
	none := want[api.EventPage](t, w.as("staff.unoct", "GET", "/events?wait=1&after="+page.Items[0].Id, ""), 200)
	if len(none.Items) != 0 || time.Since(began) < time.Second {
		t.Errorf("behind the last event, after %s: %+v", time.Since(began), none)
	}
	for query, code := range map[string]string{"?wait=31": "request/out-of-range", "?wait=-1": "request/out-of-range",
		"?wait=x": "request/bad-parameter", "?after=not_x": "request/bad-cursor"} {
		refused(t, w.as("staff.unoct", "GET", "/events"+query, ""), 400, code)
	}
}
