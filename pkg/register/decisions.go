package register

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Decision is one authorization (4(4)) or consent (4(8)), given or refused.
type Decision struct {
	ID              article4.DecisionID
	Request         article4.RequestID
	Document        article4.DocumentID
	Discloser       article4.OrganisationID // whose keyset seals the sentences
	Kind            article4.DecisionKind
	Given           bool
	By              article4.PersonID
	Organisation    article4.OrganisationID
	At              time.Time
	Version         article4.VersionID
	Recipient       article4.OrganisationID
	RecipientRecord article4.Digest
	Purpose         article4.PurposeCode
	Until           time.Time
	Form            article4.Form
	Conditions      string
	ConditionsSHA   article4.Digest
	Agreement       article4.AgreementID
	EarlierServes   bool
	Statement       string
	Text            string // the canonical text that was decided on
	TextSHA         article4.Digest
	Delegation      article4.Digest // empty: an entity concerned decided through its focal point
	Evidence        article4.Evidence
	EvidenceText    string // the ID token; empty for other kinds
	EvidenceSHA     article4.Digest
	EvidenceKey     []byte // the issuer's public key as a JWK
	// subject of whoever gave an ID token as evidence, at their identity provider; only from reading
	Signer    string
	Entry     string
	EntryHash string

	// Of an authorization that a signatory of the Discloser filed for an entity without an account, and a second
	// confirmed.
	Filed       bool
	GivenBy     string
	GivenOn     time.Time
	Instrument  article4.Digest
	ConfirmedBy article4.PersonID

	Withdrawal *Withdrawal
}

// Withdrawal takes one decision back, for the future only.
type Withdrawal struct {
	Decision  article4.DecisionID
	By        article4.PersonID
	At        time.Time
	Statement string
	Entry     string
	EntryHash string
}

type decisionRow struct {
	ID               string
	Request          string
	Document         string
	Kind             string
	Given            bool
	ByPerson         string
	ByOrg            string
	At               time.Time
	Version          string
	Recipient        string
	RecipientRecord  string
	Purpose          string
	Until            time.Time
	Form             string
	ConditionsSealed []byte
	ConditionsSHA256 string `gorm:"column:conditions_sha256"`
	Agreement        *string
	EarlierServes    bool
	StatementSealed  []byte
	TextSealed       []byte
	TextSHA256       string `gorm:"column:text_sha256"`
	Delegation       string
	Evidence         string
	EvidenceSealed   []byte
	EvidenceSHA256   string `gorm:"column:evidence_sha256"`
	EvidenceKey      []byte
	TermsSealed      []byte
	Entry            string
	EntryHash        string
	Filed            bool
	GivenBySealed    []byte
	GivenOn          *time.Time
	InstrumentSHA256 string `gorm:"column:instrument_sha256"`
	ConfirmedBy      *string
}

func (decisionRow) TableName() string { return "decision" }

type decisionWithRow struct {
	Decision   decisionRow `gorm:"embedded"`
	Discloser  string
	WBy        *string
	WAt        *time.Time
	WStatement []byte
	WEntry     *string
	WEntryHash *string

	SignerSealed []byte
	SignerKeyset *string
	TakenBack    bool // no row says so, and the log does
}

func decisionTexts(row *decisionRow, l *Decision) []text {
	return []text{
		{"decision.conditions", &row.ConditionsSealed, &l.Conditions},
		{"decision.statement", &row.StatementSealed, &l.Statement},
		{"decision.text", &row.TextSealed, &l.Text},
		{"decision.evidence", &row.EvidenceSealed, &l.EvidenceText},
		{"decision.given_by", &row.GivenBySealed, &l.GivenBy},
	}
}

// AddDecision records a decision; a second one of the same kind by the same organisation on the same request
// breaks the constraint one_decision_of_a_kind_per_organisation.
func (r *Register) AddDecision(ctx context.Context, tx *postgres.Tx, l Decision) error {
	row := decisionRow{
		ID:               string(l.ID),
		Request:          string(l.Request),
		Document:         string(l.Document),
		Kind:             string(l.Kind),
		Given:            l.Given,
		ByPerson:         string(l.By),
		ByOrg:            string(l.Organisation),
		At:               l.At,
		Version:          string(l.Version),
		Recipient:        string(l.Recipient),
		RecipientRecord:  string(l.RecipientRecord),
		Purpose:          string(l.Purpose),
		Until:            l.Until,
		Form:             string(l.Form),
		ConditionsSHA256: string(l.ConditionsSHA),
		Agreement:        emptyNil(string(l.Agreement)),
		EarlierServes:    l.EarlierServes,
		TextSHA256:       string(l.TextSHA),
		Delegation:       string(l.Delegation),
		Evidence:         string(l.Evidence),
		EvidenceSHA256:   string(l.EvidenceSHA),
		EvidenceKey:      l.EvidenceKey,
		Entry:            l.Entry,
		EntryHash:        l.EntryHash,
		Filed:            l.Filed,
		GivenOn:          orNil(l.GivenOn),
		InstrumentSHA256: string(l.Instrument),
		ConfirmedBy:      emptyNil(string(l.ConfirmedBy)),
	}
	if err := r.sealTexts(l.Discloser, row.ID, decisionTexts(&row, &l)); err != nil {
		return err
	}
	var err error
	if row.TermsSealed, err = r.sealed(decisionCell(l), decisionTerms(l)); err != nil {
		return err
	}
	return failed("decision", row.ID, sql(ctx, tx).Create(&row).Error)
}

// AddWithdrawal records that a decision was taken back.
func (r *Register) AddWithdrawal(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	w Withdrawal) error {
	statement, err := r.sealed(cell{discloser, "withdrawal.statement", string(w.Decision)}, w.Statement)
	if err != nil {
		return err
	}
	return failed("withdrawal of", string(w.Decision),
		sql(ctx, tx).Exec(`INSERT INTO withdrawal (decision, by_person, at, statement_sealed, entry, entry_hash)
		VALUES (?,?,?,?,?,?)`, w.Decision, w.By, w.At, statement, w.Entry, w.EntryHash).Error)
}

func (r *Register) decisions(ctx context.Context, tx *postgres.Tx,
	requests []string) (map[article4.RequestID][]Decision, error) {
	var rows []decisionWithRow
	err := sql(ctx, tx).Raw(`SELECT l.*, d.discloser, w.by_person AS w_by, w.at AS w_at, w.statement_sealed AS
		w_statement,
		w.entry AS w_entry, w.entry_hash AS w_entry_hash, p.subject_sealed AS signer_sealed, o.keyset AS signer_keyset
		FROM decision l JOIN document d ON d.id = l.document LEFT JOIN withdrawal w ON w.decision = l.id`+theSigner+`
		WHERE l.request IN ? ORDER BY l.at, l.id`, requests).Scan(&rows).Error
	if err != nil {
		return nil, failed("decisions", "", err)
	}
	out := map[article4.RequestID][]Decision{}
	for _, row := range rows {
		l, err := r.toDecision(row)
		if err != nil {
			return nil, err
		}
		out[l.Request] = append(out[l.Request], l)
	}
	return out, nil
}

func (r *Register) toDecision(row decisionWithRow) (Decision, error) {
	l := Decision{
		ID:              article4.DecisionID(row.Decision.ID),
		Request:         article4.RequestID(row.Decision.Request),
		Document:        article4.DocumentID(row.Decision.Document),
		Discloser:       article4.OrganisationID(row.Discloser),
		Kind:            article4.DecisionKind(row.Decision.Kind),
		Given:           row.Decision.Given,
		By:              article4.PersonID(row.Decision.ByPerson),
		Organisation:    article4.OrganisationID(row.Decision.ByOrg),
		At:              row.Decision.At.UTC(),
		Version:         article4.VersionID(row.Decision.Version),
		Recipient:       article4.OrganisationID(row.Decision.Recipient),
		RecipientRecord: article4.Digest(row.Decision.RecipientRecord),
		Purpose:         article4.PurposeCode(row.Decision.Purpose),
		Until:           row.Decision.Until.UTC(),
		Form:            article4.Form(row.Decision.Form),
		ConditionsSHA:   article4.Digest(row.Decision.ConditionsSHA256),
		Agreement:       article4.AgreementID(orEmpty(row.Decision.Agreement)),
		EarlierServes:   row.Decision.EarlierServes,
		TextSHA:         article4.Digest(row.Decision.TextSHA256),
		Delegation:      article4.Digest(row.Decision.Delegation),
		Evidence:        article4.Evidence(row.Decision.Evidence),
		EvidenceSHA:     article4.Digest(row.Decision.EvidenceSHA256),
		EvidenceKey:     row.Decision.EvidenceKey,
		Entry:           row.Decision.Entry,
		EntryHash:       row.Decision.EntryHash,
		Filed:           row.Decision.Filed,
		GivenOn:         orZero(row.Decision.GivenOn),
		Instrument:      article4.Digest(row.Decision.InstrumentSHA256),
		ConfirmedBy:     article4.PersonID(orEmpty(row.Decision.ConfirmedBy)),
	}
	if row.TakenBack {
		return Decision{}, fmt.Errorf("withdrawal of %s: %w", l.ID, ErrAltered)
	}
	if err := r.openTexts(l.Discloser, row.Decision.ID, decisionTexts(&row.Decision, &l)); err != nil {
		return Decision{}, err
	}
	if err := r.verify(decisionCell(l), row.Decision.TermsSealed, decisionTerms(l)); err != nil {
		return Decision{}, err
	}
	var err error
	signer := cell{article4.OrganisationID(orEmpty(row.SignerKeyset)), "person.subject", string(l.By)}
	if l.Signer, err = r.open(signer, row.SignerSealed); err != nil || row.WBy == nil {
		return l, err
	}
	statement, err := r.open(cell{l.Discloser, "withdrawal.statement", row.Decision.ID}, row.WStatement)
	l.Withdrawal = &Withdrawal{
		Decision:  l.ID,
		By:        article4.PersonID(*row.WBy),
		At:        orZero(row.WAt),
		Statement: statement,
		Entry:     orEmpty(row.WEntry),
		EntryHash: orEmpty(row.WEntryHash),
	}
	return l, err
}

// DecisionsOn lists the decisions given on a document that were not taken back.
func (r *Register) DecisionsOn(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Decision, error) {
	var requests []string
	if err := sql(ctx, tx).Raw(`SELECT id FROM access_request WHERE document = ?`,
		id).Scan(&requests).Error; err != nil {
		return nil, failed("requests on", string(id), err)
	}
	if len(requests) == 0 {
		return nil, nil
	}
	all, err := r.decisions(ctx, tx, requests)
	if err != nil {
		return nil, err
	}
	var out []Decision
	for _, decisions := range all {
		for _, l := range decisions {
			if l.Given && l.Withdrawal == nil {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b Decision) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}
