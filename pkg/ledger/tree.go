package ledger

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// frontier are the complete subtrees of a tree that grows at its end (RFC 6962 2.1).
type frontier struct {
	size  int64
	edges []Hash // the largest first
}

func (f *frontier) add(leaf Hash) {
	h := tlog.Hash(leaf)
	for n := f.size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(tlog.Hash(f.edges[len(f.edges)-1]), h)
		f.edges = f.edges[:len(f.edges)-1]
	}
	f.edges = append(f.edges, Hash(h))
	f.size++
}

func (f *frontier) root() Hash {
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
