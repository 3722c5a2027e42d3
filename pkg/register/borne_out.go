package register

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// admittedInTheLog asks whether an entry of the log says of an admission a that this person was admitted to this
// request: a row that somebody added admits nobody.
const admittedInTheLog = `EXISTS (SELECT FROM log_entry e WHERE e.id = a.entry AND e.kind = 'admission'
	AND e.outcome = 'permit' AND log_said(e.body) ->> 'request' = a.request
	AND log_said(e.body) #> '{terms,people}' @> to_jsonb(a.person) AND log_placed(e.id))`

// notBorneOut are the documents about which a row says something else than the log: of Holds, suspensions, admissions
// and Releases; empty where it is about no document. Nothing rests on such a row.
const notBorneOut = `SELECT h.document FROM hold h
	LEFT JOIN log_hold k ON k.entry = h.entry AND k.document = h.document AND k.hold = h.id
	WHERE k.hold IS NULL OR (k.ended_at IS NULL) <> (h.ended_at IS NULL)
	UNION ALL SELECT k.document FROM log_hold k WHERE NOT EXISTS (SELECT FROM hold h WHERE h.id = k.hold)
	UNION ALL SELECT COALESCE(s.document, '') FROM suspension s
	LEFT JOIN log_stop k ON k.entry = s.entry AND k.stop = s.id AND ` + sameStop + `
	WHERE k.stop IS NULL OR (k.lifted_at IS NULL) <> (s.lifted_at IS NULL)
	UNION ALL SELECT k.document FROM log_stop k WHERE NOT EXISTS (SELECT FROM suspension s WHERE s.id = k.stop)
	UNION ALL SELECT q.document FROM admission a JOIN access_request q ON q.id = a.request
	WHERE NOT ` + admittedInTheLog + `
	UNION ALL SELECT x.document FROM release x
	WHERE NOT ` + releasedInTheLog + ` OR x.ended_at IS NULL AND ` + endedInTheLog + `
	UNION ALL SELECT '' FROM office_member m WHERE m.ended_at IS NULL AND NOT (` + seated + `)`

// NotBorneOut lists documents about which a row says something else than the log, in the order of their identifiers;
// the empty one stands for people, organisations and offices.
func (r *Register) NotBorneOut(ctx context.Context, tx *postgres.Tx, limit int) ([]article4.DocumentID, error) {
	var out []article4.DocumentID
	err := sql(ctx, tx).Raw(`SELECT DISTINCT document FROM (`+notBorneOut+`) found ORDER BY document LIMIT ?`,
		limit).Scan(&out).Error
	return out, failed("rows that the log does not bear out", "", err)
}
