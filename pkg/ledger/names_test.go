package ledger_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

func TestNamesComeWithTheBundleAndProveNothing(t *testing.T) {
	s := newStory(t)
	s.names = []ledger.Named{{ID: "per_reader", Name: "Samuel\u202e Okoro"}}
	s.whole()
	data := s.bundle(wco)
	r := s.verify(data)
	good(t, r)
	if len(r.Names) != 1 || r.Names[0] != (ledger.Named{ID: "per_reader", Name: `Samuel\u202e Okoro`}) {
		t.Errorf("names: %+v", r.Names)
	}
	if r := s.verify(bytes.Replace(data, []byte("Okoro"), []byte("Nkoro"), 1)); r.Good {
		t.Error("a name was altered behind the manifest's back, and the bundle is good")
	}
}

func TestNamesAreBoundedAndTheirFaultsAreSaid(t *testing.T) {
	parts := ledger.BundleParts{Head: ledger.BundleHead{Origin: "chancery.example/story", Party: wco}}
	var many []ledger.Named
	for range 3000 {
		many = append(many, ledger.Named{ID: "per_x", Name: strings.Repeat("n", 1000)})
	}
	var out bytes.Buffer
	w, err := ledger.NewBundleWriter(&out, parts)
	must(t, err)
	must(t, w.Names(many))
	if out.Len() > 3<<20 {
		t.Errorf("%d bytes of names", out.Len())
	}
	w, err = ledger.NewBundleWriter(io.Discard, parts)
	must(t, err)
	refused(t, w.Names([]ledger.Named{{ID: "per_x", Name: "\xff"}}), "UTF-8")

	var head bytes.Buffer
	_, err = ledger.NewBundleWriter(&head, parts)
	must(t, err)
	w, err = ledger.NewBundleWriter(&short{left: head.Len() + 1}, parts)
	must(t, err)
	refused(t, w.Names(many[:1]), "names: ")
	w, err = ledger.NewBundleWriter(&short{left: head.Len() + 1}, parts)
	must(t, err)
	must(t, w.Add(ledger.Record{Leaf: log(t, body("ent_1"), 1).leaf}))
	refused(t, w.Names(many[:1]), "bundle: ")
}

func TestWhoeverVerifiesMayBeToldOfEachEntryAndOfEachFinding(t *testing.T) {
	s := newStory(t)
	s.whole()
	s.tell([]string{unoct}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: unoct})
	opened := 0
	data := s.bundle(wco, func(_ int, r *ledger.Record) {
		if r.Opened {
			opened++
		}
	})
	var told []string
	options := ledger.Options{Keys: []note.Verifier{s.key}, Each: func(e ledger.Shown) {
		told = append(told, e.Body.ID)
		if len(e.Opens) == 0 || e.Name == (ledger.Hash{}) || e.Leaf == (ledger.Hash{}) {
			t.Errorf("index %d: %+v", e.Index, e)
		}
	}}
	r, err := ledger.Verify(bundleOf(data), options)
	must(t, err)
	good(t, r)
	if opened == 0 || len(told) != opened {
		t.Errorf("%d entries told; want the %d that are opened", len(told), opened)
	}
	found := 0
	options.Found = func(ledger.Finding) { found++ }
	r, err = ledger.Verify(bundleOf(s.bundle(wco, func(index int, r *ledger.Record) {
		if r.Opened {
			r.Nonce = bytes.Repeat([]byte{1}, 32)
		}
	})), options)
	must(t, err)
	if found == 0 || found != r.Bad {
		t.Errorf("%d findings told; want %d", found, r.Bad)
	}
}

func TestTheSizeThatACheckpointClaimsIsRead(t *testing.T) {
	s := newStory(t)
	if n, err := ledger.ClaimedSize(s.checkpoint(7, ledger.EmptyRoot())); err != nil || n != 7 {
		t.Errorf("%d, %v; want 7", n, err)
	}
	if _, err := ledger.ClaimedSize([]byte("nothing")); err == nil {
		t.Error("what is no checkpoint has a size")
	}
}
