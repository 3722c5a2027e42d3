package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	proofHeader = "c2sp.org/tlog-proof@v1\n"
	maxProof    = 32768
	// maxProofHashes is the height of the tallest tree that maxSize admits.
	maxProofHashes = 52
)

// Proof is an inclusion proof with its checkpoint, as a reader keeps it (C2SP tlog-proof, without extra data).
// It proves nothing before Verify.
type Proof struct {
	Index      int64
	Hashes     tlog.RecordProof
	Checkpoint []byte // the signed note
}

// Bytes is the text of p.
func (p Proof) Bytes() []byte {
	out := fmt.Appendf([]byte(proofHeader), "index %d\n", p.Index)
	for _, h := range p.Hashes {
		out = append(base64.StdEncoding.AppendEncode(out, h[:]), '\n')
	}
	return append(append(out, '\n'), p.Checkpoint...)
}

// ParseProof reads the text of a proof. Extra data is refused: receipts carry none.
func ParseProof(text []byte) (Proof, error) {
	p, err := parseProof(text)
	if err != nil {
		return Proof{}, fmt.Errorf("inclusion proof: %w", err)
	}
	return p, nil
}

func parseProof(text []byte) (Proof, error) {
	if len(text) > maxProof {
		return Proof{}, fmt.Errorf("%d bytes, more than %d", len(text), maxProof)
	}
	rest, ok := bytes.CutPrefix(text, []byte(proofHeader+"index "))
	if !ok {
		return Proof{}, errors.New("no header and index")
	}
	head, signed, ok := bytes.Cut(rest, []byte("\n\n"))
	if !ok {
		return Proof{}, errors.New("no checkpoint")
	}
	lines := bytes.Split(head, []byte("\n"))
	if len(lines)-1 > maxProofHashes {
		return Proof{}, fmt.Errorf("%d hashes, more than %d", len(lines)-1, maxProofHashes)
	}
	index, err := strconv.ParseInt(string(lines[0]), 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != string(lines[0]) {
		return Proof{}, fmt.Errorf("index %q", shorten(string(lines[0])))
	}
	p := Proof{Index: index, Checkpoint: bytes.Clone(signed)}
	for _, line := range lines[1:] {
		h, err := parseBase64Hash(string(line))
		if err != nil {
			return Proof{}, err
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	return p, nil
}

// Verify opens the checkpoint with the log's key and checks that leaf data with this hash stands in its tree.
func (p Proof) Verify(leaf Hash, key note.Verifier) (Checkpoint, error) {
	c, err := OpenCheckpoint(p.Checkpoint, key)
	if err != nil {
		return Checkpoint{}, err
	}
	if p.Index < 0 || p.Index >= c.size {
		return Checkpoint{}, fmt.Errorf("inclusion proof: index %d is outside the tree of size %d", p.Index, c.size)
	}
	if err := tlog.CheckRecord(p.Hashes, c.size, tlog.Hash(c.root), p.Index, tlog.Hash(leaf)); err != nil {
		return Checkpoint{}, fmt.Errorf("inclusion proof for index %d in a tree of size %d: %w", p.Index, c.size, err)
	}
	return c, nil
}
