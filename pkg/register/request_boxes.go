package register

import (
	"context"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Box says which requests a list is about.
type Box string

// The boxes.
const (
	BoxMine      Box = "mine"          // asked by the viewer
	BoxInbox     Box = "inbox"         // waiting for the viewer's organisation, as Discloser or entity concerned
	BoxForUs     Box = "for-us"        // the viewer's organisation is the beneficiary
	BoxOurs      Box = "ours"          // asked by anybody of the viewer's organisation
	BoxAskedOfUs Box = "asked-of-us"   // put to the viewer's organisation, whatever became of them
	BoxDecided   Box = "decided-by-us" // on which the viewer's organisation decided
	BoxDelivered Box = "deliveries"    // what the viewer's organisation gives unasked, or is given
)

// Valid reports whether b is one of the boxes.
func (b Box) Valid() bool { return boxes[b] != nil }

// RequestFilter narrows a list of requests. Zero fields do not filter.
type RequestFilter struct {
	Box        Box
	Document   article4.DocumentID
	For        article4.OrganisationID // the beneficiary
	EndsBefore time.Time               // its term, or that of a decision given on it, is over before
	EndsAfter  time.Time               // and is not over at
	Asked      bool                    // it goes on, and a question is the last word on it
	Order      RequestOrder            // empty: the newest first
	AfterAt    time.Time
	AfterID    article4.RequestID
	Limit      int
}

// RequestOrder is by what a list of requests is sorted.
type RequestOrder string

// The orders.
const (
	ByMade    RequestOrder = "-made_at"    // the newest first
	ByLapse   RequestOrder = "lapses_at"   // the one that silence refuses first
	ByUntil   RequestOrder = "until"       // the one that ends first
	ByDecided RequestOrder = "-decided_at" // the one on which the viewer's organisation decided last
)

// Valid reports whether o is one of the orders.
func (o RequestOrder) Valid() bool { return orders[o].by != "" }

// orders are what each sorts by. Of who decided, only the own organisation tells when: others do not learn of it.
var orders = map[RequestOrder]struct {
	by        string
	ascending bool
}{
	ByMade:    {"q.made_at", false},
	ByLapse:   {"q.lapses_at", true},
	ByUntil:   {ends, true},
	ByDecided: {"(SELECT max(l.at) FROM decision l WHERE l.request = q.id AND l.by_org = @org)", false},
}

// asked is a request q that goes on, on which a question waits for its asker.
const asked = `q.withdrawn_at IS NULL AND q.closed IS NULL AND q.until > @now AND (SELECT m.kind FROM message m
	WHERE m.request = q.id ORDER BY m.at DESC, m.id DESC LIMIT 1) = 'question'`

// ends is the end of a request q: the shortest of its own term and those of the decisions given.
const ends = `LEAST(q.until, (SELECT min(l.until) FROM decision l WHERE l.request = q.id AND l.given))`

// boxes are what makes a request be in each: one of these conditions. Each is looked for by itself, because PostgreSQL
// finds the newest that meet one condition or another only by reading them all.
var boxes = map[Box][]string{
	BoxMine:  {`q.asked_by = @person`},
	BoxInbox: {inbox},
	BoxOurs:  {`q.asked_by_org = @org`},
	BoxForUs: {`q.beneficiary = @org AND (@kind <> 'third-party' OR EXISTS (SELECT 1 FROM decision c WHERE c.request ` +
		`= q.id AND c.kind = 'consent' AND c.given))`},
	BoxAskedOfUs: {
		`q.beneficiary <> d.discloser AND d.discloser = @org`,
		`q.beneficiary <> d.discloser AND EXISTS (SELECT 1 FROM document_entity e
			WHERE e.document = d.id AND e.organisation = @org)`,
		`q.beneficiary <> d.discloser AND ` + decidedByViewer,
	},
	BoxDecided: {`q.beneficiary <> d.discloser AND ` + decidedByViewer},
	BoxDelivered: {
		`q.delivery AND d.discloser = @org`,
		`q.delivery AND q.beneficiary = @org`,
	},
}

const inbox = `(d.discloser = @org OR EXISTS (SELECT 1 FROM document_entity e WHERE e.document = d.id AND e.organisation
	= @org))
	AND q.beneficiary <> d.discloser AND d.marking <> 'non-confidential'
	AND q.withdrawn_at IS NULL AND q.closed IS NULL AND q.until > @now
	AND NOT EXISTS (SELECT 1 FROM decision l WHERE l.request = q.id AND (NOT l.given
		OR l.by_org = @org AND (l.kind = 'consent' OR d.discloser <> @org OR q.beneficiary = d.recipient)))`

const decidedByViewer = `EXISTS (SELECT 1 FROM decision l WHERE l.request = q.id AND l.by_org = @org)`

// Requests lists those of a box, in the order asked for; what is known is not read again.
func (r *Register) Requests(ctx context.Context, tx *postgres.Tx, v Viewer, f RequestFilter,
	known Known) ([]Listed[Request], error) {
	if f.Order == "" {
		f.Order = ByMade
	}
	args := postgres.Named{
		"person": v.Person, "org": v.Organisation, "kind": string(v.Kind), "now": v.Now,
		"document": f.Document, "for": f.For, "ends": f.EndsBefore, "stands": f.EndsAfter,
		"at": f.AfterAt, "id": f.AfterID, "limit": f.Limit,
	}
	found, order := f.found(v.limited(args))
	var ids []article4.RequestID
	var behind []time.Time
	// Who is asked often and who is asked rarely want other plans; one for both is slow for either.
	plans := func(mode string) postgres.Question {
		return postgres.Question{What: "plans", SQL: `SET LOCAL plan_cache_mode = ` + mode}
	}
	err := tx.Ask(ctx, plans("force_custom_plan"), postgres.Question{What: "requests", Args: []any{args},
		SQL: `SELECT q.id, q.behind FROM (` + found + `) q` + order + ` LIMIT @limit`,
		Row: func(r postgres.Row) error {
			var id article4.RequestID
			var at time.Time
			err := r.Scan(&id, &at)
			ids, behind = append(ids, id), append(behind, at)
			return err
		}}, plans("auto"))
	if err != nil {
		return nil, err
	}
	read, err := r.requestsNamed(ctx, tx, ids, known)
	if err != nil {
		return nil, err
	}
	lines := make(map[article4.RequestID]Listed[Request], len(read))
	for _, one := range read {
		lines[article4.RequestID(one.ID)] = one
	}
	var out []Listed[Request]
	for i, id := range ids {
		one, found := lines[id]
		if q, is := known[id]; is {
			one, found = Listed[Request]{Record: q, Place: Place{ID: string(id), Document: q.Document}}, true
		}
		if found { // it was committed between one statement and the next, if not
			one.At = behind[i].UTC()
			out = append(out, one)
		}
	}
	return out, nil
}

// CountInbox counts what waits in the inbox of one of a Party's people, and of that what lapses before soon, as far as
// most; nothing is unsealed for it.
func (r *Register) CountInbox(ctx context.Context, tx *postgres.Tx, v Viewer, soon time.Time, most int) (all,
	lapsing int, err error) {
	args := postgres.Named{"org": v.Organisation, "now": v.Now, "soon": soon, "most": most}
	where := inbox + v.limited(args)
	err = tx.Ask(ctx, postgres.Question{What: "inbox", Args: []any{args},
		SQL: `SELECT count(*), count(*) FILTER (WHERE w.lapses_at > @now AND w.lapses_at < @soon)
			FROM (SELECT q.lapses_at FROM ` + requestTable.from + ` WHERE ` + where + `
			ORDER BY q.lapses_at, q.id LIMIT @most) w`,
		Row: func(row postgres.Row) error { return row.Scan(&all, &lapsing) }})
	return all, lapsing, err
}

// found is a query of the requests that the filter and a further condition ask for, their identifiers and what they are
// sorted by: at least the first of them, in the order that it is listed in.
func (f RequestFilter) found(further string) (query, order string) {
	by := orders[f.Order].by
	where := further
	if f.Document != "" {
		where += ` AND q.document = @document`
	}
	if f.For != "" {
		where += ` AND q.beneficiary = @for`
	}
	if !f.EndsBefore.IsZero() {
		where += ` AND ` + ends + ` < @ends`
	}
	if !f.EndsAfter.IsZero() {
		where += ` AND ` + ends + ` > @stands`
	}
	if f.Asked {
		where += ` AND ` + asked
	}
	if f.Order == ByDecided {
		where += ` AND ` + decidedByViewer
	}
	beyond, direction := `<`, ` DESC`
	if orders[f.Order].ascending {
		beyond, direction = `>`, ``
	}
	if f.AfterID != "" {
		where += ` AND (` + by + `, q.id) ` + beyond + ` (@at, @id)`
	}
	order = ` ORDER BY behind` + direction + `, q.id` + direction
	var parts []string
	for _, condition := range boxes[f.Box] {
		parts = append(parts, `(SELECT q.id, `+by+` AS behind FROM `+requestTable.from+
			` WHERE `+condition+where+order+` LIMIT @limit)`)
	}
	return strings.Join(parts, ` UNION `), order
}
