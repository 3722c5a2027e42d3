package rest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/api"
)

// lists are the operations that answer in pages, each with somebody to whom it shows several things.
func (c *circle) lists() map[string]string {
	return map[string]string{
		"/documents": "staff.wco", "/documents/" + c.a + "/history": "staff.wco",
		"/documents/" + c.a + "/timeline": "staff.wco", "/requests?box=mine": "focal.unoct",
		"/requests?box=inbox":                 "focal.wco",
		"/requests/" + c.askedU + "/messages": "focal.wco", "/agreements": "focal.wco", "/notices": "staff.unoct",
		"/suspensions":                         "focal.wco",
		"/events":                              "focal.wco",
		"/webhooks":                            "focal.wco",
		"/webhooks/" + c.hookW + "/deliveries": "focal.wco",
		"/instruments":                         "focal.wco",
		"/organisations":                       "focal.wco", "/people": "staff.wco",
		"/arrangement/delegations": "focal.wco",
		"/arrangement/wind-down":   "focal.wco",
		"/log/entries":             "auditor.wco", "/log/accounting?document=" + c.a: "auditor.wco",
		"/holds":     "auditor.wco",
		"/lowerings": "focal.customs",
		"/organisations/org_piu-exampleland/mandates": "focal.piu",
		"/confirmations": "focal.wco", "/rules": "staff.wco", "/purposes": "staff.wco",
		"/arrangement/focal-points":       "focal.wco",
		"/documents/" + c.b + "/versions": "staff.unoct", "/erasures": "deputy.wco",
		"/offices": "focal.wco", "/documents/" + c.e + "/releases": "auditor.wco",
		"/staged": "staff.wco",
		"/series": "staff.wco", "/series/" + c.seriesW + "/authorizations": "focal.unoct",
		"/names?people=" + c.personOf("other.wco") + "," + c.personOf("staff.wco"): "focal.wco",
	}
}

// Every list is {items, next}: pages of one, one after the other, hold what one large page holds, and nobody is told
// how much there is.
func TestEveryListIsPagedByKeyset(t *testing.T) {
	c := newCircle(t)
	c.done(post("focal.wco", "/requests/"+c.askedU+"/messages", fields{"text": "For which training?"}))
	c.done(post("staff.unoct", "/requests/"+c.askedU+"/messages", fields{"text": "The one in May."}))
	c.done(post("focal.wco", "/documents/"+c.a+"/marking",
		fields{"marking": "confidential", "statement": "It was right before"}))
	c.putToCustoms()
	c.putToCustoms()
	for _, person := range []string{"focal.unoct", "focal.unoct", "staff.unoct"} {
		c.done(c.askOf(person, c.put(nil), "org_unoct", nil))
	}
	c.done(post("focal.wco", "/suspensions",
		fields{"person": c.personOf("other.wco"), "statement": "Left the organisation"}))
	c.done(post("focal.wco", "/holds", fields{"document": c.a, "statement": "An audit"}))
	at := c.waits(post("focal.wco", "/arrangement/notice",
		fields{"given_on": c.today().Format(time.DateOnly), "statement": "The programme ends."}))
	c.done(confirm("deputy.wco", at))
	body, kind := deposit(part{"metadata", "", `{"kind":"corrects","statement":"x","derived_from":"none"}`},
		part{"content", "a.txt", secret + " of others"})
	want[api.Document](t, c.as("staff.unoct", "POST", "/documents/"+c.b+"/versions", body, "Content-Type", kind), 201)
	for _, id := range []string{c.put(nil), c.put(nil)} {
		entry := *want[api.Document](t, c.as("staff.wco", "GET", "/documents/"+id, ""), 200).LogEntry
		for c.as("auditor.wco", "GET", "/log/entries/"+entry, "").StatusCode != 200 { // it has its place in a moment
			time.Sleep(20 * time.Millisecond)
		}
		c.waits(post("deputy.wco", "/erasures",
			fields{"entry": entry, "field": "title", "legal_basis": "Regulation 4(2)"}))
	}
	c.waits(post("focal.piu", "/organisations/org_piu-exampleland/mandates", c.mandate("staff.piu")))
	c.stage("staff.wco", secret+"of the desk")
	c.stands(c.opened("Yearly indicators"), c.personU)
	c.stands(c.seriesW, c.personOf("focal.unoct"))
	c.paper("focal.wco", c.askedU)
	c.webhook("https://receiver.example/second")
	given := c.put(nil)
	for range 2 {
		want[api.AccessRequest](t, c.as("focal.wco", "POST", "/documents/"+given+"/deliveries",
			c.giving(`"people":["`+c.personOf("focal.unoct")+`"]`)), 201)
	}
	lists := c.lists()
	lists["/documents/"+given+"/deliveries"] = "focal.wco"
	for _, path := range pagedPaths(t) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(lists)),
			func(at string) bool { return path.MatchString(strings.Split(at, "?")[0]) }) {
			t.Errorf("%s is paged, and nobody turns its pages here", path)
		}
	}
	var several []string
	for at, person := range lists {
		whole, _ := c.listed(person, at, 100)
		var one []string
		after, turns := "", 0
		for ; turns <= len(whole); turns++ {
			items, next := c.listed(person, at, 1, after)
			if one = append(one, items...); next == "" {
				break
			}
			after = next
		}
		if at == "/log/entries" { // reading the log is an entry each time
			whole, one = whole[len(whole)-3:], whole[len(whole)-3:]
		}
		if diff := cmp.Diff(whole, one); diff != "" {
			t.Errorf("%s as %s, whole (-) and in pages of one (+):\n%s", at, person, diff)
		}
		if len(whole) > 1 {
			several = append(several, at)
		}
		for _, wrong := range []string{"limit=0", "limit=1001", "limit=x", "after=nonsense!"} {
			mark := "?"
			if strings.Contains(at, "?") {
				mark = "&"
			}
			if a := c.as(person, "GET", at+mark+wrong, ""); a.StatusCode != 400 {
				t.Errorf("%s with %s: %d", at, wrong, a.StatusCode)
			}
		}
	}
	if len(several) < len(lists) {
		t.Errorf("of %d lists only %v hold several things", len(lists), several)
	}
}

// listed reads one page.
func (w *world) listed(person, at string, limit int, after ...string) (items []string, next string) {
	w.t.Helper()
	mark := "?"
	if strings.Contains(at, "?") {
		mark = "&"
	}
	at += fmt.Sprintf("%slimit=%d", mark, limit)
	if len(after) > 0 && after[0] != "" {
		at += "&after=" + url.QueryEscape(after[0])
	}
	var members map[string]json.RawMessage
	must(w.t, json.Unmarshal(w.as(person, "GET", at, "").body, &members))
	var raw []json.RawMessage
	must(w.t, json.Unmarshal(members["items"], &raw))
	for _, item := range raw {
		items = append(items, string(item))
	}
	_ = json.Unmarshal(members["next"], &next)
	delete(members, "items")
	delete(members, "next")
	if len(members) > 0 || len(items) > limit {
		w.t.Errorf("%s has %d items and the members %v beside them", at, len(items), members)
	}
	return items, next
}

func TestMeSaysWhoTheCallerIs(t *testing.T) {
	w := newWorld(t)
	me := want[api.Me](t, w.as("focal.wco", "GET", "/me", ""), 200)
	if me.Name != "focal of wco" || me.Organisation.Short != "wco" || me.Issuer != w.issuers.URL("wco") ||
		!slices.Equal(me.Roles, []api.Role{"focal-point", "signatory", "staff"}) || len(me.Delegations) != 1 {
		t.Errorf("%+v", me)
	}
	if again := want[api.Me](t, w.as("focal.wco", "GET", "/me", ""), 200); again.Person != me.Person {
		t.Errorf("%s is %s at the second look", me.Person, again.Person)
	}
	machine := want[api.Me](t, w.as("machine.unoct", "GET", "/me", ""), 200)
	if !slices.Equal(machine.Roles, []api.Role{"service"}) || len(machine.Delegations) != 0 {
		t.Errorf("a machine client is %+v", machine)
	}
}

func TestAThirdPartySeesItselfAndThePartiesAndAddressesItsOwnPeople(t *testing.T) {
	w := newWorld(t)
	for person, expected := range map[string][]string{
		"staff.piu": {"piu-exampleland", "unoct", "wco"},
		"staff.wco": {"customs-exampleland", "operator", "piu-exampleland", "unoct", "wco"},
	} {
		var shorts []string
		for _, o := range want[api.OrganisationPage](t, w.as(person, "GET", "/organisations", ""), 200).Items {
			shorts = append(shorts, o.Short)
		}
		if slices.Sort(shorts); !slices.Equal(shorts, expected) {
			t.Errorf("%s sees %v, want %v", person, shorts, expected)
		}
	}
	refused(t, w.as("staff.piu", "GET", "/organisations/"+customs, ""), 404, "request/not-found")
	w.personOf("other.piu")
	for person, status := range map[string]int{"staff.piu": 200, "staff.wco": 200, "staff.customs": 404} {
		a := w.as(person, "GET", "/people?organisation="+unit, "")
		if a.StatusCode != status || status == 200 && len(want[api.PersonPage](t, a, 200).Items) != 2 {
			t.Errorf("%s asks for the people of the unit: %d %s", person, a.StatusCode, a.body)
		}
	}
	// of the other Party, those who may be addressed: so far, nobody
	theirs := want[api.PersonPage](t, w.as("staff.wco", "GET", "/people?organisation=org_unoct", ""), 200).Items
	if len(theirs) != 0 {
		t.Errorf("of the other Party, %v are listed", theirs)
	}
}

func TestDocumentsAreFoundByWhatTheCallerMaySee(t *testing.T) {
	w := newWorld(t)
	maritime := w.put(fields{"title": "Maritime indicators"})
	open := w.put(fields{"title": "Air indicators", "marking": "non-confidential", "purposes": []string{"art2.f"}})
	theirs := w.done(depositOf("staff.unoct",
		fields{"title": "Land indicators", "marking": "restricted", "recipient": "org_wco"}, file{content: "Theirs."}))
	for query, expected := range map[string][]string{
		"":                {theirs, open, maritime},
		"?sort=deposited": {maritime, open, theirs},
		// the title of what UNOCT deposited is not shown to the WCO
		"?q=indicators":                   {open, maritime},
		"?q=maritime+indicators":          {maritime},
		"?marking=non-confidential":       {open},
		"?marking=restricted":             {theirs},
		"?purpose=art2.f":                 {open},
		"?discloser=org_unoct":            {theirs},
		"?discloser=org_wco&q=air":        {open},
		"?discloser=org_piu-exampleland":  nil,
		"?q=nothing-that-stands-anywhere": nil,
	} {
		var found []string
		for _, d := range want[api.DocumentPage](t, w.as("staff.wco", "GET", "/documents"+query, ""), 200).Items {
			found = append(found, d.Id)
		}
		if diff := cmp.Diff(expected, found); diff != "" {
			t.Errorf("%q, wanted (-) and found (+):\n%s", query, diff)
		}
	}
	refused(t, w.as("staff.wco", "GET", "/documents?marking=secret", ""), 400, "request/unknown-value")
	refused(t, w.as("staff.wco", "GET", "/documents?sort=title", ""), 400, "request/unknown-value")
}

// The six states of a request, and the three boxes.
func TestRequestsAreInOneOfSixStatesAndThreeBoxes(t *testing.T) {
	w := newWorld(t)
	asked := func(until time.Duration) string {
		return w.done(w.askOf("staff.unoct", w.put(nil), "org_unoct", fields{"until": w.in(until)}))
	}
	states := map[api.RequestState]string{"refused": asked(60 * day), "withdrawn": asked(60 * day),
		"expired": asked(day), "lapsed": asked(60 * day)}
	w.done(decisionOf("focal.wco", states["refused"], "refuse", nil))
	w.done(post("staff.unoct", "/requests/"+states["withdrawn"]+"/withdrawal", fields{"statement": "Not needed"}))
	w.done(decisionOf("focal.wco", states["expired"], "authorize", nil))
	w.pass(15 * day)
	states["open"], states["in-force"] = asked(60*day), asked(60*day)
	w.done(decisionOf("focal.wco", states["in-force"], "authorize", nil))
	forUnit := w.done(w.forUnit(w.put(nil), nil))
	for state, id := range states {
		if q := want[api.AccessRequest](t, w.as("staff.unoct", "GET", "/requests/"+id, ""), 200); q.State != state {
			t.Errorf("%s is %s, want %s", id, q.State, state)
		}
		if listed := w.inBox("staff.unoct", "mine&state="+string(state)); !slices.Equal(listed, []string{id}) {
			t.Errorf("mine, %s: %v, want %s", state, listed, id)
		}
	}
	open := want[api.AccessRequest](t, w.as("staff.unoct", "GET", "/requests/"+states["open"], ""), 200)
	if len(open.Missing) != 1 || open.Missing[0].What != "art4.4/authorization-missing" ||
		*open.Missing[0].From != "org_wco" || open.LapsesAt == nil {
		t.Errorf("open, missing %+v", open.Missing)
	}
	for person, box := range map[string]string{"staff.unoct": "for-us", "focal.wco": "inbox", "focal.unoct": "mine"} {
		listed := w.inBox(person, box)
		inIt := slices.Contains(listed, states["open"])
		if want := box != "mine"; inIt != want {
			t.Errorf("%s of %s holds what staff of UNOCT asked: %t, want %t", box, person, inIt, want)
		}
	}
	if !slices.Contains(w.inBox("focal.wco", "inbox"), forUnit) ||
		!slices.Contains(w.inBox("focal.unoct", "mine"), forUnit) {
		t.Error("the request for the unit stands neither before the Discloser nor before who asked")
	}
	refused(t, w.as("staff.unoct", "GET", "/requests?box=all", ""), 400, "request/unknown-value")
}

// A request stands in the inbox of those whose decision it waits for, and of nobody else: not where none is needed, and
// still before the Discloser that authorized, when what is needed is its consent.
func TestTheInboxHoldsWhatWaitsForTheOwnLeave(t *testing.T) {
	w := newWorld(t)
	open := w.put(fields{"marking": "non-confidential"})
	w.done(w.askOf("staff.unoct", open, "org_unoct", nil))
	own := w.put(nil)
	w.done(w.askOf("staff.wco", own, "org_wco", nil))
	forUnit := w.done(w.forUnit(w.put(nil), nil))
	if got := w.inBox("focal.wco", "inbox"); !slices.Equal(got, []string{forUnit}) {
		t.Errorf("before anybody decided the inbox holds %v, want %s", got, forUnit)
	}
	w.done(decisionOf("focal.wco", forUnit, "authorize", nil))
	if got := w.inBox("deputy.wco", "inbox"); !slices.Equal(got, []string{forUnit}) {
		t.Errorf("authorized, with the consent missing, the inbox holds %v, want %s", got, forUnit)
	}
	w.done(decisionOf("focal.wco", forUnit, "consent", nil))
	if got := w.inBox("deputy.wco", "inbox"); len(got) > 0 {
		t.Errorf("consented to, it still waits: %v", got)
	}
}

// Those who answer for an organisation find what its people asked for, whoever asked, and for a third party too.
func TestFocalPointsFindWhatTheirOrganisationAskedFor(t *testing.T) {
	w := newWorld(t)
	document := w.put(nil)
	forUnit := w.done(w.askOf("staff.unoct", document, "org_piu-exampleland", nil))
	forUs := w.done(w.askOf("other.unoct", document, "org_unoct", nil))
	for person, wanted := range map[string][]string{"focal.unoct": {forUs, forUnit}, "deputy.unoct": {forUs, forUnit},
		"staff.unoct": nil, "focal.wco": nil} {
		if got := w.inBox(person, "ours"); !slices.Equal(got, wanted) {
			t.Errorf("ours of %s holds %v, want %v", person, got, wanted)
		}
	}
	if got := w.inBox("focal.unoct", "ours&state=open&limit=1"); !slices.Equal(got, []string{forUs}) {
		t.Errorf("the first open one of ours is %v", got)
	}
}

// A page of one state is filled from behind those in other states.
func TestAPageOfOneStateIsFilledFromBehindTheOthers(t *testing.T) {
	w := newWorld(t)
	document := w.put(nil)
	first := w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
	second := w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
	for range 5 {
		w.done(post("staff.unoct", "/requests/"+w.done(w.askOf("staff.unoct", document, "org_unoct", nil))+
			"/withdrawal", fields{"statement": "Not needed"}))
	}
	got, next := w.listed("staff.unoct", "/requests?box=mine&state=open", 1)
	if len(got) != 1 || !strings.Contains(got[0], second) || next == "" {
		t.Fatalf("the first page holds %v, and %q follows", got, next)
	}
	got, next = w.listed("staff.unoct", "/requests?box=mine&state=open", 1, next)
	if len(got) != 1 || !strings.Contains(got[0], first) || next != "" {
		t.Errorf("the second page holds %v, and %q follows", got, next)
	}
}

func (w *world) inBox(person, box string) (ids []string) {
	w.t.Helper()
	for _, q := range want[api.AccessRequestPage](w.t, w.as(person, "GET", "/requests?box="+box, ""), 200).Items {
		ids = append(ids, q.Id)
	}
	return ids
}

func TestWhatTheDisclosersOwnPeopleReadAsksForNoPurposeAndShowsInTheirHistoryAlone(t *testing.T) {
	w := newWorld(t)
	document := w.put(nil)
	own := want[api.Disclosure](t, w.do(readingOf("staff.wco", document, fields{"purpose": nil, "statement": nil})),
		201)
	w.granted(document, nil, nil)
	theirs := want[api.Disclosure](t, w.do(readingOf("staff.unoct", document, nil)), 201)
	if own.CopyNumber == theirs.CopyNumber || own.Marking != "confidential" || !own.ExpiresAt.After(time.Now()) {
		t.Errorf("own %+v, theirs %+v", own, theirs)
	}
	for person, copies := range map[string][]string{"staff.wco": {theirs.CopyNumber, own.CopyNumber},
		"staff.unoct": {theirs.CopyNumber}} {
		var numbers []string
		for _, item := range want[api.HistoryPage](t, w.as(person, "GET", "/documents/"+document+"/history", ""),
			200).Items {
			numbers = append(numbers, *item.CopyNumber)
		}
		if !slices.Equal(numbers, copies) {
			t.Errorf("%s is told of the copies %v, want %v", person, numbers, copies)
		}
	}
}

func TestConsentByLetterOrWithoutEvidenceCountsOnlyWhereASettingAdmitsIt(t *testing.T) {
	letter := fields{"evidence": fields{"kind": "letter", "letter_sha256": sha}}
	strict := newWorld(t, func(w *world) { w.settings.AdmitNoEvidence = false })
	request := strict.done(strict.forUnit(strict.put(nil), nil))
	refused(t, strict.do(decisionOf("focal.wco", request, "consent", nil)), 403, "art4.8/evidence-invalid")
	refused(t, strict.do(decisionOf("focal.wco", request, "consent", letter)), 403, "art4.8/evidence-invalid")
	noPaper := fields{"evidence": fields{"kind": "letter"}}
	refused(t, strict.do(decisionOf("focal.wco", request, "consent", noPaper)), 400, "request/missing-field")

	w := newWorld(t)
	document := w.put(nil)
	request = w.done(w.forUnit(document, nil))
	w.done(decisionOf("focal.wco", request, "consent", letter))
	q := want[api.AccessRequest](t, w.as("focal.unoct", "GET", "/requests/"+request, ""), 200)
	if q.State != api.RequestStateInForce || *q.Decisions[0].Evidence != "letter" {
		t.Errorf("%s by %+v", q.State, q.Decisions)
	}
	w.done(readingOf("staff.piu", document, nil))
}

func TestTextsOfAgreementsAreFrozenAndTheNewestStandsFirst(t *testing.T) {
	w := newWorld(t)
	put := func(text string) call {
		return post("focal.wco", "/agreements", fields{"organisation": unit, "text": text})
	}
	first, second := w.done(put("We keep it.")), w.done(put("We keep it, and say when we cannot."))
	refused(t, w.do(put("We keep it.")), 409, "request/conflict")
	page := want[api.AgreementPage](t, w.as("focal.piu", "GET", "/agreements", ""), 200)
	if len(page.Items) != 2 || page.Items[0].Id != second || page.Items[1].State != api.Superseded ||
		page.Items[0].TextSha256 != digestOf(page.Items[0].Text) {
		t.Errorf("%+v", page.Items)
	}
	signing := fields{"text_sha256": digestOf("We keep it."), "name": "P. Varga", "function": "Head",
		"authority": "Decree 4", "accepts": true}
	refused(t, w.do(post("focal.piu", "/agreements/"+first+"/signatures", signing)), 403, "art4.8/agreement-superseded")
	signing["text_sha256"], signing["accepts"] = digestOf("We keep it, and say when we cannot."), false
	refused(t, w.do(post("focal.piu", "/agreements/"+second+"/signatures", signing)), 422,
		"gateway/signature-incomplete")
	signing["accepts"] = true
	w.done(post("focal.piu", "/agreements/"+second+"/signatures", signing))
	refused(t, w.do(post("focal.piu", "/agreements/"+second+"/signatures", signing)), 409, "request/conflict")
}
