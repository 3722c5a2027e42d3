package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

// KeepRules keeps a text of rules under its digest, once.
func (r *Register) KeepRules(ctx context.Context, tx *postgres.Tx, digest, text string, at time.Time) error {
	return failed("rules", digest, sql(ctx, tx).Exec(`INSERT INTO rules_text (digest, text, since) VALUES (?, ?, ?)
		ON CONFLICT (digest) DO NOTHING`, digest, text, at).Error)
}

// OtherRules are the texts kept under other digests than this one, the newest first, at most so many.
func (r *Register) OtherRules(ctx context.Context, tx *postgres.Tx, digest string, most int) ([]string, error) {
	var texts []string
	err := sql(ctx, tx).Raw(`SELECT text FROM rules_text WHERE digest <> ? ORDER BY since DESC, digest LIMIT ?`, digest,
		most).Scan(&texts).Error
	return texts, failed("rules", digest, err)
}
