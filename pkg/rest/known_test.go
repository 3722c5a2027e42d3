package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// A cursor names no organisation that the caller may not know of, and no page is shorter for one.
func TestTheCursorsOfTheOrganisationsNameNoneThatTheCallerMayNotKnow(t *testing.T) {
	w := newWorld(t)
	for person, want := range map[string][]string{
		"staff.piu":         {"org_piu-exampleland", "org_unoct", "org_wco"},
		"operator.operator": {"org_operator", "org_unoct", "org_wco"},
	} {
		var got []string
		for after, pages := "", 0; pages < 10; pages++ {
			page := organisationAfter(t, w, person, after)
			if len(page.Items) != 1 {
				t.Errorf("%s: a page of %d; want 1", person, len(page.Items))
			}
			for _, o := range page.Items {
				got = append(got, o.Id)
			}
			if page.Next == nil {
				break
			}
			after = *page.Next
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s walks %v; want %v", person, got, want)
		}
	}
}

func organisationAfter(t *testing.T, w *world, person, after string) api.OrganisationPage {
	t.Helper()
	path := "/organisations?limit=1"
	if after != "" {
		path += "&after=" + after
	}
	return want[api.OrganisationPage](t, w.as(person, "GET", path, ""), 200)
}

// Whoever may not know which third parties there are is answered alike about one that is and one that is not, by the
// acts that name one in their body too.
func TestAnActThatNamesAnOrganisationTellsNobodyWhoElseIsInTheCircle(t *testing.T) {
	c := newCircle(t)
	open := c.depositAs("staff.wco", strings.NewReplacer(`"confidential"`, `"non-confidential"`,
		`"title":"`, `"title":"Open `).Replace(declared)).Id
	want[api.Release](t, c.as("focal.wco", "POST", "/documents/"+open+"/releases",
		`{"organisation":"org_piu-exampleland","purpose":"art2.e","statement":"x"}`), 201)
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	ask := `{"for":{"organisation":"%s"},"purpose":"art2.e","statement":"x","until":"` + until + `"}`
	for _, r := range []struct{ path, body string }{
		{"/agreements", `{"organisation":"%s","text":"x"}`},
		{"/documents/" + open + "/requests", ask},
		{"/documents/" + c.a + "/requests", ask},
		{"/documents/" + open + "/releases", `{"organisation":"%s","purpose":"art2.e","statement":"x"}`},
	} {
		for _, person := range []string{"staff.piu", "focal.piu", "operator.operator"} {
			send := func(organisation string) answer {
				return c.as(person, "POST", r.path, strings.Replace(r.body, "%s", organisation, 1), "If-Match", `"x"`)
			}
			known, unknown := send("org_customs-exampleland"), send("org_no-such-thing")
			if without(known) != without(unknown) || known.StatusCode < 400 {
				t.Errorf("%s, %s:\nknown   %s\nunknown %s", person, r.path, without(known), without(unknown))
			}
		}
	}
}
