package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Instrument is the signed paper of an instrument, or of a letter on which a decision on a request rests.
type Instrument struct {
	ID           string // "ins_…"
	Organisation article4.OrganisationID
	Keyset       article4.OrganisationID // whose keyset seals it: its own, or for a third party a Party's
	Request      article4.RequestID      // of a letter; empty for an instrument
	Person       article4.PersonID       // who deposited it
	SHA256       article4.Digest
	MediaType    string
	Size         int64 // in bytes
	FileName     string
	Content      []byte // only from InstrumentContent
	DepositedAt  time.Time
	ExpiresAt    time.Time // zero once something names it
	Shown        bool      // both Parties may open it
	Entry        string
}

type instrumentRow struct {
	ID           string
	Organisation string
	Keyset       string
	Request      *string
	Person       string
	SHA256       string
	MediaType    string
	Size         int64
	SaidSealed   []byte
	DepositedAt  time.Time
	ExpiresAt    *time.Time
	Shown        bool
	Entry        string
}

var instrumentTable = newTable[instrumentRow](`instrument i`, nil)

// paper is what a row is held to, sealed: whose paper it is, for what, and who deposited it.
type paper struct {
	Organisation article4.OrganisationID `json:"organisation"`
	Request      article4.RequestID      `json:"request,omitempty"`
	Person       article4.PersonID       `json:"person"`
	SHA256       article4.Digest         `json:"sha256"`
	FileName     string                  `json:"file_name"`
}

func (r *Register) toInstrument(row instrumentRow) (Instrument, error) {
	i := Instrument{
		ID:           row.ID,
		Organisation: article4.OrganisationID(row.Organisation),
		Keyset:       article4.OrganisationID(row.Keyset),
		Request:      article4.RequestID(orEmpty(row.Request)),
		Person:       article4.PersonID(row.Person),
		SHA256:       article4.Digest(row.SHA256),
		MediaType:    row.MediaType,
		Size:         row.Size,
		DepositedAt:  row.DepositedAt.UTC(),
		ExpiresAt:    orZero(row.ExpiresAt),
		Shown:        row.Shown,
		Entry:        row.Entry,
	}
	said, err := r.paperOf(i.Keyset, row.ID, row.SaidSealed)
	if err != nil {
		return Instrument{}, err
	}
	i.FileName = said.FileName
	if said != i.paper() {
		return Instrument{}, fmt.Errorf("instrument %s: %w", row.ID, ErrAltered)
	}
	return i, nil
}

func (i Instrument) paper() paper {
	return paper{i.Organisation, i.Request, i.Person, i.SHA256, i.FileName}
}

func (r *Register) paperOf(keyset article4.OrganisationID, id string, sealed []byte) (paper, error) {
	var said paper
	text, err := r.open(cell{keyset, "instrument.said", id}, sealed)
	if err == nil {
		err = json.Unmarshal([]byte(text), &said)
	}
	if err != nil {
		err = fmt.Errorf("instrument %s: %w", id, err)
	}
	return said, err
}

// AddInstrument keeps one; the same paper of an organisation a second time, for the same, breaks the constraint
// one_instrument_of_a_digest.
func (r *Register) AddInstrument(ctx context.Context, tx *postgres.Tx, i Instrument) error {
	said, err := json.Marshal(i.paper())
	if err != nil {
		return failed("instrument", i.ID, err)
	}
	sealedSaid, err := r.sealed(cell{i.Keyset, "instrument.said", i.ID}, string(said))
	if err != nil {
		return err
	}
	content, err := r.sealed(cell{i.Keyset, "instrument.content", i.ID}, string(i.Content))
	if err != nil {
		return err
	}
	return failed("instrument", i.ID, sql(ctx, tx).Exec(`INSERT INTO instrument (id, organisation, keyset, request,
		person, sha256, media_type, size, said_sealed, content_sealed, deposited_at, expires_at, entry)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`, i.ID, i.Organisation, i.Keyset, emptyNil(string(i.Request)), i.Person,
		i.SHA256, i.MediaType, i.Size, sealedSaid, content, i.DepositedAt, orNil(i.ExpiresAt), i.Entry).Error)
}

// Instrument reads one that has not expired; ErrNotFound.
func (r *Register) Instrument(ctx context.Context, tx *postgres.Tx, id string, now time.Time) (Instrument, error) {
	row, err := instrumentTable.one(ctx, tx, "instrument", id,
		`WHERE i.id = $1 AND (i.expires_at IS NULL OR i.expires_at > $2)`, id, now)
	if err != nil {
		return Instrument{}, err
	}
	return r.toInstrument(row)
}

// InstrumentsOf lists what an organisation deposited and what both Parties may open of others', the newest first,
// behind a place in that order; where digest is not empty, of that paper alone. parties is true for a Party's own
// people.
func (r *Register) InstrumentsOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, parties bool,
	digest article4.Digest, now, before time.Time, beforeID string,
	limit int) ([]Listed[Instrument], error) {
	rows, err := instrumentTable.all(ctx, tx, "instruments of", string(o),
		`WHERE (i.organisation = $1 OR i.shown AND i.request IS NULL AND $2) AND (i.expires_at IS NULL OR i.expires_at > $3)
		AND ($4 = '' OR (i.deposited_at, i.id) < ($5, $4)) AND $7 IN ('', i.sha256)
		ORDER BY i.deposited_at DESC, i.id DESC LIMIT $6`, string(o), parties, now, beforeID, before, limit,
		string(digest))
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toInstrument, func(row instrumentRow) Place {
		return Place{At: row.DepositedAt, ID: row.ID}
	}), nil
}

// InstrumentNamed finds the paper of a digest that one of these organisations deposited, that of the first of them
// where several did; ErrNotFound. It is a letter where request is not empty.
func (r *Register) InstrumentNamed(ctx context.Context, tx *postgres.Tx, of []article4.OrganisationID,
	digest article4.Digest, request article4.RequestID, now time.Time) (Instrument, error) {
	row, err := instrumentTable.one(ctx, tx, "instrument", string(digest),
		`WHERE i.sha256 = $1 AND i.organisation = ANY($2) AND COALESCE(i.request, '') = $3
		AND (i.expires_at IS NULL OR i.expires_at > $4) ORDER BY array_position($2, i.organisation) LIMIT 1`,
		string(digest), of, string(request), now)
	if err != nil {
		return Instrument{}, err
	}
	return r.toInstrument(row)
}

// InstrumentContent opens the paper itself, and holds it against its digest.
func (r *Register) InstrumentContent(ctx context.Context, tx *postgres.Tx, i Instrument) ([]byte, error) {
	var sealed []byte
	if err := tx.Ask(ctx, postgres.Question{What: "paper of an instrument",
		SQL: `SELECT content_sealed FROM instrument WHERE id = $1`, Args: []any{i.ID},
		Row: func(row postgres.Row) error { return row.Scan(&sealed) }}); err != nil {
		return nil, failed("instrument", i.ID, err)
	}
	content, err := r.open(cell{i.Keyset, "instrument.content", i.ID}, sealed)
	if sum := sha256.Sum256([]byte(content)); err == nil && hex.EncodeToString(sum[:]) != string(i.SHA256) {
		err = fmt.Errorf("instrument %s: %w", i.ID, ErrAltered)
	}
	return []byte(content), err
}

// KeepInstrument lets what something names stay, and both Parties open it where shown.
func (r *Register) KeepInstrument(ctx context.Context, tx *postgres.Tx, id string, shown bool) error {
	return failed("instrument", id, sql(ctx, tx).Exec(
		`UPDATE instrument SET expires_at = NULL, shown = shown OR ? WHERE id = ?`, shown, id).Error)
}

// ExpireInstruments removes what nothing named within its time.
func (r *Register) ExpireInstruments(ctx context.Context, tx *postgres.Tx, at time.Time) error {
	return failed("instruments", "", sql(ctx, tx).Exec(`DELETE FROM instrument WHERE expires_at <= ?`, at).Error)
}
