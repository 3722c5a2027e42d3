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

// Endings are the terms that end within some time, or within half of a term that is shorter than twice that; and those
// that ended since.
type Endings struct {
	Since, Now time.Time
	Within     time.Duration
}

// over asks whether a term from one column to another is one of them.
func (e Endings) over(from, until string) string {
	return until + ` > @since AND ` + until + ` - LEAST(CAST(@within AS double precision) * interval '1 second', (` +
		until + ` - ` + from + `) / 2) <= @now`
}

func (e Endings) args(after any, limit int) map[string]any {
	return map[string]any{"since": e.Since, "now": e.Now, "within": e.Within.Seconds(), "after": after, "limit": limit}
}

// DelegationsEnding lists, behind an identifier, those that nobody ended and whose term is over soon, or since.
func (r *Register) DelegationsEnding(ctx context.Context, tx *postgres.Tx, e Endings, after article4.DelegationID,
	limit int) ([]article4.DelegationID, error) {
	var out []article4.DelegationID
	err := sql(ctx, tx).Raw(`SELECT d.id FROM delegation d JOIN organisation o ON o.id = d.organisation
		WHERE o.kind = 'party' AND d.ended_at IS NULL AND d.valid_from <= @now
		AND `+e.over("d.valid_from", "d.valid_until")+` AND d.id > @after ORDER BY d.id LIMIT @limit`,
		e.args(after, limit)).Scan(&out).Error
	return out, failed("delegations that end", "", err)
}

// StandingEnding lists, behind an identifier, standing authorizations that nobody took back and whose term is over
// soon, or since.
func (r *Register) StandingEnding(ctx context.Context, tx *postgres.Tx, e Endings, after article4.DecisionID,
	limit int) ([]article4.DecisionID, error) {
	var out []article4.DecisionID
	err := sql(ctx, tx).Raw(`SELECT a.id FROM standing_authorization a WHERE a.withdrawn_at IS NULL
		AND `+e.over("a.at", "a.until")+` AND a.id > @after ORDER BY a.id LIMIT @limit`,
		e.args(after, limit)).Scan(&out).Error
	return out, failed("standing authorizations that end", "", err)
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
