package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Leave is one authorization (4(4)) or consent (4(8)), given or refused.
type Leave struct {
	ID              article4.LeaveID
	Request         article4.RequestID
	Document        article4.DocumentID
	Discloser       article4.OrganisationID // whose keyset seals the sentences
	Kind            article4.LeaveKind
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
	Entry           string
	EntryHash       string

	// Of an authorization that a signatory of the Discloser filed for an entity without an account, and a second confirmed.
	Filed       bool
	GivenBy     string
	GivenOn     time.Time
	Instrument  article4.Digest
	ConfirmedBy article4.PersonID

	Withdrawal *Withdrawal
}

// Withdrawal takes one leave back, for the future only.
type Withdrawal struct {
	Leave     article4.LeaveID
	By        article4.PersonID
	At        time.Time
	Statement string
	Entry     string
	EntryHash string
}

type leaveRow struct {
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

func (leaveRow) TableName() string { return "leave" }

type leaveWithRow struct {
	Leave      leaveRow `gorm:"embedded"`
	Discloser  string
	WBy        *string
	WAt        *time.Time
	WStatement []byte
	WEntry     *string
	WEntryHash *string
}

func leaveTexts(row *leaveRow, l *Leave) []text {
	return []text{
		{"leave.conditions", &row.ConditionsSealed, &l.Conditions},
		{"leave.statement", &row.StatementSealed, &l.Statement},
		{"leave.text", &row.TextSealed, &l.Text},
		{"leave.evidence", &row.EvidenceSealed, &l.EvidenceText},
		{"leave.given_by", &row.GivenBySealed, &l.GivenBy},
	}
}

// AddLeave records a decision; a second one of the same kind by the same organisation on the same request
// breaks the constraint one_leave_of_a_kind_per_organisation.
func (r *Register) AddLeave(ctx context.Context, tx *postgres.Tx, l Leave) error {
	row := leaveRow{
		ID: string(l.ID), Request: string(l.Request), Document: string(l.Document), Kind: string(l.Kind), Given: l.Given,
		ByPerson: string(l.By), ByOrg: string(l.Organisation), At: l.At, Version: string(l.Version), Recipient: string(l.Recipient),
		RecipientRecord: string(l.RecipientRecord), Purpose: string(l.Purpose), Until: l.Until, Form: string(l.Form),
		ConditionsSHA256: string(l.ConditionsSHA), Agreement: emptyNil(string(l.Agreement)), EarlierServes: l.EarlierServes,
		TextSHA256: string(l.TextSHA), Delegation: string(l.Delegation), Evidence: string(l.Evidence),
		EvidenceSHA256: string(l.EvidenceSHA), EvidenceKey: l.EvidenceKey, Entry: l.Entry, EntryHash: l.EntryHash,
		Filed: l.Filed, GivenOn: orNil(l.GivenOn), InstrumentSHA256: string(l.Instrument), ConfirmedBy: emptyNil(string(l.ConfirmedBy)),
	}
	if err := r.sealTexts(l.Discloser, row.ID, leaveTexts(&row, &l)); err != nil {
		return err
	}
	var err error
	if row.TermsSealed, err = r.sealed(leaveCell(l), leaveTerms(l)); err != nil {
		return err
	}
	return failed("leave", row.ID, sql(ctx, tx).Create(&row).Error)
}

// AddWithdrawal records that a leave was taken back.
func (r *Register) AddWithdrawal(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID, w Withdrawal) error {
	statement, err := r.sealed(cell{discloser, "withdrawal.statement", string(w.Leave)}, w.Statement)
	if err != nil {
		return err
	}
	return failed("withdrawal of", string(w.Leave), sql(ctx, tx).Exec(`INSERT INTO withdrawal (leave, by_person, at, statement_sealed, entry, entry_hash)
		VALUES (?,?,?,?,?,?)`, w.Leave, w.By, w.At, statement, w.Entry, w.EntryHash).Error)
}

func (r *Register) leaves(ctx context.Context, tx *postgres.Tx, requests []string) (map[article4.RequestID][]Leave, error) {
	var rows []leaveWithRow
	err := sql(ctx, tx).Raw(`SELECT l.*, d.discloser, w.by_person AS w_by, w.at AS w_at, w.statement_sealed AS w_statement,
		w.entry AS w_entry, w.entry_hash AS w_entry_hash
		FROM leave l JOIN document d ON d.id = l.document LEFT JOIN withdrawal w ON w.leave = l.id
		WHERE l.request IN ? ORDER BY l.at, l.id`, requests).Scan(&rows).Error
	if err != nil {
		return nil, failed("leaves", "", err)
	}
	out := map[article4.RequestID][]Leave{}
	for _, row := range rows {
		l, err := r.toLeave(row)
		if err != nil {
			return nil, err
		}
		out[l.Request] = append(out[l.Request], l)
	}
	return out, nil
}

func (r *Register) toLeave(row leaveWithRow) (Leave, error) {
	l := Leave{
		ID: article4.LeaveID(row.Leave.ID), Request: article4.RequestID(row.Leave.Request), Document: article4.DocumentID(row.Leave.Document),
		Discloser: article4.OrganisationID(row.Discloser), Kind: article4.LeaveKind(row.Leave.Kind), Given: row.Leave.Given,
		By: article4.PersonID(row.Leave.ByPerson), Organisation: article4.OrganisationID(row.Leave.ByOrg), At: row.Leave.At.UTC(),
		Version: article4.VersionID(row.Leave.Version), Recipient: article4.OrganisationID(row.Leave.Recipient),
		RecipientRecord: article4.Digest(row.Leave.RecipientRecord), Purpose: article4.PurposeCode(row.Leave.Purpose), Until: row.Leave.Until.UTC(),
		Form: article4.Form(row.Leave.Form), ConditionsSHA: article4.Digest(row.Leave.ConditionsSHA256), Agreement: article4.AgreementID(orEmpty(row.Leave.Agreement)),
		EarlierServes: row.Leave.EarlierServes, TextSHA: article4.Digest(row.Leave.TextSHA256), Delegation: article4.Digest(row.Leave.Delegation),
		Evidence: article4.Evidence(row.Leave.Evidence), EvidenceSHA: article4.Digest(row.Leave.EvidenceSHA256), EvidenceKey: row.Leave.EvidenceKey,
		Entry: row.Leave.Entry, EntryHash: row.Leave.EntryHash, Filed: row.Leave.Filed, GivenOn: orZero(row.Leave.GivenOn),
		Instrument: article4.Digest(row.Leave.InstrumentSHA256), ConfirmedBy: article4.PersonID(orEmpty(row.Leave.ConfirmedBy)),
	}
	if err := r.openTexts(l.Discloser, row.Leave.ID, leaveTexts(&row.Leave, &l)); err != nil {
		return Leave{}, err
	}
	if err := r.verify(leaveCell(l), row.Leave.TermsSealed, leaveTerms(l)); err != nil {
		return Leave{}, err
	}
	if row.WBy == nil {
		return l, nil
	}
	statement, err := r.open(cell{l.Discloser, "withdrawal.statement", row.Leave.ID}, row.WStatement)
	l.Withdrawal = &Withdrawal{Leave: l.ID, By: article4.PersonID(*row.WBy), At: orZero(row.WAt), Statement: statement,
		Entry: orEmpty(row.WEntry), EntryHash: orEmpty(row.WEntryHash)}
	return l, err
}

// LeavesOn lists the leaves given on a document that were not taken back.
func (r *Register) LeavesOn(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) ([]Leave, error) {
	var requests []string
	if err := sql(ctx, tx).Raw(`SELECT id FROM access_request WHERE document = ?`, id).Scan(&requests).Error; err != nil {
		return nil, failed("requests on", string(id), err)
	}
	if len(requests) == 0 {
		return nil, nil
	}
	all, err := r.leaves(ctx, tx, requests)
	if err != nil {
		return nil, err
	}
	var out []Leave
	for _, leaves := range all {
		for _, l := range leaves {
			if l.Given && l.Withdrawal == nil {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b Leave) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}
