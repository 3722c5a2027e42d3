package backup

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// mostFindings bounds how many of one kind are named one by one.
const mostFindings = 20

// Options say what a backup is held against.
type Options struct {
	// Keys are the log's, got from elsewhere than the backup. Without any, nothing is proved about who made it.
	Keys []note.Verifier
	// Kept are signed checkpoints that somebody keeps: the auditors of both Parties, an earlier backup.
	Kept [][]byte
	// Living is called for each version that the log says can be opened, in the order of the log; nil: not asked.
	Living func(Living) error
}

// Living is a version that was deposited, or corrected, and not destroyed since.
type Living struct {
	Entry ledger.Body // its deposit or correction
}

// Verdict is what Verify found. A backup is good when there are no findings.
type Verdict struct {
	Manifest
	Size     int64 // entries of the tree that the checkpoint signs
	Living   int64 // versions that the log says can be opened
	Held     int64 // of them, those whose object the backup holds whole
	Findings []string
}

// Verify holds a backup against itself, the log's key and kept checkpoints, without network, database or keysets. It
// proves that the entries hash to the signed tree and that it is or grew from each kept one, that each body is what its
// leaf closed over, and that each version which these entries say lives is there, byte for byte as it was copied. For
// entries behind the checkpoint, of a second at most, the manifest's signature vouches. Only a restore proves that
// keysets open it. The error is of a directory that cannot be read, or of a manifest that none of the keys signed.
func Verify(path string, o Options) (Verdict, error) {
	dir, err := os.OpenRoot(path)
	if err != nil {
		return Verdict{}, err
	}
	defer dir.Close()
	v := &verifier{dir: dir, living: map[[16]byte]bool{}, buffer: make([]byte, 1<<16)}
	if v.out.Manifest, v.keys, err = readManifest(dir, o.Keys); err != nil {
		return v.out, err
	}
	if len(o.Keys) == 0 {
		v.find("no key of the log was given: whoever made this backup may have made all of it")
	}
	if err := v.files(); err != nil {
		return v.out, err
	}
	if err := v.entries(o.Kept); err != nil {
		return v.out, err
	}
	if err := v.objects(); err != nil {
		return v.out, err
	}
	if o.Living == nil {
		return v.out, nil
	}
	return v.out, v.tell(o.Living)
}

type verifier struct {
	dir    *os.Root
	keys   []note.Verifier
	out    Verdict
	living map[[16]byte]bool // by version and document; true once its object was found
	kinds  map[string]int    // findings of one kind
	buffer []byte
}

func (v *verifier) find(what string, args ...any) {
	v.out.Findings = append(v.out.Findings, fmt.Sprintf(what, args...))
}

// many is a finding of which there may be as many as there are documents.
func (v *verifier) many(kind, of string) {
	if v.kinds == nil {
		v.kinds = map[string]int{}
	}
	if v.kinds[kind]++; v.kinds[kind] <= mostFindings {
		v.find("%s: %s", of, kind)
	}
}

// files holds dump, entries and list against the manifest.
func (v *verifier) files() error {
	for _, name := range []string{dumpName, entriesName, objectsName} {
		found, err := digest(v.dir, name, v.buffer)
		if err != nil {
			return err
		}
		if found != v.out.Files[name] {
			v.find("%s is not what the manifest says: it was altered, or did not arrive whole", name)
		}
	}
	return nil
}

// key is that of a version in a map: 10,000,000 of them take some 400 MB.
func key(document, version string) [16]byte {
	sum := sha256.Sum256([]byte(document + " " + version))
	return [16]byte(sum[:16])
}

// entries grows the tree, and follows which versions live.
func (v *verifier) entries(kept [][]byte) error {
	marks := v.marks(kept)
	var tree ledger.Frontier
	var size int64
	reached := func() {
		for ; len(marks) > 0 && marks[0].size == size; marks = marks[1:] {
			if marks[0].root != tree.Root() {
				v.find("another tree of %s than that of %s: another log, or one that was forked",
					ledger.Several(size, "entry"), marks[0].name)
			}
		}
	}
	reached()
	err := v.walk(func(r record) {
		tree.Add(ledger.LeafHash(r.leaf))
		v.follow(size, r)
		size++
		reached()
	})
	if err != nil {
		return err
	}
	if size != v.out.Entries {
		v.find("there: %s; the manifest says %d", ledger.Several(size, "entry"), v.out.Entries)
	}
	for _, m := range marks {
		v.find("%s is of %s, and this backup holds %d: it is older. A gateway that is started on it gives the "+
			"running numbers of %s a second meaning", m.name, ledger.Several(m.size, "entry"), size,
			ledger.Several(m.size-size, "entry"))
	}
	return nil
}

// mark is what the tree has to be when it has grown to a size.
type mark struct {
	name string
	size int64
	root ledger.Hash
}

// marks are the backup's own checkpoint and the kept ones, by size.
func (v *verifier) marks(kept [][]byte) []mark {
	var out []mark
	for i, signed := range append([][]byte{[]byte(v.out.Checkpoint)}, kept...) {
		name := "the backup's own checkpoint"
		if i > 0 {
			name = fmt.Sprintf("kept checkpoint %d", i)
		}
		c, err := v.open(signed)
		if err != nil {
			v.find("%s does not open: %v", name, err)
			continue
		}
		if i == 0 {
			v.out.Size = c.Size()
		}
		out = append(out, mark{name, c.Size(), c.Root()})
	}
	slices.SortStableFunc(out, func(a, b mark) int { return int(min(max(a.size-b.size, -1), 1)) })
	return out
}

func (v *verifier) open(signed []byte) (c ledger.Checkpoint, err error) {
	err = errors.New("there is no key to open it with")
	for _, k := range v.keys {
		if c, err = ledger.OpenCheckpoint(signed, k); err == nil {
			return c, nil
		}
	}
	return c, err
}

func (v *verifier) walk(each func(record)) error {
	f, err := v.dir.Open(entriesName)
	if err != nil {
		return err
	}
	defer f.Close()
	for from := bufio.NewReaderSize(f, 1<<18); ; {
		r, err := readRecord(from)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			v.find("the entries end within one, or are none: %v", err)
			return nil
		}
		each(r)
	}
}

// follow wants the body to be what the leaf closed over, and notes what it says of versions.
func (v *verifier) follow(index int64, r record) {
	leaf, err := ledger.DecodeLeaf(r.leaf)
	if err == nil {
		var closed ledger.Hash
		if closed, err = ledger.Close(r.nonce, r.body); err == nil && closed != leaf.Closed {
			err = errors.New("the leaf does not close over this body")
		}
	}
	if err != nil {
		v.many(err.Error(), fmt.Sprintf("index %d", index))
		return
	}
	body, err := ledger.Decode(r.body)
	if err != nil {
		v.many(err.Error(), fmt.Sprintf("index %d", index))
		return
	}
	if !alters(body) {
		return
	}
	of := key(body.Document, body.Terms.DocumentVersion)
	if body.Kind == ledger.KindDestruction {
		delete(v.living, of)
		return
	}
	v.living[of] = false
}

// alters reports whether an entry makes a version, or ends one.
func alters(b ledger.Body) bool {
	if b.Outcome != ledger.Permitted || b.Terms == nil || b.Terms.Step == ledger.StepFirst {
		return false
	}
	return b.Kind == ledger.KindDeposit || b.Kind == ledger.KindCorrection || b.Kind == ledger.KindDestruction
}

// objects reads every object, and holds the list against what lives.
func (v *verifier) objects() error {
	f, err := v.dir.Open(objectsName)
	if err != nil {
		return err
	}
	defer f.Close()
	v.out.Living = int64(len(v.living))
	ahead := int64(0)
	for lines := bufio.NewReader(f); ; {
		o, err := nextObject(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			v.find("%v", err)
			break
		}
		of := key(o.document, o.version)
		_, lives := v.living[of]
		if !lives {
			ahead++
		}
		if v.object(o) && lives {
			v.living[of] = true
			v.out.Held++
		}
	}
	if ahead > v.out.Waiting {
		v.find("%s of versions of which no entry speaks, and %d waiting for a place in the log",
			ledger.Several(ahead, "object"), v.out.Waiting)
	}
	if lost := v.out.Living - v.out.Held; lost > 0 {
		v.find("living as the log says: %s, not here: %d", ledger.Several(v.out.Living, "version"), lost)
	}
	return nil
}

// object reports whether an object is there as it was copied.
func (v *verifier) object(o object) bool {
	switch o.sha256 {
	case missing:
		v.many("the store no longer held it whole when the backup was made", o.key)
		return false
	case destroyed:
		v.many("two people destroyed it while the backup was made; the backup's own records still say that it lives",
			o.key)
		return false
	}
	found, err := digest(v.dir, o.key, v.buffer)
	switch {
	case errors.Is(err, os.ErrNotExist):
		v.many("it is missing", o.key)
	case err != nil:
		v.many(err.Error(), o.key)
	case found != (File{o.size, o.sha256}):
		v.many("its bytes are not those that were copied", o.key)
	default:
		return true
	}
	return false
}

// tell goes through the entries again and hands on those whose version lives.
func (v *verifier) tell(each func(Living) error) error {
	var failed error
	err := v.walk(func(r record) {
		body, err := ledger.Decode(r.body)
		if err != nil || failed != nil || !alters(body) || body.Kind == ledger.KindDestruction {
			return
		}
		if _, lives := v.living[key(body.Document, body.Terms.DocumentVersion)]; lives {
			failed = each(Living{Entry: body})
		}
	})
	return errors.Join(err, failed)
}
