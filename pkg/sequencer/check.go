package sequencer

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// Problem is what a check of the stored log found. Index is -1 when it is of no entry.
type Problem struct {
	Index int64
	Entry string
	What  string
}

// String is the problem in a line.
func (p Problem) String() string {
	if p.Index < 0 {
		return p.What
	}
	return fmt.Sprintf("index %d, %s: %s", p.Index, p.Entry, p.What)
}

// Checked is what CheckStored went through.
type Checked struct {
	Entries     int64
	Checkpoints int
	Tiles       int // of the database, as rows
	Objects     int // of the store
	Pending     int64
	Published   int64
	Problems    []Problem
}

const checkPage = 1 << height // a tile's leaves at a time

// storedCheck is one run.
type storedCheck struct {
	*Sequencer
	out     Checked
	head    head
	numbers map[string]int64
	marks   []ledger.Checkpoint // by size
	gone    []goneValue
	due     map[place]time.Time // of a page of entries, with the time of each
	placed  int64               // rows of log_place that were due
	erased  map[[2]string]bool  // entry and field, by two people
	// What was published, and how much of it the database recorded, both read before the head: beside a gateway that
	// publishes meanwhile, each is at most what is read after it.
	published published
	recorded  int64
	unread    bool // the published checkpoint says nothing that can be compared
}

// goneValue is a commitment behind which no value is kept.
type goneValue struct {
	index        int64
	entry, field string
}

// CheckStored holds the database against itself, against every checkpoint that it stored and against what is published:
// each entry's row against its bytes, its leaf, its running numbers and its place; tiles against leaves. It alters
// nothing, and may run beside gateways; what is appended meanwhile is not looked at.
func (s *Sequencer) CheckStored(ctx context.Context, tx *postgres.Tx) (Checked, error) {
	c := &storedCheck{Sequencer: s, numbers: map[string]int64{}, erased: map[[2]string]bool{},
		due: map[place]time.Time{}}
	if err := c.before(ctx, tx); err != nil {
		return c.out, err
	}
	var err error
	switch c.head, err = readHead(ctx, pool(tx), ""); {
	case errors.Is(err, sql.ErrNoRows):
		c.problem(-1, "", "the head of the log is gone")
		return c.out, nil
	case err != nil:
		return c.out, err
	}
	if err := c.readCheckpoints(ctx, tx); err != nil {
		return c.out, err
	}
	if err := c.walk(ctx, tx); err != nil {
		return c.out, err
	}
	if err := c.counters(ctx, tx); err != nil {
		return c.out, err
	}
	if err := c.strays(ctx, tx); err != nil {
		return c.out, err
	}
	if s.publisher != nil && !c.unread {
		if err := c.store(ctx, tx); err != nil {
			return c.out, err
		}
	}
	return c.out, nil
}

// before reads what may only grow until the head is read: first what was recorded as published, then what was
// published.
func (c *storedCheck) before(ctx context.Context, tx *postgres.Tx) error {
	if c.publisher == nil {
		return nil
	}
	err := pool(tx).QueryRowContext(ctx, "SELECT coalesce(max(size), 0) FROM log_published").Scan(&c.recorded)
	if err != nil {
		return fmt.Errorf("sequencer: check: %w", err)
	}
	c.published, err = c.readPublished(ctx)
	if errors.Is(err, ErrInconsistent) {
		c.problem(-1, "", "%v", err)
		c.unread = true
		return nil
	}
	return err
}

func (c *storedCheck) problem(index int64, entry, what string, args ...any) {
	c.out.Problems = append(c.out.Problems, Problem{index, entry, fmt.Sprintf(what, args...)})
}

func (c *storedCheck) readCheckpoints(ctx context.Context, tx *postgres.Tx) error {
	signed, err := c.Checkpoints(ctx, tx, c.head.size+1)
	if err != nil {
		return err
	}
	var foreign []error
	for _, text := range signed {
		cp, err := c.open(ctx, text)
		if errors.Is(err, ErrInconsistent) {
			foreign = append(foreign, err)
			continue
		}
		if err != nil {
			return err
		}
		c.marks = append(c.marks, cp)
	}
	if len(foreign) > 1 && len(c.marks) == 0 { // one cause, and most likely one key: said once
		c.problem(-1, "", "none of the %d stored checkpoints opens: is this key the log's own? the first: %v",
			len(foreign), foreign[0])
		foreign = nil
	}
	for _, err := range foreign {
		c.problem(-1, "", "a stored checkpoint: %v", err)
	}
	c.out.Checkpoints = len(signed)
	sizes, err := notes(ctx, pool(tx),
		"SELECT convert_to(size::text, 'UTF8') FROM log_checkpoint WHERE size <= $1 ORDER BY size", c.head.size)
	if err != nil {
		return err
	}
	for i, mark := range c.marks {
		if len(c.marks) == len(sizes) && string(sizes[i]) != strconv.FormatInt(mark.Size(), 10) {
			c.problem(-1, "", "the checkpoint stored as that of %s entries is of %d", sizes[i], mark.Size())
		}
	}
	slices.SortFunc(c.marks, func(a, b ledger.Checkpoint) int { return cmp.Compare(a.Size(), b.Size()) })
	var beyond int
	err = pool(tx).QueryRowContext(ctx,
		"SELECT count(*) FROM log_checkpoint WHERE size > (SELECT size FROM log_head)").Scan(&beyond)
	if beyond > 0 { // the head of this very moment: it is committed before a checkpoint of it is stored
		c.problem(-1, "", "%s of trees larger than the head, which is of %s", ledger.Several(beyond, "checkpoint"),
			ledger.Several(c.head.size, "entry"))
	}
	return err
}

// walk takes every index once.
func (c *storedCheck) walk(ctx context.Context, tx *postgres.Tx) error {
	t := &tree{root: ledger.EmptyRoot(), edge: map[int][]byte{}, frontier: map[int64]tlog.Hash{}}
	for from := int64(0); from < c.head.size; from += checkPage {
		to := min(from+checkPage, c.head.size)
		leaves, err := c.page(ctx, tx, from, to)
		if err != nil {
			return err
		}
		if int64(len(leaves)) != to-from {
			c.problem(from, "", "entries up to index %d are not all there", to)
			return nil // nothing behind it can fit
		}
		for ; len(c.marks) > 0 && c.marks[0].Size() <= to; c.marks = c.marks[1:] {
			if err := c.mark(t, leaves, c.marks[0]); err != nil {
				return err
			}
		}
		g, err := t.grow(leaves)
		if err != nil {
			return fmt.Errorf("sequencer: check: %w", err)
		}
		if err := c.tiles(ctx, tx, from, to, g); err != nil {
			return err
		}
		if err := c.places(ctx, tx, from, to); err != nil {
			return err
		}
		t = g.to
	}
	if t.root != c.head.root {
		c.problem(c.head.size-1, "", "the leaf data of all entries does not hash to the root of the head")
	}
	return nil
}

// mark lets the tree grow up to a checkpoint and compares.
func (c *storedCheck) mark(t *tree, leaves [][]byte, cp ledger.Checkpoint) error {
	root := t.root
	if n := cp.Size() - t.size; n > 0 {
		g, err := t.grow(leaves[:n])
		if err != nil {
			return fmt.Errorf("sequencer: check: %w", err)
		}
		root = g.to.root
	}
	if root != cp.Root() {
		c.problem(cp.Size()-1, "", "the root of the checkpoint that was signed of the first %s is another",
			ledger.Several(cp.Size(), "entry"))
	}
	return nil
}

// tiles compares the stored tile of these leaves, and at its end what stands above.
func (c *storedCheck) tiles(ctx context.Context, tx *postgres.Tx, from, to int64, g *growth) error {
	for i, tile := range g.tiles {
		if tile.L > 0 && tile.W < 1<<height && to < c.head.size {
			continue // a complete one, or the last, is compared later
		}
		stored, err := c.TreeTile(ctx, tx, tile.L, tile.N, tile.W)
		if errors.Is(err, ErrNotFound) {
			c.problem(from, "", "tile %s is missing", TilePath(tile.L, tile.N, tile.W))
			continue
		}
		if err != nil {
			return err
		}
		c.out.Tiles++
		if !bytes.Equal(stored, g.data[i]) {
			c.problem(from, "", "tile %s does not hold the hashes of the leaf data", TilePath(tile.L, tile.N, tile.W))
		}
	}
	return nil
}

// page checks the rows of some entries and gives their leaf data.
func (c *storedCheck) page(ctx context.Context, tx *postgres.Tx, from, to int64) ([][]byte, error) {
	rows, err := pool(tx).QueryContext(ctx,
		`SELECT s.index, s.leaf, e.id, e.at, e.kind, e.parties, e.body, e.body_hash, e.nonce, e.organisation,
			e.document, e.outcome, e.paragraphs, e.details
		FROM (SELECT s.index, s.leaf, s.entry FROM log_seq s WHERE s.index >= $1 AND s.index < $2) s
		LEFT JOIN LATERAL (SELECT e.id, e.at, e.kind, array_to_string(e.parties, ' ') AS parties, e.body, e.body_hash,
			e.nonce,
			e.organisation, e.document, e.outcome, array_to_string(e.paragraphs, ' ') AS paragraphs,
			(SELECT string_agg(d.field, ' ') FROM log_detail d WHERE d.entry = e.id) AS details FROM log_entry e WHERE
				e.id = s.entry) e ON true
		ORDER BY s.index`, from, to)
	if err != nil {
		return nil, fmt.Errorf("sequencer: check: %w", err)
	}
	defer rows.Close()
	var leaves [][]byte
	for rows.Next() {
		var r storedRow
		if err := r.scan(rows); err != nil {
			return nil, fmt.Errorf("sequencer: check: %w", err)
		}
		leaves = append(leaves, r.leaf)
		c.out.Entries++
		problems, body := r.problems()
		for _, what := range problems {
			c.problem(r.index, r.id.String, "%s", what)
		}
		c.values(r, body)
		c.expected(r, body)
		c.number(r)
	}
	return leaves, rows.Err()
}

// number checks the running numbers.
func (c *storedCheck) number(r storedRow) {
	leaf, err := ledger.DecodeLeaf(r.leaf)
	if err != nil {
		return // said already
	}
	for _, p := range leaf.Parties {
		if c.numbers[p.Party]++; c.numbers[p.Party] != p.N {
			c.problem(r.index, r.id.String, "running number %d of %s where %d is due", p.N, p.Party, c.numbers[p.Party])
			c.numbers[p.Party] = p.N
		}
	}
}

// counters checks what a round goes on from, and what waits.
func (c *storedCheck) counters(ctx context.Context, tx *postgres.Tx) error {
	stored, err := readNumbers(ctx, pool(tx))
	if err != nil {
		return err
	}
	for party, n := range c.numbers {
		if stored[party] < n { // more: another replica's round came meanwhile
			c.problem(-1, "", "the last running number of %s is %d, the log holds %d", party, stored[party], n)
		}
	}
	for _, g := range c.gone {
		if !c.erased[[2]string{g.entry, g.field}] {
			c.problem(g.index, g.entry, "the value behind the commitment to %s is gone, and no two people erased it",
				g.field)
		}
	}
	var lost int64
	err = pool(tx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM log_pending),
			(SELECT count(*) FROM log_entry e WHERE NOT EXISTS (SELECT FROM log_seq s WHERE s.entry = e.id) AND NOT
			EXISTS (SELECT FROM log_pending p WHERE p.entry = e.id))`).
		Scan(&c.out.Pending, &lost)
	if err != nil {
		return fmt.Errorf("sequencer: check: %w", err)
	}
	if lost > 0 {
		c.problem(-1, "", "%s without a place in the log, and waiting for none", ledger.Several(lost, "entry"))
	}
	return nil
}

// store holds the published checkpoint, tiles and entry bundles against the database.
func (c *storedCheck) store(ctx context.Context, tx *postgres.Tx) error {
	size := c.published.checkpoint.Size()
	c.out.Published = size
	if c.recorded > size {
		c.problem(-1, "", "published as recorded: %s; the store holds %d", ledger.Several(c.recorded, "entry"), size)
	}
	if size > c.head.size {
		c.problem(-1, "", "the store holds a published tree of %s, the database %d", ledger.Several(size, "entry"),
			c.head.size)
		size = c.head.size &^ (1<<height - 1) // full tiles may still be compared
	} else if err := c.extends(ctx, pool(tx), &tree{size: c.head.size, root: c.head.root},
		c.published.checkpoint); err != nil {
		c.problem(-1, "", "%v", err)
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		data, err := c.TreeTile(ctx, tx, tile.L, tile.N, tile.W)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := c.object(ctx, tile.L, tile, data); err != nil {
			return err
		}
		if tile.L > 0 {
			continue
		}
		entries, err := c.EntryTile(ctx, tx, tile.N, tile.W)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := c.object(ctx, EntriesLevel, tile, entries); err != nil {
			return err
		}
	}
	return nil
}

// object compares one published tile, or bundle of leaf data.
func (c *storedCheck) object(ctx context.Context, level int, tile tlog.Tile, want []byte) error {
	path := TilePath(level, tile.N, tile.W)
	got, err := c.readTile(ctx, level, tile)
	if err != nil {
		return fmt.Errorf("sequencer: check: %w", err)
	}
	if tile.W < 1<<height {
		// The full tile may have been read in its place (readTile), which begins with the same bytes.
		got = got[:min(len(got), len(want))]
	}
	c.out.Objects++
	switch {
	case len(got) == 0:
		c.problem(-1, "", "published %s is missing in the store", path)
	case !slices.Equal(got, want):
		c.problem(-1, "", "published %s is not what the database holds", path)
	}
	return nil
}
