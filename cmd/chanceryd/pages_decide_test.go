package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What a signatory gives, refuses, and sees of who has a document, through the pages alone.
func TestDecisionsThroughTheirPages(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	t.Run("less is given than was asked, in the text that was shown", p.givesLess)
	t.Run("a refusal is for a ready reason, or one's own", p.refuses)
	t.Run("a consent says that an earlier agreement serves", p.earlierServes)
	t.Run("a corrected version is carried over in one click", p.carriesOver)
	t.Run("several requests are decided on with one sign-in", p.decidesSeveral)
	t.Run("who has a document is told in numbers, and on whose word", p.countsHolders)
	t.Run("each of these pages fits, and is accessible, in both languages", p.decisionPages)
}

// asksFor has somebody ask for a document through the pages, and answers the request's identifier.
func (p *plain) asksFor(document string, form url.Values) string {
	p.t.Helper()
	values := said("for", "org_unoct", "purpose", "art2.e", "statement", "To brief the unit", "until", "day", "day",
		time.Now().AddDate(0, 0, 80).Format(time.DateOnly), "form", "original")
	for name, all := range form {
		values[name] = all
	}
	a := p.follow(p.send(document+"/request", values))
	id, _, _ := strings.Cut(strings.TrimPrefix(a.at, "/requests/"), "?")
	if !strings.HasPrefix(id, "req_") {
		p.t.Fatalf("not asked: %d %s", a.StatusCode, textOf(a.body))
	}
	return id
}

// digest is that of the text that a page shows, as its form sends it along.
func digest(a answered) string { return fieldsOf(a.body).Get("text") }

// What is given may be less than what was asked: over on a day of the signatory's own, read page by page only. The text
// that is shown says exactly that, what is given is the text that was shown, and nothing wider is taken.
func (p *playing) givesLess(t *testing.T) {
	clerk, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := clerk.put("To be narrowed", "restricted", "org_unoct", "art2.e", nil)
	id := reader.asksFor(document, nil)
	page := focal.send("/inbox/"+id, nil)
	if forms := ticks(page.body, "form"); len(forms) != 3 || forms[0] != "" || forms[1] != "stamped" ||
		forms[2] != "view" {
		t.Errorf("of an original the page offers the forms %q", forms)
	}
	focal.wants(page, "form original Original file", "Another day", "Form Original file")
	shown := digest(page)

	for name, day := range map[string]string{
		"none":              "",
		"yesterday":         time.Now().AddDate(0, 0, -1).Format(time.DateOnly),
		"longer than asked": time.Now().AddDate(0, 0, 81).Format(time.DateOnly),
	} {
		for _, do := range []string{"show", "give"} {
			a := focal.send("/inbox/"+id, said("do", do, "text", shown, "statement", "Agreed", "until", "day",
				"day", day))
			if a.StatusCode != http.StatusUnprocessableEntity && a.StatusCode != http.StatusBadRequest {
				t.Errorf("a day that is %s: %d", name, a.StatusCode)
			}
			focal.wants(a, "There is a problem", "Choose a day from tomorrow")
		}
	}
	end := time.Now().UTC().AddDate(0, 0, 9).Format(time.DateOnly)
	less := said("do", "give", "text", shown, "statement", "To brief the unit", "until", "", "day", end, "form", "view")
	changed := focal.send("/inbox/"+id, less)
	focal.wants(changed, "The terms have changed", "form view", "until "+end+"T00:00:00Z",
		"may read the marked pages")
	less.Set("text", digest(changed))
	given := focal.follow(focal.send("/inbox/"+id, less))
	focal.wants(given, "You authorized the exchange", "Read page by page on the screen")
	if !strings.HasPrefix(given.at, "/requests/"+id) {
		t.Errorf("given, at %s", given.at)
	}
	p.restsOnASignIn(t, id, "authorize")

	narrow := reader.asksFor(document, said("form", "view"))
	if forms := ticks(focal.send("/inbox/"+narrow, nil).body, "form"); len(forms) != 0 {
		t.Errorf("of what is read page by page the page offers the forms %q", forms)
	}
	wider := focal.send("/inbox/"+narrow, said("do", "give", "statement", "More", "form", "original"))
	focal.wants(wider, "Nothing was sent")
}

// A refusal takes a reason that is ready, in its own words, or those of whoever refuses; it takes one of them.
func (p *playing) refuses(t *testing.T) {
	clerk, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := clerk.put("To be refused", "restricted", "org_unoct", "art2.e", nil)
	for because, own := range map[string]string{"people": "", "own": "We never saw it", "purpose": "As we wrote"} {
		id := reader.asksFor(document, nil)
		for _, none := range []string{"", "own", "forged"} {
			focal.wants(focal.send("/inbox/"+id, said("do", "refuse", "because", none)), "Choose a reason")
		}
		done := focal.follow(focal.send("/inbox/"+id, said("do", "refuse", "because", because, "refusal", own)))
		ready := map[string]string{"people": "Too many people would read it.",
			"purpose": "not one that we share this for."}
		focal.wants(done, "refused", ready[because], own)
	}
}

// Where the third party signed an earlier text of the Discloser's and not its newest, the consent may say that the
// earlier signature serves (decision 0105); elsewhere nothing of it is asked.
func (p *playing) earlierServes(t *testing.T) {
	clerk, asker := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal, signer := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "focal.piu", "en")
	document := clerk.put("For the unit", "restricted", "org_unoct", "art2.e", nil)
	id := asker.asksFor(document, said("for", "org_piu-exampleland", "form", "stamped"))
	if page := focal.send("/inbox/"+id, nil); strings.Contains(page.body, `name="earlier"`) {
		t.Error("with one text, unsigned, the page asks whether an earlier one serves")
	}
	agreement := regexp.MustCompile(`/agreements/agr_[0-9a-z]+`).FindString(signer.send("/agreements", nil).body)
	form := said("name", "R. Silva", "function", "Head of the unit", "authority", "Decree 12", "accepts", "yes", "text",
		digest(signer.send(agreement, nil)))
	form.Set("signs", fieldsOf(signer.send(agreement, form).body).Get("signs"))
	signer.wants(signer.follow(signer.send(agreement, form)), "The agreement is signed")
	const later = "And we say when we lose it."
	focal.wants(focal.does("/third-parties/org_piu-exampleland", "agreement", said("text", later)), later)

	page := focal.send("/inbox/"+id, nil)
	focal.wants(page, "signed earlier serves as well", "earlier agreement serves no")
	given := said("do", "give", "statement", "To brief the unit", "earlier", "yes", "text", digest(page))
	changed := focal.send("/inbox/"+id, given)
	focal.wants(changed, "The terms have changed", "earlier agreement serves yes")
	given.Set("text", digest(changed))
	focal.wants(focal.follow(focal.send("/inbox/"+id, given)), "You gave your consent", "in force")
}

// corrected puts a new version in the place of a document's.
func (p *plain) corrected(document string) {
	p.t.Helper()
	p.wants(p.sends(document+"/version", "version", said("kind", "corrects", "statement", "A figure was wrong"),
		"paper.pdf", string(onePage("Corrected", []string{"Right."}))), "The new version is there")
}

// gives gives what is asked for, on the text that is shown first.
func (p *plain) gives(id string) answered {
	p.t.Helper()
	page := p.send("/inbox/"+id, nil)
	return p.follow(p.send("/inbox/"+id, said("do", "give", "statement", "To brief the unit", "text", digest(page))))
}

// "Does yours serve version 2 as well?": whoever may ask for the document asks that in one click on the page of the
// request, once; whoever decided gives it on one text that names both versions; nobody else is told of the version.
func (p *playing) carriesOver(t *testing.T) {
	clerk, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal, auditor := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "auditor.unoct", "en")
	document := clerk.put("To be corrected", "restricted", "org_unoct", "art2.e", nil)
	id := reader.asksFor(document, nil)
	focal.wants(focal.gives(id), "in force")
	request := "/requests/" + id
	const offered = "There is a newer version"
	if says := textOf(reader.send(request, nil).body); strings.Contains(says, offered) {
		t.Errorf("with one version: %s", says)
	}
	clerk.corrected(document)
	for who, b := range map[string]*plain{"Ask whether it serves": reader, "Give them the newer": clerk} {
		b.wants(b.send(request, nil), offered, who, "newer version")
	}
	if says := textOf(auditor.send(request, nil).body); strings.Contains(says, offered) {
		t.Errorf("to an auditor, who cannot ask: %s", says)
	}

	made := reader.follow(reader.send(request+"/carry-over", url.Values{}))
	reader.wants(made, "Whoever decided on the version before is asked", "A newer version has taken the place")
	next, _, _ := strings.Cut(strings.TrimPrefix(made.at, "/requests/"), "?")
	for _, b := range []*plain{reader, clerk, focal} {
		again := b.send(request, nil)
		b.wants(again, "That was asked already")
		if strings.Contains(again.body, `/carry-over"`) {
			t.Errorf("%s is offered to ask twice", b.who)
		}
	}
	page := focal.send("/inbox/"+next, nil)
	focal.wants(page, "A newer version has taken the place", "serves this version as well as version sha-256")
	focal.wants(focal.gives(next), "You authorized the exchange", "in force")
	p.restsOnASignIn(t, next, "authorize")
	reader.wants(reader.send(document, nil), "Open", "Authorized")
}

// Several requests are decided on with one sign-in: the texts stand on one page, whole, and what is given are exactly
// those that were shown. What cannot be given among them says why, and where.
func (p *playing) decidesSeveral(t *testing.T) {
	clerk, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := clerk.put("Asked for by many", "restricted", "org_unoct", "art2.e", nil)
	var ids []string
	for range 3 {
		ids = append(ids, reader.asksFor(document, nil))
	}
	box := focal.send("/inbox", nil)
	for _, id := range ids {
		if !strings.Contains(box.body, `type="checkbox" name="request" value="`+id+`"`) {
			t.Errorf("%s cannot be chosen", id)
		}
	}
	chosen := url.Values{"request": ids[:2]}
	page := focal.send("/decisions?"+chosen.Encode(), nil)
	focal.wants(page, "Decide on 2 requests together", "Sign in again and give all 2", ids[0], ids[1])
	if strings.Count(page.body, "CHANCERY DECISION") != 2 {
		t.Error("the page does not show each text")
	}
	form := url.Values{"request": ids[:2], "text": {digest(page)}, "do": {"give"}, "statement": {"For the season"}}
	changed := focal.send("/decisions", form) // other words than were shown
	focal.wants(changed, "The terms have changed", "statement For the season")
	form["request"] = ids // another that was not shown
	form.Set("text", digest(changed))
	focal.wants(focal.send("/decisions", form), "The terms have changed")
	form["request"] = ids[:2]
	done := focal.follow(focal.send("/decisions", form))
	focal.wants(done, "Your decisions were recorded, each by itself.")
	for _, id := range ids[:2] {
		focal.wants(focal.send("/requests/"+id, nil), "in force", "For the season")
		p.restsOnASignIn(t, id, "authorize")
	}
	focal.wants(focal.send("/requests/"+ids[2], nil), "open")
	focal.wants(focal.send("/decisions?"+url.Values{"request": ids}.Encode(), nil), "Decide on one request",
		"Not among them", "You cannot decide on this request")
	reader.wants(reader.send("/decisions?"+url.Values{"request": ids[2:]}.Encode(), nil),
		"None of these can be decided on together")
	if a := in(t, p.BaseURL, "focal.piu", "en").send("/decisions?request="+ids[2], nil); a.StatusCode !=
		http.StatusNotFound {
		t.Errorf("whoever has no standing for a request: %d %s", a.StatusCode, textOf(a.body))
	}
}

// Who has a document stands on its page as the Gateway tells each reader: organisations, people and copies in numbers,
// on whose word, Releases as well; and whom a recall reaches is said before it is done.
func (p *playing) countsHolders(t *testing.T) {
	clerk, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	free := clerk.put("Released", "non-confidential", "org_unoct", "art2.i", nil)
	focal.wants(focal.send(free, nil), "No decision needed")
	focal.wants(focal.send(free+"/acts/recall", nil), "No grant or Release is in force",
		"Nobody outside your organisation had a copy")
	focal.wants(focal.does(free+"/release", "release", said("organisation", "org_customs-exampleland", "statement",
		"For its own training")), "Released.")
	reader.follow(reader.send(free+"/open", said("purpose", "art2.i", "statement", "To prepare", "form", "stamped")))
	for _, b := range []*plain{clerk, reader} {
		b.wants(b.send(free, nil), "Released", "Fiona Carter", "1 person, 1 copy, last")
	}
	focal.wants(focal.send(free+"/acts/recall", nil), "1 Release ends: Customs",
		"Asked: United Nations Office of Counter-Terrorism, 1 person, 1 copy, last")
	focal.wants(focal.send(free+"/acts/mark", nil), "Told: United Nations Office of Counter-Terrorism, 1 person")
	customs := in(t, p.BaseURL, "focal.customs", "en").send(free, nil)
	if says := textOf(customs.body); !strings.Contains(says, "Released") || strings.Contains(says, "1 copy") {
		t.Errorf("a third party is told what others had: %s", says)
	}

	document := clerk.put("Asked for often", "restricted", "org_unoct", "art2.e", nil)
	for range 5 {
		reader.asksFor(document, nil)
	}
	focal.wants(focal.send(document, nil), "Waits", "2 more", "Samuel Okoro, UNOCT")
}

func (p *playing) decisionPages(t *testing.T) {
	clerk, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := clerk.put("To be looked at", "restricted", "org_unoct", "art2.e", nil)
	before := reader.asksFor(document, nil)
	focal.wants(focal.gives(before), "in force")
	reader.follow(reader.send(document+"/open", said("purpose", "art2.e", "statement", "To prepare", "form",
		"stamped")))
	clerk.corrected(document)
	asked := url.Values{"request": {reader.asksFor(document, nil), reader.asksFor(document, nil),
		reader.asksFor(document, said("form", "stamped")),
		reader.asksFor(document, said("for", "org_piu-exampleland"))}}
	s, checker := person(t, chromium(t), p.BaseURL, true), axe(t)
	s.signIn("wco", "focal.wco")
	for what, path := range map[string]string{
		"one":     "/inbox/" + asked["request"][0],
		"several": "/decisions?" + asked.Encode(),
		"inbox":   "/inbox",
		"newer":   "/requests/" + before,
		"circle":  document,
		"recall":  document + "/acts/recall",
		"marking": document + "/acts/mark",
	} {
		for _, language := range []string{"en", "fr"} {
			join := "?"
			if strings.Contains(path, "?") {
				join = "&"
			}
			s.at(path + join + "lang=" + language)
			s.inspect("decide "+what+" "+language, checker)
			s.fits("decide " + what + " " + language)
		}
	}
}
