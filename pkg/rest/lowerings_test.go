package rest_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// concerned declares a document by which Customs is concerned.
var concerned = strings.Replace(declared, `"none"`, `["org_customs-exampleland"]`, 1)

const (
	lower = `{"marking":"non-confidential","statement":"Published in June"}`
	yes   = `{"act":"authorize","statement":"It is known by now"}`
)

// putToCustoms begins a lowering of a new document by which Customs is concerned, and gives document and lowering.
func (w *world) putToCustoms() (doc, at string) {
	w.t.Helper()
	doc = w.depositAs("staff.wco", concerned).Id
	begun := want[api.Waiting](w.t, w.as("focal.wco", "POST", "/documents/"+doc+"/marking", lower), 202)
	return doc, "/lowerings/" + begun.Pending.Id
}

// TestArticle4_4AnEntityConcernedHasItsSayOnALowering: nothing that concerns an entity loses its protection without it.
func TestArticle4_4AnEntityConcernedHasItsSayOnALowering(t *testing.T) {
	w := newWorld(t)
	doc, at := w.putToCustoms()
	told := want[api.NoticePage](t, w.as("focal.customs", "GET", "/notices", ""), 200).Items
	if len(told) != 1 || told[0].Kind != "lowering" {
		t.Errorf("the entity is told %+v", told)
	}
	seen := want[api.LoweringPage](t, w.as("focal.customs", "GET", "/lowerings", ""), 200).Items
	if len(seen) != 1 || "/lowerings/"+seen[0].Id != at || !seen[0].Open || *seen[0].Statement != "Published in June" {
		t.Fatalf("put to the entity: %+v", seen)
	}
	// the second of the two does not lower it meanwhile
	refused(t, w.confirmed("deputy.wco", strings.Replace(at, "/lowerings/", "/confirmations/", 1)), 403,
		"art4.4/authorization-missing")
	for _, person := range []string{"staff.customs", "focal.wco", "deputy.wco"} {
		refused(t, w.as(person, "POST", at+"/decisions", yes), 403, "art4.4/no-authority")
	}
	for _, person := range []string{"focal.unoct", "staff.unoct", "focal.piu", "operator.operator"} {
		refused(t, w.as(person, "GET", at, ""), 404)
		refused(t, w.as(person, "POST", at+"/decisions", yes), 404)
	}
	given := want[api.Lowering](t, w.as("focal.customs", "POST", at+"/decisions", yes), 201)
	if len(given.Decisions) != 1 || given.Decisions[0].Act != "authorize" {
		t.Errorf("decided: %+v", given.Decisions)
	}
	refused(t, w.as("focal.customs", "POST", at+"/decisions", yes), 409)
	want[api.Confirmed](t, w.confirmed("deputy.wco", strings.Replace(at, "/lowerings/", "/confirmations/", 1)), 200)
	if now := want[api.Document](t, w.as("staff.wco", "GET", "/documents/"+doc, ""), 200); now.Marking !=
		"non-confidential" {
		t.Errorf("it is marked %s", now.Marking)
	}
	refused(t, w.as("focal.customs", "POST", at+"/decisions", yes), 409, "gateway/lowering-over")
	// it keeps sight of its decision, and may take it back: recorded, and told
	kept := want[api.Lowering](t, w.as("focal.customs", "GET", at, ""), 200)
	if len(kept.Decisions) != 1 || kept.Open {
		t.Errorf("kept: %+v", kept)
	}
	back := want[api.Lowering](t, w.as("focal.customs", "POST", at+"/withdrawal", `{"statement":"It was not"}`), 201)
	if back.Decisions[0].WithdrawnAt == nil {
		t.Errorf("taken back: %+v", back.Decisions)
	}
	refused(t, w.as("focal.customs", "POST", at+"/withdrawal", `{"statement":"It was not"}`), 409)
}

func TestArticle4_4AnEntitysRefusalOrWithdrawalStopsALowering(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ name, act, back, code string }{
		{"refused", `{"act":"refuse","statement":"It is ours"}`, "", "art4.4/authorization-refused"},
		{"withdrawn", yes, `{"statement":"No"}`, "art4.4/authorization-withdrawn"},
	} {
		_, at := w.putToCustoms()
		want[api.Lowering](t, w.as("focal.customs", "POST", at+"/decisions", c.act), 201)
		if c.back != "" {
			want[api.Lowering](t, w.as("focal.customs", "POST", at+"/withdrawal", c.back), 201)
		}
		refused(t, w.confirmed("deputy.wco", strings.Replace(at, "/lowerings/", "/confirmations/", 1)), 403, c.code)
	}
}

// TestArticle4_4NoOneButTheEntityTakesItOffOnceSomethingWasPutToIt: neither by striking its name nor by a lowering is
// the Discloser rid of an entity that was asked; by its own word it goes.
func TestArticle4_4NoOneButTheEntityTakesItOffOnceSomethingWasPutToIt(t *testing.T) {
	w := newWorld(t)
	doc, at := w.putToCustoms()
	remove := `{"remove":"org_customs-exampleland","statement":"Not theirs"}`
	refused(t, w.as("focal.wco", "POST", "/documents/"+doc+"/entities", remove), 403, "art4.4/entity-was-asked")
	off := "/documents/" + doc + "/not-concerned"
	const because = `{"statement":"These are not our figures"}`
	refused(t, w.as("staff.customs", "POST", off, because), 403, "art4.4/no-authority")
	refused(t, w.as("focal.unoct", "POST", off, because), 403, "art4.4/no-authority")
	refused(t, w.as("focal.wco", "POST", off, because), 403, "art4.4/no-authority")
	refused(t, w.as("focal.piu", "POST", off, because), 404)
	said := w.as("focal.customs", "POST", off, because, "Idempotency-Key", "once")
	first := want[api.NotConcerned](t, said, 201)
	again := want[api.NotConcerned](t, w.as("focal.customs", "POST", off, because, "Idempotency-Key", "once"), 201)
	if *again.LogEntry != *first.LogEntry || !again.At.Equal(first.At) {
		t.Errorf("said twice: %+v, %+v", first, again)
	}
	if now := w.as("staff.wco", "GET", "/documents/"+doc, ""); strings.Contains(string(now.body), "org_customs") {
		t.Errorf("still concerned: %s", now.body)
	}
	// what waits named Customs: it is begun again, by anybody who may
	refused(t, w.as("focal.customs", "GET", at, ""), 404)
	refused(t, w.confirmed("deputy.wco", strings.Replace(at, "/lowerings/", "/confirmations/", 1)), 409,
		"art4.9/second-person-missing")
	begun := w.as("deputy.wco", "POST", "/documents/"+doc+"/marking", lower)
	want[api.Waiting](t, begun, 202)
	want[api.Confirmed](t, w.confirmed("focal.wco", path(begun)), 200)
}

// TestReading0001WhoDecidedSeesAndTakesBackItsDecisionWhateverBecameOfTheDocument
func TestReading0001WhoDecidedSeesAndTakesBackItsDecisionWhateverBecameOfTheDocument(t *testing.T) {
	w := newWorld(t)
	doc := w.depositAs("staff.wco", concerned).Id
	q := w.ask("staff.unoct", doc, "org_unoct").Id
	tag := w.as("focal.customs", "GET", "/requests/"+q, "").Header.Get("ETag")
	want[api.AccessRequest](t, w.as("focal.customs", "POST", "/requests/"+q+"/decisions",
		`{"act":"authorize","statement":"Good"}`, "If-Match", tag), 201)
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q+"/decisions",
		`{"act":"authorize","statement":"Good"}`, "If-Match", w.etag(q)), 201)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc+"/disclosures", reading), 201)
	// the accounting of what left on its authorization is the entity's to see
	left := want[api.HistoryPage](t, w.as("focal.customs", "GET", "/documents/"+doc+"/history", ""), 200).Items
	if len(left) != 1 || left[0].Organisation != "org_unoct" || *left[0].Request != q {
		t.Errorf("what left on its authorization: %+v", left)
	}
	want[api.NotConcerned](t, w.as("focal.customs", "POST", "/documents/"+doc+"/not-concerned",
		`{"statement":"Not ours"}`), 201)
	kept := want[api.AccessRequest](t, w.as("focal.customs", "GET", "/requests/"+q, ""), 200)
	if len(kept.Decisions) == 0 {
		t.Error("it lost sight of its own decision")
	}
	mine := want[api.AccessRequestPage](t, w.as("focal.customs", "GET", "/requests?box=decided-by-us", ""), 200).Items
	if len(mine) != 1 || mine[0].Id != q {
		t.Errorf("of what it decided it lists %d", len(mine))
	}
	want[api.AccessRequest](t, w.as("focal.customs", "POST", "/requests/"+q+"/withdrawal", `{"statement":"No"}`), 201)
	refused(t, w.as("staff.unoct", "POST", "/documents/"+doc+"/disclosures", reading), 403)
}

// TestReading0002TheSecondPersonConfirmsWhatTheFirstSaw is finding 3 of gateway.md: a version deposited between the two
// was read by whom the first signatory never meant.
func TestReading0002TheSecondPersonConfirmsWhatTheFirstSaw(t *testing.T) {
	w := newWorld(t)
	doc := w.depositAs("staff.wco", declared).Id
	begun := w.as("focal.wco", "POST", "/documents/"+doc+"/marking", lower)
	want[api.Waiting](t, begun, 202)
	body, kind := deposit(part{"metadata", "", `{"kind":"updates","statement":"More","derived_from":"none"}`},
		part{"content", "a.txt", "V2: the first signatory never saw this"})
	want[api.Document](t, w.as("staff.wco", "POST", "/documents/"+doc+"/versions", body, "Content-Type", kind), 201)
	refused(t, w.confirmed("deputy.wco", path(begun)), 409, "art4.9/second-person-missing")
	tag := w.as("deputy.wco", "GET", "/documents/"+doc, "").Header.Get("ETag")
	again := w.as("deputy.wco", "POST", "/documents/"+doc+"/marking", lower, "If-Match", tag)
	want[api.Waiting](t, again, 202) // begins again, and is the first
	now := want[api.Document](t, w.as("focal.wco", "GET", "/documents/"+doc, ""), 200)
	if now.Marking != "confidential" {
		t.Errorf("it is marked %s", now.Marking)
	}
	want[api.Confirmed](t, w.confirmed("focal.wco", path(again)), 200)
}

// TestWhatIsRefusedEndsNothingThatWaits is the other half of finding 3: a back-dated notice, itself refused, dropped
// the one that waited.
func TestWhatIsRefusedEndsNothingThatWaits(t *testing.T) {
	w := newWorld(t)
	notice := func(day time.Time) string {
		return `{"given_on":"` + day.UTC().Format(time.DateOnly) + `","statement":"We close."}`
	}
	begun := w.as("focal.wco", "POST", "/arrangement/notice", notice(time.Now()))
	want[api.Waiting](t, begun, 202)
	refused(t, w.as("focal.wco", "POST", "/arrangement/notice", notice(time.Now().AddDate(0, 0, -9))), 422,
		"art11.4/notice-backdated")
	want[api.Confirmed](t, w.confirmed("deputy.wco", path(begun)), 200)
}
