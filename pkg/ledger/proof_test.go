package ledger_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

func TestAKeptProofProvesTheEntryWithoutTheServer(t *testing.T) {
	signer, verifier := keys(t, origin)
	_, stranger := keys(t, origin)
	leaves := grown(5)
	c := checkpoint(t, leaves, signer, verifier)
	kept := ledger.Proof{Index: 2, Hashes: inclusion(2, leaves), Checkpoint: c.Signed()}
	p, err := ledger.ParseProof(kept.Bytes())
	must(t, err)
	if diff := cmp.Diff(kept, p); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	got, err := p.Verify(ledger.LeafHash(leaves[2]), verifier)
	must(t, err)
	if got.Root() != c.Root() {
		t.Errorf("root %s", got.Root())
	}
	_, err = p.Verify(ledger.LeafHash(leaves[3]), verifier)
	refused(t, err, "inclusion proof for index 2")
	_, err = p.Verify(ledger.LeafHash(leaves[2]), stranger)
	refused(t, err, "checkpoint")
	p.Index = 5
	_, err = p.Verify(ledger.LeafHash(leaves[2]), verifier)
	refused(t, err, "outside the tree")
}

// The text is that of c2sp.org/tlog-proof, line by line.
func TestTheTextOfAProof(t *testing.T) {
	p := ledger.Proof{Index: 73894, Hashes: tlog.RecordProof{{1}, {2}}, Checkpoint: []byte("note\n")}
	hash := func(b byte) string { return base64.StdEncoding.EncodeToString(append([]byte{b}, make([]byte, 31)...)) }
	want := "c2sp.org/tlog-proof@v1\nindex 73894\n" + hash(1) + "\n" + hash(2) + "\n\nnote\n"
	if got := string(p.Bytes()); got != want {
		t.Errorf("got %q", got)
	}
	single := ledger.Proof{Checkpoint: []byte("note\n")}
	got, err := ledger.ParseProof(single.Bytes())
	must(t, err)
	if diff := cmp.Diff(single, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestABrokenProofIsRefused(t *testing.T) {
	const header = "c2sp.org/tlog-proof@v1\n"
	hash := base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"
	for about, text := range map[string]string{
		"no header":          "",
		"no header and":      header + "extra AAAA\nindex 0\n\nnote\n",
		"no header and inde": "c2sp.org/tlog-proof@v2\nindex 0\n\nnote\n",
		"no checkpoint":      header + "index 0\n" + hash,
		`index "00"`:         header + "index 00\n\nnote\n",
		`index "-1"`:         header + "index -1\n\nnote\n",
		`index ""`:           header + "index \n\nnote\n",
		"hash":               header + "index 0\nAAAA\n\nnote\n",
		"53 hashes":          header + "index 0\n" + strings.Repeat(hash, 53) + "\nnote\n",
		"more than 32768":    header + strings.Repeat("x", 40000),
	} {
		_, err := ledger.ParseProof([]byte(text))
		refused(t, err, about)
	}
}

func FuzzParseProof(f *testing.F) {
	f.Add(ledger.Proof{Index: 3, Hashes: tlog.RecordProof{{1}, {2}}, Checkpoint: []byte("note\n")}.Bytes())
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ledger.ParseProof(text)
		if err == nil && string(p.Bytes()) != string(text) {
			t.Errorf("%q is written %q", text, p.Bytes())
		}
	})
}
