package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Reading 0111, through the pages, without scripts, in both languages: a series is opened, authorized by a fresh
// sign-in for the text that was shown, serves a deposit, and is taken back.
func TestJourneyASeriesIsAuthorizedAndTakenBack(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			say := func(english, french string) string { return either(language, english, french) }
			focal, there := in(t, p.BaseURL, "focal.wco", language), in(t, p.BaseURL, "focal.unoct", language)
			opened := focal.does("/series", "open", url.Values{"name": {"Weekly, " + language},
				"markings": {"restricted"}, "purposes": {"art2.e"}, "entities": {"none"}})
			focal.wants(opened, say("The series is open", "La série est ouverte"), "Weekly, "+language)
			path, _, _ := strings.Cut(opened.at, "?")
			form := focal.send(path, nil).body
			who := regexp.MustCompile(`name="people" value="(per_[^"]+)"`).FindStringSubmatch(form)
			if who == nil {
				t.Fatal("nobody of the Recipient can be named")
			}
			shown := focal.does(path, "authorize", url.Values{"purpose": {"art2.e"}, "people": {who[1]},
				"until": {time.Now().AddDate(0, 3, 0).Format(time.DateOnly)}, "form": {"original"},
				"reason": {"They need it each week"}})
			focal.wants(shown, "CHANCERY STANDING AUTHORIZATION", "Weekly, "+language)
			var signs url.Values
			for _, text := range formOf.FindAllString(shown.body, -1) {
				if strings.Contains(text, `name="signs"`) {
					signs = fieldsOf(text)
				}
			}
			focal.wants(focal.follow(focal.send(path, signs)), say("The series is authorized",
				"La série est autorisée"), say("in force", "en vigueur"))

			clerk := in(t, p.BaseURL, "staff.wco", language)
			document := clerk.put("Week of "+language, "restricted", "org_unoct", "art2.e",
				url.Values{"series": {strings.TrimPrefix(path, "/series/")}})
			there.wants(there.send("/requests?box=for-us", nil), "They need it each week",
				say("in force", "en vigueur"))
			there.wants(there.send(document, nil), "Week of "+language,
				say("Standing authorization", "Autorisation de la série"))
			there.wants(there.send(document+"/timeline", url.Values{}), say("on a standing authorization",
				"en vertu de l’autorisation de la série"))

			stands := focal.send(path, nil).body
			which := regexp.MustCompile(`name="which" value="(aut_[^"]+)"`).FindStringSubmatch(stands)
			if which == nil {
				t.Fatal("what stands cannot be taken back")
			}
			focal.wants(focal.does(path, "withdraw", url.Values{"which": {which[1]}, "reason": {"No longer"}}),
				say("was taken back", "a été retirée"))
		})
	}
}
