package sequencer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

// whole is a tree kept in full, as a second opinion: every stored hash in one slice.
type whole []tlog.Hash

func (w whole) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = w[index]
	}
	return hashes, nil
}

// tileStore keeps tiles as the database does: the widest of each place.
type tileStore map[[2]int64][]byte

func (s tileStore) write(g *growth) {
	for i, t := range g.tiles {
		s[[2]int64{int64(t.L), t.N}] = g.data[i]
	}
}

// edge is what load reads for a tree of this size.
func (s tileStore) edge(size int64) map[int][]byte {
	edge := map[int][]byte{}
	for level := 0; size>>(height*level) > 0; level++ {
		n := size >> (height * level)
		if w := n & 255; w > 0 {
			edge[level] = s[[2]int64{int64(level), n >> height}][:w*tlog.HashSize]
		}
	}
	return edge
}

// Rounds of every size, over the borders of tiles on two levels: root and proofs are those of the tree kept in full,
// and a tree that is loaded again from the tiles grows to the same.
func TestATreeGrownByRoundsIsTheTree(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	current := &tree{root: ledger.EmptyRoot(), edge: map[int][]byte{}}
	if err := current.withFrontier(); err != nil {
		t.Fatal(err)
	}
	var all whole
	tiles := tileStore{}
	steps := []int{1, 1, 2, 251, 1, 1, 255, 256, 1, 256}
	for current.size < 66_500 {
		step := 1 + chance.IntN(batch)
		if len(steps) > 0 {
			step, steps = steps[0], steps[1:]
		}
		leaves := make([][]byte, step)
		for i := range leaves {
			leaves[i] = fmt.Appendf(nil, "leaf %d", current.size+int64(i))
			stored, err := tlog.StoredHashes(current.size+int64(i), leaves[i], all)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, stored...)
		}
		before := current.size
		g, err := current.grow(leaves)
		if err != nil {
			t.Fatalf("from %d by %d: %v", before, step, err)
		}
		want, err := tlog.TreeHash(before+int64(step), all)
		if err != nil {
			t.Fatal(err)
		}
		if g.to.size != before+int64(step) || g.to.root != ledger.Hash(want) {
			t.Fatalf("from %d by %d: size %d, another root", before, step, g.to.size)
		}
		for _, i := range []int64{0, int64(step) / 2, int64(step) - 1} {
			proof, err := tlog.ProveRecord(g.to.size, before+i, g)
			if err != nil {
				t.Fatalf("index %d in %d: %v", before+i, g.to.size, err)
			}
			if err := tlog.CheckRecord(proof, g.to.size, want, before+i, tlog.RecordHash(leaves[i])); err != nil {
				t.Fatalf("index %d in %d: %v", before+i, g.to.size, err)
			}
		}
		tiles.write(g)
		current = g.to
		if chance.IntN(4) == 0 {
			loaded := &tree{size: current.size, root: current.root, edge: tiles.edge(current.size)}
			if err := loaded.withFrontier(); err != nil {
				t.Fatalf("loading %d: %v", current.size, err)
			}
			current = loaded
		}
	}
	for place, data := range tiles {
		for i := range int64(len(data) / tlog.HashSize) {
			index := tlog.StoredHashIndex(height*int(place[0]), place[1]<<height+i)
			if tlog.Hash(data[i*tlog.HashSize:]) != all[index] {
				t.Fatalf("tile %d/%d: hash %d", place[0], place[1], i)
			}
		}
	}
}

func TestAnEdgeThatDoesNotHashToTheHeadIsFound(t *testing.T) {
	empty := &tree{root: ledger.EmptyRoot(), edge: map[int][]byte{}}
	if err := empty.withFrontier(); err != nil {
		t.Fatal(err)
	}
	leaves := make([][]byte, 300)
	for i := range leaves {
		leaves[i] = []byte{byte(i), byte(i >> 8)}
	}
	g, err := empty.grow(leaves)
	if err != nil {
		t.Fatal(err)
	}
	for level := range g.to.edge {
		for i := range g.to.edge[level] {
			g.to.edge[level][i] ^= 1
			if err := (&tree{size: 300, root: g.to.root, edge: g.to.edge}).withFrontier(); err == nil {
				t.Fatalf("byte %d of level %d was altered unseen", i, level)
			}
			g.to.edge[level][i] ^= 1
		}
	}
	for _, wrong := range []*tree{
		{size: 299, root: g.to.root, edge: g.to.edge},
		{size: 301, root: g.to.root, edge: g.to.edge},
		{size: 300, root: ledger.EmptyRoot(), edge: g.to.edge},
		{size: 300, root: g.to.root, edge: map[int][]byte{}},
		{size: 0, root: g.to.root, edge: map[int][]byte{}},
	} {
		if err := wrong.withFrontier(); err == nil {
			t.Errorf("a tree of size %d was believed", wrong.size)
		}
	}
}
