package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"chancery.example/gateway/pkg/client"
)

// Every cookie that the pages set is of this host alone, goes over TLS alone, and is shown to no script.
func TestCookiesOfThePagesAreOfThisHostAloneAndNoScriptSeesThem(t *testing.T) {
	t.Parallel()
	p := look(t)
	b := newPlain(t, p.BaseURL)
	seen := map[string]bool{}
	heard := func(a answered) answered {
		for _, c := range a.Cookies() {
			kind, _, _ := strings.Cut(strings.TrimPrefix(c.Name, "__Host-"), "-")
			seen[kind] = true
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" ||
				c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s: %s", c.Name, c.Raw)
			}
		}
		return a
	}
	heard(b.send("/?lang=fr", nil))
	onward := heard(b.send("/sign-in/wco", url.Values{"return": {"/"}}))
	_, to, _ := strings.Cut(onward.Header.Get("Refresh"), "url=")
	back := b.send(to, url.Values{"person": {"staff.wco"}}).Header.Get("Location")
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	heard(b.send(u.Path, fieldsOf(heard(b.send(back, nil)).body)))
	heard(b.send("/sign-out", url.Values{}))
	for _, name := range []string{"chancery", "language", "sign"} {
		if !seen[name] {
			t.Errorf("no cookie %s was set: %v", name, seen)
		}
	}
}

// Whoever was signed out while writing signs in again, finds what was written, and sends it.
func TestJourneyWhatWasWrittenSurvivesTheEndOfASession(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	here, elsewhere := in(t, p.BaseURL, "staff.unoct", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	path := ""
	for _, m := range link.FindAllStringSubmatch(here.send("/documents", nil).body, -1) {
		if strings.HasPrefix(m[1], "/documents/doc_") {
			path = m[1] + "/request"
		}
	}
	form := url.Values{"for": {"org_unoct"}, "purpose": {"art2.i"}, "statement": {"What I wrote for half an hour"},
		"until": {"day"}, "day": {"2099-01-01"}, "form": {"stamped"}}
	elsewhere.follow(elsewhere.send("/me/sessions", url.Values{"session": {""}}))
	onward := here.send(path, form)
	here.wants(onward, "What you wrote is kept for ten minutes")
	kept := here.follow(onward)
	here.wants(kept, "What you wrote is kept", "It was not sent before")
	if !strings.Contains(kept.body, "What I wrote for half an hour") {
		t.Fatalf("it is lost: %s", textOf(kept.body))
	}
	again := fieldsOf(kept.body)
	if a := here.send(path, again); a.StatusCode == http.StatusNotFound || a.StatusCode >= 500 {
		t.Errorf("sent again: %d %s", a.StatusCode, textOf(a.body))
	}
}

// A session that its person ends over the API is refused at its browser's next request, and the page says who ended it.
func TestASessionThatIsEndedOverTheAPIIsOverInItsBrowser(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	here, other := in(t, p.BaseURL, "staff.unoct", "en"), in(t, p.BaseURL, "staff.wco", "en")
	c := caller{stage: &stage{base: p.BaseURL + client.Base}, id: "staff.unoct", token: p.token(t, "staff.unoct")}
	var mine struct {
		Sessions []struct{ ID string }
	}
	p.get(t, "staff.unoct", "/me/sessions", &mine)
	if len(mine.Sessions) != 1 || here.send("/me", nil).StatusCode != http.StatusOK {
		t.Fatalf("signed in once, shown are %+v", mine)
	}
	if err := c.do(t.Context(), http.MethodDelete, "/me/sessions/"+mine.Sessions[0].ID, nil, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	here.wants(here.follow(here.send("/documents", nil)), "You ended this session from another place")
	if a := other.send("/me", nil); a.StatusCode != http.StatusOK {
		t.Errorf("somebody else's session: %d", a.StatusCode)
	}
}

// Two minutes before a session is over a dialog asks; one button, and it goes on.
func TestADialogAsksBeforeASessionIsOver(t *testing.T) {
	t.Parallel()
	p := look(t)
	s := person(t, chromium(t), p.BaseURL, true)
	s.signIn("wco", "focal.wco")
	// The twenty-seven minutes until then pass at once.
	s.must("hurry", chromedp.Do(s.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: `(() => {
				const wait = window.setTimeout.bind(window);
				let hurried = false;
				window.setTimeout = (f, ms) => {
					if (ms > 1500000 && ms < 1700000 && !hurried) { hurried = true; return wait(f, 100); }
					return wait(f, ms);
				};
			})()`})
		return err
	})))
	s.at("/trace")
	s.write(`#text-text-in`, "What was written")
	s.see(`dialog[open]`)
	s.says("Are you still there?")
	s.keep("session-dialog", true)
	s.press(`dialog button`, `dialog:not([open])`)
	title, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.querySelector("#text-text-in").value`))
	s.must("read", err)
	if title != "What was written" {
		t.Errorf("the page holds %q", title)
	}
}

// Decision 0410: the page on which a Party's signatory ends sessions of the Party's people is shown to nobody else.
func TestThePageOnWhichSessionsOfOthersEndIsForAPartysSignatories(t *testing.T) {
	t.Parallel()
	p := look(t)
	for _, who := range []string{"staff.unoct", "focal.piu", "auditor.wco"} {
		if a := in(t, p.BaseURL, who, "en").send("/sessions", nil); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s is shown the page: %d", who, a.StatusCode)
		}
	}
}
