package ledger

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A bundle is what an auditor takes away: a tar archive without compression, its members in this order,
//
//	head            JSON: version, log, the auditor's Party and all Parties of the log
//	checkpoint      the signed tree that the bundle shows whole
//	checkpoints     those that were stored before, each behind its length
//	rotations       the notes by which an old key of the log named a new one, each behind its length
//	rules           the text of the rules of this build
//	earlier-rules   those under which earlier entries were decided, each behind its length; or absent
//	log/000000 …    for every index the leaf data, and for the Party's own entries what opens them: see Record
//	names           JSON: what people and organisations are called, as far as the Party may know; or absent
//	manifest        a note signed by the log's key, which says what all of the above is, byte for byte
//
// and nothing after it. tar xf shows every part of it.
const (
	memberHead        = "head"
	memberCheckpoint  = "checkpoint"
	memberCheckpoints = "checkpoints"
	memberRotations   = "rotations"
	memberRules       = "rules"
	memberEarlier     = "earlier-rules"
	memberChunk       = "log/%06d"
	memberNames       = "names"
	memberManifest    = "manifest"

	bundleVersion  = 1
	manifestHeader = "chancery bundle manifest v1"

	chunkSize    = 1 << 20 // a chunk ends with the record that reaches it
	maxRecord    = 2 << 20 // of the values that a record shows, together
	maxChunk     = chunkSize + maxRecord + 1<<18
	maxMember    = 64 << 20 // of the earlier checkpoints
	maxHead      = 64 << 10
	maxRotations = 1 << 20
	maxRules     = 4 << 20
	maxEarlier   = 8 << 20
	maxNames     = 2 << 20
	maxManifest  = 64 << 10
	minNote      = 64 // bytes of a signature alone
	minLeaf      = 64 // bytes of a hash alone
	maxValue     = 1 << 20
	maxFields    = 64
	maxName      = 200
)

// BundleHead says what a bundle is of.
type BundleHead struct {
	Version int      `json:"v"`
	Origin  string   `json:"origin"`
	Party   string   `json:"party"`   // whose entries are opened
	Parties []string `json:"parties"` // of the Arrangement
	Filter  Filter   `json:"filter"`  // what was asked for; the bundle holds everything all the same
}

// BundleParts is what stands before the entries. Checkpoint is opened with the log's key by whoever exports.
type BundleParts struct {
	Head        BundleHead
	Checkpoint  []byte
	Checkpoints [][]byte // stored before, of smaller trees
	Rotations   [][]byte
	Rules       string
	// EarlierRules are the texts under which earlier entries were decided, where there are other ones.
	EarlierRules []string
}

// Record is the log at one index: the leaf data, and what opens it when the Party is entitled.
type Record struct {
	Leaf    []byte
	Opened  bool
	Nonce   []byte
	Body    []byte
	Details []Detail
}

// Detail is what stands behind one commitment of a body.
type Detail struct {
	Field string
	Salt  []byte
	Value string
}

// Named is what somebody, or an organisation, is called, as the gateway's directory says; the manifest vouches for it,
// the log itself commits to identifiers.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Manifest says what a bundle holds, and who made it.
type Manifest struct {
	Version  int            `json:"v"`
	Exporter string         `json:"exporter"` // "per_…"
	Of       string         `json:"of"`       // the exporter's organisation
	At       time.Time      `json:"at"`
	Build    string         `json:"build"`
	Entry    string         `json:"entry"` // of the export itself
	Index    int64          `json:"index"` // of that entry
	Filter   Filter         `json:"filter"`
	First    int64          `json:"first"` // index, 0
	Size     int64          `json:"size"`  // entries; the last index is Size-1
	Own      int64          `json:"own"`   // entries opened; their running numbers are 1 to Own
	Matching int64          `json:"matching"`
	Kinds    map[string]int `json:"kinds"`  // of those opened
	SHA256   string         `json:"sha256"` // of every byte before the manifest's member
}

// BundleWriter writes a bundle as a stream, one chunk in memory at a time.
type BundleWriter struct {
	sum      hash.Hash
	tar      *tar.Writer
	chunk    bytes.Buffer
	chunks   int
	manifest Manifest
}

// NewBundleWriter writes the parts before the entries.
func NewBundleWriter(w io.Writer, p BundleParts) (*BundleWriter, error) {
	sum := sha256.New()
	b := &BundleWriter{sum: sum, manifest: Manifest{Version: bundleVersion, Filter: p.Head.Filter,
		Kinds: map[string]int{}}}
	b.tar = tar.NewWriter(io.MultiWriter(w, sum))
	p.Head.Version = bundleVersion
	head, err := canonical(p.Head)
	if err != nil {
		return nil, fmt.Errorf("bundle: head: %w", err)
	}
	members := []struct {
		name string
		data []byte
	}{
		{memberHead, head}, {memberCheckpoint, p.Checkpoint}, {memberCheckpoints, framed(p.Checkpoints)},
		{memberRotations, framed(p.Rotations)}, {memberRules, []byte(p.Rules)},
		{memberEarlier, framed(withinBytes(p.EarlierRules, maxEarlier))},
	}
	if len(p.EarlierRules) == 0 {
		members = members[:len(members)-1]
	}
	for _, m := range members {
		if err := writeMember(b.tar, m.name, m.data); err != nil {
			return nil, fmt.Errorf("bundle: %w", err)
		}
	}
	return b, nil
}

// withinBytes are the first of the texts, as many as fit when each stands behind its length: decisions under the rest
// cannot be taken again.
func withinBytes(texts []string, most int) (out [][]byte) {
	for _, text := range texts {
		if most -= 4 + len(text); most < 0 {
			break
		}
		out = append(out, []byte(text))
	}
	return out
}

// Add writes the entry of the next index.
func (b *BundleWriter) Add(r Record) error {
	if r.Opened {
		body, err := Decode(r.Body)
		if err != nil {
			return fmt.Errorf("bundle: index %d: %w", b.manifest.Size, err)
		}
		b.manifest.Own++
		b.manifest.Kinds[string(body.Kind)]++
		if b.manifest.Filter.Matches(body) {
			b.manifest.Matching++
		}
	}
	b.manifest.Size++
	if err := appendRecord(&b.chunk, r); err != nil {
		return fmt.Errorf("bundle: index %d: %w", b.manifest.Size-1, err)
	}
	if b.chunk.Len() < chunkSize {
		return nil
	}
	return b.flush()
}

func (b *BundleWriter) flush() error {
	if b.chunk.Len() == 0 {
		return nil
	}
	err := writeMember(b.tar, fmt.Sprintf(memberChunk, b.chunks), b.chunk.Bytes())
	b.chunks++
	b.chunk.Reset()
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// Names writes, behind the last entry, what people and organisations of the entries are called. Of more than 2 MiB the
// rest is left out: whoever reads the bundle sees their identifiers.
func (b *BundleWriter) Names(names []Named) error {
	if err := b.flush(); err != nil {
		return err
	}
	data, err := canonical(names)
	for ; err == nil && len(data) > maxNames; data, err = canonical(names) {
		names = names[:len(names)/2]
	}
	if err == nil {
		err = writeMember(b.tar, memberNames, data)
	}
	if err != nil {
		return fmt.Errorf("bundle: names: %w", err)
	}
	return nil
}

// Close completes the manifest, has it signed (sign makes a note of the text by the log's key) and writes it.
// Exporter, Of, At, Build, Entry and Index are taken from m.
func (b *BundleWriter) Close(m Manifest, sign func(text string) ([]byte, error)) error {
	if err := b.flush(); err != nil {
		return err
	}
	if err := b.tar.Flush(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	own := b.manifest
	own.Exporter, own.Of, own.At, own.Build, own.Entry, own.Index = m.Exporter, m.Of, microseconds(m.At), m.Build,
		m.Entry, m.Index
	own.SHA256 = Hash(b.sum.Sum(nil)).String()
	text, err := canonical(own)
	if err != nil {
		return fmt.Errorf("bundle: manifest: %w", err)
	}
	signed, err := sign(ManifestText(text))
	if err != nil {
		return fmt.Errorf("bundle: manifest: %w", err)
	}
	if err := writeMember(b.tar, memberManifest, signed); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := b.tar.Close(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// ManifestText is the text of a manifest's note. No checkpoint begins like it.
func ManifestText(manifest []byte) string { return manifestHeader + "\n" + string(manifest) + "\n" }

// SignManifest makes the note of a manifest's text, and of no other.
func SignManifest(text string, signer note.Signer) ([]byte, error) {
	if !strings.HasPrefix(text, manifestHeader+"\n") {
		return nil, errors.New("bundle: this is no manifest")
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("bundle: sign the manifest: %w", err)
	}
	return signed, nil
}

func writeMember(w *tar.Writer, name string, data []byte) error {
	if err := w.WriteHeader(memberHeader(name, int64(len(data)))); err != nil {
		return fmt.Errorf("member %s: %w", name, err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("member %s: %w", name, err)
	}
	return nil
}

func memberHeader(name string, size int64) *tar.Header {
	return &tar.Header{Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644}
}

// framed puts each text behind its length.
func framed(texts [][]byte) []byte {
	var out []byte
	for _, text := range texts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(text)))
		out = append(out, text...)
	}
	return out
}

// appendRecord writes: length and leaf · 1 when opened, else 0 · and when opened nonce, length and body, the number of
// details, and of each length and field, salt, length and value. Lengths and numbers are of 32 bits, big-endian.
func appendRecord(w *bytes.Buffer, r Record) error {
	switch {
	case len(r.Leaf) > maxLeaf || len(r.Body) > MaxBody || len(r.Details) > maxFields:
		return errors.New("too large")
	case r.Opened && len(r.Nonce) != NonceSize:
		return fmt.Errorf("nonce of %d bytes", len(r.Nonce))
	}
	var number [4]byte
	sized := func(data []byte) {
		binary.BigEndian.PutUint32(number[:], uint32(len(data)))
		w.Write(number[:])
		w.Write(data)
	}
	sized(r.Leaf)
	if !r.Opened {
		w.WriteByte(0)
		return nil
	}
	w.WriteByte(1)
	w.Write(r.Nonce)
	sized(r.Body)
	binary.BigEndian.PutUint32(number[:], uint32(len(r.Details)))
	w.Write(number[:])
	shown := 0
	for _, d := range r.Details {
		if shown += len(d.Value); len(d.Salt) != SaltSize || len(d.Field) > maxName || len(d.Value) > maxValue ||
			shown > maxRecord {
			return fmt.Errorf("detail %q", shorten(d.Field))
		}
		sized([]byte(d.Field))
		w.Write(d.Salt)
		sized([]byte(d.Value))
	}
	return nil
}
