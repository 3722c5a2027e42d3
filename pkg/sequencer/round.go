package sequencer

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// placed is an entry with its place in a signed tree.
type placed struct {
	id         string
	index      int64
	leaf       []byte
	body       []byte
	nonce      []byte
	checkpoint ledger.Checkpoint
	hashes     *growth // proves it; nil: the stored tiles do
}

// round gives the entries that are pending, at most a batch, their indexes and running numbers, and says how many it
// took. It signs only after the commit, and wakes whoever waits for one of them.
func (s *Sequencer) round(ctx context.Context) (int, error) {
	var entries []placed
	var g *growth
	var changed map[string]int64
	err := s.db.InTx(ctx, func(tx *postgres.Tx) error {
		h, pending, err := lockAndTake(ctx, tx, batch)
		if err != nil {
			return err
		}
		if err := s.standOn(ctx, postgres.Gorm(tx).Statement.ConnPool, h); err != nil || len(pending) == 0 {
			return err
		}
		if entries, changed, err = s.number(pending); err != nil {
			return err
		}
		if g, err = s.tree.grow(leaves(entries)); err != nil {
			return err
		}
		insertRound(tx, entries, changed, g)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sequencer: round: %w", err)
	}
	// Only what is committed is signed: a tree that was signed and then rolled back would be a fork.
	if g == nil {
		_, err := s.installSeen(ctx, s.tree)
		return 0, err
	}
	maps.Copy(s.numbers, changed)
	c, err := s.install(g.to)
	if err != nil {
		return 0, err
	}
	for i := range entries {
		entries[i].checkpoint, entries[i].hashes = c, g
	}
	s.deliver(entries)
	return len(entries), nil
}

// standOn makes sure that what is in memory is the head that is locked now.
func (s *Sequencer) standOn(ctx context.Context, q gorm.ConnPool, h head) error {
	var err error
	if !s.tree.is(h.size, h.root) {
		s.numbers = nil
		if s.tree, err = s.load(ctx, q, h); err != nil {
			return err
		}
	}
	if s.numbers == nil {
		s.numbers, err = readNumbers(ctx, q)
	}
	return err
}

// number gives each entry its index and leaf data, and returns the running numbers that change by it.
func (s *Sequencer) number(pending []pendingRow) ([]placed, map[string]int64, error) {
	changed := map[string]int64{}
	entries := make([]placed, 0, len(pending))
	for i, p := range pending {
		closed, err := ledger.Close(p.nonce, p.body)
		if err != nil {
			return nil, nil, fmt.Errorf("entry %s: %w", p.id, err)
		}
		leaf := ledger.Leaf{Closed: closed}
		for _, party := range p.parties {
			changed[party] = max(changed[party], s.numbers[party]) + 1
			leaf.Parties = append(leaf.Parties, ledger.PartyNumber{Party: party, N: changed[party]})
		}
		data, err := ledger.EncodeLeaf(leaf)
		if err != nil {
			return nil, nil, fmt.Errorf("entry %s: %w", p.id, err)
		}
		entries = append(entries, placed{id: p.id, index: s.tree.size + int64(i), leaf: data, body: p.body,
			nonce: p.nonce})
	}
	return entries, changed, nil
}

func leaves(entries []placed) [][]byte {
	data := make([][]byte, len(entries))
	for i, e := range entries {
		data[i] = e.leaf
	}
	return data
}

// load reads the right edge of a committed tree, and checks that it hashes to its root and extends all that was signed
// before: by this process, and by whoever stored the newest checkpoint. Whatever does not fit wraps ErrInconsistent.
func (s *Sequencer) load(ctx context.Context, q gorm.ConnPool, h head) (*tree, error) {
	t := &tree{size: h.size, root: h.root, edge: map[int][]byte{}}
	var tiles []tlog.Tile
	for level := 0; t.size>>(height*level) > 0; level++ {
		n := t.size >> (height * level)
		if w := int(n & (1<<height - 1)); w > 0 {
			tiles = append(tiles, tlog.Tile{H: height, L: level, N: n >> height, W: w})
		}
	}
	data, err := readTiles(ctx, q, tiles)
	if err != nil {
		return nil, err
	}
	for i, tile := range tiles {
		t.edge[tile.L] = data[i]
	}
	if err := t.withFrontier(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	if err := s.extends(ctx, q, t, s.newest()); err != nil {
		return nil, err
	}
	if h.stored == nil {
		return t, nil
	}
	stored, err := s.open(ctx, h.stored)
	if err != nil {
		return nil, fmt.Errorf("the newest stored checkpoint: %w", err)
	}
	s.saved = max(s.saved, stored.Size())
	return t, s.extends(ctx, q, t, stored)
}

// extends refuses a tree that contradicts a checkpoint signed before: an older backup was put back, or a head was
// forged.
func (s *Sequencer) extends(ctx context.Context, q gorm.ConnPool, t *tree, c ledger.Checkpoint) error {
	switch {
	case !c.Valid() || c.Size() == 0:
		return nil
	case c.Size() > t.size:
		return fmt.Errorf("%w: the database holds %s, a tree of %d was signed: an older state was put back",
			ErrInconsistent, ledger.Several(t.size, "entry"), c.Size())
	case c.Size() == t.size && c.Root() != t.root:
		return fmt.Errorf("%w: another tree of %s was signed", ErrInconsistent, ledger.Several(t.size, "entry"))
	case c.Size() == t.size:
		return nil
	}
	// The reader authenticates each tile against the root, so the proof cannot lie; a tile that lies is found here.
	proof, err := tlog.ProveTree(t.size, c.Size(), t.stored(ctx, q))
	if errors.Is(err, errTilesUnread) {
		return err
	}
	if err == nil {
		err = tlog.CheckTree(proof, t.size, tlog.Hash(t.root), c.Size(), tlog.Hash(c.Root()))
	}
	if err != nil {
		return fmt.Errorf("%w: the tree of %s does not extend the signed one of %d: %w", ErrInconsistent,
			ledger.Several(t.size, "entry"), c.Size(), err)
	}
	return nil
}
