package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// What an act that narrows meets on its way. It is to go on whatever was altered: a marking is raised, a document
// recalled. So what cannot be read is left out here, and said to be so.

// LiveRequests lists those that nobody ended and whose term is not over: on one document, or for one beneficiary; and
// the documents of those that cannot be read, which are left out. It serves those who are told, and no decision.
func (r *Register) LiveRequests(ctx context.Context, tx *postgres.Tx, document article4.DocumentID,
	beneficiary article4.OrganisationID, now time.Time) (live []Request, altered []article4.DocumentID, err error) {
	rows, decisions, err := r.requestRows(ctx, tx, "live requests", "", `WHERE (q.document = $1 OR q.beneficiary = $2)
		AND q.withdrawn_at IS NULL AND q.closed IS NULL AND q.until > $3 ORDER BY q.id`, document, beneficiary, now)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range r.requestsListed(rows, decisions) {
		if one.Unread != nil {
			altered = append(altered, one.Document)
		} else {
			live = append(live, one.Record)
		}
	}
	return live, altered, nil
}

// Ended is what a recall ends: each decision that stands, and each Release by the hash of its entry.
type Ended struct {
	Decisions []Decision
	Releases  []string
	// Altered: something of it cannot be read. Of such a decision no more is known than what the log has: its
	// identifier, its request and the entry that says so.
	Altered bool
}

// EndedByRecall finds it. What stands is a Release that the log has, and a decision that was not taken back.
func (r *Register) EndedByRecall(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) (Ended, error) {
	var out Ended
	rows, err := decisionTable.all(ctx, tx, "decisions on", string(id),
		`JOIN access_request q ON q.id = l.request WHERE q.document = $1 ORDER BY l.id`, id)
	if err != nil {
		return out, err
	}
	read, left := openedEach(rows, r.toDecision)
	for _, l := range read {
		if l.Given && l.Withdrawal == nil {
			out.Decisions = append(out.Decisions, l)
		}
	}
	if len(left) > 0 {
		out.Altered = true
		byLog, err := r.decisionsInTheLog(ctx, tx, id, left)
		if err != nil {
			return out, err
		}
		out.Decisions = append(out.Decisions, byLog...)
	}
	err = sql(ctx, tx).Raw(`SELECT x.entry_hash FROM (SELECT e.id AS entry, e.document,
		encode(e.body_hash, 'hex') AS entry_hash, e.at FROM log_entry e
		WHERE e.kind = 'release' AND e.outcome = 'permit' AND e.document = ?) x
		WHERE NOT `+endedInTheLog+` ORDER BY x.at, x.entry`, id).Scan(&out.Releases).Error
	return out, failed("releases of", string(id), err)
}

// decisionsInTheLog are those of some rows of which the log says that they were given on a document, and not that they
// were taken back: by the entry of the decision, and of one that stands for a series by that of the Delivery.
func (r *Register) decisionsInTheLog(ctx context.Context, tx *postgres.Tx, id article4.DocumentID,
	left []decisionRow) ([]Decision, error) {
	ids := make([]string, len(left))
	for i, row := range left {
		ids[i] = row.ID
	}
	var rows []struct{ ID, Request, EntryHash string }
	err := sql(ctx, tx).Raw(`SELECT * FROM (SELECT l.id, l.request, l.document, encode(e.body_hash, 'hex') AS entry_hash
		FROM decision l JOIN log_entry e ON e.document = @document AND e.outcome = 'permit' AND (
			e.kind IN ('authorization', 'consent', 'filing') AND log_said(e.body) #>> '{terms,decision}' = l.id
			AND log_said(e.body) #>> '{terms,step}' IS DISTINCT FROM 'first'
			OR e.kind = 'request' AND log_said(e.body) ->> 'request' = l.request
			AND log_said(e.body) #>> '{terms,delivery}' = 'true')
		WHERE l.id IN @ids AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.decision = l.id)) l
		WHERE NOT `+takenBackInTheLog+` ORDER BY l.id, l.entry_hash`,
		map[string]any{"document": id, "ids": ids}).Scan(&rows).Error
	out := make([]Decision, len(rows))
	for i, row := range rows {
		out[i] = Decision{ID: article4.DecisionID(row.ID), Request: article4.RequestID(row.Request), Document: id,
			EntryHash: row.EntryHash}
	}
	return out, failed("decisions on", string(id), err)
}

// EarlierAgreements lists the texts put to one third party, newest first; without those that cannot be read.
func (r *Register) EarlierAgreements(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID) (
	found []Agreement, altered bool, err error) {
	rows, err := agreementTable.all(ctx, tx, "agreements", "",
		`WHERE a.organisation = $1 ORDER BY a.proposed_at DESC, a.id DESC`, o)
	found, left := openedEach(rows, r.toAgreement)
	return found, len(left) > 0, err
}

// RequestEntry is the hash of the entry by which a request was made, by the log.
func (r *Register) RequestEntry(ctx context.Context, tx *postgres.Tx, id article4.RequestID) (string, error) {
	var row struct{ Hash string }
	err := one(sql(ctx, tx).Raw(`SELECT encode(body_hash, 'hex') AS hash FROM log_entry
		WHERE log_said(body) ->> 'request' = ? AND kind = 'request' AND outcome = 'permit'`, id), &row, "entry of",
		string(id))
	return row.Hash, err
}
