package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The checks, in the order of a report.
const (
	CheckBundle      = "bundle"
	CheckSignature   = "signature"
	CheckTree        = "tree"
	CheckCheckpoints = "checkpoints"
	CheckNumbers     = "running numbers"
	CheckBodies      = "bodies"
	CheckDetails     = "private fields"
	CheckRules       = "rules"
	CheckTwoPeople   = "two people"
	CheckAuthority   = "authority"
	CheckEvidence    = "evidence"
	CheckCompletions = "completions"
	CheckReceipts    = "receipts"
	CheckJoint       = "joint"
)

var checkOrder = []string{CheckBundle, CheckSignature, CheckTree, CheckCheckpoints, CheckNumbers, CheckBodies, CheckDetails, CheckRules,
	CheckTwoPeople, CheckAuthority, CheckEvidence, CheckCompletions, CheckReceipts, CheckJoint}

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

// Report is the verdict. Findings holds the first hundred; Bad counts all.
type Report struct {
	Good        bool             `json:"good"` // nothing wrong, and anchored
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

// verdict turns what was found into lines.
func (v *verifier) verdict() Report {
	for _, name := range checkOrder {
		said, bad := v.says[name], v.failed[name]
		if said == "" && bad == 0 {
			continue
		}
		if bad > 0 {
			said = fmt.Sprintf("%d wrong", bad)
			for _, f := range v.report.Findings {
				if f.Check == name {
					said += ", first: " + f.String()
					break
				}
			}
		}
		v.report.Checks = append(v.report.Checks, Check{Name: name, Good: bad == 0, Says: said})
	}
	v.report.Good = v.report.Bad == 0 && v.report.Anchored
	return v.report
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

// several is a number with its noun.
func several(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
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
	return fmt.Sprintf("%s: %s", several(int64(total), "consent"), strings.Join(parts, ", "))
}

func (v *verifier) gap(what string, count int64) {
	if count > 0 {
		v.report.NotProvable = append(v.report.NotProvable, Gap{what, count})
	}
}

// say is what a check says when nothing is wrong.
func (v *verifier) say(check, format string, args ...any) {
	switch text := fmt.Sprintf(format, args...); {
	case v.says[check] == "":
		v.says[check] = text
	case !strings.Contains(v.says[check], text): // two bundles may say the same
		v.says[check] += "; " + text
	}
}
