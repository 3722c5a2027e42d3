package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Release puts a non-confidential document at the disposal of a third party (Article 4(2)).
type Release struct {
	ID            string
	Document      article4.DocumentID
	To            article4.OrganisationID
	Purpose       article4.PurposeCode
	Statement     string
	TransferBasis string
	ByDiscloser   bool
	By            article4.PersonID
	ByOrg         article4.OrganisationID
	At            time.Time
	Entry         string
	EntryHash     string

	// Of one that is over: when, and by whom and why where somebody ended it alone; a recall and a raised marking end
	// all, and say so themselves.
	EndedAt      time.Time
	EndedBy      article4.PersonID
	EndedByOrg   article4.OrganisationID
	EndStatement string
	EndEntry     string
}

type releaseRow struct {
	ID                  string
	Document            string
	Recipient           string
	Purpose             string
	StatementSealed     []byte
	TransferBasisSealed []byte
	ByDiscloser         bool
	ByPerson            string
	ByOrg               string
	At                  time.Time
	EndedAt             *time.Time
	EndedBy             *string
	EndedByOrg          *string
	EndStatementSealed  []byte
	EndEntry            *string
	Entry               string
	EntryHash           string
	Discloser           string
	EndedInTheLog       bool // no row says so, and the log does
	InTheLog            bool // its entry says the same
}

var releaseTable = newTable[releaseRow](`release x JOIN document d ON d.id = x.document`,
	map[string]string{"Discloser": `d.discloser`, "EndedInTheLog": `x.ended_at IS NULL AND ` + endedInTheLog,
		"InTheLog": releasedInTheLog})

// releasedInTheLog asks whether the entry of a Release x says the same as the row: to whom, for what, by whom.
const releasedInTheLog = `EXISTS (SELECT FROM log_entry e WHERE e.id = x.entry AND e.kind = 'release'
	AND e.outcome = 'permit' AND encode(e.body_hash, 'hex') = x.entry_hash AND e.document = x.document
	AND e.organisation = x.by_org AND log_said(e.body) ->> 'actor' = x.by_person
	AND log_said(e.body) #>> '{terms,subject}' = x.id AND log_said(e.body) #>> '{terms,recipient}' = x.recipient
	AND log_said(e.body) #> '{terms,purposes}' = jsonb_build_array(x.purpose) AND log_placed(e.id))`

// endedInTheLog asks whether the log says that a Release x was ended: by name, or since the document was marked
// otherwise than non-confidential afterwards, not only by the first of two people. The log is append-only where rows
// are not.
const endedInTheLog = `(EXISTS (SELECT FROM log_entry e WHERE e.kind IN ('release-ended', 'recall', 'amendment')
	AND e.outcome = 'permit' AND e.document = x.document
	AND position(x.entry_hash IN convert_from(e.body, 'UTF8')) > 0) OR EXISTS (SELECT FROM log_entry e
	JOIN log_seq s ON s.entry = e.id JOIN log_seq o ON o.entry = x.entry
	WHERE e.kind = 'marking' AND e.outcome = 'permit' AND e.document = x.document AND s.index > o.index
	AND log_said(e.body) #>> '{terms,marking}' <> 'non-confidential'
	AND log_said(e.body) #>> '{terms,step}' IS DISTINCT FROM 'first'))`

func releaseTexts(row *releaseRow, rel *Release) []text {
	return []text{{"release.statement", &row.StatementSealed, &rel.Statement},
		{"release.transfer_basis", &row.TransferBasisSealed, &rel.TransferBasis},
		{"release.end_statement", &row.EndStatementSealed, &rel.EndStatement}}
}

// AddRelease records a release, its words sealed under the Discloser's keyset.
func (r *Register) AddRelease(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	rel Release) error {
	row := releaseRow{
		ID:          rel.ID,
		Document:    string(rel.Document),
		Recipient:   string(rel.To),
		Purpose:     string(rel.Purpose),
		ByDiscloser: rel.ByDiscloser,
		ByPerson:    string(rel.By),
		ByOrg:       string(rel.ByOrg),
		At:          rel.At,
		Entry:       rel.Entry,
		EntryHash:   rel.EntryHash,
	}
	if err := r.sealTexts(discloser, rel.ID, releaseTexts(&row, &rel)); err != nil {
		return err
	}
	return releaseTable.add(ctx, tx, "release", rel.ID, row)
}

// ReleasesOf lists the releases in force of some documents to one third party.
func (r *Register) ReleasesOf(ctx context.Context, tx *postgres.Tx, ids []article4.DocumentID,
	to article4.OrganisationID) ([]Release, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return r.releases(ctx, tx, `x.document = ANY($1) AND x.recipient = $2 AND x.ended_at IS NULL`, ids, to)
}

// ReleasesOn are those of a document, to whomever, that stand.
func (r *Register) ReleasesOn(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Release, error) {
	return r.releases(ctx, tx, `x.document = $1 AND x.ended_at IS NULL`, id)
}

// Release finds one, in force or ended.
func (r *Register) Release(ctx context.Context, tx *postgres.Tx, id string) (Release, error) {
	found, err := r.releases(ctx, tx, `x.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("release %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Release{}, err
	}
	return found[0], nil
}

// Releases lists the releases of one document, in force and ended, oldest first; of one third party where it is named.
func (r *Register) Releases(ctx context.Context, tx *postgres.Tx, id article4.DocumentID,
	to article4.OrganisationID) ([]Release, error) {
	return r.releases(ctx, tx, `x.document = $1 AND ($2 = '' OR x.recipient = $2)`, id, to)
}

func (r *Register) releases(ctx context.Context, tx *postgres.Tx, where string, args ...any) ([]Release, error) {
	rows, err := releaseTable.all(ctx, tx, "releases", "", `WHERE `+where+` ORDER BY x.at, x.id`, args...)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toRelease)
}

func (r *Register) toRelease(row releaseRow) (Release, error) {
	rel := Release{
		ID:          row.ID,
		Document:    article4.DocumentID(row.Document),
		To:          article4.OrganisationID(row.Recipient),
		Purpose:     article4.PurposeCode(row.Purpose),
		ByDiscloser: row.ByDiscloser,
		By:          article4.PersonID(row.ByPerson),
		ByOrg:       article4.OrganisationID(row.ByOrg),
		At:          row.At.UTC(),
		Entry:       row.Entry,
		EntryHash:   row.EntryHash,
		EndedAt:     orZero(row.EndedAt),
		EndedBy:     article4.PersonID(orEmpty(row.EndedBy)),
		EndedByOrg:  article4.OrganisationID(orEmpty(row.EndedByOrg)),
		EndEntry:    orEmpty(row.EndEntry),
	}
	if !row.InTheLog || row.ByDiscloser != (row.ByOrg == row.Discloser) {
		return Release{}, fmt.Errorf("entry of release %s: %w", rel.ID, ErrAltered)
	}
	if row.EndedInTheLog {
		return Release{}, fmt.Errorf("end of release %s: %w", rel.ID, ErrAltered)
	}
	return rel, r.openTexts(article4.OrganisationID(row.Discloser), row.ID, releaseTexts(&row, &rel))
}

// EndReleases ends every release of a document: its marking was raised, or it was recalled.
func (r *Register) EndReleases(ctx context.Context, tx *postgres.Tx, id article4.DocumentID, at time.Time) error {
	return failed("releases of", string(id),
		sql(ctx, tx).Exec(`UPDATE release SET ended_at = ? WHERE document = ? AND ended_at IS NULL`, at, id).Error)
}

// EndRelease ends one release, by whom and why.
func (r *Register) EndRelease(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	rel Release) error {
	statement, err := r.seal(cell{discloser, "release.end_statement", rel.ID}, rel.EndStatement)
	if err != nil {
		return err
	}
	return failed("release", rel.ID, sql(ctx, tx).Exec(`UPDATE release SET ended_at = ?, ended_by = ?,
		ended_by_org = ?, end_statement_sealed = ?, end_entry = ? WHERE id = ? AND ended_at IS NULL`, rel.EndedAt,
		rel.EndedBy, rel.EndedByOrg, statement, rel.EndEntry, rel.ID).Error)
}
