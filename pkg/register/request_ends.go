package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// When a request lapses, and that it ended, moves while it stands, and is under a seal of its own.

func endsCell(q Request) cell { return cell{q.Discloser, "access_request.ends", string(q.ID)} }

func endsTerms(q Request) string { return terms(q.EntryHash, q.LapsesAt, q.WithdrawnAt, q.Closed) }

// requestEndedInTheLog asks of a request q that no row ends whether the log says that it lapsed, expired or was given
// up. The log is append-only where the rows of requests are not.
const requestEndedInTheLog = `q.closed IS NULL AND q.withdrawn_at IS NULL AND EXISTS (SELECT FROM log_entry e
	WHERE e.kind IN ('lapse', 'expiry', 'withdrawal') AND e.outcome = 'permit'
	AND log_said(e.body) ->> 'request' = q.id
	AND (e.kind <> 'withdrawal' OR log_said(e.body) #> '{terms,withdraws}' IS NULL))`

// silenceAnewInTheLog is the newest entry from which the silence on a request q may have counted anew: a message on it,
// who is concerned by its document, or an agreement for its beneficiary.
const silenceAnewInTheLog = `CASE WHEN q.ends_sealed IS NULL THEN GREATEST(q.made_at,
	(SELECT max(e.at) FROM log_entry e WHERE e.kind = 'message' AND e.outcome = 'permit'
		AND log_said(e.body) ->> 'request' = q.id),
	(SELECT max(e.at) FROM log_entry e WHERE e.kind = 'entities' AND e.outcome = 'permit'
		AND e.document <> '' AND e.document = q.document),
	(SELECT max(e.at) FROM log_entry e WHERE e.kind IN ('agreement', 'agreement-declined') AND e.outcome = 'permit'
		AND log_said(e.body) #>> '{terms,recipient}' = q.beneficiary)) END`

// Silence says for how long nobody has to answer a request (reading 0007). What was made before the ends of requests
// were sealed lapses no later than that after the log last let its silence count anew, whatever its row says; without
// this, at once.
func (r *Register) Silence(is time.Duration) { r.silence.Store(int64(is)) }

func (r *Register) verifyEnds(q *Request, row requestRow) error {
	if row.EndedInTheLog {
		return fmt.Errorf("end of request %s: %w", q.ID, ErrAltered)
	}
	if row.EndsSealed != nil {
		return r.verify(endsCell(*q), row.EndsSealed, endsTerms(*q))
	}
	if latest := orZero(row.AnewAt).Add(time.Duration(r.silence.Load())); q.LapsesAt.After(latest) {
		q.LapsesAt = latest
	}
	return nil
}

// Answered lets silence count anew (reading 0007). The request is as it was read in this transaction, behind the lock
// of its document or of the Arrangement.
func (r *Register) Answered(ctx context.Context, tx *postgres.Tx, q Request, lapses time.Time) error {
	was := q
	q.LapsesAt = lapses
	return r.moveRequest(ctx, tx, was, q)
}

// WithdrawRequest records that the asker took the request back; see Answered.
func (r *Register) WithdrawRequest(ctx context.Context, tx *postgres.Tx, q Request, at time.Time) error {
	was := q
	q.WithdrawnAt = at
	return r.moveRequest(ctx, tx, was, q)
}

// CloseRequest records that the gateway wrote a lapse or an expiry; see Answered.
func (r *Register) CloseRequest(ctx context.Context, tx *postgres.Tx, q Request, as article4.RequestState) error {
	was := q
	q.Closed = as
	return r.moveRequest(ctx, tx, was, q)
}

// moveRequest seals anew how long a request stands; what somebody else ended meanwhile is not found.
func (r *Register) moveRequest(ctx context.Context, tx *postgres.Tx, was, q Request) error {
	sealed, err := r.sealed(endsCell(q), endsTerms(q))
	if err != nil {
		return err
	}
	done := sql(ctx, tx).Exec(`UPDATE access_request SET lapses_at = ?, withdrawn_at = ?, closed = ?, ends_sealed = ?,
		revision = revision + 1 WHERE id = ? AND withdrawn_at IS NOT DISTINCT FROM ? AND closed IS NOT DISTINCT FROM ?`,
		q.LapsesAt, orNil(q.WithdrawnAt), emptyNil(string(q.Closed)), sealed, q.ID, orNil(was.WithdrawnAt),
		emptyNil(string(was.Closed)))
	if done.Error == nil && done.RowsAffected == 0 {
		return failed("request", string(q.ID), ErrNotFound)
	}
	return failed("request", string(q.ID), done.Error)
}

// DueRequests lists, behind an identifier, requests that nobody ended and whose silence or whose term may be over:
// theirs, a decision's, or that of a purpose which is not open any more. It looks at what the rules look at and decides
// nothing; what is in force with time left is not among them, however long it stands.
func (r *Register) DueRequests(ctx context.Context, tx *postgres.Tx, now time.Time, open []article4.PurposeCode,
	after article4.RequestID, limit int) ([]article4.RequestID, error) {
	var out []article4.RequestID
	err := sql(ctx, tx).Raw(`SELECT q.id FROM access_request q JOIN document d ON d.id = q.document
		WHERE q.closed IS NULL AND q.withdrawn_at IS NULL AND q.id > @after
		AND NOT EXISTS (SELECT FROM decision l LEFT JOIN withdrawal w ON w.decision = l.id WHERE l.request = q.id AND
			(NOT l.given OR w.decision IS NOT NULL))
		AND (q.until <= @now OR q.purpose NOT IN @open OR EXISTS (SELECT FROM decision l WHERE l.request = q.id AND
			l.until <= @now)
			OR q.lapses_at <= @now AND (`+lacking+`))
		ORDER BY q.id LIMIT @limit`,
		map[string]any{"now": now, "open": append([]article4.PurposeCode{""}, open...), "after": after,
			"limit": limit}).Scan(&out).Error
	return out, failed("requests due", "", err)
}

// lacking is what article4.StateOf finds lacking, in SQL, for a request q on a document d: the decision of the
// Discloser or of an entity concerned, or any signature of a third party to which an agreement was put; and what it
// declined: the newest text of a Party, or the one that the consent names.
const lacking = `d.marking <> 'non-confidential' AND q.beneficiary <> d.discloser AND (
		NOT EXISTS (SELECT FROM decision l WHERE l.request = q.id AND l.by_org = d.discloser
			AND l.kind = CASE q.beneficiary WHEN d.recipient THEN 'authorization' ELSE 'consent' END)
		OR EXISTS (SELECT FROM document_entity e WHERE e.document = d.id AND e.organisation <> d.discloser
			AND NOT EXISTS (SELECT FROM decision l WHERE l.request = q.id AND l.by_org = e.organisation AND l.kind =
				'authorization')))
	OR q.beneficiary NOT IN (d.discloser, d.recipient) AND EXISTS (SELECT FROM agreement a WHERE a.organisation =
		q.beneficiary)
		AND NOT EXISTS (SELECT FROM agreement a JOIN signature s ON s.agreement = a.id WHERE a.organisation =
			q.beneficiary)
	OR q.beneficiary NOT IN (d.discloser, d.recipient) AND EXISTS (SELECT FROM agreement_decline n
		JOIN agreement a ON a.id = n.agreement WHERE a.organisation = q.beneficiary
		AND (NOT EXISTS (SELECT FROM agreement b WHERE b.organisation = a.organisation
			AND b.proposed_by_org = a.proposed_by_org AND (b.proposed_at, b.id) > (a.proposed_at, a.id))
			OR EXISTS (SELECT FROM decision l WHERE l.request = q.id AND l.agreement = a.id)))`
