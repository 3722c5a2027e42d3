package backup

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// written writes a backup of so many deposits, each of a file of one byte, as its parts do.
func written(b *testing.B, n int) (dir string, key note.Verifier) {
	b.Helper()
	dir = filepath.Join(b.TempDir(), "backup")
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, "documents"), 0o700))
	root, err := os.OpenRoot(dir)
	must(err)
	defer root.Close()
	private, public, err := ledger.GenerateKey("wco.example.org/bench")
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	key, err = note.NewVerifier(public)
	must(err)
	var tree ledger.Frontier
	must(buffered(root, entriesName, func(w io.Writer) error {
		for i := range n {
			r := deposited(i, must)
			tree.Add(ledger.LeafHash(r.leaf))
			must(r.write(w))
		}
		return nil
	}))
	must(buffered(root, dumpName, func(io.Writer) error { return nil }))
	must(os.WriteFile(filepath.Join(dir, "documents", "one"), []byte{0}, 0o600))
	one, err := digest(root, "documents/one", nil)
	must(err)
	must(buffered(root, objectsName, func(w io.Writer) error {
		for i := range n {
			o := object{key: "documents/one", document: fmt.Sprintf("doc_%d", i), version: fmt.Sprintf("ver_%d", i),
				size: 1, sha256: one.SHA256}
			if _, err := io.WriteString(w, o.String()); err != nil {
				return err
			}
		}
		return nil
	}))
	checkpoint, err := ledger.Sign(int64(n), tree.Root(), signer)
	must(err)
	m := Manifest{Version: 1, Checkpoint: string(checkpoint), Entries: int64(n), Files: map[string]File{}}
	for _, name := range []string{dumpName, entriesName, objectsName} {
		m.Files[name], err = digest(root, name, nil)
		must(err)
	}
	signed, err := m.sign(signer)
	must(err)
	must(buffered(root, manifestName, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(signed))
		return err
	}))
	return dir, key
}

// deposited is the entry of the ith deposit.
func deposited(i int, must func(error)) record {
	body, err := ledger.Encode(ledger.Body{
		Version:  ledger.BodyVersion,
		Kind:     ledger.KindDeposit,
		ID:       fmt.Sprintf("ent_%d", i),
		At:       time.Now().UTC().Truncate(time.Microsecond),
		Outcome:  ledger.Permitted,
		Rules:    "sha256:bench",
		Build:    "bench",
		Document: fmt.Sprintf("doc_%d", i),
		Terms:    &ledger.Terms{Discloser: "org_wco", DocumentVersion: fmt.Sprintf("ver_%d", i)},
	})
	must(err)
	nonce := make([]byte, ledger.NonceSize)
	closed, err := ledger.Close(nonce, body)
	must(err)
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Closed: closed,
		Parties: []ledger.PartyNumber{{Party: "org_wco", N: int64(i + 1)}}})
	must(err)
	return record{leaf, nonce, body}
}

// Entries and versions a second, of files so small that only their number counts.
func BenchmarkVerify(b *testing.B) {
	const n = 200_000
	dir, key := written(b, n)
	b.ReportAllocs()
	for b.Loop() {
		found, err := Verify(dir, Options{Keys: []note.Verifier{key}})
		if err != nil || len(found.Findings) > 0 || found.Held != n {
			b.Fatalf("%v, %+v", err, found)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
