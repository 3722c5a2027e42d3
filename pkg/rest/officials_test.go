package rest_test

import (
	"testing"
	"time"

	"chancery.example/gateway/api"
)

func TestArticle11_4NoticeTakesTwoOfficialsOverHTTP(t *testing.T) {
	w := newWorld(t)
	w.authorized(secret)
	today := time.Now().UTC()
	notice := `{"given_on":"` + today.Format(time.DateOnly) + `","statement":"The programme ends."}`
	refused(t, w.as("focal.wco", "POST", "/arrangement/notice", `{"given_on":"2022-01-01","statement":"x"}`), 422,
		"art11.4/notice-backdated")
	refused(t, w.as("focal.wco", "POST", "/arrangement/notice",
		`{"given_on":"`+today.Format(time.RFC3339)+`","statement":"x"}`), 400, "request/wrong-type")
	if page := want[api.WindDownPage](t, w.as("focal.wco", "GET", "/arrangement/wind-down", ""),
		200); len(page.Items) != 0 {
		t.Errorf("before notice: %+v", page)
	}
	first := w.as("focal.wco", "POST", "/arrangement/notice", notice)
	if n := want[api.Waiting](t, first, 202); path(first) != "/confirmations/"+n.Pending.Id {
		t.Errorf("after the first official: %+v at %s", n, path(first))
	}
	if seen := want[api.Arrangement](t, w.as("deputy.wco", "GET", "/arrangement", ""),
		200); seen.NoticeWaiting == nil || seen.Phase != api.InEffect {
		t.Errorf("the second official sees %+v", seen)
	}
	refused(t, w.as("deputy.wco", "POST", path(first), ""), 428, "request/precondition-required")
	refused(t, w.as("deputy.wco", "POST", path(first), "", "If-Match", `"another"`), 412, "request/changed")
	refused(t, w.confirmed("focal.wco", path(first)), 409, "art11.4/second-person-missing")
	refused(t, w.as("focal.unoct", "POST", path(first), "", "If-Match", `"another"`), 404)
	given := w.confirmed("deputy.wco", path(first))
	if done := want[api.Confirmed](t, given, 200); done.Act != "give-notice" || path(given) != "/arrangement" {
		t.Errorf("confirmed %+v at %s", done, path(given))
	}
	last := today.AddDate(0, 0, 90).Format(time.DateOnly)
	seen := want[api.Arrangement](t, w.as("focal.unoct", "GET", "/arrangement", ""), 200)
	if seen.Phase != api.NoticeGiven || seen.EndsOn == nil || seen.EndsOn.String() != last ||
		seen.NoticeWaiting != nil {
		t.Errorf("the other Party sees %+v", seen)
	}
	refused(t, w.as("focal.unoct", "POST", "/arrangement/notice", notice), 409, "art11.4/notice-stands")
	told := want[api.NoticePage](t, w.as("focal.unoct", "GET", "/notices", ""), 200)
	if len(told.Items) == 0 || told.Items[0].Kind != api.NoticeOfTermination {
		t.Errorf("told %+v", told)
	}
	want[api.WindDownPage](t, w.as("focal.unoct", "GET", "/arrangement/wind-down", ""), 200)
}

func TestADelegationIsFiledByOneOfficialAndConfirmedByAnother(t *testing.T) {
	w := newWorld(t)
	until := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
	filed := `{"subject":"other.wco","name":"Other","acts":["consent","authorize"],"since":"` +
		time.Now().UTC().Format(time.DateOnly) + `T00:00:00Z","` +
		`until":"` + until + `"`
	refused(t, w.as("focal.wco", "POST", "/arrangement/delegations", filed+`}`), 422, "gateway/no-instrument")
	refused(t, w.as("focal.wco", "POST", "/arrangement/delegations", `{"acts":["approve"]}`), 400,
		"request/unknown-value")
	w.paper("focal.wco", "")
	first := w.as("focal.wco", "POST", "/arrangement/delegations", filed+`,"instrument_sha256":"`+sha+`"}`)
	waits := want[api.Waiting](t, first, 202)
	if waits.Confirm.Href != "/api/v1"+path(first) {
		t.Errorf("confirmed at %s, or at %s", path(first), waits.Confirm.Href)
	}
	waiting := func(person string) (n int) {
		for _, d := range want[api.DelegationPage](t, w.as(person, "GET", "/arrangement/delegations", ""), 200).Items {
			if d.Waiting != nil {
				n++
			}
		}
		return n
	}
	if own, other := waiting("deputy.wco"), waiting("focal.unoct"); own != 1 || other != 0 {
		t.Errorf("%d wait for the own Party, %d for the other", own, other)
	}
	want[api.Confirmed](t, w.confirmed("deputy.wco", path(first)), 200)
	var stands string
	for _, d := range want[api.DelegationPage](t, w.as("focal.unoct", "GET", "/arrangement/delegations", ""),
		200).Items {
		if d.Name == "Other" {
			stands = *d.Id
		}
	}
	end := w.as("focal.wco", "POST", "/arrangement/delegations", `{"ends":"`+stands+`","instrument_sha256":"`+sha+`"}`)
	want[api.Waiting](t, end, 202)
	want[api.Confirmed](t, w.confirmed("deputy.wco", path(end)), 200)
	for _, d := range want[api.DelegationPage](t, w.as("focal.unoct", "GET", "/arrangement/delegations", ""),
		200).Items {
		if d.Id != nil && *d.Id == stands && d.EndedAt == nil {
			t.Errorf("shown to the other Party as in force: %+v", d)
		}
	}
}

func TestArticle5_3AFocalPointIsDesignatedInWriting(t *testing.T) {
	w := newWorld(t)
	named := `{"subject":"other.wco","name":"A. Other","instrument_sha256":"` + sha + `"}`
	w.paper("focal.wco", "")
	first := w.as("focal.wco", "POST", "/arrangement/focal-points", named)
	waits := want[api.Waiting](t, first, 202)
	page := want[api.FocalPointPage](t, w.as("deputy.wco", "GET", "/arrangement/focal-points", ""), 200)
	shown := 0
	for _, f := range page.Items {
		if f.Waiting != nil && f.Waiting.Name == "A. Other" {
			shown++
		}
	}
	if len(page.Items) != 2 || shown != 1 {
		t.Errorf("focal points %+v", page)
	}
	want[api.Confirmed](t, w.confirmed("deputy.wco", path(first)), 200)
	refused(t, w.as("deputy.wco", "POST", path(first), "", "If-Match", `"`+waits.Pending.Id+`/"`), 404)
}

func TestAThirdPartyIsOneWhenTheOtherPartyConfirmsOverHTTP(t *testing.T) {
	w := newWorld(t)
	const newcomer = `{"short":"newcomer","name":"Newcomer Lines","type":"carrier","issuer":"https://newcomer.example"}`
	refused(t, w.as("focal.piu", "POST", "/organisations", newcomer), 403)
	first := w.as("focal.wco", "POST", "/organisations", newcomer)
	want[api.Waiting](t, first, 202)
	proposed := want[api.Organisation](t, w.as("focal.unoct", "GET", "/organisations/org_newcomer", ""), 200)
	if proposed.State != "proposed" || proposed.Proposal == nil ||
		path(first) != "/confirmations/"+proposed.Proposal.Waiting.Id {
		t.Errorf("proposed %+v at %s", proposed, path(first))
	}
	refused(t, w.as("focal.unoct", "POST", path(first), ""), 428, "request/precondition-required")
	refused(t, w.as("focal.unoct", "POST", path(first), "", "If-Match", `"another"`), 412, "request/changed")
	refused(t, w.confirmed("deputy.wco", path(first)), 409, "gateway/second-person-missing")
	want[api.Confirmed](t, w.confirmed("focal.unoct", path(first)), 200)
	if o := want[api.Organisation](t, w.as("focal.unoct", "GET", "/organisations/org_newcomer", ""),
		200); o.State != "in-force" || o.Proposal != nil {
		t.Errorf("confirmed %+v", o)
	}
	want[api.Waiting](t, w.as("focal.unoct", "POST", "/organisations",
		`{"changes":"`+proposed.Id+`","name":"Newcomer `+
			`Shipping","type":"carrier","issuer":"https://newcomer.example"}`), 202)
	changed := want[api.Organisation](t, w.as("focal.unoct", "GET", "/organisations/org_newcomer", ""), 200)
	if changed.Name != "Newcomer Lines" || changed.Proposal == nil || changed.Proposal.Name != "Newcomer Shipping" {
		t.Errorf("changed %+v", changed)
	}
}
