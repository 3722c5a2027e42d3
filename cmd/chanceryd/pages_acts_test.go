package main

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// in is somebody who uses the pages without scripts, in one language.
func in(t *testing.T, base, who, language string) *plain {
	t.Helper()
	one, found := playerOf(who)
	if !found {
		t.Fatalf("there is nobody like %s", who)
	}
	b := newPlain(t, base)
	b.who = who
	b.signIn(one.organisation, who)
	b.send("/?lang="+language, nil)
	return b
}

var (
	formOf   = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	actionOf = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)
	ticked   = regexp.MustCompile(`<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]*)" checked`)
	kept     = regexp.MustCompile(`<input class="[^"]*"[^>]*name="([^"]+)" value="([^"]*)"`)
	typed    = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
)

// formWith is the form of a page that does something, with what is filled in already.
func (p *plain) formWith(path, do string) (string, url.Values) {
	p.t.Helper()
	a := p.send(path, nil)
	for _, text := range formOf.FindAllString(a.body, -1) {
		if !strings.Contains(text, `name="do" value="`+do+`"`) {
			continue
		}
		values := fieldsOf(text)
		for _, pattern := range []*regexp.Regexp{ticked, kept, typed} {
			for _, m := range pattern.FindAllStringSubmatch(text, -1) {
				values.Add(m[1], html.UnescapeString(m[2]))
			}
		}
		action := path
		if m := actionOf.FindStringSubmatch(text); m != nil {
			action = html.UnescapeString(m[1])
		}
		return action, values
	}
	p.t.Fatalf("%s offers %s no form that does %q: %d\n%s", path, p.who, do, a.StatusCode, textOf(a.body))
	return "", nil
}

// does fills in a form and sends it, signs in once more where the act asks for that, and answers what comes of it.
func (p *plain) does(path, do string, values url.Values) answered {
	p.t.Helper()
	action, form := p.formWith(path, do)
	for name, all := range values {
		form[name] = all
	}
	return p.follow(p.send(action, form))
}

// follow goes where an answer leads, through a fresh sign-in too.
func (p *plain) follow(a answered) answered {
	p.t.Helper()
	if _, to, found := strings.Cut(a.Header.Get("Refresh"), "url="); found {
		back := p.send(to, url.Values{"person": {p.who}}).Header.Get("Location")
		u, err := url.Parse(back)
		if err != nil {
			p.t.Fatal(err)
		}
		a = p.send(u.Path, fieldsOf(p.send(back, nil).body))
	}
	if to := a.Header.Get("Location"); a.StatusCode == http.StatusSeeOther {
		a = p.send(to, nil)
		a.at = to
	}
	return a
}

// sends fills in a form that ends in a file.
func (p *plain) sends(path, do string, values url.Values, name, content string) answered {
	p.t.Helper()
	action, form := p.formWith(path, do)
	for name, all := range values {
		form[name] = all
	}
	return p.follow(p.sendParts(action, form, name, content))
}

// sendParts sends a form with a file at its end, where one is named.
func (p *plain) sendParts(action string, form url.Values, file ...string) answered {
	p.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, all := range form {
		for _, one := range all {
			_ = w.WriteField(name, one)
		}
	}
	if len(file) == 2 {
		part, err := w.CreateFormFile("content", file[0])
		if err != nil {
			p.t.Fatal(err)
		}
		_, _ = io.WriteString(part, file[1])
	}
	_ = w.Close()
	return p.sendBody(action, &body, w.FormDataContentType())
}

var (
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks = regexp.MustCompile(`[\s\x{00a0}]+`)
)

// textOf is what a page says.
func textOf(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	return blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " ")
}

func (p *plain) wants(a answered, what ...string) {
	p.t.Helper()
	for _, one := range what {
		if !strings.Contains(textOf(a.body), one) {
			p.t.Errorf("%s: %d at %s does not say %q:\n%s", p.who, a.StatusCode, a.at, one, textOf(a.body))
		}
	}
}

// put deposits a document through the pages.
func (p *plain) put(title, marking, recipient, purpose string, more url.Values) string {
	p.t.Helper()
	values := url.Values{
		"marking":    {marking},
		"title":      {title},
		"show_title": {"yes"},
		"recipient":  {recipient},

		"purpose_statement": {"For the test"},
		"purposes":          {purpose},
		"personal_data":     {"no"},
		"entities":          {"none"},

		"derived": {"no"},
	}
	for name, all := range more {
		values[name] = all
	}
	staged := p.follow(p.sendParts("/documents/new", url.Values{"marking": {marking}}, "paper.pdf",
		string(onePage(title, []string{"Words of the test."}))))
	if !strings.HasPrefix(staged.at, "/documents/new/stg_") {
		p.t.Fatalf("not staged: %d %s", staged.StatusCode, textOf(staged.body))
	}
	values.Set("staged", strings.TrimPrefix(staged.at, "/documents/new/"))
	a := p.follow(p.send(staged.at, values))
	path, _, _ := strings.Cut(a.at, "?")
	if !strings.HasPrefix(path, "/documents/doc_") {
		p.t.Fatalf("not deposited: %d %s", a.StatusCode, textOf(a.body))
	}
	return path
}

// signedPaper is the paper of every instrument, and anyDigest its digest.
const (
	signedPaper = "%PDF-1.7\nthe signed paper"
	anyDigest   = "5047b719a50a5a0d4981d82857a8518a26b44e670ba02c4ee81b7450fdbd76bd"
)

// deposits leaves the signed paper with the gateway, for one request where that is not empty.
func (p *plain) deposits(request string) {
	p.t.Helper()
	path := "/instruments"
	if request != "" {
		path += "?request=" + request
	}
	p.wants(p.sends(path, "deposit", nil, "signed.pdf", signedPaper), "signed.pdf")
}

// confirms confirms, as a second person, what waits at an address.
func (p *plain) confirms(path string, values url.Values) answered {
	p.t.Helper()
	return p.does(path, "confirm", values)
}

// Every act of the Parties' people that has a page, through the page, without scripts, in both languages: what one
// began another confirms.
func TestJourneyEveryActHasAPage(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) { p.everyAct(t, language) })
	}
}

func either(language, english, french string) string {
	if language == "fr" {
		return french
	}
	return english
}

func (p *playing) everyAct(t *testing.T, language string) {
	say := func(english, french string) string { return either(language, english, french) }
	focal, deputy := in(t, p.BaseURL, "focal.wco", language), in(t, p.BaseURL, "deputy.wco", language)
	there, auditor := in(t, p.BaseURL, "focal.unoct", language), in(t, p.BaseURL, "auditor.wco", language)
	customs := in(t, p.BaseURL, "focal.customs", language)
	why := url.Values{"reason": {"For the test"}}
	pen := regexp.MustCompile(`/confirmations/pen_[^"?]+`)

	t.Run("a document is given, and gets a new version", func(t *testing.T) {
		focal := focal.of(t)
		document := focal.put("Given in "+language, "restricted", "org_unoct", "art2.e", nil)
		page := focal.send(document+"/give", nil)
		office := regexp.MustCompile(`name="offices" value="([^"]+)"`).FindStringSubmatch(page.body)
		if office == nil {
			t.Fatalf("no office to give to: %s", textOf(page.body))
		}
		focal.wants(focal.does(document+"/give", "give", url.Values{}), say("There is a problem", "Il y a un problème"))
		given := focal.does(document+"/give", "give", url.Values{"offices": {office[1]}})
		focal.wants(given, say("Given. They were told", "Remis. Les personnes en sont avisées"))
		focal.wants(focal.send(document+"/give", nil), "Samuel Okoro")
		got := focal.sends(document+"/version", "version", url.Values{"kind": {"corrects"},
			"statement": {"A figure was wrong"}}, "paper.pdf", string(onePage("Corrected", []string{"Right."})))
		focal.wants(got, say("The new version is there", "La nouvelle version est là"), say("version 2", "version 2"))
		amend := url.Values{"title": {"Quays in " + language}, "countries": {"ke, MZ"}, "purposes": {"art2.b"},
			"reason": {"A typo"}}
		focal.wants(focal.does(document+"/details", "amend", amend), "Quays in "+language,
			say("The details were changed", "La fiche a été modifiée"))
		focal.wants(focal.send(document+"/details", nil), "KE, MZ")
		amend.Set("review_by", "2099-02-30")
		focal.wants(focal.does(document+"/details", "amend", amend), say("There is a problem", "Il y a un problème"))
		a := focal.sends(document+"/version", "version", url.Values{}, "paper.pdf", "%PDF-1.4")
		focal.wants(a, say("Fill in", "À renseigner"))
		focal.wants(focal.does(document+"/destroy", "destroy", why), say("Fill in", "À renseigner"))
		version := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(
			focal.send(document+"/destroy", nil).body)
		waits := focal.does(document+"/destroy", "destroy", url.Values{"version": {version[1]}, "reason": {"Wrong"}})
		focal.wants(waits, say("You began this", "Vous avez commencé ceci"))
		deputy.of(t).wants(deputy.confirms(waits.at, why), say("Destroyed.", "Détruite."))
	})
	t.Run("entities concerned come, decide on a lowering, and go", func(t *testing.T) {
		focal, customs := focal.of(t), customs.of(t)
		document := focal.put("Entities in "+language, "confidential", "org_unoct", "art2.b", nil)
		a := focal.does(document+"/entities", "add", url.Values{"add": {"org_customs-exampleland"}})
		focal.wants(a, say("The entities concerned were changed", "Les entités concernées ont été changées"))
		a = focal.does(document+"/entities", "remove", url.Values{"remove": {"org_customs-exampleland"},
			"statement": {"Named by mistake"}})
		focal.wants(a, say("You began this", "Vous avez commencé ceci"))
		lowered := focal.follow(focal.send(document+"/acts/mark", url.Values{"marking": {"non-confidential"},
			"reason": {"No longer so sensitive"},
			"etag":   {fieldsOf(focal.send(document+"/acts/mark", nil).body).Get("etag")}}))
		focal.wants(lowered, say("What the entities concerned said", "Ce qu’ont dit les entités concernées"))
		list := customs.send("/lowerings", nil)
		where := regexp.MustCompile(`/lowerings/pen_[^"]+`).FindString(list.body)
		if where == "" {
			t.Fatalf("no lowering is put to the entity: %s", textOf(list.body))
		}
		customs.wants(customs.does(where, "authorize-lowering", why), say("Your decision was recorded",
			"Votre décision a été consignée"))
		customs.wants(customs.does(where, "withdraw", why), say("withdrawn", "retiré"))
		customs.wants(customs.does(where, "not-concerned", why), say("not concerned", "n’est pas concernée"))
	})
	t.Run("a Mandate takes both Parties, and is ended by one person", func(t *testing.T) {
		focal, there, customs := focal.of(t), there.of(t), customs.of(t)
		const mandates = "/mandates/org_customs-exampleland"
		focal.wants(focal.does(mandates, "propose", url.Values{}), say("Fill in", "À renseigner"))
		focal.deposits("")
		waits := focal.does(mandates, "propose", url.Values{
			"subject":   {"deputy.customs." + language},
			"name":      {"Greta Lind"},
			"function":  {"Deputy head, " + language},
			"authority": {"Order 12 of the Director General"},
			"until":     {time.Now().AddDate(1, 0, 0).Format(time.DateOnly)},

			"instrument_sha256": {anyDigest},
		})
		focal.wants(waits, say("You began this", "Vous avez commencé ceci"))
		focal.wants(focal.send(mandates, nil), say("proposed by WCO", "proposé par WCO"))
		there.wants(there.confirms(waits.at, nil), say("Confirmed.", "Confirmé."))
		customs.wants(customs.send("/arrangement", nil), say("Who decides and signs for us",
			"Qui décide et signe pour nous"))
		customs.wants(customs.send(mandates, nil), "Deputy head, "+language, say("in force", "en vigueur"))
		text := focal.send(mandates, nil).body
		at := strings.LastIndex(text[:strings.LastIndex(text, "Deputy head, "+language)], `name="which"`)
		which := regexp.MustCompile(`value="(del_[^"]+)"`).FindStringSubmatch(text[at:])
		focal.wants(focal.does(mandates, "end", url.Values{"which": {which[1]}}),
			say("The Mandate has ended", "Le mandat a pris fin"))
		if a := in(t, p.BaseURL, "focal.piu", language).send(mandates, nil); a.StatusCode != http.StatusNotFound {
			t.Errorf("another third party sees who decides for customs: %d %s", a.StatusCode, textOf(a.body))
		}
	})
	t.Run("what is not protected is released", func(t *testing.T) {
		focal := focal.of(t)
		document := focal.put("Released in "+language, "non-confidential", "org_unoct", "art2.i", nil)
		a := focal.does(document+"/release", "release", url.Values{"organisation": {"org_customs-exampleland"},
			"statement": {"For its own training"}})
		focal.wants(a, say("Released.", "Communiqué."))
	})
	t.Run("a Hold and a suspension are ended by two", func(t *testing.T) {
		focal, deputy := focal.of(t), deputy.of(t)
		document := focal.put("Stopped in "+language, "restricted", "org_unoct", "art2.e", nil)
		for _, act := range []string{"hold", "suspend"} {
			if a := deputy.follow(deputy.send(document+"/acts/"+act, why)); a.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d %s", act, a.StatusCode, textOf(a.body))
			}
		}
		list := focal.send("/stops", nil)
		for _, one := range []struct{ prefix, do string }{{"/stops/sus_", "lift"}, {"/stops/hld_", "end-hold"}} {
			stop := regexp.MustCompile(one.prefix + `[^"]+`).FindString(list.body)
			waits := focal.does(stop, one.do, why)
			focal.wants(waits, say("You began this", "Vous avez commencé ceci"))
			focal.wants(focal.send(stop, nil), say("waits for a second person", "attend une seconde personne"))
			deputy.wants(deputy.confirms(waits.at, why), say("Confirmed.", "Confirmé."))
		}
	})
	t.Run("a copy is traced, and the log is taken along", func(t *testing.T) {
		focal, auditor := focal.of(t), auditor.of(t)
		focal.wants(focal.does("/trace", "text", url.Values{"text": {"C-0000-0000"}}), say("0 copies were found",
			"0 exemplaire trouvé"))
		focal.wants(focal.sends("/trace", "file", nil, "found.txt", "nothing"), "SHA-256")
		auditor.wants(auditor.does("/audit", "checkpoint", nil), "demo.chancery.example/log")
		auditor.wants(auditor.does("/audit", "consistency", url.Values{"first": {"1"}, "second": {"2"}}),
			say("Consistency", "Cohérence"))
		auditor.wants(auditor.does("/audit", "report", nil), say("Consents asked for", "Consentements demandés"))
		document := strings.TrimPrefix(focal.put("Counted in "+language, "restricted", "org_unoct", "art2.e", nil),
			"/documents/")
		focal.wants(focal.send("/documents/"+document+"/timeline", url.Values{}), say("deposited", "déposé"))
		auditor.wants(auditor.does("/audit", "accounting", url.Values{"document": {document}}), document)
		auditor.wants(auditor.does("/audit", "accounting", url.Values{"organisation": {"org_unoct"}, "document": {""}}),
			say("Organisation that got them", "Organisme qui les a reçus"))
		auditor.wants(auditor.does("/audit", "accounting", url.Values{"document": {""}}),
			say("say of what", "indiquer"))
		table := auditor.does("/audit", "accounting", url.Values{"document": {document}, "table": {"yes"}})
		if !strings.HasPrefix(table.body, "index,entry,at,document,") {
			t.Errorf("the table: %s", table.body)
		}
		auditor.wants(auditor.send("/log?marking=restricted&beneficiary=org_unoct", nil), say("For UNOCT",
			"Au bénéfice de"))
		if a := auditor.does("/audit", "bundle", nil); a.Header.Get("Content-Type") != "application/x-tar" ||
			len(a.body) < 10_000 {
			t.Errorf("the bundle: %s, %d bytes", a.Header.Get("Content-Type"), len(a.body))
		}
	})
	t.Run("a third party is proposed by one Party and confirmed by the other", func(t *testing.T) {
		focal, there := focal.of(t), there.of(t)
		a := focal.does("/third-parties/new", "propose", url.Values{"short": {"carrier-" + language},
			"name": {"A carrier"},
			"type": {"carrier"}, "country": {""}, "issuer": {"https://carrier-" + language + ".example"}})
		focal.wants(a, say("Proposed.", "Proposé."), say("Your Party proposed it", "Votre Partie l’a proposé"))
		path, _, _ := strings.Cut(a.at, "?")
		there.wants(there.does(path, "confirm", nil), say("Confirmed. It holds now", "Confirmé. Cela vaut désormais"))
		a = focal.does(path, "agreement", url.Values{"text": {"The carrier holds it in confidence."}})
		focal.wants(a, "The carrier holds it in confidence.")
		a = focal.does(path, "change", url.Values{"name": {"A carrier, renamed"}})
		focal.wants(a, say("Proposed.", "Proposé."), "A carrier, renamed")
	})
	t.Run("officials are named by two", func(t *testing.T) {
		focal, deputy := focal.of(t), deputy.of(t)
		tomorrow := time.Now().UTC().AddDate(0, 0, 1)
		focal.deposits("")
		var offered []string // each act that the page offers can be delegated
		act := regexp.MustCompile(`name="acts" value="([^"]+)"`)
		for _, one := range act.FindAllStringSubmatch(focal.send("/arrangement/delegations/new", nil).body, -1) {
			offered = append(offered, one[1])
		}
		a := focal.does("/arrangement/delegations/new", "delegate", url.Values{
			"subject": {"new." + language},

			"name":  {"Nadia " + language},
			"acts":  offered,
			"since": {tomorrow.Format(time.DateOnly)},

			"until":             {tomorrow.AddDate(0, 6, 0).Format(time.DateOnly)},
			"instrument_sha256": {anyDigest},
		})
		focal.wants(a, say("You began this", "Vous avez commencé ceci"), "Nadia "+language)
		deputy.wants(deputy.confirms(a.at, nil), say("Confirmed.", "Confirmé."))
		page := focal.send("/arrangement", nil)
		named := regexp.MustCompile(`href="(/arrangement/delegations/del_[^"]+)"><bdi>Nadia ` + language)
		path := named.FindStringSubmatch(page.body)
		if path == nil {
			t.Fatalf("the Delegation is not listed: %s", textOf(page.body))
		}
		a = focal.does(path[1], "end", url.Values{"instrument_sha256": {anyDigest}})
		focal.wants(a, say("Ends the Delegation of", "Met fin à la délégation de"))
		deputy.wants(deputy.confirms(a.at, nil), say("Confirmed.", "Confirmé."))
		a = focal.does("/arrangement/focal-point", "designate", url.Values{"subject": {"focal.wco"},
			"name": {"Fiona Carter"}, "instrument_sha256": {anyDigest}})
		focal.wants(a, say("You began this", "Vous avez commencé ceci"))
		deputy.wants(deputy.confirms(a.at, nil), say("Confirmed.", "Confirmé."))
	})
	t.Run("an office is opened, and people change seats", func(t *testing.T) {
		focal := focal.of(t)
		a := focal.does("/offices", "open", url.Values{"name": {"Desk in " + language}})
		focal.wants(a, "Desk in "+language)
		path := regexp.MustCompile(`href="(/offices/off_[^"]+)"><bdi>Desk in ` + language).FindStringSubmatch(a.body)
		member := regexp.MustCompile(`name="members" value="([^"]+)"> <span><bdi>Sofia Brandt`).FindStringSubmatch(
			focal.send(path[1], nil).body)
		focal.wants(focal.does(path[1], "seat", url.Values{"members": {member[1]}}), "Sofia Brandt")
	})
	t.Run("a private field is erased by two", func(t *testing.T) {
		focal, deputy := focal.of(t), deputy.of(t)
		document := focal.put("Erased in "+language, "restricted", "org_unoct", "art2.e", nil)
		list := auditor.of(t).send("/log?document="+strings.TrimPrefix(document, "/documents/"), nil)
		entry := strings.TrimPrefix(regexp.MustCompile(`/log/ent_[^"]+`).FindString(list.body), "/log/")
		a := focal.does("/erasures", "field", url.Values{"entry": {entry}, "field": {"title"},
			"legal_basis": {"Asked for by the person"}})
		focal.wants(a, say("You began this", "Vous avez commencé ceci"))
		deputy.wants(deputy.confirms(pen.FindString(focal.send("/erasures", nil).body), why), say("Confirmed.",
			"Confirmé."))
	})
	t.Run("mail is set", func(t *testing.T) {
		focal := focal.of(t)
		a := focal.does("/me/mail", "mail", url.Values{"mail": {"daily"}, "courtesy": {"yes"}, "language": {language}})
		focal.wants(a, say("Kept.", "Enregistré."))
		if _, now := focal.formWith("/me/mail", "mail"); !slices.Equal(now["mail"], []string{"daily"}) {
			t.Errorf("kept is %v", now)
		}
	})
}

// Notice of termination takes the words, a fresh sign-in and a second signatory; from then on every page says it.
func TestJourneyNoticeOfTerminationIsGivenByTwoAndWoundDown(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	focal, deputy := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "deputy.wco", "fr")
	day := time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	form := url.Values{"given_on": {day}, "statement": {"By decision of the Council"}, "words": {"we give up"}}
	focal.wants(focal.does("/arrangement/notice", "notice", form), "Type the words exactly")
	form.Set("words", "we give  notice")
	a := focal.does("/arrangement/notice", "notice", form)
	focal.wants(a, "You began this", "By decision of the Council")
	focal.wants(focal.send("/arrangement/notice", nil), "waits for a second signatory")
	staff := in(t, p.BaseURL, "staff.wco", "en")
	if got := staff.send(a.at, nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("staff sees what waits: %d", got.StatusCode)
	}
	deputy.wants(deputy.confirms(a.at, nil), "Clôture")
	focal.wants(focal.send("/arrangement/wind-down", nil), "days left", "What is to be brought to a close")
	there := in(t, p.BaseURL, "focal.unoct", "fr")
	there.wants(there.send("/arrangement", nil), "Clôture")
	if a := there.send("/", nil); !strings.Contains(a.body, `class="ending"`) {
		t.Error("the first page does not say that the Arrangement ends")
	}
}
