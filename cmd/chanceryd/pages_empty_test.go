package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

var button = regexp.MustCompile(`<button[^>]*name="([^"]+)" value="([^"]*)"`)

// Each form of each page, sent as it stands: what is missing is said at its field, nothing fails inside, and no act is
// offered that is then refused for a reason that the page knew: who asks, for whom, in which state.
func (p *playing) everyFormEmpty(t *testing.T) {
	sent := 0
	for _, who := range []string{"focal.wco", "staff.unoct", "auditor.unoct", "focal.piu", "focal.customs"} {
		b := in(t, p.BaseURL, who, "en")
		for _, path := range b.kinds(120) {
			for _, form := range formOf.FindAllString(b.send(path, nil).body, -1) {
				action := path
				if m := actionOf.FindStringSubmatch(form); m != nil {
					action = html.UnescapeString(m[1])
				}
				if action == "/sign-out" || strings.HasPrefix(action, "/me/sessions") {
					continue
				}
				values := fieldsOf(form)
				if m := button.FindStringSubmatch(form); m != nil {
					values.Set(m[1], html.UnescapeString(m[2]))
				}
				sent++
				b.wantsNoSurprise(path, action, form, values)
			}
		}
	}
	for _, who := range []string{"staff.wco", "staff.unoct", "focal.piu", "focal.unoct"} {
		p.everyFormFilled(in(t, p.BaseURL, who, "en"))
	}
	if sent < 60 {
		t.Errorf("only %d forms were sent", sent)
	}
}

var (
	worded = regexp.MustCompile(`<textarea[^>]* name="([^"]+)"`)
	chosen = regexp.MustCompile(`<input type="radio" name="([^"]+)" value="([^"]+)"`)
)

// everyFormFilled sends the forms of acts with some words and the first of what is to be chosen from: what was missing
// hides no longer that somebody may not do the act at all.
func (p *playing) everyFormFilled(b *plain) {
	for _, path := range b.kinds(120) {
		for _, form := range formOf.FindAllString(b.send(path, nil).body, -1) {
			if !strings.Contains(form, "<textarea") || strings.Contains(form, "multipart/form-data") {
				continue
			}
			values, action := fieldsOf(form), path
			for _, m := range worded.FindAllStringSubmatch(form, -1) {
				values.Set(m[1], "For the test")
			}
			for _, m := range chosen.FindAllStringSubmatch(form, -1) {
				if !values.Has(m[1]) {
					values.Set(m[1], html.UnescapeString(m[2]))
				}
			}
			if m := actionOf.FindStringSubmatch(form); m != nil {
				action = html.UnescapeString(m[1])
			}
			if a := b.send(action, values); a.StatusCode >= http.StatusInternalServerError ||
				a.StatusCode == http.StatusForbidden && known(a.body) {
				b.t.Errorf("%s: %s offers what is refused: %d %s", b.who, path, a.StatusCode, textOf(a.body))
			}
		}
	}
}

// known reports whether a page of a refusal says something that the page before could have known when it offered the
// act: that somebody else has to do it, or nobody can.
func known(page string) bool {
	for _, code := range article4.Codes() {
		entry, _ := article4.Lookup(code)
		switch entry.Remedy {
		case article4.RemedyAskColleague, article4.RemedyContactFocalPoint, article4.RemedySeeArrangement,
			article4.RemedySeeOwnLimits:
			if strings.Contains(html.UnescapeString(page), "<h3>"+entry.English.Title+"</h3>") {
				return true
			}
		}
	}
	return false
}

func (p *plain) wantsNoSurprise(path, action, form string, values url.Values) {
	p.t.Helper()
	a := answered{}
	if strings.Contains(form, "multipart/form-data") {
		a = p.sendParts(action, values)
	} else {
		a = p.send(action, values)
	}
	switch {
	case a.StatusCode >= http.StatusInternalServerError || a.StatusCode == http.StatusNotFound:
		p.t.Errorf("%s: the form of %s, sent empty to %s: %d\n%s", p.who, path, action, a.StatusCode, textOf(a.body))
	case a.StatusCode == http.StatusForbidden && known(a.body):
		p.t.Errorf("%s: %s offers what is refused: %s", p.who, path, textOf(a.body))
	}
}
