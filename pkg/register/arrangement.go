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
	InstrumentSHA256 string
	Configuration    string
	ConfiguredSHA256 string
	Revision         string
}

var arrangementTable = newTable[arrangementRow](`arrangement a`, map[string]string{"Revision": `a.revision::text`})

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
	row, err := arrangementTable.one(ctx, tx, "arrangement", "", "")
	return row.to(), err
}

// PutArrangement records the instrument and the configuration entry in force; the notice is never touched here.
func (r *Register) PutArrangement(ctx context.Context, tx *postgres.Tx, a Arrangement) error {
	return arrangementTable.add(ctx, tx, "arrangement", a.Title, arrangementRow{
		Title:            a.Title,
		InstrumentSHA256: string(a.Instrument),
		Configuration:    a.Configuration,
		ConfiguredSHA256: string(a.Configured),
	}, `ON CONFLICT (only_one) DO UPDATE SET title = excluded.title, instrument_sha256 = excluded.instrument_sha256,
		configuration = excluded.configuration, configured_sha256 = excluded.configured_sha256`)
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
	LabelFR   string // in French; may be empty
	Paragraph string
	Position  int
	ClosedOn  time.Time // zero while open
	Specific  string    // the specific arrangement that it belongs to; empty: the Arrangement itself
	// Of is the term of that specific arrangement; only from reading, and zero for the Arrangement's own.
	Of SpecificArrangement
}

type purposeRow struct {
	Code                string
	Label               string
	LabelFr             string
	Paragraph           string
	Position            int
	ClosedOn            *time.Time
	SpecificArrangement *string
	SignedOn            *time.Time // of the specific arrangement, with EndsOn
	EndsOn              *time.Time
}

var purposeTable = newTable[purposeRow](`purpose p LEFT JOIN specific_arrangement s ON s.id = p.specific_arrangement`,
	map[string]string{"SignedOn": `s.signed_on`, "EndsOn": `s.ends_on`})

// PutPurpose records a purpose, or its new label.
func (r *Register) PutPurpose(ctx context.Context, tx *postgres.Tx, p Purpose) error {
	return purposeTable.add(ctx, tx, "purpose", string(p.Code), purposeRow{
		Code:                string(p.Code),
		Label:               p.Label,
		LabelFr:             p.LabelFR,
		Paragraph:           p.Paragraph,
		Position:            p.Position,
		SpecificArrangement: emptyNil(p.Specific),
	}, `ON CONFLICT (code) DO UPDATE SET label = excluded.label, label_fr = excluded.label_fr,
		paragraph = excluded.paragraph, position = excluded.position, specific_arrangement = excluded.specific_arrangement`)
}

// Purposes lists all of them in the order of the instrument.
func (r *Register) Purposes(ctx context.Context, tx *postgres.Tx) ([]Purpose, error) {
	rows, err := purposeTable.all(ctx, tx, "purposes", "", `ORDER BY p.position, p.code`)
	out := make([]Purpose, len(rows))
	for i, row := range rows {
		out[i] = Purpose{
			Code:      article4.PurposeCode(row.Code),
			Label:     row.Label,
			LabelFR:   row.LabelFr,
			Paragraph: row.Paragraph,
			Position:  row.Position,
			ClosedOn:  orZero(row.ClosedOn),
			Specific:  orEmpty(row.SpecificArrangement),
			Of: SpecificArrangement{ID: orEmpty(row.SpecificArrangement), SignedOn: orZero(row.SignedOn),
				EndsOn: orZero(row.EndsOn)},
		}
	}
	return out, err
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

type specificRow struct {
	ID               string
	Title            string
	SignedOn         time.Time
	EndsOn           *time.Time
	InstrumentSHA256 string
}

var specificTable = newTable[specificRow](`specific_arrangement s`, nil)

// PutSpecificArrangement records one, or what changed of it.
func (r *Register) PutSpecificArrangement(ctx context.Context, tx *postgres.Tx, s SpecificArrangement) error {
	return specificTable.add(ctx, tx, "specific arrangement", s.ID, specificRow{
		ID:               s.ID,
		Title:            s.Title,
		SignedOn:         s.SignedOn,
		EndsOn:           orNil(s.EndsOn),
		InstrumentSHA256: string(s.Instrument),
	}, `ON CONFLICT (id) DO UPDATE SET title = excluded.title, signed_on = excluded.signed_on,
		ends_on = excluded.ends_on, instrument_sha256 = excluded.instrument_sha256`)
}

// SpecificArrangements lists all of them, in force or not, in the order of their signature.
func (r *Register) SpecificArrangements(ctx context.Context, tx *postgres.Tx) ([]SpecificArrangement, error) {
	rows, err := specificTable.all(ctx, tx, "specific arrangements", "", `ORDER BY s.signed_on, s.id`)
	out := make([]SpecificArrangement, len(rows))
	for i, row := range rows {
		out[i] = SpecificArrangement{
			ID:         row.ID,
			Title:      row.Title,
			SignedOn:   row.SignedOn.UTC(),
			EndsOn:     orZero(row.EndsOn),
			Instrument: article4.Digest(row.InstrumentSHA256),
		}
	}
	return out, err
}
