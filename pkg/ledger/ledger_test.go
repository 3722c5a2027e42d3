package ledger_test

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

const origin = "chancery.example/wco-unoct"

var at = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// refused checks that an error came and names what it should.
func refused(tb testing.TB, err error, about string) {
	tb.Helper()
	if err == nil {
		tb.Fatalf("accepted; want an error about %q", about)
	}
	if !strings.Contains(err.Error(), about) {
		tb.Fatalf("error %q; want one about %q", err, about)
	}
}

// keys makes the key pair of a log.
func keys(tb testing.TB, name string) (note.Signer, note.Verifier) {
	tb.Helper()
	private, public, err := ledger.GenerateKey(name)
	must(tb, err)
	signer, err := note.NewSigner(private)
	must(tb, err)
	verifier, err := note.NewVerifier(public)
	must(tb, err)
	return signer, verifier
}

func body(id string) ledger.Body {
	return ledger.Body{
		Version:      1,
		Kind:         ledger.KindDisclosure,
		ID:           id,
		At:           at,
		Actor:        "per_x",
		Organisation: "org_unoct",
		Outcome:      ledger.Permitted,
		Rules:        "sha256:00",
		Build:        "v1",
	}
}

// logged is one entry with everything that opens it.
type logged struct {
	leaf  []byte
	body  []byte
	nonce []byte
}

func log(tb testing.TB, b ledger.Body, n int64) logged {
	tb.Helper()
	data, err := ledger.Encode(b)
	must(tb, err)
	nonce, err := ledger.NewNonce()
	must(tb, err)
	closed, err := ledger.Close(nonce, data)
	must(tb, err)
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "org_unoct", N: n},
		{Party: "org_wco", N: n}}, Closed: closed})
	must(tb, err)
	return logged{leaf, data, nonce}
}

// tree is an RFC 6962 tree written down as the RFC says it, as a second opinion to the library.
type tree [][]byte

func (t tree) root() ledger.Hash { return subtree(t) }

func subtree(leaves [][]byte) ledger.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := split(len(leaves))
	left, right := subtree(leaves[:k]), subtree(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

// inclusion is RFC 6962 2.1.1.
func inclusion(m int, leaves [][]byte) tlog.RecordProof {
	if len(leaves) == 1 {
		return tlog.RecordProof{}
	}
	k := split(len(leaves))
	if m < k {
		return append(inclusion(m, leaves[:k]), tlog.Hash(subtree(leaves[k:])))
	}
	return append(inclusion(m-k, leaves[k:]), tlog.Hash(subtree(leaves[:k])))
}

// consistency is RFC 6962 2.1.2.
func consistency(m int, leaves [][]byte, whole bool) tlog.TreeProof {
	if m == len(leaves) {
		if whole {
			return nil
		}
		return tlog.TreeProof{tlog.Hash(subtree(leaves))}
	}
	k := split(len(leaves))
	if m <= k {
		return append(consistency(m, leaves[:k], whole), tlog.Hash(subtree(leaves[k:])))
	}
	return append(consistency(m-k, leaves[k:], false), tlog.Hash(subtree(leaves[:k])))
}

func checkpoint(tb testing.TB, t tree, signer note.Signer, verifier note.Verifier) ledger.Checkpoint {
	tb.Helper()
	signed, err := ledger.Sign(int64(len(t)), t.root(), signer)
	must(tb, err)
	c, err := ledger.OpenCheckpoint(signed, verifier)
	must(tb, err)
	return c
}

func grown(n int) tree {
	t := make(tree, n)
	for i := range t {
		t[i] = fmt.Appendf(nil, "leaf %d", i)
	}
	return t
}

// brokenChance makes the system's randomness fail for one test.
func brokenChance(t *testing.T) {
	t.Helper()
	before := rand.Reader
	rand.Reader = strings.NewReader("")
	t.Cleanup(func() { rand.Reader = before })
}
