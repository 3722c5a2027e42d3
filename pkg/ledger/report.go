package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The checks, in the order of a report.
const (
	CheckBundle      = "bundle"
	CheckSignature   = "signature"
	CheckTree        = "tree"
	CheckCheckpoints = "checkpoints"
	CheckNumbers     = "running numbers"
	CheckBodies      = "bodies"
	CheckGrammar     = "grammar"
	CheckEntitled    = "entitlement"
	CheckTime        = "time"
	CheckParties     = "parties"
	CheckLife        = "arrangement"
	CheckDocuments   = "documents"
	CheckDetails     = "private fields"
	CheckRules       = "rules"
	CheckTwoPeople   = "two people"
	CheckAuthority   = "authority"
	CheckEvidence    = "evidence"
	CheckFacts       = "facts"
	CheckDecided     = "decided again"
	CheckCompletions = "completions"
	CheckReceipts    = "receipts"
	CheckJoint       = "joint"
)

var checkOrder = []string{CheckBundle, CheckSignature, CheckTree, CheckCheckpoints, CheckNumbers, CheckBodies,
	CheckDetails, CheckGrammar,
	CheckEntitled, CheckTime, CheckParties, CheckLife, CheckRules, CheckTwoPeople, CheckDocuments, CheckAuthority,
	CheckEvidence, CheckFacts, CheckDecided, CheckCompletions, CheckReceipts, CheckJoint}

// Check is one line of a report.
type Check struct {
	Name string `json:"name"`
	Good bool   `json:"good"`
	Says string `json:"says"`
}

// Finding is something that is wrong. Index is where in the log; -1 when it is of no entry.
type Finding struct {
	Check string `json:"check"`
	Index int64  `json:"index"`
	Entry string `json:"entry,omitempty"`
	Why   string `json:"why"`
}

// Gap is what cannot be proven from what was handed in.
type Gap struct {
	What  string `json:"what"`
	Count int64  `json:"count"`
}

// OpenDisclosure is an authorised disclosure without a completion entry.
type OpenDisclosure struct {
	ID    string    `json:"id"`
	Index int64     `json:"index"`
	At    time.Time `json:"at"`
}

// IssuerKey is a key by which consents were verified.
type IssuerKey struct {
	Issuer     string `json:"issuer"`
	Thumbprint string `json:"thumbprint"` // RFC 7638
	Consents   int    `json:"consents"`
	Known      bool   `json:"known"` // it is one of Options.IssuerKeys
}

// Letter is a consent on paper: its SHA-256 is to be held against the paper.
type Letter struct {
	Entry  string `json:"entry"`
	Index  int64  `json:"index"`
	SHA256 string `json:"sha256"`
}

// Report is the verdict. Findings holds the first hundred; Bad counts all.
type Report struct {
	// nothing wrong, and anchored; with Options.Strict, nothing left unproven
	Good        bool             `json:"good"`
	Strict      bool             `json:"strict,omitempty"`
	Anchored    bool             `json:"anchored"`
	Origin      string           `json:"origin"`
	Parties     []string         `json:"parties"` // whose bundles these are
	Size        int64            `json:"size"`
	Root        string           `json:"root"`
	Manifests   []Manifest       `json:"manifests"`
	Checks      []Check          `json:"checks"`
	First       *Finding         `json:"first_bad,omitempty"`
	Findings    []Finding        `json:"findings,omitempty"`
	Bad         int              `json:"bad"`
	NotProvable []Gap            `json:"not_provable,omitempty"`
	Evidence    map[string]int   `json:"evidence"` // consents by evidence
	IssuerKeys  []IssuerKey      `json:"issuer_keys,omitempty"`
	Kinds       map[string]int   `json:"kinds"` // entries opened
	Disclosures DisclosureCounts `json:"disclosures"`
	Open        []OpenDisclosure `json:"open,omitempty"` // the first hundred
	Letters     []Letter         `json:"letters,omitempty"`
	Newest      time.Time        `json:"newest,omitzero"` // of the entries
	Limits      []string         `json:"limits"`          // what no bundle proves, of this one
	// Names are what the gateway's directory calls people and organisations of these entries; nothing proves them.
	Names []Named `json:"-"`
}

// DisclosureCounts says what was disclosed, permitted disclosures only.
type DisclosureCounts struct {
	Protected   int `json:"protected"`     // to others than the Discloser's own people, on authority
	ThirdParty  int `json:"third_party"`   // of these, on the Discloser's consent
	Own         int `json:"own"`           // to the Discloser's own people
	Unprotected int `json:"unprotected"`   // non-confidential
	Complete    int `json:"complete"`      // closed at least once as complete
	Unused      int `json:"unused"`        // closed by the gateway: nobody fetched them
	OpenOver24h int `json:"open_over_24h"` // without a completion entry a day before the newest entry: each a finding
	Open        int `json:"open"`
}

// reporter collects what the checks find and say.
type reporter struct {
	report Report
	says   map[string]string // by check
	failed map[string]int
	found  func(Finding) // nil: nobody is told
}

func newReporter() *reporter {
	return &reporter{report: Report{Kinds: map[string]int{}, Evidence: map[string]int{}}, says: map[string]string{},
		failed: map[string]int{}}
}

// verdict turns what was found into lines. Of a bundle that is not whole, what was not looked at is not called right.
func (v *reporter) verdict() Report {
	for _, name := range checkOrder {
		said, bad := v.says[name], v.failed[name]
		if bad == 0 && (said == "" || v.failed[CheckBundle] > 0) {
			continue
		}
		if bad > 0 {
			said = v.first(name, bad)
		}
		v.report.Checks = append(v.report.Checks, Check{Name: name, Good: bad == 0, Says: said})
	}
	if v.failed[CheckBundle] > 0 {
		v.report.Limits = []string{"the bundle is not whole: what is not named above was not looked at to its end"}
	}
	v.report.Good = v.report.Bad == 0 && v.report.Anchored && !(v.report.Strict && len(v.report.NotProvable) > 0)
	v.report.plain()
	return v.report
}

// first is what a check says that found something.
func (v *reporter) first(check string, bad int) string {
	at := slices.IndexFunc(v.report.Findings, func(f Finding) bool { return f.Check == check })
	if at < 0 {
		return fmt.Sprintf("%d wrong", bad)
	}
	return fmt.Sprintf("%d wrong, first: %s", bad, v.report.Findings[at])
}

// plain takes whatever could command a terminal out of all that came from a bundle.
func (r *Report) plain() {
	r.Origin = Plain(r.Origin)
	for i := range r.Parties {
		r.Parties[i] = Plain(r.Parties[i])
	}
	for i := range r.Manifests {
		m := &r.Manifests[i]
		for _, text := range []*string{&m.Exporter, &m.Of, &m.Build, &m.Entry, &m.SHA256, &m.Filter.Organisation,
			&m.Filter.Document, &m.Filter.Kind, &m.Filter.Without, &m.Filter.Outcome, &m.Filter.Paragraph,
			&m.Filter.Reason, &m.Filter.Actor, &m.Filter.Request, &m.Filter.Marking, &m.Filter.Beneficiary} {
			*text = Plain(*text)
		}
		m.Kinds = plainKeys(m.Kinds)
	}
	for i := range r.IssuerKeys {
		r.IssuerKeys[i].Issuer = Plain(r.IssuerKeys[i].Issuer)
	}
	for i := range r.Open {
		r.Open[i].ID = Plain(r.Open[i].ID)
	}
	for i := range r.Names {
		r.Names[i] = Named{Plain(r.Names[i].ID), Plain(r.Names[i].Name)}
	}
	for i := range r.Letters {
		r.Letters[i].Entry = Plain(r.Letters[i].Entry)
	}
	r.Evidence, r.Kinds = plainKeys(r.Evidence), plainKeys(r.Kinds)
}

func plainKeys(counts map[string]int) map[string]int {
	out := map[string]int{}
	for key, n := range counts {
		out[Plain(key)] += n
	}
	return out
}

// Plain writes whatever is no plain character as its code, control characters and those that turn the direction of a
// line among them: a bundle may have been made by anybody, and its words go to a terminal.
func Plain(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if unprintable(r) {
			fmt.Fprintf(&out, "\\u%04x", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

func unprintable(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) || r == utf8.RuneError }

// fault notes something that is wrong.
func (v *reporter) fault(check string, index int64, entry, why string, args ...any) {
	f := Finding{Check: check, Index: index, Entry: Plain(shorten(entry)), Why: Plain(fmt.Sprintf(why, args...))}
	v.failed[check]++
	v.report.Bad++
	if v.found != nil {
		v.found(f)
	}
	if len(v.report.Findings) < maxFindings {
		v.report.Findings = append(v.report.Findings, f)
	}
	if v.report.First == nil || f.Index >= 0 && (v.report.First.Index < 0 || f.Index < v.report.First.Index) {
		v.report.First = &f
	}
}

// String is the finding in a line.
func (f Finding) String() string {
	where := ""
	if f.Index >= 0 {
		where = fmt.Sprintf("index %d: ", f.Index)
	}
	if f.Entry != "" {
		where = fmt.Sprintf("index %d, %s: ", f.Index, f.Entry)
	}
	return where + f.Why
}

// Several is a number with its noun, which is given in the singular: "1 entry", "2 entries", "0 files".
func Several[N ~int | ~int64](n N, noun string) string {
	one, ending := strings.CutSuffix(noun, "y")
	switch {
	case n == 1:
		return "1 " + noun
	case ending && !strings.HasSuffix(one, "a") && !strings.HasSuffix(one, "e"):
		return fmt.Sprintf("%d %sies", n, one)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// consents is the count of consents in words.
func (r Report) consents() string {
	var parts []string
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(r.Evidence)) {
		total += r.Evidence[kind]
		parts = append(parts, fmt.Sprintf("%s %d", kind, r.Evidence[kind]))
	}
	if total == 0 {
		return "no consent"
	}
	return fmt.Sprintf("%s: %s", Several(total, "consent"), strings.Join(parts, ", "))
}

func (v *reporter) gap(what string, count int64) {
	if count > 0 {
		v.report.NotProvable = append(v.report.NotProvable, Gap{what, count})
	}
}

// say is what a check says when nothing is wrong.
func (v *reporter) say(check, format string, args ...any) {
	switch text := Plain(fmt.Sprintf(format, args...)); {
	case v.says[check] == "":
		v.says[check] = text
	case !strings.Contains(v.says[check], text): // two bundles may say the same
		v.says[check] += "; " + text
	}
}

// limit says what a bundle like this one cannot prove, whoever made it.
func (v *reporter) limit(format string, args ...any) {
	v.report.Limits = append(v.report.Limits, fmt.Sprintf(format, args...))
}
