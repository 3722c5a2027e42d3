package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Mark is something that an act put over a document and that stands.
type Mark struct {
	What  string // "recalled", "suspended", "held"
	Since time.Time
	By    article4.OrganisationID
	Entry string
}

// Marks lists what stands over a document: its last recall, the stops that nobody lifted, the Holds that nobody ended.
func (r *Register) Marks(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Mark, error) {
	var rows []struct {
		What, ByOrg, Entry string
		At                 time.Time
	}
	err := sql(ctx, tx).Raw(`SELECT 'held' AS what, by_org, entry, at FROM log_hold
			WHERE document = @id AND ended_at IS NULL
		UNION ALL SELECT 'suspended', by_org, entry, at FROM log_stop WHERE document = @id AND lifted_at IS NULL
		UNION ALL (SELECT 'recalled', d.discloser, e.id, e.at FROM log_entry e JOIN document d ON d.id = e.document
			WHERE e.document = @id AND e.kind = 'recall' AND e.outcome = 'permit' ORDER BY e.at DESC LIMIT 1)
		ORDER BY at DESC, entry`, map[string]any{"id": id}).Scan(&rows).Error
	if err != nil {
		return nil, failed("marks on", string(id), err)
	}
	out := make([]Mark, len(rows))
	for i, row := range rows {
		out[i] = Mark{What: row.What, Since: row.At.UTC(), By: article4.OrganisationID(row.ByOrg), Entry: row.Entry}
	}
	return out, nil
}
