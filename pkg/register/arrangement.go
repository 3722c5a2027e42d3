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
}

type arrangementRow struct {
	Title            string
	NoticeGivenOn    *time.Time
	InstrumentSHA256 string `gorm:"column:instrument_sha256"`
	Configuration    string
	ConfiguredSHA256 string `gorm:"column:configured_sha256"`
}

func (row arrangementRow) to() Arrangement {
	return Arrangement{
		Title: row.Title, NoticeGivenOn: orZero(row.NoticeGivenOn), Instrument: article4.Digest(row.InstrumentSHA256),
		Configuration: row.Configuration, Configured: article4.Digest(row.ConfiguredSHA256),
	}
}

// Lock says how a row is held until the transaction ends.
type Lock string

// The locks of the three ways (architecture.md): widening acts share, narrowing acts exclude.
const (
	Unlocked   Lock = ""
	ForShare   Lock = " FOR SHARE"
	ForNarrow  Lock = " FOR UPDATE"
	ForRequest Lock = " FOR NO KEY UPDATE"
)

// Arrangement reads the one row.
func (r *Register) Arrangement(ctx context.Context, tx *postgres.Tx, lock Lock) (Arrangement, error) {
	var row arrangementRow
	err := one(sql(ctx, tx).Raw(`SELECT title, notice_given_on, instrument_sha256, configuration, configured_sha256
		FROM arrangement`+string(lock)), &row, "arrangement", "")
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

// Purpose is one area of cooperation.
type Purpose struct {
	Code      article4.PurposeCode
	Label     string
	Paragraph string
	Position  int
	ClosedOn  time.Time // zero while open
}

type purposeRow struct {
	Code      string
	Label     string
	Paragraph string
	Position  int
	ClosedOn  *time.Time
}

// PutPurpose records a purpose, or its new label.
func (r *Register) PutPurpose(ctx context.Context, tx *postgres.Tx, p Purpose) error {
	return failed("purpose", string(p.Code), sql(ctx, tx).Exec(`
		INSERT INTO purpose (code, label, paragraph, position) VALUES (?,?,?,?)
		ON CONFLICT (code) DO UPDATE SET label = excluded.label, paragraph = excluded.paragraph, position = excluded.position`,
		p.Code, p.Label, p.Paragraph, p.Position).Error)
}

// Purposes lists all of them in the order of the instrument.
func (r *Register) Purposes(ctx context.Context, tx *postgres.Tx) ([]Purpose, error) {
	var rows []purposeRow
	err := sql(ctx, tx).Raw(`SELECT code, label, paragraph, position, closed_on FROM purpose ORDER BY position, code`).Scan(&rows).Error
	out := make([]Purpose, len(rows))
	for i, row := range rows {
		out[i] = Purpose{Code: article4.PurposeCode(row.Code), Label: row.Label, Paragraph: row.Paragraph,
			Position: row.Position, ClosedOn: orZero(row.ClosedOn)}
	}
	return out, failed("purposes", "", err)
}
