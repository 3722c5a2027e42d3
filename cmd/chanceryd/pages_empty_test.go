package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var button = regexp.MustCompile(`<button[^>]*name="([^"]+)" value="([^"]*)"`)

// Each form of each page, sent as it stands: what is missing is said at its field, nothing fails inside, and no act is
// offered that is then refused for a reason that the page knew: who asks, for whom, in which state.
func TestEveryFormSentEmptySaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
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
	if sent < 60 {
		t.Errorf("only %d forms were sent", sent)
	}
}

// known are refusals that a page could have known before it offered the act.
var known = regexp.MustCompile(`>(The right role|This is for|Only |A Delegation|You asked for it yourself|` +
	`Nobody decides)`)

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
	case a.StatusCode == http.StatusForbidden && known.MatchString(a.body):
		p.t.Errorf("%s: %s offers what is refused: %s", p.who, path, textOf(a.body))
	}
}
