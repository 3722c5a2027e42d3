package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// openNote verifies a signed note by at least one of the keys. Every signature line has to be in the one strict
// spelling: note.Open passes over the spare bits of base64, and then two notes of different bytes would say the same.
func openNote(signed []byte, keys ...note.Verifier) (*note.Note, error) {
	n, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return nil, err
	}
	_, lines, _ := cutNote(signed)
	for line := range strings.Lines(lines) {
		encoded := line[strings.LastIndexByte(line, ' ')+1:]
		if _, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSuffix(encoded, "\n")); err != nil {
			return nil, errors.New("a signature line that is not in strict base64")
		}
	}
	return n, nil
}

// cutNote splits a note into its text, with the newline that ends it, and its signature lines. It verifies nothing.
func cutNote(signed []byte) (text, signatures string, found bool) {
	i := strings.LastIndex(string(signed), "\n\n")
	if i < 0 {
		return "", "", false
	}
	return string(signed[:i+1]), string(signed[i+2:]), true
}

const rotationHeader = "chancery log key rotation v1"

// SignRotation lets the log's old key name the new one: whoever trusts the old key may from then on trust the new.
// Both keys bear the same name, that of the log; oldKey is the public half of old.
func SignRotation(old note.Signer, oldKey, newKey string) ([]byte, error) {
	from, err := note.NewVerifier(oldKey)
	if err != nil {
		return nil, fmt.Errorf("rotation: old key: %w", err)
	}
	to, err := note.NewVerifier(newKey)
	if err != nil {
		return nil, fmt.Errorf("rotation: new key: %w", err)
	}
	switch {
	case from.Name() != old.Name() || from.KeyHash() != old.KeyHash():
		return nil, errors.New("rotation: the old public key is not that of the private one")
	case to.Name() != old.Name() || to.KeyHash() == old.KeyHash():
		return nil, fmt.Errorf("rotation: to the key of %q: another key of the log %q is wanted", to.Name(), old.Name())
	}
	signed, err := note.Sign(&note.Note{Text: rotationHeader + "\n" + oldKey + "\n" + newKey + "\n"}, old)
	if err != nil {
		return nil, fmt.Errorf("rotation: %w", err)
	}
	return signed, nil
}

// RotationKeys are the old and the new public key that a rotation names; it verifies nothing.
func RotationKeys(signed []byte) (oldKey, newKey string, err error) {
	text, _, _ := cutNote(signed)
	rest, ok := strings.CutPrefix(text, rotationHeader+"\n")
	lines := strings.Split(rest, "\n")
	if !ok || len(lines) != 3 || lines[2] != "" {
		return "", "", errors.New("no rotation of the log's key")
	}
	return lines[0], lines[1], nil
}

// Keys follows rotations from the keys that are trusted: a key that a trusted one signed is trusted. Rotations stand in
// the order in which they were made; one that no trusted key signed vouches for nothing and is passed over.
func Keys(trusted []note.Verifier, rotations [][]byte) ([]note.Verifier, error) {
	keys := append([]note.Verifier(nil), trusted...)
	for i, signed := range rotations {
		if _, err := openNote(signed, keys...); err != nil {
			continue
		}
		_, newKey, err := RotationKeys(signed)
		if err != nil {
			return nil, fmt.Errorf("rotation %d: %w", i, err)
		}
		key, err := note.NewVerifier(newKey)
		if err != nil || key.Name() != keys[0].Name() {
			return nil, fmt.Errorf("rotation %d: to no key of the log %q", i, keys[0].Name())
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// keyring are the keys of a log as an auditor may trust them: those that were brought, and those that they named in
// turn. A key that named its successor is at its end: it signs no more, and names no second one.
type keyring struct {
	all     []note.Verifier
	brought int            // so many of the first
	ranks   map[string]int // how many replacements led to a key
	ended   map[string]bool
	forked  []string // keys that named a second successor
	by      string   // that signed the bundle, if it was not brought
	steps   int64    // replacements that led to it
}

func newKeyring(brought []note.Verifier, rotations [][]byte) keyring {
	k := keyring{all: slices.Clone(brought), brought: len(brought), ranks: map[string]int{}, ended: map[string]bool{}}
	for _, signed := range rotations {
		k.follow(signed)
	}
	return k
}

func keyID(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// follow takes the key that a trusted one named; what no trusted key signed vouches for nothing and is passed over.
func (k *keyring) follow(signed []byte) {
	n, err := openNote(signed, k.all...)
	if err != nil {
		return
	}
	_, named, err := RotationKeys(signed)
	if err != nil {
		return
	}
	next, err := note.NewVerifier(named)
	if err != nil || next.Name() != k.all[0].Name() {
		return
	}
	old, id := keyID(n.Sigs[0].Name, n.Sigs[0].Hash), keyID(next.Name(), next.KeyHash())
	if k.ended[old] {
		k.forked = append(k.forked, old)
		return
	}
	k.ended[old], k.ranks[id] = true, k.ranks[old]+1
	if !slices.ContainsFunc(k.all, func(v note.Verifier) bool { return keyID(v.Name(), v.KeyHash()) == id }) {
		k.all = append(k.all, next)
	}
}

// open opens a checkpoint with whichever of the keys signed it.
func (k *keyring) open(signed []byte) (c Checkpoint, err error) {
	err = errors.New("checkpoint: no key")
	for _, key := range k.all {
		if c, err = OpenCheckpoint(signed, key); err == nil {
			return c, nil
		}
	}
	return Checkpoint{}, err
}

// signers are the keys that signed a note.
func (k *keyring) signers(signed []byte) (ids []string) {
	n, err := openNote(signed, k.all...)
	if err != nil {
		return nil
	}
	for _, s := range n.Sigs {
		ids = append(ids, keyID(s.Name, s.Hash))
	}
	return ids
}

// rank is that of the newest key that signed a note.
func (k *keyring) rank(signed []byte) (rank int) {
	for _, id := range k.signers(signed) {
		rank = max(rank, k.ranks[id])
	}
	return rank
}

// current opens a checkpoint that is signed by a key which was not replaced.
func (k *keyring) current(signed []byte) (Checkpoint, error) {
	c, err := k.open(signed)
	if err != nil {
		return c, err
	}
	ids := slices.DeleteFunc(k.signers(signed), func(id string) bool { return k.ended[id] })
	if len(ids) == 0 {
		return Checkpoint{}, errors.New("by a key that had been replaced")
	}
	own := func(v note.Verifier) bool { return slices.Contains(ids, keyID(v.Name(), v.KeyHash())) }
	if !slices.ContainsFunc(k.all[:k.brought], own) {
		k.by, k.steps = ids[0], int64(k.ranks[ids[0]])
	}
	return c, nil
}

// manifest wants a manifest's note to be signed by a key that was not replaced, and by nobody else.
func (k *keyring) manifest(signed []byte) error {
	if _, err := openNote(signed, k.all...); err != nil {
		return err
	}
	if !singleSignature(signed) {
		return errors.New("it bears another signature")
	}
	if k.ended[k.signers(signed)[0]] {
		return errors.New("by a key that had been replaced")
	}
	return nil
}

// readCheckpoint reads what a checkpoint says without verifying its signature: for the unanchored verdict only.
func readCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, found := cutNote(signed)
	if !found || len(signed) > maxNote {
		return Checkpoint{}, errors.New("checkpoint: no note")
	}
	c, err := parseCheckpoint(text)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	return c, nil
}

// ClaimedSize is how many entries a checkpoint says that its tree has. Nothing vouches for it: Verify checks the
// checkpoint (Options.Since).
func ClaimedSize(signed []byte) (int64, error) {
	c, err := readCheckpoint(signed)
	return c.Size(), err
}
