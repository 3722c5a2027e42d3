package register

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Notice is what somebody is told: a kind and its facts, never with the title of a document. It is worded when it is
// shown.
type Notice struct {
	ID          string
	Kind        string
	Document    article4.DocumentID
	Reference   string // of the document; only from reading
	Request     article4.RequestID
	Subject     string                  // the agreement, the Delegation or what waits, that it is about
	Owner       article4.OrganisationID // whose keyset seals the facts
	To          article4.OrganisationID
	Person      article4.PersonID // empty: whoever answers for the organisation
	CopyNumbers []string
	Facts       map[string]string
	Text        string // of a notice from before there were facts; only from reading
	At          time.Time
	Entry       string
	Audience    Audience
	Class       NoticeClass
	Besides     article4.PersonID // whose own act it tells of: no mail is sent to them
	Once        string            // under which it is told once, whoever tells it; empty: each time

	Acknowledged *Acknowledgement
}

// Audience says who sees a notice beside the one that it is put before.
type Audience string

// The audiences, each with those before it.
const (
	ForPerson       Audience = "person"       // nobody
	ForOrganisation Audience = "organisation" // whoever answers for that one's organisation
	ForOwner        Audience = "owner"        // whoever answers for the organisation whose affair it is
)

// NoticeClass says how word of a notice is sent.
type NoticeClass string

// The classes.
const (
	Urgent   NoticeClass = "urgent"   // at once, to everybody
	Duty     NoticeClass = "duty"     // at once or once a day, and never not at all
	Courtesy NoticeClass = "courtesy" // likewise, unless the reader wants no word of it
)

// Acknowledgement is what the holder says became of the copies.
type Acknowledgement struct {
	By          article4.PersonID
	At          time.Time
	Disposition string
	Statement   string
	Entry       string
}

type noticeRow struct {
	ID           string
	Kind         string
	Document     *string
	Reference    *string
	Owner        string
	ToOrg        string
	ToPerson     *string
	CopyNumbers  string
	Request      *string
	Subject      string
	TextSealed   []byte
	FactsSealed  []byte
	Audience     string
	At           time.Time
	Entry        string
	ABy          *string
	AAt          *time.Time
	ADisposition *string
	AStatement   []byte
	AEntry       *string
}

const noticeSelect = `SELECT n.*, d.reference, a.by_person AS a_by, a.at AS a_at, a.disposition AS a_disposition,
	a.statement_sealed AS a_statement, a.entry AS a_entry
	FROM notice n LEFT JOIN document d ON d.id = n.document LEFT JOIN acknowledgement a ON a.notice = n.id `

// AddNotice records what somebody is told, and that word of it is to be sent. What was told once under the same name is
// not told again.
func (r *Register) AddNotice(ctx context.Context, tx *postgres.Tx, n Notice) error {
	said, err := json.Marshal(n.Facts)
	if err != nil {
		return failed("facts of notice", n.ID, err)
	}
	facts, err := r.sealed(cell{n.Owner, "notice.facts", n.ID}, string(said))
	if err != nil {
		return err
	}
	return failed("notice", n.ID, sql(ctx, tx).Exec(`WITH told AS (
		INSERT INTO notice (id, kind, document, request, subject, owner, to_org, to_person, copy_numbers, facts_sealed,
			audience, once, at, entry)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (once) DO NOTHING RETURNING id)
		INSERT INTO notice_unsent (notice, class, besides) SELECT id, ?, ? FROM told`,
		n.ID, n.Kind, emptyNil(string(n.Document)), emptyNil(string(n.Request)), n.Subject, n.Owner, n.To,
		emptyNil(string(n.Person)), strings.Join(n.CopyNumbers, " "), facts, n.Audience, emptyNil(n.Once), n.At,
		n.Entry, n.Class, emptyNil(string(n.Besides))).Error)
}

// Reviews lists documents whose review-by day has come and of which nobody was reminded, in the order of identifiers;
// those of which nothing can be had any more are left out.
func (r *Register) Reviews(ctx context.Context, tx *postgres.Tx, today time.Time, limit int) ([]article4.DocumentID,
	error) {
	var out []article4.DocumentID
	err := sql(ctx, tx).Raw(`SELECT d.id FROM document d JOIN version v ON v.id = d.current_version
		WHERE d.review_by <= ? AND v.destroyed_at IS NULL AND NOT EXISTS (SELECT FROM notice n WHERE n.document = d.id
			AND n.kind = 'review')
		ORDER BY d.id LIMIT ?`, today, limit).Scan(&out).Error
	return out, failed("documents to review", "", err)
}

// Reminded reports whether a reminder of a document's review stands already.
func (r *Register) Reminded(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) (bool, error) {
	var found bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT FROM notice WHERE document = ? AND kind = 'review')`,
		id).Scan(&found).Error
	return found, failed("notices about", string(id), err)
}

// Notice reads one.
func (r *Register) Notice(ctx context.Context, tx *postgres.Tx, id string) (Notice, error) {
	var row noticeRow
	if err := one(sql(ctx, tx).Raw(noticeSelect+`WHERE n.id = ?`, id), &row, "notice", id); err != nil {
		return Notice{}, err
	}
	return r.toNotice(row)
}

// NoticeFilter narrows a list of notices. Zero fields do not filter.
type NoticeFilter struct {
	Unanswered bool // that the viewer is to answer
	Document   article4.DocumentID
	Kind       string
	AfterAt    time.Time
	AfterID    string
	Limit      int
}

// toAnswer are the notices that are the viewer's to answer.
const toAnswer = `(n.to_person = @person OR @own AND n.to_org = @org) AND n.audience = 'owner'`

// Notices lists the newest first: those to the viewer, those to the organisation and its people if the viewer answers
// for it, and those about the organisation's own affairs, each as far as its audience reaches.
func (r *Register) Notices(ctx context.Context, tx *postgres.Tx, v Viewer, f NoticeFilter) ([]Notice, error) {
	var rows []noticeRow
	err := sql(ctx, tx).Raw(noticeSelect+
		`WHERE (n.to_person = @person OR (@own AND (n.to_org = @org AND n.audience <> 'person'
			OR n.owner = @org AND n.audience = 'owner')))
		AND (NOT @unanswered OR a.notice IS NULL AND `+toAnswer+`)
		AND (@document = '' OR n.document = @document) AND (@of = '' OR n.kind = @of)
		AND (@after = '' OR (n.at, n.id) < (@at, @after)) ORDER BY n.at DESC, n.id DESC LIMIT @limit`,
		map[string]any{"person": v.Person, "own": v.SeesOwn, "org": v.Organisation, "at": orNil(f.AfterAt),
			"after": f.AfterID, "limit": f.Limit, "unanswered": f.Unanswered, "document": f.Document,
			"of": f.Kind}).Scan(&rows).Error
	if err != nil {
		return nil, failed("notices", "", err)
	}
	out := make([]Notice, len(rows))
	for i, row := range rows {
		if out[i], err = r.toNotice(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Register) toNotice(row noticeRow) (Notice, error) {
	n := Notice{
		ID:          row.ID,
		Kind:        row.Kind,
		Document:    article4.DocumentID(orEmpty(row.Document)),
		Reference:   orEmpty(row.Reference),
		Owner:       article4.OrganisationID(row.Owner),
		To:          article4.OrganisationID(row.ToOrg),
		Person:      article4.PersonID(orEmpty(row.ToPerson)),
		CopyNumbers: strings.Fields(row.CopyNumbers),
		Request:     article4.RequestID(orEmpty(row.Request)),
		Subject:     row.Subject,
		Audience:    Audience(row.Audience),
		At:          row.At.UTC(),
		Entry:       row.Entry,
	}
	if err := r.openFacts(row, &n); err != nil || row.ABy == nil {
		return n, err
	}
	var err error
	a := Acknowledgement{By: article4.PersonID(*row.ABy), At: orZero(row.AAt), Disposition: orEmpty(row.ADisposition),
		Entry: orEmpty(row.AEntry)}
	a.Statement, err = r.open(cell{n.Owner, "acknowledgement.statement", row.ID}, row.AStatement)
	n.Acknowledged = &a
	return n, err
}

// openFacts reads what a notice says: its facts, or the sentences of one from before.
func (r *Register) openFacts(row noticeRow, n *Notice) error {
	var err error
	if row.FactsSealed == nil {
		n.Text, err = r.open(cell{n.Owner, "notice.text", row.ID}, row.TextSealed)
		return err
	}
	said, err := r.open(cell{n.Owner, "notice.facts", row.ID}, row.FactsSealed)
	if err != nil {
		return err
	}
	return failed("facts of notice", row.ID, json.Unmarshal([]byte(said), &n.Facts))
}

// Acknowledge records the one answer to a notice; a second breaks the primary key.
func (r *Register) Acknowledge(ctx context.Context, tx *postgres.Tx, n Notice, a Acknowledgement) error {
	statement, err := r.seal(cell{n.Owner, "acknowledgement.statement", n.ID}, a.Statement)
	if err != nil {
		return err
	}
	return failed("acknowledgement of", n.ID,
		sql(ctx, tx).Exec(`INSERT INTO acknowledgement (notice, by_person, at, disposition, statement_sealed, entry)
		VALUES (?,?,?,?,?,?)`, n.ID, a.By, a.At, a.Disposition, statement, a.Entry).Error)
}

// Holder is somebody who was given copies of a document.
type Holder struct {
	Person       article4.PersonID
	Organisation article4.OrganisationID
	CopyNumbers  []string
}

// Holders lists who was given copies of a document, or of one version of it.
func (r *Register) Holders(ctx context.Context, tx *postgres.Tx, id article4.DocumentID,
	version article4.VersionID) ([]Holder, error) {
	var rows []struct{ Person, Organisation, Numbers string }
	err := sql(ctx, tx).Raw(`SELECT x.person, x.organisation, string_agg(x.copy_number, ' ' ORDER BY x.at) AS numbers
		FROM disclosure x WHERE x.document = ? AND (? = '' OR x.version = ?) GROUP BY x.person, x.organisation ORDER BY
		2, 1`,
		id, version, version).Scan(&rows).Error
	out := make([]Holder, len(rows))
	for i, row := range rows {
		out[i] = Holder{Person: article4.PersonID(row.Person), Organisation: article4.OrganisationID(row.Organisation),
			CopyNumbers: strings.Fields(row.Numbers)}
	}
	return out, failed("holders of", string(id), err)
}
