package rest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/web"
)

const authorizing = `{"act":"authorize","statement":"Agreed","evidence":{"kind":"none"}}`

func (w *world) giving(addressees string) string {
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	return `{"addressed_to":{` + addressees + `},"purpose":"art2.e","statement":"As you will need it in May",` +
		`"until":"` + until + `","form":"original"}`
}

func (w *world) idOf(person string) string {
	w.t.Helper()
	return want[api.Me](w.t, w.as(person, "GET", "/me", ""), 200).Person
}

// desk sets up an office of UNOCT at which these people sit.
func (w *world) desk(name string, people ...string) api.Office {
	w.t.Helper()
	var ids []string
	for _, p := range people {
		ids = append(ids, `"`+w.idOf(p)+`"`)
	}
	return want[api.Office](w.t, w.as("focal.unoct", "POST", "/offices",
		`{"name":"`+name+`","members":[`+strings.Join(ids, ",")+`]}`), 201)
}

// "Here is the restricted note that you will need." Staff begin it, a signatory completes it, and the addressee is told
// and reads, without having asked.
func TestTheDiscloserGivesADocumentUnasked(t *testing.T) {
	w := newWorld(t)
	desk := w.desk("Maritime desk", "staff.unoct", "other.unoct")
	staff, focal, reader := w.somebody("staff.wco"), w.somebody("focal.wco"), w.somebody("staff.unoct")

	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	offices := want[api.OfficePage](t, staff.get("/offices"), 200)
	if len(offices.Items) != 1 || offices.Items[0].Name != "Maritime desk" || offices.Items[0].Members != nil {
		t.Errorf("the other Party's desks are told as %+v", offices.Items)
	}
	given := want[api.AccessRequest](t, staff.post("/documents/"+doc.Id+"/deliveries",
		w.giving(`"offices":["`+desk.Id+`"]`)), 201)
	staff.took(2, "beginning to give, the deposit aside")
	if given.State != api.RequestStateOpen || given.Delivery == nil || len(*given.For.People) != 2 {
		t.Fatalf("begun: %+v", given)
	}
	read := "/documents/" + doc.Id + "/disclosures"
	refused(t, reader.post(read, reading), 403, "art4.4/authorization-missing")
	if n := want[api.NoticePage](t, reader.get("/notices?kind=delivered"), 200); len(n.Items) != 0 {
		t.Errorf("told before anybody authorized: %+v", n.Items)
	}

	waits := want[api.AccessRequestPage](t, focal.get("/requests?box=inbox"), 200)
	seen := focal.get("/requests/" + waits.Items[0].Id)
	want[api.AccessRequest](t, focal.post("/requests/"+waits.Items[0].Id+"/decisions",
		authorizing, "If-Match", seen.Header.Get("ETag")), 201)
	focal.took(3, "completing it")

	reader.calls = 0
	told := want[api.NoticePage](t, reader.get("/notices?kind=delivered"), 200)
	if len(told.Items) != 1 || *told.Items[0].Document != doc.Id || strings.Contains(told.Items[0].Text, "risk") {
		t.Fatalf("the addressee is told %+v", told.Items)
	}
	d := want[api.Disclosure](t, reader.post(read, reading), 201)
	if content := reader.get("/disclosures/" + d.Id + "/content"); string(content.body) != secret {
		t.Errorf("read: %d %s", content.StatusCode, content.body)
	}
	reader.took(3, "being told and reading")
	if list := want[api.AccessRequestPage](t, w.as("focal.unoct", "GET", "/documents/"+doc.Id+"/deliveries", ""),
		200); len(list.Items) != 1 || list.Items[0].Id != given.Id {
		t.Errorf("given of the document: %+v", list.Items)
	}
	// the rest of the desk's Party is not admitted by it
	refused(t, w.as("deputy.unoct", "POST", read, reading), 403, "art4.6/not-admitted")
}

// A signatory gives in one act what no entity is concerned by.
func TestASignatoryGivesInOneAct(t *testing.T) {
	w := newWorld(t)
	reader := w.idOf("staff.unoct")
	w.desk("Maritime desk", "staff.unoct")
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	focal := w.somebody("focal.wco")
	given := want[api.AccessRequest](t, focal.post("/documents/"+doc.Id+"/deliveries",
		w.giving(`"people":["`+reader+`"]`), "Idempotency-Key", "once"), 201)
	focal.took(1, "giving")
	if given.State != api.RequestStateInForce || len(given.Decisions) != 1 {
		t.Fatalf("given: %+v", given)
	}
	again := want[api.AccessRequest](t, focal.post("/documents/"+doc.Id+"/deliveries",
		w.giving(`"people":["`+reader+`"]`), "Idempotency-Key", "other"), 201)
	if again.Id == given.Id {
		t.Error("two keys are one act")
	}
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)

	// with an entity concerned it waits for the entity, and for a decision of its own
	concerned := want[api.Document](t, w.deposit(strings.Replace(declared, `"none"`, `["org_customs-exampleland"]`, 1),
		secret+" of customs"), 201)
	open := want[api.AccessRequest](t, focal.post("/documents/"+concerned.Id+"/deliveries",
		w.giving(`"people":["`+reader+`"]`)), 201)
	if open.State != api.RequestStateOpen || len(open.Decisions) != 0 || len(open.Missing) != 2 {
		t.Errorf("with an entity concerned: %+v", open)
	}
	// what is not protected needs nobody's authorization, and the addressee is told all the same
	free := want[api.Document](t, w.deposit(strings.Replace(declared, "confidential", "non-confidential", 1),
		secret+" of everybody"), 201)
	if now := want[api.AccessRequest](t, w.as("staff.wco", "POST", "/documents/"+free.Id+"/deliveries",
		w.giving(`"people":["`+reader+`"]`)), 201); now.State != api.RequestStateInForce {
		t.Errorf("not protected: %+v", now)
	}
	n := want[api.NoticePage](t, w.as("staff.unoct", "GET", "/notices?kind=delivered", ""), 200)
	if len(n.Items) != 3 {
		t.Errorf("told of %d deliveries, not 3", len(n.Items))
	}
}

// Attempts to give what is not one's own, to somebody who may not have it, or without the say for it.
func TestNothingIsGivenButByTheDiscloserToTheRecipient(t *testing.T) {
	w := newWorld(t)
	reader, third, self := w.idOf("staff.unoct"), w.idOf("staff.piu"), w.idOf("staff.wco")
	stranger := w.idOf("other.unoct")
	theirs := w.desk("Maritime desk", "staff.unoct")
	own := want[api.Office](t, w.as("focal.wco", "POST", "/offices", `{"name":"Our desk","members":["`+self+`"]}`), 201)
	empty := want[api.Office](t, w.as("focal.unoct", "POST", "/offices", `{"name":"Nobody's desk"}`), 201)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	path := "/documents/" + doc.Id + "/deliveries"
	const not, nobody = "art4.6/not-admitted", "request/not-found"
	one := `"people":["` + reader + `"]`
	for what, c := range map[string]struct {
		person, to, code string
		status           int
	}{
		"to a third party":                  {"focal.wco", `"people":["` + third + `"]`, not, 403},
		"to oneself":                        {"staff.wco", `"people":["` + self + `"]`, not, 403},
		"to an office of one's own":         {"focal.wco", `"offices":["` + own.Id + `"]`, not, 403},
		"to an office that is none":         {"focal.wco", `"offices":["off_absent"]`, not, 403},
		"to an empty office":                {"focal.wco", `"offices":["` + empty.Id + `"]`, not, 403},
		"to nobody":                         {"focal.wco", ``, "request/missing-field", 400},
		"to who may not be addressed":       {"focal.wco", `"people":["` + stranger + `"]`, not, 403},
		"to one who may and one who not":    {"focal.wco", strings.Replace(one, "]", `,"`+stranger+`"]`, 1), not, 403},
		"by the Recipient, to itself":       {"focal.unoct", one, "gateway/not-the-other-party", 403},
		"by an auditor":                     {"auditor.wco", one, not, 403},
		"by a third party without standing": {"focal.piu", one, nobody, 404},
		"by the operator":                   {"operator.operator", one, nobody, 404},
	} {
		a := w.as(c.person, "POST", path, w.giving(c.to))
		if p := refused(t, a, c.status); p.Code != c.code && !slices.ContainsFunc(p.Reasons,
			func(r web.Reason) bool { return r.Code == c.code }) {
			t.Errorf("%s: %s", what, a.body)
		}
	}
	if boxed := want[api.AccessRequestPage](t, w.as("focal.wco", "GET", "/requests?box=deliveries", ""),
		200); len(boxed.Items) != 0 {
		t.Errorf("something was begun: %+v", boxed.Items)
	}

	// one official without the Delegation for it begins, and authorizes nothing: neither in the act, nor after it
	given := want[api.AccessRequest](t, w.as("other.wco", "POST", path, w.giving(`"offices":["`+theirs.Id+`"]`)), 201)
	if given.State != api.RequestStateOpen {
		t.Fatalf("by staff alone: %+v", given)
	}
	refused(t, w.as("other.wco", "POST", "/requests/"+given.Id+"/decisions", authorizing,
		"If-Match", w.etag(given.Id)), 403, "art4.4/no-authority")
	// the addressee does not authorize what is for them, and their focal point does not lengthen it
	refused(t, w.as("focal.unoct", "POST", "/requests/"+given.Id+"/decisions", authorizing,
		"If-Match", w.etag(given.Id)), 403, "art4.4/no-authority")
	far := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
	refused(t, w.as("focal.wco", "POST", "/requests/"+given.Id+"/decisions",
		strings.Replace(authorizing, "}}", `},"until":"`+far+`"}`, 1), "If-Match", w.etag(given.Id)), 422)
	// whoever leaves a desk keeps what was put into writing, and gets nothing of what comes after
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+given.Id+"/decisions",
		authorizing, "If-Match", w.etag(given.Id)), 201)
	want[api.Office](t, w.as("focal.unoct", "POST", "/offices/"+theirs.Id+"/members", `{"remove":["`+reader+`"]}`), 200)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	refused(t, w.as("focal.wco", "POST", path, w.giving(`"offices":["`+theirs.Id+`"]`)), 403, "art4.6/not-admitted")
}

// A Party's desks are its focal point's to keep, and nobody else's people sit there.
func TestOfficesAreKeptByTheirOwnParty(t *testing.T) {
	w := newWorld(t)
	desk := w.desk("Maritime desk", "staff.unoct")
	members := "/offices/" + desk.Id + "/members"
	self, third := w.idOf("staff.wco"), w.idOf("staff.piu")
	refused(t, w.as("focal.wco", "POST", members, `{"add":["`+self+`"]}`), 404, "request/not-found")
	refused(t, w.as("staff.unoct", "POST", members, `{"add":["`+w.idOf("other.unoct")+`"]}`), 403,
		"gateway/no-authority")
	refused(t, w.as("focal.unoct", "POST", members, `{"add":["`+self+`"]}`), 403, "gateway/no-authority")
	refused(t, w.as("focal.unoct", "POST", members, `{"add":["`+third+`"]}`), 403, "gateway/no-authority")
	refused(t, w.as("focal.piu", "POST", "/offices", `{"name":"A desk"}`), 403, "gateway/no-authority")
	refused(t, w.as("focal.unoct", "POST", "/offices", `{"name":"Maritime desk"}`), 409, "request/conflict")
	for _, person := range []string{"focal.piu", "operator.operator"} {
		if found := want[api.OfficePage](t, w.as(person, "GET", "/offices", ""), 200); len(found.Items) > 0 {
			t.Errorf("%s is told %+v", person, found.Items)
		}
		refused(t, w.as(person, "GET", "/people?organisation=org_unoct", ""), 404, "request/not-found")
	}
	named := func(person string) (out []string) {
		found := want[api.PersonPage](t, w.as(person, "GET", "/people?organisation=org_unoct", ""), 200)
		for _, p := range found.Items {
			out = append(out, p.Name)
		}
		slices.Sort(out)
		return out
	}
	w.idOf("focal.unoct")
	w.idOf("other.unoct")
	if got := named("staff.wco"); !slices.Equal(got, []string{"focal of unoct", "staff of unoct"}) {
		t.Errorf("of the other Party one may address %q", got)
	}
}

// A document is given in the act that deposits it: by staff it waits for a signatory, by a signatory it is in force;
// and what cannot be given is not deposited either.
func TestADepositIsAddressedInTheSameAct(t *testing.T) {
	w := newWorld(t)
	reader := w.idOf("staff.unoct")
	desk := w.desk("Maritime desk", "staff.unoct", "other.unoct")
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	addressed := func(whom string) string {
		return strings.TrimSuffix(declared, "}") + `,"addressed_to":{` + whom + `,"purpose":"art2.e","statement":` +
			`"For the training","until":"` + until + `","form":"original"}}`
	}
	staff, focal := w.somebody("staff.wco"), w.somebody("focal.wco")
	doc := want[api.Document](t, w.depositBy("staff.wco", addressed(`"offices":["`+desk.Id+`"]`), secret), 201)
	if doc.Delivery == nil {
		t.Fatalf("%+v", doc)
	}
	given := want[api.AccessRequest](t, staff.get("/requests/"+*doc.Delivery), 200)
	if given.State != api.RequestStateOpen || given.Delivery == nil || len(*given.For.People) != 2 {
		t.Errorf("%+v", given)
	}
	seen := focal.get("/requests/" + given.Id)
	want[api.AccessRequest](t, focal.post("/requests/"+given.Id+"/decisions", authorizing, "If-Match",
		seen.Header.Get("ETag")), 201)
	want[api.Disclosure](t, w.as("other.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)

	own := want[api.Document](t, w.depositBy("focal.wco", addressed(`"people":["`+reader+`"]`), secret+" two"), 201)
	if q := want[api.AccessRequest](t, focal.get("/requests/"+*own.Delivery), 200); q.State != api.RequestStateInForce {
		t.Errorf("by a signatory: %+v", q)
	}
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+own.Id+"/disclosures", reading), 201)

	// Attackers: people of one's own, of a third party, nobody, a desk that there is not, a day that is over. Each time
	// nothing is kept, and the refusal is an entry.
	before := w.kept()
	for name, whom := range map[string]string{
		"own people":      `"people":["` + w.idOf("deputy.wco") + `"]`,
		"a third party's": `"people":["` + w.idOf("staff.piu") + `"]`,
		"nobody":          `"people":["per_00000000000000000000000000"]`,
		"no such desk":    `"offices":["off_00000000000000000000000000"]`,
	} {
		answer := w.depositBy("staff.wco", addressed(whom), secret+name)
		refused(t, answer, 403, "art4.6/not-admitted")
		if p := want[api.Problem](t, answer, 403); p.LogEntry == nil {
			t.Errorf("%s: without an entry", name)
		}
	}
	refused(t, w.depositBy("staff.wco", strings.Replace(addressed(`"people":["`+reader+`"]`), until,
		"2020-01-01T00:00:00Z", 1), secret+"late"), 403, "art4.5/no-end-ahead")
	refused(t, w.depositBy("staff.wco", strings.Replace(addressed(`"people":["`+reader+`"]`), `"form":"original"`,
		`"form":"view"`, 1), secret+"view"), 422, "gateway/form-unavailable")
	refused(t, w.depositBy("staff.wco", addressed(`"people":[]`), secret+"empty"), 400, "request/missing-field")
	if after := w.kept(); after != before {
		t.Errorf("%d objects kept of what was refused", after-before)
	}
}
