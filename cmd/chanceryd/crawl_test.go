package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plain is a browser without scripts, over HTTP alone: it keeps cookies, and sends forms as a browser does.
type plain struct {
	t       *testing.T
	base    string
	who     string
	cookies map[string]map[string]string // by host
}

func newPlain(t *testing.T, base string) *plain {
	return &plain{t: t, base: base, cookies: map[string]map[string]string{}}
}

// answered is what came back, read whole.
type answered struct {
	*http.Response
	body, at string
}

// send asks once; form nil is a GET. header holds pairs that go in the place of what a browser would say.
func (p *plain) send(address string, form url.Values, header ...string) answered {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	if u.Host == "" {
		base, _ := url.Parse(p.base)
		u = base.ResolveReference(u)
	}
	if form == nil {
		return p.ask(http.MethodGet, u, nil, "", header...)
	}
	return p.ask(http.MethodPost, u, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", header...)
}

// sendBody posts a body of any kind.
func (p *plain) sendBody(path string, body io.Reader, kind string) answered {
	p.t.Helper()
	base, _ := url.Parse(p.base)
	return p.ask(http.MethodPost, base.ResolveReference(&url.URL{Path: path}), body, kind)
}

func (p *plain) ask(method string, u *url.URL, body io.Reader, kind string, header ...string) answered {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, u.String(), body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", u.Scheme+"://"+u.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	for name, value := range p.cookies[u.Host] {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	once := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := once.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.cookies[u.Host] == nil {
		p.cookies[u.Host] = map[string]string{}
	}
	for _, c := range resp.Cookies() {
		if p.cookies[u.Host][c.Name] = c.Value; c.MaxAge < 0 {
			delete(p.cookies[u.Host], c.Name)
		}
	}
	return answered{resp, string(read), u.RequestURI()}
}

var (
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	link   = regexp.MustCompile(`<a [^>]*href="([^"]+)"`)
)

func fieldsOf(page string) url.Values {
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		out.Add(m[1], html.UnescapeString(m[2]))
	}
	return out
}

// returned signs somebody in at their organisation, and answers the address that the browser is sent back to.
func (p *plain) returned(short, who string) string {
	p.t.Helper()
	onward := p.send("/sign-in/"+short, url.Values{"return": {"/"}})
	_, to, found := strings.Cut(onward.Header.Get("Refresh"), "url=")
	if !found {
		p.t.Fatalf("no way to the sign-in of %s: %d %s", short, onward.StatusCode, onward.body)
	}
	return p.send(to, url.Values{"person": {who}}).Header.Get("Location")
}

func (p *plain) signIn(short, who string) {
	p.t.Helper()
	back := p.returned(short, who)
	u, _ := url.Parse(back)
	if in := p.send(u.Path, fieldsOf(p.send(back, nil).body)); in.StatusCode != http.StatusSeeOther {
		p.t.Fatalf("%s is not signed in: %d %s", who, in.StatusCode, in.body)
	}
}

// Whoever follows every link finds a page: none that fails, none that is not there, none that shows a document without
// its marking, none where a title, a name or a file's name that somebody wrote is markup or a header; in both
// languages. Then each form of each page is sent as it stands.
func TestEveryLinkOfThePagesLeadsToAPageForEverybody(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	p.furnish(t)
	p.poison(t)
	for _, who := range cast() {
		if who.service {
			continue
		}
		t.Run(who.id, func(t *testing.T) {
			for _, in := range []string{"en", "fr"} {
				crawl(t, p.BaseURL, who, in)
			}
		})
	}
	t.Run("every form sent empty says what is missing", p.everyFormEmpty)
}

// tellsOf is how a page names a document.
var tellsOf = regexp.MustCompile(`href="/documents/doc_|\bD-[0-9A-Z]{5}-[0-9A-Z]{6}\b`)

// unmarked says what a page lacks that shows something of a document: its marking above and below. Where markings are
// only chosen from, in forms, none is shown.
func unmarked(page string) (faults []string) {
	_, shown, _ := strings.Cut(page, "<main")
	shown, _, _ = strings.Cut(shown, "</main>")
	if tellsOf.MatchString(shown) && strings.Count(page, `<div class="marking `) < 2 {
		faults = append(faults, "something of a document without its marking above and below")
	}
	for _, marking := range []string{"confidential", "restricted"} {
		choices := strings.Count(shown, `value="`+marking+`"`)
		if strings.Count(shown, `class="tagmark `+marking+`"`) > choices &&
			strings.Count(page, `<div class="marking `+marking+`"`) != 2 {
			faults = append(faults, "what is "+marking+" without that marking above and below")
		}
	}
	return faults
}

func crawl(t *testing.T, base string, who player, in string) {
	b := newPlain(t, base)
	b.signIn(who.organisation, who.id)
	b.send("/?lang="+in, nil)
	waiting, seen, ofKind, poisoned := []string{"/"}, map[string]bool{}, map[string]int{}, 0
	for len(waiting) > 0 {
		path := waiting[0]
		waiting = waiting[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		if ofKind[kindOf(path)]++; ofKind[kindOf(path)] > 15 && strings.HasPrefix(path, "/log") {
			continue // entries are many, and filters of the log are more
		}
		a := b.send(path, nil)
		if a.StatusCode != http.StatusOK {
			t.Errorf("%s, %s: %d\n%s", in, path, a.StatusCode, a.body)
			continue
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue // a copy
		}
		if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<b x=") ||
			a.Header.Get("X-Evil") != "" {
			t.Errorf("%s, %s: what somebody wrote is markup, or a header", in, path)
		}
		poisoned += strings.Count(a.body, html.EscapeString("<script>alert"))
		for _, fault := range unmarked(a.body) {
			t.Errorf("%s, %s: %s", in, path, fault)
		}
		if !strings.Contains(a.body, `action="/sign-out"`) {
			t.Errorf("%s, %s: no way out of the session", in, path)
		}
		if !strings.Contains(a.body, `<html lang="`+in+`"`) {
			t.Errorf("%s is not in %s", path, in)
		}
		for _, m := range link.FindAllStringSubmatch(a.body, -1) {
			to := html.UnescapeString(m[1])
			if strings.HasPrefix(to, "/") && !strings.Contains(to, "lang=") && !strings.HasSuffix(to, "/content") {
				waiting = append(waiting, to)
			}
		}
	}
	if who.id == "focal.wco" && poisoned < 10 {
		t.Errorf("%s: what is markup elsewhere stands on pages %d times", in, poisoned)
	}
	if len(seen) < 10 {
		t.Errorf("%s: only %d pages are reached", in, len(seen))
	}
}

func TestAttacksOnThePages(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	victim := newPlain(t, p.BaseURL)
	victim.signIn("wco", "staff.wco")
	t.Run("a form from another site does nothing", func(t *testing.T) {
		for name, header := range map[string][]string{
			"another site": {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
			"a sibling host": {"Origin", "https://other." + strings.TrimPrefix(p.BaseURL, "http://"),
				"Sec-Fetch-Site", "same-site"},
			"an old browser":    {"Origin", "https://evil.example", "Sec-Fetch-Site", ""},
			"nothing said":      {"Origin", "", "Sec-Fetch-Site", ""},
			"an opaque origin":  {"Origin", "null", "Sec-Fetch-Site", "cross-site"},
			"typed in, so said": {"Origin", "https://evil.example", "Sec-Fetch-Site", ""},
		} {
			if a := victim.send("/sign-out", url.Values{}, header...); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %d", name, a.StatusCode)
			}
		}
		if a := victim.send("/me", nil); a.StatusCode != http.StatusOK {
			t.Errorf("afterwards: %d", a.StatusCode)
		}
	})
	t.Run("a GET signs nobody in, however often it comes", func(t *testing.T) {
		b := newPlain(t, p.BaseURL)
		back := b.returned("wco", "staff.wco")
		for range 3 {
			if a := b.send(back, nil); a.StatusCode != http.StatusOK || b.send("/me",
				nil).StatusCode != http.StatusSeeOther {
				t.Fatalf("the provider's answer alone: %d", a.StatusCode)
			}
		}
		other := newPlain(t, p.BaseURL) // the same address, planted in another's browser
		if a := other.send(back, nil); a.StatusCode != http.StatusForbidden || strings.Contains(a.body, "code=") {
			t.Errorf("in another's browser: %d", a.StatusCode)
		}
		u, _ := url.Parse(back)
		if a := other.send(u.Path, u.Query()); a.StatusCode != http.StatusForbidden {
			t.Errorf("sent from another's browser: %d", a.StatusCode)
		}
		fields := fieldsOf(b.send(back, nil).body)
		if a := b.send(u.Path, fields); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("in its own: %d", a.StatusCode)
		}
		if a := b.send(u.Path, fields); a.StatusCode != http.StatusForbidden {
			t.Errorf("a second time: %d", a.StatusCode)
		}
	})
	t.Run("nobody is sent to another host", func(t *testing.T) {
		b := newPlain(t, p.BaseURL)
		if a := b.send("/sign-in?return=https://evil.example/", nil); strings.Contains(a.body, "evil.example") {
			t.Error("the chooser keeps another host's address")
		}
		onward := b.send("/sign-in/wco", url.Values{"return": {"//evil.example"}})
		_, to, _ := strings.Cut(onward.Header.Get("Refresh"), "url=")
		back := b.send(to, url.Values{"person": {"staff.wco"}}).Header.Get("Location")
		u, _ := url.Parse(back)
		if a := b.send(u.Path, fieldsOf(b.send(back, nil).body)); a.Header.Get("Location") != "/" {
			t.Errorf("sent to %q", a.Header.Get("Location"))
		}
	})
	t.Run("a stolen cookie is nothing after sign-out", func(t *testing.T) {
		b, thief := newPlain(t, p.BaseURL), newPlain(t, p.BaseURL)
		b.signIn("wco", "staff.wco")
		host := strings.TrimPrefix(p.BaseURL, "http://")
		thief.cookies[host] = map[string]string{"__Host-chancery": b.cookies[host]["__Host-chancery"]}
		if a := thief.send("/me", nil); a.StatusCode != http.StatusOK {
			t.Fatalf("before: %d", a.StatusCode)
		}
		if a := b.send("/sign-out", url.Values{}); a.Header.Get("Clear-Site-Data") == "" {
			t.Error("the browser is not told to forget")
		}
		if a := thief.send("/me", nil); a.StatusCode != http.StatusSeeOther {
			t.Errorf("after: %d", a.StatusCode)
		}
	})
	t.Run("what somebody writes is never markup", func(t *testing.T) {
		b := newPlain(t, p.BaseURL)
		b.signIn("wco", "staff.wco")
		const evil = `"><script>alert(1)</script><b x='`
		for _, path := range []string{"/documents?words=" + url.QueryEscape(evil),
			"/documents?marking=" + url.QueryEscape(evil),
			"/requests?box=" + url.QueryEscape(evil), "/?lang=" + url.QueryEscape(evil),
			"/sign-in?return=" + url.QueryEscape("/"+evil)} {
			if a := b.send(path, nil); strings.Contains(a.body, "<script>alert") {
				t.Errorf("%s", path)
			}
		}
	})
	t.Run("every page bears the policy and is kept nowhere", func(t *testing.T) {
		for _, path := range []string{"/", "/sign-in", "/documents", "/nowhere", "/rules/4(8)"} {
			a := victim.send(path, nil)
			if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s can be framed: %s", path, policy)
			}
			for name, want := range map[string]string{
				"Content-Security-Policy": "; trusted-types 'none'",
				"Cache-Control":           "no-store",

				"X-Content-Type-Options": "nosniff",
				"X-Frame-Options":        "DENY",
				"Referrer-Policy":        "same-origin",

				"Strict-Transport-Security": "includeSubDomains",
			} {
				if !strings.Contains(a.Header.Get(name), want) {
					t.Errorf("%s: %s is %q", path, name, a.Header.Get(name))
				}
			}
			if regexp.MustCompile(`<[^>]+ (style|on[a-z]+)=|<style|<script>`).MatchString(a.body) {
				t.Errorf("%s: something inline", path)
			}
		}
		if a := victim.send("/nowhere", nil); a.StatusCode != http.StatusNotFound || !strings.Contains(a.body,
			"<main") {
			t.Errorf("an address of nothing: %d", a.StatusCode)
		}
		if a := victim.send("/nowhere", nil, "Accept", "application/json"); !slices.Contains(
			[]string{"application/problem+json"}, a.Header.Get("Content-Type")) {
			t.Errorf("to a program: %s", a.Header.Get("Content-Type"))
		}
	})
}
