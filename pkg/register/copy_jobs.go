package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// CopyJob is the last attempt to make the marked copy of a disclosure.
type CopyJob struct {
	Running  bool      // its upload is open: some replica is at it, or died less than a minute ago
	FailedAt time.Time // zero: it did not end in a refusal
	Entry    string    // that says it failed
}

// BeginCopyJob records that a copy is begun, with its upload.
func (r *Register) BeginCopyJob(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID, u Upload) error {
	if err := r.OpenUpload(ctx, tx, u); err != nil {
		return err
	}
	return failed("copy job of", string(id),
		sql(ctx, tx).Exec(`INSERT INTO copy_job (upload, disclosure, begun_at) VALUES (?,?,?)`, u.ID, id,
			u.OpenedAt).Error)
}

// FailCopyJob records that no copy came of it.
func (r *Register) FailCopyJob(ctx context.Context, tx *postgres.Tx, upload UploadID, entry string,
	at time.Time) error {
	return failed("copy job", string(upload),
		sql(ctx, tx).Exec(`UPDATE copy_job SET failed_at = ?, entry = ? WHERE upload = ?`, at, entry, upload).Error)
}

// LastCopyJob reads the attempt that runs, or else the last that failed; ErrNotFound when there was none.
func (r *Register) LastCopyJob(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID) (CopyJob, error) {
	var row struct {
		State, Entry string
		FailedAt     *time.Time
	}
	err := one(sql(ctx, tx).Raw(`SELECT u.state, m.entry, m.failed_at FROM copy_job m JOIN upload u ON u.id = m.upload
		WHERE m.disclosure = ? ORDER BY (u.state = 'open' AND m.failed_at IS NULL) DESC, m.failed_at DESC NULLS LAST,
		m.begun_at DESC LIMIT 1`, id), &row, "copy job of", string(id))
	m := CopyJob{Running: row.State == "open" && row.FailedAt == nil, Entry: row.Entry}
	if row.FailedAt != nil {
		m.FailedAt = row.FailedAt.UTC()
	}
	return m, err
}
