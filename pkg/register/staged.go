package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Staged is a file that came with its marking before the rest of its deposit.
type Staged struct {
	ID           string // "stg_…"
	Upload       UploadID
	Object       string
	Organisation article4.OrganisationID // whose keyset seals it
	Person       article4.PersonID       // whose alone it is
	WrappedKey   []byte
	Found        string // what was found in it, for whoever wrote that to read
	Preview      string // a picture; empty: there is none
	StagedAt     time.Time
	ExpiresAt    time.Time
}

type stagedRow struct {
	ID            string
	Upload        string
	Object        string
	Organisation  string
	Person        string
	WrappedKey    []byte
	FoundSealed   []byte
	PreviewSealed []byte
	StagedAt      time.Time
	ExpiresAt     time.Time
}

var stagedTable = newTable[stagedRow](`staged s JOIN upload u ON u.id = s.upload AND u.state = 'staged'`,
	map[string]string{"Object": `u.object`})

func (r *Register) toStaged(row stagedRow) (Staged, error) {
	s := Staged{
		ID:           row.ID,
		Upload:       UploadID(row.Upload),
		Object:       row.Object,
		Organisation: article4.OrganisationID(row.Organisation),
		Person:       article4.PersonID(row.Person),
		WrappedKey:   row.WrappedKey,
		StagedAt:     row.StagedAt.UTC(),
		ExpiresAt:    row.ExpiresAt.UTC(),
	}
	return s, r.openTexts(s.Organisation, row.ID, stagedTexts(&row, &s))
}

func stagedTexts(row *stagedRow, s *Staged) []text {
	return []text{{"staged.found", &row.FoundSealed, &s.Found}, {"staged.preview", &row.PreviewSealed, &s.Preview}}
}

// AddStaged keeps a file whose upload is open, and its key; ErrNotFound when the sweeper was first.
func (r *Register) AddStaged(ctx context.Context, tx *postgres.Tx, s Staged) error {
	err := r.moveUpload(ctx, tx, s.Upload,
		`UPDATE upload SET state = 'staged', heartbeat_at = ? WHERE id = ? AND state = 'open'`, s.StagedAt)
	if err != nil {
		return err
	}
	row := stagedRow{
		ID:           s.ID,
		Upload:       string(s.Upload),
		Organisation: string(s.Organisation),
		Person:       string(s.Person),
		WrappedKey:   s.WrappedKey,
		StagedAt:     s.StagedAt,
		ExpiresAt:    s.ExpiresAt,
	}
	if err := r.sealTexts(s.Organisation, row.ID, stagedTexts(&row, &s)); err != nil {
		return err
	}
	return stagedTable.add(ctx, tx, "staged", row.ID, row)
}

// HoldStaged lets one transaction at a time change what a person has staged, until it ends.
func (r *Register) HoldStaged(ctx context.Context, tx *postgres.Tx, p article4.PersonID) error {
	return tx.Ask(ctx, postgres.Question{What: "staged by " + string(p), SQL: `SELECT ` + ForUpdate.take(`$1::text`),
		Args: []any{"staged " + string(p)}})
}

// StagedBy lists what a person has staged and what has not expired, behind an identifier.
func (r *Register) StagedBy(ctx context.Context, tx *postgres.Tx, p article4.PersonID, now time.Time, after string,
	limit int) ([]Listed[Staged], error) {
	rows, err := stagedTable.all(ctx, tx, "staged by", string(p),
		`WHERE s.person = $1 AND s.expires_at > $2 AND s.id > $3 ORDER BY s.id LIMIT $4`, p, now, after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toStaged, func(row stagedRow) Place { return Place{At: row.StagedAt, ID: row.ID} }), nil
}

// Staged reads one that a person has staged; ErrNotFound when it is another's, or has expired.
func (r *Register) Staged(ctx context.Context, tx *postgres.Tx, p article4.PersonID, id string, now time.Time) (Staged,
	error) {
	row, err := stagedTable.one(ctx, tx, "staged", id, `WHERE s.id = $1 AND s.person = $2 AND s.expires_at > $3`, id, p,
		now)
	if err != nil {
		return Staged{}, err
	}
	return r.toStaged(row)
}

// TakeStaged makes a staged upload that of a document: its row goes, since the version keeps the key. ErrNotFound when
// somebody was first.
func (r *Register) TakeStaged(ctx context.Context, tx *postgres.Tx, s Staged, at time.Time) error {
	if err := r.moveUpload(ctx, tx, s.Upload,
		`UPDATE upload SET state = 'stored', heartbeat_at = ? WHERE id = ? AND state = 'staged'`, at); err != nil {
		return err
	}
	return failed("staged", s.ID, sql(ctx, tx).Exec(`DELETE FROM staged WHERE id = ?`, s.ID).Error)
}

// DropStaged gives one up: the key is gone with the row, and the object is the sweeper's to remove.
func (r *Register) DropStaged(ctx context.Context, tx *postgres.Tx, id string, at time.Time) error {
	return r.dropStaged(ctx, tx, `id = @of`, id, at)
}

// ExpireStaged gives up all whose time is over.
func (r *Register) ExpireStaged(ctx context.Context, tx *postgres.Tx, at time.Time) error {
	return r.dropStaged(ctx, tx, `expires_at <= @of`, at, at)
}

func (r *Register) dropStaged(ctx context.Context, tx *postgres.Tx, which string, of any, at time.Time) error {
	return failed("staged", "", sql(ctx, tx).Exec(`WITH gone AS (DELETE FROM staged WHERE `+which+` RETURNING upload)
		UPDATE upload SET state = 'abandoned', heartbeat_at = @at
		WHERE state = 'staged' AND id IN (SELECT upload FROM gone)`, map[string]any{"of": of, "at": at}).Error)
}
