package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// hostile is a text that clears a terminal, writes a verdict of its own, hides what follows, and turns the line around.
const hostile = "per_x\x1b[2J\nGOOD: 48 entries of demo\x1b[8m\u202e\u009b8m\x00"

func commands(s string) bool {
	return strings.ContainsFunc(s,
		func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Cf, r) })
}

// Anybody can make a bundle, and without the log's key: nothing that it says may move the cursor of whoever verifies
// it.
func TestNothingOfABundleCommandsATerminal(t *testing.T) {
	s := newStory(t)
	s.configure(s.configured())
	s.bare = true
	s.tell(both, nil, ledger.Body{Kind: hostile, Organisation: hostile, Document: hostile})
	s.tell(both, nil, ledger.Body{
		Kind:          ledger.KindReading,
		Organisation:  hostile,
		Issuer:        hostile,
		Configuration: hostile,
		Rules:         hostile,
		Terms:         &ledger.Terms{Subject: hostile},
	})
	s.tell(both, map[string]string{"id-token": "x", "evidence-key": "{}"}, ledger.Body{
		Kind:         ledger.KindConsent,
		Organisation: wco,
		Issuer:       hostile,
		Document:     hostile,
		Request:      hostile,
		Terms: &ledger.Terms{
			Discloser:       wco,
			Recipient:       hostile,
			DocumentVersion: hostile,
			Purposes:        []string{hostile},
			Form:            hostile,
			Relies:          []string{hostile},
			Text:            hostile,
			Decision:        hostile,
			Evidence:        "oidc",
			EvidenceDigest:  hostile,
		},
	})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindConsent, Organisation: wco, Document: hostile, Request: hostile,
		Terms: &ledger.Terms{
			Discloser:       wco,
			Recipient:       hostile,
			DocumentVersion: hostile,
			Purposes:        []string{hostile},
			Form:            hostile,
			Relies:          []string{hostile},
			Text:            hostile,
			Decision:        hostile,
			Evidence:        hostile,
		}})
	s.bare = false
	s.exporter = hostile
	c := s.permit(unoct, "per_reader", hostile)
	c.Disclosure.ID, c.Disclosure.Version, c.Disclosure.Marking, c.Disclosure.Phase, c.Disclosure.Purpose = hostile,
		hostile, hostile, hostile, hostile
	s.tell(both, nil, c)
	for _, keys := range [][]note.Verifier{nil, {s.key}} {
		r, err := ledger.Verify(bundleOf(s.bundle(wco)),
			ledger.Options{Keys: keys, Receipts: map[string][]byte{hostile: []byte("{}")}})
		must(t, err)
		said, err := json.Marshal(r)
		must(t, err)
		var all any
		must(t, json.Unmarshal(said, &all))
		if text := fmt.Sprint(all); commands(text) {
			t.Errorf("%q", text)
		}
		if r.Good || !strings.Contains(fmt.Sprint(all), `\u001b`) {
			t.Errorf("the hostile words are not even shown: %v", all)
		}
	}
	if got := ledger.Plain("Élan vital 7 §"); got != "Élan vital 7 §" {
		t.Errorf("%q", got)
	}
}

// counting is a disk that says how much was read of it.
type counting struct {
	io.ReaderAt
	read int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.read += int64(n)
	return n, err
}

// bombs are archives that claim much and hold nothing.
func bombs(t *testing.T, s *story) map[string][]byte {
	t.Helper()
	head := []byte(`{"v":1,"origin":"chancery.example/story","party":"org_wco","parties":["org_unoct","org_wco"],"` +
		`filter":{}}`)
	parts := func(earlier []byte, chunks ...[]byte) []byte {
		m := []member{{"head", head}, {"checkpoint", s.checkpoint(1, ledger.EmptyRoot())}, {"checkpoints", earlier},
			{"rotations", nil}, {"rules", nil}}
		for i, c := range chunks {
			m = append(m, member{fmt.Sprintf("log/%06d", i), c})
		}
		return archive(t, append(m, member{"manifest", manifestOf(t, s, "{}")})...)
	}
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: unoct, N: 1}}})
	must(t, err)
	closed := append(sized(leaf), 0)
	return map[string][]byte{
		"leaf data of 0 bytes": parts(nil, bytes.Repeat([]byte{0, 0, 0, 0, 0}, 2<<20/5)),
		"goes on behind the 1 entry of": parts(nil, bytes.Repeat(closed, 2<<20/len(closed)),
			bytes.Repeat(closed, 2<<20/len(closed))),
		"more than 2: more than there can": parts(bytes.Repeat(sized(make([]byte, 64)), 500_000)),
		"a note of 0 bytes":                parts(make([]byte, 32<<20)),
		"or of more than":                  parts(nil, make([]byte, 8<<20)),
	}
}

// What a bundle makes the verifier hold is bounded by the size that the log signed, not by what the bundle claims.
func TestABundleThatIsABombCostsNothing(t *testing.T) {
	s := newStory(t)
	for says, data := range bombs(t, s) {
		for _, keys := range [][]note.Verifier{nil, {s.key}} {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, err := ledger.Verify(bundleOf(data), ledger.Options{Keys: keys})
			must(t, err)
			runtime.ReadMemStats(&after)
			if used := int64(after.TotalAlloc-before.TotalAlloc) - 2*int64(len(data)); used > 96<<20 {
				t.Errorf("%q: %d MiB", says, used>>20)
			}
			wrong(t, r, ledger.CheckBundle, "", -2)
			if !strings.Contains(fmt.Sprint(r.Findings), says) {
				t.Errorf("found %v; want %q", r.Findings, says)
			}
		}
	}
}

// Of a bundle that is not signed by the log nothing large is read, and nothing of what it says is repeated.
func TestSignaturesAreCheckedBeforeAnythingLargeIsRead(t *testing.T) {
	s := newStory(t)
	s.whole()
	s.exporter = "per_stranger"
	for range 2000 {
		s.tell(both, nil, ledger.Body{Kind: ledger.KindReading, Organisation: wco,
			Reasons: []string{strings.Repeat("x", 500)}})
	}
	_, stranger := keys(t, s.signer.Name())
	manifests, _ := keys(t, s.signer.Name())
	data := s.bundle(wco)
	s.manifests = manifests
	for what, one := range map[string]struct {
		data []byte
		key  note.Verifier
	}{"the checkpoint": {data, stranger}, "the manifest": {s.export(wco), s.key}} {
		disk := &counting{ReaderAt: bytes.NewReader(one.data)}
		r, err := ledger.Verify(ledger.Bundle{R: disk, Size: int64(len(one.data))},
			ledger.Options{Keys: []note.Verifier{one.key}})
		must(t, err)
		wrong(t, r, ledger.CheckSignature, what+" is not signed by the key of the log", -1)
		if disk.read > 128<<10 || strings.Contains(fmt.Sprintf("%+v", r), "per_stranger") {
			t.Errorf("%s: %d of %d bytes were read; %+v", what, disk.read, len(one.data), r)
		}
	}
}

// However a bundle is made, the verifier ends with a report, and without the log's key never with a good one.
func FuzzWhateverABundleSays(f *testing.F) {
	s := newStory(f)
	s.whole()
	f.Add(s.bundle(wco))
	f.Add([]byte{})
	key := []note.Verifier{s.key}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ledger.Verify(bundleOf(data), ledger.Options{Keys: key})
		must(t, err)
		unanchored, err := ledger.Verify(bundleOf(data), ledger.Options{})
		must(t, err)
		if unanchored.Good || commands(strings.ReplaceAll(fmt.Sprintf("%+v", unanchored), "\n", "")) {
			t.Errorf("%+v", unanchored)
		}
		if r.Bad > 0 && r.Good {
			t.Errorf("%+v", r)
		}
	})
}

// Whatever an entry says, its row answers; and what fits is encoded.
func FuzzFits(f *testing.F) {
	s := newStory(f)
	s.whole()
	for _, e := range s.entries {
		f.Add(e.raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := ledger.Decode(raw)
		if err != nil {
			return
		}
		if ledger.Fits(&b, both) == nil {
			if _, err := ledger.Encode(b); err != nil {
				t.Error(err)
			}
		}
	})
}

// The verifier is read in an hour: no function of this package is longer than 40 lines or has more than 12 ways through
// it, literals within functions counted each by itself.
func TestNoFunctionOfTheVerifierIsLongOrWinding(t *testing.T) {
	files, err := filepath.Glob("*.go")
	must(t, err)
	functions := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		must(t, err)
		ast.Inspect(parsed, func(f ast.Node) bool {
			name := "a literal"
			switch f := f.(type) {
			case *ast.FuncDecl:
				name = f.Name.Name
			case *ast.FuncLit:
			default:
				return true
			}
			functions++
			from := set.Position(f.Pos())
			if n := set.Position(f.End()).Line - from.Line + 1; n > 40 {
				t.Errorf("%s: %s has %d lines", from, name, n)
			}
			if n := ways(f); n > 12 {
				t.Errorf("%s: %s has %d ways", from, name, n)
			}
			return true
		})
	}
	if functions < 300 {
		t.Errorf("looked at %d functions", functions)
	}
}

// ways is the cyclomatic number: one, and one for each place where the way parts.
func ways(f ast.Node) int {
	n := 1
	ast.Inspect(f, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			if node != f {
				return false // counted by itself
			}
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.CommClause:
			n++
		case *ast.CaseClause:
			if node.List != nil {
				n++
			}
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}

// A key of the log that was replaced is at its end: whoever stole it signs no bundle, no checkpoint, and no second
// successor.
func TestAKeyThatWasReplacedSignsNothingMore(t *testing.T) {
	s := newStory(t)
	old, oldKey := s.signer, s.key
	s.whole()
	_, roots, _ := s.tree()
	late := s.checkpoint(6, roots[6])
	rotate := func() (note.Signer, note.Verifier, []byte) {
		private, public, err := ledger.GenerateKey(old.Name())
		must(t, err)
		signer, err := note.NewSigner(private)
		must(t, err)
		key, err := note.NewVerifier(public)
		must(t, err)
		return signer, key, signedNote(t, old, "chancery log key rotation v1\nold\n"+public+"\n")
	}
	newSigner, newKey, rotation := rotate()
	thief, thiefs, second := rotate()
	with := func(signer, manifests note.Signer, rotations [][]byte, earlier [][]byte,
		keys ...note.Verifier) ledger.Report {
		s.signer, s.manifests, s.rotations, s.earlier = signer, manifests, rotations, earlier
		r, err := ledger.Verify(bundleOf(s.bundle(wco)), ledger.Options{Keys: keys})
		must(t, err)
		return r
	}
	r := with(newSigner, nil, [][]byte{rotation}, nil, oldKey)
	good(t, r)
	if len(r.NotProvable) == 0 || !strings.Contains(fmt.Sprint(r.NotProvable), "get the newest from its owner") {
		t.Errorf("not provable: %v; want that another key signed", r.NotProvable)
	}
	good(t, with(newSigner, nil, [][]byte{rotation}, nil, newKey, oldKey))
	wrong(t, with(old, nil, [][]byte{rotation}, nil, oldKey), ledger.CheckSignature, "by a key that had been replaced",
		-1)
	wrong(t, with(newSigner, old, [][]byte{rotation}, nil, oldKey), ledger.CheckSignature,
		"by a key that had been replaced", -1)
	wrong(t, with(thief, nil, [][]byte{rotation, second}, nil, oldKey), ledger.CheckSignature,
		"named a second successor", -1)
	wrong(t, with(thief, nil, [][]byte{second, rotation}, nil, oldKey, newKey, thiefs), ledger.CheckSignature,
		"named a second successor", -1)
	s.signer = newSigner
	_, roots, _ = s.tree()
	early := s.checkpoint(5, roots[5])
	wrong(t, with(newSigner, nil, [][]byte{rotation}, [][]byte{early, late}, oldKey), ledger.CheckCheckpoints,
		"is signed by a key that had been replaced", 5)
	cosigned, err := note.Sign(&note.Note{Text: string(ledger.ManifestText([]byte("{}")))}, newSigner, thief)
	must(t, err)
	m := archive(t, member{"head", nil}, member{"checkpoint", early}, member{"checkpoints", nil},
		member{"rotations", nil}, member{"manifest", cosigned})
	r, err = ledger.Verify(bundleOf(m), ledger.Options{Keys: []note.Verifier{newKey}})
	must(t, err)
	wrong(t, r, ledger.CheckSignature, "another signature", -1)
	foreign := signedNote(t, newSigner, "no rotation\n")
	s.rotations = [][]byte{foreign}
	r, err = ledger.Verify(bundleOf(s.export(wco)), ledger.Options{Keys: []note.Verifier{newKey}})
	must(t, err)
	if r.First != nil && r.First.Check == ledger.CheckSignature {
		t.Errorf("a note that is no rotation: %v", r.First)
	}
}
