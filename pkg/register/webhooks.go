package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Webhook is an address to which the gateway sends what a Party is told.
type Webhook struct {
	ID           string
	Organisation article4.OrganisationID // whose it is, and whose keyset seals the address
	Address      string
	ProposedBy   article4.PersonID
	ConfirmedBy  article4.PersonID
	At           time.Time
	Entry        string
	FailingSince time.Time // of the first attempt that failed since one succeeded; zero: the last one succeeded
	DisabledAt   time.Time // it failed for too long, and nothing is sent there; zero: not so
	EndedAt      time.Time
}

type webhookRow struct {
	ID            string
	Organisation  string
	AddressSealed []byte
	ProposedBy    string
	ConfirmedBy   string
	At            time.Time
	Entry         string
	FailingSince  *time.Time
	RestsUntil    *time.Time
	DisabledAt    *time.Time
	EndedAt       *time.Time
	EndedEntry    *string
}

var webhookTable = newTable[webhookRow](`webhook w`, nil)

func (r *Register) toWebhook(row webhookRow) (Webhook, error) {
	w := Webhook{
		ID:           row.ID,
		Organisation: article4.OrganisationID(row.Organisation),
		ProposedBy:   article4.PersonID(row.ProposedBy),
		ConfirmedBy:  article4.PersonID(row.ConfirmedBy),
		At:           row.At.UTC(),
		Entry:        row.Entry,
		FailingSince: orZero(row.FailingSince),
		DisabledAt:   orZero(row.DisabledAt),
		EndedAt:      orZero(row.EndedAt),
	}
	var err error
	w.Address, err = r.open(cell{w.Organisation, "webhook.address", row.ID}, row.AddressSealed)
	return w, err
}

// AddWebhook records one that was confirmed.
func (r *Register) AddWebhook(ctx context.Context, tx *postgres.Tx, w Webhook) error {
	address, err := r.sealed(cell{w.Organisation, "webhook.address", w.ID}, w.Address)
	if err != nil {
		return err
	}
	return webhookTable.add(ctx, tx, "webhook", w.ID, webhookRow{
		ID:            w.ID,
		Organisation:  string(w.Organisation),
		AddressSealed: address,
		ProposedBy:    string(w.ProposedBy),
		ConfirmedBy:   string(w.ConfirmedBy),
		At:            w.At,
		Entry:         w.Entry,
	})
}

// Webhook reads one, held until the transaction ends.
func (r *Register) Webhook(ctx context.Context, tx *postgres.Tx, id string) (Webhook, error) {
	row, err := webhookTable.one(ctx, tx, "webhook", id, `WHERE w.id = $1 FOR UPDATE`, id)
	if err != nil {
		return Webhook{}, err
	}
	return r.toWebhook(row)
}

// Webhooks lists those of an organisation that were not taken away, newest first.
func (r *Register) Webhooks(ctx context.Context, tx *postgres.Tx, of article4.OrganisationID, afterAt time.Time,
	after string, limit int) ([]Listed[Webhook], error) {
	rows, err := webhookTable.all(ctx, tx, "webhooks of", string(of), `WHERE w.organisation = $1 AND w.ended_at IS NULL
		AND ($3 = '' OR (w.at, w.id) < ($2, $3)) ORDER BY w.at DESC, w.id DESC LIMIT $4`, of, orNil(afterAt), after,
		limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toWebhook, func(row webhookRow) Place { return Place{At: row.At, ID: row.ID} }), nil
}

// EndWebhook takes one away, and what was still to be sent there.
func (r *Register) EndWebhook(ctx context.Context, tx *postgres.Tx, id string, at time.Time, entry string) error {
	db := sql(ctx, tx)
	err := db.Exec(`UPDATE webhook SET ended_at = ?, ended_entry = ? WHERE id = ? AND ended_at IS NULL`, at, entry,
		id).Error
	if err == nil {
		err = db.Exec(`DELETE FROM webhook_delivery WHERE webhook = ? AND state = 'waiting'`, id).Error
	}
	return failed("webhook", id, err)
}
