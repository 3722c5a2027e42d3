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
	after string, limit int) ([]Webhook, error) {
	rows, err := webhookTable.all(ctx, tx, "webhooks of", string(of), `WHERE w.organisation = $1 AND w.ended_at IS NULL
		AND ($3 = '' OR (w.at, w.id) < ($2, $3)) ORDER BY w.at DESC, w.id DESC LIMIT $4`, of, orNil(afterAt), after,
		limit)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toWebhook)
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

// Delivery is one notice on its way to one webhook.
type Delivery struct {
	ID       string
	Webhook  string
	Notice   string
	ToldAt   time.Time
	DueAt    time.Time
	Attempts int
	State    string // "waiting", "delivered" or "dead"
	Status   int    // of HTTP, of the last attempt; 0: none came
	Fault    string // of the last attempt, in words of ours
	EndedAt  *time.Time

	// Of ClaimDeliveries alone.
	Kind         string
	Organisation article4.OrganisationID
	Address      string
	FailingSince *time.Time
}

// The states of a delivery.
const (
	DeliveryWaits = "waiting"
	DeliveryDone  = "delivered"
	DeliveryDead  = "dead"
)

// deliverPlaced puts notices that just got their places on their way, to each webhook of whoever answers for an
// organisation that may see them.
func (r *Register) deliverPlaced(ctx context.Context, tx *postgres.Tx, notices []string) error {
	var rows []struct{ Webhook, Notice string }
	db := sql(ctx, tx)
	err := db.Raw(`SELECT w.id AS webhook, n.id AS notice FROM notice n JOIN webhook w ON w.ended_at IS NULL
		AND w.disabled_at IS NULL AND (n.to_org = w.organisation AND n.audience <> 'person'
			OR n.owner = w.organisation AND n.audience = 'owner')
		WHERE n.id IN ? AND n.at >= w.at ORDER BY n.place`, notices).Scan(&rows).Error
	for _, row := range rows {
		if err != nil {
			break
		}
		err = db.Exec(`INSERT INTO webhook_delivery (id, webhook, notice, told_at, due_at)
			SELECT ?, ?, n.id, n.at, clock_timestamp() FROM notice n WHERE n.id = ? ON CONFLICT DO NOTHING`,
			NewID("dlv_"), row.Webhook, row.Notice).Error
	}
	return failed("deliveries", "", err)
}

const deliveryColumns = `d.id, d.webhook, d.notice, d.told_at, d.due_at, d.attempts, d.state, d.status, d.fault,
	d.ended_at`

// Deliveries lists what was sent to a webhook, or is to be, newest first.
func (r *Register) Deliveries(ctx context.Context, tx *postgres.Tx, webhook string, afterAt time.Time, after string,
	limit int) ([]Delivery, error) {
	var out []Delivery
	err := sql(ctx, tx).Raw(`SELECT `+deliveryColumns+` FROM webhook_delivery d WHERE d.webhook = @webhook
		AND (@after = '' OR (d.told_at, d.id) < (@at, @after)) ORDER BY d.told_at DESC, d.id DESC LIMIT @limit`,
		map[string]any{"webhook": webhook, "at": afterAt, "after": after, "limit": limit}).Scan(&out).Error
	return out, failed("deliveries to", webhook, err)
}

// ClaimDeliveries takes deliveries that are due, for the time that an attempt may last: whoever is killed meanwhile
// loses them to the next. Nothing is taken for a webhook that was taken away or that nothing is sent to any more.
func (r *Register) ClaimDeliveries(ctx context.Context, tx *postgres.Tx, now, until time.Time, limit int) ([]Delivery,
	error) {
	var rows []struct {
		Delivery
		AddressSealed []byte
	}
	err := sql(ctx, tx).Raw(`WITH due AS (SELECT x.id FROM webhook_delivery x JOIN webhook w ON w.id = x.webhook
			WHERE x.state = 'waiting' AND x.due_at <= @now AND (x.claimed_until IS NULL OR x.claimed_until <= @now)
			AND w.ended_at IS NULL AND w.disabled_at IS NULL
			ORDER BY x.due_at, x.id LIMIT @limit FOR UPDATE OF x SKIP LOCKED)
		UPDATE webhook_delivery d SET claimed_until = @until, attempts = d.attempts + 1
		FROM due, webhook w, notice n WHERE d.id = due.id AND w.id = d.webhook AND n.id = d.notice
		RETURNING `+deliveryColumns+`, n.kind, w.organisation, w.address_sealed, w.failing_since`,
		map[string]any{"now": now, "until": until, "limit": limit}).Scan(&rows).Error
	if err != nil {
		return nil, failed("deliveries due", "", err)
	}
	out := make([]Delivery, len(rows))
	for i, row := range rows {
		d := row.Delivery
		if d.Address, err = r.open(cell{d.Organisation, "webhook.address", d.Webhook}, row.AddressSealed); err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

// EndDelivery records that a delivery arrived: its webhook is in order again.
func (r *Register) EndDelivery(ctx context.Context, tx *postgres.Tx, d Delivery, status int, at time.Time) error {
	db := sql(ctx, tx)
	err := db.Exec(`UPDATE webhook_delivery SET state = 'delivered', status = ?, fault = '', ended_at = ?,
		claimed_until = NULL WHERE id = ? AND state = 'waiting'`, status, at, d.ID).Error
	if err == nil && d.FailingSince != nil {
		err = db.Exec(`UPDATE webhook SET failing_since = NULL WHERE id = ?`, d.Webhook).Error
	}
	return failed("delivery", d.ID, err)
}

// PutOffDelivery records an attempt that failed: the next comes at due, or, where due is zero, none does.
func (r *Register) PutOffDelivery(ctx context.Context, tx *postgres.Tx, d Delivery, status int, fault string, at,
	due time.Time) error {
	state, ended := DeliveryWaits, (*time.Time)(nil)
	if due.IsZero() {
		state, ended, due = DeliveryDead, &at, d.DueAt
	}
	db := sql(ctx, tx)
	err := db.Exec(`UPDATE webhook_delivery SET state = ?, status = ?, fault = ?, due_at = ?, ended_at = ?,
		claimed_until = NULL WHERE id = ? AND state = 'waiting'`, state, status, fault, due, ended, d.ID).Error
	if err == nil {
		err = db.Exec(`UPDATE webhook SET failing_since = COALESCE(failing_since, ?) WHERE id = ?`, at, d.Webhook).Error
	}
	return failed("delivery", d.ID, err)
}

// DisableWebhooks ends sending to those that fail since before an instant, and answers them: each is answered once.
func (r *Register) DisableWebhooks(ctx context.Context, tx *postgres.Tx, since, at time.Time) ([]Webhook, error) {
	var ids []string
	err := sql(ctx, tx).Raw(`UPDATE webhook SET disabled_at = ? WHERE failing_since < ? AND disabled_at IS NULL
		AND ended_at IS NULL RETURNING id`, at, since).Scan(&ids).Error
	if err != nil {
		return nil, failed("webhooks that fail", "", err)
	}
	out := make([]Webhook, len(ids))
	for i, id := range ids {
		if out[i], err = r.Webhook(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Redeliver has a delivery sent again from now on, and whatever waits for that webhook: one that was not sent to any
// more is sent to again.
func (r *Register) Redeliver(ctx context.Context, tx *postgres.Tx, webhook string,
	deliveries []string) (int, error) {
	db := sql(ctx, tx)
	done := db.Exec(`UPDATE webhook_delivery SET state = 'waiting', attempts = 0, ended_at = NULL,
		due_at = clock_timestamp(), claimed_until = NULL
		WHERE webhook = ? AND (id = ANY(?) OR ? AND state = 'dead')`, webhook, deliveries, len(deliveries) == 0)
	err := done.Error
	if err == nil {
		err = db.Exec(`UPDATE webhook SET disabled_at = NULL, failing_since = NULL WHERE id = ?`, webhook).Error
	}
	return int(done.RowsAffected), failed("deliveries to", webhook, err)
}

// SweepDeliveries forgets deliveries that ended before an instant.
func (r *Register) SweepDeliveries(ctx context.Context, tx *postgres.Tx, before time.Time) error {
	return failed("deliveries", "", sql(ctx, tx).Exec(`DELETE FROM webhook_delivery WHERE state <> 'waiting'
		AND ended_at < ?`, before).Error)
}

// WebhookFigures are what the operator looks at.
type WebhookFigures struct {
	Waiting  int // deliveries that are due
	Dead     int // deliveries that were given up
	Disabled int // webhooks to which nothing is sent any more, since they failed for too long
}

// CountWebhooks reads the figures.
func (r *Register) CountWebhooks(ctx context.Context, tx *postgres.Tx, now time.Time) (WebhookFigures, error) {
	var out WebhookFigures
	err := sql(ctx, tx).Raw(`SELECT (SELECT count(*) FROM webhook_delivery WHERE state = 'waiting' AND due_at <= ?)
			AS waiting,
		(SELECT count(*) FROM webhook_delivery WHERE state = 'dead') AS dead,
		(SELECT count(*) FROM webhook WHERE disabled_at IS NOT NULL AND ended_at IS NULL) AS disabled`,
		now).Scan(&out).Error
	return out, failed("webhooks", "", err)
}
