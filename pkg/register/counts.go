package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

// Counts are numbers of what waits for a viewer, each up to a bound.
type Counts struct {
	Questions int // the last word on an own request is a question
	Notices   int // to be answered
	Ending    int // grants that the own organisation decided on, and that end within fourteen days
	Unsigned  int // the newest text of each Party put to the own organisation, where nobody signed or declined it
}

// Counts counts.
func (r *Register) Counts(ctx context.Context, tx *postgres.Tx, v Viewer, most int) (Counts, error) {
	var out Counts
	err := sql(ctx, tx).Raw(`SELECT
		(SELECT count(*) FROM (SELECT FROM access_request q WHERE q.asked_by = @person AND `+asked+`
			LIMIT @most) n) AS questions,
		(SELECT count(*) FROM (SELECT FROM notice n WHERE `+toAnswer+` LIMIT @most) n) AS notices,
		(SELECT count(*) FROM (SELECT FROM access_request q WHERE `+decidedByViewer+` AND q.withdrawn_at IS NULL
			AND q.closed IS NULL AND `+ends+` BETWEEN @now AND @soon
			AND NOT EXISTS (SELECT FROM decision l LEFT JOIN withdrawal w ON w.decision = l.id WHERE l.request = q.id
			AND (NOT l.given OR w.decision IS NOT NULL)) LIMIT @most) n) AS ending,
		(SELECT count(*) FROM agreement a WHERE a.organisation = @org
			AND NOT EXISTS (SELECT FROM signature s WHERE s.agreement = a.id)
			AND NOT EXISTS (SELECT FROM agreement_decline n WHERE n.agreement = a.id)
			AND NOT EXISTS (SELECT FROM agreement b WHERE b.organisation = a.organisation
			AND b.proposed_by_org = a.proposed_by_org AND (b.proposed_at, b.id) > (a.proposed_at, a.id))) AS unsigned`,
		map[string]any{"person": v.Person, "org": v.Organisation, "own": v.SeesOwn, "now": v.Now,
			"soon": v.Now.Add(14 * 24 * time.Hour), "most": most}).Scan(&out).Error
	return out, failed("what waits", "", err)
}
