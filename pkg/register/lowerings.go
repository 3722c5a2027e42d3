package register

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Lowering is the first half of a lowering that was put to the entities concerned (Article 4(4)).
type Lowering struct {
	Pending
	Document  article4.DocumentID
	Discloser article4.OrganisationID // whose keyset seals the sentences
	Reason    string
}

// LoweringDecision is what one entity concerned said of it.
type LoweringDecision struct {
	ID           article4.DecisionID
	Lowering     string
	Document     article4.DocumentID
	Discloser    article4.OrganisationID
	Organisation article4.OrganisationID
	By           article4.PersonID
	Given        bool // else refused
	At           time.Time
	Statement    string
	Delegation   article4.Digest // empty: a third party's
	Entry        string
	EntryHash    string

	Withdrawal *Withdrawal
}

type loweringRow struct {
	Pending      string
	Document     string
	ReasonSealed []byte

	Discloser string
	First     pendingRow
}

var loweringTable = newTable[loweringRow](`lowering x JOIN pending p ON p.id = x.pending
	JOIN document d ON d.id = x.document`, map[string]string{"Discloser": `d.discloser`, "First": `p`,
	"First.Used": usedInTheLog})

type loweringDecisionRow struct {
	ID              string
	Lowering        string
	Document        string
	Discloser       string
	Organisation    string
	ByPerson        string
	Given           bool
	At              time.Time
	StatementSealed []byte
	Delegation      string
	TermsSealed     []byte
	Entry           string
	EntryHash       string
	WBy             *string
	WAt             *time.Time
	WStatement      []byte
	WEntry          *string
	TakenBack       bool // no row says so, and the log does
}

func loweringDecisionCell(l LoweringDecision) cell {
	return cell{l.Discloser, "lowering_decision.terms", string(l.ID)}
}

func loweringDecisionTerms(l LoweringDecision) string {
	return terms(l.Lowering, l.Document, l.Organisation, l.By, l.Given, l.At, l.Delegation, l.EntryHash)
}

// AddLowering records that a first half was put to the entities concerned, and why.
func (r *Register) AddLowering(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID, pending string,
	id article4.DocumentID, reason string) error {
	sealed, err := r.sealed(cell{discloser, "lowering.reason", pending}, reason)
	if err != nil {
		return err
	}
	return loweringTable.add(ctx, tx, "lowering", pending, loweringRow{Pending: pending, Document: string(id),
		ReasonSealed: sealed})
}

// Lowering finds one, whatever became of it.
func (r *Register) Lowering(ctx context.Context, tx *postgres.Tx, id string) (Lowering, error) {
	row, err := loweringTable.one(ctx, tx, "lowering", id, `WHERE x.pending = $1`, id)
	if err != nil {
		return Lowering{}, err
	}
	return r.toLowering(row)
}

// LoweringsPut lists, the newest first, those on documents of an organisation, those that wait on documents by which it
// is concerned, and those on which it decided.
func (r *Register) LoweringsPut(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, now, afterAt time.Time,
	after string, limit int) ([]Listed[Lowering], error) {
	rows, err := loweringTable.all(ctx, tx, "lowerings put to", string(o), `WHERE (d.discloser = @org
		OR p.ended_at IS NULL AND p.expires_at > @now AND EXISTS
			(SELECT FROM document_entity e WHERE e.document = x.document AND e.organisation = @org)
		OR EXISTS (SELECT FROM lowering_decision l WHERE l.lowering = x.pending AND l.organisation = @org))
		AND (@after = '' OR (p.at, p.id) < (@at, @after)) ORDER BY p.at DESC, p.id DESC LIMIT @limit`,
		postgres.Named{"org": o, "now": now, "at": orNil(afterAt), "after": after, "limit": limit})
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toLowering, func(row loweringRow) Place {
		return Place{row.First.At, row.First.ID, article4.DocumentID(row.Document)}
	}), nil
}

// LoweringsOn lists those on one document, the newest first.
func (r *Register) LoweringsOn(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Lowering, error) {
	rows, err := loweringTable.all(ctx, tx, "lowerings of", string(id),
		`WHERE x.document = $1 ORDER BY p.at DESC, p.id DESC`, id)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toLowering)
}

func (r *Register) toLowering(row loweringRow) (Lowering, error) {
	p, err := r.toPending(row.First)
	if err != nil {
		return Lowering{}, err
	}
	l := Lowering{Pending: p, Document: article4.DocumentID(row.Document),
		Discloser: article4.OrganisationID(row.Discloser)}
	l.Reason, err = r.open(cell{l.Discloser, "lowering.reason", p.ID}, row.ReasonSealed)
	return l, err
}

// AddLoweringDecision records what an entity said; a second one breaks one_decision_of_an_entity_on_a_lowering.
func (r *Register) AddLoweringDecision(ctx context.Context, tx *postgres.Tx, l LoweringDecision) error {
	statement, err := r.sealed(cell{l.Discloser, "lowering_decision.statement", string(l.ID)}, l.Statement)
	if err != nil {
		return err
	}
	sealed, err := r.sealed(loweringDecisionCell(l), loweringDecisionTerms(l))
	if err != nil {
		return err
	}
	return failed("decision on a lowering", string(l.ID), sql(ctx, tx).Exec(`INSERT INTO lowering_decision (id,
		lowering, document, organisation, by_person, given, at, statement_sealed, delegation, terms_sealed, entry,
		entry_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, l.ID, l.Lowering, l.Document, l.Organisation, l.By, l.Given,
		l.At, statement, l.Delegation, sealed, l.Entry, l.EntryHash).Error)
}

// AddLoweringWithdrawal records that an entity took its decision on a lowering back.
func (r *Register) AddLoweringWithdrawal(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	w Withdrawal) error {
	statement, err := r.sealed(cell{discloser, "lowering_withdrawal.statement", string(w.Decision)}, w.Statement)
	if err != nil {
		return err
	}
	return failed("withdrawal of", string(w.Decision), sql(ctx, tx).Exec(`INSERT INTO lowering_withdrawal (decision,
		by_person, at, statement_sealed, entry) VALUES (?,?,?,?,?)`, w.Decision, w.By, w.At, statement, w.Entry).Error)
}

// LoweringDecisions tells of each lowering what the entities said. The log is asked whether a decision was taken back:
// a row that was deleted is noticed.
func (r *Register) LoweringDecisions(ctx context.Context, tx *postgres.Tx,
	lowerings []string) (map[string][]LoweringDecision, error) {
	var rows []loweringDecisionRow
	err := sql(ctx, tx).Raw(`SELECT l.*, d.discloser, w.by_person AS w_by, w.at AS w_at, w.statement_sealed AS
		w_statement, w.entry AS w_entry, w.decision IS NULL AND EXISTS (SELECT FROM log_entry e
			WHERE e.kind = 'lowering-withdrawal' AND e.outcome = 'permit' AND e.document = l.document
			AND position(l.entry_hash IN convert_from(e.body, 'UTF8')) > 0) AS taken_back
		FROM lowering_decision l JOIN document d ON d.id = l.document
			LEFT JOIN lowering_withdrawal w ON w.decision = l.id
		WHERE l.lowering IN ? ORDER BY l.at, l.id`, append([]string{""}, lowerings...)).Scan(&rows).Error
	if err != nil {
		return nil, failed("decisions on lowerings", strings.Join(lowerings, " "), err)
	}
	out := make(map[string][]LoweringDecision, len(lowerings))
	for _, row := range rows {
		l, err := r.toLoweringDecision(row)
		if err != nil {
			return nil, err
		}
		out[l.Lowering] = append(out[l.Lowering], l)
	}
	return out, nil
}

func (r *Register) toLoweringDecision(row loweringDecisionRow) (LoweringDecision, error) {
	l := LoweringDecision{
		ID:           article4.DecisionID(row.ID),
		Lowering:     row.Lowering,
		Document:     article4.DocumentID(row.Document),
		Discloser:    article4.OrganisationID(row.Discloser),
		Organisation: article4.OrganisationID(row.Organisation),
		By:           article4.PersonID(row.ByPerson),
		Given:        row.Given,
		At:           row.At.UTC(),
		Delegation:   article4.Digest(row.Delegation),
		Entry:        row.Entry,
		EntryHash:    row.EntryHash,
	}
	if row.TakenBack {
		return l, fmt.Errorf("withdrawal of %s: %w", l.ID, ErrAltered)
	}
	if err := r.verify(loweringDecisionCell(l), row.TermsSealed, loweringDecisionTerms(l)); err != nil {
		return l, err
	}
	var err error
	l.Statement, err = r.open(cell{l.Discloser, "lowering_decision.statement", row.ID}, row.StatementSealed)
	if err != nil || row.WBy == nil {
		return l, err
	}
	w := Withdrawal{Decision: l.ID, By: article4.PersonID(*row.WBy), At: orZero(row.WAt), Entry: orEmpty(row.WEntry)}
	w.Statement, err = r.open(cell{l.Discloser, "lowering_withdrawal.statement", row.ID}, row.WStatement)
	l.Withdrawal = &w
	return l, err
}
