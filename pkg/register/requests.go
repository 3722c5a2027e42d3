package register

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Request is an access request as recorded, with everything given or taken back on it.
type Request struct {
	ID          article4.RequestID
	Document    article4.DocumentID
	Discloser   article4.OrganisationID // of the document: whose keyset seals the sentences
	Version     article4.VersionID
	AskedBy     article4.PersonID
	AskedByOrg  article4.OrganisationID
	Beneficiary article4.OrganisationID
	Purpose     article4.PurposeCode
	Statement   string
	Until       time.Time
	Form        article4.Form
	MadeAt      time.Time
	LapsesAt    time.Time
	WithdrawnAt time.Time
	Closed      article4.RequestState // lapsed or expired once the gateway has written so; else empty
	Revision    int64
	Entry       string
	EntryHash   string
	// Carries is the request, for a version before, of which this one was made; empty: none.
	Carries  article4.RequestID
	Delivery bool // nobody asks: the Discloser gives

	People    []article4.PersonID
	Admitted  []article4.PersonID
	Decisions []Decision
	// Agreements are the texts that were put to the beneficiary, the newest first: what a decision looks at of each.
	Agreements []AgreementPut
}

type requestRow struct {
	ID              string
	Document        string
	Discloser       string
	Version         string
	AskedBy         string
	AskedByOrg      string
	Beneficiary     string
	Purpose         string
	StatementSealed []byte
	Until           time.Time
	Form            string
	MadeAt          time.Time
	LapsesAt        time.Time
	WithdrawnAt     *time.Time
	Closed          *string
	Revision        int64
	TermsSealed     []byte
	Entry           string
	EntryHash       string
	Delivery        bool
	Carries         *string
	EndsSealed      []byte
	EndedInTheLog   bool       // no row says so, and the log does
	AnewAt          *time.Time // of one whose ends are under no seal: from when on silence counts, as the log says
	Agreements      string
	AgreementGone   bool // the log says that one was put of which there is no row
	People          []string
	Admitted        []string
}

var requestTable = newTable[requestRow](`access_request q JOIN document d ON d.id = q.document`, map[string]string{
	"Discloser":     `d.discloser`,
	"EndedInTheLog": requestEndedInTheLog,
	"AnewAt":        silenceAnewInTheLog,
	"Agreements":    agreementsPut,
	"AgreementGone": agreementGone,
	"People":        `ARRAY(SELECT p.person FROM request_person p WHERE p.request = q.id ORDER BY p.person)`,
	"Admitted": `ARRAY(SELECT a.person FROM admission a WHERE a.request = q.id AND ` + admittedInTheLog + `
		ORDER BY a.person)`,
})

func (r *Register) toRequest(row requestRow) (Request, error) {
	q := Request{
		ID:          article4.RequestID(row.ID),
		Document:    article4.DocumentID(row.Document),
		Discloser:   article4.OrganisationID(row.Discloser),
		Version:     article4.VersionID(row.Version),
		AskedBy:     article4.PersonID(row.AskedBy),
		AskedByOrg:  article4.OrganisationID(row.AskedByOrg),
		Beneficiary: article4.OrganisationID(row.Beneficiary),
		Purpose:     article4.PurposeCode(row.Purpose),
		Until:       row.Until.UTC(),
		Form:        article4.Form(row.Form),
		MadeAt:      row.MadeAt.UTC(),
		LapsesAt:    row.LapsesAt.UTC(),
		WithdrawnAt: orZero(row.WithdrawnAt),
		Closed:      article4.RequestState(orEmpty(row.Closed)),
		Revision:    row.Revision,
		Entry:       row.Entry,
		EntryHash:   row.EntryHash,
		Delivery:    row.Delivery,
		Carries:     article4.RequestID(orEmpty(row.Carries)),
		People:      named[article4.PersonID](row.People),
		Admitted:    named[article4.PersonID](row.Admitted),
	}
	if row.AgreementGone {
		return q, fmt.Errorf("agreements for request %s: %w", row.ID, ErrAltered)
	}
	var err error
	if q.Agreements, err = r.toAgreementsPut(row.Agreements); err != nil {
		return q, failed("agreements for request", row.ID, err)
	}
	q.Statement, err = r.open(cell{q.Discloser, "access_request.statement", row.ID}, row.StatementSealed)
	return q, err
}

// AddRequest records a request and the people it names.
func (r *Register) AddRequest(ctx context.Context, tx *postgres.Tx, q Request) error {
	statement, err := r.sealed(cell{q.Discloser, "access_request.statement", string(q.ID)}, q.Statement)
	if err != nil {
		return err
	}
	sealedTerms, err := r.sealed(requestCell(q), requestTerms(q))
	if err != nil {
		return err
	}
	ends, err := r.sealed(endsCell(q), endsTerms(q))
	if err != nil {
		return err
	}
	err = requestTable.add(ctx, tx, "request", string(q.ID), requestRow{
		ID:              string(q.ID),
		Document:        string(q.Document),
		Version:         string(q.Version),
		AskedBy:         string(q.AskedBy),
		AskedByOrg:      string(q.AskedByOrg),
		Beneficiary:     string(q.Beneficiary),
		Purpose:         string(q.Purpose),
		StatementSealed: statement,
		Until:           q.Until,
		Form:            string(q.Form),
		MadeAt:          q.MadeAt,
		LapsesAt:        q.LapsesAt,
		Revision:        1,
		TermsSealed:     sealedTerms,
		EndsSealed:      ends,
		Entry:           q.Entry,
		EntryHash:       q.EntryHash,
		Delivery:        q.Delivery,
		Carries:         emptyNil(string(q.Carries)),
	})
	if err != nil {
		return err
	}
	db := sql(ctx, tx)
	for _, p := range q.People {
		if err := db.Exec(`INSERT INTO request_person (request, person) VALUES (?,?)`, q.ID, p).Error; err != nil {
			return failed("people of request", string(q.ID), err)
		}
	}
	return nil
}

// Request reads one whole.
func (r *Register) Request(ctx context.Context, tx *postgres.Tx, id article4.RequestID) (Request, error) {
	found, err := r.requests(ctx, tx, "request", string(id), `WHERE q.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = failed("request", string(id), ErrNotFound)
	}
	if err != nil {
		return Request{}, err
	}
	return found[0], nil
}

// Known are requests that were read in the same transaction, and are not read again.
type Known map[article4.RequestID]Request

// RequestsOn lists the requests on some documents that are for an organisation, were put to it as an entity concerned,
// or on which it decided.
func (r *Register) RequestsOn(ctx context.Context, tx *postgres.Tx, ids []article4.DocumentID,
	o article4.OrganisationID, known Known) ([]Request, error) {
	return r.requestsBut(ctx, tx, known, ids, `(q.beneficiary = $2
		OR EXISTS (SELECT 1 FROM document_entity e WHERE e.document = q.document AND e.organisation = $2)
		OR EXISTS (SELECT 1 FROM decision l WHERE l.request = q.id AND l.by_org = $2))`, o)
}

// RequestsReadBy lists the requests on some documents that are for an organisation: all by which somebody of a Party
// may read.
func (r *Register) RequestsReadBy(ctx context.Context, tx *postgres.Tx, ids []article4.DocumentID,
	o article4.OrganisationID, known Known) ([]Request, error) {
	return r.requestsBut(ctx, tx, known, ids, `q.beneficiary = $2`, o)
}

// requestsBut reads in one trip those on some documents that a condition finds, in the order in which they were made,
// but of those that are known only which they are.
func (r *Register) requestsBut(ctx context.Context, tx *postgres.Tx, known Known, on []article4.DocumentID,
	condition string, o article4.OrganisationID) ([]Request, error) {
	if len(on) == 0 {
		return nil, nil
	}
	where := ` FROM ` + requestTable.from + ` WHERE q.document = ANY($1) AND ` + condition
	const unknown = ` AND q.id <> ALL($3)`
	args := []any{on, o, slices.AppendSeq([]article4.RequestID{}, maps.Keys(known))} // nil would be no list
	var order []article4.RequestID
	var rows []requestRow
	var decisions []decisionRow
	what := "requests on " + string(on[0])
	err := tx.Ask(ctx,
		postgres.Question{What: what, SQL: `SELECT q.id` + where + ` ORDER BY q.made_at, q.id`, Args: args[:2],
			Row: func(row postgres.Row) error {
				var id article4.RequestID
				err := row.Scan(&id)
				order = append(order, id)
				return err
			}},
		postgres.Question{What: what, SQL: `SELECT ` + requestTable.list() + where + unknown, Args: args,
			Row: requestTable.gather(&rows)},
		postgres.Question{What: "decisions", SQL: decisionTable.selects + `WHERE l.request IN (SELECT q.id` + where +
			unknown + `) ORDER BY l.at, l.id`, Args: args, Row: decisionTable.gather(&decisions)})
	if err != nil {
		return nil, err
	}
	read, err := r.requestsOf(rows, decisions)
	if err != nil {
		return nil, err
	}
	return known.inOrder(order, read), nil
}

// inOrder takes what is known, or else what was read.
func (k Known) inOrder(order []article4.RequestID, read []Request) []Request {
	all := make(Known, len(read))
	for _, q := range read {
		all[q.ID] = q
	}
	out := make([]Request, 0, len(order))
	for _, id := range order {
		q, found := k[id]
		if !found {
			q, found = all[id]
		}
		if found { // it was committed between one statement and the next, if not
			out = append(out, q)
		}
	}
	return out
}

// requestsNamed reads in one trip those of some identifiers that are not known, in no order.
func (r *Register) requestsNamed(ctx context.Context, tx *postgres.Tx, ids []article4.RequestID,
	known Known) ([]Listed[Request], error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id article4.RequestID) bool {
		_, is := known[id]
		return is
	})
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []requestRow
	var decisions []decisionRow
	err := tx.Ask(ctx,
		postgres.Question{What: "requests", SQL: requestTable.selects + `WHERE q.id = ANY($1)`, Args: []any{ids},
			Row: requestTable.gather(&rows)},
		postgres.Question{What: "decisions", SQL: decisionTable.selects + `WHERE l.request = ANY($1)
			ORDER BY l.at, l.id`, Args: []any{ids}, Row: decisionTable.gather(&decisions)})
	return r.requestsListed(rows, decisions), err
}

// requests reads those that rest finds, each with its decisions.
func (r *Register) requests(ctx context.Context, tx *postgres.Tx, what, id, rest string, args ...any) ([]Request,
	error) {
	rows, decisions, err := r.requestRows(ctx, tx, what, id, rest, args...)
	if err != nil {
		return nil, err
	}
	return r.requestsOf(rows, decisions)
}

// requestRows are the rows of requests, and of the decisions on them.
func (r *Register) requestRows(ctx context.Context, tx *postgres.Tx, what, id, rest string,
	args ...any) ([]requestRow, []decisionRow, error) {
	rows, err := requestTable.all(ctx, tx, what, id, rest, args...)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	decisions, err := decisionTable.all(ctx, tx, "decisions", "", `WHERE l.request = ANY($1) ORDER BY l.at, l.id`, ids)
	return rows, decisions, err
}

// requestsOf opens requests with their decisions, each request's in the order in which they were read.
func (r *Register) requestsOf(rows []requestRow, taken []decisionRow) ([]Request, error) {
	return Whole(r.requestsListed(rows, taken))
}

// requestsListed is requestsOf, each with its document; one whose decision cannot be read cannot be read either.
func (r *Register) requestsListed(rows []requestRow, taken []decisionRow) []Listed[Request] {
	decisions := make(map[string][]decisionRow, len(rows))
	for _, row := range taken {
		decisions[row.Request] = append(decisions[row.Request], row)
	}
	return listed(rows, func(row requestRow) (Request, error) {
		q, err := r.wholeRequest(row)
		if err != nil {
			return Request{}, err
		}
		if of := decisions[row.ID]; len(of) > 0 {
			q.Decisions, err = opened(of, r.toDecision)
		}
		return q, err
	}, func(row requestRow) Place { return Place{row.MadeAt, row.ID, article4.DocumentID(row.Document)} })
}

// wholeRequest holds a request against its sealed terms, and against what the log says of its end.
func (r *Register) wholeRequest(row requestRow) (Request, error) {
	q, err := r.toRequest(row)
	if err != nil {
		return Request{}, err
	}
	if err := r.verify(requestCell(q), row.TermsSealed, requestTerms(q)); err != nil {
		return q, err
	}
	return q, r.verifyEnds(&q, row)
}

// Touch makes a new revision of a request: its ETag changes with every act on it.
func (r *Register) Touch(ctx context.Context, tx *postgres.Tx, id article4.RequestID) error {
	return failed("request", string(id),
		sql(ctx, tx).Exec(`UPDATE access_request SET revision = revision + 1 WHERE id = ?`, id).Error)
}

// Admit records that a person of the beneficiary was admitted to a grant; once is enough.
func (r *Register) Admit(ctx context.Context, tx *postgres.Tx, id article4.RequestID, person, by article4.PersonID,
	at time.Time, entry string) error {
	return failed("admission to", string(id),
		sql(ctx, tx).Exec(`INSERT INTO admission (request, person, by_person, at, entry)
		VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING`, id, person, by, at, entry).Error)
}

// Standing lists requests that nobody ended and whose term is not over, on documents that a Party gave or received, the
// newest first; those by which the Discloser admits its own people are for the Discloser.
func (r *Register) Standing(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, now, afterAt time.Time,
	after article4.RequestID, limit int) ([]Listed[Request], error) {
	rows, decisions, err := r.requestRows(ctx, tx, "standing requests", "", `WHERE (d.discloser = $1
		OR d.recipient = $1 AND q.beneficiary <> d.discloser)
		AND q.withdrawn_at IS NULL AND q.closed IS NULL AND q.until > $2
		AND NOT EXISTS (SELECT 1 FROM decision l WHERE l.request = q.id AND NOT l.given)
		AND ($4 = '' OR (q.made_at, q.id) < ($3, $4)) ORDER BY q.made_at DESC, q.id DESC LIMIT $5`,
		o, now, orNil(afterAt), after, limit)
	return r.requestsListed(rows, decisions), err
}
