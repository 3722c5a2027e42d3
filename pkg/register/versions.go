package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// UploadID names one attempt to store content.
type UploadID string

// Upload is one attempt. Its key is never stored here: an object without a version can be opened by nobody.
type Upload struct {
	ID           UploadID
	Organisation article4.OrganisationID
	Person       article4.PersonID
	Object       string
	OpenedAt     time.Time
}

// OpenUpload records that an object is about to be written.
func (r *Register) OpenUpload(ctx context.Context, tx *postgres.Tx, u Upload) error {
	return failed("upload", string(u.ID),
		sql(ctx, tx).Exec(`INSERT INTO upload (id, organisation, person, object, state, opened_at, heartbeat_at)
		VALUES (?,?,?,?,'open',?,?)`, u.ID, u.Organisation, u.Person, u.Object, u.OpenedAt, u.OpenedAt).Error)
}

// UploadsOf counts the uploads of a person that are open and gave a sign of life since then: those of a replica that
// died hold nobody up. Whoever asks holds the person's row, so that two uploads that begin at once are counted one
// after the other.
func (r *Register) UploadsOf(ctx context.Context, tx *postgres.Tx, p article4.PersonID, since time.Time) (int, error) {
	var n int
	err := sql(ctx, tx).Exec(`SELECT 1 FROM person WHERE id = ? FOR NO KEY UPDATE`, p).Error
	if err == nil {
		err = sql(ctx, tx).Raw(`SELECT count(*) FROM upload WHERE person = ? AND state = 'open' AND heartbeat_at >= ?`,
			p, since).Scan(&n).Error
	}
	return n, failed("uploads of", string(p), err)
}

// KeepUpload says that the upload still runs; ErrNotFound when the sweeper took it.
func (r *Register) KeepUpload(ctx context.Context, tx *postgres.Tx, id UploadID, at time.Time) error {
	return r.moveUpload(ctx, tx, id, `UPDATE upload SET heartbeat_at = ? WHERE id = ? AND state = 'open'`, at)
}

// StoreUpload moves open to stored; ErrNotFound when the sweeper was first.
func (r *Register) StoreUpload(ctx context.Context, tx *postgres.Tx, id UploadID, at time.Time) error {
	return r.moveUpload(ctx, tx, id,
		`UPDATE upload SET state = 'stored', heartbeat_at = ? WHERE id = ? AND state = 'open'`, at)
}

func (r *Register) moveUpload(ctx context.Context, tx *postgres.Tx, id UploadID, statement string, at time.Time) error {
	q := sql(ctx, tx).Exec(statement, at, id)
	if q.Error != nil {
		return failed("upload", string(id), q.Error)
	}
	if q.RowsAffected == 0 {
		return fmt.Errorf("open upload %s: %w", id, ErrNotFound)
	}
	return nil
}

// AbandonUpload gives up one open upload, whose object may then be removed.
func (r *Register) AbandonUpload(ctx context.Context, tx *postgres.Tx, id UploadID, at time.Time) error {
	return failed("upload", string(id),
		sql(ctx, tx).Exec(`UPDATE upload SET state = 'abandoned', heartbeat_at = ? WHERE id = ? AND state = 'open'`, at,
			id).Error)
}

// AbandonStale gives up every open upload without a sign of life since before.
func (r *Register) AbandonStale(ctx context.Context, tx *postgres.Tx, before, at time.Time) error {
	return failed("uploads", "", sql(ctx,
		tx).Exec(`UPDATE upload SET state = 'abandoned' WHERE state = 'open' AND heartbeat_at < ?`, before).Error)
}

// Abandoned lists uploads whose objects may still be there.
func (r *Register) Abandoned(ctx context.Context, tx *postgres.Tx, limit int) ([]Upload, error) {
	var rows []struct{ ID, Object string }
	err := sql(ctx, tx).Raw(`SELECT id, object FROM upload WHERE state = 'abandoned' AND removed_at IS NULL ORDER BY `+
		`heartbeat_at LIMIT ?`, limit).Scan(&rows).Error
	out := make([]Upload, len(rows))
	for i, row := range rows {
		out[i] = Upload{ID: UploadID(row.ID), Object: row.Object}
	}
	return out, failed("abandoned uploads", "", err)
}

// LiesIn is ErrAltered, with the document, where a version that was not destroyed lies in the object of an upload that
// was given up: somebody else gave it up.
func (r *Register) LiesIn(ctx context.Context, tx *postgres.Tx, u Upload) (article4.DocumentID, error) {
	rows, err := versionTable.all(ctx, tx, "versions in", u.Object, `WHERE v.upload = $1 OR v.object = $2`, u.ID,
		u.Object)
	if err != nil {
		return "", err
	}
	for _, row := range rows {
		v, err := r.toVersion(row)
		if err == nil && v.DestroyedAt.IsZero() {
			err = fmt.Errorf("upload %s of version %s: %w", u.ID, v.ID, ErrAltered)
		}
		if err != nil {
			return article4.DocumentID(row.Document), err
		}
	}
	return "", nil
}

// NotRemoved records that an abandoned upload's object could not be removed: those that nobody tried come first.
func (r *Register) NotRemoved(ctx context.Context, tx *postgres.Tx, id UploadID, at time.Time) error {
	return failed("upload", string(id), sql(ctx, tx).Exec(`UPDATE upload SET heartbeat_at = ?
		WHERE id = ? AND state = 'abandoned' AND removed_at IS NULL`, at, id).Error)
}

// Removed records that an abandoned upload's object is gone. Where nothing refers to the row, it goes too.
func (r *Register) Removed(ctx context.Context, tx *postgres.Tx, id UploadID, at time.Time) error {
	err := sql(ctx, tx).Exec(`UPDATE upload SET removed_at = ? WHERE id = ?`, at, id).Error
	if err == nil {
		err = r.forgetUploads(ctx, tx, []UploadID{id})
	}
	return failed("upload", string(id), err)
}

// forgetUploads deletes those whose objects are gone and to which nothing refers.
func (r *Register) forgetUploads(ctx context.Context, tx *postgres.Tx, ids []UploadID) error {
	return failed("uploads", "", sql(ctx, tx).Exec(`DELETE FROM upload u WHERE u.id IN ? AND u.removed_at IS NOT NULL
		AND NOT EXISTS (SELECT FROM version x WHERE x.upload = u.id)
		AND NOT EXISTS (SELECT FROM copy x WHERE x.upload = u.id)
		AND NOT EXISTS (SELECT FROM copy_job x WHERE x.upload = u.id)
		AND NOT EXISTS (SELECT FROM staged x WHERE x.upload = u.id)
		AND NOT EXISTS (SELECT FROM arrival x WHERE x.upload = u.id)
		AND NOT EXISTS (SELECT FROM arrival_piece x WHERE x.upload = u.id)`, ids).Error)
}

// Version is one immutable version of a document.
type Version struct {
	ID            article4.VersionID
	Document      article4.DocumentID
	Discloser     article4.OrganisationID // whose keyset seals it
	Number        int
	Upload        UploadID
	Object        string
	WrappedKey    []byte
	Size          int64
	SHA256        article4.Digest
	DigestSalt    []byte
	Commitment    string
	MediaType     string
	FileName      string
	PassengerData bool
	CreatedAt     time.Time

	Kind        article4.CorrectionKind // what it is to the version before; empty for the first
	Explanation string
	Entry       string // of a correction; the first version's is the deposit's
	Unmarkable  string // why no marked copy can be made, as told at deposit
	Malware     string // "clean" or "not-inspected"
	Warnings    string // what a marked copy does not keep, codes with commas, as told at deposit
	ClosedAt    time.Time
	DestroyedAt time.Time // its key is gone; nobody can open it
}

type versionRow struct {
	ID             string
	Document       string
	Discloser      string
	Number         int
	Upload         string
	Object         string
	WrappedKey     []byte
	Size           int64
	SHA256         string
	DigestSalt     []byte
	Commitment     string
	MediaType      string
	FileNameSealed []byte
	PassengerData  bool
	CreatedAt      time.Time

	Kind              *string
	ExplanationSealed []byte
	Entry             string
	Unmarkable        string
	Malware           string
	Warnings          string
	ClosedAt          *time.Time
	DestroyedAt       *time.Time
	TermsSealed       []byte
}

var versionTable = newTable[versionRow](`version v JOIN document d ON d.id = v.document`,
	map[string]string{"Discloser": `d.discloser`})

// AddVersion records a version with its wrapped key: from here on, and not before, its object can be opened.
func (r *Register) AddVersion(ctx context.Context, tx *postgres.Tx, v Version) error {
	row := versionRow{
		ID:            string(v.ID),
		Document:      string(v.Document),
		Number:        v.Number,
		Upload:        string(v.Upload),
		Object:        v.Object,
		WrappedKey:    v.WrappedKey,
		Size:          v.Size,
		SHA256:        string(v.SHA256),
		DigestSalt:    v.DigestSalt,
		Commitment:    v.Commitment,
		MediaType:     v.MediaType,
		PassengerData: v.PassengerData,
		CreatedAt:     v.CreatedAt,
		Kind:          emptyNil(string(v.Kind)),
		Entry:         v.Entry,
		Unmarkable:    v.Unmarkable,
		Malware:       v.Malware,
		Warnings:      v.Warnings,
	}
	if err := r.sealTexts(v.Discloser, row.ID, versionTexts(&row, &v)); err != nil {
		return err
	}
	var err error
	if row.TermsSealed, err = r.sealed(versionCell(v), versionTerms(v)); err != nil {
		return err
	}
	return versionTable.add(ctx, tx, "version", row.ID, row)
}

func versionTexts(row *versionRow, v *Version) []text {
	return []text{{"version.file_name", &row.FileNameSealed, &v.FileName},
		{"version.explanation", &row.ExplanationSealed, &v.Explanation}}
}

// Version reads one.
func (r *Register) Version(ctx context.Context, tx *postgres.Tx, id article4.VersionID) (Version, error) {
	row, err := versionTable.one(ctx, tx, "version", string(id), `WHERE v.id = $1`, id)
	if err != nil {
		return Version{}, err
	}
	return r.toVersion(row)
}

// VersionsNamed reads several at once, by identifier; what is not there is left out.
func (r *Register) VersionsNamed(ctx context.Context, tx *postgres.Tx, ids []article4.VersionID) (
	map[article4.VersionID]Version, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := versionTable.all(ctx, tx, "versions", string(ids[0]), `WHERE v.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	found, err := opened(rows, r.toVersion)
	out := make(map[article4.VersionID]Version, len(found))
	for _, v := range found {
		out[v.ID] = v
	}
	return out, err
}

// Versions lists those of a document, the newest first.
func (r *Register) Versions(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Version, error) {
	rows, err := versionTable.all(ctx, tx, "versions of", string(id),
		`WHERE v.document = $1 ORDER BY v.number DESC`, id)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toVersion)
}

func (r *Register) toVersion(row versionRow) (Version, error) {
	v := Version{
		ID:            article4.VersionID(row.ID),
		Document:      article4.DocumentID(row.Document),
		Discloser:     article4.OrganisationID(row.Discloser),
		Number:        row.Number,
		Upload:        UploadID(row.Upload),
		Object:        row.Object,
		WrappedKey:    row.WrappedKey,
		Size:          row.Size,
		SHA256:        article4.Digest(row.SHA256),
		DigestSalt:    row.DigestSalt,
		Commitment:    row.Commitment,
		MediaType:     row.MediaType,
		PassengerData: row.PassengerData,
		CreatedAt:     row.CreatedAt.UTC(),
		Kind:          article4.CorrectionKind(orEmpty(row.Kind)),
		Entry:         row.Entry,
		Unmarkable:    row.Unmarkable,
		Malware:       row.Malware,
		Warnings:      row.Warnings,
		ClosedAt:      orZero(row.ClosedAt),
		DestroyedAt:   orZero(row.DestroyedAt),
	}
	if err := r.verify(versionCell(v), row.TermsSealed, versionTerms(v)); err != nil {
		return Version{}, err
	}
	return v, r.openTexts(v.Discloser, row.ID, versionTexts(&row, &v))
}

// CloseVersion lets nothing new be disclosed of a version that was superseded; one that is closed stays as it is.
func (r *Register) CloseVersion(ctx context.Context, tx *postgres.Tx, v Version, at time.Time) error {
	if !v.ClosedAt.IsZero() {
		return nil
	}
	v.ClosedAt = at
	return r.endVersion(ctx, tx, v, `UPDATE version SET closed_at = ?, destroyed_at = ?, terms_sealed = ? WHERE id = ?`)
}

// DestroyVersion erases the key of a version and those of the copies made of it, and hands their uploads to the
// sweeper, which removes the objects: the bytes can be opened by nobody any more. The entries stay.
func (r *Register) DestroyVersion(ctx context.Context, tx *postgres.Tx, v Version, at time.Time) error {
	if v.ClosedAt.IsZero() {
		v.ClosedAt = at
	}
	v.DestroyedAt = at
	err := r.endVersion(ctx, tx, v,
		`UPDATE version SET wrapped_key = NULL, closed_at = ?, destroyed_at = ?, terms_sealed = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	return failed("copies of version", string(v.ID), sql(ctx, tx).Exec(`WITH gone AS (
			UPDATE copy SET wrapped_key = NULL, removed_at = ? WHERE removed_at IS NULL
				AND disclosure IN (SELECT id FROM disclosure WHERE version = ?) RETURNING upload)
		UPDATE upload SET state = 'abandoned' WHERE id = ? OR id IN (SELECT upload FROM gone)`, at, v.ID,
		v.Upload).Error)
}

func (r *Register) endVersion(ctx context.Context, tx *postgres.Tx, v Version, statement string) error {
	sealed, err := r.sealed(versionCell(v), versionTerms(v))
	if err != nil {
		return err
	}
	return failed("version", string(v.ID),
		sql(ctx, tx).Exec(statement, v.ClosedAt, orNil(v.DestroyedAt), sealed, v.ID).Error)
}

// DisclosedTo reports whether bytes with this digest, or a marked copy that has it, were disclosed to an organisation
// by another one.
func (r *Register) DisclosedTo(ctx context.Context, tx *postgres.Tx, digest article4.Digest,
	to article4.OrganisationID) (bool, error) {
	var found bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM version v JOIN document d ON d.id = v.document
			JOIN disclosure x ON x.version = v.id WHERE v.sha256 = ? AND x.organisation = ? AND d.discloser <> ?)
		OR EXISTS (SELECT 1 FROM copy c JOIN disclosure x ON x.id = c.disclosure JOIN document d ON d.id = x.document
			WHERE c.sha256 = ? AND x.organisation = ? AND d.discloser <> ?)`, digest, to, to, digest, to,
		to).Scan(&found).Error
	return found, failed("disclosures of a digest", "", err)
}

// CopyHeld reports whether a copy of a version was disclosed to an organisation, otherwise than to be read in place,
// that is not said to have been returned or destroyed.
func (r *Register) CopyHeld(ctx context.Context, tx *postgres.Tx, id article4.VersionID,
	by article4.OrganisationID) (bool, error) {
	var held bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM disclosure x WHERE x.version = ? AND x.organisation = ?
		AND x.form <> 'view' AND NOT EXISTS (SELECT 1 FROM copy_answer a WHERE a.copy_number = x.copy_number
			AND a.disposition IN ('returned', 'destroyed')))`, id, by).Scan(&held).Error
	return held, failed("copies of", string(id), err)
}
