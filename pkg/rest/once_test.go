package rest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/api"
)

// repeater does acts twice under one key, and something else under it.
type repeater struct {
	*world
	done map[string]bool // operations
	keys int
}

// twice sends an act as somebody of the world under a new key, and the same again: one result, no further entry, the
// same answer. other is something else under the same key; empty where there is nothing else to say.
func (r *repeater) twice(operation, person, path, body, other string, header ...string) answer {
	r.t.Helper()
	r.done[operation] = true
	r.keys++
	header = append(header, "Idempotency-Key", fmt.Sprint("key-", r.keys))
	method, _, _ := strings.Cut(operation, " ")
	first := r.as(person, method, path, body, header...)
	if first.StatusCode/100 != 2 {
		r.t.Fatalf("%s: %d %s", operation, first.StatusCode, first.body)
	}
	entries := r.entries()
	again := r.as(person, method, path, body, header...)
	if diff := cmp.Diff(told(first), told(again)); again.StatusCode != first.StatusCode || diff != "" {
		r.t.Errorf("%s, repeated: %d after %d\n%s", operation, again.StatusCode, first.StatusCode, diff)
	}
	if n := r.entries(); n != entries {
		r.t.Errorf("%s, repeated, has %d entries more", operation, n-entries)
	}
	if other == "" {
		return first
	}
	if strings.HasPrefix(other, "/") {
		path = other
	} else {
		body = other
	}
	if p := refused(r.t, r.as(person, method, path, body, header...), 422); p.Code != "request/key-reused" {
		r.t.Errorf("%s, something else under the key: %s", operation, p.Code)
	}
	return first
}

// told is what an answer says, but for what one could do next.
func told(a answer) any {
	var v any
	if json.Unmarshal(a.body, &v) != nil {
		return len(a.body) > 0
	}
	if o, is := v.(map[string]any); is {
		delete(o, "permissions")
		if _, stands := o["state"].([]any); stands { // over a document, where it is looked at
			delete(o, "state")
		}
	}
	return v
}

// asksOnly are the operations that change nothing: asked again, they are answered again. A part of a file that comes
// again is none of them, but has no key: it is refused, since its offset is behind what came.
var asksOnly = map[string]bool{"POST /explain": true, "POST /trace": true, "POST /requests/:id/decisions/draft": true,
	"POST /agreements/:id/signatures/draft": true, "POST /decisions/draft": true,
	"POST /series/:id/authorizations/draft": true,
	"PATCH /staged/:id":                     true,
	"POST /webhooks/:id/redelivery":         true} // it has the same sent again, which receivers tell by its number

// acts does the acts that are done once under their key, one thing at a time.
func (r *repeater) acts() {
	r.document()
	r.request()
	r.thirdParties()
	r.stops()
	r.holds()
	r.changes()
	r.entities()
	r.officials()
	r.gifts()
	r.several()
	r.series()
}

// series has one opened, authorized and taken back, each twice.
func (r *repeater) series() {
	opened := seriesOpened("Weekly indicators").with(nil)
	s := want[api.Series](r.t, r.twice("POST /series", "focal.wco", "/series", opened,
		strings.Replace(opened, "Weekly", "Daily", 1)), 201)
	path := "/series/" + s.Id + "/authorizations"
	given := standing(r.personOf("staff.unoct")).with(nil)
	a := want[api.StandingAuthorization](r.t, r.twice("POST /series/:id/authorizations", "focal.wco", path, given,
		strings.Replace(given, "each week", "each day", 1)), 201)
	r.twice("POST /series/:id/authorizations/:authorization/withdrawal", "focal.wco", path+"/"+a.Id+"/withdrawal",
		`{"statement":"x"}`, `{"statement":"y"}`)
}

func TestEveryActIsDoneOnceUnderItsKey(t *testing.T) {
	r := &repeater{world: newWorld(t), done: map[string]bool{}}
	r.acts()
	r.twice("POST /log/exports", "auditor.wco", "/log/exports", `{}`, `{"kind":"consent"}`)
	readContract(t).operations(t, func(key, _, verb string, _ operation) {
		if (verb == "POST" || verb == "PATCH") && r.done[key] == asksOnly[key] {
			t.Errorf("%s: tried under a key %v, changes nothing %v; exactly one must hold", key, r.done[key],
				asksOnly[key])
		}
	})
}

func (r *repeater) document() {
	body, kind := deposit(part{"metadata", "", declared}, part{"content", "a.txt", secret})
	other, _ := deposit(part{"metadata", "", declared}, part{"content", "a.txt", secret + "!"})
	doc := want[api.Document](r.t,
		r.twice("POST /documents", "staff.wco", "/documents", body, other, "Content-Type", kind), 201)
	body, kind = deposit(part{"metadata", "", `{"kind":"corrects","statement":"x","derived_from":"none"}`},
		part{"content", "a.txt", secret + "?"})
	other, _ = deposit(part{"metadata", "", `{"kind":"updates","statement":"x","derived_from":"none"}`},
		part{"content", "a.txt", secret + "?"})
	r.twice("POST /documents/:id/versions", "staff.wco", "/documents/"+doc.Id+"/versions", body, other, "Content-Type",
		kind)
	body, kind = deposit(part{"metadata", "", `{"marking":"confidential"}`}, part{"content", "a.txt", secret + "2"})
	other, _ = deposit(part{"metadata", "", `{"marking":"confidential"}`}, part{"content", "a.txt", secret + "3"})
	file := want[api.Staged](r.t, r.twice("POST /staged", "staff.wco", "/staged", body, other, "Content-Type", kind),
		201)
	r.twice("POST /documents", "staff.wco", "/documents", staging(file.Id, declared),
		staging(file.Id, strings.Replace(declared, "Q3", "Q4", 1)))
	path := "/documents/" + doc.Id + "/versions/" + *doc.Version + "/destruction"
	r.twice("POST /documents/:id/versions/:version/destruction", "focal.wco", path, `{"statement":"x"}`,
		`{"statement":"y"}`)
	r.twice("POST /documents/:id/versions/:version/destruction", "deputy.wco", path, `{"statement":"x"}`,
		`{"statement":"y"}`)
}

func (r *repeater) several() {
	doc := want[api.Document](r.t, r.deposit(declared, secret+"several"), 201)
	asked := want[api.AskedSeveral](r.t, r.twice("POST /requests", "staff.unoct", "/requests",
		askingFor(doc.Id), askingFor(doc.Id, doc.Id)), 200)
	one := asked.Items[0].Request
	seen := strings.Trim(r.etag(one.Id), `"`)
	deciding := `{"decisions":[{"request":"` + one.Id + `","act":"authorize","if_match":"` + seen + `",` +
		`"statement":"x"}],"evidence":{"kind":"none"}}`
	r.twice("POST /decisions", "focal.wco", "/decisions", deciding, strings.Replace(deciding, "x", "y", 1))
	r.corrected(doc.Id)
	r.twice("POST /requests/:id/carry-over", "staff.unoct", "/requests/"+one.Id+"/carry-over", `{}`,
		`{"statement":"y"}`)
}

func (r *repeater) gifts() {
	doc := want[api.Document](r.t, r.deposit(declared, secret), 201)
	staff := r.idOf("staff.unoct")
	office := want[api.Office](r.t, r.twice("POST /offices", "focal.unoct", "/offices", `{"name":"A desk"}`,
		`{"name":"Another desk"}`), 201)
	r.twice("POST /offices/:id/members", "focal.unoct", "/offices/"+office.Id+"/members", `{"add":["`+staff+`"]}`,
		`{"remove":["`+staff+`"]}`)
	given := r.giving(`"offices":["` + office.Id + `"]`)
	r.twice("POST /documents/:id/deliveries", "focal.wco", "/documents/"+doc.Id+"/deliveries", given,
		strings.Replace(given, "May", "June", 1))
}

func (r *repeater) request() {
	doc := want[api.Document](r.t, r.deposit(declared, secret), 201)
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	ask := `{"for":{"organisation":"org_unoct"},"purpose":"art2.e","statement":"x","until":"` + until +
		`","form":"original"}`
	q := want[api.AccessRequest](r.t,
		r.twice("POST /documents/:id/requests", "staff.unoct", "/documents/"+doc.Id+"/requests", ask,
			strings.Replace(ask, "x", "y", 1)), 201)
	path := "/requests/" + q.Id
	r.twice("POST /requests/:id/messages", "focal.wco", path+"/messages", `{"text":"What for?"}`, `{"text":"Why?"}`)
	r.twice("POST /requests/:id/messages", "staff.unoct", path+"/messages", `{"text":"For this."}`,
		`{"text":"For that."}`)
	r.twice("POST /requests/:id/decisions", "focal.wco", path+"/decisions", `{"act":"authorize","statement":"x"}`,
		`{"act":"refuse","statement":"x"}`, "If-Match", r.etag(q.Id))
	other := want[api.Me](r.t, r.as("other.unoct", "GET", "/me", ""), 200).Person
	r.twice("POST /requests/:id/admissions", "focal.unoct", path+"/admissions", `{"people":["`+other+`"]}`,
		`{"people":["per_x"]}`)
	r.twice("POST /documents/:id/disclosures", "staff.unoct", "/documents/"+doc.Id+"/disclosures", reading,
		strings.Replace(reading, "joint", "other", 1))
	r.twice("POST /requests/:id/withdrawal", "focal.wco", path+"/withdrawal", `{"statement":"x"}`, `{"statement":"y"}`)
	notices := want[api.NoticePage](r.t, r.as("staff.unoct", "GET", "/notices", ""), 200)
	r.twice("POST /notices/:id/acknowledgement", "staff.unoct", "/notices/"+notices.Items[0].Id+"/acknowledgement",
		`{"disposition":"returned"}`, `{"disposition":"destroyed"}`)
}

func (r *repeater) thirdParties() {
	agreement := `{"organisation":"org_piu-exampleland","text":"We keep it."}`
	a := want[api.Agreement](r.t, r.twice("POST /agreements", "focal.wco", "/agreements", agreement,
		strings.Replace(agreement, "it", "all", 1)), 201)
	signing := `{"text_sha256":"` + a.TextSha256 + `","name":"a","function":"b","authority":"c","accepts":true}`
	r.twice("POST /agreements/:id/signatures", "focal.piu", "/agreements/"+a.Id+"/signatures", signing,
		strings.Replace(signing, `"a"`, `"z"`, 1))
	unwanted := want[api.Agreement](r.t, r.as("focal.wco", "POST", "/agreements",
		strings.Replace(agreement, "it", "nothing", 1)), 201)
	r.twice("POST /agreements/:id/declining", "focal.piu", "/agreements/"+unwanted.Id+"/declining", `{"statement":"x"}`,
		`{"statement":"y"}`)
	free := r.depositAs("staff.wco", strings.Replace(declared, "confidential", "non-confidential", 1)).Id
	release := `{"organisation":"org_piu-exampleland","purpose":"art2.e","statement":"x"}`
	rel := want[api.Release](r.t, r.twice("POST /documents/:id/releases", "focal.wco", "/documents/"+free+"/releases",
		release, strings.Replace(release, `"x"`, `"y"`, 1)), 201)
	r.twice("POST /documents/:id/releases/:release/ending", "focal.wco", "/documents/"+free+"/releases/"+rel.Id+
		"/ending", `{"statement":"x"}`, `{"statement":"y"}`)
	named := r.depositAs("staff.wco", strings.Replace(declared, `"none"`, `["org_customs-exampleland"]`, 1)).Id
	asked := r.ask("staff.unoct", named, "org_unoct").Id
	path := "/requests/" + asked + "/authorizations"
	body, kind := deposit(part{"metadata", "", `{"request":"` + asked + `"}`}, part{"content", "a.pdf", signedPaper})
	other, _ := deposit(part{"metadata", "", `{"request":"` + asked + `"}`},
		part{"content", "a.pdf", signedPaper + "!"})
	r.twice("POST /instruments", "focal.wco", "/instruments", body, other, "Content-Type", kind)
	filing := `{"entity":"org_customs-exampleland","given_by":"a","given_on":"2026-01-31","instrument_sha256":"` + sha +
		`","statement":"x"}`
	waits := want[api.Waiting](r.t,
		r.twice("POST /requests/:id/authorizations", "focal.wco", path, filing,
			strings.Replace(filing, `"x"`, `"y"`, 1)), 202)
	r.confirmedTwice("deputy.wco", waits.Pending.Id)
	// What the first began is told again after the second confirmed it.
	if again := want[api.Waiting](r.t,
		r.as("focal.wco", "POST", path, filing, "Idempotency-Key", fmt.Sprint("key-", r.keys-1)),
		202); again.Pending.Id != waits.Pending.Id {
		r.t.Errorf("the first half is told as %+v", again.Pending)
	}
}

func (r *repeater) stops() {
	doc := want[api.Document](r.t, r.deposit(declared, secret+"stop"), 201).Id
	r.twice("POST /documents/:id/leak-reports", "staff.unoct", "/documents/"+doc+"/leak-reports", `{"statement":"x"}`,
		`{"statement":"y"}`)
	stop := `{"document":"` + doc + `","statement":"x"}`
	s := want[api.Suspension](r.t,
		r.twice("POST /suspensions", "focal.wco", "/suspensions", stop, strings.Replace(stop, `"x"`, `"y"`, 1)), 201)
	for _, person := range []string{"focal.wco", "deputy.wco"} {
		r.twice("POST /suspensions/:id/ending", person, "/suspensions/"+s.Id+"/ending", `{"statement":"x"}`,
			`{"statement":"y"}`)
	}
}

func (r *repeater) holds() {
	doc := want[api.Document](r.t, r.deposit(declared, secret+"hold"), 201)
	hold := `{"document":"` + doc.Id + `","statement":"x"}`
	h := want[api.Hold](r.t, r.twice("POST /holds", "auditor.wco", "/holds", hold,
		strings.Replace(hold, `"x"`, `"y"`, 1)), 201)
	for _, person := range []string{"auditor.wco", "focal.wco"} {
		r.twice("POST /holds/:id/ending", person, "/holds/"+h.Id+"/ending", `{"statement":"x"}`, `{"statement":"y"}`)
	}
	erasure := `{"entry":"` + r.depositEntry(doc.Id) + `","field":"title","legal_basis":"x"}`
	for _, person := range []string{"focal.wco", "deputy.wco"} {
		r.twice("POST /erasures", person, "/erasures", erasure, strings.Replace(erasure, `"x"`, `"y"`, 1))
	}
}

func (r *repeater) changes() {
	made := r.deposit(declared, secret+"change")
	doc := want[api.Document](r.t, made, 201).Id
	lower := `{"marking":"non-confidential","statement":"x"}`
	for _, person := range []string{"focal.wco", "deputy.wco"} {
		r.twice("POST /documents/:id/marking", person, "/documents/"+doc+"/marking", lower,
			strings.Replace(lower, `"x"`, `"y"`, 1), "If-Match", made.Header.Get("ETag"))
	}
	r.twice("POST /documents/:id/marking", "focal.wco", "/documents/"+doc+"/marking",
		`{"marking":"restricted","statement":"x"}`, `{"marking":"confidential","statement":"x"}`)
	etag := r.as("focal.wco", "GET", "/documents/"+doc, "").Header.Get("ETag")
	r.twice("PATCH /documents/:id", "focal.wco", "/documents/"+doc, `{"title":"T","statement":"x"}`,
		`{"title":"U","statement":"x"}`, "If-Match", etag)
	add := `{"add":["org_piu-exampleland"],"statement":"x"}`
	r.twice("POST /documents/:id/entities", "focal.wco", "/documents/"+doc+"/entities", add,
		strings.Replace(add, `"x"`, `"y"`, 1))
	r.twice("POST /documents/:id/recall", "focal.wco", "/documents/"+doc+"/recall", `{"statement":"x"}`,
		`{"statement":"y"}`)
}

func (r *repeater) entities() {
	doc, at := r.putToCustoms()
	r.twice("POST /lowerings/:id/decisions", "focal.customs", at+"/decisions", yes, strings.Replace(yes, "authorize",
		"refuse", 1))
	r.twice("POST /lowerings/:id/withdrawal", "focal.customs", at+"/withdrawal", `{"statement":"x"}`,
		`{"statement":"y"}`)
	r.twice("POST /documents/:id/not-concerned", "focal.customs", "/documents/"+doc+"/not-concerned",
		`{"statement":"x"}`, `{"statement":"y"}`)
}

func (r *repeater) webhooks() {
	body, other := `{"address":"https://receiver.example/1"}`, `{"address":"https://receiver.example/2"}`
	for _, person := range []string{"deputy.wco", "focal.wco"} {
		r.twice("POST /webhooks", person, "/webhooks", body, other)
	}
	for _, w := range want[api.WebhookPage](r.t, r.as("focal.wco", "GET", "/webhooks", ""), 200).Items {
		want[api.Webhook](r.t, r.as("focal.wco", "DELETE", "/webhooks/"+*w.Id, ""), 200)
	}
}

func (r *repeater) officials() {
	r.webhooks()
	newcomer := `{"short":"newcomer","name":"Newcomer","type":"carrier","issuer":"https://newcomer.example"}`
	o := want[api.Waiting](r.t, r.twice("POST /organisations", "focal.wco", "/organisations", newcomer,
		strings.Replace(newcomer, "Newcomer", "Other", 1)), 202)
	r.confirmedTwice("focal.unoct", o.Pending.Id)
	r.mandates()
	until := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
	r.paper("focal.wco", "")
	instrument := `"instrument_sha256":"` + sha + `"}`
	filed := `{"subject":"other.wco","name":"Other","acts":["consent"],"since":"` +
		time.Now().UTC().Format(time.DateOnly) + `T00:00:00Z","until":"` +
		until + `",` + instrument
	r.second("delegations", filed)
	var standing string
	for _, d := range want[api.DelegationPage](r.t, r.as("focal.wco", "GET", "/arrangement/delegations", ""),
		200).Items {
		if strings.HasPrefix(d.Name, "Other") {
			standing = *d.Id
		}
	}
	r.second("delegations", `{"ends":"`+standing+`",`+instrument)
	r.second("focal-points", `{"subject":"other.wco","name":"Other",`+instrument)
	notice := `{"given_on":"` + time.Now().UTC().Format(time.DateOnly) + `","statement":"x"}`
	waits := want[api.Waiting](r.t,
		r.twice("POST /arrangement/notice", "focal.wco", "/arrangement/notice", notice,
			strings.Replace(notice, `"x"`, `"y"`, 1)), 202)
	r.confirmedTwice("deputy.wco", waits.Pending.Id)
}

// second has one official say something and another confirm it, each twice.
func (r *repeater) second(of, said string) answer {
	other := strings.Replace(said, sha, strings.Replace(sha, "a", "b", 1), 1)
	waits := want[api.Waiting](r.t, r.twice("POST /arrangement/"+of, "focal.wco", "/arrangement/"+of, said, other), 202)
	return r.confirmedTwice("deputy.wco", waits.Pending.Id)
}

// confirmedTwice has the second person confirm twice what waits.
func (r *repeater) confirmedTwice(person, pending string) answer {
	r.t.Helper()
	path := "/confirmations/" + pending
	shown := r.as(person, "GET", path, "").Header.Get("ETag")
	return r.twice("POST /confirmations/:id", person, path, `{"statement":"y"}`, `{"statement":"z"}`, "If-Match", shown)
}

// mandates has one Party propose who speaks for a third party and the other confirm it, each twice, and it ended.
func (r *repeater) mandates() {
	path := "/organisations/org_piu-exampleland/mandates"
	said := r.mandate("staff.piu").with(nil)
	other := strings.Replace(said, "Analyst", "Clerk", 1)
	waits := want[api.Waiting](r.t, r.twice("POST /organisations/:id/mandates", "focal.wco", path, said, other), 202)
	r.confirmedTwice("focal.unoct", waits.Pending.Id)
	stands := want[api.MandatePage](r.t, r.as("focal.wco", "GET", path, ""), 200).Items[0]
	r.twice("POST /organisations/:id/mandates", "focal.piu", path, `{"ends":"`+*stands.Id+`"}`, said)
}
