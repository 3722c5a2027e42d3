package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	leafVersion = 1
	maxLeaf     = 4096
	// MaxParties is how many may be entitled to open one entry.
	MaxParties = 16
)

// Leaf is the data that stands in the tree for one entry. It is shown to every auditor and tells nothing of the body.
type Leaf struct {
	Parties []PartyNumber // those entitled to open the entry; sorted by name, each once
	Closed  Hash          // SHA-256(nonce ‖ body)
}

// PartyNumber is the running number, from 1 and without gaps, that an entry has among those of one Party.
type PartyNumber struct {
	Party string `json:"party"`
	N     int64  `json:"n"`
}

type leafJSON struct {
	Version int           `json:"v"`
	Parties []PartyNumber `json:"parties"`
	Closed  string        `json:"closed"`
}

// EncodeLeaf gives the canonical bytes that are hashed into the tree.
func EncodeLeaf(l Leaf) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("encode leaf: %w", err)
	}
	out, err := canonical(leafJSON{leafVersion, l.Parties, l.Closed.String()})
	if err != nil {
		return nil, fmt.Errorf("encode leaf: %w", err)
	}
	if len(out) > maxLeaf {
		return nil, fmt.Errorf("encode leaf: %d bytes, more than %d", len(out), maxLeaf)
	}
	return out, nil
}

// DecodeLeaf reads what EncodeLeaf wrote and nothing else.
func DecodeLeaf(data []byte) (Leaf, error) {
	if len(data) > maxLeaf {
		return Leaf{}, fmt.Errorf("decode leaf: %d bytes, more than %d", len(data), maxLeaf)
	}
	if l, ok := plainLeaf(data); ok {
		return l, nil
	}
	var raw leafJSON
	if err := strict(data, &raw); err != nil {
		return Leaf{}, fmt.Errorf("decode leaf: %w", err)
	}
	closed, err := ParseHash(raw.Closed)
	if err != nil {
		return Leaf{}, fmt.Errorf("decode leaf: %w", err)
	}
	l := Leaf{Parties: raw.Parties, Closed: closed}
	again, err := EncodeLeaf(l)
	if err != nil {
		return Leaf{}, fmt.Errorf("decode leaf: %w", err)
	}
	if !bytes.Equal(again, data) {
		return Leaf{}, errors.New("decode leaf: not in canonical form")
	}
	return l, nil
}

// plainLeaf reads leaf data in canonical form whose names need no escape, which is all there is but for oddities: a
// million of them in a second. What it does not know it leaves to the slower way.
func plainLeaf(data []byte) (Leaf, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"v":1,"parties":[`))
	var l Leaf
	for ok {
		if rest, ok = bytes.CutPrefix(rest, []byte(`{"party":"`)); !ok {
			break
		}
		var p PartyNumber
		if p, rest, ok = plainParty(rest); !ok {
			return Leaf{}, false
		}
		l.Parties = append(l.Parties, p)
		rest, ok = bytes.CutPrefix(rest, []byte(","))
	}
	rest, ok = bytes.CutPrefix(rest, []byte(`],"closed":"`))
	if !ok || len(rest) != 66 || string(rest[64:]) != `"}` {
		return Leaf{}, false
	}
	closed, err := ParseHash(string(rest[:64]))
	l.Closed = closed
	return l, err == nil && l.check() == nil
}

// plainParty reads a Party's name and its running number, and gives what stands behind them.
func plainParty(data []byte) (p PartyNumber, rest []byte, ok bool) {
	name, rest, ok := bytes.Cut(data, []byte(`","n":`))
	if !ok || bytes.ContainsFunc(name, outsidePlain) {
		return p, nil, false
	}
	number, rest, ok := bytes.Cut(rest, []byte("}"))
	if !ok || len(number) == 0 || len(number) > 18 || number[0] == '0' {
		return p, nil, false
	}
	p.Party = string(name)
	for _, digit := range number {
		if digit < '0' || digit > '9' {
			return p, nil, false
		}
		p.N = p.N*10 + int64(digit-'0')
	}
	return p, rest, true
}

// outsidePlain reports whether a rune could be spelt in several ways, or stands in no name.
func outsidePlain(r rune) bool {
	return r <= ' ' || r > '~' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&'
}

func (l Leaf) check() error {
	if len(l.Parties) == 0 || len(l.Parties) > MaxParties {
		return fmt.Errorf("%d parties, not 1 to %d", len(l.Parties), MaxParties)
	}
	for i, p := range l.Parties {
		switch {
		case p.Party == "":
			return errors.New("a party without a name")
		case p.N < 1:
			return fmt.Errorf("running number %d of %s", p.N, p.Party)
		case i > 0 && l.Parties[i-1].Party >= p.Party:
			return fmt.Errorf("party %s is not after %s", p.Party, l.Parties[i-1].Party)
		}
	}
	return nil
}

// LeafHash is the Merkle leaf hash of leaf data: SHA-256(0x00 ‖ data), RFC 6962 2.1.
func LeafHash(leaf []byte) Hash { return Hash(tlog.RecordHash(leaf)) }
