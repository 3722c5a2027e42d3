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
	TransferBasis   string // of a consent: the legal basis of this transfer of personal data (Article 4(3))
	Text            string // the canonical text that was decided on
	TextSHA         article4.Digest
	Delegation      article4.Digest // empty: an entity concerned decided through its focal point
	Evidence        article4.Evidence
	EvidenceText    string // the ID token; empty for other kinds
	EvidenceSHA     article4.Digest
	EvidenceKey     []byte // the issuer's public key as a JWK
	// subject of whoever gave an ID token as evidence, at their identity provider; only from reading
	Signer string
	// who deposited the letter that is its evidence, for this request; empty where none lies here; only from reading
	LetterBy  article4.PersonID
	Entry     string
	EntryHash string

	// Of an authorization that a signatory of the Discloser filed for an entity without an account, and a second
	// confirmed.
	Filed       bool
	GivenBy     string
	GivenOn     time.Time
	Instrument  article4.Digest
	ConfirmedBy article4.PersonID

	// Of a standing authorization, as it serves this request (reading 0111).
	Series   article4.SeriesID
	Standing article4.DecisionID
	Markings []article4.Marking

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
	ConditionsSHA256 string
	Agreement        *string
	EarlierServes    bool
	StatementSealed  []byte

	TransferBasisSealed []byte

	TextSealed       []byte
	TextSHA256       string
	Delegation       string
	Evidence         string
	EvidenceSealed   []byte
	EvidenceSHA256   string
	EvidenceKey      []byte
	TermsSealed      []byte
	Entry            string
	EntryHash        string
	Filed            bool
	GivenBySealed    []byte
	GivenOn          *time.Time
	InstrumentSHA256 string
	ConfirmedBy      *string
	Series           *string
	Standing         *string
	Markings         []string

	Discloser    string
	Withdrawal   withdrawalRow
	SignerSealed []byte
	SignerKeyset *string
	Letter       letterRow
	TakenBack    bool // no row says so, and the log does
}

// letterRow is read beside a decision whose evidence is a letter, and is empty where none was deposited.
type letterRow struct {
	ID         *string
	Keyset     *string
	SaidSealed []byte
}

// withdrawalRow is read beside its decision, and is empty where there is none.
type withdrawalRow struct {
	Decision        *string
	ByPerson        *string
	At              *time.Time
	StatementSealed []byte
	Entry           *string
	EntryHash       *string
}

var withdrawalTable = newTable[withdrawalRow](`withdrawal w`, nil)

var decisionTable = newTable[decisionRow](`decision l JOIN document d ON d.id = l.document`+besideDecision,
	map[string]string{
		"Discloser":    `d.discloser`,
		"Withdrawal":   `w`,
		"SignerSealed": `p.subject_sealed`,
		"SignerKeyset": `o.keyset`,
		"Letter":       `i`,
		"TakenBack": `w.decision IS NULL AND (` + takenBackInTheLog + ` OR l.standing IS NOT NULL AND (` +
			deliveryEndedInTheLog + ` OR ` + standingTakenBack(`l.entry_hash`) + `))`,
	})

// besideDecision is what took a decision l back, whoever a token speaks for that came as its evidence, and the letter
// that did.
const besideDecision = ` LEFT JOIN withdrawal w ON w.decision = l.id
	LEFT JOIN person p ON p.id = l.by_person AND l.evidence = 'oidc'
	LEFT JOIN LATERAL (SELECT COALESCE(o.keyset, o.id) AS keyset FROM organisation o WHERE o.id = p.organisation) AS o
		ON true
	LEFT JOIN instrument i ON l.evidence = 'letter' AND i.sha256 = l.evidence_sha256 AND i.request = l.request`

// takenBackInTheLog asks whether a withdrawal, a recall or an amendment in the log names a decision l. The log is
// append-only where the rows of withdrawals are not: that one was deleted is noticed before anything rests on the
// decision again.
const takenBackInTheLog = `EXISTS (SELECT FROM log_entry e WHERE e.kind IN ('withdrawal', 'recall', 'amendment')
	AND e.outcome = 'permit' AND e.document = l.document
	AND position(l.entry_hash IN convert_from(e.body, 'UTF8')) > 0)`

// deliveryEndedInTheLog asks the same of a decision l that stands for a series: what ends for one of its documents is
// named by the Delivery.
const deliveryEndedInTheLog = `EXISTS (SELECT FROM log_entry e JOIN access_request q ON q.id = l.request
	WHERE e.kind IN ('recall', 'amendment') AND e.outcome = 'permit' AND e.document = l.document
	AND position(q.entry_hash IN convert_from(e.body, 'UTF8')) > 0)`

func decisionTexts(row *decisionRow, l *Decision) []text {
	return []text{
		{"decision.conditions", &row.ConditionsSealed, &l.Conditions},
		{"decision.statement", &row.StatementSealed, &l.Statement},
		{"decision.transfer_basis", &row.TransferBasisSealed, &l.TransferBasis},
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
		Series:           emptyNil(string(l.Series)),
		Standing:         emptyNil(string(l.Standing)),
	}
	if l.Standing != "" {
		row.Markings = sorted(l.Markings)
	}
	if err := r.sealTexts(l.Discloser, row.ID, decisionTexts(&row, &l)); err != nil {
		return err
	}
	var err error
	if row.TermsSealed, err = r.sealed(decisionCell(l), decisionTerms(l)); err != nil {
		return err
	}
	return decisionTable.add(ctx, tx, "decision", row.ID, row)
}

// AddWithdrawal records that a decision was taken back.
func (r *Register) AddWithdrawal(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	w Withdrawal) error {
	statement, err := r.sealed(cell{discloser, "withdrawal.statement", string(w.Decision)}, w.Statement)
	if err != nil {
		return err
	}
	decision, by := string(w.Decision), string(w.By)
	return withdrawalTable.add(ctx, tx, "withdrawal of", decision, withdrawalRow{
		Decision:        &decision,
		ByPerson:        &by,
		At:              &w.At,
		StatementSealed: statement,
		Entry:           &w.Entry,
		EntryHash:       &w.EntryHash,
	})
}

func (r *Register) toDecision(row decisionRow) (Decision, error) {
	l := Decision{
		ID:              article4.DecisionID(row.ID),
		Request:         article4.RequestID(row.Request),
		Document:        article4.DocumentID(row.Document),
		Discloser:       article4.OrganisationID(row.Discloser),
		Kind:            article4.DecisionKind(row.Kind),
		Given:           row.Given,
		By:              article4.PersonID(row.ByPerson),
		Organisation:    article4.OrganisationID(row.ByOrg),
		At:              row.At.UTC(),
		Version:         article4.VersionID(row.Version),
		Recipient:       article4.OrganisationID(row.Recipient),
		RecipientRecord: article4.Digest(row.RecipientRecord),
		Purpose:         article4.PurposeCode(row.Purpose),
		Until:           row.Until.UTC(),
		Form:            article4.Form(row.Form),
		ConditionsSHA:   article4.Digest(row.ConditionsSHA256),
		Agreement:       article4.AgreementID(orEmpty(row.Agreement)),
		EarlierServes:   row.EarlierServes,
		TextSHA:         article4.Digest(row.TextSHA256),
		Delegation:      article4.Digest(row.Delegation),
		Evidence:        article4.Evidence(row.Evidence),
		EvidenceSHA:     article4.Digest(row.EvidenceSHA256),
		EvidenceKey:     row.EvidenceKey,
		Entry:           row.Entry,
		EntryHash:       row.EntryHash,
		Filed:           row.Filed,
		GivenOn:         orZero(row.GivenOn),
		Instrument:      article4.Digest(row.InstrumentSHA256),
		ConfirmedBy:     article4.PersonID(orEmpty(row.ConfirmedBy)),
		Series:          article4.SeriesID(orEmpty(row.Series)),
		Standing:        article4.DecisionID(orEmpty(row.Standing)),
		Markings:        named[article4.Marking](row.Markings),
	}
	if row.TakenBack {
		return Decision{}, fmt.Errorf("withdrawal of %s: %w", l.ID, ErrAltered)
	}
	if err := r.openTexts(l.Discloser, row.ID, decisionTexts(&row, &l)); err != nil {
		return Decision{}, err
	}
	if err := r.verify(decisionCell(l), row.TermsSealed, decisionTerms(l)); err != nil {
		return Decision{}, err
	}
	var err error
	if l.LetterBy, err = r.letterOf(l, row.Letter); err != nil {
		return Decision{}, err
	}
	signer := cell{article4.OrganisationID(orEmpty(row.SignerKeyset)), "person.subject", string(l.By)}
	if l.Signer, err = r.open(signer, row.SignerSealed); err != nil || row.Withdrawal.ByPerson == nil {
		return l, err
	}
	statement, err := r.open(cell{l.Discloser, "withdrawal.statement", row.ID}, row.Withdrawal.StatementSealed)
	l.Withdrawal = &Withdrawal{
		Decision:  l.ID,
		By:        article4.PersonID(*row.Withdrawal.ByPerson),
		At:        orZero(row.Withdrawal.At),
		Statement: statement,
		Entry:     orEmpty(row.Withdrawal.Entry),
		EntryHash: orEmpty(row.Withdrawal.EntryHash),
	}
	return l, err
}

// letterOf is who deposited the letter of a decision, by what was sealed with the paper: a row that was made to fit
// another decision says what it is of.
func (r *Register) letterOf(l Decision, row letterRow) (article4.PersonID, error) {
	if row.ID == nil {
		return "", nil
	}
	said, err := r.paperOf(article4.OrganisationID(orEmpty(row.Keyset)), *row.ID, row.SaidSealed)
	switch {
	case err != nil:
		return "", err
	case said.SHA256 != l.EvidenceSHA || said.Request != l.Request:
		return "", fmt.Errorf("letter of %s: %w", l.ID, ErrAltered)
	case said.Organisation != l.Organisation && !(l.Filed && said.Organisation == l.Discloser):
		return "", nil // another's
	}
	return said.Person, nil
}

// DecisionsOn lists the decisions given on a document that were not taken back.
func (r *Register) DecisionsOn(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Decision, error) {
	rows, err := decisionTable.all(ctx, tx, "decisions on", string(id),
		`JOIN access_request q ON q.id = l.request WHERE q.document = $1`, id)
	if err != nil {
		return nil, err
	}
	var out []Decision
	for _, row := range rows {
		l, err := r.toDecision(row)
		if err != nil {
			return nil, err
		}
		if l.Given && l.Withdrawal == nil {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b Decision) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}
