package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Suspension is an emergency stop over one document, one person or one organisation.
type Suspension struct {
	ID           string
	Document     article4.DocumentID
	Person       article4.PersonID
	Organisation article4.OrganisationID
	Reason       string
	By           article4.PersonID
	ByOrg        article4.OrganisationID // whose keyset seals the reason
	At           time.Time
	LiftedAt     time.Time
	Entry        string
	EntryHash    string
}

type suspensionRow struct {
	ID           string
	Document     *string
	Person       *string
	Organisation *string
	ReasonSealed []byte
	ByPerson     string
	ByOrg        string
	At           time.Time
	LiftedAt     *time.Time
	Entry        string
	EntryHash    string

	InTheLog       *string // the suspension of its entry
	LiftedInTheLog *time.Time
}

// A suspension stands as the log has it, in log_stop: rows can be altered, and the log is append-only.
var suspensionTable = newTable[suspensionRow](`suspension s LEFT JOIN log_stop k ON k.entry = s.entry AND `+sameStop,
	map[string]string{"InTheLog": `k.stop`, "LiftedInTheLog": `k.lifted_at`})

// sameStop: a suspension k of the log is over the same as a row s.
const sameStop = `k.by_org = s.by_org
	AND (k.document = s.document OR k.person = s.person OR k.organisation = s.organisation)`

func (r *Register) toSuspension(row suspensionRow) (Suspension, error) {
	s := Suspension{
		ID:           row.ID,
		Document:     article4.DocumentID(orEmpty(row.Document)),
		Person:       article4.PersonID(orEmpty(row.Person)),
		Organisation: article4.OrganisationID(orEmpty(row.Organisation)),
		By:           article4.PersonID(row.ByPerson),
		ByOrg:        article4.OrganisationID(row.ByOrg),
		At:           row.At.UTC(),
		LiftedAt:     orZero(row.LiftedInTheLog),
		Entry:        row.Entry,
		EntryHash:    row.EntryHash,
	}
	if orEmpty(row.InTheLog) != row.ID {
		return Suspension{}, fmt.Errorf("entry of suspension %s: %w", s.ID, ErrAltered)
	}
	var err error
	s.Reason, err = r.open(cell{s.ByOrg, "suspension.reason", row.ID}, row.ReasonSealed)
	return s, err
}

// AddSuspension records an emergency stop; it holds from the next byte.
func (r *Register) AddSuspension(ctx context.Context, tx *postgres.Tx, s Suspension) error {
	reason, err := r.sealed(cell{s.ByOrg, "suspension.reason", s.ID}, s.Reason)
	if err != nil {
		return err
	}
	return suspensionTable.add(ctx, tx, "suspension", s.ID, suspensionRow{
		ID:           s.ID,
		Document:     emptyNil(string(s.Document)),
		Person:       emptyNil(string(s.Person)),
		Organisation: emptyNil(string(s.Organisation)),
		ReasonSealed: reason,
		ByPerson:     string(s.By),
		ByOrg:        string(s.ByOrg),
		At:           s.At,
		Entry:        s.Entry,
		EntryHash:    s.EntryHash,
	})
}

// Suspension reads one, held until the transaction ends.
func (r *Register) Suspension(ctx context.Context, tx *postgres.Tx, id string) (Suspension, error) {
	row, err := suspensionTable.one(ctx, tx, "suspension", id, `WHERE s.id = $1 FOR UPDATE OF s`, id)
	if err != nil {
		return Suspension{}, err
	}
	return r.toSuspension(row)
}

// SuspensionsNamed finds several, whatever became of them; of what is none there is none. Nothing is held.
func (r *Register) SuspensionsNamed(ctx context.Context, tx *postgres.Tx, ids []string) (map[string]Suspension, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := suspensionTable.all(ctx, tx, "suspensions", "", `WHERE s.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	found, err := opened(rows, r.toSuspension)
	out := make(map[string]Suspension, len(found))
	for _, s := range found {
		out[s.ID] = s
	}
	return out, err
}

// Suspensions lists those of a Party, newest first.
func (r *Register) Suspensions(ctx context.Context, tx *postgres.Tx, party article4.OrganisationID, afterAt time.Time,
	after string, limit int) ([]Listed[Suspension], error) {
	rows, err := suspensionTable.all(ctx, tx, "suspensions of", string(party),
		`WHERE s.by_org = $1 AND ($3 = '' OR (s.at, s.id) < ($2, $3)) ORDER BY s.at DESC, s.id DESC LIMIT $4`,
		party, orNil(afterAt), after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toSuspension, func(row suspensionRow) Place {
		return Place{row.At, row.ID, article4.DocumentID(orEmpty(row.Document))}
	}), nil
}

// Suspended reports whether a person, or the organisation the person is of, is suspended, and whether a document is, by
// the log.
func (r *Register) Suspended(ctx context.Context, tx *postgres.Tx, p article4.PersonID, o article4.OrganisationID,
	d article4.DocumentID) (person, document bool, err error) {
	var row struct{ Person, Document bool }
	err = sql(ctx, tx).Raw(`SELECT `+stopped(`?`, `?`)+` AS person, `+stoppedDocument(`?`)+` AS document`, p, o,
		d).Scan(&row).Error
	return row.Person, row.Document, failed("suspensions", "", err)
}

// stopped asks whether a suspension of a person or of an organisation stands, by the log.
func stopped(person, organisation string) string {
	return `(EXISTS (SELECT FROM log_stop k WHERE k.lifted_at IS NULL AND k.person = ` + person + `)
		OR EXISTS (SELECT FROM log_stop k WHERE k.lifted_at IS NULL AND k.organisation = ` + organisation + `))`
}

// stoppedDocument asks the same of a document.
func stoppedDocument(id string) string {
	return `EXISTS (SELECT FROM log_stop k WHERE k.lifted_at IS NULL AND k.document <> '' AND k.document = ` + id + `)`
}

// Lift ends a suspension.
func (r *Register) Lift(ctx context.Context, tx *postgres.Tx, id string, at time.Time) error {
	return failed("suspension", id,
		sql(ctx, tx).Exec(`UPDATE suspension SET lifted_at = ? WHERE id = ? AND lifted_at IS NULL`, at, id).Error)
}
