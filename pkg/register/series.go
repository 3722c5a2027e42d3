package register

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Series is documents of one Discloser within stated bounds, for which an authorization may stand (reading 0111).
type Series struct {
	ID           article4.SeriesID
	Discloser    article4.OrganisationID
	Recipient    article4.OrganisationID
	Name         string
	Markings     []article4.Marking
	Purposes     []article4.PurposeCode
	Entities     []article4.OrganisationID // concerned by its documents; empty: none is
	PersonalData bool
	Proprietary  bool
	OpenedBy     article4.PersonID
	OpenedAt     time.Time
	Entry        string
	EntryHash    string
}

type seriesRow struct {
	ID         string
	Discloser  string
	Recipient  string
	Entities   []string
	OpenedBy   string
	OpenedAt   time.Time
	SaidSealed []byte
	Entry      string
	EntryHash  string
}

var seriesTable = newTable[seriesRow](`series s`, nil)

func seriesCell(s Series) cell { return cell{s.Discloser, "series.said", string(s.ID)} }

// AddSeries keeps one.
func (r *Register) AddSeries(ctx context.Context, tx *postgres.Tx, s Series) error {
	row := seriesRow{
		ID:        string(s.ID),
		Discloser: string(s.Discloser),
		Recipient: string(s.Recipient),
		Entities:  append([]string{}, sorted(s.Entities)...),
		OpenedBy:  string(s.OpenedBy),
		OpenedAt:  s.OpenedAt,
		Entry:     s.Entry,
		EntryHash: s.EntryHash,
	}
	var err error
	if row.SaidSealed, err = r.sealedJSON(seriesCell(s), s); err != nil {
		return err
	}
	return seriesTable.add(ctx, tx, "series", row.ID, row)
}

// sealedJSON seals all that is said of something in one piece.
func (r *Register) sealedJSON(c cell, said any) ([]byte, error) {
	text, err := json.Marshal(said)
	if err != nil {
		return nil, failed(c.column, c.row, err)
	}
	return r.sealed(c, string(text))
}

func (r *Register) openJSON(c cell, sealed []byte, into any) error {
	text, err := r.open(c, sealed)
	if err == nil {
		err = json.Unmarshal([]byte(text), into)
	}
	return failed(c.column, c.row, err)
}

func (r *Register) toSeries(row seriesRow) (Series, error) {
	s := Series{ID: article4.SeriesID(row.ID), Discloser: article4.OrganisationID(row.Discloser)}
	if err := r.openJSON(seriesCell(s), row.SaidSealed, &s); err != nil {
		return Series{}, err
	}
	said := terms(s.ID, s.Discloser, s.Recipient, sorted(s.Entities), s.OpenedBy, s.OpenedAt, s.Entry, s.EntryHash)
	if said != terms(row.ID, row.Discloser, row.Recipient, row.Entities, row.OpenedBy, row.OpenedAt, row.Entry,
		row.EntryHash) {
		return Series{}, fmt.Errorf("series %s: %w", row.ID, ErrAltered)
	}
	return s, nil
}

// Series reads one; ErrNotFound.
func (r *Register) Series(ctx context.Context, tx *postgres.Tx, id article4.SeriesID) (Series, error) {
	row, err := seriesTable.one(ctx, tx, "series", string(id), `WHERE s.id = $1`, string(id))
	if err != nil {
		return Series{}, err
	}
	return r.toSeries(row)
}

// SeriesOf lists those of which an organisation is the Discloser, the Recipient or an entity concerned, the newest
// first, behind a place in that order.
func (r *Register) SeriesOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, before time.Time,
	beforeID string, limit int) ([]Listed[Series], error) {
	rows, err := seriesTable.all(ctx, tx, "series of", string(o), `WHERE (s.discloser = $1 OR s.recipient = $1
		OR $1 = ANY(s.entities)) AND ($2 = '' OR (s.opened_at, s.id) < ($3, $2))
		ORDER BY s.opened_at DESC, s.id DESC LIMIT $4`, string(o), beforeID, before, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toSeries, func(row seriesRow) Place { return Place{At: row.OpenedAt, ID: row.ID} }), nil
}

// SeriesNamed finds several.
func (r *Register) SeriesNamed(ctx context.Context, tx *postgres.Tx,
	ids []article4.SeriesID) (map[article4.SeriesID]Series, error) {
	out := map[article4.SeriesID]Series{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := seriesTable.all(ctx, tx, "series", "", `WHERE s.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	found, err := opened(rows, r.toSeries)
	for _, s := range found {
		out[s.ID] = s
	}
	return out, err
}

// StandingAuthorization is one organisation's authorization of all documents of a series, for one purpose, until a day
// (reading 0111). It stands between the two Parties alone.
type StandingAuthorization struct {
	ID              article4.DecisionID
	Series          article4.SeriesID
	Discloser       article4.OrganisationID // of the series: whose keyset seals it
	By              article4.PersonID
	Organisation    article4.OrganisationID
	At              time.Time
	Recipient       article4.OrganisationID
	RecipientRecord article4.Digest
	Markings        []article4.Marking
	Purpose         article4.PurposeCode
	People          []article4.PersonID // of the Recipient; of an entity concerned, none
	Until           time.Time
	Form            article4.Form
	Statement       string
	Text            string
	TextSHA         article4.Digest
	Delegation      article4.Digest
	Evidence        article4.Evidence
	EvidenceText    string
	EvidenceSHA     article4.Digest
	EvidenceKey     []byte
	Entry           string
	EntryHash       string

	WithdrawnAt    time.Time         `json:"-"` // zero while it stands
	WithdrawnBy    article4.PersonID `json:"-"`
	WithdrawnWhy   string            `json:"-"`
	WithdrawnEntry string            `json:"-"`
}

type standingRow struct {
	ID                       string
	Series                   string
	ByPerson                 string
	ByOrg                    string
	At                       time.Time
	Until                    time.Time
	SaidSealed               []byte
	Entry                    string
	EntryHash                string
	WithdrawnAt              *time.Time
	WithdrawnBy              *string
	WithdrawnStatementSealed []byte
	WithdrawnEntry           *string

	Discloser string
	TakenBack bool // no row says so, and the log does
}

var standingTable = newTable[standingRow](`standing_authorization a JOIN series s ON s.id = a.series`,
	map[string]string{"Discloser": `s.discloser`, "TakenBack": `a.withdrawn_at IS NULL AND ` +
		standingTakenBack(`a.entry_hash`)})

// standingTakenBack asks whether a withdrawal in the log names a standing authorization by its entry: that one was
// deleted in the rows is noticed before anything rests on it again.
func standingTakenBack(hash string) string {
	return `EXISTS (SELECT FROM log_entry e WHERE e.kind = 'series-withdrawal'
	AND position(` + hash + ` IN convert_from(e.body, 'UTF8')) > 0
	AND log_said(e.body) ->> 'outcome' = 'permit')`
}

func standingCell(a StandingAuthorization, column string) cell {
	return cell{a.Discloser, "standing_authorization." + column, string(a.ID)}
}

// AddStanding keeps one.
func (r *Register) AddStanding(ctx context.Context, tx *postgres.Tx, a StandingAuthorization) error {
	row := standingRow{
		ID:        string(a.ID),
		Series:    string(a.Series),
		ByPerson:  string(a.By),
		ByOrg:     string(a.Organisation),
		At:        a.At,
		Until:     a.Until,
		Entry:     a.Entry,
		EntryHash: a.EntryHash,
	}
	var err error
	if row.SaidSealed, err = r.sealedJSON(standingCell(a, "said"), a); err != nil {
		return err
	}
	return standingTable.add(ctx, tx, "standing authorization", row.ID, row)
}

func (r *Register) toStanding(row standingRow) (StandingAuthorization, error) {
	a := StandingAuthorization{ID: article4.DecisionID(row.ID), Discloser: article4.OrganisationID(row.Discloser)}
	if err := r.openJSON(standingCell(a, "said"), row.SaidSealed, &a); err != nil {
		return StandingAuthorization{}, err
	}
	said := terms(a.ID, a.Series, a.Discloser, a.By, a.Organisation, a.At, a.Until, a.Entry, a.EntryHash)
	if row.TakenBack || said != terms(row.ID, row.Series, row.Discloser, row.ByPerson, row.ByOrg, row.At, row.Until,
		row.Entry, row.EntryHash) {
		return StandingAuthorization{}, fmt.Errorf("standing authorization %s: %w", row.ID, ErrAltered)
	}
	a.WithdrawnAt, a.WithdrawnEntry = orZero(row.WithdrawnAt), orEmpty(row.WithdrawnEntry)
	a.WithdrawnBy = article4.PersonID(orEmpty(row.WithdrawnBy))
	var err error
	a.WithdrawnWhy, err = r.open(standingCell(a, "withdrawn_statement"), row.WithdrawnStatementSealed)
	return a, err
}

// Standing reads one; ErrNotFound.
func (r *Register) StandingAuthorization(ctx context.Context, tx *postgres.Tx,
	id article4.DecisionID) (StandingAuthorization, error) {
	row, err := standingTable.one(ctx, tx, "standing authorization", string(id), `WHERE a.id = $1`, string(id))
	if err != nil {
		return StandingAuthorization{}, err
	}
	return r.toStanding(row)
}

// StandingAuthorizations lists those of a series, withdrawn and expired ones included, the oldest first.
func (r *Register) StandingAuthorizations(ctx context.Context, tx *postgres.Tx,
	series article4.SeriesID) ([]StandingAuthorization, error) {
	rows, err := standingTable.all(ctx, tx, "standing authorizations of", string(series),
		`WHERE a.series = $1 ORDER BY a.at, a.id`, string(series))
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toStanding)
}

// StandingInForce lists those of the Disclosers of the series that a Party keeps or receives that stand at an instant,
// the oldest first: at most 200.
func (r *Register) StandingInForce(ctx context.Context, tx *postgres.Tx, party article4.OrganisationID,
	at time.Time) ([]StandingAuthorization, error) {
	rows, err := standingTable.all(ctx, tx, "standing authorizations in force for", string(party),
		`WHERE (s.discloser = $1 OR s.recipient = $1) AND a.by_org = s.discloser AND a.withdrawn_at IS NULL
		AND a.until > $2 ORDER BY a.at, a.id LIMIT 200`, string(party), at)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toStanding)
}

// WithdrawStanding records that one was taken back, and with it every decision that rests on it, of whatever request.
func (r *Register) WithdrawStanding(ctx context.Context, tx *postgres.Tx, a StandingAuthorization,
	entryHash string) error {
	statement, err := r.sealed(standingCell(a, "withdrawn_statement"), a.WithdrawnWhy)
	if err != nil {
		return err
	}
	db := sql(ctx, tx)
	if err := db.Exec(`UPDATE standing_authorization SET withdrawn_at = ?, withdrawn_by = ?,
		withdrawn_statement_sealed = ?, withdrawn_entry = ? WHERE id = ? AND withdrawn_at IS NULL`, a.WithdrawnAt,
		a.WithdrawnBy, statement, a.WithdrawnEntry, a.ID).Error; err != nil {
		return failed("standing authorization", string(a.ID), err)
	}
	if err := db.Exec(`UPDATE access_request SET revision = revision + 1
		WHERE id IN (SELECT l.request FROM decision l WHERE l.standing = ?)`, a.ID).Error; err != nil {
		return failed("requests on standing authorization", string(a.ID), err)
	}
	return failed("decisions on standing authorization", string(a.ID), db.Exec(`INSERT INTO withdrawal (decision,
		by_person, at, entry, entry_hash) SELECT l.id, ?, ?, ?, ? FROM decision l WHERE l.standing = ?
		AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.decision = l.id)`, a.WithdrawnBy, a.WithdrawnAt,
		a.WithdrawnEntry, entryHash, a.ID).Error)
}

// RestingOn are the documents of requests that rest on a standing authorization and to which somebody was given a copy.
func (r *Register) RestingOn(ctx context.Context, tx *postgres.Tx, id article4.DecisionID) ([]article4.DocumentID,
	error) {
	var out []article4.DocumentID
	err := sql(ctx, tx).Raw(`SELECT DISTINCT l.document FROM decision l WHERE l.standing = ? AND EXISTS
		(SELECT FROM disclosure x WHERE x.request = l.request) ORDER BY l.document`, id).Scan(&out).Error
	return out, failed("documents on standing authorization", string(id), err)
}
