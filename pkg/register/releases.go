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
	Entry               string
	EntryHash           string
}

func releaseTexts(row *releaseRow, rel *Release) []text {
	return []text{{"release.statement", &row.StatementSealed, &rel.Statement},
		{"release.transfer_basis", &row.TransferBasisSealed, &rel.TransferBasis}}
}

// AddRelease records a release, its words sealed under the Discloser's keyset.
func (r *Register) AddRelease(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	rel Release) error {
	var row releaseRow
	if err := r.sealTexts(discloser, rel.ID, releaseTexts(&row, &rel)); err != nil {
		return err
	}
	return failed("release", rel.ID,
		sql(ctx, tx).Exec(`INSERT INTO release (id, document, recipient, purpose, statement_sealed,
			transfer_basis_sealed,
		by_discloser, by_person, by_org, at, entry, entry_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, rel.ID, rel.Document,
			rel.To, rel.Purpose,
			row.StatementSealed, row.TransferBasisSealed, rel.ByDiscloser, rel.By, rel.ByOrg, rel.At, rel.Entry,
			rel.EntryHash).Error)
}

// ReleasesOf lists the releases in force of some documents to one third party.
func (r *Register) ReleasesOf(ctx context.Context, tx *postgres.Tx, ids []article4.DocumentID,
	to article4.OrganisationID) ([]Release, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return r.releases(ctx, tx, `x.document IN ? AND x.recipient = ? AND x.ended_at IS NULL`, ids, to)
}

// Release finds one, in force or ended.
func (r *Register) Release(ctx context.Context, tx *postgres.Tx, id string) (Release, error) {
	found, err := r.releases(ctx, tx, `x.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("release %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Release{}, err
	}
	return found[0], nil
}

// Releases lists the releases in force of one document.
func (r *Register) Releases(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Release, error) {
	return r.releases(ctx, tx, `x.document = ? AND x.ended_at IS NULL`, id)
}

func (r *Register) releases(ctx context.Context, tx *postgres.Tx, where string, args ...any) ([]Release, error) {
	var rows []struct {
		Release   releaseRow `gorm:"embedded"`
		Discloser string
	}
	err := sql(ctx, tx).Raw(`SELECT x.*, d.discloser FROM release x JOIN document d ON d.id = x.document WHERE `+where+
		` ORDER BY x.at, x.id`, args...).Scan(&rows).Error
	if err != nil {
		return nil, failed("releases", "", err)
	}
	out := make([]Release, len(rows))
	for i := range rows {
		var err error
		if out[i], err = r.toRelease(rows[i].Release, article4.OrganisationID(rows[i].Discloser)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Register) toRelease(row releaseRow, discloser article4.OrganisationID) (Release, error) {
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
	}
	return rel, r.openTexts(discloser, row.ID, releaseTexts(&row, &rel))
}

// EndReleases ends every release of a document: its marking was raised, or it was recalled.
func (r *Register) EndReleases(ctx context.Context, tx *postgres.Tx, id article4.DocumentID, at time.Time) error {
	return failed("releases of", string(id),
		sql(ctx, tx).Exec(`UPDATE release SET ended_at = ? WHERE document = ? AND ended_at IS NULL`, at, id).Error)
}
