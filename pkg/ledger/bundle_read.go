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
	"strconv"
	"strings"
)

const tarBlock = 512

// preview is what tells whether a bundle is signed, found without reading the rest of it.
type preview struct {
	checkpoint []byte
	rotations  [][]byte
	manifest   []byte // a note
}

// previewOf reads the checkpoint and the rotations at the beginning of a bundle, and the manifest at its end where its
// signature is to be checked. All of it is small, and all of it is read again, and held to its form, by openBundle.
func previewOf(r io.ReaderAt, size int64, manifest bool) (p preview, err error) {
	at := int64(0)
	for _, m := range []struct {
		name string
		most int64
		to   func([]byte) error
	}{
		{memberHead, maxHead, nil},
		{memberCheckpoint, maxNote, func(data []byte) error { p.checkpoint = data; return nil }},
		{memberCheckpoints, maxMember, nil},
		{memberRotations, maxRotations,
			func(data []byte) (err error) { p.rotations, err = unframed(data, maxRotations/minNote); return err }},
	} {
		b := bundleReader{in: io.NewSectionReader(r, at, size-at)}
		name, length, err := b.header(m.most)
		if err == nil && name != m.name {
			err = fmt.Errorf("member %q stands where %q is wanted", shorten(name), m.name)
		}
		if err == nil && m.to != nil {
			var data []byte
			if data, err = b.content(name, length, nil); err == nil {
				if err = m.to(data); err != nil {
					err = fmt.Errorf("%s: %w", name, err)
				}
			}
		}
		if err != nil {
			return p, err
		}
		at += tarBlock + padded(length)
	}
	if manifest {
		p.manifest, err = manifestOf(r, size)
	}
	return p, err
}

// manifestOf finds the last member: its block begins a multiple of 512 bytes before the two that end an archive.
func manifestOf(r io.ReaderAt, size int64) ([]byte, error) {
	for at := size - 3*tarBlock; at >= 0 && at >= size-3*tarBlock-padded(maxManifest); at -= tarBlock {
		b := bundleReader{in: io.NewSectionReader(r, at, size-at)}
		name, length, err := b.header(maxManifest)
		if err == nil && name == memberManifest && at+tarBlock+padded(length)+2*tarBlock == size {
			return b.content(name, length, nil)
		}
	}
	return nil, errors.New("it ends without a manifest")
}

func padded(size int64) int64 { return (size + tarBlock - 1) / tarBlock * tarBlock }

// bundleReader reads a bundle once, from its beginning to its end. What it answers is verified in its form only; the
// manifest, at the end, vouches for every byte.
type bundleReader struct {
	in       io.Reader
	sum      hash.Hash
	parts    BundleParts
	chunks   int
	most     int64 // records: as many as the signed checkpoint has entries
	manifest Manifest
	names    []Named
	signed   []byte  // the manifest's note
	ahead    *member // read to see whether it is one that may be absent
}

// member is one that was read, and the digest of every byte before it.
type member struct {
	before Hash
	name   string
	data   []byte
}

// openBundle reads the parts before the entries of a log that has at most so many.
func openBundle(r io.ReaderAt, size, most int64) (*bundleReader, error) {
	b := &bundleReader{sum: sha256.New(), most: most}
	b.in = io.TeeReader(io.NewSectionReader(r, 0, size), b.sum)
	var head, earlier, rotations, rules []byte
	for _, m := range []struct {
		name string
		most int64
		data *[]byte
	}{{memberHead, maxHead, &head}, {memberCheckpoint, maxNote, &b.parts.Checkpoint},
		{memberCheckpoints, maxMember, &earlier},
		{memberRotations, maxRotations, &rotations}, {memberRules, maxRules, &rules}} {
		name, data, err := b.member(m.most, nil)
		if err != nil {
			return nil, err
		}
		if name != m.name {
			return nil, fmt.Errorf("member %q stands where %q is wanted", shorten(name), m.name)
		}
		*m.data = data
	}
	b.parts.Rules = string(rules)
	if err := b.parse(head, earlier); err != nil {
		return nil, err
	}
	return b, b.earlierRules()
}

// earlierRules reads the texts of earlier rules, where the bundle carries any.
func (b *bundleReader) earlierRules() error {
	m := member{before: Hash(b.sum.Sum(nil))}
	name, size, err := b.header(maxEarlier)
	if err == nil && name != memberEarlier && size > maxChunk {
		err = fmt.Errorf("member %q of no size, or of more than %d bytes", shorten(name), maxChunk)
	}
	if err == nil {
		m.name = name
		m.data, err = b.content(name, size, nil)
	}
	if err != nil {
		return err
	}
	if m.name != memberEarlier {
		b.ahead = &m
		return nil
	}
	for len(m.data) > 0 {
		text, err := takeSized(&m.data, maxRules)
		if err != nil || len(text) == 0 {
			return fmt.Errorf("%s: a text of no bytes, or of too many", memberEarlier)
		}
		b.parts.EarlierRules = append(b.parts.EarlierRules, string(text))
	}
	return nil
}

// following is the next member behind the rules.
func (b *bundleReader) following(into []byte) (member, error) {
	if m := b.ahead; m != nil {
		b.ahead = nil
		return *m, nil
	}
	m := member{before: Hash(b.sum.Sum(nil))}
	var err error
	m.name, m.data, err = b.member(maxChunk, into)
	return m, err
}

// parse reads the parts; of checkpoints there are no more than entries. Rotations were read when the signatures were
// checked.
func (b *bundleReader) parse(head, earlier []byte) (err error) {
	if b.parts.Checkpoints, err = unframed(earlier, b.most+1); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	if err := exactly(head, &b.parts.Head); err != nil {
		return fmt.Errorf("head: %w", err)
	}
	if b.parts.Head.Version != bundleVersion || len(b.parts.Head.Parties) == 0 ||
		len(b.parts.Head.Parties) > MaxParties {
		return errors.New("head: another version, or no Parties")
	}
	return nil
}

// chunk is the next chunk of records; nil behind the last, when the manifest is read and fits, its signature apart. The
// chunk may stand in the memory of into.
func (b *bundleReader) chunk(into []byte) ([]byte, error) {
	m, err := b.following(into)
	before, name, data := m.before, m.name, m.data
	if err == nil && name == memberNames {
		before, name, data, err = b.behindNames(data)
	}
	switch {
	case err != nil:
		return nil, err
	case name == fmt.Sprintf(memberChunk, b.chunks) && len(data) > 0:
		b.chunks++
		return data, nil
	case name != memberManifest:
		return nil, fmt.Errorf("member %q stands where chunk %d or the manifest is wanted", name, b.chunks)
	}
	if rest, err := io.ReadAll(io.LimitReader(b.in, 2*tarBlock+1)); err != nil ||
		!bytes.Equal(rest, make([]byte, 2*tarBlock)) {
		return nil, errors.New("the archive does not end behind the manifest")
	}
	return nil, b.close(data, before)
}

// behindNames takes the names, and reads the member behind them: it can only be the manifest.
func (b *bundleReader) behindNames(names []byte) (before Hash, name string, data []byte, err error) {
	if len(names) > maxNames {
		return before, "", nil, fmt.Errorf("names: more than %d bytes", maxNames)
	}
	if err := exactly(names, &b.names); err != nil {
		return before, "", nil, fmt.Errorf("names: %w", err)
	}
	before = Hash(b.sum.Sum(nil))
	name, data, err = b.member(maxManifest, nil)
	if err == nil && name != memberManifest {
		err = fmt.Errorf("member %q stands behind the names", shorten(name))
	}
	return before, name, data, err
}

// close holds the manifest against the bytes before it.
func (b *bundleReader) close(signed []byte, before Hash) error {
	text, _, _ := cutNote(signed)
	data, ok := strings.CutPrefix(text, manifestHeader+"\n")
	if !ok {
		return errors.New("the manifest is no note of a manifest")
	}
	if err := exactly([]byte(strings.TrimSuffix(data, "\n")), &b.manifest); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if b.manifest.SHA256 != before.String() {
		return errors.New("the manifest is of other bytes: the bundle was altered after it was made")
	}
	b.signed = signed
	return nil
}

// member reads the next one whole.
func (b *bundleReader) member(most int64, into []byte) (string, []byte, error) {
	name, size, err := b.header(most)
	if err != nil {
		return "", nil, err
	}
	data, err := b.content(name, size, into)
	return name, data, err
}

// header reads one that is, byte for byte, what BundleWriter writes.
func (b *bundleReader) header(most int64) (string, int64, error) {
	var head [tarBlock]byte
	if _, err := io.ReadFull(b.in, head[:]); err != nil {
		return "", 0, fmt.Errorf("it ends without a manifest: %w", err)
	}
	name, _, _ := bytes.Cut(head[:100], []byte{0})
	size, err := strconv.ParseInt(strings.Trim(string(head[124:136]), " \x00"), 8, 64)
	if err != nil || size < 0 || size > most {
		return "", 0, fmt.Errorf("member %q of no size, or of more than %d bytes", shorten(string(name)), most)
	}
	var want bytes.Buffer
	if err := tar.NewWriter(&want).WriteHeader(memberHeader(string(name), size)); err != nil ||
		!bytes.Equal(want.Bytes(), head[:]) {
		return "", 0, fmt.Errorf("member %q: not the header of a bundle", shorten(string(name)))
	}
	return string(name), size, nil
}

// content is that of a member, and nothing in its padding.
func (b *bundleReader) content(name string, size int64, into []byte) ([]byte, error) {
	data := bytes.NewBuffer(into[:0]) // grows as bytes come: a size is only a claim
	data.Grow(int(min(size, chunkSize+maxLeaf+MaxBody)) + 2*tarBlock)
	if n, err := io.CopyN(data, b.in, padded(size)); err != nil {
		return nil, fmt.Errorf("member %q ends after %d bytes: %w", shorten(name), n, err)
	}
	content, padding := data.Bytes()[:size], data.Bytes()[size:]
	if !bytes.Equal(padding, make([]byte, len(padding))) {
		return nil, fmt.Errorf("member %q: padding is not empty", shorten(name))
	}
	return content, nil
}

// exactly decodes JSON that has to be in canonical form.
func exactly[T any](data []byte, v *T) error {
	if err := strict(data, v); err != nil {
		return err
	}
	if again, err := canonical(*v); err != nil || !bytes.Equal(again, data) {
		return errors.New("not in canonical form")
	}
	return nil
}

// unframed undoes framed, for at most so many texts.
func unframed(data []byte, most int64) ([][]byte, error) {
	var texts [][]byte
	for len(data) > 0 {
		text, err := takeSized(&data, maxNote)
		switch {
		case err != nil:
			return nil, err
		case len(text) < minNote:
			return nil, fmt.Errorf("a note of %d bytes", len(text))
		case int64(len(texts)) >= most:
			return nil, fmt.Errorf("more than %d: more than there can be in a log of this size", most)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// takeRecord undoes appendRecord; the record leans on data's bytes.
func takeRecord(data *[]byte) (r Record, err error) {
	if r.Leaf, err = takeSized(data, maxLeaf); err != nil {
		return r, fmt.Errorf("leaf data: %w", err)
	}
	if len(r.Leaf) < minLeaf {
		return r, fmt.Errorf("leaf data of %d bytes", len(r.Leaf))
	}
	opened, err := take(data, 1)
	if err != nil || opened[0] > 1 {
		return r, errors.New("neither opened nor closed")
	}
	if opened[0] == 0 {
		return r, nil
	}
	r.Opened = true
	if r.Nonce, err = take(data, NonceSize); err != nil {
		return r, fmt.Errorf("nonce: %w", err)
	}
	if r.Body, err = takeSized(data, MaxBody); err != nil {
		return r, fmt.Errorf("body: %w", err)
	}
	number, err := take(data, 4)
	if err != nil || binary.BigEndian.Uint32(number) > maxFields {
		return r, errors.New("number of details")
	}
	for range binary.BigEndian.Uint32(number) {
		d, err := takeDetail(data)
		if err != nil {
			return r, fmt.Errorf("detail: %w", err)
		}
		r.Details = append(r.Details, d)
	}
	return r, nil
}

func takeDetail(data *[]byte) (Detail, error) {
	field, err := takeSized(data, maxName)
	if err != nil {
		return Detail{}, err
	}
	salt, err := take(data, SaltSize)
	if err != nil {
		return Detail{}, err
	}
	value, err := takeSized(data, maxValue)
	return Detail{Field: string(field), Salt: salt, Value: string(value)}, err
}

func takeSized(data *[]byte, most int) ([]byte, error) {
	length, err := take(data, 4)
	if err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length)
	if int64(n) > int64(most) {
		return nil, fmt.Errorf("%d bytes, more than %d", n, most)
	}
	return take(data, int(n))
}

func take(data *[]byte, n int) ([]byte, error) {
	if len(*data) < n {
		return nil, io.ErrUnexpectedEOF
	}
	taken := (*data)[:n:n]
	*data = (*data)[n:]
	return taken, nil
}
