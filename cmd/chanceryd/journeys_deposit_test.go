package main

import (
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// "I have two papers for somebody at UNOCT": marked, dropped on the page, checked by their first pages, deposited and
// given in one act, which waits for a signatory.
func TestJourneySeveralFilesAreMarkedSentCheckedAndGivenInOneAct(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	browser, checker := chromium(t), axe(t)
	for _, in := range []string{"en", "fr"} {
		staff := person(t, browser, p.BaseURL, true)
		staff.signIn("wco", "staff.wco")
		staff.at("/documents/new?lang=" + in)
		staff.inspect("stage "+in, checker)
		staff.fits("stage-" + in)
		staff.press(`form[enctype] button.btn`, `.govuk-error-summary`)
		staff.clicks = 0
		staff.press(`input[name=marking][value=restricted]`, "")
		staff.drops(map[string]string{"one " + in + ".pdf": string(onePage("One "+in, []string{"The first."})),
			"two " + in + ".pdf": string(onePage("Two "+in, []string{"The second."}))})
		staff.press(`form[enctype] button.btn`, `.found img`)
		staff.says("one "+in+".pdf", "two "+in+".pdf")
		staff.inspect("deposit "+in, checker)
		staff.fits("deposit-several-" + in)
		staff.write(`#purpose_statement`, "For the desk, "+in)
		staff.press(`input[name=purposes][value="art2.e"]`, "")
		staff.press(`input[name=personal_data][value=no]`, "")
		staff.press(`input[name=entities][value=none]`, "")
		staff.press(`input[name=derived][value=no]`, "")
		staff.press(`#people input[name=people]`, "")
		staff.press(`.staged form button.btn`, `.table`)
		staff.says("one "+in, "two "+in, "D-")
		staff.inspect("deposited "+in, checker)
		staff.fits("deposited-several-" + in)
		if staff.clicks > 8 {
			t.Errorf("%s: %d clicks", in, staff.clicks)
		}

		decider := person(t, browser, p.BaseURL, true)
		decider.signIn("wco", "focal.wco")
		decider.at("/inbox")
		decider.says("For the desk, " + in)
	}
}

// drops drops files on the page, as somebody does who drags them there.
func (s *sight) drops(files map[string]string) {
	s.t.Helper()
	s.see(`.dropzone`)
	for name, text := range files {
		_, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](`(() => {
			window.dropped ??= new DataTransfer();
			window.dropped.items.add(new File([Uint8Array.from(atob(`+strconv.Quote(base64.StdEncoding.EncodeToString([]byte(text)))+
			`), c => c.charCodeAt(0))], `+strconv.Quote(name)+`, {type: "application/pdf"}));
			return true; })()`))
		s.must("gather "+name, err)
	}
	_, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](`document.querySelector(".dropzone").dispatchEvent(
		new DragEvent("drop", {dataTransfer: window.dropped, bubbles: true, cancelable: true})) || true`))
	s.must("drop", err)
}

// What is wrong with one of several files is said beside it, and holds up no other; what was cancelled is not kept.
func TestJourneyOneOfSeveralFilesIsRefusedBesideTheOthers(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff := person(t, chromium(t), p.BaseURL, true)
	staff.signIn("wco", "staff.wco")
	staff.at("/documents/new")
	staff.press(`input[name=marking][value=confidential]`, "")
	staff.drops(map[string]string{"good.pdf": string(onePage("Good", []string{"Words."})), "none.pdf": ""})
	staff.press(`form[enctype] button.btn`, `.sending .failed`)
	staff.see(`.sending .sealed`)
	staff.says("Sealed", "Go on with those that were sealed")
	staff.fits("stage-one-refused")
	staff.press(`form[enctype] button.btn`, `.found img`)
	staff.says("good.pdf")
	staff.at("/documents/new")
	staff.says("Files that wait for their deposit", "good.pdf")
	staff.fits("stage-waiting")
	staff.press(`form[action$="/drop"] button`, `.done`)
	if n, err := chromedp.Run(staff.ctx, chromedp.Evaluate[int](
		`document.querySelectorAll('form[action$="/drop"]').length`)); err != nil || n != 0 {
		t.Errorf("%d files wait after the only one was dropped: %v", n, err)
	}
}

// Attackers of a staged file: unmarked nothing of it is kept; a colleague, the other Party and a third party see, drop
// and deposit none of it; a name that is markup stays a name.
func TestAStagedFileIsItsSendersOwnAndMarked(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff := in(t, p.BaseURL, "staff.wco", "en")
	const name = `<img src=x onerror=alert(1)>.pdf`
	content := string(onePage("Mine", []string{"Words."}))
	staff.wants(staff.sendParts("/documents/new", url.Values{}, name, content), "Choose a marking")
	staff.wants(staff.sendParts("/documents/new", url.Values{"marking": {"secret"}}, name, content), "Choose a marking")
	unmarked := staff.sendParts("/documents/new", url.Values{"marking": {""}}, name, content)
	if unmarked.StatusCode/100 != 4 {
		t.Errorf("unmarked: %d", unmarked.StatusCode)
	}
	if a := staff.send("/documents/new", nil); strings.Contains(a.body, `action="/documents/new/stg_`) {
		t.Errorf("an unmarked file waits: %s", textOf(a.body))
	}
	mine := staff.follow(staff.sendParts("/documents/new", url.Values{"marking": {"restricted"}}, name, content))
	if !strings.Contains(mine.body, html.EscapeString(`<img src=x`)) || strings.Contains(mine.body, `<img src=x`) {
		t.Errorf("the name of the file: %s", mine.body)
	}
	said := url.Values{"staged": {strings.TrimPrefix(mine.at, "/documents/new/")}, "marking": {"restricted"},
		"title": {"Mine"}, "recipient": {"org_unoct"}, "purpose_statement": {"x"}, "purposes": {"art2.e"},
		"personal_data": {"no"}, "entities": {"none"}, "derived": {"no"}}
	for _, who := range []string{"focal.wco", "staff.unoct", "focal.piu", "operator"} {
		other := in(t, p.BaseURL, who, "en")
		for _, a := range []answered{other.send(mine.at, nil), other.send(mine.at+"/preview", nil),
			other.send(mine.at+"/drop", url.Values{}), other.send(mine.at, said)} {
			if a.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s %s: %d", who, a.Request.Method, a.Request.URL.Path, a.StatusCode)
			}
		}
	}
	if a := staff.send(mine.at+"/preview", nil); a.StatusCode != 200 || a.Header.Get("Content-Type") != "image/png" {
		t.Errorf("one's own preview: %d %s", a.StatusCode, a.Header.Get("Content-Type"))
	}
	staff.wants(staff.follow(staff.send(mine.at, said)), "Deposited.")
	if a := staff.send(mine.at, said); a.StatusCode != http.StatusNotFound {
		t.Errorf("deposited twice: %d", a.StatusCode)
	}
}
