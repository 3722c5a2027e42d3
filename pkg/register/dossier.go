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
	// Reading asks for a version of Document, the current one if Version is empty, and for what Organisation may rely on.
	Reading bool
	Version article4.VersionID

	HoldArrangement, HoldDocument Lock
	HoldRequest                   bool // alone
}

// Dossier is what the records say for one decision. Everything in it was read in one trip: first the rows that are held,
// in the one order of locks (arrangement, document, request), then the clock and the rest, each as it stood behind them.
type Dossier struct {
	Arrangement Arrangement
	At          time.Time // the database clock
	// PersonStopped: a suspension of the person or the organisation stands; DocumentStopped: one of the document.
	PersonStopped, DocumentStopped bool

	Document *Document // nil: there is none of that identifier
	Request  *Request  // likewise
	Version  *Version  // of the reading, or of the request

	Requests []Request // that the organisation may rely on, or was asked about as an entity concerned
	Releases []Release // to the organisation, in force
}

// inquiry is a Dossier in the making: the questions of one trip, and the rows of their answers.
type inquiry struct {
	wanted    Wanted
	questions []postgres.Question
	dossier   Dossier

	found              bool // the arrangement
	document           *documentRow
	purposes, entities []string
	request, requests  []requestFound
	leaves             []leaveWithRow
	version            *versionRow
	releases           []releaseRow
}

type requestFound struct {
	row              requestRow
	people, admitted []string
}

// Dossier reads it; what it is about need not be there. ErrNotFound: there is no Arrangement.
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
	if w.Request != "" {
		in.askRequests(&in.request, `q.id = $1`, string(w.Request))
		in.askVersion(`(SELECT version FROM access_request WHERE id = $1)`, string(w.Request))
	}
	if w.Reading {
		in.askReading()
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
		in.ask("lock", lock.call(name), args, nil)
	}
}

func (in *inquiry) askDocument() {
	id, value := in.about()
	in.hold(in.wanted.HoldDocument, `'document ' || `+id, value)
	in.ask("document", `SELECT `+documentColumns+` FROM document WHERE id = `+id, []any{value}, func(row postgres.Row) error {
		d := &documentRow{}
		in.document = d
		return row.Scan(&d.ID, &d.Reference, &d.Discloser, &d.Recipient, &d.Depositor, &d.Marking, &d.Proprietary, &d.PersonalData, &d.RegimeSealed,
			&d.LegalBasisSealed, &d.RetainUntil, &d.EntitiesNone, &d.EntitiesConfirmed, &d.TitleSealed, &d.PurposeSealed, &d.HandlingSealed,
			&d.AliasSealed, &d.ShowTitle, &d.Countries, &d.AsOf, &d.ReviewBy, &d.DepositedAt, &d.CurrentVersion, &d.TermsSealed, &d.Entry, &d.EntryHash)
	})
}

// askSituation reads the clock behind the locks, what is suspended, and the lists that belong to the document.
func (in *inquiry) askSituation() {
	d := &in.dossier
	id, value := in.about()
	in.ask("situation", `SELECT clock_timestamp(),
		EXISTS (SELECT FROM suspension WHERE lifted_at IS NULL AND person = $2)
			OR EXISTS (SELECT FROM suspension WHERE lifted_at IS NULL AND organisation = $3),
		EXISTS (SELECT FROM suspension WHERE lifted_at IS NULL AND document = `+id+`),
		ARRAY(SELECT code FROM document_purpose WHERE document = `+id+` ORDER BY code),
		ARRAY(SELECT organisation FROM document_entity WHERE document = `+id+` ORDER BY organisation)`,
		[]any{value, string(in.wanted.Person), string(in.wanted.Organisation)}, func(row postgres.Row) error {
			return row.Scan(&d.At, &d.PersonStopped, &d.DocumentStopped, &in.purposes, &in.entities)
		})
}

func (in *inquiry) askVersion(id string, value any) {
	in.ask("version", `SELECT id, document, number, upload, object, wrapped_key, size, sha256, digest_salt, commitment, media_type,
		file_name_sealed, passenger_data, created_at, kind, explanation_sealed, entry, unmarkable, malware, closed_at, destroyed_at
		FROM version WHERE id = `+id, []any{value}, func(row postgres.Row) error {
		v := &versionRow{}
		in.version = v
		return row.Scan(&v.ID, &v.Document, &v.Number, &v.Upload, &v.Object, &v.WrappedKey, &v.Size, &v.SHA256, &v.DigestSalt, &v.Commitment,
			&v.MediaType, &v.FileNameSealed, &v.PassengerData, &v.CreatedAt, &v.Kind, &v.ExplanationSealed, &v.Entry, &v.Unmarkable, &v.Malware,
			&v.ClosedAt, &v.DestroyedAt)
	})
}

func (in *inquiry) askReading() {
	w := in.wanted
	if w.Version == "" {
		in.askVersion(`(SELECT current_version FROM document WHERE id = $1)`, string(w.Document))
	} else {
		in.askVersion(`$1`, string(w.Version))
	}
	in.askRequests(&in.requests, `q.document = $1 AND (q.beneficiary = $2 OR EXISTS
		(SELECT FROM document_entity e WHERE e.document = $1 AND e.organisation = $2))`, string(w.Document), string(w.Organisation))
	in.ask("releases", `SELECT x.id, x.document, x.recipient, x.purpose, x.statement_sealed, x.transfer_basis_sealed, x.owner_leave, x.by_person,
		x.by_org, x.at, x.entry, x.entry_hash FROM release x WHERE x.document = $1 AND x.recipient = $2 AND x.ended_at IS NULL ORDER BY x.at, x.id`,
		[]any{string(w.Document), string(w.Organisation)}, func(row postgres.Row) error {
			var x releaseRow
			err := row.Scan(&x.ID, &x.Document, &x.Recipient, &x.Purpose, &x.StatementSealed, &x.TransferBasisSealed, &x.OwnerLeave, &x.ByPerson,
				&x.ByOrg, &x.At, &x.Entry, &x.EntryHash)
			in.releases = append(in.releases, x)
			return err
		})
}

// askRequests reads requests with the people named and admitted, and what was given or taken back on them.
func (in *inquiry) askRequests(into *[]requestFound, where string, args ...any) {
	in.ask("requests", `SELECT q.id, q.document, q.version, q.asked_by, q.asked_by_org, q.beneficiary, q.purpose, q.statement_sealed, q.until,
		q.form, q.made_at, q.lapses_at, q.withdrawn_at, q.closed, q.revision, q.terms_sealed, q.entry, q.entry_hash,
		ARRAY(SELECT p.person FROM request_person p WHERE p.request = q.id ORDER BY p.person),
		ARRAY(SELECT a.person FROM admission a WHERE a.request = q.id ORDER BY a.person)
		FROM access_request q WHERE `+where+` ORDER BY q.made_at, q.id`, args, func(row postgres.Row) error {
		var f requestFound
		q := &f.row
		err := row.Scan(&q.ID, &q.Document, &q.Version, &q.AskedBy, &q.AskedByOrg, &q.Beneficiary, &q.Purpose, &q.StatementSealed, &q.Until,
			&q.Form, &q.MadeAt, &q.LapsesAt, &q.WithdrawnAt, &q.Closed, &q.Revision, &q.TermsSealed, &q.Entry, &q.EntryHash, &f.people, &f.admitted)
		*into = append(*into, f)
		return err
	})
	in.ask("leaves", `SELECT l.id, l.request, l.document, l.kind, l.given, l.by_person, l.by_org, l.at, l.version, l.recipient, l.recipient_record,
		l.purpose, l.until, l.form, l.conditions_sealed, l.conditions_sha256, l.agreement, l.earlier_serves, l.statement_sealed, l.text_sealed,
		l.text_sha256, l.delegation, l.evidence, l.evidence_sealed, l.evidence_sha256, l.evidence_key, l.terms_sealed, l.entry, l.entry_hash,
		l.filed, l.given_by_sealed, l.given_on, l.instrument_sha256, l.confirmed_by, w.by_person, w.at, w.statement_sealed, w.entry, w.entry_hash
		FROM access_request q JOIN leave l ON l.request = q.id LEFT JOIN withdrawal w ON w.leave = l.id WHERE `+where+` ORDER BY l.at, l.id`,
		args, func(row postgres.Row) error {
			var f leaveWithRow
			l := &f.Leave
			err := row.Scan(&l.ID, &l.Request, &l.Document, &l.Kind, &l.Given, &l.ByPerson, &l.ByOrg, &l.At, &l.Version, &l.Recipient, &l.RecipientRecord,
				&l.Purpose, &l.Until, &l.Form, &l.ConditionsSealed, &l.ConditionsSHA256, &l.Agreement, &l.EarlierServes, &l.StatementSealed, &l.TextSealed,
				&l.TextSHA256, &l.Delegation, &l.Evidence, &l.EvidenceSealed, &l.EvidenceSHA256, &l.EvidenceKey, &l.TermsSealed, &l.Entry, &l.EntryHash,
				&l.Filed, &l.GivenBySealed, &l.GivenOn, &l.InstrumentSHA256, &l.ConfirmedBy, &f.WBy, &f.WAt, &f.WStatement, &f.WEntry, &f.WEntryHash)
			in.leaves = append(in.leaves, f)
			return err
		})
}

// file opens what is sealed and holds it against the sealed terms.
func (r *Register) file(in *inquiry) (Dossier, error) {
	d := in.dossier
	d.At = d.At.UTC().Truncate(time.Microsecond)
	if in.document == nil {
		return d, nil
	}
	document, err := r.wholeDocument(*in.document, in.purposes, in.entities)
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
		for _, row := range in.leaves {
			if row.Leave.Request != f.row.ID {
				continue
			}
			row.Discloser = in.document.Discloser
			l, err := r.toLeave(row)
			if err != nil {
				return nil, err
			}
			q.Leaves = append(q.Leaves, l)
		}
		out = append(out, q)
	}
	return out, nil
}
