package sequencer

import (
	"fmt"
	"maps"

	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

// height of the tiles: C2SP tlog-tiles.
const height = 8

// tree is one committed state of the Merkle tree, with what is needed to let it grow: its right edge. It is not altered
// after it was made.
type tree struct {
	size int64
	root ledger.Hash
	// edge is the incomplete tile at the right end of each level; a level whose last tile is complete has none.
	edge map[int][]byte
	// frontier are the complete subtrees that the tree falls into, by stored index: what new hashes and proofs lean on.
	frontier map[int64]tlog.Hash
}

// is reports whether t is the tree of this head; a nil tree is none.
func (t *tree) is(size int64, root ledger.Hash) bool {
	return t != nil && t.size == size && t.root == root
}

// ReadHashes finds the hashes of the frontier and of the edge (tlog.HashReader).
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, err := t.hash(index)
		if err != nil {
			return nil, err
		}
		hashes[i] = h
	}
	return hashes, nil
}

func (t *tree) hash(index int64) (tlog.Hash, error) {
	if h, ok := t.frontier[index]; ok {
		return h, nil
	}
	tile := tlog.TileForIndex(height, index)
	data := t.edge[tile.L]
	if tile.N != t.size>>(height*(tile.L+1)) || len(data) < tile.W*tlog.HashSize {
		return tlog.Hash{}, fmt.Errorf("hash %d is not at the edge of the tree of size %d", index, t.size)
	}
	return tlog.HashFromTile(tile, data, index)
}

// withFrontier completes a tree of which size, root and edge are known, and checks that they belong together.
func (t *tree) withFrontier() error {
	t.frontier = map[int64]tlog.Hash{}
	for _, index := range frontierIndexes(t.size) {
		h, err := t.hash(index)
		if err != nil {
			return err
		}
		t.frontier[index] = h
	}
	root, err := tlog.TreeHash(t.size, t)
	if err != nil {
		return err
	}
	if t.size == 0 {
		root = tlog.Hash(ledger.EmptyRoot())
	}
	if ledger.Hash(root) != t.root {
		return fmt.Errorf("the tiles of the tree of size %d do not hash to its root", t.size)
	}
	return nil
}

// frontierIndexes are the stored indexes of the complete subtrees that a tree of this size falls into (RFC 6962 2.1).
func frontierIndexes(size int64) []int64 {
	var indexes []int64
	for level := 0; size>>level > 0; level++ {
		if n := size >> level; n&1 == 1 {
			indexes = append(indexes, tlog.StoredHashIndex(level, n-1))
		}
	}
	return indexes
}

// growth is a tree with the hashes that one round added to it: enough to prove each entry of the round. It is not
// altered after it was made, so proofs may be made concurrently.
type growth struct {
	from   *tree
	to     *tree
	hashes map[int64]tlog.Hash
	tiles  []tlog.Tile
	data   [][]byte // of tiles
}

// grow adds leaf data at the end of t and gives the new tree with the tiles that have to be written.
func (t *tree) grow(leaves [][]byte) (*growth, error) {
	g := &growth{from: t, hashes: make(map[int64]tlog.Hash, 2*len(leaves)+64)}
	size := t.size
	for _, leaf := range leaves {
		stored, err := tlog.StoredHashes(size, leaf, g)
		if err != nil {
			return nil, fmt.Errorf("index %d: %w", size, err)
		}
		first := tlog.StoredHashIndex(0, size)
		for i, h := range stored {
			g.hashes[first+int64(i)] = h
		}
		size++
	}
	root, err := tlog.TreeHash(size, g)
	if err != nil {
		return nil, fmt.Errorf("root of size %d: %w", size, err)
	}
	g.to = &tree{size: size, root: ledger.Hash(root), edge: maps.Clone(t.edge)}
	return g, g.finish()
}

// finish fills the tiles that changed and the edge and frontier of the new tree.
func (g *growth) finish() error {
	g.tiles = tlog.NewTiles(height, g.from.size, g.to.size)
	for _, tile := range g.tiles {
		data, err := tlog.ReadTileData(tile, g)
		if err != nil {
			return fmt.Errorf("tile %s: %w", tile.Path(), err)
		}
		g.data = append(g.data, data)
		if tile.W < 1<<height {
			g.to.edge[tile.L] = data
		} else {
			delete(g.to.edge, tile.L)
		}
	}
	g.to.frontier = map[int64]tlog.Hash{}
	indexes := frontierIndexes(g.to.size)
	hashes, err := g.ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("frontier of size %d: %w", g.to.size, err)
	}
	for i, index := range indexes {
		g.to.frontier[index] = hashes[i]
	}
	return nil
}

// ReadHashes finds the hashes that the round added, and those of the tree before it at its edge (tlog.HashReader).
func (g *growth) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := g.hashes[index]
		if !ok {
			var err error
			if h, err = g.from.hash(index); err != nil {
				return nil, err
			}
		}
		hashes[i] = h
	}
	return hashes, nil
}
