package main

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// named is what a page is of, not which: pages of one kind look alike.
var named = regexp.MustCompile(`/([a-z]{3})_[^/?]+`)

// kindOf is the pattern of an address.
func kindOf(path string) string {
	path, query, _ := strings.Cut(path, "?")
	if box, _, further := strings.Cut(query, "&"); strings.HasPrefix(box, "box=") {
		path += "?" + box
		if further {
			path += "&…" // beyond the first page, or filtered
		}
	}
	if strings.HasPrefix(path, "/rules/") {
		return "/rules/:paragraph"
	}
	return named.ReplaceAllString(path, "/:$1")
}

// kinds are the pages that somebody reaches by links, one of each kind.
func (p *plain) kinds(limit int) []string {
	p.t.Helper()
	waiting, seen, out := []string{"/"}, map[string]bool{}, []string{}
	for len(waiting) > 0 && len(out) < limit {
		path := waiting[0]
		waiting = waiting[1:]
		if kind := kindOf(path); seen[kind] {
			continue
		} else {
			seen[kind] = true
		}
		a := p.send(path, nil)
		if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		out = append(out, path)
		for _, m := range link.FindAllStringSubmatch(a.body, -1) {
			to := html.UnescapeString(m[1])
			if strings.HasPrefix(to, "/") && !strings.Contains(to, "lang=") && !strings.HasSuffix(to, "/content") {
				waiting = append(waiting, to)
			}
		}
	}
	return out
}

// axe is the accessibility checker, as its package holds it.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// inspect wants nothing of axe-core on the page, which it runs through the debugger: the page's own policy lets no
// script of ours in.
func (s *sight) inspect(what, checker string) {
	s.t.Helper()
	s.must("axe", chromedp.Do(s.ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](checker+"\n;true"))
		return err
	})))
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"],
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations.flatMap(
		v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 200) + " " + (n.failureSummary || "").slice(0, 200))))`,
		chromedp.EvalAwaitPromise))
	s.must("axe", err)
	for _, one := range found {
		s.t.Errorf("%s: %s", what, one)
	}
}

// fits wants the page no wider than a window, at the widths of a desk, a telephone, and a desk at 400 %, and keeps what
// it looks like, where CHANCERY_PICTURES says so.
func (s *sight) fits(what string) {
	s.t.Helper()
	for _, width := range []int64{1280, 390, 320} {
		s.must("width", chromedp.Do(s.ctx, chromedp.EmulateViewport(width, 900)))
		over, err := chromedp.Run(s.ctx, chromedp.Evaluate[float64](
			`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		s.must("measure", err)
		if over > 0 {
			out, _ := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("main *")].filter(e =>
				e.getBoundingClientRect().right > document.documentElement.clientWidth || e.getBoundingClientRect().left < 0)
				.map(e => e.outerHTML.slice(0, 120))`))
			s.t.Errorf("%s at %d px is %g px wider than the window: %q", what, width, over, out)
		}
		s.keep(fmt.Sprintf("%s-%d", what, width), width != 320)
	}
	s.must("width", chromedp.Do(s.ctx, chromedp.EmulateViewport(1280, 900)))
}

// keep keeps a picture where CHANCERY_PICTURES says so.
func (s *sight) keep(name string, wanted bool) {
	dir := os.Getenv("CHANCERY_PICTURES")
	if dir == "" || !wanted {
		return
	}
	data, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	s.must("picture", err)
	name = strings.Trim(regexp.MustCompile(`[^a-z0-9-]+`).ReplaceAllString(name, "-"), "-")
	s.must("picture", os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644))
}

// emulated has the page shown as on other devices.
func (s *sight) emulated(media string, features ...*emulation.MediaFeature) {
	s.t.Helper()
	s.must("emulate", chromedp.Do(s.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{Media: media, Features: features})
		return err
	})))
}

// Every page of everybody, in both languages: nothing that axe-core finds, an empty console under the pages' policy,
// and no page wider than its window at 1280, 390 and 320 px.
func TestEveryPageIsAccessibleAndFitsInBothLanguages(t *testing.T) {
	t.Parallel()
	p := look(t)
	browser, checker := chromium(t), axe(t)
	seen := map[string]int{}
	for _, who := range []string{"focal.wco", "staff.unoct", "auditor.wco", "focal.piu", "focal.customs", "operator"} {
		one, _ := playerOf(who)
		b := newPlain(t, p.BaseURL)
		b.signIn(one.organisation, who)
		paths := b.kinds(120)
		s := person(t, browser, p.BaseURL, true)
		s.inspectSignIn(one.organisation, who, checker, len(seen) == 0)
		for _, path := range paths {
			enough := 1
			if slices.Contains([]string{"/", "/documents/:doc", "/requests/:req", "/inbox/:req"}, kindOf(path)) {
				enough = 3 // these differ much by who looks
			}
			if seen[kindOf(path)]++; seen[kindOf(path)] > enough {
				continue
			}
			for _, in := range []string{"fr", "en"} {
				query := "?"
				if strings.Contains(path, "?") {
					query = "&"
				}
				s.at(path + query + "lang=" + in)
				what := who + " " + in + " " + kindOf(path)
				s.inspect(what, checker)
				s.fits(what)
			}
		}
	}
	if len(seen) < 45 {
		t.Errorf("only %d kinds of pages were seen", len(seen))
	}
}

// inspectSignIn signs somebody in, and looks at the pages on the way.
func (s *sight) inspectSignIn(short, who, checker string, look bool) {
	if look {
		for _, path := range []string{"/?lang=fr", "/?lang=en", "/sign-in?lang=fr", "/sign-in?lang=en", "/nowhere"} {
			s.at(path)
			s.inspect(path, checker)
			s.fits(path)
		}
	}
	s.signIn(short, who)
}

// Colours that the reader's system forces leave the marking standing: its word, its icon and its edge.
func TestForcedColoursKeepTheMarking(t *testing.T) {
	t.Parallel()
	p := look(t)
	s := person(t, chromium(t), p.BaseURL, true)
	s.signIn("wco", "staff.wco")
	s.emulated("", &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	s.at("/documents")
	s.see(".marking")
	kept, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`(() => {
		const bad = [];
		for (const m of document.querySelectorAll(".marking, .tagmark")) {
			const style = getComputedStyle(m);
			if (style.borderTopWidth === "0px") bad.push("no border: " + m.className);
			if (!m.innerText.trim()) bad.push("no word: " + m.className);
			const icon = m.querySelector("svg");
			if (!icon || icon.getBoundingClientRect().width < 10) bad.push("no icon: " + m.className);
			const edge = m.querySelector(".edge, .side");
			if (!m.classList.contains("non-confidential") && getComputedStyle(edge).backgroundImage === "none")
				bad.push("no edge: " + m.className);
		}
		return bad;
	})()`))
	s.must("look", err)
	if len(kept) > 0 {
		t.Error(kept)
	}
	s.keep("forced-colours", true)
}

// What is printed bears its marking on every sheet.
func TestEverySheetOfAPrintedPageBearsTheMarking(t *testing.T) {
	t.Parallel()
	p := look(t)
	s := person(t, chromium(t), p.BaseURL, true)
	s.signIn("wco", "focal.wco")
	s.at("/inbox")
	s.press(`main a[href^="/inbox/"]`, ".canon")
	data, err := chromedp.Run(s.ctx, chromedp.PrintToPDF())
	s.must("print", err)
	file := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	sheets := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	if len(sheets) < 2 {
		t.Fatalf("%d sheet; the test needs a page of several", len(sheets))
	}
	for i, sheet := range sheets {
		if strings.Count(sheet, "RESTRICTED ·") < 2 ||
			!strings.Contains(sheet, fmt.Sprintf("%d / %d", i+1, len(sheets))) {
			t.Errorf("sheet %d of %d bears no marking, or no number:\n%s", i+1, len(sheets), sheet)
		}
	}
}

// From right to left no page is wider than its window, and the marking is where it was.
func TestPagesAreReadyForScriptsFromRightToLeft(t *testing.T) {
	t.Parallel()
	p := look(t)
	s := person(t, chromium(t), p.BaseURL, true)
	s.signIn("wco", "focal.wco")
	for _, path := range []string{"/", "/documents", "/arrangement", "/requests?box=asked-of-us"} {
		s.at(path)
		_, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](`document.documentElement.dir = "rtl", true`))
		s.must("turn", err)
		s.fits("rtl " + path)
	}
}
