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

	arrangement       []arrangementRow // the one
	document          []documentRow    // none, or the one; so is the version
	request, requests []requestRow
	decisions         []decisionRow
	version           []versionRow
	releases          []releaseRow
	delegations       []delegationRow
}

// What a dossier reads of each table. The Discloser is known from the document.
var (
	versionList  = versionTable.list("discloser")
	requestList  = requestTable.list("discloser")
	decisionList = decisionTable.list("discloser")
	releaseList  = releaseTable.list("discloser")
)

// decisionsOn are the decisions on requests q.
const decisionsOn = ` JOIN decision l ON l.request = q.id` + besideDecision

// Dossier reads it for an act; what it is about need not be there. ErrNotFound: there is no Arrangement.
func (r *Register) Dossier(ctx context.Context, tx *postgres.Tx, w Wanted) (Dossier, error) {
	in := &inquiry{wanted: w}
	in.hold(w.HoldArrangement, theArrangement)
	in.askArrangement()
	if w.Document != "" || w.Request != "" {
		in.askDocument()
	}
	if w.Request != "" && w.HoldRequest {
		in.ask("request", `SELECT FROM access_request WHERE id = $1 FOR UPDATE`, []any{string(w.Request)}, nil)
	}
	in.askSituation()
	if w.Delegations {
		in.ask("delegations", delegationTable.selects+delegationsOfPerson, []any{w.Person},
			delegationTable.gather(&in.delegations))
	}
	if w.Request != "" {
		in.askRequests(`q.id = $1`, string(w.Request))
		in.askVersion(`(SELECT version FROM access_request WHERE id = $1)`, string(w.Request))
	}
	if err := tx.Ask(ctx, in.questions...); err != nil {
		return Dossier{}, err
	}
	if len(in.arrangement) == 0 {
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

func (in *inquiry) askArrangement() {
	in.ask("arrangement", arrangementTable.selects, nil, arrangementTable.gather(&in.arrangement))
}

func (in *inquiry) hold(lock Lock, name string, args ...any) {
	if lock != Unlocked {
		in.ask("lock", `SELECT `+lock.take(name), args, nil)
	}
}

func (in *inquiry) askDocument() {
	id, value := in.about()
	in.hold(in.wanted.HoldDocument, `'document ' || `+id, value)
	in.ask("document", documentTable.selects+`WHERE d.id = `+id, []any{value}, documentTable.gather(&in.document))
}

// askSituation reads the clock behind the locks, and what is suspended.
func (in *inquiry) askSituation() {
	id, value := in.about()
	in.ask("situation", `SELECT clock_timestamp(), `+stopped(`$2`, `$3`)+`, `+stoppedDocument(id),
		[]any{value, in.wanted.Person, in.wanted.Organisation}, func(row postgres.Row) error {
			return row.Scan(&in.dossier.At, &in.dossier.PersonStopped, &in.dossier.DocumentStopped)
		})
}

func (in *inquiry) askVersion(id string, value any) {
	in.ask("version", `SELECT `+versionList+` FROM version v WHERE v.id = `+id, []any{value},
		versionTable.gather(&in.version))
}

// askRequests reads the one request, with the people named and admitted, and what was given or taken back on it.
func (in *inquiry) askRequests(where string, args ...any) {
	in.ask("requests", `SELECT `+requestList+` FROM access_request q WHERE `+where+` ORDER BY q.made_at, q.id`, args,
		requestTable.gather(&in.request))
	in.ask("decisions", `SELECT `+decisionList+` FROM access_request q`+decisionsOn+`
		WHERE `+where+` ORDER BY l.at, l.id`, args, decisionTable.gather(&in.decisions))
}

// file opens what is sealed and holds it against the sealed terms.
func (r *Register) file(in *inquiry) (Dossier, error) {
	d := in.dossier
	d.Arrangement = in.arrangement[0].to()
	d.At = d.At.UTC().Truncate(time.Microsecond)
	if d.Delegations = r.openedDelegations(in.delegations); len(in.document) == 0 {
		return d, nil
	}
	document, err := r.wholeDocument(in.document[0])
	if err != nil {
		return d, err
	}
	d.Document = &document
	for _, row := range in.version {
		if row.Document != string(document.ID) {
			continue
		}
		row.Discloser = string(document.Discloser)
		version, err := r.toVersion(row)
		if err != nil {
			return d, err
		}
		d.Version = &version
	}
	asked, err := r.fileRequests(in, document.Discloser, in.request)
	if err != nil {
		return d, err
	}
	if len(asked) > 0 {
		d.Request = &asked[0]
	}
	if d.Requests, err = r.fileRequests(in, document.Discloser, in.requests); err != nil {
		return d, err
	}
	d.Releases, err = opened(in.releases, func(row releaseRow) (Release, error) {
		row.Discloser = string(document.Discloser)
		return r.toRelease(row)
	})
	return d, err
}

func (r *Register) fileRequests(in *inquiry, discloser article4.OrganisationID, rows []requestRow) ([]Request,
	error) {
	return opened(rows, func(row requestRow) (Request, error) {
		row.Discloser = string(discloser)
		q, err := r.wholeRequest(row)
		if err != nil {
			return q, err
		}
		for _, row := range in.decisions {
			if row.Request != string(q.ID) {
				continue
			}
			row.Discloser = string(discloser)
			l, err := r.toDecision(row)
			if err != nil {
				return q, err
			}
			q.Decisions = append(q.Decisions, l)
		}
		return q, nil
	})
}

// DocumentOf says on which document a request is, as its row has it: the request is not held against its seal.
func (r *Register) DocumentOf(ctx context.Context, tx *postgres.Tx, id article4.RequestID) (article4.DocumentID,
	error) {
	var row struct{ Document article4.DocumentID }
	err := one(sql(ctx, tx).Raw(`SELECT document FROM access_request WHERE id = ?`, id), &row, "request", string(id))
	return row.Document, err
}
