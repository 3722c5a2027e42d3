package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// givesAndMends gives a document to an office, puts a new version in its place, and releases one that is not protected.
func (a acting) givesAndMends() {
	a.t.Helper()
	document := a.clerk.put(a.called("Given"), "restricted", "org_unoct", "art2.e", nil)
	problem, missing := a.say("There is a problem", "Il y a un problème"), a.say("Fill in", "À renseigner")
	a.focal.fills(document+"/give", "give", nil, problem)
	a.focal.fills("", "give", said("offices", a.focal.choice("offices", "")),
		a.say("Given. They were told", "Remis. Les personnes en sont avisées"))
	a.focal.fills(document+"/version", "version", nil, problem, missing)
	// What is refused for an answer waits, and is not chosen again.
	a.focal.sends(document+"/version", "version", said("kind", "corrects", "statement", "A figure was wrong"),
		"better.pdf", string(onePage("CONFIDENTIAL", []string{"Right."})),
		a.say("shows a marking other than", "porte un autre marquage"))
	a.focal.at(document + "/version")
	a.focal.fills("", "version", said("kind", "corrects", "statement", "A figure was wrong", "marking_confirmation",
		"It is that of an annex", "staged", a.focal.choice("staged", "better.pdf")),
		a.say("The new version is there", "La nouvelle version est là"), "version 2")
	a.focal.fills(document+"/destroy", "destroy", said("reason", "No version is chosen"), problem, missing)
	free := a.clerk.put(a.called("Released"), "non-confidential", "org_unoct", "art2.i", nil)
	a.focal.fills(free+"/release", "release", said("organisation", "org_customs-exampleland", "statement",
		"For its own training"), a.say("Released.", "Communiqué."))
}

// entities has an entity concerned come and go, and say its word on a lowering.
func (a acting) entities() {
	a.t.Helper()
	focal, customs, why := a.focal, a.customs, said("reason", "For the test")
	document := a.clerk.put(a.called("Entities"), "confidential", "org_unoct", "art2.b", nil)
	focal.fills(document+"/entities", "add", said("add", "org_customs-exampleland"),
		a.say("The entities concerned were changed", "Les entités concernées ont été changées"))
	focal.fills(document+"/entities", "remove", said("remove", "org_customs-exampleland", "statement",
		"Named by mistake"), a.yours)
	focal.fills(document+"/acts/mark", "marking", said("marking", "non-confidential", "reason", "It is known"),
		a.yours, a.say("What the entities concerned said", "Ce qu’ont dit les entités concernées"))
	customs.at("/lowerings")
	lowering := customs.href(`main table a`, a.called("Entities"))
	customs.fills(lowering, "authorize-lowering", why, a.say("Your decision was recorded",
		"Votre décision a été consignée"))
	customs.fills(lowering, "withdraw", why, a.say("withdrawn", "retiré"))
	customs.fills(lowering, "not-concerned", why, a.say("not concerned", "n’est pas concernée"))
}

// mandates has both Parties say who decides for a third party, which reads it, and one person end that.
func (a acting) mandates() {
	a.t.Helper()
	const mandates = "/mandates/org_customs-exampleland"
	focal, function := a.focal, a.called("Deputy head")
	focal.fills(mandates, "propose", nil, a.say("Fill in", "À renseigner"))
	focal.sends("/instruments", "deposit", nil, "signed.pdf", signedPaper, "signed.pdf",
		a.say("The paper lies here", "Le document signé est déposé ici"))
	focal.fills(mandates, "propose", said("subject", "deputy.customs."+a.way.String(), "name", "Greta Lind",
		"function", function, "authority", "Order 12 of the Director General", "until",
		time.Now().AddDate(1, 0, 0).Format(time.DateOnly), "instrument_sha256", anyDigest), a.yours, function)
	waits := focal.path()
	focal.at(mandates)
	focal.says(a.say("proposed by WCO", "proposé par WCO"))
	a.there.fills(waits, "confirm", nil, a.confirmed)
	a.customs.at("/arrangement")
	a.customs.says(a.say("Who decides and signs for us", "Qui décide et signe pour nous"))
	a.customs.at(mandates)
	a.customs.says(function, a.say("in force", "en vigueur"))
	focal.at(mandates)
	focal.fills("", "end", said("which", focal.choice("which", function)),
		a.say("The Mandate has ended", "Le mandat a pris fin"))
	other := in(a.t, a.BaseURL, "focal.piu", a.language)
	if got := other.send(mandates, nil); got.StatusCode != http.StatusNotFound {
		a.t.Errorf("another third party sees who decides for customs: %d %s", got.StatusCode, textOf(got.body))
	}
}

// thirdParties has one Party propose a third party, the other confirm it, and the first put a text to it and rename it.
func (a acting) thirdParties() {
	a.t.Helper()
	short := "carrier-" + a.way.String()
	a.focal.fills("/third-parties/new", "propose", said("short", short, "name", "A carrier", "type", "carrier",
		"issuer", "https://"+short+".example"), a.say("Proposed.", "Proposé."),
		a.say("Your Party proposed it", "Votre Partie l’a proposé"))
	path := a.focal.path()
	a.there.fills(path, "confirm", nil, a.say("Confirmed. It holds now", "Confirmé. Cela vaut désormais"))
	a.focal.fills(path, "agreement", said("text", "The carrier holds it in confidence."),
		"The carrier holds it in confidence.")
	a.focal.fills(path, "change", said("name", a.called("A carrier")), a.say("Proposed.", "Proposé."),
		a.called("A carrier"))
}

// declines has a third party decline a text (Article 4(8)), which nobody else may, and the Party that put it read why.
func (a acting) declines() {
	a.t.Helper()
	text, reason := a.called("We keep it, and burn it"), a.called("Our law on archives forbids it")
	a.focal.fills("/third-parties/org_customs-exampleland", "agreement", said("text", text), text)
	path := a.focal.path()
	if strings.Contains(a.focal.html(), `value="decline"`) {
		a.t.Error("the Party that put the text is offered to decline it")
	}
	a.customs.fills(path, "decline", said("reason", " "), a.say("There is a problem", "Il y a un problème"))
	a.customs.fills("", "decline", said("reason", reason), a.say("The text is declined", "Le texte est décliné"),
		reason)
	a.focal.at(path)
	a.focal.says(reason)
	for _, s := range []*sight{a.customs, a.focal} {
		if page := s.html(); strings.Contains(page, `value="decline"`) || strings.Contains(page, `id="sign"`) {
			a.t.Errorf("%s is offered to answer a declined text", s.who)
		}
	}
	a.focal.at("/notices")
	a.focal.says(a.say("declined the Confidentiality Agreement", "a décliné l’accord de confidentialité"), reason)
	a.focal.at("/agreements")
	a.focal.says(a.say("declined", "décliné"))
}

// officials has two name one more official for every act that can be delegated, end that, and name the focal point.
func (a acting) officials() {
	a.t.Helper()
	focal, name, tomorrow := a.focal, a.called("Nadia"), time.Now().UTC().AddDate(0, 0, 1)
	focal.at("/arrangement/delegations/new")
	acts, err := chromedp.Run(focal.ctx, chromedp.Evaluate[[]string](
		`[...document.querySelectorAll('input[name="acts"]')].map(e => e.value)`))
	focal.must("read the acts", err)
	focal.fills("", "delegate", url.Values{
		"subject": {"new." + a.way.String()},
		"name":    {name},
		"acts":    acts,
		"since":   {tomorrow.Format(time.DateOnly)},
		"until":   {tomorrow.AddDate(0, 6, 0).Format(time.DateOnly)},

		"instrument_sha256": {anyDigest},
	}, a.yours, name)
	a.completes(focal, a.deputy, nil)
	focal.at("/arrangement")
	focal.fills(focal.href(`main a[href^='/arrangement/delegations/']`, name), "end",
		said("instrument_sha256", anyDigest), a.say("Ends the Delegation of", "Met fin à la délégation de pouvoirs de"))
	a.completes(focal, a.deputy, nil)
	focal.fills("/arrangement/focal-point", "designate", said("subject", "focal.wco", "name", "Fiona Carter",
		"instrument_sha256", anyDigest), a.yours, "Fiona Carter")
	a.completes(focal, a.deputy, nil)
}

func (a acting) offices() {
	a.t.Helper()
	name := a.called("Desk")
	a.focal.fills("/offices", "open", said("name", name), name)
	office := a.focal.href(`main a[href^='/offices/']`, name)
	a.focal.at(office)
	a.focal.fills("", "seat", said("members", a.focal.choice("members", "Sofia Brandt")), name, "Sofia Brandt")
	a.focal.at(office)
	if seated := a.focal.ticked("members"); seated != a.focal.choice("members", "Sofia Brandt") {
		a.t.Errorf("in the office sits %q", seated)
	}
}

// erases has two signatories erase a private field of an entry.
func (a acting) erases() {
	a.t.Helper()
	document := a.clerk.put(a.called("Erased"), "restricted", "org_unoct", "art2.e", nil)
	a.auditor.at("/log?document=" + strings.TrimPrefix(document, "/documents/"))
	entry := strings.TrimPrefix(a.auditor.href(`main td.num a`, ""), "/log/")
	a.auditor.at("/log/" + entry)
	a.auditor.says(a.called("Erased"))
	basis := a.called("Asked for by the person")
	a.focal.fills("/erasures", "field", said("entry", entry, "field", "title", "legal_basis", basis), a.yours, basis)
	a.completes(a.focal, a.deputy, nil)
	a.auditor.at("/log/" + entry)
	a.auditor.says(a.say("not open to you, or erased", "non accessible pour vous, ou effacé"))
	if strings.Contains(a.auditor.html(), a.called("Erased")) {
		a.t.Error("the title stands in the entry that it was erased from")
	}
}

// mail is set to something else than the way before it left.
func (a acting) mail() {
	a.t.Helper()
	when := map[bool]string{true: "daily", false: "at-once"}[a.scripts]
	a.focal.fills("/me/mail", "mail", said("mail", when, "courtesy", "yes", "language", a.language),
		a.say("Kept.", "Enregistré."))
	a.focal.at("/me/mail")
	for question, want := range map[string]string{"mail": when, "language": a.language} {
		if got := a.focal.ticked(question); got != want {
			a.t.Errorf("kept is %s %s", question, got)
		}
	}
}

// signsOut has a signatory end the sessions of somebody of the same Party (decision 0410), who is told who did it.
func (a acting) signsOut() {
	a.t.Helper()
	a.focal.at("/arrangement")
	a.focal.says(a.say("End somebody’s sessions", "Mettre fin aux sessions d’une personne"))
	a.focal.at("/sessions")
	deputy := said("person", a.focal.choice("person", "Daniel Moreau"))
	a.focal.fills("", "end", nil, a.say("There is a problem", "Il y a un problème"))
	a.focal.fills("", "end", deputy, a.say("The sessions were ended", "Les sessions ont pris fin"))
	a.deputy.at("/documents")
	a.deputy.says(a.say("A signatory of your organisation ended your session",
		"Un signataire de votre organisation a mis fin à votre session"))
	a.focal.fills("/sessions", "end", deputy, a.say("not signed in anywhere", "n’a aucune session en cours"))
}

// Notice of termination takes the words, a fresh sign-in and a second signatory; from then on every page says it, to
// the other Party too. It is given once in the life of an Arrangement: each way has its own, one after the other.
func TestJourneyNoticeOfTerminationIsGivenByTwoAndWoundDown(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	inEach(t, func(t *testing.T, w way) { play(t, t.TempDir()).ends(t, browser, w) })
}

func (p *playing) ends(t *testing.T, browser context.Context, w way) {
	focal, deputy := w.goes(t, browser, p, "wco", "focal.wco"), w.goes(t, browser, p, "wco", "deputy.wco")
	there := w.goes(t, browser, p, "unoct", "focal.unoct")
	focal.fills("/arrangement/notice", "notice", said("given_on",
		time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly), "statement", "By decision of the Council", "words",
		w.say("we give up", "nous abandonnons")), w.say("Type the words exactly", "Recopiez les mots exactement"))
	there.at("/")
	if strings.Contains(there.html(), `class="ending"`) {
		t.Error("a page says that the Arrangement ends before anybody gave notice")
	}
	focal.fills("", "notice", said("words", w.say("we give  notice", "nous  donnons préavis")),
		w.say("You began this", "Vous avez commencé ceci"), "By decision of the Council")
	waits := focal.path()
	focal.at("/arrangement/notice")
	focal.says(w.say("waits for a second signatory", "attend un second signataire"))
	if got := in(t, p.BaseURL, "staff.wco", w.language).send(waits, nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("staff sees what waits: %d", got.StatusCode)
	}
	deputy.at(waits)
	deputy.says("By decision of the Council", w.say("You can confirm this as the second person",
		"Vous pouvez confirmer ceci en tant que seconde personne"))
	deputy.fills("", "confirm", nil, w.say("Wind-down", "Clôture"), w.say("days left", "jours restants"),
		w.say("What is to be brought to a close", "Ce qui est à clore"))
	there.at("/")
	there.see(`.ending`)
	there.says(w.say("The Arrangement ends in", "L’Arrangement prend fin dans"))
	there.at("/arrangement")
	there.says(w.say("Wind-down", "Clôture"))
}
