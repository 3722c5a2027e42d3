package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
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
func (s *sight) fills(path, what string, values url.Values, says ...string) {
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
			document.querySelector('button[value="`+s.who+`"]') ? "asked" :
			document.querySelector('main a.btn[href^="http"]') ? "" : "there"`))
		if asked = where == "asked"; err == nil && where != "" {
			break
		}
	}
	if asked {
		s.again(s.who, `form[action="/sign-out"]`)
	}
	s.says(says...)
}

// acting are the people of one way through the acts, each with one window.
type acting struct {
	*playing
	way
	t *testing.T

	focal, deputy, auditor, there, customs *sight
	clerk                                  *plain

	yours, confirmed string
}

// Every act of the Parties' people that has a page, and what third parties do on theirs, in a real browser, in both
// languages, with scripts and without: what one began another confirms, and each is told what came of it.
func TestJourneyActsInABrowser(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	browser := chromium(t)
	inEach(t, func(t *testing.T, w way) {
		a := acting{
			playing: p,
			way:     w,
			t:       t,
			focal:   w.goes(t, browser, p, "wco", "focal.wco"),
			deputy:  w.goes(t, browser, p, "wco", "deputy.wco"),
			auditor: w.goes(t, browser, p, "wco", "auditor.wco"),
			there:   w.goes(t, browser, p, "unoct", "focal.unoct"),
			customs: w.goes(t, browser, p, "customs-exampleland", "focal.customs"),
			clerk:   in(t, p.BaseURL, "staff.wco", w.language),

			yours:     w.say("You began this", "Vous avez commencé ceci"),
			confirmed: w.say("Confirmed.", "Confirmé."),
		}
		a.webhooks()
		document := a.series()
		a.stops(document)
		a.follows(document)
		a.destroys()
		a.focal.figures(w)
		a.givesAndMends()
		a.entities()
		a.mandates()
		a.thirdParties()
		a.declines()
		a.officials()
		a.offices()
		a.erases()
		a.mail()
		a.signsOut()
		a.endsOtherSessions()
	})
}

// called is a name that is said in one way alone.
func (a acting) called(name string) string { return name + " (" + a.way.String() + ")" }

// completes confirms, as the second person, what a window shows that the first began.
func (a acting) completes(first, second *sight, values url.Values) {
	a.t.Helper()
	second.fills(first.path(), "confirm", values, a.confirmed)
}

func (a acting) webhooks() {
	address := "https://receiver.example/" + a.way.String()
	a.deputy.fills("/webhooks", "keep", said("address", address), a.yours, address)
	a.completes(a.deputy, a.focal, nil)
	a.focal.at("/webhooks")
	a.focal.fills(a.focal.href(`main table a`, address), "end", nil, a.say("Taken away.", "Retirée."))
}

// series opens a series (reading 0111), authorizes it for the text that was shown, deposits in it, and takes the
// authorization back. It answers the page of the document.
func (a acting) series() string {
	a.t.Helper()
	focal, name := a.focal, a.called("Weekly")
	focal.fills("/series", "open", url.Values{"name": {name}, "markings": {"restricted"}, "purposes": {"art2.e"},
		"entities": {"none"}}, a.say("The series is open", "La série est ouverte"), name)
	series := focal.path()
	focal.fills("", "authorize", said("purpose", "art2.e", "people", focal.choice("people", ""), "until",
		time.Now().AddDate(0, 3, 0).Format(time.DateOnly), "form", "original", "reason", "They need it each week"),
		"CHANCERY STANDING AUTHORIZATION", name)
	focal.fills("", "signs", nil, a.say("The series is authorized", "La série est autorisée"),
		a.say("in force", "en vigueur"))
	document := a.clerk.put(a.called("Week"), "restricted", "org_unoct", "art2.e",
		url.Values{"series": {strings.TrimPrefix(series, "/series/")}})
	a.there.at("/requests?box=for-us")
	a.there.says("They need it each week", a.say("in force", "en vigueur"))
	a.there.at(document)
	a.there.says(a.called("Week"), a.say("Standing authorization", "Autorisation de la série"))
	a.there.fills("", "timeline", nil, a.say("on a standing authorization", "en vertu de l’autorisation de la série"))
	focal.at(series)
	focal.fills("", "withdraw", said("which", focal.value("which"), "reason", "No longer"),
		a.say("was taken back", "a été retirée"))
	return document
}

func (a acting) stops(document string) {
	a.t.Helper()
	focal, why := a.focal, said("reason", "For the test")
	focal.fills(document+"/details", "amend", said("title", a.called("Renamed"), "countries", "ke, MZ", "reason",
		"A typo"), a.say("The details were changed", "La fiche a été modifiée"), a.called("Renamed"))
	focal.at(document + "/details")
	focal.says("KE, MZ")
	for _, stop := range []struct{ act, done, ends, at string }{
		{"hold", a.say("The Hold stands", "L’ordre de conservation est en place"), "end-hold", "hld_"},
		{"suspend", a.say("The document was suspended", "Le document a été suspendu"), "lift", "sus_"},
	} {
		a.deputy.fills(document+"/acts/"+stop.act, "reason", why, stop.done)
		focal.at("/stops")
		at := regexp.MustCompile(`/stops/` + stop.at + `[^"]+`).FindString(focal.html())
		focal.fills(at, stop.ends, why, a.yours)
		waits := focal.path()
		focal.at(at)
		focal.says(a.say("waits for a second person", "attend une seconde personne"))
		a.deputy.fills(waits, "confirm", why, a.confirmed)
	}
}

// follows reads who has a document, reports a leak, traces copies, and takes the log along.
func (a acting) follows(document string) {
	a.t.Helper()
	a.auditor.fills(document, "accounting", nil, a.say("Who got copies", "Qui a reçu des exemplaires"))
	a.auditor.fills(document, "timeline", nil, a.say("deposited", "a déposé"))
	a.auditor.fills("/audit", "report", nil, a.say("Consents asked for", "Consentements demandés"))
	a.auditor.fills("/audit", "checkpoint", nil, "demo.chancery.example/log")
	a.auditor.fills("/audit", "consistency", said("first", "1", "second", "2"), a.say("Consistency", "Cohérence"))
	a.auditor.at("/log?marking=restricted&beneficiary=org_unoct")
	a.auditor.says(a.say("For UNOCT", "Au bénéfice de"))
	a.deputy.fills(document+"/acts/report-leak", "reason", said("reason", "For the test"),
		a.say("The leak was reported", "La fuite a été signalée"))
	a.focal.fills("/trace", "text", said("text", "C-0000-0000"), a.say("0 copies were found", "0 exemplaire trouvé"))
	a.focal.sends("/trace", "file", nil, "found.txt", "nothing", "SHA-256")
}

func (a acting) destroys() {
	a.t.Helper()
	wrong := a.clerk.put(a.called("Wrong"), "restricted", "org_unoct", "art2.e", nil)
	a.focal.at(wrong + "/destroy")
	a.focal.fills("", "destroy", said("version", a.focal.choice("version", ""), "reason", "Wrong file"), a.yours)
	a.deputy.fills(a.focal.path(), "confirm", said("reason", "For the test"), a.say("Destroyed.", "Détruite."))
	a.auditor.twoPeople(wrong, a.way)
}

// endsOtherSessions comes last: it ends those of the same person that other windows hold.
func (a acting) endsOtherSessions() {
	a.t.Helper()
	elsewhere := in(a.t, a.BaseURL, "focal.wco", a.language)
	a.focal.fills("/me", "session", nil) // all others
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if elsewhere.send("/me", nil).StatusCode == http.StatusSeeOther {
			return
		}
	}
	a.t.Error("the other session goes on")
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
	s.press(`tbody tr:last-child td.num a`, `.halves`)
	s.says(asked, w.say("What it records", "Ce qu’elle consigne"), w.say("Why", "Pourquoi"), "Wrong file",
		w.say("the operator has not said until when", "l’exploitant n’a pas indiqué jusqu’à quand"),
		w.say("What the rules were asked", "Ce qui a été soumis aux règles"),
		w.say("A reason was given", "Un motif a été donné"),
		w.say("nobody came before", "personne n’est intervenu avant"))
	if w.scripts { // without them it is the same page
		s.fits("entry-" + w.String())
		s.inspect("entry "+w.String(), axe(s.t))
	}
	s.press(`details:not([open]) summary`, `details[open] dl.raw`) // as the log keeps it, for whoever wants it
	s.says(w.say("the commitment to it", "l’engagement qui figure"))
	if w.scripts {
		s.fits("entry-raw-" + w.String())
	}
}

// figures takes the figures of a period along.
func (s *sight) figures(w way) {
	s.t.Helper()
	today := time.Now().UTC()
	s.fills("/review", "count", said("from", today.AddDate(0, -1, 0).Format(time.DateOnly), "to",
		today.Format(time.DateOnly)), w.say("Deposited", "Déposés"))
	if w.scripts {
		s.fits("review-" + w.String())
		s.inspect("review "+w.String(), axe(s.t))
	}
}

// sends is fills for a form that ends in a file.
func (s *sight) sends(path, what string, values url.Values, name, content string, says ...string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), name)
	write(s.t, file, content)
	s.at(path)
	s.upload(`main input[type=file]`, file)
	s.fills("", what, values, says...)
}

// choice is the first answer to a question that the page puts into those words.
func (s *sight) choice(question, words string) string {
	s.t.Helper()
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](fmt.Sprintf(
		`[...document.querySelectorAll('main input[name=%q]')].filter(e => e.closest("label").textContent.includes(%q))
		.map(e => e.value)`, question, words)))
	s.must("read the answers to "+question, err)
	if len(found) == 0 {
		s.t.Fatalf("no answer to %s says %q: %s", question, words, s.html())
	}
	return found[0]
}

// ticked are the answers to a question that are chosen already.
func (s *sight) ticked(question string) string {
	s.t.Helper()
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](
		fmt.Sprintf(`[...document.querySelectorAll('main input[name=%q]:checked')].map(e => e.value)`, question)))
	s.must("read the answers to "+question, err)
	return strings.Join(found, " ")
}

// value is what the first field or button of that name would send.
func (s *sight) value(name string) string {
	s.t.Helper()
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](
		fmt.Sprintf(`document.querySelector('main [name=%q]').value`, name)))
	s.must("read "+name, err)
	return found
}

// html is the page as it stands.
func (s *sight) html() string {
	s.t.Helper()
	text, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML`))
	s.must("read", err)
	return text
}
