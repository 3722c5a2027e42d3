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
	// IssuerKeys are the RFC 7638 thumbprints of the keys with which identity providers signed, got from them; none: the
	// report names the keys that the consents bring along, to be compared.
	IssuerKeys []string
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
		v.judge.look(index, v.merge(index, at), present)
	}
}

// merge makes one entry of what several bundles show of it.
func (v *verifier) merge(index int64, at []*looked) *looked {
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
