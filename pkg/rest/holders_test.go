package rest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/api"
)

// "Who has it, on whose word, what waits, what was refused?" One call and no entry; each organisation is told what it
// could find one by one, and nothing of the others.
func TestWhoHasADocumentIsShownInOneCall(t *testing.T) {
	w := newWorld(t)
	doc, own := w.authorized(secret)
	path := "/documents/" + doc.Id
	for _, person := range []string{"staff.unoct", "staff.unoct"} {
		want[api.Disclosure](t, w.as(person, "POST", path+"/disclosures", reading), 201)
	}
	abroad := w.ask("focal.unoct", doc.Id, "org_piu-exampleland")
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+abroad.Id+"/decisions",
		`{"act":"consent","statement":"For the training","evidence":{"kind":"none"},"agreement_required":false}`,
		"If-Match", w.etag(abroad.Id)), 201)
	want[api.AccessRequest](t, w.as("focal.piu", "POST", "/requests/"+abroad.Id+"/admissions",
		`{"people":["`+w.idOf("staff.piu")+`"]}`), 201)
	want[api.Disclosure](t, w.as("staff.piu", "POST", path+"/disclosures", reading), 201)
	waits := w.ask("focal.unoct", doc.Id, "org_customs-exampleland")
	no := w.ask("other.unoct", doc.Id, "org_unoct")
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+no.Id+"/decisions",
		`{"act":"refuse","statement":"Once is enough"}`, "If-Match", w.etag(no.Id)), 201)

	circle := func(person string) (holders, edges []string) {
		t.Helper()
		before := w.entries()
		s := w.somebody(person)
		got := want[api.Circle](t, s.get(path+"/circle"), 200)
		s.took(1, "the circle")
		if n := w.entries(); n != before || got.More {
			t.Errorf("%s: %d entries, more %v", person, n-before, got.More)
		}
		for _, h := range got.Holders {
			holders = append(holders, fmt.Sprint(strings.TrimPrefix(h.Organisation, "org_"), " ", h.Role, " ", h.People,
				"/", h.Copies))
		}
		for _, e := range got.Edges {
			edges = append(edges, e.State+" "+strings.TrimPrefix(e.To, "org_"))
		}
		slices.Sort(holders)
		slices.Sort(edges)
		return holders, edges
	}
	holders, edges := circle("staff.wco")
	if got := strings.Join(holders, ", "); got != "customs-exampleland third-party 0/0, "+
		"piu-exampleland third-party 1/1, unoct recipient 1/2, wco discloser 0/0" {
		t.Errorf("the Discloser sees %s", got)
	}
	if got := strings.Join(edges, ", "); got != "authorized unoct, consented piu-exampleland, refused unoct, "+
		"waits customs-exampleland" {
		t.Errorf("the Discloser sees %s", got)
	}
	if _, edges := circle("focal.unoct"); len(edges) != 4 {
		t.Errorf("the Recipient sees %q", edges)
	}
	holders, edges = circle("staff.piu")
	if got := strings.Join(slices.Concat(holders, edges), ", "); got != "piu-exampleland third-party 1/1, "+
		"unoct recipient 0/0, wco discloser 0/0, consented piu-exampleland" {
		t.Errorf("the third party sees %s", got)
	}
	for _, person := range []string{"staff.customs", "focal.customs", "operator.operator"} {
		refused(t, w.as(person, "GET", path+"/circle", ""), 404, "request/not-found")
	}
	_, _ = own, waits
}

// An entity concerned is named to the Discloser, and to nobody else, by the circle too.
func TestTheCircleTellsEntitiesToTheDiscloserAlone(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(strings.Replace(declared, `"entities_concerned":"none"`,
		`"entities_concerned":["org_customs-exampleland"]`, 1), secret), 201)
	w.ask("staff.unoct", doc.Id, "org_unoct")
	for person, told := range map[string]bool{"staff.wco": true, "focal.unoct": false, "staff.unoct": false} {
		a := w.as(person, "GET", "/documents/"+doc.Id+"/circle", "")
		if strings.Contains(string(a.body), "customs") != told || a.StatusCode != 200 {
			t.Errorf("%s: %d %s", person, a.StatusCode, a.body)
		}
	}
}
