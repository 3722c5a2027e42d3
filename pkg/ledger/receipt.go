package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Freshness is how long a Receipt opens anything after it was made.
const Freshness = 60 * time.Second

// Receipt is the proof that one entry stands inside a signed checkpoint: it is made by Checkpoint.Receipt only, after
// the inclusion was verified, and cannot be altered. The zero value is not valid. Any replica can make it again.
type Receipt struct {
	checkpoint Checkpoint
	index      int64
	leaf       []byte
	body       []byte
	nonce      []byte
	proof      tlog.RecordProof
	minted     time.Time
}

// Receipt verifies that the entry stands at index in the tree of c, that its leaf closes over body with nonce, and that
// the body decodes; then it makes the receipt, as of now. The bytes handed in are copied.
func (c Checkpoint) Receipt(leaf, body, nonce []byte, index int64, proof tlog.RecordProof, now time.Time) (Receipt,
	error) {
	if err := c.includes(leaf, body, nonce, index, proof); err != nil {
		return Receipt{}, fmt.Errorf("receipt for index %d in a tree of size %d: %w", index, c.size, err)
	}
	if now.IsZero() {
		return Receipt{}, fmt.Errorf("receipt for index %d: no time", index)
	}
	return Receipt{
		checkpoint: c,
		index:      index,
		leaf:       bytes.Clone(leaf),
		body:       bytes.Clone(body),
		nonce:      bytes.Clone(nonce),
		proof:      slices.Clone(proof),
		minted:     now,
	}, nil
}

func (c Checkpoint) includes(leaf, body, nonce []byte, index int64, proof tlog.RecordProof) error {
	if !c.Valid() {
		return errors.New("the checkpoint was never opened")
	}
	if index < 0 || index >= c.size {
		return errors.New("the index is outside the tree")
	}
	if err := tlog.CheckRecord(proof, c.size, tlog.Hash(c.root), index, tlog.Hash(LeafHash(leaf))); err != nil {
		return err
	}
	l, err := DecodeLeaf(leaf)
	if err != nil {
		return err
	}
	closed, err := Close(nonce, body)
	if err != nil {
		return err
	}
	if closed != l.Closed {
		return errors.New("the leaf does not close over this body")
	}
	_, err = Decode(body)
	return err
}

// Valid reports whether r proves anything; the zero value does not.
func (r Receipt) Valid() bool { return r.checkpoint.Valid() }

// Fresh reports whether r was made at most Freshness before now. One from the future is not fresh.
func (r Receipt) Fresh(now time.Time) bool {
	age := now.Sub(r.minted)
	return r.Valid() && age >= 0 && age <= Freshness
}

// Body is what the entry says, decoded anew at each call: altering it alters nothing in r. It is empty when r is not
// valid.
func (r Receipt) Body() Body {
	b, err := Decode(r.body)
	if err != nil {
		return Body{}
	}
	return b
}

// BodyBytes are the canonical bytes of the body, and with Nonce what opens the leaf.
func (r Receipt) BodyBytes() []byte { return bytes.Clone(r.body) }

// Nonce is the chance that closes the leaf.
func (r Receipt) Nonce() []byte { return bytes.Clone(r.nonce) }

// BodyHash is the name of the entry in other entries.
func (r Receipt) BodyHash() Hash { return BodyHash(r.body) }

// LeafBytes is the leaf data: see DecodeLeaf.
func (r Receipt) LeafBytes() []byte { return bytes.Clone(r.leaf) }

// Index is the place of the entry, from 0.
func (r Receipt) Index() int64 { return r.index }

// Size is the size of the tree in which the inclusion was proven.
func (r Receipt) Size() int64 { return r.checkpoint.size }

// Checkpoint is the signed tree in which the inclusion was proven.
func (r Receipt) Checkpoint() Checkpoint { return r.checkpoint }

// MintedAt is when r was made.
func (r Receipt) MintedAt() time.Time { return r.minted }

// Proof is what a reader keeps to show later that the log held the entry: see ParseProof.
func (r Receipt) Proof() Proof {
	return Proof{Index: r.index, Hashes: slices.Clone(r.proof), Checkpoint: r.checkpoint.Signed()}
}
