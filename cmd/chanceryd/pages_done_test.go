package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A link from anywhere else has no page state an act that never was, whatever it goes through: a change of language, a
// reload, a sign-in.
func TestAttackALinkFromElsewhereStatesNoAct(t *testing.T) {
	t.Parallel()
	p := look(t)
	victim := in(t, p.BaseURL, "focal.wco", "en")
	document := regexp.MustCompile(`/documents/doc_[^"]+`).FindString(victim.send("/documents", nil).body)
	request := regexp.MustCompile(`/requests/req_[^"]+`).FindString(victim.send("/requests?box=asked-of-us", nil).body)
	for path, says := range map[string]string{
		"/?done=not-concerned":          "your organisation is not concerned",
		"/stops?done=ended":             "It has ended",
		"/arrangement?done=delegated":   "The Delegation was filed",
		"/erasures?done=erased":         "Erased.",
		document + "?done=destroy":      "Destroyed.",
		document + "?done=recall":       "was recalled",
		request + "?done=consent":       "You gave your consent",
		"/confirmations?done=confirmed": "Confirmed. It holds now",
	} {
		if a := victim.send(path, nil, "Sec-Fetch-Site", "same-origin"); !strings.Contains(textOf(a.body), says) {
			t.Errorf("%s: a page of ours that sends there finds %d %s", path, a.StatusCode, textOf(a.body))
		}
		for _, site := range []string{"cross-site", "same-site", "none", ""} {
			a := victim.send(path, nil, "Sec-Fetch-Site", site)
			if strings.Contains(textOf(a.body), says) || strings.Contains(a.body, `class="done"`) {
				t.Errorf("%s, sent by %q: the page states an act", path, site)
			}
			if strings.Contains(a.body, "done=") {
				t.Errorf("%s, sent by %q: a link of ours passes it on", path, site)
			}
		}
	}
	b := newPlain(t, p.BaseURL)
	onward := b.send("/sign-in/wco", url.Values{"return": {"/documents?words=x&done=deposited"}})
	_, to, _ := strings.Cut(onward.Header.Get("Refresh"), "url=")
	back := b.send(to, url.Values{"person": {"staff.wco"}}).Header.Get("Location")
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	if a := b.send(u.Path, fieldsOf(b.send(back, nil).body)); a.Header.Get("Location") != "/documents?words=x" {
		t.Errorf("behind the sign-in the browser is sent to %q", a.Header.Get("Location"))
	}

	// In a browser: the journeys show that a form of ours is followed by the word that it did something.
	s := person(t, chromium(t), p.BaseURL, true)
	s.signIn("wco", "focal.wco")
	for name, away := range map[string]string{"a page of nowhere": "about:blank",
		"another port": p.Issuers["wco"]} {
		ctx, stop := s.within()
		s.must(name, chromedp.Do(ctx, chromedp.Navigate(away)))
		stop()
		_, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](`location.href = "`+p.BaseURL+
			`/erasures?done=erased", true`))
		s.must(name, err)
		s.see(`form[action="/sign-out"]`)
		s.statesNothing(name)
		ctx, stop = s.within()
		s.must("reload", chromedp.Do(ctx, chromedp.Reload()))
		stop()
		s.statesNothing(name + ", reloaded")
		s.press(`a.lang`, `html[lang="fr"]`)
		s.statesNothing(name + ", in French")
		s.press(`a.lang`, `html[lang="en"]`)
	}
}

func (s *sight) statesNothing(where string) {
	s.t.Helper()
	s.see(`form[action="/sign-out"]`)
	stated, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](`!!document.querySelector(".done")`))
	s.must("look", err)
	if stated {
		s.t.Errorf("%s: the page states an act", where)
	}
}
