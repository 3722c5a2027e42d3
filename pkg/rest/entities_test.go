package rest_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/api"
)

// TestNoRefusalTellsWhoIsConcerned: the same question about an entity concerned and about another organisation, and
// while something waits for the Discloser's second person or not, has the same answer for everybody but the Discloser.
func TestNoRefusalTellsWhoIsConcerned(t *testing.T) {
	w := newWorld(t)
	doc := w.depositAs("staff.wco", strings.Replace(declared, `"none"`, `["org_customs-exampleland"]`, 1)).Id
	free := w.depositAs("staff.wco", declared).Id
	// before anything is put to it: later only the entity itself may
	want[api.Waiting](t, w.as("focal.wco", "POST", "/documents/"+doc+"/entities",
		`{"remove":"org_customs-exampleland","statement":"x"}`), 202)
	q, other := w.ask("staff.unoct", doc, "org_unoct").Id, w.ask("staff.unoct", free, "org_unoct").Id
	want[api.Waiting](t, w.as("focal.wco", "POST", "/documents/"+doc+"/marking",
		`{"marking":"non-confidential","statement":"x"}`), 202)
	w.paper("focal.wco", q)
	filing := func(entity string) string {
		return `{"entity":"` + entity + `","given_by":"a","given_on":"2026-01-31","instrument_sha256":"` + sha +
			`","statement":"x"}`
	}
	want[api.Waiting](t, w.as("focal.wco", "POST", "/requests/"+q+"/authorizations", filing("org_customs-exampleland")),
		202)
	remove := func(entity string) string { return `{"remove":"` + entity + `","statement":"x"}` }
	for _, c := range []struct{ one, oneBody, two, twoBody string }{
		{"/requests/" + q + "/authorizations", filing("org_customs-exampleland"), "/requests/" + q + "/authorizations",
			filing("org_piu-exampleland")},
		{"/requests/" + q + "/authorizations", filing("org_customs-exampleland"),
			"/requests/" + other + "/authorizations", filing("org_customs-exampleland")},
		{"/documents/" + doc + "/entities", remove("org_customs-exampleland"), "/documents/" + doc + "/entities",
			remove("org_piu-exampleland")},
		{"/documents/" + doc + "/marking", `{"marking":"non-confidential","statement":"x"}`,
			"/documents/" + free + "/marking", `{"marking":"non-confidential","statement":"x"}`},
	} {
		for _, person := range []string{"staff.unoct", "focal.unoct"} {
			one, two := w.as(person, "POST", c.one, c.oneBody), w.as(person, "POST", c.two, c.twoBody)
			of := strings.NewReplacer(doc, "", free, "", q, "", other, "")
			if a, b := of.Replace(without(one)), of.Replace(without(two)); one.StatusCode != 403 || a != b {
				t.Errorf("%s, %s:\n%s\n%s", person, c.one, a, b)
			}
		}
	}
}

func TestArticle4_4AnEntityThatSignsInAuthorizesItself(t *testing.T) {
	w := newWorld(t)
	doc := w.depositAs("staff.wco", strings.Replace(declared, `"none"`, `["org_customs-exampleland"]`, 1)).Id
	q := w.ask("staff.unoct", doc, "org_unoct").Id
	w.paper("focal.wco", q)
	at := "/requests/" + q + "/authorizations"
	const filing = `{"entity":"org_customs-exampleland","given_by":"a","given_on":"2026-01-31","instrument_sha256":"` +
		sha + `","statement":"x"}`
	first := w.as("focal.wco", "POST", at, filing)
	want[api.Waiting](t, first, 202)
	want[api.Me](t, w.as("focal.customs", "GET", "/me", ""), 200)
	p := refused(t, w.confirmed("deputy.wco", path(first)), 403, "art4.4/entity-has-account")
	if len(p.Reasons) != 1 || p.Reasons[0].Remedy == nil {
		t.Errorf("refused as %+v", p.Reasons)
	}
	refused(t, w.as("deputy.wco", "POST", at, filing), 403, "art4.4/entity-has-account")
}

func TestAMachineClientFindsNothingBeyondItsMarkingsAndPurposes(t *testing.T) {
	w := newWorld(t) // limited to confidential and non-confidential, and to art2.e
	seen := w.depositAs("staff.wco", declared).Id
	marked := w.depositAs("staff.wco", strings.Replace(declared, `"confidential"`, `"restricted"`, 1)).Id
	meant := w.depositAs("staff.wco", strings.Replace(declared, `["art2.e"]`, `["art2.a"]`, 1)).Id
	w.ask("staff.unoct", seen, "org_unoct")
	w.ask("staff.unoct", marked, "org_unoct")
	documents := want[api.DocumentPage](t, w.as("machine.wco", "GET", "/documents", ""), 200)
	if len(documents.Items) != 1 || documents.Items[0].Id != seen {
		t.Errorf("it lists %d documents, want one", len(documents.Items))
	}
	if all := want[api.DocumentPage](t, w.as("staff.wco", "GET", "/documents", ""), 200); len(all.Items) != 3 {
		t.Errorf("a person lists %d documents", len(all.Items))
	}
	requests := want[api.AccessRequestPage](t, w.as("machine.wco", "GET", "/requests?box=inbox", ""), 200)
	if len(requests.Items) != 1 || requests.Items[0].Document != seen {
		t.Errorf("it lists %d requests, want one", len(requests.Items))
	}
	for _, hidden := range []string{marked, meant} {
		refused(t, w.as("machine.wco", "GET", "/documents/"+hidden, ""), 404)
	}
}
