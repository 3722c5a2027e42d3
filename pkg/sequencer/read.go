package sequencer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// Stored is an entry that has its place in the log. Body, Nonce and Details are empty when the reader is not entitled.
type Stored struct {
	Index   int64
	ID      string
	Parties []string
	Leaf    []byte
	Body    []byte
	Nonce   []byte
	Details []Detail
}

// Query asks for entries that one Party may open, the newest first.
type Query struct {
	Party  string
	Before int64 // an index; 0: from the newest on
	Limit  int
	Filter ledger.Filter
}

// List is one page of entries, without their details.
func (s *Sequencer) List(ctx context.Context, tx *postgres.Tx, q Query) ([]Stored, error) {
	c := conditionsOf(q.Party, q.Filter)
	if q.Before > 0 {
		c.and(c.index()+" < $%d", q.Before)
	}
	rows, err := pool(tx).QueryContext(ctx, fmt.Sprintf(
		`SELECT s.index, e.id, array_to_string(e.parties, ' '), s.leaf, e.body, e.nonce
		FROM %s WHERE %s ORDER BY %s DESC LIMIT $%d`, c.from(), c, c.index(), len(c.args)+1), c.with(q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("sequencer: list: %w", err)
	}
	return scanStored(rows)
}

// Accounted are the permitted disclosures that fit behind an index, at most limit, and with them every completion and
// copy of theirs: the oldest first, without details, as far as the Party may open them.
func (s *Sequencer) Accounted(ctx context.Context, tx *postgres.Tx, party string, f ledger.AccountFilter, after int64,
	limit int) ([]Stored, error) {
	c := conditionsOn(party, f)
	c.and(c.index()+" > $%d", after)
	rows, err := pool(tx).QueryContext(ctx, fmt.Sprintf(`WITH page AS (
			SELECT s.index, e.id, e.parties, s.leaf, e.body, e.nonce, e.document, encode(e.body_hash, 'hex') AS name
			FROM %s WHERE %s ORDER BY %s LIMIT $%d
		), later AS (
			SELECT s.index, e.id, e.parties, s.leaf, e.body, e.nonce
			FROM log_entry e JOIN log_seq s ON s.entry = e.id, LATERAL (SELECT log_said(e.body) AS said) b
			WHERE e.document IN (SELECT document FROM page) AND e.document <> '' AND e.kind IN ('completion', 'copy')
				AND e.parties @> ARRAY[$1::text] AND s.index > (SELECT min(index) FROM page)
				AND coalesce(b.said #>> '{completion,closes}', b.said #>> '{terms,relies,0}') IN (SELECT name FROM page)
		)
		SELECT index, id, array_to_string(parties, ' '), leaf, body, nonce
		FROM (SELECT index, id, parties, leaf, body, nonce FROM page UNION ALL SELECT * FROM later) e ORDER BY index`,
		c.from(), c, c.index(), len(c.args)+1), c.with(limit)...)
	if err != nil {
		return nil, fmt.Errorf("sequencer: accounting: %w", err)
	}
	return scanStored(rows)
}

// Find is one entry with its details, whoever may open it; ErrNotFound when it has no place yet.
func (s *Sequencer) Find(ctx context.Context, tx *postgres.Tx, id string) (Stored, error) {
	rows, err := pool(tx).QueryContext(ctx,
		`SELECT s.index, e.id, array_to_string(e.parties, ' '), s.leaf, e.body, e.nonce
		FROM log_seq s JOIN log_entry e ON e.id = s.entry WHERE e.id = $1`, id)
	if err != nil {
		return Stored{}, fmt.Errorf("sequencer: entry %s: %w", id, err)
	}
	found, err := scanStored(rows)
	if err != nil {
		return Stored{}, err
	}
	if len(found) == 0 {
		return Stored{}, fmt.Errorf("sequencer: entry %s: %w", id, ErrNotFound)
	}
	return found[0], s.addDetails(ctx, tx, found)
}

// Range is the log from one index up to another, not included: the leaf data of every entry, and of those that the
// Party may open everything that opens them.
func (s *Sequencer) Range(ctx context.Context, tx *postgres.Tx, party string, from, to int64) ([]Stored, error) {
	rows, err := pool(tx).QueryContext(ctx, `SELECT s.index, e.id, array_to_string(e.parties, ' '), s.leaf,
			CASE WHEN e.parties @> ARRAY[$3] THEN e.body ELSE ''::bytea END, CASE WHEN e.parties @> ARRAY[$3] THEN
				e.nonce ELSE ''::bytea END
		FROM log_seq s JOIN log_entry e ON e.id = s.entry WHERE s.index >= $1 AND s.index < $2 ORDER BY s.index`, from,
		to, party)
	if err != nil {
		return nil, fmt.Errorf("sequencer: range: %w", err)
	}
	found, err := scanStored(rows)
	if err != nil {
		return nil, err
	}
	return found, s.addDetails(ctx, tx, found)
}

// Named is the entries whose bodies have these hashes, in no order, without details: what another entry rests on. A
// hash of no entry is left out.
func (s *Sequencer) Named(ctx context.Context, tx *postgres.Tx, hashes []ledger.Hash) ([]Stored, error) {
	all := make([][]byte, len(hashes))
	for i, h := range hashes {
		all[i] = h[:]
	}
	rows, err := pool(tx).QueryContext(ctx,
		`SELECT s.index, e.id, array_to_string(e.parties, ' '), s.leaf, e.body, e.nonce
		FROM log_seq s JOIN log_entry e ON e.id = s.entry WHERE e.body_hash = ANY ($1::bytea[])`, all)
	if err != nil {
		return nil, fmt.Errorf("sequencer: entries by their hashes: %w", err)
	}
	return scanStored(rows)
}

func scanStored(rows *sql.Rows) ([]Stored, error) {
	defer rows.Close()
	var out []Stored
	for rows.Next() {
		var e Stored
		var parties string
		if err := rows.Scan(&e.Index, &e.ID, &parties, &e.Leaf, &e.Body, &e.Nonce); err != nil {
			return nil, fmt.Errorf("sequencer: entries: %w", err)
		}
		e.Parties = strings.Fields(parties)
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sequencer: entries: %w", err)
	}
	return out, nil
}

// addDetails reads the details of the entries that are opened.
func (s *Sequencer) addDetails(ctx context.Context, tx *postgres.Tx, entries []Stored) error {
	at := map[string]int{}
	var ids []string
	for i, e := range entries {
		if len(e.Body) > 0 {
			at[e.ID] = i
			ids = append(ids, e.ID)
		}
	}
	rows, err := pool(tx).QueryContext(ctx,
		`SELECT entry, field, salt, sealed FROM log_detail WHERE entry = ANY ($1::text[]) ORDER BY entry, field`, ids)
	if err != nil {
		return fmt.Errorf("sequencer: details: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var d Detail
		if err := rows.Scan(&id, &d.Field, &d.Salt, &d.Sealed); err != nil {
			return fmt.Errorf("sequencer: details: %w", err)
		}
		entries[at[id]].Details = append(entries[at[id]].Details, d)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("sequencer: details: %w", err)
	}
	return nil
}

// Checkpoints are the stored ones of trees smaller than size, the oldest first.
func (s *Sequencer) Checkpoints(ctx context.Context, tx *postgres.Tx, size int64) ([][]byte, error) {
	return notes(ctx, pool(tx), "SELECT note FROM log_checkpoint WHERE size < $1 ORDER BY size", size)
}

// Rotations are the notes by which old keys of the log named new ones, in their order.
func (s *Sequencer) Rotations(ctx context.Context, tx *postgres.Tx) ([][]byte, error) {
	return rotations(ctx, pool(tx))
}

func rotations(ctx context.Context, q gorm.ConnPool) ([][]byte, error) {
	return notes(ctx, q, "SELECT note FROM log_rotation ORDER BY id")
}

func notes(ctx context.Context, q gorm.ConnPool, query string, args ...any) ([][]byte, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("sequencer: notes: %w", err)
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var signed []byte
		if err := rows.Scan(&signed); err != nil {
			return nil, fmt.Errorf("sequencer: notes: %w", err)
		}
		out = append(out, signed)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sequencer: notes: %w", err)
	}
	return out, nil
}

// TreeTile is a tile of hashes of the committed tree (C2SP tlog-tiles): the first width of it. ErrNotFound when it is
// not there, or not that wide yet.
func (s *Sequencer) TreeTile(ctx context.Context, tx *postgres.Tx, level int, index int64, width int) ([]byte, error) {
	var data []byte
	err := pool(tx).QueryRowContext(ctx, "SELECT data FROM log_tile WHERE level = $1 AND index = $2 AND width >= $3",
		level, index, width).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("sequencer: tile %d/%d of %d: %w", level, index, width, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("sequencer: tile %d/%d: %w", level, index, err)
	}
	return data[:width*tlog.HashSize], nil
}

// EntryTile is a bundle of leaf data (C2SP tlog-tiles): each behind its length of 16 bits, big-endian.
func (s *Sequencer) EntryTile(ctx context.Context, tx *postgres.Tx, index int64, width int) ([]byte, error) {
	first := index << height
	leaves, err := readDecisions(ctx, pool(tx), first, first+int64(width))
	if err != nil {
		return nil, err
	}
	if len(leaves) != width {
		return nil, fmt.Errorf("sequencer: entries %d of %d: %w", index, width, ErrNotFound)
	}
	return entryBundle(leaves), nil
}

func readDecisions(ctx context.Context, q gorm.ConnPool, from, to int64) ([][]byte, error) {
	return notes(ctx, q, "SELECT leaf FROM log_seq WHERE index >= $1 AND index < $2 ORDER BY index", from, to)
}

// entryBundle puts each leaf data behind its length.
func entryBundle(leaves [][]byte) []byte {
	var out []byte
	for _, leaf := range leaves {
		out = append(out, byte(len(leaf)>>8), byte(len(leaf)))
		out = append(out, leaf...)
	}
	return out
}

// Extension proves that the tree of to entries extends that of from (RFC 6962 2.1.2); both are at most the committed
// one.
func (s *Sequencer) Extension(ctx context.Context, tx *postgres.Tx, from, to int64) (tlog.TreeProof, error) {
	h, err := readHead(ctx, pool(tx), "")
	if err != nil {
		return nil, err
	}
	if from < 1 || to < from || to > h.size {
		return nil, fmt.Errorf("sequencer: from %d to %d of %s: %w", from, to, ledger.Several(h.size, "entry"),
			ErrNotFound)
	}
	t := tree{size: h.size, root: h.root}
	proof, err := tlog.ProveTree(to, from, t.stored(ctx, pool(tx)))
	if err != nil {
		return nil, fmt.Errorf("sequencer: from %d to %d: %w", from, to, err)
	}
	return proof, nil
}

// SignManifest signs the text of a bundle's manifest (ledger.ManifestText), and nothing else, with the log's key.
func (s *Sequencer) SignManifest(text string) ([]byte, error) {
	return ledger.SignManifest(text, s.signer)
}

// Keys are the public keys of the log, the oldest first, the last one in use.
func (s *Sequencer) Keys(ctx context.Context, tx *postgres.Tx) ([]string, error) {
	made, err := rotations(ctx, pool(tx))
	if err != nil {
		return nil, err
	}
	var keys []string
	for i, signed := range made {
		before, after, err := ledger.RotationKeys(signed)
		if err != nil {
			return nil, fmt.Errorf("sequencer: rotation %d: %w", i, err)
		}
		if i == 0 {
			keys = append(keys, before)
		}
		keys = append(keys, after)
	}
	if len(keys) == 0 && s.public != "" {
		keys = []string{s.public}
	}
	return keys, nil
}

func pool(tx *postgres.Tx) gorm.ConnPool { return postgres.Gorm(tx).Statement.ConnPool }
