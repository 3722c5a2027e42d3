package ledger_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// member is one part of an archive that claims to be a bundle.
type member struct {
	name string
	data []byte
}

func archive(t testing.TB, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		must(t, w.WriteHeader(&tar.Header{Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: m.name,
			Size: int64(len(m.data)), Mode: 0o644}))
		_, err := w.Write(m.data)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

func sized(data []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...)
}

func TestWhatIsNoBundleIsSaidToBeNone(t *testing.T) {
	s := newStory(t)
	head := []byte(`{"v":1,"origin":"chancery.example/story","party":"org_wco","parties":["org_unoct","org_wco"],"` +
		`filter":{}}`)
	parts := func(chunks ...[]byte) []byte {
		m := []member{{"head", head}, {"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, {"checkpoints", nil},
			{"rotations", nil}, {"rules", nil}}
		for i, c := range chunks {
			m = append(m, member{"log/00000" + string(rune('0'+i)), c})
		}
		return archive(t, m...)
	}
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: wco, N: 1}}})
	must(t, err)
	opened := append(append(sized(leaf), 1), make([]byte, 32)...)
	for says, data := range map[string][]byte{
		"ends without a manifest":    {},
		"wanted":                     archive(t, member{"checkpoint", nil}),
		"not the header of a bundle": bytes.Replace(parts(), []byte("0000644"), []byte("0000600"), 1),
		"checkpoints: ": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", []byte{1}},
			member{"rotations", nil}, member{"rules", nil}),
		"rotations: ": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", []byte{0xff, 0, 0, 0}}, member{"rules", nil}),
		"head: ": archive(t, member{"head", append(head, ' ')},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}),
		"where \"rules\" is wanted": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rule", nil}),
		"another version": archive(t,
			member{"head", bytes.Replace(head, []byte(`"v":1`), []byte(`"v":2`), 1)},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}),
		"where chunk 0 or the manif": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"log/000001", []byte("x")}),
		"leaf data: ":               parts([]byte{0, 0, 0, 9, 1}),
		"neither opened nor closed": parts(append(sized(leaf), 7)),
		"nonce: ":                   parts(append(sized(leaf), 1)),
		"body: ":                    parts(append(opened, 0, 0, 0, 9)),
		"number of details":         parts(append(append(bytes.Clone(opened), sized([]byte("{}"))...), 0, 1, 0, 0)),
		"detail: ":                  parts(append(append(bytes.Clone(opened), sized([]byte("{}"))...), 0, 0, 0, 1)),
		"detail: unexpected": parts(append(append(append(bytes.Clone(opened), sized([]byte("{}"))...), 0, 0, 0,
			1), sized([]byte("title"))...)),
		"does not end behind": bytes.TrimSuffix(archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"manifest", []byte("x")}), make([]byte, 512)),
		"no note of a manifest": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"manifest", []byte("x")}),
		"names: not in canonical": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"names", []byte("[] ")}),
		"names: more than": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"names", make([]byte, 2<<20+1)}),
		"earlier-rules: a text of no": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"earlier-rules", []byte{0, 0, 0, 9, 'x'}}),
		"stands behind the names": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil}, member{"names", []byte("[]")},
			member{"names", []byte("[]")}),
		"manifest: ": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil},
			member{"manifest", []byte("chancery bundle manifest v1\n{}x\n\n")}),
		"the manifest is of other by": archive(t, member{"head", head},
			member{"checkpoint", s.checkpoint(0, ledger.EmptyRoot())}, member{"checkpoints", nil},
			member{"rotations", nil}, member{"rules", nil},
			member{"manifest", manifestOf(t, s,
				`{"v":1,"exporter":"","of":"","at":"2027-01-01T00:00:00Z","build":"","entry":"","index":0,"filter":{}`+
					`,"first":0,"size":0,"own":0,"matching":0,"kinds":{},"sha256":""}`)}),
	} {
		r, err := ledger.Verify(bundleOf(data), ledger.Options{}) // with a key, its signature is asked first
		must(t, err)
		found := r.Bad > 0
		for _, f := range r.Findings {
			if strings.Contains(f.Why, says) {
				found = true
				break
			}
			found = false
		}
		if r.Good || !found {
			t.Errorf("%q: %v", says, r.Findings)
		}
	}
}

func manifestOf(t testing.TB, s *story, text string) []byte {
	t.Helper()
	signed, err := ledger.SignManifest(ledger.ManifestText([]byte(text)), s.signer)
	must(t, err)
	return signed
}

func TestOnlyManifestsAreSigned(t *testing.T) {
	signer, _ := keys(t, origin)
	_, err := ledger.SignManifest(origin+"\n5\n", signer)
	refused(t, err, "no manifest")
	_, err = ledger.SignManifest("chancery bundle manifest v1\nno newline", signer)
	refused(t, err, "sign the manifest")
}

// short fails after some bytes.
type short struct {
	left  int
	total int
	wrote *counted
}

// counted is how many bytes there are after each write.
type counted []int

var errFull = errors.New("full")

func (s *short) Write(p []byte) (int, error) {
	if len(p) > s.left {
		return 0, errFull
	}
	s.left -= len(p)
	if s.total += len(p); s.wrote != nil && len(p) > 0 {
		*s.wrote = append(*s.wrote, s.total)
	}
	return len(p), nil
}

func TestADiskThatIsFullIsSaidWhereverItHappens(t *testing.T) {
	s := newStory(t)
	s.whole()
	leaves, roots, _ := s.tree()
	write := func(w *short) error {
		b, err := ledger.NewBundleWriter(w,
			ledger.BundleParts{Checkpoint: s.checkpoint(len(leaves), roots[len(leaves)])})
		if err != nil {
			return err
		}
		big := ledger.Record{Leaf: leaves[0], Opened: true, Nonce: s.entries[0].nonce, Body: s.entries[0].raw,
			Details: []ledger.Detail{{Field: "x", Salt: make([]byte, 16), Value: strings.Repeat("v", 1<<20)}}}
		for range 2 { // each of them is a chunk
			if err := b.Add(big); err != nil {
				return err
			}
		}
		if err := b.Add(ledger.Record{Leaf: leaves[0]}); err != nil {
			return err
		}
		return b.Close(ledger.Manifest{},
			func(text string) ([]byte, error) { return ledger.SignManifest(text, s.signer) })
	}
	var sizes counted
	must(t, write(&short{left: 8 << 20, wrote: &sizes}))
	for _, size := range sizes {
		if err := write(&short{left: size - 1}); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", size-1, err)
		}
	}
}

func TestWhatDoesNotBelongIntoABundleIsNotWritten(t *testing.T) {
	s := newStory(t)
	s.whole()
	e := s.entries[1]
	b, err := ledger.NewBundleWriter(&bytes.Buffer{}, ledger.BundleParts{})
	must(t, err)
	for about, r := range map[string]ledger.Record{
		"too large":        {Leaf: make([]byte, 5000)},
		"nonce of 3 bytes": {Opened: true, Nonce: []byte("abc"), Body: e.raw},
		"decode entry":     {Opened: true, Nonce: e.nonce, Body: []byte("{}")},
		"detail":           {Opened: true, Nonce: e.nonce, Body: e.raw, Details: []ledger.Detail{{Field: "x"}}},
	} {
		refused(t, b.Add(r), about)
	}
	_, err = ledger.NewBundleWriter(&bytes.Buffer{}, ledger.BundleParts{Head: ledger.BundleHead{Origin: "\xff"}})
	refused(t, err, "head")
	refused(t, b.Close(ledger.Manifest{Build: "\xff"}, nil), "manifest")
	refused(t, b.Close(ledger.Manifest{}, func(string) ([]byte, error) { return nil, errFull }), "full")
}

// broken is a disk that cannot be read.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errFull }

func TestADiskThatCannotBeReadIsAnErrorAndNoVerdict(t *testing.T) {
	s := newStory(t)
	if _, err := ledger.Verify(ledger.Bundle{R: broken{}, Size: 10},
		ledger.Options{Keys: []note.Verifier{s.key}}); !errors.Is(err, errFull) {
		t.Errorf("%v; want the disk's error", err)
	}
}

// tired is a disk that fails behind some bytes.
type tired struct {
	data []byte
	good int64
}

func (d tired) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > d.good {
		return 0, errFull
	}
	return copy(p, d.data[off:]), nil
}

func TestADiskThatFailsOnTheWayIsAnErrorAndNoVerdict(t *testing.T) {
	s := newStory(t)
	s.whole()
	data := s.bundle(wco)
	r, err := ledger.Verify(ledger.Bundle{R: tired{data, int64(len(data)) - 2000}, Size: int64(len(data))},
		ledger.Options{Keys: []note.Verifier{s.key}})
	if !errors.Is(err, errFull) || r.Good {
		t.Errorf("%v, good %t; want the disk's error", err, r.Good)
	}
}

func TestAManifestByAnotherKeyIsFound(t *testing.T) {
	s := newStory(t)
	s.whole()
	s.manifests, _ = keys(t, s.signer.Name())
	wrong(t, s.verify(s.bundle(wco)), ledger.CheckSignature, "the manifest is not signed by the key of the log", -1)
}

// FuzzVerify: whatever lies on the disk, the verifier answers, and only what the log's key signed is good.
func FuzzVerify(f *testing.F) {
	s := newStory(f)
	s.whole()
	data := s.bundle(wco)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, fuzzed []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := ledger.Verify(bundleOf(fuzzed), ledger.Options{Keys: []note.Verifier{s.key}})
		must(t, err)
		if r.Good && !bytes.Equal(fuzzed, data) {
			t.Fatal("another bundle is good")
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20+200*uint64(len(fuzzed)) {
			t.Fatalf("%d bytes of memory for a bundle of %d", used, len(fuzzed))
		}
		if _, err := ledger.Verify(bundleOf(fuzzed), ledger.Options{}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzChunk: whatever stands in the chunk of a bundle, behind a manifest that the log's key signed, the verifier
// answers, and never that it is good: the manifest says nothing of the kinds in it.
func FuzzChunk(f *testing.F) {
	s := newStory(f)
	s.whole()
	good := s.bundle(wco)
	at := bytes.Index(good, []byte("log/000000"))
	size, err := strconv.ParseInt(string(good[at+124:at+135]), 8, 64)
	must(f, err)
	chunk := good[at+512 : at+512+int(size)]
	f.Add(chunk)
	f.Add(chunk[:len(chunk)/2])
	leaves, roots, _ := s.tree()
	head := []byte(`{"v":1,"origin":"chancery.example/story","party":"org_wco","parties":["org_wco","org_unoct"],"` +
		`filter":{}}`)
	checkpoint := s.checkpoint(len(leaves), roots[len(leaves)])
	last := s.entries[len(s.entries)-1].body
	f.Fuzz(func(t *testing.T, fuzzed []byte) {
		members := []member{{"head", head}, {"checkpoint", checkpoint}, {"checkpoints", nil}, {"rotations", nil},
			{"rules", []byte(theRules)}, {"log/000000", fuzzed}}
		before := bytes.TrimSuffix(archive(t, members...), make([]byte, 1024))
		sum := sha256.Sum256(before)
		manifest := fmt.Sprintf(`{"v":1,"exporter":"","of":"","at":"2027-01-01T00:00:00Z","build":"","entry":%q,"`+
			`index":%d,"filter":{},"first":0,"size":%d,"own":%d,"matching":%d,"kinds":%s,"sha256":"%x"}`,
			last.ID, len(leaves)-1, len(leaves), 18, 18, `{}`, sum)
		r, err := ledger.Verify(bundleOf(archive(t,
			append(members, member{"manifest", manifestOf(t, s, manifest)})...)),
			ledger.Options{Keys: []note.Verifier{s.key}})
		must(t, err)
		if r.Good {
			t.Fatal("it is good")
		}
	})
}

// FuzzReadReceipt: only the one file is the receipt.
func FuzzReadReceipt(f *testing.F) {
	s := newStory(f)
	s.whole()
	file := s.receipt(3, len(s.entries))
	f.Add(file)
	f.Fuzz(func(t *testing.T, fuzzed []byte) {
		kept, err := ledger.ReadReceipt(fuzzed)
		if err != nil {
			return
		}
		if _, err := kept.Verify(s.key); err == nil && !bytes.Equal(fuzzed, file) {
			t.Fatal("another receipt verifies")
		}
	})
}

// FuzzVerifyEvidence: no token but the signed one verifies.
func FuzzVerifyEvidence(f *testing.F) {
	s := newStory(f)
	token := s.token(s.issuer, "the text")
	f.Add(token, jwkOf(s.issuer))
	f.Fuzz(func(t *testing.T, fuzzed, jwk string) {
		if _, err := ledger.VerifyEvidence(fuzzed, []byte(jwk), issuer, digest("the text")); err == nil &&
			jwk == jwkOf(s.issuer) && fuzzed != token {
			t.Fatalf("%q verifies", fuzzed)
		}
	})
}

// FuzzRotation: what a rotation names is read without a panic, and followed only when signed.
func FuzzRotation(f *testing.F) {
	_, key := keys(f, origin)
	f.Add([]byte("chancery log key rotation v1\na\nb\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, fuzzed []byte) {
		_, _, _ = ledger.RotationKeys(fuzzed)
		if followed, err := ledger.Keys([]note.Verifier{key}, [][]byte{fuzzed}); err != nil || len(followed) != 1 {
			t.Fatal("a rotation that nobody signed was followed")
		}
	})
}
