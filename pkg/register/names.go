package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Told finds, of some people, those whose names the viewer may be told: the own organisation's; for the Parties' people
// a third party's, and those of the other Party whom one may address; and across the table those of whom one decides on
// the other or reads what the other gave. Of one request these are its asker, the people that it names or who were
// admitted, whoever decided on it, and the officials who are to decide (decides). An auditor of a Party that a request
// concerns is told all of them. Who decided for an entity concerned is told to the Discloser and to that entity alone:
// Article 4(4) names them to nobody else; and a third party is told nothing by a request of which it may not know yet.
func (r *Register) Told(ctx context.Context, tx *postgres.Tx, v Viewer, audits bool,
	ids []article4.PersonID) ([]Listed[Person], error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := postgres.Named{"ids": ids, "person": v.Person, "org": v.Organisation, "kind": string(v.Kind),
		"decides": v.SeesOwn, "now": v.Now,
		"audits": audits && v.Kind == article4.Party}
	rows, err := personTable.all(ctx, tx, "names", "", `WHERE p.id = ANY(@ids) AND (p.organisation = @org
		OR @kind = 'party' AND (o.kind = 'third-party' OR o.kind = 'party' AND `+addressable+`)
		OR EXISTS (SELECT FROM `+partIn(`p.id`, sharedWith(`@person`))+`
			WHERE `+takesPart(`p.id`)+` AND `+takesPart(`@person`)+`
			AND (@kind = 'party' OR `+decidedByViewer+` OR q.beneficiary = @org AND EXISTS
				(SELECT FROM decision c WHERE c.request = q.id AND c.kind = 'consent' AND c.given)))
		OR (@audits OR @decides) AND EXISTS (SELECT FROM `+partIn(`p.id`, ``)+` WHERE `+takesPart(`p.id`)+` AND (
			@audits AND @org IN (d.discloser, d.recipient)
			OR @decides AND (d.discloser = @org OR `+decidedByViewer+` OR q.withdrawn_at IS NULL AND q.closed IS NULL
				AND q.until > @now AND EXISTS (SELECT FROM document_entity e
				WHERE e.document = d.id AND e.organisation = @org)))))`, args)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toPerson, placeOfPerson), nil
}

// partIn are the requests q, each on a document d, in which a person may take part and which are among others (empty:
// all): takesPart need be asked of no others.
func partIn(person, among string) string {
	return `(SELECT id FROM (` + partsOf(person) + `) own` + among + `) part
		JOIN access_request q ON q.id = part.id JOIN document d ON d.id = q.document AND q.beneficiary <> d.discloser`
}

// sharedWith leaves those in which a viewer may take part too. They are found once for all the people whose names are
// asked for, and hashed: "IS TRUE" keeps the planner from going through the viewer's thousands for each request of each
// of them. A viewer who takes part in nothing has nobody's looked for.
func sharedWith(viewer string) string {
	return ` WHERE EXISTS (SELECT FROM (` + partsOf(viewer) + `) viewers) AND (id IN (` + partsOf(viewer) + `)) IS TRUE`
}

// partsOf are the identifiers of requests in which a person may take part.
func partsOf(person string) string {
	return `SELECT id FROM access_request WHERE asked_by = ` + person + `
		UNION ALL SELECT request FROM request_person WHERE person = ` + person + `
		UNION ALL SELECT request FROM admission WHERE person = ` + person + `
		UNION ALL SELECT request FROM decision WHERE by_person = ` + person
}

// takesPart reports whether a person takes part in a request q on a document d, as far as the viewer's organisation is
// told.
func takesPart(person string) string {
	return `(q.asked_by = ` + person + `
		OR EXISTS (SELECT FROM request_person n WHERE n.request = q.id AND n.person = ` + person + `)
		OR EXISTS (SELECT FROM admission n WHERE n.request = q.id AND n.person = ` + person + `)
		OR EXISTS (SELECT FROM decision n WHERE n.request = q.id AND n.by_person = ` + person + `
			AND (n.by_org IN (d.discloser, d.recipient, @org) OR d.discloser = @org)))`
}

// HoldersFor lists the Delegations in force at an instant that some organisations gave, whose holders signed in here.
func (r *Register) HoldersFor(ctx context.Context, tx *postgres.Tx, of []article4.OrganisationID,
	at time.Time) ([]Delegation, error) {
	if len(of) == 0 {
		return nil, nil
	}
	return r.delegations(ctx, tx, `WHERE d.organisation = ANY($1) AND p.id IS NOT NULL AND d.ended_at IS NULL
		AND d.valid_from <= $2 AND d.valid_until > $2 ORDER BY d.organisation, d.valid_from, d.id`, of, at)
}

// DocumentsNamed finds several documents; of what is none there is none.
func (r *Register) DocumentsNamed(ctx context.Context, tx *postgres.Tx,
	ids []article4.DocumentID) (map[article4.DocumentID]Listed[Document], error) {
	out := map[article4.DocumentID]Listed[Document]{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := documentTable.all(ctx, tx, "documents", "", `WHERE d.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	for _, d := range listed(rows, r.wholeDocument, placeOfDocument) {
		out[d.Document] = d
	}
	return out, nil
}

// DocumentsAsked are the documents that these requests are on; of what is none there is none.
func (r *Register) DocumentsAsked(ctx context.Context, tx *postgres.Tx,
	ids []article4.RequestID) (map[article4.RequestID]article4.DocumentID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID       article4.RequestID
		Document article4.DocumentID
	}
	err := sql(ctx, tx).Raw(`SELECT id, document FROM access_request WHERE id IN ?`, ids).Scan(&rows).Error
	out := make(map[article4.RequestID]article4.DocumentID, len(rows))
	for _, row := range rows {
		out[row.ID] = row.Document
	}
	return out, failed("documents of requests", "", err)
}

// Said counts the messages on a request.
func (r *Register) Said(ctx context.Context, tx *postgres.Tx, id article4.RequestID) (int, error) {
	var n int
	err := sql(ctx, tx).Raw(`SELECT count(*) FROM message WHERE request = ?`, id).Scan(&n).Error
	return n, failed("messages of", string(id), err)
}
