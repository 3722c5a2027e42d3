package ledger

import "golang.org/x/mod/sumdb/tlog"

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
	if f.size == 0 {
		return EmptyRoot()
	}
	h := tlog.Hash(f.edges[len(f.edges)-1])
	for i := len(f.edges) - 2; i >= 0; i-- {
		h = tlog.NodeHash(tlog.Hash(f.edges[i]), h)
	}
	return Hash(h)
}
