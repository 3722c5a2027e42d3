package ledger_test

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

func TestARotationIsFollowedFromATrustedKeyOnly(t *testing.T) {
	private, oldKey, err := ledger.GenerateKey(origin)
	must(t, err)
	old, err := note.NewSigner(private)
	must(t, err)
	oldVerifier, err := note.NewVerifier(oldKey)
	must(t, err)
	_, newKey, err := ledger.GenerateKey(origin)
	must(t, err)
	_, foreign, err := ledger.GenerateKey("another.example/log")
	must(t, err)
	rotation, err := ledger.SignRotation(old, oldKey, newKey)
	must(t, err)
	if from, to, err := ledger.RotationKeys(rotation); err != nil || from != oldKey || to != newKey {
		t.Errorf("from %s to %s, %v", from, to, err)
	}
	keys, err := ledger.Keys([]note.Verifier{oldVerifier}, [][]byte{rotation})
	must(t, err)
	if len(keys) != 2 {
		t.Errorf("%d keys; want both", len(keys))
	}
	keys, err = ledger.Keys([]note.Verifier{oldVerifier},
		[][]byte{bytes.Replace(rotation, []byte("v1"), []byte("v2"), 1)})
	must(t, err)
	if len(keys) != 1 {
		t.Error("a rotation that nobody signed is followed")
	}
	for about, f := range map[string]func() error{
		"old key":            func() error { _, err := ledger.SignRotation(old, "x", newKey); return err },
		"new key":            func() error { _, err := ledger.SignRotation(old, oldKey, "x"); return err },
		"not that of the":    func() error { _, err := ledger.SignRotation(old, newKey, oldKey); return err },
		"another key of the": func() error { _, err := ledger.SignRotation(old, oldKey, foreign); return err },
		"no rotation":        func() error { _, _, err := ledger.RotationKeys([]byte("x")); return err },
		"rotation 0: no rot": func() error {
			_, err := ledger.Keys([]note.Verifier{oldVerifier}, [][]byte{signedNote(t, old, "chancery\n")})
			return err
		},
		"rotation 0: to no key": func() error {
			_, err := ledger.Keys([]note.Verifier{oldVerifier},
				[][]byte{signedNote(t, old, "chancery log key rotation v1\n"+oldKey+"\n"+foreign+"\n")})
			return err
		},
	} {
		refused(t, f(), about)
	}
}

func signedNote(t testing.TB, signer note.Signer, text string) []byte {
	t.Helper()
	out, err := note.Sign(&note.Note{Text: text}, signer)
	must(t, err)
	return out
}

// The spare bits of base64 are another spelling of the same signature, and refused.
func TestASignatureHasOneSpelling(t *testing.T) {
	signer, key := keys(t, origin)
	signed, err := ledger.Sign(0, ledger.EmptyRoot(), signer)
	must(t, err)
	other := bytes.Clone(signed)
	at := len(other) - 3 // the last character before "=\n"
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := bytes.IndexByte([]byte(letters), other[at])
	other[at] = letters[i^1]
	if _, err := note.Open(other, note.VerifierList(key)); err != nil {
		t.Skip("note.Open refuses it by itself")
	}
	_, err = ledger.OpenCheckpoint(other, key)
	refused(t, err, "strict base64")
}

// A bundle that goes on over a rotation verifies with the old key and with the new.
func TestABundleIsVerifiedWithTheKeyBeforeARotation(t *testing.T) {
	s := newStory(t)
	old, oldKey := s.signer, s.key
	s.whole()
	_, roots, _ := s.tree()
	before := s.checkpoint(5, roots[5])
	private, newKey, err := ledger.GenerateKey(s.signer.Name())
	must(t, err)
	s.rotations = [][]byte{signedNote(t, old, "chancery log key rotation v1\nold\n"+newKey+"\n")}
	s.signer, err = note.NewSigner(private)
	must(t, err)
	s.key, err = note.NewVerifier(newKey)
	must(t, err)
	s.earlier = [][]byte{before}
	data := s.bundle(wco)
	for _, key := range []note.Verifier{oldKey, s.key} {
		r, err := ledger.Verify(bundleOf(data), ledger.Options{Keys: []note.Verifier{key}})
		must(t, err)
		if key == oldKey {
			good(t, r)
		} else if !r.Good || len(r.NotProvable) == 0 {
			t.Errorf("with the new key: %v, not provable %v; want the old signature among these", r.Findings,
				r.NotProvable)
		}
	}
}

// mute is a signer that cannot sign.
type mute struct{ note.Signer }

func (mute) Sign([]byte) ([]byte, error) { return nil, errFull }

func TestARotationThatCannotBeSignedIsNoRotation(t *testing.T) {
	private, public, err := ledger.GenerateKey(origin)
	must(t, err)
	_, next, err := ledger.GenerateKey(origin)
	must(t, err)
	signer, err := note.NewSigner(private)
	must(t, err)
	_, err = ledger.SignRotation(mute{signer}, public, next)
	refused(t, err, "rotation")
}

// A rotation to the key of another log vouches for nothing: the bundle is verified by the key that the auditor brought.
func TestARotationToAnotherLogsKeyIsNotFollowed(t *testing.T) {
	s := newStory(t)
	s.whole()
	_, foreign, err := ledger.GenerateKey("chancery.example/other")
	must(t, err)
	rotation, err := note.Sign(&note.Note{Text: "chancery log key rotation v1\nold\n" + foreign + "\n"}, s.signer)
	must(t, err)
	s.rotations = [][]byte{rotation}
	good(t, s.verify(s.bundle(wco)))
}
