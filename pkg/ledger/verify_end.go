package ledger

import "maps"

// finish checks what is known only at the end of a bundle.
func (v *verifier) finish(s *source) {
	if v.failed[CheckBundle] > 0 {
		return
	}
	m, head := s.reader.manifest, s.reader.parts.Head
	v.report.Manifests = append(v.report.Manifests, m)
	v.report.Names = append(v.report.Names, s.reader.names...)
	if v.report.Size <= s.tree.size { // of two trees the larger one is named, with its own root
		v.report.Size, v.report.Root = s.tree.size, s.checkpoint.Root().String()
	}
	if s.tree.size != s.checkpoint.Size() {
		v.fault(CheckTree, s.tree.size, "", "the bundle holds %s, its checkpoint is of %d",
			Several(s.tree.size, "entry"), s.checkpoint.Size())
	}
	if m.Size != s.tree.size || m.Own != s.numbers[head.Party] || m.First != 0 || !maps.Equal(m.Kinds, s.kinds) ||
		m.Matching != s.matching || m.Filter != head.Filter {
		v.fault(CheckBundle, -1, "", "the manifest speaks of %s and %d of %s; the bundle holds %d and %d, or "+
			"others", Several(m.Size, "entry"), m.Own, head.Party, s.tree.size, s.numbers[head.Party])
	}
	own, found := v.judge.exports[m.Entry]
	if !found || own.index != m.Index {
		v.fault(CheckBundle, -1, "", "the export's own entry %q does not stand at index %d", shorten(m.Entry), m.Index)
	}
	v.rules(s, own.rules)
	v.whole(s)
}

// whole is what a bundle says of itself when nothing is wrong with it.
func (v *verifier) whole(s *source) {
	m, party := s.reader.manifest, s.reader.parts.Head.Party
	if v.report.Anchored {
		v.say(CheckSignature, "checkpoint and manifest are signed by the key of %s", s.checkpoint.Origin())
	} else {
		v.say(CheckSignature, "NOT CHECKED: no key was given, so whoever made the bundle may have made all of it")
	}
	v.say(CheckBundle, "whole, of %s, made for %s on %s", party, shorten(m.Exporter), second(m.At))
	v.say(CheckTree, "the root of the checkpoint is that of %s", Several(s.tree.size, "entry"))
	v.say(CheckNumbers, "%s of %s, 1 to %d without a gap, all opened", Several(s.numbers[party], "entry"), party,
		s.numbers[party])
	v.say(CheckBodies, "each hashes to what its leaf closed over")
	v.say(CheckDetails, "%d shown to %s as committed, %d not shown: the other Party's, or erased", s.shown, party,
		s.unopened)
	if len(v.sources) == 1 {
		v.gap("closed: entries that only the other Party may open", s.closed)
	}
}

// rules hashes the text of the rules that the bundle holds and compares it with what its own entry names.
func (v *verifier) rules(s *source, named string) {
	if digest := "sha256:" + digestOf(s.reader.parts.Rules); digest != named {
		v.fault(CheckRules, s.reader.manifest.Index, s.reader.manifest.Entry,
			"decided under the rules %s, and the text in the bundle hashes to %s", shorten(named), digest)
	}
	counts := v.judge.past.arrangement.rules
	v.say(CheckRules, "the text in the bundle hashes to the digest named by %s", Several(counts[named], "entry"))
	earlier := int64(0)
	for digest, n := range counts {
		if digest != named {
			earlier += n
		}
	}
	v.gap("entries under rules of another text than the bundle holds: see the bundles of their time", earlier)
}
