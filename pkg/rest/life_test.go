package rest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// path takes the API's own base off a Location.
func path(a answer) string { return strings.TrimPrefix(a.Header.Get("Location"), "/api/v1") }

func TestReading0002LoweringTakesTwoPeopleOverHTTP(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	marking, lower := "/documents/"+doc.Id+"/marking", `{"marking":"non-confidential","statement":"Published in June"}`
	refused(t, w.as("focal.wco", "POST", marking, `{"marking":"secret"}`), 400, "request/unknown-value")
	refused(t, w.as("focal.unoct", "POST", marking, lower), 403)
	waits := want[api.Waiting](t, w.as("focal.wco", "POST", marking, lower), 202)
	if waits.Pending.Act != "mark" || !waits.Pending.ExpiresAt.After(time.Now()) {
		t.Errorf("waits %+v", waits)
	}
	refused(t, w.as("focal.wco", "POST", marking, lower), 409, "art4.9/second-person-missing")
	refused(t, w.as("deputy.wco", "POST", marking, lower), 428, "request/precondition-required")
	refused(t, w.as("deputy.wco", "POST", marking, lower, "If-Match", `"another"`), 412, "request/changed")
	etag := w.as("deputy.wco", "GET", "/documents/"+doc.Id, "").Header.Get("ETag")
	if seen := want[api.Document](t, w.as("deputy.wco", "POST", marking, lower, "If-Match", etag),
		200); seen.Marking != api.NonConfidential {
		t.Errorf("marked %s", seen.Marking)
	}
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
}

// Decision 0320: what a document says of itself is changed as it was seen, field by field.
func TestArticle4_9ADocumentIsAmendedOverHTTP(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	at, change := "/documents/"+doc.Id, `{"title":"Berths","review_by":"2099-01-31","statement":"A typo"}`
	etag := w.as("staff.wco", "GET", at, "").Header.Get("ETag")
	refused(t, w.as("staff.wco", "PATCH", at, change), 428, "request/precondition-required")
	refused(t, w.as("staff.wco", "PATCH", at, change, "If-Match", `"another"`), 412, "request/changed")
	refused(t, w.as("staff.unoct", "PATCH", at, change, "If-Match", etag), 403, "art4.9/no-authority")
	refused(t, w.as("focal.piu", "PATCH", at, change, "If-Match", etag), 404)
	for body, code := range map[string]string{`{"title":"Berths"}`: "request/missing-field",
		`{"marking":"restricted","statement":"x"}`:        "request/unknown-field",
		`{"review_by":"2099-02-30","statement":"x"}`:      "request/not-a-day",
		`{"purposes":[],"statement":"x"}`:                 "request/missing-field",
		`{"countries":["Kenya"],"statement":"A country"}`: "request/not-a-country"} {
		refused(t, w.as("staff.wco", "PATCH", at, body, "If-Match", etag), 400, code)
	}
	made := w.as("staff.wco", "PATCH", at, change, "If-Match", etag)
	amended := want[api.Document](t, made, 200)
	if *amended.Title != "Berths" || amended.ReviewBy.String() != "2099-01-31" || *amended.Version != *doc.Version {
		t.Errorf("amended: %+v", amended)
	}
	etag = made.Header.Get("ETag")
	refused(t, w.as("staff.wco", "PATCH", at, change, "If-Match", etag), 409)
	cleared := want[api.Document](t, w.as("staff.wco", "PATCH", at, `{"review_by":"","statement":"No day"}`, "If-Match",
		etag), 200)
	if cleared.ReviewBy != nil || *cleared.Title != "Berths" {
		t.Errorf("cleared: %+v", cleared)
	}
}

func TestArticle4_4AFiledAuthorizationTakesTwoSignatoriesOverHTTP(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(strings.Replace(declared, `"none"`, `["org_customs-exampleland"]`, 1),
		secret), 201)
	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions",
		`{"act":"authorize","statement":"Agreed"}`, "If-Match", w.etag(q.Id)), 201)
	filing := `{"entity":"org_customs-exampleland","given_by":"C. Rossi, ` +
		`Director","given_on":"2026-01-31","instrument_sha256":"` + sha + `","statement":"By letter"}`
	w.paper("focal.wco", q.Id)
	first := w.as("focal.wco", "POST", "/requests/"+q.Id+"/authorizations", filing)
	waits := want[api.Waiting](t, first, 202)
	if path(first) != "/confirmations/"+waits.Pending.Id {
		t.Errorf("confirmed at %s", path(first))
	}
	refused(t, w.confirmed("focal.wco", path(first)), 409, "art4.4/second-person-missing")
	shown := w.as("deputy.wco", "GET", path(first), "").Header.Get("ETag")
	// the body may be left out
	want[api.Confirmed](t, w.as("deputy.wco", "POST", path(first), "", "If-Match", shown), 200)
	if q = want[api.AccessRequest](t, w.as("deputy.wco", "GET", "/requests/"+q.Id, ""),
		200); q.State != api.RequestStateInForce {
		t.Errorf("%s, missing %+v", q.State, q.Missing)
	}
	refused(t, w.as("deputy.wco", "POST", path(first), "{}", "If-Match", shown), 404)
}

func TestArticle4_2AReleaseReachesAThirdPartyUntilItIsRecalled(t *testing.T) {
	w := newWorld(t)
	doc := w.depositAs("staff.wco", strings.Replace(declared, "confidential", "non-confidential", 1))
	at := "/documents/" + doc.Id
	refused(t, w.as("staff.customs", "GET", at, ""), 404)
	refused(t, w.as("focal.unoct", "POST", at+"/releases",
		`{"organisation":"org_customs-exampleland","purpose":"art2.e"}`), 422)
	made := w.as("focal.unoct", "POST", at+"/releases",
		`{"organisation":"org_customs-exampleland","purpose":"art2.e","statement":"For the port"}`)
	if r := want[api.Release](t, made, 201); r.ByDiscloser || r.ByOrganisation != "org_unoct" || path(made) != at {
		t.Errorf("released %+v at %s", r, path(made))
	}
	want[api.Disclosure](t, w.as("staff.customs", "POST", at+"/disclosures", reading), 201)
	history := want[api.HistoryPage](t, w.as("staff.wco", "GET", at+"/history", ""), 200)
	if len(history.Items) != 1 || history.Items[0].Organisation != "org_customs-exampleland" ||
		history.Items[0].Outcome != api.OutcomePermit {
		t.Errorf("history %+v", history)
	}
	want[api.Document](t, w.as("focal.wco", "POST", at+"/recall", `{"statement":"A mistake"}`), 200)
	if a := w.as("staff.customs", "POST", at+"/disclosures", reading); a.StatusCode < 400 {
		t.Errorf("after the recall: %d", a.StatusCode)
	}
	told := want[api.NoticePage](t, w.as("staff.customs", "GET", "/notices", ""), 200)
	told.Items = ofKind(told.Items, api.NoticeOfRecall)
	if len(told.Items) != 1 || len(told.Items[0].CopyNumbers) != 1 {
		t.Fatalf("told %+v", told)
	}
	answer := "/notices/" + told.Items[0].Id + "/acknowledgement"
	refused(t, w.as("staff.customs", "POST", answer, `{"disposition":"lost"}`), 400, "request/unknown-value")
	if n := want[api.Notice](t, w.as("staff.customs", "POST", answer,
		`{"disposition":"destroyed","statement":"Shredded"}`), 200); n.Acknowledged == nil {
		t.Errorf("acknowledged %+v", n)
	}
	refused(t, w.as("staff.customs", "POST", answer, `{"disposition":"kept"}`), 400, "request/missing-field")
	want[api.Notice](t, w.as("staff.customs", "POST", answer, `{"disposition":"kept","statement":"Our archive"}`), 200)
}

func TestArticle4_9ANewVersionCarriesNothingOver(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	at := "/documents/" + doc.Id
	want[api.Disclosure](t, w.as("staff.unoct", "POST", at+"/disclosures", reading), 201)
	version := func(metadata string) answer {
		body, kind := deposit(part{"metadata", "", metadata}, part{"content", "b.txt", secret + " Corrected."})
		return w.as("focal.wco", "POST", at+"/versions", body, "Content-Type", kind)
	}
	refused(t, version(`{"kind":"amends","statement":"x"}`), 400, "request/unknown-value")
	refused(t, version(`{"kind":"corrects"}`), 400, "request/missing-field")
	refused(t, version(`{"kind":"corrects","statement":"x","marking":"restricted"}`), 400, "request/unknown-field")
	refused(t, version(`{"kind":"corrects","statement":"x","derived_from":"none","size":3}`), 422,
		"gateway/size-mismatch")
	corrected := want[api.Document](t, version(
		`{"kind":"corrects","statement":"Two ports, not three","derived_from":"none"}`), 201)
	if *corrected.VersionNumber != 2 || *corrected.Version == *doc.Version {
		t.Errorf("corrected %+v", corrected)
	}
	if a := w.as("staff.unoct", "POST", at+"/disclosures", reading); a.StatusCode != 403 {
		t.Errorf("decision for the version before was carried over: %d", a.StatusCode)
	}
	versions := want[api.VersionPage](t, w.as("staff.wco", "GET", at+"/versions", ""), 200)
	if len(versions.Items) != 2 || versions.Items[0].Number != 2 || *versions.Items[0].Kind != api.Corrects ||
		!versions.Items[1].Closed {
		t.Errorf("versions %+v", versions)
	}
	told := want[api.NoticePage](t, w.as("staff.unoct", "GET", "/notices", ""), 200)
	told.Items = ofKind(told.Items, api.NoticeOfCorrection)
	if len(told.Items) != 1 || !strings.Contains(told.Items[0].Text, "Two ports, not three") {
		t.Errorf("the holder is told %+v", told)
	}
	destruction := at + "/versions/" + *doc.Version + "/destruction"
	want[api.Waiting](t, w.as("focal.wco", "POST", destruction, `{"statement":"The wrong file"}`), 202)
	if d := want[api.Destroyed](t, w.as("deputy.wco", "POST", destruction, `{"statement":"Seen, the wrong file"}`),
		200); !d.Destroyed {
		t.Errorf("%+v", d)
	}
	refused(t, w.as("deputy.wco", "POST", destruction, `{"statement":"Again"}`), 409)
}

func TestArticle4_4AnEntityNamedLaterAndRemovedByTwo(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	at := "/documents/" + doc.Id
	refused(t, w.as("focal.wco", "POST", at+"/entities", `{"statement":"x"}`), 400, "request/missing-field")
	want[api.Document](t, w.as("focal.wco", "POST", at+"/entities",
		`{"add":["org_customs-exampleland"],"statement":"It is theirs"}`), 200)
	refused(t, w.as("staff.unoct", "POST", at+"/disclosures", reading), 403, "art4.4/authorization-missing")
	remove := `{"remove":"org_customs-exampleland","statement":"It was not theirs"}`
	refused(t, w.as("focal.wco", "POST", at+"/entities", remove), 403, "art4.4/entity-was-asked")

	// Only before anything was put to it may two people of the Discloser take it off (reading 0001).
	at = "/documents/" + want[api.Document](t, w.deposit(declared, secret), 201).Id
	want[api.Document](t, w.as("focal.wco", "POST", at+"/entities",
		`{"add":["org_customs-exampleland"],"statement":"It is theirs"}`), 200)
	want[api.Waiting](t, w.as("focal.wco", "POST", at+"/entities", remove), 202)
	want[api.Document](t, w.as("deputy.wco", "POST", at+"/entities", remove), 200)
}

func TestQuestionsAreAnsweredAndDryRunsSayWhy(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	messages := "/requests/" + q.Id + "/messages"
	want[api.Message](t, w.as("focal.wco", "POST", messages, `{"text":"For which training?"}`), 201)
	want[api.Message](t, w.as("staff.unoct", "POST", messages, `{"text":"The one in May."}`), 201)
	page := want[api.MessagePage](t, w.as("focal.wco", "GET", messages, ""), 200)
	if len(page.Items) != 2 || page.Items[0].Kind != api.MessageQuestion || page.Items[1].Kind != api.MessageAnswer {
		t.Errorf("messages %+v", page)
	}
	me := want[api.Me](t, w.as("staff.unoct", "GET", "/me", ""), 200)
	about := fmt.Sprintf(`{"document":%q,"person":%q,"action":"disclose","purpose":"art2.e"}`, doc.Id, me.Person)
	said := want[api.Explanation](t, w.as("focal.wco", "POST", "/explain", about), 200)
	if said.Allowed || len(said.Reasons) == 0 || said.Rules == "" || said.LogEntry == nil {
		t.Errorf("explained %+v", said)
	}
	want[api.Explanation](t, w.as("staff.unoct", "POST", "/explain", about), 200)
	if a := w.as("other.unoct", "POST", "/explain", about); a.StatusCode != 403 {
		t.Errorf("about others: %d", a.StatusCode)
	}
	refused(t, w.as("focal.wco", "POST", "/explain", `{"document":"doc_1","action":"recall"}`), 400,
		"request/unknown-value")
}

func TestArticle4_6AStopHoldsUntilTwoPeopleLiftIt(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	refused(t, w.as("focal.wco", "POST", "/suspensions", `{"statement":"x"}`), 400, "request/missing-field")
	stop := want[api.Suspension](t,
		w.as("focal.wco", "POST", "/suspensions", `{"document":"`+doc.Id+`","statement":"A leak"}`), 201)
	refused(t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 403, "art4.6/suspended")
	lifting := "/suspensions/" + stop.Id + "/ending"
	want[api.Waiting](t, w.as("focal.wco", "POST", lifting, `{"statement":"No leak"}`), 202)
	if s := want[api.Suspension](t, w.as("deputy.wco", "POST", lifting, `{"statement":"None"}`),
		200); s.EndedAt == nil {
		t.Errorf("lifted %+v", s)
	}
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	if page := want[api.SuspensionPage](t, w.as("focal.wco", "GET", "/suspensions", ""), 200); len(page.Items) != 1 ||
		page.Items[0].EndedAt == nil {
		t.Errorf("suspensions %+v", page)
	}
}

// ofKind are the notices of one kind.
func ofKind(all []api.Notice, kind api.NoticeKind) []api.Notice {
	return slices.DeleteFunc(all, func(n api.Notice) bool { return n.Kind != kind })
}
