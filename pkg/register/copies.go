package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Copy is the marked copy that one disclosure hands out. Its bytes go when the disclosure is over; its digest stays.
type Copy struct {
	Disclosure article4.DisclosureID
	Discloser  article4.OrganisationID // whose keyset seals it
	Upload     UploadID
	Object     string
	WrappedKey []byte // empty once removed
	Size       int64
	SHA256     article4.Digest
	MediaType  string
	FileName   string
	MadeAt     time.Time
	Entry      string
	EntryHash  string
}

type copyRow struct {
	Disclosure     string
	Upload         string
	Object         string
	WrappedKey     []byte
	Size           int64
	SHA256         string
	MediaType      string
	FileNameSealed []byte
	MadeAt         time.Time
	RemovedAt      *time.Time
	Entry          string
	EntryHash      string
	Discloser      string
}

var copyTable = newTable[copyRow](`copy c JOIN disclosure x ON x.id = c.disclosure
	JOIN document d ON d.id = x.document`, map[string]string{"Discloser": `d.discloser`})

// AddCopy records a copy with its wrapped key; from here on, and not before, it can be opened.
func (r *Register) AddCopy(ctx context.Context, tx *postgres.Tx, c Copy) error {
	name, err := r.sealed(cell{c.Discloser, "copy.file_name", string(c.Disclosure)}, c.FileName)
	if err != nil {
		return err
	}
	return copyTable.add(ctx, tx, "copy of", string(c.Disclosure), copyRow{
		Disclosure:     string(c.Disclosure),
		Upload:         string(c.Upload),
		Object:         c.Object,
		WrappedKey:     c.WrappedKey,
		Size:           c.Size,
		SHA256:         string(c.SHA256),
		MediaType:      c.MediaType,
		FileNameSealed: name,
		MadeAt:         c.MadeAt,
		Entry:          c.Entry,
		EntryHash:      c.EntryHash,
	})
}

// CopyOf reads the copy of a disclosure; ErrNotFound when none was made or its bytes are gone.
func (r *Register) CopyOf(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID) (Copy, error) {
	row, err := copyTable.one(ctx, tx, "copy of", string(id), `WHERE c.disclosure = $1 AND c.removed_at IS NULL`, id)
	if err != nil {
		return Copy{}, err
	}
	c := Copy{
		Disclosure: id,
		Discloser:  article4.OrganisationID(row.Discloser),
		Upload:     UploadID(row.Upload),
		Object:     row.Object,
		WrappedKey: row.WrappedKey,
		Size:       row.Size,
		SHA256:     article4.Digest(row.SHA256),
		MediaType:  row.MediaType,
		MadeAt:     row.MadeAt.UTC(),
		Entry:      row.Entry,
		EntryHash:  row.EntryHash,
	}
	c.FileName, err = r.open(cell{c.Discloser, "copy.file_name", string(id)}, row.FileNameSealed)
	return c, err
}

// SpentCopies erases the keys of copies whose disclosure was over before, with no transfer running, and hands their
// uploads to the sweeper, which removes the objects.
func (r *Register) SpentCopies(ctx context.Context, tx *postgres.Tx, before, at time.Time) error {
	return failed("spent copies", "", sql(ctx, tx).Exec(`WITH spent AS (
			UPDATE copy SET wrapped_key = NULL, removed_at = ? WHERE removed_at IS NULL AND disclosure IN (
				SELECT x.id FROM disclosure x JOIN copy c ON c.disclosure = x.id WHERE c.removed_at IS NULL AND
					x.expires_at < ?
				AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.disclosure = x.id AND t.ended IS NULL) LIMIT 100)
			RETURNING upload)
		UPDATE upload SET state = 'abandoned' FROM spent WHERE upload.id = spent.upload`, at, before).Error)
}

// Found is a copy that a clue leads to.
type Found struct {
	ID           article4.DisclosureID
	CopyNumber   string
	Document     article4.DocumentID
	Reference    string
	Version      article4.VersionID
	Organisation article4.OrganisationID
	Person       article4.PersonID
	Purpose      article4.PurposeCode
	Form         article4.Form
	At           time.Time
	Entry        string
	ByDigest     bool // the digest is that of what was handed out
}

// Copies finds copies of an organisation's own documents by their numbers, or by the digest of what was handed out: of
// the marked copy, or of the original where that was given. At most 200, the oldest first.
func (r *Register) Copies(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID, numbers []string,
	digest article4.Digest) ([]Found, error) {
	if len(numbers) == 0 {
		numbers = []string{""}
	}
	var rows []struct {
		ID, CopyNumber, Document, Reference, Version, Organisation, Person, Purpose, Form, Entry string
		At                                                                                       time.Time
		ByDigest                                                                                 bool
	}
	err := sql(ctx, tx).Raw(`SELECT x.id, x.copy_number, x.document, d.reference, x.version, x.organisation, x.person,
		x.purpose, x.form, x.entry, x.at,
		coalesce(@digest <> '' AND (c.sha256 = @digest OR (x.form = 'original' AND v.sha256 = @digest)), false) AS
			by_digest
		FROM disclosure x JOIN document d ON d.id = x.document JOIN version v ON v.id = x.version LEFT JOIN copy c ON
			c.disclosure = x.id
		WHERE d.discloser = @discloser AND (x.copy_number IN @numbers
			OR (@digest <> '' AND (c.sha256 = @digest OR (x.form = 'original' AND v.sha256 = @digest)))) ORDER BY x.at,
			x.id LIMIT 200`,
		map[string]any{"discloser": discloser, "numbers": numbers, "digest": string(digest)}).Scan(&rows).Error
	out := make([]Found, len(rows))
	for i, row := range rows {
		out[i] = Found{
			ID:           article4.DisclosureID(row.ID),
			CopyNumber:   row.CopyNumber,
			Document:     article4.DocumentID(row.Document),
			Reference:    row.Reference,
			Version:      article4.VersionID(row.Version),
			Organisation: article4.OrganisationID(row.Organisation),
			Person:       article4.PersonID(row.Person),
			Purpose:      article4.PurposeCode(row.Purpose),
			Form:         article4.Form(row.Form),
			At:           row.At.UTC(),
			Entry:        row.Entry,
			ByDigest:     row.ByDigest,
		}
	}
	return out, failed("copies", "", err)
}

// HeldBy reports whether a copy with this number was disclosed to an organisation by another one.
func (r *Register) HeldBy(ctx context.Context, tx *postgres.Tx, number string, holder article4.OrganisationID) (bool,
	error) {
	var found bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM disclosure x JOIN document d ON d.id = x.document
		WHERE x.copy_number = ? AND x.organisation = ? AND d.discloser <> ?)`, number, holder,
		holder).Scan(&found).Error
	return found, failed("copy", number, err)
}

// HadCopy reports whether content of a document was disclosed to an organisation, or one of the numbers is that of a
// copy of it.
func (r *Register) HadCopy(ctx context.Context, tx *postgres.Tx, id article4.DocumentID, o article4.OrganisationID,
	numbers []string) (bool, error) {
	if len(numbers) == 0 {
		numbers = []string{""}
	}
	var had bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM disclosure x WHERE x.document = ?
		AND (x.organisation = ? OR x.copy_number IN ?))`, id, o, numbers).Scan(&had).Error
	return had, failed("copies of", string(id), err)
}
