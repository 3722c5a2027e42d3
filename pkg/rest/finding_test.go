package rest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// somebody is a person of a story, whose calls are counted: pages are built of few.
type somebody struct {
	*world
	name  string
	calls int
}

func (w *world) somebody(name string) *somebody { return &somebody{world: w, name: name} }

func (s *somebody) get(path string) answer {
	s.calls++
	return s.as(s.name, "GET", path, "")
}

func (s *somebody) post(path, body string, header ...string) answer {
	s.calls++
	return s.as(s.name, "POST", path, body, header...)
}

// took asserts how many calls a person made since the last time.
func (s *somebody) took(calls int, what string) {
	s.t.Helper()
	if s.calls != calls {
		s.t.Errorf("%s took %s %d calls, not %d", what, s.name, s.calls, calls)
	}
	s.calls = 0
}

func boxOf(p api.AccessRequestPage) []string {
	var out []string
	for _, q := range p.Items {
		out = append(out, q.Id)
	}
	return out
}

func nameOf(people *[]api.Person, id string) string {
	if people == nil {
		return ""
	}
	for _, p := range *people {
		if p.Id == id {
			return p.Name
		}
	}
	return ""
}

// "I come back after two weeks. Who asked me, what did I decide, what ends soon, and what may I still do with it?"
func TestWhatADiscloserDecidedIsFoundAgain(t *testing.T) {
	w := newWorld(t)
	doc, granted := w.authorized(secret)
	refusedOne, open := w.ask("staff.unoct", doc.Id, "org_unoct"), w.ask("other.unoct", doc.Id, "org_unoct")
	want[api.AccessRequest](t, w.as("deputy.wco", "POST", "/requests/"+refusedOne.Id+"/decisions",
		`{"act":"refuse","statement":"Not for this"}`, "If-Match", w.etag(refusedOne.Id)), 201)
	before := w.entries()

	focal := w.somebody("focal.wco")
	box := func(query string) []string {
		t.Helper()
		return boxOf(want[api.AccessRequestPage](t, focal.get("/requests?box="+query), 200))
	}
	if got := box("asked-of-us"); !slices.Equal(got, []string{open.Id, refusedOne.Id, granted.Id}) {
		t.Errorf("asked of us: %q", got)
	}
	focal.took(1, "finding what was asked")
	in30 := time.Now().AddDate(0, 0, 31).UTC().Format(time.RFC3339)
	for query, ids := range map[string][]string{
		"asked-of-us&state=in-force":                               {granted.Id},
		"asked-of-us&state=refused&document=" + doc.Id:             {refusedOne.Id},
		"asked-of-us&for=org_piu-exampleland":                      {},
		"asked-of-us&state=in-force&ends_before=" + in30:           {granted.Id},
		"decided-by-us&sort=-decided_at":                           {refusedOne.Id, granted.Id},
		"asked-of-us&sort=lapses_at":                               {granted.Id, refusedOne.Id, open.Id},
		"inbox":                                                    {open.Id},
		"asked-of-us&ends_before=2026-01-01T00:00:00Z":             {},
		"asked-of-us&state=in-force&sort=until&document=" + doc.Id: {granted.Id},
	} {
		if got := box(query); !slices.Equal(got, ids) && len(got)+len(ids) > 0 {
			t.Errorf("%s: %q, want %q", query, got, ids)
		}
	}
	for _, sort := range []string{"", "&sort=until", "&sort=lapses_at", "&sort=-decided_at", "&sort=-made_at"} {
		whole := box("asked-of-us" + sort)
		var turned []string
		for next := ""; ; {
			p := want[api.AccessRequestPage](t, focal.get("/requests?box=asked-of-us&limit=1"+sort+next), 200)
			turned = append(turned, boxOf(p)...)
			if p.Next == nil {
				break
			}
			next = "&after=" + *p.Next
		}
		if !slices.Equal(turned, whole) {
			t.Errorf("%s page by page: %q, at once: %q", sort, turned, whole)
		}
	}
	refused(t, focal.get("/requests?box=asked-of-us&sort=size"), 400, "request/unknown-value")
	if got := boxOf(want[api.AccessRequestPage](t, w.as("focal.unoct", "GET", "/requests?box=asked-of-us", ""),
		200)); len(got) > 0 {
		t.Errorf("nothing was asked of the Recipient, which finds %q", got)
	}
	if now := w.entries(); now != before {
		t.Errorf("looking wrote %d entries", now-before)
	}
}

// "One request is before me. I want to decide, with nothing else to look up."
func TestARequestIsShownWithAllThatADecisionNeeds(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	asked := w.ask("focal.wco", doc.Id, "org_unoct") // for the other Party, and cannot decide on it
	focal, deputy, staff := w.somebody("focal.wco"), w.somebody("deputy.wco"), w.somebody("staff.unoct")
	before := w.entries()

	q := want[api.AccessRequest](t, deputy.get("/requests/"+asked.Id), 200)
	deputy.took(1, "seeing all that the decision needs")
	if q.Title == nil || *q.Title != "Sea-passenger risk indicators, Q3" || q.PersonalData == nil || *q.PersonalData {
		t.Errorf("the document is told as %v, personal data %v", q.Title, q.PersonalData)
	}
	if name := nameOf(q.Names, q.AskedBy); name != "focal of wco" {
		t.Errorf("the asker is told as %q", name)
	}
	if p := (*q.Permissions)["authorize"]; !p.Allowed || !(*q.Permissions)["refuse"].Allowed {
		t.Errorf("the deputy may: %+v", q.Permissions)
	}
	if _, told := (*q.Permissions)["file"]; told {
		t.Error("no entity is concerned, and a filing is offered")
	}
	if len(*q.CanDecide) != 1 || (*q.CanDecide)[0].Name != "deputy of wco" &&
		!strings.Contains((*q.CanDecide)[0].Name, "Daniel") || (*q.CanDecide)[0].Act != "authorize" {
		t.Errorf("who can decide: %+v", q.CanDecide)
	}
	own := want[api.AccessRequest](t, focal.get("/requests/"+asked.Id), 200)
	if p := (*own.Permissions)["authorize"]; p.Allowed || len(p.Reasons) != 1 ||
		p.Reasons[0].Code != "gateway/own-request" {
		t.Errorf("the asker may authorize: %+v", p)
	}
	if !(*own.Permissions)["withdraw"].Allowed {
		t.Errorf("the asker may not withdraw: %+v", (*own.Permissions)["withdraw"])
	}
	of := want[api.AccessRequest](t, staff.get("/requests/"+asked.Id), 200)
	if of.Title != nil || of.PersonalData != nil || (*of.Permissions)["authorize"].Allowed {
		t.Errorf("the Recipient's staff is told %v %v and may %+v", of.Title, of.PersonalData, of.Permissions)
	}
	if now := w.entries(); now != before {
		t.Errorf("looking wrote %d entries", now-before)
	}

	q = want[api.AccessRequest](t, deputy.post("/requests/"+asked.Id+"/decisions",
		`{"act":"authorize","statement":"Agreed"}`, "If-Match", w.etag(asked.Id)), 201)
	q = want[api.AccessRequest](t, deputy.get("/requests/"+asked.Id), 200)
	deputy.took(2, "deciding and looking again")
	if q.Met == nil || (*q.Met)[0].What != "art4.4/authorization-missing" || (*q.Met)[0].By == nil ||
		*(*q.Met)[0].Title != "The authorization is given" || (*q.Met)[0].LogEntry == nil {
		t.Errorf("met: %+v", q.Met)
	}
	if _, again := (*q.Permissions)["authorize"]; again {
		t.Error("who decided is offered to decide again")
	}
	if !(*q.Permissions)["withdraw"].Allowed || q.CanDecide != nil {
		t.Errorf("withdraw: %+v, who can decide: %+v", (*q.Permissions)["withdraw"], q.CanDecide)
	}
	french := want[api.AccessRequest](t, w.as("deputy.wco", "GET", "/requests/"+asked.Id, "", "Accept-Language", "fr"),
		200)
	if *(*french.Met)[0].Title != "L’autorisation est donnée" {
		t.Errorf("in French: %q", *(*french.Met)[0].Title)
	}
}

// What a permission says is what the act answers: each act that is offered passes the rules, and each that is not is
// refused for the reasons told.
func TestAPermissionOnARequestIsWhatTheActAnswers(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	for _, person := range []string{"staff.wco", "focal.wco", "deputy.wco", "auditor.wco", "machine.wco",
		"staff.unoct", "other.unoct", "focal.unoct", "deputy.unoct", "auditor.unoct"} {
		q := w.ask("staff.unoct", doc.Id, "org_unoct")
		seen := want[api.AccessRequest](t, w.as(person, "GET", "/requests/"+q.Id, ""), 200)
		me := want[api.Me](t, w.as("other.unoct", "GET", "/me", ""), 200).Person
		for _, try := range []struct{ act, path, body string }{
			{"consent", "/decisions", `{"act":"consent","statement":"x","evidence":{"kind":"none"}}`},
			{"admit", "/admissions", `{"people":["` + me + `"]}`},
			{"ask", "/messages", `{"text":"x"}`},
			{"authorize", "/decisions", `{"act":"authorize","statement":"x"}`},
			{"withdraw", "/withdrawal", `{"statement":"x"}`},
		} {
			p, offered := (*seen.Permissions)[try.act]
			if !offered || try.act == "ask" && (*seen.Permissions)["answer"].Allowed {
				continue
			}
			done := w.as(person, "POST", "/requests/"+q.Id+try.path, try.body, "If-Match", w.etag(q.Id))
			if allowed := done.StatusCode < 300; allowed != p.Allowed {
				t.Errorf("%s, %s: told %v, done %d %s", person, try.act, p, done.StatusCode, done.body)
			} else if !allowed && done.StatusCode != 404 {
				problem := refused(t, done, done.StatusCode)
				var codes []string
				for _, r := range p.Reasons {
					codes = append(codes, r.Code)
				}
				if len(codes) == 0 || problem.Code != codes[0] {
					t.Errorf("%s, %s: told %q, refused %s", person, try.act, codes, problem.Code)
				}
			}
		}
	}
}

// Names are told across the table to whom one decides on or reads from, and nothing is told of anybody else.
func TestNamesAreToldToWhomTheyConcernAndToNobodyElse(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(secret)
	id := func(person string) string { return want[api.Me](t, w.as(person, "GET", "/me", ""), 200).Person }
	asker, signatory, stranger, reader := id("staff.unoct"), id("focal.wco"), id("other.wco"), id("staff.piu")
	id("other.unoct")
	for _, c := range []struct {
		person string
		asked  []string
		told   []string
	}{
		{"staff.unoct", []string{signatory, stranger, "per_absent"}, []string{"focal of wco"}},
		{"other.unoct", []string{signatory, stranger}, nil},
		{"focal.wco", []string{asker}, []string{"staff of unoct"}},
		{"deputy.wco", []string{asker}, []string{"staff of unoct"}}, // could decide as well
		{"staff.wco", []string{asker}, nil},
		{"auditor.wco", []string{asker, signatory}, []string{"staff of unoct", "focal of wco"}},
		{"auditor.unoct", []string{asker, signatory, stranger}, []string{"staff of unoct", "focal of wco"}},
		{"staff.wco", []string{reader}, []string{"staff of piu"}}, // as /people tells already
		{"staff.piu", []string{signatory, asker, stranger}, nil},
		{"focal.customs", []string{signatory, asker, reader}, nil},
		{"operator.operator", []string{signatory, asker, reader, stranger}, nil},
	} {
		before := w.entries()
		found := want[api.PersonPage](t, w.as(c.person, "GET", "/names?people="+strings.Join(c.asked, ","), ""), 200)
		var told []string
		for _, p := range found.Items {
			told = append(told, p.Name)
		}
		slices.Sort(told)
		slices.Sort(c.told)
		if !slices.Equal(told, c.told) {
			t.Errorf("%s is told %q, want %q", c.person, told, c.told)
		}
		if w.entries() != before {
			t.Errorf("asking for names wrote an entry")
		}
	}
	// a third party is told from the consent on, and not before
	about := w.ask("focal.unoct", doc.Id, "org_piu-exampleland")
	for _, act := range []string{"before", "after"} {
		told := want[api.PersonPage](t, w.as("staff.piu", "GET", "/names?people="+signatory, ""), 200)
		if len(told.Items) > 0 != (act == "after") {
			t.Errorf("%s the consent the third party is told %v", act, told.Items)
		}
		if act == "before" {
			want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+about.Id+"/decisions",
				`{"act":"consent","statement":"x","evidence":{"kind":"none"}}`, "If-Match", w.etag(about.Id)), 201)
			want[api.AccessRequest](t, w.as("focal.piu", "POST", "/requests/"+about.Id+"/admissions",
				`{"people":["`+reader+`"]}`), 201)
		}
	}
	_ = q
}
