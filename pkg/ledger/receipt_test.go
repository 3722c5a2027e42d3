package ledger_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

func TestAReceiptProvesItsEntryAtEachPlaceOfEachTree(t *testing.T) {
	signer, verifier := keys(t, origin)
	for size := 1; size <= 17; size++ {
		for index := range size {
			leaves := grown(size)
			e := log(t, full(), 1)
			leaves[index] = e.leaf
			c := checkpoint(t, leaves, signer, verifier)
			r, err := c.Receipt(e.leaf, e.body, e.nonce, int64(index), inclusion(index, leaves), at)
			must(t, err)
			if !r.Valid() || r.Index() != int64(index) || r.Size() != int64(size) || r.MintedAt() != at ||
				r.Checkpoint().Root() != c.Root() {
				t.Fatalf("size %d, index %d: %+v", size, index, r)
			}
			if diff := cmp.Diff(full(), r.Body()); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if r.BodyHash() != ledger.BodyHash(e.body) || !bytes.Equal(r.BodyBytes(), e.body) ||
				!bytes.Equal(r.LeafBytes(), e.leaf) || !bytes.Equal(r.Nonce(), e.nonce) {
				t.Fatal("the receipt is of other bytes")
			}
		}
	}
}

func TestNoReceiptWithoutProof(t *testing.T) {
	signer, verifier := keys(t, origin)
	e, other := log(t, body("ent_1"), 1), log(t, body("ent_2"), 2)
	junk := logged{leaf: []byte("no leaf"), body: e.body, nonce: e.nonce}
	undecodable := log(t, body("ent_3"), 3)
	undecodable.body = []byte("{}")
	closed, err := ledger.Close(undecodable.nonce, undecodable.body)
	must(t, err)
	undecodable.leaf, err = ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "a", N: 1}},
		Closed: closed})
	must(t, err)
	leaves := tree{e.leaf, other.leaf, junk.leaf, undecodable.leaf, []byte("last")}
	c := checkpoint(t, leaves, signer, verifier)

	for _, tc := range []struct {
		about string
		c     ledger.Checkpoint
		e     logged
		index int64
		proof tlog.RecordProof
		now   time.Time
	}{
		{"never opened", ledger.Checkpoint{}, e, 0, inclusion(0, leaves), at},
		{"outside the tree", c, e, -1, inclusion(0, leaves), at},
		{"outside the tree", c, e, 5, inclusion(0, leaves), at},
		{"inclusion", c, e, 1, inclusion(0, leaves), at},
		{"inclusion", c, e, 0, inclusion(1, leaves), at},
		{"inclusion", c, e, 0, nil, at},
		{"inclusion", c, e, 0, append(inclusion(0, leaves), tlog.Hash{}), at},
		{"inclusion", c, other, 0, inclusion(0, leaves), at},
		{"decode leaf", c, junk, 2, inclusion(2, leaves), at},
		{"does not close", c, logged{e.leaf, other.body, e.nonce}, 0, inclusion(0, leaves), at},
		{"does not close", c, logged{e.leaf, e.body, other.nonce}, 0, inclusion(0, leaves), at},
		{"nonce of 0", c, logged{e.leaf, e.body, nil}, 0, inclusion(0, leaves), at},
		{"decode entry", c, undecodable, 3, inclusion(3, leaves), at},
		{"no time", c, e, 0, inclusion(0, leaves), time.Time{}},
	} {
		r, err := tc.c.Receipt(tc.e.leaf, tc.e.body, tc.e.nonce, tc.index, tc.proof, tc.now)
		if err != nil && tc.about == "inclusion" {
			continue
		}
		refused(t, err, tc.about)
		if r.Valid() {
			t.Error("an invalid receipt says that it is valid")
		}
	}
}

func TestAReceiptIsGoodForSixtySeconds(t *testing.T) {
	r, _ := minted(t)
	for after, want := range map[time.Duration]bool{
		-time.Nanosecond: false, 0: true, 60 * time.Second: true, 60*time.Second + time.Nanosecond: false,
		24 * time.Hour: false,
	} {
		if got := r.Fresh(at.Add(after)); got != want {
			t.Errorf("after %s: %t", after, got)
		}
	}
}

func TestTheZeroReceiptProvesNothing(t *testing.T) {
	var r ledger.Receipt
	if r.Valid() || r.Fresh(time.Time{}) || r.Fresh(time.Now()) || r.Body().ID != "" {
		t.Errorf("%+v", r)
	}
}

func TestAReceiptCannotBeAlteredFromOutside(t *testing.T) {
	signer, verifier := keys(t, origin)
	e := log(t, full(), 1)
	leaves := tree{e.leaf, []byte("x")}
	proof := inclusion(0, leaves)
	c := checkpoint(t, leaves, signer, verifier)
	r, err := c.Receipt(e.leaf, e.body, e.nonce, 0, proof, at)
	must(t, err)
	want, text := r.BodyHash(), r.Proof().Bytes()
	for _, b := range [][]byte{e.leaf, e.body, e.nonce, r.BodyBytes(), r.LeafBytes(), r.Nonce(), c.Signed(),
		r.Checkpoint().Signed(), r.Proof().Checkpoint} {
		b[0] ^= 1
	}
	proof[0][0] ^= 1
	r.Proof().Hashes[0][0] ^= 1
	b := r.Body()
	b.Disclosure.Version, b.Private["title"], b.Reasons[0] = "ver_other", "", ""
	if r.BodyHash() != want || !cmp.Equal(r.Body(), full()) || !bytes.Equal(r.Proof().Bytes(), text) {
		t.Error("the receipt was altered")
	}
}

// minted is a receipt for the third of five entries, made at at.
func minted(tb testing.TB) (ledger.Receipt, logged) {
	tb.Helper()
	signer, verifier := keys(tb, origin)
	leaves := grown(5)
	e := log(tb, full(), 1)
	leaves[2] = e.leaf
	r, err := checkpoint(tb, leaves, signer, verifier).Receipt(e.leaf, e.body, e.nonce, 2, inclusion(2, leaves), at)
	must(tb, err)
	return r, slices.Clone([]logged{e})[0]
}

// A receipt file that was altered is none, though its leaf closes over its body.
func TestAReceiptFileIsReadInOneForm(t *testing.T) {
	s := newStory(t)
	s.whole()
	file := string(s.receipt(3, len(s.entries)))
	for about, bad := range map[string]string{
		"version 2 is not 1":    strings.Replace(file, `{"chancery_receipt":1`, `{"chancery_receipt":2`, 1),
		"no header and index":   strings.Replace(file, "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2", 1),
		"no receipt file":       strings.TrimSuffix(file, "\n"),
		"not in canonical form": " " + file,
		"decode leaf":           strings.Replace(file, `\"parties\"`, `\"partiez\"`, 1),
		"does not close over":   strings.Replace(file, `\"permit\"`, `\"refuse\"`, 1),
	} {
		_, err := ledger.ReadReceipt([]byte(bad))
		refused(t, err, about)
	}
	nonce := make([]byte, ledger.NonceSize)
	closed, err := ledger.Close(nonce, []byte("no body"))
	must(t, err)
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: wco, N: 1}}, Closed: closed})
	must(t, err)
	_, err = ledger.ReadReceipt(fmt.Appendf(nil,
		`{"chancery_receipt":1,"proof":"","leaf":%q,"body":"no body","nonce":"%s"}`+"\n", leaf,
		base64.StdEncoding.EncodeToString(nonce)))
	refused(t, err, "decode entry")
}
