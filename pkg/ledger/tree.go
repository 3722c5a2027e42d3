package ledger

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Frontier are the complete subtrees of a tree that grows at its end (RFC 6962 2.1): all that is to be kept of one
// whose leaves come once, in their order. The zero value is the empty tree.
type Frontier struct {
	size  int64
	edges []Hash // the largest first
}

// Add puts a leaf, by its LeafHash, behind all others.
func (f *Frontier) Add(leaf Hash) {
	h := tlog.Hash(leaf)
	for n := f.size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(tlog.Hash(f.edges[len(f.edges)-1]), h)
		f.edges = f.edges[:len(f.edges)-1]
	}
	f.edges = append(f.edges, Hash(h))
	f.size++
}

// Root is the hash of the tree.
func (f *Frontier) Root() Hash {
	root := EmptyRoot()
	for i, edge := range slices.Backward(f.edges) {
		if i == len(f.edges)-1 {
			root = edge
			continue
		}
		root = Hash(tlog.NodeHash(tlog.Hash(edge), tlog.Hash(root)))
	}
	return root
}
