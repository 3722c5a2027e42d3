package rest_test

import (
	"encoding/csv"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack/devtest"
)

// "What did this person do? What of it was refused for want of an authorization? What did the unit in Exampleland get,
// and on which request? And leave my own readings out." One call for each question, and each is one entry.
func TestAnAuditorAsksByPersonReasonMarkingBeneficiaryAndRequest(t *testing.T) {
	w := newWorld(t)
	doc, own := w.authorized(secret)
	path := "/documents/" + doc.Id + "/disclosures"
	refused(t, w.as("other.unoct", "POST", path, reading), 403, "art4.6/not-admitted")
	want[api.Disclosure](t, w.as("staff.unoct", "POST", path, reading), 201)
	abroad := w.ask("focal.unoct", doc.Id, "org_piu-exampleland")
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+abroad.Id+"/decisions",
		`{"act":"consent","statement":"For the training","evidence":{"kind":"none"},"agreement_required":false}`,
		"If-Match", w.etag(abroad.Id)), 201)
	want[api.AccessRequest](t, w.as("focal.piu", "POST", "/requests/"+abroad.Id+"/admissions",
		`{"people":["`+w.idOf("staff.piu")+`"]}`), 201)
	want[api.Disclosure](t, w.as("staff.piu", "POST", path, reading), 201)

	auditor := w.somebody("auditor.wco")
	kinds := func(filter string) string {
		before := w.entries()
		page := want[api.LogEntryPage](t, auditor.get("/log/entries?"+filter), 200)
		if n := w.entries() - before; n != 1 {
			t.Errorf("%s: %d entries", filter, n)
		}
		var out []string
		for _, e := range page.Items {
			out = append(out, e.Kind+" "+string(e.Outcome))
		}
		return strings.Join(out, ", ")
	}
	for filter, wanted := range map[string]string{
		"person=" + w.idOf("other.unoct"):                              "disclosure refuse",
		"person=" + w.idOf("staff.unoct") + "&kind=request,disclosure": "disclosure permit, request permit",
		"reason=art4.6/not-admitted":                                   "disclosure refuse",
		"reason=art4.6/not-admitted&person=" + w.idOf("staff.unoct"):   "",
		"beneficiary=org_piu-exampleland": "disclosure permit, admission permit, consent permit, " +
			"request permit",
		"beneficiary=org_piu-exampleland&kind=disclosure": "disclosure permit",
		"request=" + own.Id: "disclosure permit, authorization permit, request permit",
		"marking=confidential&beneficiary=org_unoct&kind=deposit": "deposit permit",
		"marking=restricted": "",
		"without=reading,configuration,disclosure,completion&document=" + doc.Id: "admission permit, consent permit, " +
			"request permit, authorization permit, request permit, deposit permit",
	} {
		if got := kinds(filter); got != wanted {
			t.Errorf("%s: %q, want %q", filter, got, wanted)
		}
	}
	for filter, field := range map[string]string{"kind=deposit,faxed": "kind", "without=faxed": "without",
		"reason=art9.9/none": "reason", "marking=faxed": "marking"} {
		p := refused(t, auditor.get("/log/entries?"+filter), 400, "request/unknown-value")
		if p.Errors[0].Field != field {
			t.Errorf("%s: %+v", filter, p.Errors)
		}
	}
	for _, person := range []string{"focal.wco", "staff.unoct", "auditor.piu"} { // nobody but a Party's auditor
		if a := w.as(person, "GET", "/log/entries?person=x", "", "Accept", "text/csv"); a.StatusCode != 403 {
			t.Errorf("%s: %d", person, a.StatusCode)
		}
	}
}

// The board wants a table: the same pages, with the way to the next.
func TestAnAuditorTakesThePagesAsATable(t *testing.T) {
	w := newWorld(t)
	w.authorized(secret)
	devtest.Eventually(t, "each of the three has its place in the log", func() bool {
		all := w.as("auditor.wco", "GET", "/log/entries?kind=deposit,request,authorization", "")
		return len(want[api.LogEntryPage](t, all, 200).Items) == 3
	})
	var rows [][]string
	path := "/log/entries?limit=2&kind=deposit,request,authorization"
	for turns := 0; path != "" && turns < 5; turns++ {
		a := w.as("auditor.wco", "GET", path, "", "Accept", "text/csv")
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv; charset=utf-8") {
			t.Fatalf("%d %v %s", a.StatusCode, a.Header, a.body)
		}
		got, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		must(t, err)
		if got[0][0] != "number" || len(got) > 3 {
			t.Errorf("the table %q", got)
		}
		rows = append(rows, got[1:]...)
		link, _, _ := strings.Cut(strings.TrimPrefix(a.Header.Get("Link"), "<"), ">")
		u, err := url.Parse(link)
		must(t, err)
		if path = ""; link != "" {
			path = strings.TrimPrefix(u.RequestURI(), "/api/v1")
		}
	}
	if len(rows) == 3 && !strings.HasPrefix(rows[2][12], "D-") {
		t.Errorf("the reference of the document: %q", rows[2])
	}
	if len(rows) != 3 || rows[0][4] != "authorization" || rows[2][4] != "deposit" || rows[0][5] != "permit" {
		t.Errorf("%d rows: %q", len(rows), rows)
	}
}

// What only begins does not read as if it were done, to whomever it is told: each half of an act of two people says
// which it is, and the act of one says nothing.
func TestEachHalfOfAnActOfTwoSaysWhichItIs(t *testing.T) {
	w := newWorld(t)
	doc := w.put(nil)
	w.done(confirm("deputy.wco", w.waits(post("focal.wco", "/documents/"+doc+"/marking",
		fields{"marking": "non-confidential", "statement": "Published in June"}))))
	wanted := []string{"marking second", "marking first", "deposit "}
	ids := map[string]string{} // of the entries, by what they say
	said := func(kind string, step *api.ActStep) string {
		if step == nil {
			return kind + " "
		}
		return kind + " " + string(*step)
	}

	path := "/log/entries?kind=deposit,marking&document=" + doc
	var found api.LogEntryPage // the newest may wait for its place
	for end := time.Now().Add(time.Minute); len(found.Items) < 3 && time.Now().Before(end); {
		found = want[api.LogEntryPage](t, w.as("auditor.wco", "GET", path, ""), 200)
	}
	var listed []string
	for _, e := range found.Items {
		listed = append(listed, said(e.Kind, e.Step))
		ids[said(e.Kind, e.Step)] = e.Id
		one := want[api.LogEntry](t, w.as("auditor.wco", "GET", "/log/entries/"+e.Id, ""), 200)
		if said(one.Kind, one.Step) != said(e.Kind, e.Step) {
			t.Errorf("alone it says %q, in the list %q", said(one.Kind, one.Step), said(e.Kind, e.Step))
		}
	}
	table, err := csv.NewReader(strings.NewReader(string(w.as("auditor.wco", "GET", path, "", "Accept",
		"text/csv").body))).ReadAll()
	must(t, err)
	var rows []string
	for _, row := range table[1:] {
		rows = append(rows, row[slices.Index(table[0], "kind")]+" "+row[slices.Index(table[0], "step")])
	}
	var happened []string
	told := want[api.TimelinePage](t, w.as("staff.wco", "GET", "/documents/"+doc+"/timeline", ""), 200)
	for _, h := range told.Items {
		happened = append(happened, said(h.Kind, h.Step))
	}
	var own []string
	for i, person := range []string{"deputy.wco", "focal.wco", "staff.wco"} {
		e := want[api.OwnEntry](t, w.as(person, "GET", "/me/entries/"+ids[wanted[i]], ""), 200)
		own = append(own, said(e.Kind, e.Step))
	}
	for where, got := range map[string][]string{"the list": listed, "the table": rows, "the timeline": happened,
		"each one's own": own} {
		if !slices.Equal(got, wanted) {
			t.Errorf("%s says %q, want %q", where, got, wanted)
		}
	}
}
