package portal

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/web"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pageSet are the pages of one language, by name.
type pageSet map[string]*template.Template

// view is what every page is made of.
type view struct {
	Title    string
	Nav      string // which part of the navigation this is in
	Markings []article4.Marking
	Body     any

	Signed     bool
	Me, Org    string
	Auditor    bool // of the log, and of nothing else
	Audits     bool
	Party      bool
	Waiting    int
	Path, Here string
	Ends       time.Time
	Language   web.Language
	Status     int // of a problem; zero: all is well
	Onward     string
	Reload     int    // seconds, for what is being made
	Left       int    // seconds until the session is over when nothing more is seen of it
	Did        string // what was just done, where the address says so
	Demo       bool   // there is a tour
	Ending     string // the Arrangement ends, or has: said on every page
	Cut        bool   // of organisations or Delegations, of which a page may name any, not all were read
	LeftOut    bool   // records that were altered are not shown
}

func newPages(a assets) (map[web.Language]pageSet, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	all := map[web.Language]pageSet{}
	for _, in := range []web.Language{web.English, web.French} {
		set := pageSet{}
		for _, name := range names {
			base := path.Base(name)
			if base == "layout.html" || base == "parts.html" {
				continue
			}
			parsed, err := template.New("layout.html").Funcs(functions(in, a)).ParseFS(templateFiles,
				"templates/layout.html", "templates/parts.html", name)
			if err != nil {
				return nil, fmt.Errorf("portal: %w", err)
			}
			set[strings.TrimSuffix(base, ".html")] = parsed
		}
		all[in] = set
	}
	return all, nil
}

// functions are what templates may call: words, dates and drawings.
func functions(in web.Language, a assets) template.FuncMap {
	return template.FuncMap{
		"t":       func(key string, args ...any) string { return worded(in, key, args...) },
		"asset":   func(name string) string { return a.named[name] },
		"day":     func(t time.Time) string { return day(in, t) },
		"lastday": func(t time.Time) string { return day(in, t.Add(-time.Second)) },
		"when":    func(t time.Time) string { return when(in, t) },
		"clock":   func(t time.Time) string { return t.UTC().Format("15:04") },
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"size":    func(n int64) string { return size(in, n) },
		"marking": func(m article4.Marking) string { return worded(in, "marking."+string(m)) },
		"article": func(paragraph string) string { return article(in, paragraph) },
		"short":   short,
		"colon":   func() string { return colon(in) },
		"dict":    dict,
		"lines":   func(s string) []string { return strings.Split(s, "\n") },
		"other":   func() string { return other(in) },
		"markings": func() []article4.Marking {
			return []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential}
		},
		"add":      func(x, y int) int { return x + y },
		"contains": func(all []string, one string) bool { return slices.Contains(all, one) },
	}
}

func other(in web.Language) string {
	if in == web.French {
		return "en"
	}
	return "fr"
}

// dict gives a part of a page several things.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d arguments", len(pairs))
	}
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}

// short shows the beginning of a long identifier or digest.
func short(v any) string {
	s := fmt.Sprint(v)
	if len(s) <= 16 {
		return s
	}
	return s[:14] + "…"
}

var frenchMonths = [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
	"nov.", "déc."}

// day is written with its month in letters: people read 3/4 in two ways.
func day(in web.Language, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	if in == web.French {
		return fmt.Sprintf("%d\u00a0%s\u00a0%d", t.Day(), frenchMonths[t.Month()-1], t.Year())
	}
	return t.Format("2\u00a0Jan\u00a02006")
}

func when(in web.Language, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return day(in, t) + ", " + t.UTC().Format("15:04") + "\u00a0UTC"
}

var instants = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( UTC|Z)`)

// dated writes the instants of a text as pages do.
func dated(in web.Language, text string) string {
	return instants.ReplaceAllStringFunc(text, func(s string) string {
		for _, layout := range []string{"2006-01-02 15:04 UTC", "2006-01-02 15:04:05 UTC", time.RFC3339} {
			if at, err := time.Parse(layout, s); err == nil {
				return when(in, at)
			}
		}
		return s
	})
}

func size(in web.Language, n int64) string {
	unit, of, comma := "B", float64(n), "."
	units := []string{"kB", "MB", "GB"}
	if in == web.French {
		unit, units, comma = "octets", []string{"ko", "Mo", "Go"}, ","
	}
	for i := 0; of >= 1000 && i < len(units); i++ {
		of, unit = of/1000, units[i]
	}
	digits := 0
	if n >= 1000 && of < 100 {
		digits = 1
	}
	return strings.Replace(fmt.Sprintf("%.*f", digits, of), ".", comma, 1) + "\u00a0" + unit
}

// article cites a paragraph.
func article(in web.Language, paragraph string) string {
	switch {
	case paragraph == "" || paragraph == "gateway":
		return worded(in, "house-rule")
	case in == web.French:
		number, rest, _ := strings.Cut(paragraph, "(")
		if rest == "" {
			return "article\u00a0" + number
		}
		return "article\u00a0" + number + ", par.\u00a0" + strings.TrimSuffix(rest, ")")
	}
	return "Article\u00a0" + paragraph
}

// show renders a page and sends it.
func (c *call) show(name string, v view) error {
	set, found := c.p.pages[c.in][name]
	if !found {
		return fmt.Errorf("portal: there is no page %q", name)
	}
	c.fill(&v)
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, "layout.html", v); err != nil {
		return fmt.Errorf("portal: page %s: %w", name, err)
	}
	web.Page{HTML: out.Bytes(), Language: c.in, Of: v.Status, Onward: v.Onward}.Write(c.Context)
	return nil
}

// fill adds what the frame of every page says.
func (c *call) fill(v *view) {
	v.Language, v.Demo = c.in, c.p.cfg.People != nil
	v.Path = c.Request.URL.Path
	query := c.Request.URL.Query()
	query.Del("lang")
	if c.justDone() == "" {
		query.Del("done") // no link of ours passes on what we do not say
	}
	v.Here = v.Path + "?"
	switch {
	case strings.HasPrefix(v.Path, "/sign-in"): // what an issuer answered is repeated nowhere
		v.Here = "/sign-in?return=" + url.QueryEscape(session.Local(query.Get("return"))) + "&"
	case len(query) > 0:
		v.Here += query.Encode() + "&"
	}
	if c.session == nil {
		return
	}
	v.Signed, v.Me, v.Org, v.Ends = true, c.session.Name, shortName(c.organisation()), c.session.EndsAt
	v.Left = int(min(session.Idle-time.Minute, time.Until(c.session.EndsAt)).Seconds()) // it is written once a minute
	v.Party = c.organisation().Kind == article4.Party
	v.Audits = c.has(article4.RoleAuditor)
	v.Auditor = v.Audits && len(c.actor().Roles()) == 1
	if v.Waiting == 0 && c.decides() {
		v.Waiting = c.waiting()
	}
	v.Markings = eachOnce(v.Markings)
	if says, found := lookUp(c.in, "did."+c.justDone()); found {
		v.Did = says
	}
	v.Ending = c.approaching()
	v.Cut = c.known != nil && c.known.cut
	v.LeftOut = c.leftOut
}

// eachOnce keeps each marking once. They are shown side by side and in no order of strength: there is none.
func eachOnce(all []article4.Marking) []article4.Marking {
	var out []article4.Marking
	for _, m := range []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential} {
		if slices.Contains(all, m) {
			out = append(out, m)
		}
	}
	if len(out) > 1 { // what is protected stands on the page beside what is not
		out = slices.DeleteFunc(out, func(m article4.Marking) bool { return m == article4.NonConfidential })
	}
	return out
}
