package rest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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

// What events are signed by is read by everybody whom a list shows anything: the public keys that sign now, the newest
// first, and never what they sign with.
func TestWhatSignsEventsIsReadWithoutWhatItSignsWith(t *testing.T) {
	w := newWorld(t)
	conn, err := pgx.Connect(t.Context(), w.db.SuperuserURL())
	must(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), `INSERT INTO webhook_key (id, public, private_sealed, at, ends_at) VALUES
		('key_over', '\x6f766572', '\x736563726574', now() - interval '3 days', now() - interval '1 day'),
		('key_former', '\x666f726d6572', '\x736563726574', now() - interval '2 days', now() + interval '1 day'),
		('key_now', '\x6e6f77', '\x736563726574', now(), NULL)`)
	must(t, err)
	a := w.as("staff.unoct", "GET", "/webhooks/keys", "")
	keys := want[api.WebhookKeys](t, a, 200).Keys
	if len(keys) != 2 || keys[0].Id != "key_now" || keys[0].EndsAt != nil || keys[1].Id != "key_former" ||
		keys[1].EndsAt == nil || !strings.HasPrefix(keys[1].Public, "whpk_") {
		t.Errorf("the keys are %s", a.body)
	}
	if none := want[api.WebhookKeys](t, w.as("staff.operator", "GET", "/webhooks/keys", ""), 200).Keys; len(none) > 0 {
		t.Errorf("the operator, to whom no list shows anything, reads %v", none)
	}
}
