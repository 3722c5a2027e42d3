package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

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
	// Unreadable: the address does not open, and Address is empty.
	Unreadable bool
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

// dueAt are the deliveries x that may be taken at an instant: they are due, and nobody is at them.
const dueAt = `x.state = 'waiting' AND x.due_at <= @now AND (x.claimed_until IS NULL OR x.claimed_until <= @now)`

// receivers are the webhooks for which something is due; those that were taken away, that nothing is sent to any more
// and that rest are none. Each is held until the transaction ends, and those that another transaction holds are passed
// over: two replicas do not take for the same receiver at the same time.
func (r *Register) receivers(ctx context.Context, tx *postgres.Tx, now time.Time) (ids []string, err error) {
	err = sql(ctx, tx).Raw(`SELECT w.id FROM webhook w
		WHERE w.ended_at IS NULL AND w.disabled_at IS NULL AND (w.rests_until IS NULL OR w.rests_until <= @now)
		AND EXISTS (SELECT FROM webhook_delivery x WHERE x.webhook = w.id AND `+dueAt+`)
		ORDER BY w.id FOR NO KEY UPDATE OF w SKIP LOCKED`, map[string]any{"now": now}).Scan(&ids).Error
	return ids, failed("webhooks due", "", err)
}

// ClaimDeliveries takes deliveries that are due, for the time that an attempt may last: whoever is killed meanwhile
// loses them to the next. So many at most are under way to one webhook, over all replicas, and only one where the last
// attempt failed: a receiver that hangs or fails takes nothing from the others. Nothing is taken for a webhook that
// rests, that was taken away or that nothing is sent to any more.
func (r *Register) ClaimDeliveries(ctx context.Context, tx *postgres.Tx, now, until time.Time, each int) ([]Delivery,
	error) {
	receivers, err := r.receivers(ctx, tx, now)
	if err != nil || len(receivers) == 0 {
		return nil, err
	}
	var rows []struct {
		Delivery
		AddressSealed []byte
	}
	err = sql(ctx, tx).Raw(`WITH due AS (SELECT next.id FROM webhook r
			CROSS JOIN LATERAL (SELECT x.id FROM webhook_delivery x WHERE x.webhook = r.id AND `+dueAt+`
				ORDER BY x.due_at, x.id
				LIMIT GREATEST(0, CASE WHEN r.failing_since IS NULL THEN CAST(@each AS integer) ELSE 1 END
					- (SELECT count(*) FROM webhook_delivery u
						WHERE u.webhook = r.id AND u.state = 'waiting' AND u.claimed_until > @now))
				FOR UPDATE SKIP LOCKED) next WHERE r.id IN @receivers)
		UPDATE webhook_delivery d SET claimed_until = @until, attempts = d.attempts + 1
		FROM due, webhook w, notice n WHERE d.id = due.id AND w.id = d.webhook AND n.id = d.notice
		RETURNING `+deliveryColumns+`, n.kind, w.organisation, w.address_sealed`,
		map[string]any{"now": now, "until": until, "each": each, "receivers": receivers}).Scan(&rows).Error
	if err != nil {
		return nil, failed("deliveries due", "", err)
	}
	out := make([]Delivery, len(rows))
	for i, row := range rows {
		d := row.Delivery
		d.Address, err = r.open(cell{d.Organisation, "webhook.address", d.Webhook}, row.AddressSealed)
		d.Unreadable = err != nil // and keeps no other delivery from being made
		out[i] = d
	}
	return out, nil
}

// GiveBackDelivery frees a delivery whose attempt was interrupted: it does not count.
func (r *Register) GiveBackDelivery(ctx context.Context, tx *postgres.Tx, d Delivery) error {
	return failed("delivery", d.ID, sql(ctx, tx).Exec(`UPDATE webhook_delivery SET claimed_until = NULL,
		attempts = GREATEST(0, attempts - 1) WHERE id = ? AND state = 'waiting'`, d.ID).Error)
}

// EndDelivery records that a delivery arrived: its webhook is in order again, and is sent to.
func (r *Register) EndDelivery(ctx context.Context, tx *postgres.Tx, d Delivery, status int, at time.Time) error {
	db := sql(ctx, tx)
	err := db.Exec(`UPDATE webhook_delivery SET state = 'delivered', status = ?, fault = '', ended_at = ?,
		claimed_until = NULL WHERE id = ? AND state = 'waiting'`, status, at, d.ID).Error
	if err == nil {
		err = db.Exec(`UPDATE webhook SET failing_since = NULL, rests_until = NULL, disabled_at = NULL
			WHERE id = ? AND (failing_since IS NOT NULL OR disabled_at IS NOT NULL)`, d.Webhook).Error
	}
	return failed("delivery", d.ID, err)
}

// unasked is after how long without a failure it is not said any more that a webhook has been failing meanwhile: no
// gateway ran. While one runs, the longest pause between two attempts is a day.
const unasked = 36 * time.Hour

// PutOffDelivery records an attempt that failed: the next comes at due, or, where due is zero, none does. Its webhook
// rests for half as long as it has been failing, and for so long at most: whatever else is due there waits.
func (r *Register) PutOffDelivery(ctx context.Context, tx *postgres.Tx, d Delivery, status int, fault string, at,
	due time.Time, rest time.Duration) error {
	state, ended := DeliveryWaits, (*time.Time)(nil)
	if due.IsZero() {
		state, ended, due = DeliveryDead, &at, d.DueAt
	}
	db := sql(ctx, tx)
	err := db.Exec(`UPDATE webhook_delivery SET state = ?, status = ?, fault = ?, due_at = ?, ended_at = ?,
		claimed_until = NULL WHERE id = ? AND state = 'waiting'`, state, status, fault, due, ended, d.ID).Error
	if err == nil {
		err = db.Exec(`UPDATE webhook w SET failing_since = f.since,
			rests_until = CAST(@at AS timestamptz) + LEAST((CAST(@at AS timestamptz) - f.since) / 2,
				CAST(@rest AS double precision) * interval '1 second')
			FROM (SELECT id, CASE WHEN COALESCE(rests_until, failing_since) > @unasked THEN failing_since
				ELSE CAST(@at AS timestamptz) END AS since FROM webhook WHERE id = @webhook FOR UPDATE) f
			WHERE w.id = f.id`,
			map[string]any{"at": at, "unasked": at.Add(-unasked), "rest": rest.Seconds(), "webhook": d.Webhook}).Error
	}
	return failed("delivery", d.ID, err)
}

// FailedWebhook is one that nothing is sent to any more.
type FailedWebhook struct {
	ID           string
	Organisation article4.OrganisationID
	FailingSince time.Time
}

// DisableWebhooks ends sending to those that fail since before an instant, and failed once more after another one; it
// answers them, each once.
func (r *Register) DisableWebhooks(ctx context.Context, tx *postgres.Tx, since, last, at time.Time) ([]FailedWebhook,
	error) {
	var out []FailedWebhook
	err := sql(ctx, tx).Raw(`UPDATE webhook SET disabled_at = ? WHERE failing_since < ? AND rests_until > ?
		AND disabled_at IS NULL AND ended_at IS NULL RETURNING id, organisation, failing_since`, at, since,
		last).Scan(&out).Error
	return out, failed("webhooks that fail", "", err)
}

// Redeliver has a delivery sent again from now on, and whatever waits for that webhook: one that was not sent to any
// more is sent to again.
func (r *Register) Redeliver(ctx context.Context, tx *postgres.Tx, webhook string,
	deliveries []string) (int, error) {
	db := sql(ctx, tx)
	done := db.Exec(`UPDATE webhook_delivery SET state = 'waiting', attempts = 0, ended_at = NULL,
		due_at = clock_timestamp(), claimed_until = NULL
		WHERE webhook = ? AND (id IN ? OR ? AND state = 'dead')`, webhook, deliveries, len(deliveries) == 0)
	err := done.Error
	if err == nil {
		err = db.Exec(`UPDATE webhook SET disabled_at = NULL, failing_since = NULL, rests_until = NULL WHERE id = ?`,
			webhook).Error
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
	Waiting  int       // deliveries that are due, to webhooks that are sent to
	Oldest   time.Time // since when the oldest of these to a webhook that does not fail is due; zero: none is
	Dead     int       // deliveries that were given up
	Failing  int       // webhooks whose last attempt failed, and that are sent to
	Disabled int       // webhooks to which nothing is sent any more, since they failed for too long
}

// CountWebhooks reads the figures.
func (r *Register) CountWebhooks(ctx context.Context, tx *postgres.Tx, now time.Time) (WebhookFigures, error) {
	var row struct {
		Waiting, Dead, Failing, Disabled int
		Oldest                           *time.Time
	}
	err := sql(ctx, tx).Raw(`SELECT count(*) AS waiting, min(x.due_at) FILTER (WHERE w.failing_since IS NULL) AS oldest,
		(SELECT count(*) FROM webhook_delivery WHERE state = 'dead') AS dead,
		(SELECT count(*) FROM webhook WHERE failing_since IS NOT NULL AND disabled_at IS NULL AND ended_at IS NULL)
			AS failing,
		(SELECT count(*) FROM webhook WHERE disabled_at IS NOT NULL AND ended_at IS NULL) AS disabled
		FROM webhook_delivery x JOIN webhook w ON w.id = x.webhook AND w.disabled_at IS NULL AND w.ended_at IS NULL
		WHERE x.state = 'waiting' AND x.due_at <= ?`, now).Scan(&row).Error
	return WebhookFigures{row.Waiting, orZero(row.Oldest), row.Dead, row.Failing, row.Disabled},
		failed("webhooks", "", err)
}
