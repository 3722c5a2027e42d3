package sequencer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// The SQL of the log. Statements carry whole rounds as arrays: one trip to the database for each step.

type entryRow struct {
	id      string
	at      time.Time
	kind    string
	parties []string
	body    []byte
	hash    []byte
	nonce   []byte

	// what auditors filter by
	organisation, document, outcome string
	paragraphs                      []string

	details []Detail
}

// appendEntries takes entries and their details as columns, so that those of one transaction go out as one statement;
// lists are joined by a blank, which no name holds (log_entry_concerns_a_party): unnest would flatten arrays of arrays.
// The queue keeps the order of the entries.
const appendEntries = `WITH entry AS (
		INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce, organisation, document, outcome,
			paragraphs)
		SELECT e.id, e.at, e.kind, string_to_array(e.parties, ' '), e.body, e.hash, e.nonce, e.organisation, e.document,
			e.outcome,
			string_to_array(e.paragraphs, ' ')
		FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[],
			$8::text[], $9::text[],
			$10::text[], $11::text[]) AS e (id, at, kind, parties, body, hash, nonce, organisation, document, outcome,
				paragraphs)
		RETURNING id
	), details AS (
		INSERT INTO log_detail (entry, field, sealed)
		SELECT d.entry, d.field, d.sealed FROM unnest($12::text[], $13::text[], $14::bytea[]) AS d (entry, field,
			sealed)
	)
	INSERT INTO log_pending (entry)
	SELECT entry.id FROM entry JOIN unnest($1::text[]) WITH ORDINALITY AS e (id, place) ON e.id = entry.id ORDER BY
		e.place`

func insertEntry(tx *postgres.Tx, e entryRow) {
	var of, fields []string
	var sealed [][]byte
	for _, d := range e.details {
		of, fields, sealed = append(of, e.id), append(fields, d.Field), append(sealed, d.Sealed)
	}
	tx.LaterRows("append entry "+e.id, appendEntries, []string{e.id}, []time.Time{e.at}, []string{e.kind},
		[]string{strings.Join(e.parties, " ")},
		[][]byte{e.body}, [][]byte{e.hash}, [][]byte{e.nonce}, []string{e.organisation}, []string{e.document},
		[]string{e.outcome},
		[]string{strings.Join(e.paragraphs, " ")}, of, fields, sealed)
}

// oldestPending is how long the first entry of the queue has been there, and whether there is one.
func oldestPending(ctx context.Context, q gorm.ConnPool) (time.Duration, bool, error) {
	var seconds float64
	err := q.QueryRowContext(ctx, `SELECT extract(epoch FROM clock_timestamp() - since)::float8
		FROM log_pending ORDER BY seq LIMIT 1`).Scan(&seconds)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("sequencer: pending: %w", err)
	}
	return max(time.Duration(seconds*float64(time.Second)), 1), true, nil
}

// head is the one committed tree, and the newest stored checkpoint as it stood then (nil: none), so that it can only be
// of this tree or an earlier one.
type head struct {
	size   int64
	root   ledger.Hash
	stored []byte
}

const headSelect = `SELECT size, root, (SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1) FROM log_head`

// take reads the row of headSelect.
func (h *head) take(row postgres.Row) error {
	var root []byte
	if err := row.Scan(&h.size, &root, &h.stored); err != nil {
		return err
	}
	h.root = ledger.Hash(root) // 32 bytes: log_head_root_is_32_bytes
	return nil
}

// readHead reads the head; lock is "" or " FOR UPDATE".
func readHead(ctx context.Context, q gorm.ConnPool, lock string) (head, error) {
	var h head
	if err := h.take(q.QueryRowContext(ctx, headSelect+lock)); err != nil {
		return head{}, fmt.Errorf("sequencer: head: %w", err)
	}
	return h, nil
}

func readNumbers(ctx context.Context, q gorm.ConnPool) (map[string]int64, error) {
	rows, err := q.QueryContext(ctx, "SELECT party, n FROM log_party")
	if err != nil {
		return nil, fmt.Errorf("running numbers: %w", err)
	}
	defer rows.Close()
	numbers := map[string]int64{}
	for rows.Next() {
		var party string
		var n int64
		if err := rows.Scan(&party, &n); err != nil {
			return nil, fmt.Errorf("running numbers: %w", err)
		}
		numbers[party] = n
	}
	return numbers, rows.Err()
}

type pendingRow struct {
	id      string
	parties []string
	body    []byte
	nonce   []byte
}

// lockAndTake locks the head and takes the first entries out of the queue, in their order, in one trip. The lock comes
// first, in a statement of its own: the next one then sees all that earlier rounds committed. An entry that was queued
// a second time is dropped. Everything is found by index: what was taken stays in the queue's pages until they are
// cleaned, and a planner that knows an empty queue and a young log would go through all of both.
func lockAndTake(ctx context.Context, tx *postgres.Tx, limit int) (head, []pendingRow, error) {
	var h head
	var pending []pendingRow
	err := tx.Ask(ctx, postgres.Question{What: "plans",
		SQL: `SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', ` +
			`true)`},
		postgres.Question{What: "head", SQL: headSelect + ` FOR UPDATE`, Row: h.take},
		postgres.Question{What: "pending", SQL: `WITH taken AS (
			DELETE FROM log_pending WHERE seq IN (
				SELECT seq FROM log_pending ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING seq, entry
		)
		SELECT e.id, e.parties, e.body, e.nonce
		FROM taken t JOIN log_entry e ON e.id = t.entry
		WHERE NOT EXISTS (SELECT FROM log_seq s WHERE s.entry = t.entry)
		ORDER BY t.seq`, Args: []any{limit}, Row: func(row postgres.Row) error {
			var p pendingRow
			err := row.Scan(&p.id, &p.parties, &p.body, &p.nonce)
			slices.Sort(p.parties)
			p.parties = slices.Compact(p.parties)
			pending = append(pending, p)
			return err
		}})
	return h, pending, err
}

// insertRound writes, with the commit, all that a round decided: indexes, the running numbers that changed, tiles and
// the head.
func insertRound(tx *postgres.Tx, entries []placed, changed map[string]int64, g *growth) {
	indexes, ids, leaves := make([]int64, len(entries)), make([]string, len(entries)), make([][]byte, len(entries))
	for i, e := range entries {
		indexes[i], ids[i], leaves[i] = e.index, e.id, e.leaf
	}
	parties, ns := make([]string, 0, len(changed)), make([]int64, 0, len(changed))
	for party, n := range changed {
		parties, ns = append(parties, party), append(ns, n)
	}
	levels, places, widths := make([]int64, len(g.tiles)), make([]int64, len(g.tiles)), make([]int64, len(g.tiles))
	for i, t := range g.tiles {
		levels[i], places[i], widths[i] = int64(t.L), t.N, int64(t.W)
	}
	tx.Later("write", `WITH seq AS (
			INSERT INTO log_seq (index, entry, leaf)
			SELECT s.index, s.entry, s.leaf FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS s (index, entry, leaf)
		), party AS (
			INSERT INTO log_party (party, n)
			SELECT p.party, p.n FROM unnest($4::text[], $5::bigint[]) AS p (party, n)
			ON CONFLICT (party) DO UPDATE SET n = excluded.n
		), tile AS (
			INSERT INTO log_tile (level, index, width, data)
			SELECT t.level, t.index, t.width, t.data
			FROM unnest($6::bigint[], $7::bigint[], $8::bigint[], $9::bytea[]) AS t (level, index, width, data)
			ON CONFLICT (level, index) DO UPDATE SET width = excluded.width, data = excluded.data
		)
		UPDATE log_head SET size = $10, root = $11`,
		indexes, ids, leaves, parties, ns, levels, places, widths, g.data, g.to.size, g.to.root[:])
}

// errTilesUnread says that the database did not hand out tiles; nothing is known about them.
var errTilesUnread = errors.New("tiles cannot be read")

// readTiles reads tiles of a committed tree, each cut to the width asked for: a stored one may have grown since.
func readTiles(ctx context.Context, q gorm.ConnPool, tiles []tlog.Tile) ([][]byte, error) {
	if len(tiles) == 0 {
		return nil, nil
	}
	levels, places := make([]int64, len(tiles)), make([]int64, len(tiles))
	for i, t := range tiles {
		levels[i], places[i] = int64(t.L), t.N
	}
	rows, err := q.QueryContext(ctx, `SELECT w.place, t.data
		FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS w (level, index, place)
		JOIN log_tile t ON t.level = w.level AND t.index = w.index`, levels, places)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errTilesUnread, err)
	}
	defer rows.Close()
	data := make([][]byte, len(tiles))
	for rows.Next() {
		var place int
		var stored []byte
		if err := rows.Scan(&place, &stored); err != nil {
			return nil, fmt.Errorf("%w: %w", errTilesUnread, err)
		}
		if want := tiles[place-1].W * tlog.HashSize; len(stored) >= want {
			data[place-1] = stored[:want]
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", errTilesUnread, err)
	}
	for i := range data {
		if data[i] == nil {
			return nil, fmt.Errorf("%w: tile %s is missing or too narrow", ErrInconsistent, tiles[i].Path())
		}
	}
	return data, nil
}

// stored reads hashes of t out of the stored tiles, each authenticated against the root.
func (t *tree) stored(ctx context.Context, q gorm.ConnPool) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: t.size, Hash: tlog.Hash(t.root)},
		tileReader(func(tiles []tlog.Tile) ([][]byte, error) {
			return readTiles(ctx, q, tiles)
		}))
}

// tileReader is a tlog.TileReader.
type tileReader func([]tlog.Tile) ([][]byte, error)

func (r tileReader) Height() int                                   { return height }
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) { return r(tiles) }
func (r tileReader) SaveTiles([]tlog.Tile, [][]byte)               {}

// findEntries says which of the ids are committed entries, and gives those that have their index.
func findEntries(ctx context.Context, q gorm.ConnPool, ids []string) (known map[string]bool, sequenced []placed,
	err error) {
	rows, err := q.QueryContext(ctx, `SELECT e.id, coalesce(s.index, -1), s.leaf, e.body, e.nonce
		FROM log_entry e LEFT JOIN log_seq s ON s.entry = e.id
		WHERE e.id = ANY ($1::text[])`, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("sequencer: entries: %w", err)
	}
	defer rows.Close()
	known = map[string]bool{}
	for rows.Next() {
		var p placed
		if err := rows.Scan(&p.id, &p.index, &p.leaf, &p.body, &p.nonce); err != nil {
			return nil, nil, fmt.Errorf("sequencer: entries: %w", err)
		}
		known[p.id] = true
		if p.index >= 0 {
			sequenced = append(sequenced, p)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("sequencer: entries: %w", err)
	}
	return known, sequenced, nil
}

func insertCheckpoint(ctx context.Context, q gorm.ConnPool, c ledger.Checkpoint) error {
	_, err := q.ExecContext(ctx, `INSERT INTO log_checkpoint (size, note, at) VALUES ($1, $2, clock_timestamp())
		ON CONFLICT DO NOTHING`, c.Size(), c.Signed())
	if err != nil {
		return fmt.Errorf("sequencer: checkpoint: %w", err)
	}
	return nil
}
