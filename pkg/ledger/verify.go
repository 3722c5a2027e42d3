package ledger

import (
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Bundle is an exported bundle as it lies on the auditor's disk.
type Bundle struct {
	R    io.ReaderAt
	Size int64
}

// Options is what an auditor brings that does not come from the gateway.
type Options struct {
	// Keys are the log's, got by another way than the bundle; none: the verdict is unanchored and never good.
	Keys []note.Verifier
	// Since is a checkpoint that was kept: the log may only have grown since.
	Since []byte
	// Receipts are receipt files that were kept (Receipt.File), by name.
	Receipts map[string][]byte
	// IssuerKeys are the RFC 7638 thumbprints of the keys with which identity providers signed, got from them; none: the
	// report names the keys that the consents bring along, to be compared.
	IssuerKeys []string
}

// The checks, in the order of a report.
const (
	CheckBundle      = "bundle"
	CheckSignature   = "signature"
	CheckTree        = "tree"
	CheckCheckpoints = "checkpoints"
	CheckNumbers     = "running numbers"
	CheckBodies      = "bodies"
	CheckDetails     = "private fields"
	CheckAuthority   = "authority"
	CheckEvidence    = "evidence"
	CheckClosings    = "closings"
	CheckReceipts    = "receipts"
	CheckJoint       = "joint"
)

var checkOrder = []string{CheckBundle, CheckSignature, CheckTree, CheckCheckpoints, CheckNumbers, CheckBodies, CheckDetails,
	CheckAuthority, CheckEvidence, CheckClosings, CheckReceipts, CheckJoint}

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

// OpenDisclosure is an authorised disclosure without a closing entry.
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
	OpenOver24h int `json:"open_over_24h"` // without a closing entry a day before the newest entry
	Open        int `json:"open"`
}

const maxFindings = 100

// Verify checks one Party's bundle, with no network and no trust in whoever made it. An error means that the bundle could
// not be read from its disk; everything that is wrong with it is in the report.
func Verify(b Bundle, o Options) (Report, error) { return verify([]Bundle{b}, o) }

// VerifyJoint checks the bundles of both Parties of one log together: what is closed to one of them the other opens, as
// far as the shorter one reaches.
func VerifyJoint(one, other Bundle, o Options) (Report, error) {
	return verify([]Bundle{one, other}, o)
}

// verifier is one run.
type verifier struct {
	options  Options
	sources  []*source
	receipts []keptReceipt
	judge    *judge
	report   Report
	says     map[string]string // by check
	failed   map[string]int
}

func verify(bundles []Bundle, o Options) (Report, error) {
	v := &verifier{options: o, says: map[string]string{}, failed: map[string]int{}}
	v.report.Kinds, v.report.Evidence = map[string]int{}, map[string]int{}
	v.report.Anchored = len(o.Keys) > 0
	v.judge = newJudge(v)
	for _, b := range bundles {
		reader, err := openBundle(b.R, b.Size)
		if err != nil {
			v.fault(CheckBundle, -1, "", "%v", err)
			return v.verdict(), ioError(b)
		}
		v.sources = append(v.sources, newSource(v, reader))
	}
	v.begin()
	for _, s := range v.sources {
		go s.read()
	}
	v.walk()
	for _, s := range v.sources {
		v.finish(s)
	}
	v.judge.finish()
	for _, b := range bundles {
		if err := ioError(b); err != nil {
			return v.verdict(), err
		}
	}
	return v.verdict(), nil
}

// ioError tells a disk that does not yield the bundle from a bundle that is wrong.
func ioError(b Bundle) error {
	if b.Size < 1 {
		return nil
	}
	var last [1]byte
	if _, err := b.R.ReadAt(last[:], b.Size-1); err != nil && err != io.EOF {
		return fmt.Errorf("read the bundle: %w", err)
	}
	return nil
}

// begin opens what the auditor kept, and the checkpoints, and puts them where the tree will pass them.
func (v *verifier) begin() {
	v.openReceipts()
	for i, s := range v.sources {
		s.openCheckpoints()
		v.judge.own = append(v.judge.own, s.reader.parts.Head.Party)
		v.report.Parties = append(v.report.Parties, s.reader.parts.Head.Party)
		if i == 0 {
			v.report.Origin = s.checkpoint.Origin()
			v.judge.parties = s.reader.parts.Head.Parties
			continue
		}
		first := v.sources[0]
		if s.checkpoint.Origin() != first.checkpoint.Origin() || !slices.Equal(s.reader.parts.Head.Parties, first.reader.parts.Head.Parties) {
			v.fault(CheckJoint, -1, "", "the bundles are of two logs")
		}
		if s.reader.parts.Head.Party == first.reader.parts.Head.Party {
			v.fault(CheckJoint, -1, "", "both bundles are of %s", first.reader.parts.Head.Party)
		}
	}
}

// walk takes every index of the log once, from all bundles at the same time.
func (v *verifier) walk() {
	for index := int64(0); ; index++ {
		var at []looked
		var present []string
		for _, s := range v.sources {
			l, ok := s.next(index)
			if ok {
				at = append(at, l)
				present = append(present, s.reader.parts.Head.Party)
			}
		}
		if len(at) == 0 {
			return
		}
		v.judge.look(index, v.merge(index, at), present)
	}
}

// merge makes one entry of what several bundles show of it.
func (v *verifier) merge(index int64, at []looked) looked {
	merged := at[0]
	for _, other := range at[1:] {
		if other.hash != merged.hash {
			v.fault(CheckJoint, index, "", "the two bundles hold different leaf data: one of the Parties was shown another log")
			continue
		}
		if !merged.opened {
			merged = other
			continue
		}
		if other.opened && other.name != merged.name {
			v.fault(CheckJoint, index, merged.body.ID, "the two bundles hold different bodies")
		}
		merged.details = slices.Concat(merged.details, other.details)
	}
	return merged
}

// fault notes something that is wrong.
func (v *verifier) fault(check string, index int64, entry, why string, args ...any) {
	f := Finding{Check: check, Index: index, Entry: entry, Why: fmt.Sprintf(why, args...)}
	v.failed[check]++
	v.report.Bad++
	if len(v.report.Findings) < maxFindings {
		v.report.Findings = append(v.report.Findings, f)
	}
	if v.report.First == nil || f.Index >= 0 && (v.report.First.Index < 0 || f.Index < v.report.First.Index) {
		v.report.First = &f
	}
}

func (v *verifier) gap(what string, count int64) {
	if count > 0 {
		v.report.NotProvable = append(v.report.NotProvable, Gap{what, count})
	}
}

// say is what a check says when nothing is wrong.
func (v *verifier) say(check, format string, args ...any) {
	if v.says[check] != "" {
		v.says[check] += "; "
	}
	v.says[check] += fmt.Sprintf(format, args...)
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
