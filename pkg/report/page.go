package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// most is how many lines of one table stand on the page; the CSV file beside it holds all.
const most = 500

// Report is everything that is reported, the newest first.
type Report struct {
	Verdict      ledger.Report
	Options      Options
	Since        int64               // the size of the checkpoint that was kept; -1: none was
	Fresh        map[ledger.Kind]int // new entries by kind; under "" and Begun what was not done
	Unusual      []Unusual
	Disclosures  []*Disclosure
	Decisions    []*Decision
	Refusals     []*Refusal
	ThirdParties []*ThirdParty
	names        map[string]string
	words        words
}

// Files are those of the report: the page first.
func (r *Report) Files() []File {
	return append([]File{{Page, r.page}}, r.tables()...)
}

// page writes one page that asks for nothing from elsewhere: its style is in it, and its policy lets nothing else in.
func (r *Report) page(w io.Writer) error {
	sum := sha256.Sum256([]byte(pageStyle))
	t, err := template.New("report").Funcs(template.FuncMap{
		"t":        r.words.say,
		"instant":  instant,
		"day":      func(at time.Time) string { return at.UTC().Format("2006-01-02") },
		"name":     r.nameOf,
		"kind":     func(k ledger.Kind) string { return r.words.say("kind." + string(k)) },
		"marking":  func(m string) string { return r.words.say("marking." + cmp.Or(m, "unknown")) },
		"more":     func(u Unusual) int { return u.Count - len(u.Entries) },
		"ended":    func(end string) string { return r.words.say("end." + cmp.Or(end, "open")) },
		"because":  func(codes []string) string { return strings.Join(codes, ", ") },
		"under":    r.paragraphs,
		"evidence": func(kind string) string { return r.words.say("evidence." + kind) },
		"short":    short,
		"join":     func(texts []string) string { return strings.Join(texts, ", ") },
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, map[string]any{
		"Report":  r,
		"Lang":    r.words.language,
		"Style":   template.CSS(pageStyle),
		"Policy":  "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
		"Marking": r.marking(),
		"Fresh":   r.freshLines(),
		"Shown":   r.shownLines(),
		"Class":   r.class(),
		"Closed":  r.sentence(),
	})
}

func instant(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05") }

// paragraphs are those on which a disclosure, a decision or the reasons of a refusal rest.
func (r *Report) paragraphs(of any) string {
	var rests []string
	switch of := of.(type) {
	case *Disclosure:
		rests = []string{of.Paragraph()}
	case *Decision:
		rests = strings.Split(of.Paragraph(), ", ")
	case *Refusal:
		rests = ledger.Paragraphs(of.Reasons)
	}
	for i, rest := range rests {
		if article, paragraph, found := strings.Cut(strings.TrimSuffix(rest, ")"), "("); found {
			rests[i] = r.words.say("article.paragraph", article, paragraph)
		} else if number, found := strings.CutPrefix(rest, "reading "); found {
			rests[i] = r.words.say("reading", number)
		}
	}
	return strings.Join(rests, ", ")
}

// Paragraph is that of Article 4 under which a copy left; empty for the Discloser's own people.
func (d *Disclosure) Paragraph() string {
	switch {
	case d.To.Organisation == d.From:
		return ""
	case d.Document.Marking == "non-confidential" && len(d.Authority) == 0:
		return "4(2)"
	case d.Third:
		return "4(8)"
	}
	return "4(4)"
}

// Paragraph is what asks for the decision: a paragraph of Article 4, or a reading of it, as the grammar of the log
// says.
func (d *Decision) Paragraph() string {
	for _, row := range ledger.Grammar {
		if row.Kind == d.Kind {
			return row.Rests
		}
	}
	return ""
}

// nameOf is what an organisation or a person is called, where the bundle shows it; else the identifier.
func (r *Report) nameOf(id string) string {
	if name := r.names[id]; name != "" {
		return name
	}
	return id
}

// short is the beginning of a digest, for the eye.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// marking is the highest of the documents that the page names: it marks the page.
func (r *Report) marking() string {
	rank := []string{"non-confidential", "restricted", "confidential"}
	highest := -1
	see := func(d Document) { highest = max(highest, slices.Index(rank, d.Marking)) }
	for _, d := range r.Disclosures {
		see(d.Document)
	}
	for _, d := range r.Decisions {
		see(d.Document)
	}
	for _, f := range r.Refusals {
		see(f.Document)
	}
	if highest < 0 {
		return ""
	}
	return rank[highest]
}

// class is how the verdict looks; sentence says it.
func (r *Report) class() string {
	switch {
	case r.Verdict.Good:
		return "good"
	case r.Verdict.Bad > 0:
		return "bad"
	case r.Verdict.Anchored:
		return "unproven"
	}
	return "unanchored"
}

func (r *Report) sentence() string {
	if r.Verdict.Bad > 0 {
		return fmt.Sprintf(r.words.say("verdict.bad"), r.Verdict.Bad)
	}
	return r.words.say("verdict." + r.class())
}

// FreshCount is how many entries came after the checkpoint that was kept.
func (r *Report) FreshCount() int {
	n := 0
	for _, count := range r.Fresh {
		n += count
	}
	return n
}

// Begun is under what Report.Fresh counts the acts that the first of two people began: they are no act of their kind.
const Begun ledger.Kind = "begun"

// freshLines say how many entries of each kind are new, and how many acts were refused.
func (r *Report) freshLines() []string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(r.Fresh)) {
		name := r.words.say("refused.acts")
		if kind != "" {
			name = r.words.say("kind." + string(kind))
		}
		out = append(out, fmt.Sprintf("%s %d", name, r.Fresh[kind]))
	}
	return out
}

// shownLines are the tables as far as the page holds them.
type shownLines struct {
	Disclosures, Third                               []*Disclosure
	Consents, Authorizations, Withdrawals, Refused   []*Decision
	Refusals                                         []*Refusal
	MoreDisclosures, MoreDecisions, MoreRefusals     int
	DisclosuresAll, ThirdAll, ConsentsAll, Delivered int
}

func (r *Report) shownLines() shownLines {
	s := shownLines{DisclosuresAll: len(r.Disclosures)}
	s.Disclosures, s.MoreDisclosures = first(r.Disclosures)
	s.Refusals, s.MoreRefusals = first(r.Refusals)
	for _, d := range r.Disclosures {
		if d.Third {
			s.ThirdAll++
		}
		if d.End == string(ledger.EndComplete) {
			s.Delivered++
		}
	}
	for _, d := range r.Decisions {
		to := &s.Authorizations
		switch d.Kind {
		case ledger.KindConsent, ledger.KindRelease:
			s.ConsentsAll++
			to = &s.Consents
		case ledger.KindWithdrawal:
			to = &s.Withdrawals
		case ledger.KindRefusal:
			to = &s.Refused
		}
		if len(*to) == most {
			s.MoreDecisions++
			continue
		}
		*to = append(*to, d)
	}
	return s
}

func first[T any](all []T) (shown []T, more int) {
	shown = all[:min(len(all), most)]
	return shown, len(all) - len(shown)
}
