package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Disclosure is one authorised disclosure of one version to one person.
type Disclosure struct {
	ID           article4.DisclosureID
	Document     article4.DocumentID
	Discloser    article4.OrganisationID // whose keyset seals the sentence
	Version      article4.VersionID
	Request      article4.RequestID // empty: no grant was needed
	Person       article4.PersonID
	Organisation article4.OrganisationID
	Purpose      article4.PurposeCode
	Statement    string
	Form         article4.Form
	Conditions   article4.Digest
	CopyNumber   string
	Marking      article4.Marking
	At           time.Time
	ExpiresAt    time.Time
	Entry        string
	EntryHash    string
}

type disclosureRow struct {
	ID               string
	Document         string
	Discloser        string
	Version          string
	Request          *string
	Person           string
	Organisation     string
	Purpose          string
	StatementSealed  []byte
	Form             string
	ConditionsSHA256 string
	CopyNumber       string
	Marking          string
	At               time.Time
	ExpiresAt        time.Time
	ClosedAt         *time.Time
	Entry            string
	EntryHash        string
}

var disclosureTable = newTable[disclosureRow](`disclosure x JOIN document d ON d.id = x.document`,
	map[string]string{"Discloser": `d.discloser`})

// AddDisclosure records an authorised disclosure, with the next trip to the database or the commit.
func (r *Register) AddDisclosure(tx *postgres.Tx, d Disclosure) error {
	statement, err := r.seal(cell{d.Discloser, "disclosure.statement", string(d.ID)}, d.Statement)
	if err != nil {
		return err
	}
	disclosureTable.addLater(tx, "disclosure", string(d.ID), disclosureRow{
		ID:               string(d.ID),
		Document:         string(d.Document),
		Version:          string(d.Version),
		Request:          emptyNil(string(d.Request)),
		Person:           string(d.Person),
		Organisation:     string(d.Organisation),
		Purpose:          string(d.Purpose),
		StatementSealed:  statement,
		Form:             string(d.Form),
		ConditionsSHA256: string(d.Conditions),
		CopyNumber:       d.CopyNumber,
		Marking:          string(d.Marking),
		At:               d.At,
		ExpiresAt:        d.ExpiresAt,
		Entry:            d.Entry,
		EntryHash:        d.EntryHash,
	})
	return nil
}

// Disclosure reads one.
func (r *Register) Disclosure(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID) (Disclosure, error) {
	row, err := disclosureTable.one(ctx, tx, "disclosure", string(id), `WHERE x.id = $1`, id)
	if err != nil {
		return Disclosure{}, err
	}
	d := Disclosure{
		ID:           article4.DisclosureID(row.ID),
		Document:     article4.DocumentID(row.Document),
		Discloser:    article4.OrganisationID(row.Discloser),
		Version:      article4.VersionID(row.Version),
		Request:      article4.RequestID(orEmpty(row.Request)),
		Person:       article4.PersonID(row.Person),
		Organisation: article4.OrganisationID(row.Organisation),
		Purpose:      article4.PurposeCode(row.Purpose),
		Form:         article4.Form(row.Form),
		Conditions:   article4.Digest(row.ConditionsSHA256),
		CopyNumber:   row.CopyNumber,
		Marking:      article4.Marking(row.Marking),
		At:           row.At.UTC(),
		ExpiresAt:    row.ExpiresAt.UTC(),
		Entry:        row.Entry,
		EntryHash:    row.EntryHash,
	}
	d.Statement, err = r.open(cell{d.Discloser, "disclosure.statement", row.ID}, row.StatementSealed)
	return d, err
}

// TransferID names one running or ended transfer of a disclosure's bytes.
type TransferID string

// Transfer is one GET of content.
type Transfer struct {
	ID         TransferID
	Disclosure article4.DisclosureID
	StartedAt  time.Time
	Offset     int64
	Length     int64
}

// StartTransfer records that bytes are about to leave; ErrNotFound when the disclosure was closed meanwhile. It waits
// for whoever looks whether to close it.
func (r *Register) StartTransfer(ctx context.Context, tx *postgres.Tx, t Transfer) error {
	q := sql(ctx, tx).Exec(`INSERT INTO transfer (id, disclosure, started_at, heartbeat_at, range_offset, range_length)
		SELECT ?, x.id, ?, ?, ?, ? FROM disclosure x WHERE x.id = ? AND x.closed_at IS NULL FOR KEY SHARE`,
		t.ID, t.StartedAt, t.StartedAt, t.Offset, t.Length, t.Disclosure)
	if q.Error == nil && q.RowsAffected == 0 {
		return fmt.Errorf("open disclosure %s: %w", t.Disclosure, ErrNotFound)
	}
	return failed("transfer", string(t.ID), q.Error)
}

// KeepTransfers says that several transfers still run.
func (r *Register) KeepTransfers(ctx context.Context, tx *postgres.Tx, ids []TransferID, at time.Time) error {
	return failed("transfers", "",
		sql(ctx, tx).Exec(`UPDATE transfer SET heartbeat_at = ? WHERE id IN ? AND ended IS NULL`, at, ids).Error)
}

// EndTransfer records how a transfer ended, and reports false when it was closed already.
func (r *Register) EndTransfer(ctx context.Context, tx *postgres.Tx, id TransferID, ended string, bytes int64,
	entry string) (bool, error) {
	q := sql(ctx, tx).Exec(`UPDATE transfer SET ended = ?, bytes = ?, entry = ? WHERE id = ? AND ended IS NULL`, ended,
		bytes, entry, id)
	return q.RowsAffected == 1, failed("transfer", string(id), q.Error)
}

// SilentTransfers lists, behind an identifier, transfers without a heartbeat since before; another replica's sweep is
// skipped.
func (r *Register) SilentTransfers(ctx context.Context, tx *postgres.Tx, before time.Time, after TransferID,
	limit int) ([]Transfer, error) {
	var rows []struct {
		ID, Disclosure           string
		StartedAt                time.Time
		RangeOffset, RangeLength int64
	}
	err := sql(ctx, tx).Raw(`SELECT id, disclosure, started_at, range_offset, range_length FROM transfer
		WHERE ended IS NULL AND heartbeat_at < ? AND id > ? ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED`, before, after,
		limit).Scan(&rows).Error
	out := make([]Transfer, len(rows))
	for i, row := range rows {
		out[i] = Transfer{ID: TransferID(row.ID), Disclosure: article4.DisclosureID(row.Disclosure),
			StartedAt: row.StartedAt.UTC(),
			Offset:    row.RangeOffset, Length: row.RangeLength}
	}
	return out, failed("silent transfers", "", err)
}

// TransferDisclosure reads the disclosure that a transfer belongs to.
func (r *Register) TransferDisclosure(ctx context.Context, tx *postgres.Tx, id TransferID) (Disclosure, error) {
	var row struct{ Disclosure string }
	if err := one(sql(ctx, tx).Raw(`SELECT disclosure FROM transfer WHERE id = ?`, id), &row, "transfer",
		string(id)); err != nil {
		return Disclosure{}, err
	}
	return r.Disclosure(ctx, tx, article4.DisclosureID(row.Disclosure))
}

// Reach is whose disclosures somebody may know of: all, all but one organisation's, or one organisation's only.
type Reach struct {
	All    bool
	Except article4.OrganisationID
	Only   article4.OrganisationID
	// AuthorizedBy: besides Only, what left on an authorization of this organisation
	AuthorizedBy article4.OrganisationID
}

// Accounted is one disclosure in the accounting of a document, with the bytes that left by it.
type Accounted struct {
	ID           article4.DisclosureID
	At           time.Time
	Organisation article4.OrganisationID
	Person       article4.PersonID
	Purpose      article4.PurposeCode
	Version      article4.VersionID
	Request      article4.RequestID
	CopyNumber   string
	Form         article4.Form
	Bytes        int64
	Entry        string
}

// DisclosuresOf lists the disclosures of a document within a reach, newest first.
func (r *Register) DisclosuresOf(ctx context.Context, tx *postgres.Tx, id article4.DocumentID, reach Reach,
	afterAt time.Time, after string, limit int) ([]Accounted, error) {
	var rows []struct {
		ID, Organisation, Person, Purpose, Version, CopyNumber, Form, Entry string
		Request                                                             *string
		At                                                                  time.Time
		Bytes                                                               int64
	}
	err := sql(ctx, tx).Raw(`SELECT x.id, x.at, x.organisation, x.person, x.purpose, x.version, x.request,
		x.copy_number, x.form, x.entry,
		coalesce((SELECT sum(t.bytes) FROM transfer t WHERE t.disclosure = x.id), 0) AS bytes
		FROM disclosure x WHERE x.document = @document AND (@all OR x.organisation = @only OR (@except <> '' AND
			x.organisation <> @except) OR @by <> '' AND EXISTS (SELECT FROM decision l WHERE l.request = x.request
			AND l.by_org = @by AND l.kind = 'authorization' AND l.given))
		AND (@after = '' OR (x.at, x.id) < (@at, @after)) ORDER BY x.at DESC, x.id DESC LIMIT @limit`,
		map[string]any{"document": id, "all": reach.All, "only": string(reach.Only), "except": string(reach.Except),
			"by": string(reach.AuthorizedBy),
			"at": orNil(afterAt), "after": after, "limit": limit}).Scan(&rows).Error
	out := make([]Accounted, len(rows))
	for i, row := range rows {
		out[i] = Accounted{
			ID:           article4.DisclosureID(row.ID),
			At:           row.At.UTC(),
			Organisation: article4.OrganisationID(row.Organisation),
			Person:       article4.PersonID(row.Person),
			Purpose:      article4.PurposeCode(row.Purpose),
			Version:      article4.VersionID(row.Version),
			Request:      article4.RequestID(orEmpty(row.Request)),
			CopyNumber:   row.CopyNumber,
			Form:         article4.Form(row.Form),
			Bytes:        row.Bytes,
			Entry:        row.Entry,
		}
	}
	return out, failed("disclosures of", string(id), err)
}

// Holding is what one organisation was given of a document, in numbers.
type Holding struct {
	Organisation   article4.OrganisationID
	People, Copies int
	Last           time.Time
}

// HoldingsOf counts the disclosures of a document by organisation, as far as somebody may know of them.
func (r *Register) HoldingsOf(ctx context.Context, tx *postgres.Tx, id article4.DocumentID, reach Reach) ([]Holding,
	error) {
	var out []Holding
	err := tx.Ask(ctx, postgres.Question{
		What: "holdings of " + string(id),
		SQL: `SELECT x.organisation, count(DISTINCT x.person), count(*), max(x.at) FROM disclosure x
			WHERE x.document = $1 AND ($2 OR x.organisation = $3 OR ($4 <> '' AND x.organisation <> $4)
				OR $5 <> '' AND EXISTS (SELECT FROM decision l WHERE l.request = x.request AND l.by_org = $5
					AND l.kind = 'authorization' AND l.given))
			GROUP BY x.organisation ORDER BY x.organisation`,
		Args: []any{string(id), reach.All, string(reach.Only), string(reach.Except), string(reach.AuthorizedBy)},
		Row: func(row postgres.Row) error {
			var h Holding
			err := row.Scan(&h.Organisation, &h.People, &h.Copies, &h.Last)
			h.Last = h.Last.UTC()
			out = append(out, h)
			return err
		},
	})
	return out, failed("holdings of", string(id), err)
}
