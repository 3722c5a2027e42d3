package main

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
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
		a = p.send(to, nil, "Sec-Fetch-Site", "same-origin") // as a browser says that a form of ours sends on
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
	a := p.puts(string(onePage(title, []string{"Words of the test."})), title, marking, recipient, purpose, more)
	path, _, _ := strings.Cut(a.at, "?")
	if !strings.HasPrefix(path, "/documents/doc_") {
		p.t.Fatalf("not deposited: %d %s", a.StatusCode, textOf(a.body))
	}
	return path
}

// puts sends a PDF file and what is said of it, and answers what comes of that.
func (p *plain) puts(content, title, marking, recipient, purpose string, more url.Values) answered {
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
	staged := p.follow(p.sendParts("/documents/new", url.Values{"marking": {marking}}, "paper.pdf", content))
	if !strings.HasPrefix(staged.at, "/documents/new/stg_") {
		p.t.Fatalf("not staged: %d %s", staged.StatusCode, textOf(staged.body))
	}
	values.Set("staged", strings.TrimPrefix(staged.at, "/documents/new/"))
	return p.follow(p.send(staged.at, values))
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

func either(language, english, french string) string {
	if language == "fr" {
		return french
	}
	return english
}

// What a page hands out as a file, and what no browser would send: TestJourneyActsInABrowser has the rest.
func TestTheLogIsTakenAlongAndADayThatIsNoneIsSaid(t *testing.T) {
	t.Parallel()
	p := look(t)
	focal, auditor := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "auditor.wco", "fr")
	found := regexp.MustCompile(`href="(/documents/doc_[^"]+)"><bdi>Quays of the third week`).FindStringSubmatch(
		focal.send("/documents", nil).body)
	if found == nil {
		t.Fatal("the document that furnish leaves is not listed")
	}
	document := found[1]
	table := auditor.does("/audit", "accounting",
		said("document", strings.TrimPrefix(document, "/documents/"), "table", "yes"))
	if !strings.HasPrefix(table.body, "index,entry,at,document,") {
		t.Errorf("the table: %s", table.body)
	}
	if a := auditor.does("/audit", "bundle", nil); a.Header.Get("Content-Type") != "application/x-tar" ||
		len(a.body) < 10_000 {
		t.Errorf("the bundle: %s, %d bytes", a.Header.Get("Content-Type"), len(a.body))
	}
	focal.wants(focal.does(document+"/details", "amend", said("title", "Quays", "review_by", "2099-02-30", "purposes",
		"art2.e", "reason", "A typo")), "There is a problem")
}
