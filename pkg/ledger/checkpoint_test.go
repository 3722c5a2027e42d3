package ledger_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

func TestACheckpointIsThatOfC2SP(t *testing.T) {
	signer, verifier := keys(t, origin)
	root := ledger.BodyHash([]byte("root"))
	signed, err := ledger.Sign(20852163, root, signer)
	must(t, err)
	text := origin + "\n20852163\n" + base64.StdEncoding.EncodeToString(root[:]) + "\n\n— " + origin + " "
	if !strings.HasPrefix(string(signed), text) {
		t.Errorf("got %q", signed)
	}
	again, err := ledger.Sign(20852163, root, signer)
	must(t, err)
	if string(again) != string(signed) {
		t.Error("the same head was signed with other bytes")
	}
	c, err := ledger.OpenCheckpoint(signed, verifier)
	must(t, err)
	if !c.Valid() || c.Origin() != origin || c.Size() != 20852163 || c.Root() != root ||
		string(c.Signed()) != string(signed) {
		t.Errorf("got %+v", c)
	}
}

func TestACheckpointIsOpenedWithTheLogsKeyOnly(t *testing.T) {
	signer, verifier := keys(t, origin)
	_, otherVerifier := keys(t, origin)
	witness, _ := keys(t, "witness.example")
	stranger, strangerVerifier := keys(t, "stranger.example")
	good, err := ledger.Sign(3, grown(3).root(), signer)
	must(t, err)
	text, _, _ := strings.Cut(string(good), "\n\n")

	_, err = ledger.OpenCheckpoint(good, otherVerifier)
	refused(t, err, "no verifiable signatures")
	_, err = ledger.OpenCheckpoint([]byte(strings.Replace(string(good), "\n3\n", "\n4\n", 1)), verifier)
	refused(t, err, "invalid signature")
	_, err = ledger.OpenCheckpoint(good, nil)
	refused(t, err, "no key")
	_, err = ledger.OpenCheckpoint(make([]byte, 1<<15+1), verifier)
	refused(t, err, "more than")

	// Another log's key signs our origin: it is no checkpoint of ours.
	foreign, err := note.Sign(&note.Note{Text: text + "\n"}, stranger)
	must(t, err)
	_, err = ledger.OpenCheckpoint(foreign, strangerVerifier)
	refused(t, err, `of the log "`+origin)

	// A cosignature beside the log's own is passed over.
	n, err := note.Open(good, note.VerifierList(verifier))
	must(t, err)
	cosigned, err := note.Sign(n, witness)
	must(t, err)
	c, err := ledger.OpenCheckpoint(cosigned, verifier)
	must(t, err)
	if c.Size() != 3 {
		t.Errorf("size %d", c.Size())
	}
}

// A checkpoint may bear the cosignatures of several witnesses, of post-quantum keys too: up to 32 KiB of them.
func TestACheckpointHasRoomForItsWitnesses(t *testing.T) {
	signer, verifier := keys(t, origin)
	signed, err := ledger.Sign(3, grown(3).root(), signer)
	must(t, err)
	const line = "\u2014 witness.example "
	for size, fits := range map[int]bool{16385: true, 32768: true, 32769: false} {
		note := string(signed)
		for len(note) < size {
			// one of ML-DSA-44 is of 2,420 bytes; a line of base64 has a multiple of four
			left := min(size-len(note)-len(line)-1, 3232)
			if rest := size - len(note) - len(line) - 1 - left; 0 < rest && rest < 200 {
				left -= 200
			}
			name := strings.Repeat("x", left%4)
			note += strings.TrimSuffix(line, " ") + name + " " + strings.Repeat("AAAA", left/4) + "\n"
		}
		if len(note) != size {
			t.Fatalf("%d bytes, not %d", len(note), size)
		}
		if _, err := ledger.OpenCheckpoint([]byte(note), verifier); (err == nil) != fits {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestACheckpointIsReadInOneSpelling(t *testing.T) {
	signer, verifier := keys(t, origin)
	root := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, c := range []struct{ about, text string }{
		{"three lines", origin + "\n1\n"},
		{"an empty line", origin + "\n1\n" + root + "\n\nextension\n"},
		{"size", origin + "\n01\n" + root + "\n"},
		{"size", origin + "\n-1\n" + root + "\n"},
		{"size", origin + "\n+1\n" + root + "\n"},
		{"size", origin + "\n9223372036854775808\n" + root + "\n"},
		{"size", origin + "\n4503599627370497\n" + root + "\n"},
		{"hash", origin + "\n1\n" + root[:43] + "\n"},
		{"hash", origin + "\n1\n" + base64.StdEncoding.EncodeToString(make([]byte, 31)) + "\n"},
		{"hash", origin + "\n1\n" + root[:42] + "B=\n"},
		{`of the log "other`, "other\n1\n" + root + "\n"},
	} {
		signed, err := note.Sign(&note.Note{Text: c.text}, signer)
		must(t, err)
		_, err = ledger.OpenCheckpoint(signed, verifier)
		refused(t, err, c.about)
	}
	signed, err := note.Sign(&note.Note{Text: origin + "\n0\n" + root + "\nan extension line\n"}, signer)
	must(t, err)
	_, err = ledger.OpenCheckpoint(signed, verifier)
	must(t, err)
}

func TestAKeyHasAName(t *testing.T) {
	_, _, err := ledger.GenerateKey("two words")
	refused(t, err, "log key")
}

func TestNoTreeOfImpossibleSizeIsSigned(t *testing.T) {
	signer, _ := keys(t, origin)
	for _, size := range []int64{-1, 1<<52 + 1} {
		_, err := ledger.Sign(size, ledger.Hash{}, signer)
		refused(t, err, "size")
	}
	_, err := ledger.Sign(1, ledger.Hash{}, unwilling{signer})
	refused(t, err, "the module is locked")
}

// unwilling is a signing key that fails.
type unwilling struct{ note.Signer }

func (unwilling) Sign([]byte) ([]byte, error) { return nil, errors.New("the module is locked") }

func TestEachTreeExtendsEachEarlierOne(t *testing.T) {
	signer, verifier := keys(t, origin)
	const most = 20
	var checkpoints []ledger.Checkpoint
	for n := range most + 1 {
		checkpoints = append(checkpoints, checkpoint(t, grown(n), signer, verifier))
	}
	for n, newer := range checkpoints {
		for m, older := range checkpoints[:n+1] {
			var proof tlog.TreeProof
			if 0 < m && m < n {
				proof = consistency(m, grown(n), true)
			}
			if err := newer.Extends(older, proof); err != nil {
				t.Errorf("%d extends %d: %v", n, m, err)
			}
			if err := newer.Extends(older, append(proof, tlog.Hash{})); err == nil {
				t.Errorf("%d extends %d with a proof that is too long", n, m)
			}
			for i := range proof {
				spoilt := append(tlog.TreeProof(nil), proof...)
				spoilt[i][0] ^= 1
				if err := newer.Extends(older, spoilt); err == nil {
					t.Errorf("%d extends %d with hash %d spoilt", n, m, i)
				}
			}
		}
	}
}

func TestATreeThatForgetsDoesNotExtend(t *testing.T) {
	signer, verifier := keys(t, origin)
	other, otherVerifier := keys(t, "other.example/log")
	forked := grown(6)
	forked[2] = []byte("altered")
	c := checkpoint(t, grown(6), signer, verifier)
	for _, tc := range []struct {
		about string
		older ledger.Checkpoint
		proof tlog.TreeProof
	}{
		{"never opened", ledger.Checkpoint{}, nil},
		{"two logs", checkpoint(t, grown(3), other, otherVerifier), consistency(3, grown(6), true)},
		{"smaller", checkpoint(t, grown(7), signer, verifier), nil},
		{"forked", checkpoint(t, forked, signer, verifier), nil},
		{"does not extend", checkpoint(t, forked[:4], signer, verifier), consistency(4, forked, true)},
		{"does not extend", checkpoint(t, forked[:4], signer, verifier), consistency(4, grown(6), true)},
	} {
		refused(t, c.Extends(tc.older, tc.proof), tc.about)
	}
	refused(t, ledger.Checkpoint{}.Extends(c, nil), "never opened")

	signed, err := ledger.Sign(0, ledger.BodyHash([]byte("x")), signer)
	must(t, err)
	empty, err := ledger.OpenCheckpoint(signed, verifier)
	must(t, err)
	refused(t, c.Extends(empty, nil), "another root")
}

// FuzzOpenCheckpoint signs whatever text it is given: only one spelling of a checkpoint may be accepted, and none
// panics.
func FuzzOpenCheckpoint(f *testing.F) {
	signer, verifier := keys(f, origin)
	f.Add(origin+"\n0\n"+base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n", []byte("x"))
	f.Fuzz(func(t *testing.T, text string, raw []byte) {
		_, _ = ledger.OpenCheckpoint(raw, verifier)
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return
		}
		c, err := ledger.OpenCheckpoint(signed, verifier)
		if err != nil {
			return
		}
		root := c.Root()
		want := fmt.Sprintf("%s\n%d\n%s\n", c.Origin(), c.Size(), base64.StdEncoding.EncodeToString(root[:]))
		if !strings.HasPrefix(text, want) {
			t.Errorf("%q was read as %q", text, want)
		}
	})
}
