package rest_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/ledger"
)

func accountedOf(t *testing.T, a answer) []ledger.Accounted {
	t.Helper()
	var page struct{ Items []ledger.Accounted }
	want[api.AccountingPage](t, a, 200)
	must(t, json.Unmarshal(a.body, &page))
	return page.Items
}

// "What did the unit in Exampleland get, on which consent, and who there?" The auditor asks by third party, then by the
// consent and the person that the line names, then takes the year as a table: four calls, and four entries.
func TestWhatAThirdPartyGotIsAccountedByItsConsentAndItsReader(t *testing.T) {
	w := newWorld(t)
	own, _ := w.authorized(secret)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+own.Id+"/disclosures", reading), 201)
	doc, reader := w.put(nil), w.personOf("staff.piu")
	w.done(signatureOf(w.agreement("We keep it, and tell nobody."), nil))
	w.consented(doc, nil, nil)
	w.done(readingOf("staff.piu", doc, nil))
	before := w.entries()

	auditor := w.somebody("auditor.wco")
	third := accountedOf(t, auditor.get("/log/accounting?organisation=org_piu-exampleland"))
	if len(third) != 1 || third[0].Document != doc || third[0].Person != reader || third[0].Consent == "" {
		t.Fatalf("what the third party got: %+v", third)
	}
	for name, query := range map[string]string{"consent": third[0].Consent, "person": reader} {
		got := accountedOf(t, auditor.get("/log/accounting?"+name+"="+query))
		if diff := cmp.Diff(third, got); diff != "" {
			t.Errorf("by %s: %s", name, diff)
		}
	}
	auditor.calls++
	table := w.as("auditor.wco", "GET", "/log/accounting?since="+w.in(-day), "", "Accept", "text/csv")
	rows, err := csv.NewReader(strings.NewReader(string(table.body))).ReadAll()
	if must(t, err); len(rows) != 3 || rows[0][5] != "from" || rows[1][3] != own.Id || rows[2][3] != doc {
		t.Errorf("the table: %q", rows)
	}
	auditor.took(4, "accounting")
	if now := w.entries(); now != before+4 {
		t.Errorf("four pages wrote %d entries", now-before)
	}
}

// Who gains by asking: the other Party's auditor learns what both may open and no more, nobody else anything; what is
// no identifier is refused and does not come to stand in the log.
func TestAnAccountingTellsNobodyMoreThanTheLog(t *testing.T) {
	w := newWorld(t)
	own := want[api.Document](t, w.deposit(declared, secret), 201)
	want[api.Disclosure](t, w.as("staff.wco", "POST", "/documents/"+own.Id+"/disclosures", reading), 201)
	for query, wanted := range map[string]int{"organisation=org_wco": 0, "document=" + own.Id: 0,
		"since=2026-01-01T00:00:00Z": 0} {
		if got := accountedOf(t, w.as("auditor.unoct", "GET", "/log/accounting?"+query, "")); len(got) != wanted {
			t.Errorf("the other Party's auditor by %s: %+v", query, got)
		}
		if got := accountedOf(t, w.as("auditor.wco", "GET", "/log/accounting?"+query, "")); len(got) != 1 {
			t.Errorf("one's own auditor by %s: %+v", query, got)
		}
		for _, person := range []string{"focal.wco", "staff.unoct", "focal.piu", "operator.operator"} {
			refused(t, w.as(person, "GET", "/log/accounting?"+query, ""), 403, "art4.6/not-admitted")
		}
	}
	before := w.entries()
	for query, field := range map[string]string{"": "document", "document=what+she+said": "document",
		"person=per_A": "person", "organisation=wco": "organisation", "consent=cns_1": "consent",
		"since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z": "until"} {
		p := refused(t, w.as("auditor.wco", "GET", "/log/accounting?"+query, ""), 400)
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%q: %+v", query, p.Errors)
		}
	}
	if now := w.entries(); now != before {
		t.Errorf("what cannot be read wrote %d entries", now-before)
	}
}
