package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Article 5(4), through the pages, in both languages: a focal point takes the figures of a period along, as a page and
// as a table; what its Party's staff, an auditor or a third party send does nothing.
func TestJourneyAFocalPointTakesTheFiguresOfAPeriodAlong(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	today := time.Now().UTC()
	period := url.Values{"from": {today.AddDate(0, -1, 0).Format(time.DateOnly)},
		"to": {today.Format(time.DateOnly)}}
	for _, language := range []string{"en", "fr"} {
		say := func(english, french string) string { return either(language, english, french) }
		focal := in(t, p.BaseURL, "focal.wco", language)
		title := "The title that no figure tells, " + language
		focal.put(title, "restricted", "org_unoct", "art2.e", nil)
		focal.wants(focal.send("/arrangement", nil), say("The figures of a period", "Les chiffres d’une période"))
		shown := focal.does("/review", "count", period)
		focal.wants(shown, say("Deposited", "Déposés"), say("Restricted", "À diffusion restreinte"),
			say("Requests to be decided", "Demandes à décider"))
		if strings.Contains(shown.body, title) {
			t.Errorf("%s: a title stands in the figures", language)
		}
		reversed := url.Values{"from": period["to"], "to": period["from"]}
		focal.wants(focal.does("/review", "count", reversed), say("at most 366 days", "366 jours au plus"))
		table := url.Values{"from": period["from"], "to": period["to"], "table": {"yes"}}
		a := focal.does("/review", "count", table)
		if !strings.HasPrefix(a.body, "documents_of,what,marking,purpose,count") {
			t.Errorf("%s: the table is %q", language, a.body)
		}
	}
	for _, who := range []string{"staff.wco", "auditor.wco", "focal.piu", "operator"} {
		b := in(t, p.BaseURL, who, "en")
		for _, form := range []url.Values{nil, {"do": {"count"}, "from": period["from"], "to": period["to"]}} {
			if a := b.send("/review", form); a.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d %s", who, a.StatusCode, textOf(a.body))
			}
		}
	}
}
