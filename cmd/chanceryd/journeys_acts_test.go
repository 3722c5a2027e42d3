package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// fillIn fills in the form that a page has for something, and sends it: the form whose field "do" says what, or that
// has a field of that name, or an address that ends so; of several the last.
const fillIn = `((what, said) => {
	const form = [...document.querySelectorAll('main form[method="post"]')].findLast(f => [...f.elements].some(e =>
		e.name === "do" && e.value === what || e.name === what) ||
		(f.getAttribute("action") || "").endsWith("/" + what));
	if (!form) return "no form";
	for (const [name, all] of Object.entries(said)) {
		const fields = [...form.elements].filter(e => e.name === name);
		if (fields.length === 0) return "no field " + name;
		for (const e of fields) {
			if (e.type === "radio" || e.type === "checkbox") { if (e.checked !== all.includes(e.value)) e.click(); }
			else e.value = all[0];
		}
	}
	window.before = true;
	form.querySelector("button").click();
	return "";
})`

// fills does what a form is for, in the browser, and signs the same person in once more where the act asks for that. An
// empty path is the page that is open.
func (s *sight) fills(who, path, what string, values url.Values, says ...string) {
	s.t.Helper()
	if path != "" {
		s.at(path)
	}
	said, err := json.Marshal(values)
	s.must("write the form", err)
	if values == nil {
		said = []byte("{}")
	}
	fault, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](fmt.Sprintf("%s(%q, %s)", fillIn, what, said)))
	s.must("fill in "+what, err)
	if fault != "" {
		s.must("fill in "+what, fmt.Errorf("%s", fault))
	}
	asked := false
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		where, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](
			`document.readyState !== "complete" || window.before ? "" :
			document.querySelector('button[value="`+who+`"]') ? "asked" :
			document.querySelector('main a.btn[href^="http"]') ? "" : "there"`))
		if asked = where == "asked"; err == nil && where != "" {
			break
		}
	}
	if asked {
		s.again(who, `form[action="/sign-out"]`)
	}
	s.says(says...)
}

// The acts of the two Parties' people that TestJourneyEveryActHasAPage sends without a browser, in a real one, in both
// languages, with scripts and without.
func TestJourneyActsInABrowser(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	browser := chromium(t)
	inEach(t, func(t *testing.T, w way) { p.actsIn(t, browser, w) })
}

func (p *playing) actsIn(t *testing.T, browser context.Context, w way) {
	say, language := w.say, w.String()
	one := map[string]*sight{}
	for _, who := range []string{"focal.wco", "deputy.wco", "auditor.wco"} {
		one[who] = w.goes(t, browser, p, "wco", who)
	}
	focal, deputy, auditor := one["focal.wco"], one["deputy.wco"], one["auditor.wco"]
	clerk := in(t, p.BaseURL, "staff.wco", w.language)
	why := said("reason", "For the test")
	yours, confirmed := say("You began this", "Vous avez commencé ceci"), say("Confirmed.", "Confirmé.")

	address := "https://receiver.example/" + language
	deputy.fills("deputy.wco", "/webhooks", "keep", said("address", address), yours, address)
	focal.fills("focal.wco", deputy.path(), "confirm", nil, confirmed)
	focal.at("/webhooks")
	focal.fills("focal.wco", focal.href(`main table a`, address), "end", nil, say("Taken away.", "Retirée."))

	focal.fills("focal.wco", "/series", "open", url.Values{"name": {"Weekly, " + language},
		"markings": {"restricted"}, "purposes": {"art2.e"}, "entities": {"none"}}, "Weekly, "+language)
	series := focal.path()
	people, err := chromedp.Run(focal.ctx, chromedp.Evaluate[string](
		`document.querySelector('input[name="people"]').value`))
	focal.must("find a reader", err)
	focal.fills("focal.wco", "", "authorize", said("purpose", "art2.e", "people", people, "until",
		time.Now().AddDate(0, 3, 0).Format(time.DateOnly), "form", "original", "reason", "They need it each week"),
		"CHANCERY STANDING AUTHORIZATION")
	focal.fills("focal.wco", "", "signs", nil, say("The series is authorized", "La série est autorisée"))
	document := clerk.put("Week of "+language, "restricted", "org_unoct", "art2.e",
		url.Values{"series": {strings.TrimPrefix(series, "/series/")}})
	focal.at(document)
	focal.says(say("Standing authorization", "Autorisation de la série"), "UNOCT")
	which, err := chromedp.Run(focal.ctx, chromedp.Evaluate[string](`fetch("`+series+`").then(r => r.text()).then(t =>
		/name="which" value="([^"]+)"/.exec(t)[1])`, chromedp.EvalAwaitPromise))
	focal.must("find what stands", err)
	focal.fills("focal.wco", series, "withdraw", said("which", which, "reason", "No longer"),
		say("was taken back", "a été retirée"))

	focal.fills("focal.wco", document+"/details", "amend", said("title", "Renamed, "+language, "reason", "A typo"),
		say("The details were changed", "La fiche a été modifiée"), "Renamed, "+language)
	for _, stop := range []struct{ act, done, ends, at string }{
		{"hold", say("The Hold stands", "La mesure de conservation est en place"), "end-hold", "hld_"},
		{"suspend", say("The document was suspended", "Le document a été suspendu"), "lift", "sus_"},
	} {
		deputy.fills("deputy.wco", document+"/acts/"+stop.act, "reason", why, stop.done)
		focal.at("/stops")
		at := regexp.MustCompile(`/stops/` + stop.at + `[^"]+`).FindString(focal.html())
		focal.fills("focal.wco", at, stop.ends, why, yours)
		deputy.fills("deputy.wco", focal.path(), "confirm", why, confirmed)
	}
	auditor.fills("auditor.wco", document, "accounting", nil, say("Who got copies", "Qui a reçu des exemplaires"))
	auditor.fills("auditor.wco", document, "timeline", nil, say("deposited", "a déposé"))
	auditor.fills("auditor.wco", "/audit", "report", nil, say("Consents asked for", "Consentements demandés"))
	deputy.fills("deputy.wco", document+"/acts/report-leak", "reason", why, say("The leak was reported",
		"La fuite a été signalée"))
	focal.fills("focal.wco", "/trace", "text", said("text", "C-0000-0000"), say("0 copies were found",
		"0 exemplaire trouvé"))

	wrong := clerk.put("Wrong, "+language, "restricted", "org_unoct", "art2.e", nil)
	version := first(ticks(in(t, p.BaseURL, "deputy.wco", w.language).send(wrong+"/destroy", nil).body, "version"))
	focal.fills("focal.wco", wrong+"/destroy", "destroy", said("version", version, "reason", "Wrong file"), yours)
	deputy.fills("deputy.wco", focal.path(), "confirm", why, say("Destroyed.", "Détruite."))
	auditor.twoPeople(wrong, w)
	focal.figures(w)
	free := clerk.put("Released, "+language, "non-confidential", "org_unoct", "art2.i", nil)
	focal.fills("focal.wco", free+"/release", "release", said("organisation", "org_customs-exampleland", "statement",
		"For its own training"), say("Released.", "Communiqué."))

	elsewhere := in(t, p.BaseURL, "focal.wco", w.language)
	focal.fills("focal.wco", "/me", "session", nil) // all others
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if elsewhere.send("/me", nil).StatusCode == http.StatusSeeOther {
			return
		}
	}
	t.Error("the other session goes on")
}

// twoPeople reads what the log says of a version that two people destroyed: the first only asked for it. What stands
// behind each entry is in words.
func (s *sight) twoPeople(document string, w way) {
	s.t.Helper()
	s.at("/log?kind=destruction&document=" + strings.TrimPrefix(document, "/documents/"))
	asked := w.say("asked that a version be destroyed, which a second person completes",
		"a demandé de détruire une version, ce qu’une seconde personne confirme")
	s.says(asked, w.say("destroyed a version, as the second of two people",
		"a détruit une version, comme seconde de deux personnes"))
	s.says(w.say("begun", "engagé"))
	s.fits("log-two-people-" + w.String())
	s.press(`tbody tr:last-child td.num a`, `.halves`)
	s.says(asked, w.say("What stands behind it", "Ce qui est derrière"), w.say("Why", "Pourquoi"), "Wrong file",
		w.say("What the rules were asked", "Ce qui fut soumis aux règles"),
		w.say("A reason was given", "Un motif a été donné"), w.say("nobody came before", "personne n’est passé avant"))
	s.fits("entry-" + w.String())
	if w.scripts {
		s.inspect("entry "+w.String(), axe(s.t))
	}
	s.press(`details:not([open]) summary`, `details[open] dl.raw`) // as the log keeps it, for whoever wants it
	s.says(w.say("the commitment to it", "l’engagement qui figure"))
	s.fits("entry-raw-" + w.String())
}

// figures takes the figures of a period along, and looks at the sessions of the reader.
func (s *sight) figures(w way) {
	s.t.Helper()
	today := time.Now().UTC()
	s.fills("focal.wco", "/review", "count", said("from", today.AddDate(0, -1, 0).Format(time.DateOnly), "to",
		today.Format(time.DateOnly)), w.say("Deposited", "Déposés"))
	for page, path := range map[string]string{"review": "", "me": "/me"} {
		if path != "" {
			s.at(path)
		}
		s.fits(page + "-" + w.String())
		if w.scripts {
			s.inspect(page+" "+w.String(), axe(s.t))
		}
	}
}

// html is the page as it stands.
func (s *sight) html() string {
	s.t.Helper()
	text, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML`))
	s.must("read", err)
	return text
}
