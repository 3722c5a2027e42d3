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
	Marking     article4.Marking
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
	Answers      []CopyAnswer // for each copy of which something was said, by its number
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

// CopyAnswer is what a holder says became of one copy, as it stands now.
type CopyAnswer struct {
	Number      string
	By          article4.PersonID
	At          time.Time
	Disposition string
	Statement   string
	Entry       string
}

// copyAnswers reads them beside a notice n, as one value.
const copyAnswers = `COALESCE((SELECT jsonb_agg(jsonb_build_object('number', c.copy_number, 'by', c.by_person,
	'at', c.at, 'disposition', c.disposition, 'statement', encode(c.statement_sealed, 'base64'), 'entry', c.entry)
	ORDER BY c.copy_number)::text FROM copy_answer c WHERE c.notice = n.id), '')`

func (r *Register) toCopyAnswers(n Notice, text string) ([]CopyAnswer, error) {
	if text == "" {
		return nil, nil
	}
	var rows []struct {
		Number      string
		By          article4.PersonID
		At          time.Time
		Disposition string
		Statement   []byte
		Entry       string
	}
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, failed("answers to notice", n.ID, err)
	}
	out := make([]CopyAnswer, len(rows))
	for i, row := range rows {
		said, err := r.open(cell{n.Owner, "copy_answer.statement", n.ID + "|" + row.Number}, row.Statement)
		if err != nil {
			return nil, err
		}
		out[i] = CopyAnswer{
			Number:      row.Number,
			By:          row.By,
			At:          row.At.UTC(),
			Disposition: row.Disposition,
			Statement:   said,
			Entry:       row.Entry,
		}
	}
	return out, nil
}

// AnswerCopy records what became of one copy; a later answer takes the place of an earlier.
func (r *Register) AnswerCopy(ctx context.Context, tx *postgres.Tx, n Notice, a CopyAnswer) error {
	said, err := r.seal(cell{n.Owner, "copy_answer.statement", n.ID + "|" + a.Number}, a.Statement)
	if err != nil {
		return err
	}
	return failed("answer for copy", a.Number, sql(ctx, tx).Exec(`INSERT INTO copy_answer
		(notice, copy_number, by_person, at, disposition, statement_sealed, entry) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (notice, copy_number) DO UPDATE SET by_person = excluded.by_person, at = excluded.at,
		disposition = excluded.disposition, statement_sealed = excluded.statement_sealed, entry = excluded.entry`,
		n.ID, a.Number, a.By, a.At, a.Disposition, said, a.Entry).Error)
}

// Acknowledgement is what the holder says became of the copies.
type Acknowledgement struct {
	By          article4.PersonID
	At          time.Time
	Disposition string
	Statement   string
	Entry       string
}

type noticeRow struct {
	ID          string
	Kind        string
	Document    *string
	Request     *string
	Subject     string
	Owner       string
	ToOrg       string
	ToPerson    *string
	CopyNumbers string
	TextSealed  []byte
	FactsSealed []byte
	Audience    string
	Once        *string
	At          time.Time
	Entry       string

	Reference       *string // of the document
	Marking         *string
	Acknowledgement acknowledgementRow
	Answers         string
}

// acknowledgementRow is read beside its notice, and is empty where there is none.
type acknowledgementRow struct {
	Notice          *string
	ByPerson        *string
	At              *time.Time
	Disposition     *string
	StatementSealed []byte
	Entry           *string
}

var acknowledgementTable = newTable[acknowledgementRow](`acknowledgement a`, nil)

var noticeTable = newTable[noticeRow](`notice n LEFT JOIN document d ON d.id = n.document
	LEFT JOIN acknowledgement a ON a.notice = n.id`,
	map[string]string{"Reference": `d.reference`, "Marking": `d.marking`, "Acknowledgement": `a`,
		"Answers": copyAnswers})

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
	once := TellsOnce{n.Owner, n.Once}
	if n.Once != "" {
		if told, err := r.ToldOnce(ctx, tx, once); told || err != nil {
			return err
		}
	}
	kept, err := r.kept(once)
	if err != nil {
		return err
	}
	err = noticeTable.add(ctx, tx, "notice", n.ID, noticeRow{
		ID:          n.ID,
		Kind:        n.Kind,
		Document:    emptyNil(string(n.Document)),
		Request:     emptyNil(string(n.Request)),
		Subject:     n.Subject,
		Owner:       string(n.Owner),
		ToOrg:       string(n.To),
		ToPerson:    emptyNil(string(n.Person)),
		CopyNumbers: strings.Join(n.CopyNumbers, " "),
		FactsSealed: facts,
		Audience:    string(n.Audience),
		Once:        emptyNil(kept),
		At:          n.At,
		Entry:       n.Entry,
	}, `ON CONFLICT (once) DO NOTHING`)
	if err != nil {
		return err
	}
	return tx.Ask(ctx, postgres.Question{What: "notice " + n.ID, SQL: `INSERT INTO notice_unsent
		(notice, class, besides) SELECT n.id, $2::text, $3::text FROM notice n WHERE n.id = $1`,
		Args: []any{n.ID, n.Class, emptyNil(string(n.Besides))}})
}

// Notice reads one.
func (r *Register) Notice(ctx context.Context, tx *postgres.Tx, id string) (Notice, error) {
	row, err := noticeTable.one(ctx, tx, "notice", id, `WHERE n.id = $1`, id)
	if err != nil {
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

// toAnswer are the notices that are the viewer's to answer, and were not answered.
const toAnswer = `(n.to_person = @person OR @own AND n.to_org = @org) AND n.audience = 'owner'
	AND NOT EXISTS (SELECT FROM acknowledgement a WHERE a.notice = n.id)`

// Notices lists those that the viewer may see, the newest first.
func (r *Register) Notices(ctx context.Context, tx *postgres.Tx, v Viewer, f NoticeFilter) ([]Listed[Notice],
	error) {
	rows, err := noticeTable.all(ctx, tx, "notices", "",
		`WHERE n.id IN (`+seenBy("id", `(NOT @unanswered OR `+toAnswer+`)
		AND (@document = '' OR n.document = @document) AND (@of = '' OR n.kind = @of)
		AND (@after = '' OR (n.at, n.id) < (@at, @after)) ORDER BY n.at DESC, n.id DESC LIMIT @limit`)+`)
		ORDER BY n.at DESC, n.id DESC LIMIT @limit`,
		postgres.Named{"person": v.Person, "own": v.SeesOwn, "org": v.Organisation, "at": orNil(f.AfterAt),
			"after": f.AfterID, "limit": f.Limit, "unanswered": f.Unanswered, "document": f.Document, "of": f.Kind,
			"audits": v.Audits})
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toNotice, func(row noticeRow) Place {
		return Place{row.At, row.ID, article4.DocumentID(orEmpty(row.Document))}
	}), nil
}

func (r *Register) toNotice(row noticeRow) (Notice, error) {
	n := Notice{
		ID:          row.ID,
		Kind:        row.Kind,
		Document:    article4.DocumentID(orEmpty(row.Document)),
		Reference:   orEmpty(row.Reference),
		Marking:     article4.Marking(orEmpty(row.Marking)),
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
	var err error
	if n.Answers, err = r.toCopyAnswers(n, row.Answers); err != nil {
		return n, err
	}
	said := row.Acknowledgement
	if err := r.openFacts(row, &n); err != nil || said.ByPerson == nil {
		return n, err
	}
	a := Acknowledgement{By: article4.PersonID(*said.ByPerson), At: orZero(said.At),
		Disposition: orEmpty(said.Disposition), Entry: orEmpty(said.Entry)}
	a.Statement, err = r.open(cell{n.Owner, "acknowledgement.statement", row.ID}, said.StatementSealed)
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

// Acknowledge records the answer to a notice. A second breaks the primary key, but for one about copies: there it takes
// the place of the first.
func (r *Register) Acknowledge(ctx context.Context, tx *postgres.Tx, n Notice, a Acknowledgement) error {
	statement, err := r.seal(cell{n.Owner, "acknowledgement.statement", n.ID}, a.Statement)
	if err != nil {
		return err
	}
	by := string(a.By)
	var again []string
	if len(n.CopyNumbers) > 0 {
		again = append(again, `ON CONFLICT (notice) DO UPDATE SET by_person = excluded.by_person, at = excluded.at,
			disposition = excluded.disposition, statement_sealed = excluded.statement_sealed, entry = excluded.entry`)
	}
	return acknowledgementTable.add(ctx, tx, "acknowledgement of", n.ID, acknowledgementRow{
		Notice:          &n.ID,
		ByPerson:        &by,
		At:              &a.At,
		Disposition:     &a.Disposition,
		StatementSealed: statement,
		Entry:           &a.Entry,
	}, again...)
}

// Holder is somebody who was given copies of a document, or was shown it: of what was handed out to nobody there is no
// copy number.
type Holder struct {
	Person       article4.PersonID
	Organisation article4.OrganisationID
	CopyNumbers  []string
}

// Holders lists who was given copies of a document, or of one version of it.
func (r *Register) Holders(ctx context.Context, tx *postgres.Tx, id article4.DocumentID,
	version article4.VersionID) ([]Holder, error) {
	var rows []struct{ Person, Organisation, Numbers string }
	err := sql(ctx, tx).Raw(`SELECT x.person, x.organisation, coalesce(string_agg(x.copy_number, ' ' ORDER BY x.at)
		FILTER (WHERE x.form <> 'view'), '') AS numbers
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
