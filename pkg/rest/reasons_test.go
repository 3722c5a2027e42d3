package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/web"
)

func TestEveryCodeIsWordedInBothLanguages(t *testing.T) {
	for _, code := range article4.Codes() {
		entry, _ := article4.Lookup(code)
		refusal := &exchange.Refusal{
			Reasons: []article4.Reason{{Code: code, From: "org_1"}}, Document: "doc_1", Request: "req_1",
			Entry: "ent_1",
		}
		for language, words := range map[web.Language]article4.Words{web.English: entry.English,
			web.French: entry.French} {
			got := rest.Worded(refusal, language)[0]
			if got.Code != string(code) || got.Paragraph != entry.Paragraph || got.Basis != entry.Basis ||
				got.Status != entry.Status {
				t.Errorf("%s in %s: %+v", code, language, got)
			}
			if got.Title == "" || got.Title != words.Title || got.Detail != words.Detail || got.From != "org_1" {
				t.Errorf("%s in %s: %+v", code, language, got)
			}
			if (entry.Status == 401) != got.Challenge {
				t.Errorf("%s: status %d, asks for another sign-in: %v", code, entry.Status, got.Challenge)
			}
		}
	}
}

func TestEveryRemedyLeadsToAnOperation(t *testing.T) {
	h := newFixture(t, anybody)
	routes := map[string]bool{}
	for _, route := range h.Routes() {
		routes[route.Method+" "+route.Path] = true
	}
	pattern := strings.NewReplacer("doc_1", ":id", "req_1", ":id")
	acts := readContract(t).Parts.Schemas["Act"].Enum
	for _, act := range acts {
		if !article4.Act(act).Valid() {
			t.Errorf("the contract knows an act %q", act)
		}
	}
	for _, code := range article4.Codes() {
		for _, act := range acts {
			reasons := []article4.Reason{{Code: code}}
			for _, refusal := range []*exchange.Refusal{
				{Act: article4.Act(act), Reasons: reasons, Document: "doc_1", Request: "req_1"},
				{Act: article4.Act(act), Reasons: reasons, Document: "doc_1"},
				{Act: article4.Act(act), Reasons: reasons},
			} {
				remedy := rest.Worded(refusal, web.English)[0].Remedy
				if remedy != nil && !routes[remedy.Method+" "+pattern.Replace(remedy.Href)] {
					t.Errorf("%s of %s leads to %s %s", code, act, remedy.Method, remedy.Href)
				}
			}
		}
	}
	for act, href := range map[article4.Act]string{
		article4.ActDeposit: "/documents", article4.ActRelease: "/documents/doc_1/releases",
		article4.ActMark: "/documents/doc_1/marking",
		article4.ActFile: "/requests/req_1/authorizations", article4.ActGiveNotice: "/arrangement/notice",
	} {
		again := rest.Worded(&exchange.Refusal{Act: act, Reasons: []article4.Reason{{Code: "gateway/no-statement"}},
			Document: "doc_1", Request: "req_1"}, web.English)
		if r := again[0].Remedy; r == nil || r.Method != "POST" || r.Href != rest.Base+href {
			t.Errorf("an absent statement of %s is cured at %+v", act, again[0].Remedy)
		}
	}
	consent := rest.Worded(&exchange.Refusal{Reasons: []article4.Reason{{Code: "art4.8/no-written-consent"}},
		Document: "doc_1"}, web.English)[0]
	if consent.Remedy == nil || consent.Remedy.Href != "/api/v1/documents/doc_1/requests" ||
		consent.Remedy.Method != "POST" {
		t.Errorf("the remedy of an absent consent is %+v", consent.Remedy)
	}
}

// A third party asks for nothing and releases nothing; staff of a Party release nothing.
func TestNobodyIsSentWhereTheyMayNotGo(t *testing.T) {
	for _, code := range article4.Codes() {
		refusal := &exchange.Refusal{Act: article4.ActDisclose, Reasons: []article4.Reason{{Code: code, From: "org_2"}},
			Document: "doc_1"}
		for _, party := range []bool{true, false} {
			r := rest.WordedForOthers(refusal, party)[0].Remedy
			asks := r != nil && strings.HasSuffix(r.Href, "/requests")
			if r != nil && strings.HasSuffix(r.Href, "/releases") || !party && asks {
				t.Errorf("%s sends staff (of a Party: %t) to %s %s", code, party, r.Method, r.Href)
			}
		}
	}
}

// An auditor of a Party asks for nothing and releases nothing either; its staff and its machines ask.
func TestAnAuditorIsNotSentToAskForAccess(t *testing.T) {
	for _, code := range article4.Codes() {
		for _, from := range []article4.OrganisationID{"org_1", "org_2"} {
			refusal := &exchange.Refusal{Act: article4.ActDisclose,
				Reasons: []article4.Reason{{Code: code, From: from}}, Document: "doc_1"}
			r := rest.WordedForRole(refusal, article4.RoleAuditor)[0].Remedy
			if r != nil && (strings.HasSuffix(r.Href, "/releases") || strings.HasSuffix(r.Href, "/requests")) {
				t.Errorf("%s from %s sends an auditor to %s %s", code, from, r.Method, r.Href)
			}
		}
	}
	missing := &exchange.Refusal{Act: article4.ActDisclose,
		Reasons: []article4.Reason{{Code: "art4.5/not-granted", From: "org_2"}}, Document: "doc_1"}
	for _, role := range []article4.Role{article4.RoleStaff, article4.RoleService, article4.RoleFocalPoint,
		article4.RoleSignatory} {
		if r := rest.WordedForRole(missing, role)[0].Remedy; r == nil ||
			r.Href != rest.Base+"/documents/doc_1/requests" {
			t.Errorf("a %s without a grant is sent to %+v", role, r)
		}
	}
}

// The Discloser's own focal point who would release a protected document is sent to ask for it: releasing it again
// cures nothing.
func TestAReleaseOfWhatIsProtectedLeadsToARequest(t *testing.T) {
	for _, from := range []article4.OrganisationID{"org_1", "org_2"} {
		refusal := &exchange.Refusal{Act: article4.ActRelease,
			Reasons: []article4.Reason{{Code: "art4.8/no-written-consent", From: from}}, Document: "doc_1"}
		if r := rest.WordedForRole(refusal, article4.RoleFocalPoint)[0].Remedy; r == nil || r.Method != "POST" ||
			r.Href != rest.Base+"/documents/doc_1/requests" {
			t.Errorf("from %s: %+v", from, r)
		}
	}
}

func TestCodeOutsideTheTableStillRefuses(t *testing.T) {
	got := rest.Worded(&exchange.Refusal{Reasons: []article4.Reason{{Code: "art4.8/unheard-of"}}}, web.English)
	if len(got) != 1 || got[0].Code != "art4.8/unheard-of" || got[0].Title == "" {
		t.Errorf("%+v", got)
	}
}

func TestRulesQuoteTheTenParagraphs(t *testing.T) {
	h := newFixture(t, anybody)
	var page struct {
		Items []struct {
			Paragraph, Words string
			Measures         []struct{ Code, Basis, What string }
		}
	}
	if err := json.Unmarshal(h.send("GET", "/rules", "", "", nil).Body.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 10 || page.Items[7].Paragraph != "4(8)" ||
		!strings.Contains(page.Items[7].Words, "prior written consent of the Discloser") {
		t.Errorf("%d paragraphs; the eighth is %+v", len(page.Items), page.Items)
	}
	if len(page.Items[7].Measures) == 0 || page.Items[7].Measures[0].Basis == "" {
		t.Errorf("4(8) has the measures %+v", page.Items[7].Measures)
	}
}

func TestAParagraphIsReadByItsNumber(t *testing.T) {
	w := newWorld(t)
	rule := want[api.Rule](t, w.as("staff.customs", "GET", "/rules/4(8)", ""), 200)
	if rule.Paragraph != "4(8)" || !strings.Contains(rule.Words, "prior written consent of the Discloser") {
		t.Errorf("4(8) is %+v", rule)
	}
	refused(t, w.as("staff.customs", "GET", "/rules/4(11)", ""), 404, "request/not-found")
}
