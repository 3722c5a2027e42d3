package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Unfetched is a disclosure whose permit is over and that no transfer closes: of whose bytes none ever began, or of
// which pages were shown.
type Unfetched struct {
	ID           article4.DisclosureID
	Document     article4.DocumentID
	Discloser    article4.OrganisationID
	Recipient    article4.OrganisationID
	Organisation article4.OrganisationID // of the reader
	EntryHash    string
	Copy         article4.Digest // of the marked copy; empty when none was made
	Shown        bool            // pages of it were
}

// OverDisclosures locks disclosures whose permit ended at or before an instant and of which it is not known that the
// log closes them. What another replica looks at is skipped, and so is what still runs. Behind these locks no transfer
// begins.
func (r *Register) OverDisclosures(ctx context.Context, tx *postgres.Tx, at time.Time,
	limit int) ([]article4.DisclosureID, error) {
	var ids []article4.DisclosureID
	err := sql(ctx, tx).Raw(`SELECT x.id FROM disclosure x WHERE x.closed_at IS NULL AND x.expires_at <= ?
		AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.disclosure = x.id AND t.ended IS NULL)
		ORDER BY x.expires_at LIMIT ? FOR UPDATE OF x SKIP LOCKED`, at, limit).Scan(&ids).Error
	return ids, failed("disclosures that are over", "", err)
}

// Unfetched tells which of the locked disclosures nobody ever fetched, or were shown. It is a statement of its own: it
// sees every transfer that began before the locks were taken.
func (r *Register) Unfetched(ctx context.Context, tx *postgres.Tx, ids []article4.DisclosureID) ([]Unfetched, error) {
	var rows []struct {
		ID, Document, Discloser, Recipient, Organisation, EntryHash, Copy string
		Shown                                                             bool
	}
	err := sql(ctx, tx).Raw(`SELECT x.id, x.document, d.discloser, d.recipient, x.organisation, x.entry_hash,
		coalesce(c.sha256, '') AS copy, EXISTS (SELECT 1 FROM page_shown p WHERE p.disclosure = x.id) AS shown
		FROM disclosure x JOIN document d ON d.id = x.document LEFT JOIN copy c ON c.disclosure = x.id
		WHERE x.id IN ? AND (NOT EXISTS (SELECT 1 FROM transfer t WHERE t.disclosure = x.id)
			OR EXISTS (SELECT 1 FROM page_shown p WHERE p.disclosure = x.id)) ORDER BY x.at, x.id`,
		ids).Scan(&rows).Error
	out := make([]Unfetched, len(rows))
	for i, row := range rows {
		out[i] = Unfetched{
			ID:           article4.DisclosureID(row.ID),
			Document:     article4.DocumentID(row.Document),
			Discloser:    article4.OrganisationID(row.Discloser),
			Recipient:    article4.OrganisationID(row.Recipient),
			Organisation: article4.OrganisationID(row.Organisation),
			EntryHash:    row.EntryHash,
			Copy:         article4.Digest(row.Copy),
			Shown:        row.Shown,
		}
	}
	return out, failed("unfetched disclosures", "", err)
}

// CloseDisclosures records of the locked disclosures that the log closes them; those that run after all are left.
func (r *Register) CloseDisclosures(ctx context.Context, tx *postgres.Tx, ids []article4.DisclosureID,
	at time.Time) error {
	return failed("disclosures", "", sql(ctx, tx).Exec(`UPDATE disclosure x SET closed_at = ? WHERE x.id IN ?
		AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.disclosure = x.id AND t.ended IS NULL)`, at, ids).Error)
}

// CopyDigest is the digest of the marked copy that a disclosure handed out, its bytes gone or not; empty: none was
// made.
func (r *Register) CopyDigest(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID) (article4.Digest, error) {
	var found []article4.Digest
	err := sql(ctx, tx).Raw(`SELECT sha256 FROM copy WHERE disclosure = ?`, id).Scan(&found).Error
	if err != nil || len(found) == 0 {
		return "", failed("copy of", string(id), err)
	}
	return found[0], nil
}
