package ledger

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// maxSize bounds the size of a tree, so that no arithmetic on it overflows: more than any log can hold.
	maxSize = 1 << 52
	// maxNote bounds a signed checkpoint, cosignatures included: room for ML-DSA-44 signatures (2,420 bytes) of several
	// witnesses beside the log's own.
	maxNote = 32768
)

// Checkpoint is a tree of the log that was signed, opened with the log's key. Only OpenCheckpoint makes a valid one.
type Checkpoint struct {
	origin string
	size   int64
	root   Hash
	signed []byte
}

// GenerateKey makes an Ed25519 key pair for a log of this name, in the encodings of note.NewSigner and
// note.NewVerifier. The name is the log's origin, such as "chancery.example/wco-unoct"; it holds neither white space
// nor "+".
func GenerateKey(name string) (private, public string, err error) {
	private, public, err = note.GenerateKey(rand.Reader, name)
	if err == nil {
		_, err = note.NewVerifier(public)
	}
	if err != nil {
		return "", "", fmt.Errorf("log key %q: %w", name, err)
	}
	return private, public, nil
}

// Sign signs a tree head as C2SP tlog-checkpoint; the name of the signer is the origin. Whoever signs answers for the
// head: it is committed, and consistent with all that was signed before. With Ed25519 the same head gives the same
// bytes.
func Sign(size int64, root Hash, signer note.Signer) ([]byte, error) {
	if size < 0 || size > maxSize {
		return nil, fmt.Errorf("sign checkpoint: size %d", size)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of size %d: %w", size, err)
	}
	return signed, nil
}

// OpenCheckpoint verifies a signed checkpoint with the log's key, got from elsewhere than the log. The origin has to be
// the name of the key. Signatures by other keys and extension lines are passed over, as C2SP asks.
func OpenCheckpoint(signed []byte, key note.Verifier) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fmt.Errorf("checkpoint: %d bytes, more than %d", len(signed), maxNote)
	}
	if key == nil {
		return Checkpoint{}, errors.New("checkpoint: no key")
	}
	n, err := openNote(signed, key)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	if c.origin != key.Name() {
		return Checkpoint{}, fmt.Errorf("checkpoint: of the log %q, not %q", c.origin, key.Name())
	}
	c.signed = bytes.Clone(signed)
	return c, nil
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 3 {
		return Checkpoint{}, errors.New("fewer than three lines")
	}
	for _, line := range lines {
		if line == "" {
			return Checkpoint{}, errors.New("an empty line")
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > maxSize || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("size %q", shorten(lines[1]))
	}
	root, err := parseBase64Hash(lines[2])
	if err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{origin: lines[0], size: size, root: root}, nil
}

func parseBase64Hash(s string) (Hash, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != len(Hash{}) || base64.StdEncoding.EncodeToString(raw) != s {
		return Hash{}, fmt.Errorf("hash %q", shorten(s))
	}
	return Hash(raw), nil
}

// Valid reports whether c was opened with a key; the zero value is not.
func (c Checkpoint) Valid() bool { return c.signed != nil }

// Origin is the name of the log.
func (c Checkpoint) Origin() string { return c.origin }

// Size is how many entries the tree holds.
func (c Checkpoint) Size() int64 { return c.size }

// Root is the RFC 6962 hash of the tree.
func (c Checkpoint) Root() Hash { return c.root }

// Signed is the note as it was opened.
func (c Checkpoint) Signed() []byte { return bytes.Clone(c.signed) }

// Extends checks that the tree of c is that of older with entries added at its end and nothing else (RFC 6962 2.1.2).
// Between trees of the same size, and from the empty one, the proof is empty.
func (c Checkpoint) Extends(older Checkpoint, proof tlog.TreeProof) error {
	why := c.contradicts(older)
	switch {
	case why != "":
	case c.size == older.size || older.size == 0:
		if len(proof) != 0 {
			why = "a proof where none is needed"
		}
	default:
		if err := tlog.CheckTree(proof, c.size, tlog.Hash(c.root), older.size, tlog.Hash(older.root)); err != nil {
			why = err.Error()
		}
	}
	if why == "" {
		return nil
	}
	return fmt.Errorf("checkpoint of size %d does not extend that of size %d: %s", c.size, older.size, why)
}

// contradicts says why no proof can show that c extends older, or nothing.
func (c Checkpoint) contradicts(older Checkpoint) string {
	switch {
	case !c.Valid() || !older.Valid():
		return "one of them was never opened"
	case c.origin != older.origin:
		return "two logs"
	case c.size < older.size:
		return "it is smaller"
	case c.size == older.size && c.root != older.root:
		return "two roots of one size: the log was forked"
	case older.size == 0 && older.root != EmptyRoot():
		return "the empty tree has another root"
	}
	return ""
}

// EmptyRoot is the root of the tree without entries: the hash of no bytes (RFC 6962 2.1).
func EmptyRoot() Hash { return BodyHash(nil) }
