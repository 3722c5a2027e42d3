package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Wanted says what a decision looks at, and how the rows are held meanwhile.
type Wanted struct {
	Person       article4.PersonID // who asks
	Organisation article4.OrganisationID

	Document article4.DocumentID // empty: that of Request
	Request  article4.RequestID  // empty: none
	Version  article4.VersionID  // of a reading; empty: the current one
	Attempt  *AttemptKey         // of a reading that may come again; nil: none
	// Delegations asks for those of the person, which an act of a signatory rests on.
	Delegations bool

	HoldArrangement, HoldDocument Lock
	HoldRequest                   bool // alone
}

// Dossier is what the records say for one decision. Everything in it was read in one trip: first what is held, in the
// one order of locks (arrangement, document, request), then the clock and the rest, each as it stood behind them.
type Dossier struct {
	Arrangement Arrangement
	At          time.Time    // the database clock
	Delegations []Delegation // of the person, in force or not, the newest first; where Wanted asks for them
	// PersonStopped: a suspension of the person or the organisation stands; DocumentStopped: one of the document.
	PersonStopped, DocumentStopped bool

	Document *Document // nil: there is none of that identifier
	Request  *Request  // likewise
	Version  *Version  // of the reading, or of the request

	// Of a reading:
	Requests []Request // that the organisation may rely on, or was asked about as an entity concerned
	Releases []Release // to the organisation, in force
	Attempt  *Attempt  // what came of the same attempt before; nil: nothing
	// Busy: somebody else holds the document or the attempt; see Together.
	Busy bool
}

// inquiry is a Dossier in the making: the questions of one trip, and the rows of their answers.
type inquiry struct {
	wanted    Wanted
	questions []postgres.Question
	dossier   Dossier

	found             bool // the arrangement
	document          *documentRow
	lists             documentLists
	request, requests []requestFound
	decisions         []decisionWithRow
	version           *versionRow
	releases          []releaseRow
	delegations       []delegationRow
}

type requestFound struct {
	row              requestRow
	people, admitted []string
}

// Dossier reads it for an act; what it is about need not be there. ErrNotFound: there is no Arrangement.
func (r *Register) Dossier(ctx context.Context, tx *postgres.Tx, w Wanted) (Dossier, error) {
	in := &inquiry{wanted: w}
	in.hold(w.HoldArrangement, theArrangement)
	in.ask("arrangement", arrangementSelect, nil, in.takeArrangement)
	if w.Document != "" || w.Request != "" {
		in.askDocument()
	}
	if w.Request != "" && w.HoldRequest {
		in.ask("request", `SELECT FROM access_request WHERE id = $1 FOR UPDATE`, []any{string(w.Request)}, nil)
	}
	in.askSituation()
	if w.Delegations {
		in.ask("delegations", delegationSelect+`WHERE p.id = $1 ORDER BY d.valid_from DESC, d.id`,
			[]any{string(w.Person)}, in.takeDelegation)
	}
	if w.Request != "" {
		in.askRequests(`q.id = $1`, string(w.Request))
		in.askVersion(`(SELECT version FROM access_request WHERE id = $1)`, string(w.Request))
	}
	if err := tx.Ask(ctx, in.questions...); err != nil {
		return Dossier{}, err
	}
	if !in.found {
		return Dossier{}, failed("arrangement", "", ErrNotFound)
	}
	return r.file(in)
}

func (in *inquiry) ask(what, sql string, args []any, row func(postgres.Row) error) {
	in.questions = append(in.questions, postgres.Question{What: what, SQL: sql, Args: args, Row: row})
}

// about is the document in question, as an expression with one parameter, and its value.
func (in *inquiry) about() (string, any) {
	if in.wanted.Document != "" {
		return `$1`, string(in.wanted.Document)
	}
	return `(SELECT document FROM access_request WHERE id = $1)`, string(in.wanted.Request)
}

func (in *inquiry) takeArrangement(row postgres.Row) error {
	var a arrangementRow
	err := row.Scan(&a.Title, &a.NoticeGivenOn, &a.InstrumentSHA256, &a.Configuration, &a.ConfiguredSHA256, &a.Revision)
	in.found, in.dossier.Arrangement = true, a.to()
	return err
}

func (in *inquiry) hold(lock Lock, name string, args ...any) {
	if lock != Unlocked {
		in.ask("lock", `SELECT `+lock.take(name), args, nil)
	}
}

func (in *inquiry) askDocument() {
	id, value := in.about()
	in.hold(in.wanted.HoldDocument, `'document ' || `+id, value)
	in.ask("document", `SELECT `+documentColumns+` FROM document WHERE id = `+id, []any{value}, in.takeDocument)
}

func (in *inquiry) takeDocument(row postgres.Row) error {
	d := &documentRow{}
	in.document = d
	return row.Scan(d.into()...)
}

// askSituation reads the clock behind the locks, what is suspended, and the lists that belong to the document.
func (in *inquiry) askSituation() {
	id, value := in.about()
	in.ask("situation", `SELECT clock_timestamp(),
		EXISTS (SELECT FROM suspension WHERE lifted_at IS NULL AND person = $2)
			OR EXISTS (SELECT FROM suspension WHERE lifted_at IS NULL AND organisation = $3),
		EXISTS (SELECT FROM suspension WHERE lifted_at IS NULL AND document = `+id+`),
		ARRAY(SELECT code FROM document_purpose WHERE document = `+id+` ORDER BY code),
		ARRAY(SELECT `+entityItem+` FROM document_entity e WHERE e.document = `+id+` ORDER BY e.organisation),
		ARRAY(SELECT `+sourceItem+` FROM document_source s WHERE s.document = `+id+` ORDER BY s.source)`,
		[]any{value, string(in.wanted.Person), string(in.wanted.Organisation)}, in.takeSituation)
}

func (in *inquiry) takeSituation(row postgres.Row) error {
	d := &in.dossier
	return row.Scan(&d.At, &d.PersonStopped, &d.DocumentStopped, &in.lists.purposes, &in.lists.entities,
		&in.lists.sources)
}

func (in *inquiry) takeDelegation(row postgres.Row) error {
	var d delegationRow
	err := row.Scan(&d.ID, &d.Organisation, &d.NameSealed, &d.Acts, &d.ValidFrom, &d.ValidUntil, &d.InstrumentSHA256,
		&d.Digest, &d.EndedAt,
		&d.Entry, &d.Holder)
	in.delegations = append(in.delegations, d)
	return err
}

func (in *inquiry) askVersion(id string, value any) {
	in.ask("version", `SELECT `+versionColumns+` FROM version WHERE id = `+id, []any{value}, in.takeVersion)
}

func (in *inquiry) takeVersion(row postgres.Row) error {
	v := &versionRow{}
	in.version = v
	return row.Scan(v.into()...)
}

// askRequests reads the one request, with the people named and admitted, and what was given or taken back on it.
func (in *inquiry) askRequests(where string, args ...any) {
	in.ask("requests", `SELECT `+requestColumns+` FROM access_request q WHERE `+where+` ORDER BY q.made_at, q.id`, args,
		func(row postgres.Row) error {
			return takeRequest(row, &in.request)
		})
	in.ask("decisions", `SELECT `+decisionColumns+` FROM access_request q`+decisionsOn+`
		WHERE `+where+` ORDER BY l.at, l.id`, args, in.takeDecision)
}

func takeRequest(row postgres.Row, into *[]requestFound) error {
	var f requestFound
	err := row.Scan(f.into()...)
	*into = append(*into, f)
	return err
}

func (in *inquiry) takeDecision(row postgres.Row) error {
	var f decisionWithRow
	err := row.Scan(f.into()...)
	in.decisions = append(in.decisions, f)
	return err
}

// file opens what is sealed and holds it against the sealed terms.
func (r *Register) file(in *inquiry) (Dossier, error) {
	d := in.dossier
	d.At = d.At.UTC().Truncate(time.Microsecond)
	for _, row := range in.delegations {
		delegation, err := r.toDelegation(row)
		if err != nil {
			return d, err
		}
		d.Delegations = append(d.Delegations, delegation)
	}
	if in.document == nil {
		return d, nil
	}
	document, err := r.wholeDocument(*in.document, in.lists)
	if err != nil {
		return d, err
	}
	d.Document = &document
	if in.version != nil && in.version.Document == in.document.ID {
		in.version.Discloser = in.document.Discloser
		version, err := r.toVersion(*in.version)
		if err != nil {
			return d, err
		}
		d.Version = &version
	}
	asked, err := r.fileRequests(in, in.request)
	if err != nil {
		return d, err
	}
	if len(asked) > 0 {
		d.Request = &asked[0]
	}
	if d.Requests, err = r.fileRequests(in, in.requests); err != nil {
		return d, err
	}
	for _, row := range in.releases {
		release, err := r.toRelease(row, document.Discloser)
		if err != nil {
			return d, err
		}
		d.Releases = append(d.Releases, release)
	}
	return d, nil
}

func (r *Register) fileRequests(in *inquiry, found []requestFound) ([]Request, error) {
	var out []Request
	for _, f := range found {
		f.row.Discloser = in.document.Discloser
		q, err := r.wholeRequest(f.row, f.people, f.admitted)
		if err != nil {
			return nil, err
		}
		for _, row := range in.decisions {
			if row.Decision.Request != f.row.ID {
				continue
			}
			row.Discloser = in.document.Discloser
			l, err := r.toDecision(row)
			if err != nil {
				return nil, err
			}
			q.Decisions = append(q.Decisions, l)
		}
		out = append(out, q)
	}
	return out, nil
}
