package inspect

import (
	"math"
	"slices"
)

const (
	// MinWords is how many words two files need before the same text says that one comes from the other.
	MinWords = 8
	// MinShared is how many tokens two files must have in common to resemble each other.
	MinShared = 4
	// MinShare is how much of the smaller of two files must stand in the other for them to resemble each other.
	MinShare = 0.3
)

// Overlap is what two fingerprints have in common.
type Overlap struct {
	SameText bool // all words are the same, in the same order within each part
	Shared   int  // tokens in both
	// OfA and OfB are how much of the one's words in a row, so far as the tokens of both tell, stand in the other, 0 to
	// 1. A page taken out of a document has 1 where the document has little; a document that lost a page, the other way
	// round.
	OfA, OfB float64
}

// Compare tells what two fingerprints of the same key have in common. It is symmetric but for OfA and OfB.
//
// Where a fingerprint has the smallest tokens alone, tokens above its largest say nothing of it; only those are
// compared of which both know.
func Compare(a, b Fingerprint) Overlap {
	if a.Words == 0 || b.Words == 0 {
		return Overlap{}
	}
	o := Overlap{SameText: a.Text == b.Text}
	known := min(a.known(), b.known())
	ofA, ofB := upTo(a.Tokens, known), upTo(b.Tokens, known)
	for _, token := range ofA {
		if _, ok := slices.BinarySearch(ofB, token); ok {
			o.Shared++
		}
	}
	if o.Shared > 0 {
		o.OfA, o.OfB = float64(o.Shared)/float64(len(ofA)), float64(o.Shared)/float64(len(ofB))
	}
	if o.SameText && min(a.Words, b.Words) < MinWords {
		o.SameText = false
	}
	return o
}

// Resembles is whether one of the two may come from the other: they have the same text of at least MinWords words, or
// MinShared tokens and MinShare of one of them in common. It is a reason to ask somebody, and no proof.
func (o Overlap) Resembles() bool {
	return o.SameText || o.Shared >= MinShared && max(o.OfA, o.OfB) >= MinShare
}

// known is up to which token a fingerprint has all there are.
func (f Fingerprint) known() uint64 {
	if f.Whole || len(f.Tokens) == 0 {
		return math.MaxUint64
	}
	return f.Tokens[len(f.Tokens)-1]
}

// upTo are the tokens that are no larger than most.
func upTo(tokens []uint64, most uint64) []uint64 {
	n, found := slices.BinarySearch(tokens, most)
	if found {
		n++
	}
	return tokens[:n]
}
