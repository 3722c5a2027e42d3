package register

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// WebhookKey signs what is sent to webhooks.
type WebhookKey struct {
	ID      string
	Public  ed25519.PublicKey
	Private ed25519.PrivateKey // only of WebhookSigners
	At      time.Time
	EndsAt  *time.Time // nil: of the newest
}

type webhookKeyRow struct {
	ID            string
	Public        []byte
	PrivateSealed []byte
	At            time.Time
	EndsAt        *time.Time
}

// WebhookKeys are those that sign at an instant, the newest first, without what they sign with.
func (r *Register) WebhookKeys(ctx context.Context, tx *postgres.Tx, now time.Time) ([]WebhookKey, error) {
	var rows []webhookKeyRow
	err := sql(ctx, tx).Raw(`SELECT id, public, at, ends_at FROM webhook_key WHERE ends_at IS NULL OR ends_at > ?
		ORDER BY at DESC`, now).Scan(&rows).Error
	out := make([]WebhookKey, len(rows))
	for i, row := range rows {
		out[i] = WebhookKey{ID: row.ID, Public: row.Public, At: row.At.UTC(), EndsAt: row.EndsAt}
	}
	return out, failed("webhook keys", "", err)
}

// WebhookSigners are those keys with what they sign with, sealed under the keyset of keeper. Where there is none yet,
// one is made.
func (r *Register) WebhookSigners(ctx context.Context, tx *postgres.Tx, keeper article4.OrganisationID,
	now time.Time) ([]WebhookKey, error) {
	var rows []webhookKeyRow
	read := func() error {
		return sql(ctx, tx).Raw(`SELECT id, public, private_sealed, at, ends_at FROM webhook_key
			WHERE ends_at IS NULL OR ends_at > ? ORDER BY at DESC`, now).Scan(&rows).Error
	}
	err := read()
	if err == nil && len(rows) == 0 {
		if err := r.addWebhookKey(ctx, tx, keeper, now); err != nil {
			return nil, err
		}
		err = read()
	}
	if err != nil {
		return nil, failed("webhook keys", "", err)
	}
	out := make([]WebhookKey, len(rows))
	for i, row := range rows {
		seed, err := r.open(cell{keeper, "webhook_key.private", row.ID}, row.PrivateSealed)
		if err != nil {
			return nil, err
		}
		if len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("webhook key %s: %w", row.ID, ErrAltered)
		}
		private := ed25519.NewKeyFromSeed([]byte(seed))
		if !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(row.Public)) {
			return nil, fmt.Errorf("webhook key %s: %w", row.ID, ErrAltered)
		}
		out[i] = WebhookKey{ID: row.ID, Public: row.Public, Private: private, At: row.At.UTC(), EndsAt: row.EndsAt}
	}
	return out, nil
}

// RotateWebhookKey makes a new key; the one before signs beside it until an instant.
func (r *Register) RotateWebhookKey(ctx context.Context, tx *postgres.Tx, keeper article4.OrganisationID, now,
	ends time.Time) error {
	err := sql(ctx, tx).Exec(`UPDATE webhook_key SET ends_at = ? WHERE ends_at IS NULL`, ends).Error
	if err != nil {
		return failed("webhook keys", "", err)
	}
	return r.addWebhookKey(ctx, tx, keeper, now)
}

func (r *Register) addWebhookKey(ctx context.Context, tx *postgres.Tx, keeper article4.OrganisationID,
	now time.Time) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return failed("webhook key", "", err)
	}
	id := NewID("key_")
	sealed, err := r.sealed(cell{keeper, "webhook_key.private", id}, string(private.Seed()))
	if err != nil {
		return err
	}
	return failed("webhook key", id, sql(ctx, tx).Exec(`INSERT INTO webhook_key (id, public, private_sealed, at)
		VALUES (?,?,?,?) ON CONFLICT ((ends_at IS NULL)) WHERE ends_at IS NULL DO NOTHING`, id, []byte(public), sealed,
		now).Error)
}
