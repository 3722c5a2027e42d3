package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Arrangement is the instrument's own record: there is exactly one.
type Arrangement struct {
	Title         string
	NoticeGivenOn time.Time // a day, 00:00 UTC; zero while no notice is given
	Instrument    article4.Digest
	Configuration string          // entry of the configuration in force
	Configured    article4.Digest // of what that entry says
	Revision      string          // another one after each change of what Records holds
}

type arrangementRow struct {
	Title            string
	NoticeGivenOn    *time.Time
	InstrumentSHA256 string `gorm:"column:instrument_sha256"`
	Configuration    string
	ConfiguredSHA256 string `gorm:"column:configured_sha256"`
	Revision         string
}

const arrangementSelect = `SELECT title, notice_given_on, instrument_sha256, configuration, configured_sha256, ` +
	`revision::text FROM arrangement`

func (row arrangementRow) to() Arrangement {
	return Arrangement{
		Title:         row.Title,
		NoticeGivenOn: orZero(row.NoticeGivenOn),
		Instrument:    article4.Digest(row.InstrumentSHA256),
		Configuration: row.Configuration,
		Configured:    article4.Digest(row.ConfiguredSHA256),
		Revision:      row.Revision,
	}
}

// Arrangement reads the one row.
func (r *Register) Arrangement(ctx context.Context, tx *postgres.Tx, lock Lock) (Arrangement, error) {
	if lock != Unlocked {
		tx.Later("hold the arrangement", "SELECT "+lock.take(theArrangement))
	}
	var row arrangementRow
	err := one(sql(ctx, tx).Raw(arrangementSelect), &row, "arrangement", "")
	return row.to(), err
}

// PutArrangement records the instrument and the configuration entry in force; the notice is never touched here.
func (r *Register) PutArrangement(ctx context.Context, tx *postgres.Tx, a Arrangement) error {
	return failed("arrangement", a.Title, sql(ctx, tx).Exec(`
		INSERT INTO arrangement (title, instrument_sha256, configuration, configured_sha256) VALUES (?,?,?,?)
		ON CONFLICT (only_one) DO UPDATE SET title = excluded.title, instrument_sha256 = excluded.instrument_sha256,
			configuration = excluded.configuration, configured_sha256 = excluded.configured_sha256`,
		a.Title, a.Instrument, a.Configuration, a.Configured).Error)
}

// GiveNotice records the day of notice under Article 11(4). It is given once: a second is ErrNotFound, whatever its
// day.
func (r *Register) GiveNotice(ctx context.Context, tx *postgres.Tx, day time.Time) error {
	done := sql(ctx, tx).Exec(`UPDATE arrangement SET notice_given_on = ? WHERE notice_given_on IS NULL`, day)
	if done.Error == nil && done.RowsAffected == 0 {
		return failed("arrangement without notice", "", ErrNotFound)
	}
	return failed("notice", "", done.Error)
}

// Purpose is one area of cooperation.
type Purpose struct {
	Code      article4.PurposeCode
	Label     string
	Paragraph string
	Position  int
	ClosedOn  time.Time // zero while open
	Specific  string    // the specific arrangement that it belongs to; empty: the Arrangement itself
	// Of is the term of that specific arrangement; only from reading, and zero for the Arrangement's own.
	Of SpecificArrangement
}

type purposeRow struct {
	Code      string
	Label     string
	Paragraph string
	Position  int
	ClosedOn  *time.Time
	Specific  *string
	SignedOn  *time.Time
	EndsOn    *time.Time
}

// PutPurpose records a purpose, or its new label.
func (r *Register) PutPurpose(ctx context.Context, tx *postgres.Tx, p Purpose) error {
	return failed("purpose", string(p.Code), sql(ctx, tx).Exec(`
		INSERT INTO purpose (code, label, paragraph, position, specific_arrangement) VALUES (?,?,?,?,?)
		ON CONFLICT (code) DO UPDATE SET label = excluded.label, paragraph = excluded.paragraph, position =
			excluded.position,
			specific_arrangement = excluded.specific_arrangement`,
		p.Code, p.Label, p.Paragraph, p.Position, emptyNil(p.Specific)).Error)
}

// Purposes lists all of them in the order of the instrument.
func (r *Register) Purposes(ctx context.Context, tx *postgres.Tx) ([]Purpose, error) {
	var rows []purposeRow
	err := sql(ctx, tx).Raw(`SELECT p.code, p.label, p.paragraph, p.position, p.closed_on, p.specific_arrangement AS
		specific, s.signed_on, s.ends_on
		FROM purpose p LEFT JOIN specific_arrangement s ON s.id = p.specific_arrangement ORDER BY p.position, p.code`).
		Scan(&rows).Error
	out := make([]Purpose, len(rows))
	for i, row := range rows {
		out[i] = Purpose{
			Code:      article4.PurposeCode(row.Code),
			Label:     row.Label,
			Paragraph: row.Paragraph,
			Position:  row.Position,
			ClosedOn:  orZero(row.ClosedOn),
			Specific:  orEmpty(row.Specific),
			Of: SpecificArrangement{ID: orEmpty(row.Specific), SignedOn: orZero(row.SignedOn),
				EndsOn: orZero(row.EndsOn)},
		}
	}
	return out, failed("purposes", "", err)
}

// SpecificArrangement is a separate arrangement on a specific project (Article 6(3)). Dates are days, 00:00 UTC.
type SpecificArrangement struct {
	ID         string
	Title      string
	SignedOn   time.Time
	EndsOn     time.Time // the last day in force; zero: no term
	Instrument article4.Digest
}

// InForce reports whether it is in force at an instant: from its signature through its last day.
func (s SpecificArrangement) InForce(at time.Time) bool {
	return !at.Before(s.SignedOn) && (s.EndsOn.IsZero() || at.Before(s.EndsOn.AddDate(0, 0, 1)))
}

// PutSpecificArrangement records one, or what changed of it.
func (r *Register) PutSpecificArrangement(ctx context.Context, tx *postgres.Tx, s SpecificArrangement) error {
	return failed("specific arrangement", s.ID, sql(ctx, tx).Exec(`
		INSERT INTO specific_arrangement (id, title, signed_on, ends_on, instrument_sha256) VALUES (?,?,?,?,?)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, signed_on = excluded.signed_on, ends_on =
			excluded.ends_on,
			instrument_sha256 = excluded.instrument_sha256`, s.ID, s.Title, s.SignedOn, orNil(s.EndsOn),
		s.Instrument).Error)
}

// SpecificArrangements lists all of them, in force or not, in the order of their signature.
func (r *Register) SpecificArrangements(ctx context.Context, tx *postgres.Tx) ([]SpecificArrangement, error) {
	var rows []struct {
		ID               string
		Title            string
		SignedOn         time.Time
		EndsOn           *time.Time
		InstrumentSHA256 string `gorm:"column:instrument_sha256"`
	}
	err := sql(ctx, tx).Raw(`SELECT id, title, signed_on, ends_on, instrument_sha256 FROM specific_arrangement ORDER ` +
		`BY signed_on, id`).Scan(&rows).Error
	out := make([]SpecificArrangement, len(rows))
	for i, row := range rows {
		out[i] = SpecificArrangement{ID: row.ID, Title: row.Title, SignedOn: row.SignedOn.UTC(),
			EndsOn:     orZero(row.EndsOn),
			Instrument: article4.Digest(row.InstrumentSHA256)}
	}
	return out, failed("specific arrangements", "", err)
}
