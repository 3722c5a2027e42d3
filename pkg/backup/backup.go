// Package backup writes what one backup of a gateway holds, keys apart, and proves offline that a backup is whole.
//
// A backup is a directory:
//
//	manifest        a note signed by the log's key, which says what the rest is, byte for byte; written last
//	database.dump   the database, as pg_dump writes it in its custom format
//	entries         each entry that has its place in the log, in its order: leaf data, nonce, body
//	objects         a line for each version that can be opened, with the object that holds it
//	documents/      those objects, sealed as they are in the store
//
// Dump, entries and the list of objects are of one snapshot of the database. Objects are copied after it: each was
// complete before the database named it, and none is ever altered. Keysets and the log's key are never in a backup: who
// has one alone reads organisations, identifiers, markings and times, and neither titles nor contents.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// The members of a backup.
const (
	manifestName = "manifest"
	dumpName     = "database.dump"
	entriesName  = "entries"
	objectsName  = "objects"
)

// manifestHeader begins the text of a manifest's note; no checkpoint, rotation or manifest of a bundle begins like it.
const manifestHeader = "chancery backup v1"

// maxManifest bounds what is read of a manifest, in bytes.
const maxManifest = 1 << 20

// Manifest says what a backup holds.
type Manifest struct {
	Version    int       `json:"v"` // 1
	At         time.Time `json:"at"`
	Build      string    `json:"build"`
	Schema     int64     `json:"schema"` // the newest migration of the database
	Checkpoint string    `json:"checkpoint"`
	Rotations  []string  `json:"rotations,omitempty"` // by which earlier keys of the log named the next
	Entries    int64     `json:"entries"`             // with their place; at least as many as the checkpoint's tree has
	Waiting    int64     `json:"waiting"`             // in the dump alone: their place came later
	Objects    int64     `json:"objects"`
	// Configured are digests of the files that the gateway was run with, by their keys in the configuration.
	Configured map[string]string `json:"configured,omitempty"`
	Files      map[string]File   `json:"files"` // dump, entries and objects
}

// File is what a member has to be.
type File struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // lower-case hex
}

// Objects is where sealed objects are read.
type Objects interface {
	// Get yields exactly length bytes from offset. An object that is absent, or shorter, gives vault.ErrTampered; a
	// store that cannot be reached vault.ErrUnavailable.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
}

// sign makes the note of a manifest.
func (m Manifest) sign(signer note.Signer) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if len(text) > maxManifest/2 {
		return nil, fmt.Errorf("manifest: %d bytes", len(text))
	}
	signed, err := note.Sign(&note.Note{Text: manifestHeader + "\n" + string(text) + "\n"}, signer)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return signed, nil
}

// errUnsigned is a manifest that no key at hand signed.
var errUnsigned = errors.New("the manifest is not signed by this log's key")

// readManifest reads the manifest of a backup. Without keys it takes what the manifest says; with keys, only what one
// of them signed, or one that they named in turn.
func readManifest(dir *os.Root, keys []note.Verifier) (m Manifest, opened []note.Verifier, err error) {
	f, err := dir.Open(manifestName)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil, fmt.Errorf("%s: there is no manifest: no backup, or one that did not end", dir.Name())
	}
	if err != nil {
		return m, nil, err
	}
	defer f.Close()
	signed, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return m, nil, err
	}
	text, _, found := strings.Cut(string(signed), "\n\n")
	said, ok := strings.CutPrefix(text, manifestHeader+"\n")
	if !found || !ok || len(signed) > maxManifest {
		return m, nil, fmt.Errorf("%s: the manifest is none", dir.Name())
	}
	if err := json.Unmarshal([]byte(said), &m); err != nil || m.Version != 1 {
		return m, nil, fmt.Errorf("%s: a manifest of version %d cannot be read (%w)", dir.Name(), m.Version, err)
	}
	if len(keys) == 0 {
		return m, nil, nil
	}
	rotations := make([][]byte, len(m.Rotations))
	for i, r := range m.Rotations {
		rotations[i] = []byte(r)
	}
	if opened, err = ledger.Keys(keys, rotations); err != nil {
		return m, nil, err
	}
	if _, err := note.Open(signed, note.VerifierList(opened...)); err != nil {
		return m, nil, fmt.Errorf("%s: %w: %w", dir.Name(), errUnsigned, err)
	}
	return m, opened, nil
}

// digest sums up a member; the buffer, which may be nil, is one for many.
func digest(dir *os.Root, name string, buffer []byte) (File, error) {
	f, err := dir.Open(name)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{f}, buffer) // a file would write itself, with a buffer of its own
	return File{Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}
