package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// What is about to end, for those whom the gateway tells of it by itself. It looks at what the rules look at and
// decides nothing.

// Lapsing lists, behind an identifier, requests that lack something and lapse between two instants.
func (r *Register) Lapsing(ctx context.Context, tx *postgres.Tx, now, until time.Time, after article4.RequestID,
	limit int) ([]article4.RequestID, error) {
	var out []article4.RequestID
	err := sql(ctx, tx).Raw(`SELECT q.id FROM access_request q JOIN document d ON d.id = q.document
		WHERE q.closed IS NULL AND q.withdrawn_at IS NULL AND q.lapses_at > @now AND q.lapses_at <= @until
		AND q.id > @after AND (`+lacking+`) ORDER BY q.id LIMIT @limit`,
		map[string]any{"now": now, "until": until, "after": after, "limit": limit}).Scan(&out).Error
	return out, failed("requests that lapse", "", err)
}

// Ending lists, behind an identifier, requests that nobody ended and whose term, or a decision's, is over between two
// instants.
func (r *Register) Ending(ctx context.Context, tx *postgres.Tx, now, until time.Time, after article4.RequestID,
	limit int) ([]article4.RequestID, error) {
	var out []article4.RequestID
	err := sql(ctx, tx).Raw(`SELECT q.id FROM access_request q
		WHERE q.closed IS NULL AND q.withdrawn_at IS NULL AND q.until > @now AND q.id > @after
		AND (q.until <= @until OR EXISTS (SELECT FROM decision l WHERE l.request = q.id AND l.given
			AND l.until > @now AND l.until <= @until)) ORDER BY q.id LIMIT @limit`,
		map[string]any{"now": now, "until": until, "after": after, "limit": limit}).Scan(&out).Error
	return out, failed("requests that end", "", err)
}

// DelegationsEnding lists those in force whose term is over between two instants.
func (r *Register) DelegationsEnding(ctx context.Context, tx *postgres.Tx, now, until time.Time) ([]Delegation, error) {
	return r.delegations(ctx, tx, `WHERE o.kind = 'party' AND d.ended_at IS NULL AND d.valid_from <= $1 `+
		`AND d.valid_until > $1 AND d.valid_until <= $2 ORDER BY d.id`, now, until)
}

// DayOfDisclosures is what was disclosed of a Discloser's documents to others on one day, UTC.
type DayOfDisclosures struct {
	Day        time.Time // its first instant
	Count      int       // of disclosures
	References []string  // of the documents, in order
}

// DisclosedOf lists the days between two instants on which something of a Discloser's was disclosed to others, the
// earliest first.
func (r *Register) DisclosedOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, from,
	until time.Time) ([]DayOfDisclosures, error) {
	var out []DayOfDisclosures
	var rows []struct {
		Day       time.Time
		Reference string
		N         int
	}
	err := sql(ctx, tx).Raw(`SELECT date_trunc('day', x.at, 'UTC') AS day, d.reference, count(*) AS n
		FROM disclosure x JOIN document d ON d.id = x.document
		WHERE d.discloser = ? AND x.organisation <> d.discloser AND x.at >= ? AND x.at < ?
		GROUP BY day, d.reference ORDER BY day, d.reference`, o, from, until).Scan(&rows).Error
	for _, row := range rows {
		if len(out) == 0 || !out[len(out)-1].Day.Equal(row.Day) {
			out = append(out, DayOfDisclosures{Day: row.Day})
		}
		last := &out[len(out)-1]
		last.Count += row.N
		last.References = append(last.References, row.Reference)
	}
	return out, failed("disclosures of", string(o), err)
}

// RetentionTold names that the end of a document's retention was told.
func RetentionTold(id article4.DocumentID, until time.Time) string {
	return "retention|" + string(id) + "|" + until.UTC().Format(time.DateOnly)
}

// RetentionOver lists documents whose personal data was to be kept until a day before this one, of which a version is
// kept still, and of which that was not told yet.
func (r *Register) RetentionOver(ctx context.Context, tx *postgres.Tx, today time.Time,
	limit int) ([]article4.DocumentID, error) {
	var out []article4.DocumentID
	err := sql(ctx, tx).Raw(`SELECT d.id FROM document d WHERE d.personal_data AND d.retain_until < @today
		AND EXISTS (SELECT FROM version v WHERE v.document = d.id AND v.destroyed_at IS NULL)
		AND NOT EXISTS (SELECT FROM notice n WHERE n.once = 'retention|' || d.id || '|' ||
			to_char(d.retain_until, 'YYYY-MM-DD')) ORDER BY d.id LIMIT @limit`,
		map[string]any{"today": today, "limit": limit}).Scan(&out).Error
	return out, failed("documents whose retention is over", "", err)
}
