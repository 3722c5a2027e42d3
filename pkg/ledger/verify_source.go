package ledger

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
)

// looked is an entry after everything that it shows by itself was checked.
type looked struct {
	hash    Hash // of the leaf
	leaf    Leaf
	opened  bool
	name    Hash // of the body
	body    *Body
	fits    error    // by its row of the grammar
	details []Detail // whose commitments fit
	faults  []Finding
}

func (l *looked) id() string {
	if l.body == nil {
		return ""
	}
	return l.body.ID
}

// batchOf is a chunk under work. Its memory serves again: details lean on data until the batch was walked.
type batchOf struct {
	done    chan struct{}
	data    []byte
	entries []looked
	err     error
}

// source is one bundle on its way through the verifier: chunks are looked at beside each other, and handed on in order.
type source struct {
	v          *verifier
	reader     *bundleReader
	batches    chan *batchOf
	spare      chan *batchOf
	batch      *batchOf // that is walked
	current    []looked // what is left of it
	over       bool
	tree       Frontier
	checkpoint Checkpoint
	keys       keyring
	marks      []mark           // sorted by size
	numbers    map[string]int64 // the last running number of each Party
	closed     int64
	kinds      map[string]int
	matching   int64
	unopened   int64 // commitments whose value the bundle does not show
	shown      int64
}

// mark is what the tree has to be when it has grown to a size, or what its leaf at size-1 has to be.
type mark struct {
	size  int64
	root  Hash
	leaf  Hash
	check string
	what  string
}

func newSource(v *verifier) *source {
	return &source{v: v, batches: make(chan *batchOf, runtime.GOMAXPROCS(0)),
		spare: make(chan *batchOf, 2*runtime.GOMAXPROCS(0)), kinds: map[string]int{}, numbers: map[string]int64{}}
}

// read begins a batch for each chunk; the channel bounds how many are under way.
func (s *source) read() {
	defer close(s.batches)
	for {
		b := &batchOf{}
		select {
		case b = <-s.spare:
		default:
		}
		b.done = make(chan struct{})
		b.data, b.err = s.reader.chunk(b.data)
		if b.err == nil && b.data == nil {
			return
		}
		failed := b.err != nil
		go func() {
			defer close(b.done)
			if !failed {
				b.look()
			}
		}()
		s.batches <- b
		if failed {
			return
		}
	}
}

func (b *batchOf) look() {
	b.entries = b.entries[:0]
	for rest := b.data; len(rest) > 0; {
		var r Record
		if r, b.err = takeRecord(&rest); b.err != nil {
			return
		}
		b.entries = append(b.entries, look(r))
	}
}

// look checks what one record shows by itself.
func look(r Record) looked {
	l := looked{hash: LeafHash(r.Leaf), opened: r.Opened}
	fail := func(check, why string, args ...any) {
		l.faults = append(l.faults, Finding{Check: check, Why: fmt.Sprintf(why, args...)})
	}
	var err error
	if l.leaf, err = DecodeLeaf(r.Leaf); err != nil {
		fail(CheckTree, "%v", err)
	}
	if !r.Opened {
		return l
	}
	if closed, err := Close(r.Nonce, r.Body); err != nil || closed != l.leaf.Closed {
		fail(CheckBodies, "the leaf does not close over this body: the body was altered")
	}
	l.name = BodyHash(r.Body)
	body, err := Decode(r.Body)
	if err != nil {
		fail(CheckBodies, "%v", err)
		return l
	}
	l.body = &body
	opens := make([]string, len(l.leaf.Parties))
	for i, p := range l.leaf.Parties {
		opens[i] = p.Party
	}
	l.fits = Fits(l.body, opens)
	for _, d := range r.Details {
		if !CheckCommitment(l.body.Private[d.Field], d.Value, d.Salt) {
			fail(CheckDetails, "the value shown for %q is not the one that was committed to", shorten(d.Field))
			continue
		}
		l.details = append(l.details, d)
	}
	return l
}

// signed opens the bundle's checkpoint and its manifest with the keys that the auditor brought, and with those that
// these named in turn; whether to go on.
func (s *source) signed(p preview) bool {
	v := s.v
	var err error
	if !v.report.Anchored {
		if s.checkpoint, err = readCheckpoint(p.checkpoint); err != nil {
			v.fault(CheckSignature, -1, "", "%v", err)
			return false
		}
		return true
	}
	s.keys = newKeyring(v.options.Keys, p.rotations)
	for _, twice := range s.keys.forked {
		v.fault(CheckSignature, -1, "",
			"a replaced key of the log, %s, named a second successor: whoever holds it, it is not the log", twice)
	}
	if s.checkpoint, err = s.keys.current(p.checkpoint); err != nil {
		v.fault(CheckSignature, -1, "", "the checkpoint is not signed by the key of the log: %v", err)
		return false
	}
	if err := s.keys.manifest(p.manifest); err != nil {
		v.fault(CheckSignature, -1, "", "the manifest is not signed by the key of the log, and by nobody else: %v", err)
		return false
	}
	return true
}

// openCheckpoints puts every root where the tree will reach its size.
func (s *source) openCheckpoints() {
	v, parts := s.v, s.reader.parts
	if parts.Head.Origin != s.checkpoint.Origin() {
		v.fault(CheckBundle, -1, "", "head of the log %q, checkpoint of %q", shorten(parts.Head.Origin),
			shorten(s.checkpoint.Origin()))
	}
	if !slices.Contains(parts.Head.Parties, parts.Head.Party) {
		v.fault(CheckBundle, -1, "", "%q is no Party of this log", shorten(parts.Head.Party))
	}
	s.mark(s.checkpoint, CheckTree, "the signed checkpoint")
	s.earlier()
	s.since()
	for _, r := range v.receipts {
		s.markReceipt(r)
	}
	if s.keys.by != "" {
		v.gap("replacements of the log's key between the one that you brought and the one that signed, "+s.keys.by+
			": get the newest from its owner", s.keys.steps)
	}
	slices.SortStableFunc(s.marks, func(a, b mark) int { return cmp.Compare(a.size, b.size) })
}

// earlier are the checkpoints that were stored before: a key that was replaced signs none after its successor.
func (s *source) earlier() {
	foreign, rank := 0, 0
	for _, signed := range s.reader.parts.Checkpoints {
		c, err := s.kept(signed)
		if err != nil {
			foreign++
			c, _ = readCheckpoint(signed)
		} else if by := s.keys.rank(signed); by < rank {
			s.v.fault(CheckCheckpoints, c.Size()-1, "",
				"the checkpoint of %s is signed by a key that had been replaced", Several(c.Size(), "entry"))
		} else {
			rank = by
		}
		s.mark(c, CheckCheckpoints, "a checkpoint stored before")
	}
	s.v.say(CheckCheckpoints, "%d stored before, each of this log", len(s.reader.parts.Checkpoints))
	s.v.gap("signatures of earlier checkpoints, by a key that was replaced", int64(foreign))
}

// since is the checkpoint that the auditor kept.
func (s *source) since() {
	v := s.v
	if v.options.Since == nil {
		return
	}
	c, err := s.kept(v.options.Since)
	if err != nil {
		v.fault(CheckCheckpoints, -1, "", "the checkpoint that you kept: %v", err)
		return
	}
	s.mark(c, CheckCheckpoints, "the checkpoint that you kept")
	v.say(CheckCheckpoints, "the one that you kept, of %s, too", Several(c.Size(), "entry"))
}

// kept opens a checkpoint as far as there are keys.
func (s *source) kept(signed []byte) (Checkpoint, error) {
	if !s.v.report.Anchored {
		return readCheckpoint(signed)
	}
	return s.keys.open(signed)
}

func (s *source) mark(c Checkpoint, check, what string) {
	switch {
	case c.Origin() != s.checkpoint.Origin():
		s.v.fault(check, -1, "", "%s is of another log, %q", what, shorten(c.Origin()))
	case c.Size() > s.checkpoint.Size():
		s.v.fault(check, -1, "", "%s holds %s, the bundle, made on %s, %d: if what you kept is older than "+
			"that, entries were taken away; else take a newer bundle",
			what, Several(c.Size(), "entry"), second(s.reader.manifest.At), s.checkpoint.Size())
	case c.Size() == 0 && c.Root() != EmptyRoot():
		s.v.fault(check, -1, "", "%s: the empty tree has another root", what)
	default:
		s.marks = append(s.marks, mark{size: c.Size(), root: c.Root(), check: check, what: what})
	}
}

// next is the entry at the index, after what it owes to its place was checked; not ok when the bundle is at its end.
func (s *source) next(index int64) (*looked, bool) {
	for len(s.current) == 0 {
		if s.over {
			return nil, false
		}
		if s.batch != nil {
			select {
			case s.spare <- s.batch:
			default:
			}
		}
		b, more := <-s.batches
		if s.batch = b; !more {
			s.over = true
			return nil, false
		}
		<-b.done
		if s.current = b.entries; b.err != nil {
			s.abandon()
			s.v.fault(CheckBundle, index+int64(len(b.entries)), "", "%v", b.err)
		}
	}
	if index >= s.reader.most && !s.over {
		s.v.fault(CheckTree, index, "", "the bundle goes on behind the %s of its checkpoint",
			Several(s.reader.most, "entry"))
		s.abandon()
		return nil, false
	}
	l := &s.current[0]
	s.current = s.current[1:]
	s.place(index, l)
	return l, true
}

// abandon ends the bundle here: whoever reads may still have batches to hand over.
func (s *source) abandon() {
	s.over, s.current = true, s.current[:0]
	go func() {
		for range s.batches {
		}
	}()
}

// place lets the tree grow by the entry and checks its running numbers.
func (s *source) place(index int64, l *looked) {
	for _, f := range l.faults {
		s.v.fault(f.Check, index, l.id(), "%s", f.Why)
	}
	s.tree.Add(l.hash)
	for len(s.marks) > 0 && s.marks[0].size <= s.tree.size {
		s.reach(s.marks[0], l.hash)
		s.marks = s.marks[1:]
	}
	entitled := s.number(index, l)
	party := s.reader.parts.Head.Party
	switch {
	case entitled && !l.opened:
		s.v.fault(CheckNumbers, index, "", "entry %d of %s is held back: the bundle does not open it", s.numbers[party],
			party)
	case !entitled && l.opened:
		s.v.fault(CheckNumbers, index, l.id(), "opened, though %s is not entitled to it", party)
	case !entitled:
		s.closed++
	}
	if l.body != nil {
		s.kinds[string(l.body.Kind)]++
		if s.reader.parts.Head.Filter.Matches(*l.body) {
			s.matching++
		}
		s.shown += int64(len(l.details))
		s.unopened += int64(len(l.body.Private) - len(l.details))
	}
}

// number follows the running numbers, and reports whether the bundle's own Party has one here.
func (s *source) number(index int64, l *looked) (entitled bool) {
	for _, p := range l.leaf.Parties {
		if !slices.Contains(s.reader.parts.Head.Parties, p.Party) {
			s.v.fault(CheckNumbers, index, l.id(), "%q is no Party of this log", shorten(p.Party))
			continue
		}
		entitled = entitled || p.Party == s.reader.parts.Head.Party
		if s.numbers[p.Party]++; p.N != s.numbers[p.Party] {
			s.v.fault(CheckNumbers, index, l.id(), "running number %d of %s where %d is due", p.N, p.Party,
				s.numbers[p.Party])
			s.numbers[p.Party] = p.N
		}
	}
	return entitled
}

func (s *source) reach(m mark, leaf Hash) {
	switch {
	case m.size < s.tree.size: // size 0, before the first entry
	case m.leaf != (Hash{}) && m.leaf != leaf:
		s.v.fault(m.check, m.size-1, "", "%s: another entry stands here", m.what)
	case m.leaf == (Hash{}) && m.root != s.tree.Root():
		s.v.fault(m.check, m.size-1, "", "the leaf data does not hash to the root of %s, of %s", m.what,
			Several(m.size, "entry"))
	}
}
