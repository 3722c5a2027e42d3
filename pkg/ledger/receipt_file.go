package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const maxReceiptFile = 512 << 10

// receiptFile is a receipt as it lies on a disk: one line of canonical JSON that holds everything that is needed to
// prove, with the log's key, that the entry stands in the log.
type receiptFile struct {
	Version int    `json:"chancery_receipt"`
	Proof   string `json:"proof"` // C2SP tlog-proof with its checkpoint
	Leaf    string `json:"leaf"`
	Body    string `json:"body"`
	Nonce   []byte `json:"nonce"`
}

// File is the receipt for its holder to keep.
func (r Receipt) File() ([]byte, error) {
	data, err := canonical(receiptFile{1, string(r.Proof().Bytes()), string(r.leaf), string(r.body), r.nonce})
	return append(data, '\n'), err
}

// KeptReceipt is a receipt file after its form was checked, and with CheckReceipt what it proves.
type KeptReceipt struct {
	Body  Body
	Index int64
	proof Proof
	leaf  Hash
}

// ReadReceipt reads a receipt file: the leaf closes over the body. It proves nothing before Verify.
func ReadReceipt(data []byte) (KeptReceipt, error) {
	k, err := readReceipt(data)
	if err != nil {
		return KeptReceipt{}, fmt.Errorf("receipt: %w", err)
	}
	return k, nil
}

func readReceipt(data []byte) (k KeptReceipt, err error) {
	var f receiptFile
	if len(data) == 0 || len(data) > maxReceiptFile || data[len(data)-1] != '\n' {
		return k, errors.New("no receipt file, or too large")
	}
	if err := exactly(data[:len(data)-1], &f); err != nil {
		return k, err
	}
	if f.Version != 1 {
		return k, fmt.Errorf("version %d is not 1", f.Version)
	}
	leaf, err := DecodeLeaf([]byte(f.Leaf))
	if err != nil {
		return k, err
	}
	if closed, err := Close(f.Nonce, []byte(f.Body)); err != nil || closed != leaf.Closed {
		return k, errors.New("the leaf does not close over this body")
	}
	if k.Body, err = Decode([]byte(f.Body)); err != nil {
		return k, err
	}
	if k.proof, err = ParseProof([]byte(f.Proof)); err != nil {
		return k, err
	}
	k.Index, k.leaf = k.proof.Index, LeafHash([]byte(f.Leaf))
	return k, nil
}

// Verify checks that the entry stood in a tree that one of the keys signed, and gives that tree.
func (k KeptReceipt) Verify(keys ...note.Verifier) (c Checkpoint, err error) {
	err = errors.New("receipt: no key")
	for _, key := range keys {
		if c, err = k.proof.Verify(k.leaf, key); err == nil {
			return c, nil
		}
	}
	return Checkpoint{}, err
}

// keptReceipt is one that the auditor brought.
type keptReceipt struct {
	name string
	KeptReceipt
}

func (v *verifier) openReceipts() {
	for _, name := range slices.Sorted(maps.Keys(v.options.Receipts)) {
		k, err := ReadReceipt(v.options.Receipts[name])
		if err != nil {
			v.fault(CheckReceipts, -1, "", "%s: %v", name, err)
			continue
		}
		v.receipts = append(v.receipts, keptReceipt{name, k})
	}
	if len(v.options.Receipts) > 0 {
		v.say(CheckReceipts, "%d kept, each in the tree", len(v.receipts))
	}
}

// markReceipt puts what a receipt proves where the tree will pass it.
func (s *source) markReceipt(r keptReceipt) {
	what := "receipt " + r.name
	c, err := readCheckpoint(r.proof.Checkpoint)
	if len(s.v.options.Keys) > 0 {
		c, err = r.Verify(s.keys.all...)
	}
	if err != nil {
		s.v.fault(CheckReceipts, r.Index, r.Body.ID, "%s: %v", what, err)
		return
	}
	if r.Index >= s.checkpoint.Size() {
		s.v.gap("receipts of entries newer than the bundle", 1)
		return
	}
	if c.Size() <= s.checkpoint.Size() {
		s.mark(c, CheckReceipts, what)
	}
	s.marks = append(s.marks, mark{size: r.Index + 1, leaf: r.leaf, check: CheckReceipts, what: what})
}

// singleSignature reports whether a note bears one signature and no more.
func singleSignature(signed []byte) bool {
	_, lines, _ := cutNote(signed)
	return strings.Count(lines, "\n") == 1
}
