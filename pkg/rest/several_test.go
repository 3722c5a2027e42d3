package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/ledger"
)

func askingFor(documents ...string) string {
	list, _ := json.Marshal(documents)
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	return `{"documents":` + string(list) + `,"for":{"organisation":"org_unoct"},"purpose":"art2.e",` +
		`"statement":"Joint training in May","until":"` + until + `","form":"original"}`
}

// verifies exports the log of the WCO and verifies it as an auditor does.
func (w *world) verifies() {
	w.t.Helper()
	a := w.as("auditor.wco", "POST", "/log/exports", `{}`)
	if a.StatusCode != 200 {
		w.t.Fatalf("export: %d %s", a.StatusCode, a.body)
	}
	report, err := ledger.Verify(ledger.Bundle{R: bytes.NewReader(a.body), Size: int64(len(a.body))},
		ledger.Options{Keys: []note.Verifier{w.log}})
	must(w.t, err)
	if !report.Good {
		w.t.Errorf("an auditor finds %+v", report)
	}
}

// corrected deposits a version that corrects a typo.
func (w *world) corrected(document string) {
	w.t.Helper()
	body, kind := deposit(part{"metadata", "", `{"kind":"corrects","statement":"A typo","derived_from":"none"}`},
		part{"content", "a.txt", secret + " Corrected."})
	want[api.Document](w.t, w.as("staff.wco", "POST", "/documents/"+document+"/versions", body, "Content-Type", kind),
		201)
}

func problemCode(p *api.Problem) string {
	if p == nil {
		return ""
	}
	return p.Code
}

// "I need these six papers for May": one call asks for all, and what is none of mine holds up no other. "Six requests
// wait for me": the list, their six texts, one sign-in whose nonce is over all of them, and one call: three calls.
func TestSixPapersAreAskedForAtOnceAndDecidedWithOneSignIn(t *testing.T) {
	w := newWorld(t, func(w *world) { w.settings.AdmitNoEvidence = false })
	reader, focal := w.somebody("staff.unoct"), w.somebody("focal.wco")
	var docs []string
	for i := range 6 {
		docs = append(docs, want[api.Document](t, w.deposit(declared, fmt.Sprint(secret, i)), 201).Id)
	}
	asked := want[api.AskedSeveral](t, reader.post("/requests", askingFor(append(docs, "doc_no")...)), 200)
	reader.took(1, "asking for six papers")
	for i, one := range asked.Items[:6] {
		if one.Document != docs[i] || one.Request == nil || one.Problem != nil {
			t.Errorf("of %s: %+v", docs[i], one)
		}
	}
	if last := asked.Items[6]; problemCode(last.Problem) != "request/not-found" || last.Problem.LogEntry == nil {
		t.Errorf("of what is not there: %+v", last)
	}

	waits := want[api.AccessRequestPage](t, focal.get("/requests?box=inbox"), 200)
	var deciding []string
	for _, q := range waits.Items {
		deciding = append(deciding, `{"request":"`+q.Id+`","act":"authorize","statement":"Agreed"}`)
	}
	drafts := want[api.DraftedSeveral](t, focal.post("/decisions/draft",
		`{"decisions":[`+strings.Join(deciding, ",")+`]}`), 200)
	for i, one := range drafts.Items {
		if one.Text == nil || !strings.Contains(one.Text.Text, one.RequestId) {
			t.Fatalf("the text of %s: %+v", one.RequestId, one)
		}
		deciding[i] = strings.Replace(deciding[i], "{", `{"if_match":"`+*one.IfMatch+`",`, 1)
	}
	all := func(nonce string) string {
		return `{"decisions":[` + strings.Join(deciding, ",") + `],"evidence":{"kind":"oidc","id_token":"` +
			w.idToken(nonce) + `"}}`
	}
	decided := want[api.DecidedSeveral](t, focal.post("/decisions", all(*drafts.Nonce)), 200)
	focal.took(3, "deciding six")
	for _, one := range decided.Items {
		if one.Request == nil || one.Request.State != api.RequestStateInForce {
			t.Errorf("decided: %s %+v", one.RequestId, one.Problem)
		}
	}
	for _, id := range docs {
		want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+id+"/disclosures", reading), 201)
	}
	w.verifies()

	again := want[api.DecidedSeveral](t, focal.post("/decisions", all(*drafts.Nonce)), 200)
	for _, one := range again.Items { // the token gives what could be given when it was made, and nothing twice
		if one.Request != nil {
			t.Errorf("decided a second time: %+v", one.Request)
		}
	}
}

// Attackers of one sign-in for several: a token for one text alone, one for other texts, another person's, a state that
// is over, somebody without a Delegation. None of them decides anything, and one that fails holds up no other.
func TestOneSignInGivesTheTextsThatWereShownAndNoOthers(t *testing.T) {
	w := newWorld(t, func(w *world) { w.settings.AdmitNoEvidence = false })
	var ids, states []string
	for i := range 2 {
		doc := want[api.Document](t, w.deposit(declared, fmt.Sprint(secret, i)), 201)
		ids = append(ids, w.ask("staff.unoct", doc.Id, "org_unoct").Id)
		states = append(states, strings.Trim(w.etag(ids[i]), `"`))
	}
	one := func(i int, more string) string {
		return `{"request":"` + ids[i] + `","act":"authorize","statement":"Agreed","if_match":"` + states[i] + `"` +
			more + `}`
	}
	draft := func(decisions string) api.DraftedSeveral {
		return want[api.DraftedSeveral](t, w.as("focal.wco", "POST", "/decisions/draft",
			`{"decisions":[`+decisions+`]}`), 200)
	}
	both := draft(one(0, "") + "," + one(1, ""))
	first := draft(one(0, ""))
	send := func(person, decisions, nonce string) api.DecidedSeveral {
		return want[api.DecidedSeveral](t, w.as(person, "POST", "/decisions", `{"decisions":[`+decisions+
			`],"evidence":{"kind":"oidc","id_token":"`+w.idToken(nonce)+`"}}`), 200)
	}
	never := func(name, code string, got api.DecidedSeveral) {
		t.Helper()
		for _, item := range got.Items {
			if problemCode(item.Problem) != code {
				t.Errorf("%s, of %s: %s, want %s", name, item.RequestId, problemCode(item.Problem), code)
			}
		}
	}
	never("the nonce of one text", "art4.4/evidence-invalid",
		send("focal.wco", one(0, "")+","+one(1, ""), first.Items[0].Text.Nonce))
	never("the nonce of one of the two", "art4.4/evidence-invalid",
		send("focal.wco", one(0, "")+","+one(1, ""), *first.Nonce))
	never("other words than were shown", "art4.4/evidence-invalid",
		send("focal.wco", one(0, `,"conditions":"None may copy it"`)+","+one(1, ""), *both.Nonce))
	never("another order", "art4.4/evidence-invalid", send("focal.wco", one(1, "")+","+one(0, ""), *both.Nonce))
	never("another signatory's token", "art4.4/evidence-invalid",
		send("deputy.wco", one(0, "")+","+one(1, ""), *both.Nonce))
	never("staff", "art4.4/no-authority", send("staff.wco", one(0, "")+","+one(1, ""), *both.Nonce))
	states[0] = ids[0] + "-7"
	got := send("focal.wco", one(0, "")+","+one(1, ""), *both.Nonce)
	if problemCode(got.Items[0].Problem) != "request/changed" || got.Items[1].Request == nil {
		t.Errorf("a state that is over beside one that is not: %+v", got)
	}
	refused(t, w.as("focal.wco", "POST", "/decisions", `{"decisions":[]}`), 400, "request/missing-field")
	refused(t, w.as("focal.wco", "POST", "/decisions", `{"decisions":[`+
		strings.TrimSuffix(strings.Repeat(one(0, "")+",", 51), ",")+`]}`), 400, "request/too-many")
	for _, odd := range []string{"a free text", "doc_1", "req_", "req_A", "req_" + strings.Repeat("a", 61)} {
		said := strings.Replace(one(0, ""), ids[0], odd, 1)
		for _, path := range []string{"/decisions", "/decisions/draft"} {
			p := refused(t, w.as("focal.wco", "POST", path, `{"decisions":[`+said+","+one(1, "")+`]}`), 400,
				"request/unknown-value")
			if len(p.Errors) != 1 || p.Errors[0].Field != "decisions.request" {
				t.Errorf("%s with %q for a request: %+v", path, odd, p.Errors)
			}
		}
		refused(t, w.as("staff.unoct", "POST", "/requests", askingFor(odd+"é")), 400, "request/unknown-value")
	}
	w.verifies()
}

// "A typo was mended; does what you gave me hold for it as well?" The reader asks once, whoever decided is told and
// shown one text with both versions, and until then the old grant rests and gives nothing of the new version.
func TestATypoIsMendedWithoutAskingForEverythingAnew(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(secret)
	want[api.AccessRequest](t, w.as("focal.unoct", "POST", "/requests/"+q.Id+"/admissions",
		`{"people":["`+w.idOf("other.unoct")+`"]}`), 201)
	path := "/documents/" + doc.Id + "/disclosures"
	want[api.Disclosure](t, w.as("other.unoct", "POST", path, reading), 201)
	refused(t, w.as("staff.unoct", "POST", "/requests/"+q.Id+"/carry-over", `{}`), 409, "request/conflict")
	w.corrected(doc.Id)
	refused(t, w.as("staff.unoct", "POST", path, reading), 403, "art4.4/other-version")

	reader, focal := w.somebody("staff.unoct"), w.somebody("focal.wco")
	next := want[api.AccessRequest](t, reader.post("/requests/"+q.Id+"/carry-over", `{}`), 201)
	reader.took(1, "asking whether it serves")
	if *next.Carries != q.Id || next.State != api.RequestStateOpen || next.Version == q.Version ||
		next.Purpose != q.Purpose || *next.Statement != *q.Statement || !next.Until.Equal(q.Until) {
		t.Errorf("carried over: %+v", next)
	}
	refused(t, reader.post(path, reading), 403, "art4.4/authorization-missing")
	drafts := want[api.DraftedSeveral](t, focal.post("/decisions/draft",
		`{"decisions":[{"request":"`+next.Id+`","act":"authorize","statement":"It serves"}]}`), 200)
	for _, word := range []string{"serves this version as well as version sha-256: " + string(*doc.Sha256), q.Id} {
		if !strings.Contains(drafts.Items[0].Text.Text, word) {
			t.Errorf("the text does not say %q:\n%s", word, drafts.Items[0].Text.Text)
		}
	}
	want[api.DecidedSeveral](t, focal.post("/decisions", `{"decisions":[{"request":"`+next.Id+
		`","act":"authorize","statement":"It serves","if_match":"`+*drafts.Items[0].IfMatch+
		`"}],"evidence":{"kind":"none"}}`), 200)
	focal.took(2, "saying that it serves")
	for _, person := range []string{"staff.unoct", "other.unoct"} { // whoever could read may read again
		want[api.Disclosure](t, w.as(person, "POST", path, reading), 201)
	}
	w.verifies()
}

// Attackers: a third party and an entity carry over nothing that they have no standing for, somebody else's request is
// absent, and the Discloser's staff begin a delivery, which waits for a signatory.
func TestCarryingOverWidensNothing(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(secret)
	w.idOf("focal.piu")
	w.corrected(doc.Id)
	for _, person := range []string{"focal.piu", "staff.piu", "operator.operator", "focal.customs"} {
		refused(t, w.as(person, "POST", "/requests/"+q.Id+"/carry-over", `{}`), 404, "request/not-found")
	}
	refused(t, w.as("auditor.unoct", "POST", "/requests/"+q.Id+"/carry-over", `{}`), 403, "art4.6/not-admitted")
	given := want[api.AccessRequest](t, w.as("staff.wco", "POST", "/requests/"+q.Id+"/carry-over", `{}`), 201)
	if given.Delivery == nil || given.State != api.RequestStateOpen || len(*given.For.People) != 1 {
		t.Errorf("the Discloser's staff begin %+v", given)
	}
	refused(t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 403,
		"art4.4/authorization-missing")
	refused(t, w.as("staff.unoct", "POST", "/requests/"+q.Id+"/carry-over", `{"until":"2020-01-01T00:00:00Z"}`), 403,
		"art4.5/no-end-ahead")
}
