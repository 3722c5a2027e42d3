package rest_test

import (
	"testing"

	"chancery.example/gateway/api"
)

func TestAnActRepeatedUnderItsIdempotencyKeyIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	deposited := func(content string) answer {
		body, kind := deposit(part{"metadata", "", declared}, part{"content", "a.txt", content})
		return w.as("staff.wco", "POST", "/documents", body, "Content-Type", kind, "Idempotency-Key", "deposit-1")
	}
	first := want[api.Document](t, deposited(secret), 201)
	repeated := deposited(secret)
	if again := want[api.Document](t, repeated, 201); again.Id != first.Id {
		t.Errorf("a deposit repeated under its key made %s beside %s", again.Id, first.Id)
	}
	if replayed := repeated.Header.Get("Idempotency-Replayed"); replayed != "true" {
		t.Errorf("a deposit repeated: Idempotency-Replayed %q", replayed)
	}
	want[api.Problem](t, deposited(secret+"!"), 422)
	asked := func(body string) answer {
		return w.as("staff.unoct", "POST", "/documents/"+first.Id+"/requests", body, "Idempotency-Key", "ask-1")
	}
	q := want[api.AccessRequest](t,
		asked(`{"for":{"organisation":"org_unoct"},"purpose":"art2.e","statement":"Training","until":"2099-01-31T00:`+
			`00:00Z"}`), 201)
	twice := asked(`{ "until":"2099-01-31T00:00:00Z", "purpose":"art2.e","statement":"Training", ` +
		`"for":{"organisation":"org_unoct"}}`)
	same := want[api.AccessRequest](t, twice, 201)
	if replayed := twice.Header.Get("Idempotency-Replayed"); replayed != "true" {
		t.Errorf("a request repeated: Idempotency-Replayed %q", replayed)
	}
	if q.Id != same.Id {
		t.Errorf("a request repeated under its key, its JSON ordered otherwise, made %s beside %s", same.Id, q.Id)
	}
	other := asked(`{"for":{"organisation":"org_unoct"},"purpose":"art2.f","statement":"Training",` +
		`"until":"2099-01-31T00:00:00Z"}`)
	p := want[api.Problem](t, other, 422)
	if other.Header.Get("Idempotency-Replayed") != "" {
		t.Error("what was not done before is told as a repetition")
	}
	if p.Code != "request/key-reused" {
		t.Errorf("the same key with another body: %s; want request/key-reused", p.Code)
	}
	want[api.Problem](t, w.as("staff.unoct", "POST", "/documents/"+first.Id+"/requests", `{}`, "Idempotency-Key",
		"two words"), 400)
}

func TestACopyNumberLeadsToItsReaderOverTheAPI(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	d := want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	found := want[api.TracedCopies](t, w.as("focal.wco", "POST", "/trace", `{"text":"seen: `+d.CopyNumber+`"}`), 200)
	if len(found.Items) != 1 || found.Items[0].LogEntry != d.LogEntry {
		t.Errorf("the number leads to %+v; want the disclosure %s", found.Items, d.Id)
	}
	refused(t, w.as("staff.wco", "POST", "/trace", `{"text":"`+d.CopyNumber+`"}`), 403, "art4.6/not-admitted")
	want[api.Suspension](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/leak-reports",
		`{"statement":"It was in a newspaper."}`), 201)
	refused(t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 403, "art4.6/suspended")
}
