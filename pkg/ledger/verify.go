package ledger

import (
	"fmt"
	"io"
	"slices"

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
	// IssuerKeys are, by issuer, the RFC 7638 thumbprints of the keys with which identity providers signed, got from
	// them and kept over time; none: the report names the keys that the consents bring along, to be compared. A key of
	// another issuer is a finding, one that is nowhere is not provable: providers change theirs.
	IssuerKeys map[string][]string
	// Letters are the SHA-256, in hexadecimal, of the papers by which consents were given, hashed by the auditor.
	Letters []string
	// Party is the auditor's own; a bundle of another is a finding. Empty: any.
	Party string
	// Decider takes each decision again, by the rules in the bundle; nil: none is taken again.
	Decider Decider
	// Strict makes a verdict good only where nothing is left unproven.
	Strict bool
	// Each is called with every entry that is opened, in the order of the log, after it was looked at; Found with every
	// finding, more than Report holds. Neither alters the verdict; nil: nobody is told.
	Each  func(Shown)
	Found func(Finding)
}

// Shown is one opened entry of a log under verification. What Details hold is of the caller only until the next call.
type Shown struct {
	Index   int64
	Leaf    Hash // of the leaf data: it stands in the tree
	Name    Hash // of the body: by it other entries name this one
	Body    *Body
	Opens   []string // the Parties entitled to it
	Details []Detail // shown, as committed
}

const maxFindings = 100

// Verify checks one Party's bundle, with no network and no trust in whoever made it. An error means that the bundle
// could not be read from its disk; everything that is wrong with it is in the report.
func Verify(b Bundle, o Options) (Report, error) { return verify([]Bundle{b}, o) }

// VerifyJoint checks the bundles of both Parties of one log together: what is closed to one of them the other opens, as
// far as the shorter one reaches.
func VerifyJoint(one, other Bundle, o Options) (Report, error) {
	return verify([]Bundle{one, other}, o)
}

// verifier is one run.
type verifier struct {
	*reporter
	options  Options
	sources  []*source
	receipts []keptReceipt
	judge    *judge
}

func verify(bundles []Bundle, o Options) (Report, error) {
	v := &verifier{reporter: newReporter(), options: o}
	v.found = o.Found
	v.report.Anchored, v.report.Strict = len(o.Keys) > 0, o.Strict
	v.judge = newJudge(v.reporter, o)
	for _, b := range bundles {
		if !v.open(b) {
			return v.verdict(), ioError(b)
		}
	}
	v.begin()
	v.rulesOf()
	for _, s := range v.sources {
		go s.read()
	}
	v.walk()
	for _, s := range v.sources {
		v.finish(s)
	}
	v.judge.finish()
	v.end()
	for _, b := range bundles {
		if err := ioError(b); err != nil {
			return v.verdict(), err
		}
	}
	return v.verdict(), nil
}

// open checks both signatures of a bundle before anything large of it is read: of what fails there, nothing else is
// looked at. Then it reads what stands before the entries.
func (v *verifier) open(b Bundle) bool {
	p, err := previewOf(b.R, b.Size, v.report.Anchored)
	if err != nil {
		v.fault(CheckBundle, -1, "", "%v", err)
		return false
	}
	s := newSource(v)
	if !s.signed(p) {
		return false
	}
	if s.reader, err = openBundle(b.R, b.Size, s.checkpoint.Size()); err != nil {
		v.fault(CheckBundle, -1, "", "%v", err)
		return false
	}
	v.sources = append(v.sources, s)
	return true
}

// end says what is left to say when everything was looked at.
func (v *verifier) end() {
	if len(v.sources) > 1 {
		v.say(CheckJoint, "both bundles show the same log")
	} else {
		v.limit("that the other Party was shown the same log: hand in its bundle as well")
	}
	if v.options.Since == nil && len(v.receipts) == 0 {
		v.limit("that nothing was cut off at the end, and that the log was not written anew: no checkpoint or " +
			"receipt was kept (--since, --receipts)")
	}
	v.limit("that the times are true: they are the operator's word, and nobody countersigns the log yet")
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
		head := s.reader.parts.Head
		v.report.Parties = append(v.report.Parties, head.Party)
		if i == 0 {
			v.report.Origin = s.checkpoint.Origin()
			v.judge.parties = slices.Sorted(slices.Values(head.Parties))
			v.ofParty(head)
			continue
		}
		first := v.sources[0]
		if s.checkpoint.Origin() != first.checkpoint.Origin() ||
			!slices.Equal(head.Parties, first.reader.parts.Head.Parties) {
			v.fault(CheckJoint, -1, "", "the bundles are of two logs")
		}
		if head.Party == first.reader.parts.Head.Party {
			v.fault(CheckJoint, -1, "", "both bundles are of %s", head.Party)
		}
	}
}

// rulesOf hands the texts of rules that the bundles carry to whoever decides again.
func (v *verifier) rulesOf() {
	if v.options.Decider == nil {
		return
	}
	for _, s := range v.sources {
		for _, text := range append([]string{s.reader.parts.Rules}, s.reader.parts.EarlierRules...) {
			if err := v.options.Decider.Rules("sha256:"+digestOf(text), text); err != nil {
				v.fault(CheckDecided, -1, "", "the text of rules in the bundle cannot be used: %v", err)
			}
		}
	}
}

// ofParty holds the first bundle against whose auditor reads it.
func (v *verifier) ofParty(head BundleHead) {
	if v.options.Party != "" && head.Party != v.options.Party {
		v.fault(CheckParties, -1, "", "the bundle is of %q, and you are an auditor of %s", shorten(head.Party),
			v.options.Party)
	}
}

// walk takes every index of the log once, from all bundles at the same time.
func (v *verifier) walk() {
	for index := int64(0); ; index++ {
		var at []*looked
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
		l := v.merge(index, at)
		v.judge.look(index, l, present)
		v.show(index, l)
	}
}

// show hands on an entry that is opened, whether it was found right or not.
func (v *verifier) show(index int64, l *looked) {
	if v.options.Each == nil || !l.opened || l.body == nil {
		return
	}
	s := Shown{Index: index, Leaf: l.hash, Name: l.name, Body: l.body, Details: l.details}
	for _, p := range l.leaf.Parties {
		s.Opens = append(s.Opens, p.Party)
	}
	v.options.Each(s)
}

// merge makes one entry of what several bundles show of it.
func (v *verifier) merge(index int64, at []*looked) *looked {
	merged := at[0]
	for _, other := range at[1:] {
		if other.hash != merged.hash {
			v.fault(CheckJoint, index, "",
				"the two bundles hold different leaf data: one of the Parties was shown another log")
			continue
		}
		if !merged.opened {
			merged = other
			continue
		}
		if other.opened && other.name != merged.name {
			v.fault(CheckJoint, index, merged.id(), "the two bundles hold different bodies")
		}
		merged.details = slices.Concat(merged.details, other.details)
	}
	return merged
}
