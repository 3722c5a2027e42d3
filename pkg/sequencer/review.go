package sequencer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

// Reviewing asks what was done in a period, as the people of one Party may know it (Article 5(4)).
type Reviewing struct {
	Party        string // only entries that this Party may open
	Kinds        []string
	Since, Until time.Time // since <= at < until
}

// Tally is how many entries say the same.
type Tally struct {
	Kind      string
	Discloser string   // of the document, or of the series
	For       string   // whose people get it, or would; empty where nobody in particular does
	Marking   string   // then; of a decision, that of its request. Empty where neither says it
	Purposes  []string // likewise
	Delivery  bool     // of a request: the Discloser gives unasked
	Series    bool     // of a request: it began on an authorization that stands for a series
	N         int
}

// reviewed counts entries by what they say, and by what the request says that they are about. Left out are the first
// half of an act of two people, what the Discloser's people do among themselves, and, where the other Party is the
// Discloser, its own requests for third parties and what was decided on them: those are not this Party's to know,
// unless it decided on them itself.
const reviewed = `WITH said AS MATERIALIZED (
	SELECT e.kind, e.organisation, log_said(e.body) AS b FROM log_entry e
	WHERE e.at >= $2 AND e.at < $3 AND e.outcome = 'permit' AND e.kind = ANY($4::text[])
	AND e.parties @> ARRAY[$1::text]
), told AS (
	SELECT s.kind, s.organisation, q.organisation AS asked_by,
		coalesce(s.b #>> '{terms,discloser}', s.b #>> '{disclosure,from}', q.terms ->> 'discloser', '') AS discloser,
		coalesce(s.b #>> '{disclosure,to}', q.terms ->> 'recipient',
			CASE WHEN s.kind IN ('release', 'release-ended') THEN s.b #>> '{terms,recipient}' END, '') AS benefits,
		coalesce(s.b #>> '{terms,marking}', s.b #>> '{disclosure,marking}', q.terms ->> 'marking', '') AS marking,
		coalesce(s.b #> '{terms,purposes}', CASE WHEN s.b #> '{disclosure,purpose}' IS NOT NULL
			THEN jsonb_build_array(s.b #> '{disclosure,purpose}') END, q.terms -> 'purposes', '[]')::text AS purposes,
		coalesce((q.terms ->> 'delivery')::boolean, false) AS delivery,
		coalesce(q.terms ->> 'series', '') <> '' AS series
	FROM said s LEFT JOIN LATERAL (
		SELECT r.organisation, log_said(r.body) -> 'terms' AS terms FROM log_entry r
		WHERE r.kind = 'request' AND r.outcome = 'permit' AND log_said(r.body) ->> 'request' = s.b ->> 'request' LIMIT 1
	) q ON true
	WHERE coalesce(s.b #>> '{terms,step}', '') <> 'first'
)
SELECT kind, discloser, benefits, marking, purposes, delivery, series, count(*) FROM told
WHERE benefits <> discloser AND (discloser = $1 OR benefits IN ('', $1) OR $1 IN (organisation, asked_by)
	OR kind IN ('disclosure', 'release', 'release-ended'))
GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`

// Reviewed counts what was done in a period.
func (s *Sequencer) Reviewed(ctx context.Context, tx *postgres.Tx, q Reviewing) ([]Tally, error) {
	rows, err := pool(tx).QueryContext(ctx, reviewed, postgres.PlannedAnew(), q.Party, q.Since, q.Until, q.Kinds)
	if err != nil {
		return nil, fmt.Errorf("sequencer: review: %w", err)
	}
	defer rows.Close()
	var out []Tally
	for rows.Next() {
		var t Tally
		var purposes string
		err := rows.Scan(&t.Kind, &t.Discloser, &t.For, &t.Marking, &purposes, &t.Delivery, &t.Series, &t.N)
		if err == nil {
			err = json.Unmarshal([]byte(purposes), &t.Purposes)
		}
		if err != nil {
			return nil, fmt.Errorf("sequencer: review: %w", err)
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sequencer: review: %w", err)
	}
	return out, nil
}
