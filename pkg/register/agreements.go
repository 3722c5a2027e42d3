package register

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Agreement is the frozen text of a Confidentiality Agreement put to one third party, with its signature, or that it
// was declined, if any.
type Agreement struct {
	ID            article4.AgreementID
	Organisation  article4.OrganisationID
	ProposedBy    article4.PersonID
	ProposedByOrg article4.OrganisationID // whose keyset seals the text
	Text          string
	TextSHA       article4.Digest
	Document      article4.DocumentID
	ProposedAt    time.Time
	Entry         string
	EntryHash     string
	Anew          article4.AgreementID // the same text, which was declined and is put once more; empty: the first time

	Signature *Signature
	Decline   *Decline
}

// Signature is the one signature under an agreement.
type Signature struct {
	Agreement article4.AgreementID
	By        article4.PersonID
	At        time.Time
	Name      string
	Function  string
	Authority string
	Text      string // the canonical text that was signed; empty: of before signatures had one
	Evidence  article4.Evidence
	// the ID token; empty for other kinds
	EvidenceText string
	EvidenceKey  []byte // the issuer's public key as a JWK
	Entry        string
	EntryHash    string
}

// Decline is that the third party does not sign a text, and why.
type Decline struct {
	Agreement article4.AgreementID
	By        article4.PersonID
	At        time.Time
	Reason    string
	Entry     string
	EntryHash string
}

// AgreementPut is what a decision looks at of an agreement: which text, since when, and whether it was signed or
// declined. It is read with each request for the organisation that the text was put to.
type AgreementPut struct {
	ID         article4.AgreementID    `json:"id"`
	ProposedBy article4.OrganisationID `json:"proposed_by"` // the Party that put it to the third party
	TextSHA    article4.Digest         `json:"text_sha256"`
	ProposedAt time.Time               `json:"proposed_at"`
	Signature  string                  `json:"signature,omitempty"` // hash of the signature's entry; empty: unsigned
	Proof      *SignatureProof         `json:"proof,omitempty"`     // nil: unsigned
	Declined   bool                    `json:"declined,omitempty"`
}

// SignatureProof is what shows whose a signature is (reading 0010).
type SignatureProof struct {
	Text         string            `json:"text,omitempty"` // canonical
	Evidence     article4.Evidence `json:"evidence,omitempty"`
	EvidenceText string            `json:"evidence_text,omitempty"`
	EvidenceKey  []byte            `json:"evidence_key,omitempty"`
	Signer       string            `json:"signer,omitempty"` // subject of whoever signed, at their identity provider
}

// agreementsPut reads them beside a request q, as one value.
const agreementsPut = `COALESCE((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'proposed_by', a.proposed_by_org,
	'text_sha256', a.text_sha256, 'proposed_at', a.proposed_at,
	'signature', COALESCE(s.entry_hash, ''), 'evidence', s.evidence, 'by', s.by_person,
	'text_sealed', encode(s.text_sealed, 'base64'), 'evidence_sealed', encode(s.evidence_sealed, 'base64'),
	'evidence_key', encode(s.evidence_key, 'base64'), 'subject_sealed', encode(p.subject_sealed, 'base64'),
	'keyset', COALESCE(o.keyset, o.id), 'declined', n.agreement IS NOT NULL,
	'contradicted', ` + contradictedByTheLog + `) ORDER BY a.proposed_at DESC, a.id DESC)::text
	FROM agreement a JOIN organisation o ON o.id = a.organisation LEFT JOIN signature s ON s.agreement = a.id
	LEFT JOIN agreement_decline n ON n.agreement = a.id
	LEFT JOIN person p ON p.id = s.by_person AND s.evidence = 'oidc'
	WHERE a.organisation = q.beneficiary), '')`

// contradictedByTheLog asks whether the log says of an agreement a something else than the rows: that it was declined,
// by a row n, or that it was put before another. The log is append-only where rows are not.
const contradictedByTheLog = `((n.agreement IS NOT NULL) <> EXISTS (SELECT FROM log_entry e
		WHERE e.kind = 'agreement-declined' AND e.outcome = 'permit'
		AND log_said(e.body) #>> '{terms,recipient}' = a.organisation
		AND log_said(e.body) #>> '{terms,agreement}' = a.id)
	OR EXISTS (SELECT FROM log_seq first JOIN agreement b ON b.organisation = a.organisation
		AND b.proposed_at < a.proposed_at JOIN log_seq later ON later.entry = b.entry
		WHERE first.entry = a.entry AND later.index > first.index))`

// agreementGone asks whether the log says that a Party put a text to the beneficiary of a request q, and no row does:
// with the row of the last one an earlier signature would come back.
const agreementGone = `EXISTS (SELECT FROM log_entry e WHERE e.kind = 'agreement' AND e.outcome = 'permit'
	AND log_said(e.body) #>> '{terms,recipient}' = q.beneficiary
	AND NOT EXISTS (SELECT FROM agreement a WHERE a.entry = e.id AND a.organisation = q.beneficiary
		AND a.proposed_by_org = log_said(e.body) ->> 'organisation'))`

// putRow is an agreement that was put to a third party as it is read beside a request.
type putRow struct {
	AgreementPut
	Evidence       string                  `json:"evidence"`
	By             string                  `json:"by"`
	TextSealed     []byte                  `json:"text_sealed"`
	EvidenceSealed []byte                  `json:"evidence_sealed"`
	EvidenceKey    []byte                  `json:"evidence_key"`
	SubjectSealed  []byte                  `json:"subject_sealed"`
	Keyset         article4.OrganisationID `json:"keyset"`
	Contradicted   bool                    `json:"contradicted"`
}

func (r *Register) toAgreementsPut(text string) ([]AgreementPut, error) {
	if text == "" {
		return nil, nil
	}
	var rows []putRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, err
	}
	return opened(rows, r.toAgreementPut)
}

func (r *Register) toAgreementPut(row putRow) (AgreementPut, error) {
	out := row.AgreementPut
	out.ProposedAt = out.ProposedAt.UTC()
	if row.Contradicted {
		return out, fmt.Errorf("agreement %s, its place or that it was declined: %w", out.ID, ErrAltered)
	}
	if out.Signature == "" {
		return out, nil
	}
	p := &SignatureProof{Evidence: article4.Evidence(row.Evidence), EvidenceKey: row.EvidenceKey}
	out.Proof = p
	err := r.openTexts(row.Keyset, string(out.ID), []text{{"signature.text", &row.TextSealed, &p.Text},
		{"signature.evidence", &row.EvidenceSealed, &p.EvidenceText}})
	if err != nil {
		return out, err
	}
	p.Signer, err = r.open(cell{row.Keyset, "person.subject", row.By}, row.SubjectSealed)
	return out, err
}

type agreementRow struct {
	ID            string
	Organisation  string
	ProposedBy    string
	ProposedByOrg string
	TextSealed    []byte
	TextSHA256    string
	Document      *string
	ProposedAt    time.Time
	Entry         string
	EntryHash     string
	Anew          *string

	Signature    signatureRow
	Decline      declineRow
	Keyset       string // under which the signature is sealed, and why it was declined
	Contradicted bool   // the log says otherwise when it was put, or whether it was declined
}

// declineRow is read beside its agreement, and is empty where there is none.
type declineRow struct {
	Agreement    *string
	ByPerson     *string
	At           *time.Time
	ReasonSealed []byte
	Entry        *string
	EntryHash    *string
}

// signatureRow is read beside its agreement, and is empty where there is none.
type signatureRow struct {
	Agreement       *string
	ByPerson        *string
	At              *time.Time
	NameSealed      []byte
	FunctionSealed  []byte
	AuthoritySealed []byte
	TextSealed      []byte
	Evidence        *string
	EvidenceSealed  []byte
	EvidenceKey     []byte
	Entry           *string
	EntryHash       *string
}

var signatureTable = newTable[signatureRow](`signature s`, nil)

var declineTable = newTable[declineRow](`agreement_decline n`, nil)

var agreementTable = newTable[agreementRow](`agreement a JOIN organisation o ON o.id = a.organisation
	LEFT JOIN signature s ON s.agreement = a.id LEFT JOIN agreement_decline n ON n.agreement = a.id`,
	map[string]string{"Signature": `s`, "Decline": `n`, "Keyset": `COALESCE(o.keyset, o.id)`,
		"Contradicted": contradictedByTheLog})

func (r *Register) toAgreement(row agreementRow) (Agreement, error) {
	a := Agreement{
		ID:            article4.AgreementID(row.ID),
		Organisation:  article4.OrganisationID(row.Organisation),
		ProposedBy:    article4.PersonID(row.ProposedBy),
		ProposedByOrg: article4.OrganisationID(row.ProposedByOrg),
		TextSHA:       article4.Digest(row.TextSHA256),
		Document:      article4.DocumentID(orEmpty(row.Document)),
		ProposedAt:    row.ProposedAt.UTC(),
		Entry:         row.Entry,
		EntryHash:     row.EntryHash,
		Anew:          article4.AgreementID(orEmpty(row.Anew)),
	}
	if row.Contradicted {
		return a, fmt.Errorf("agreement %s, its place or that it was declined: %w", a.ID, ErrAltered)
	}
	var err error
	if a.Text, err = r.open(cell{a.ProposedByOrg, "agreement.text", row.ID}, row.TextSealed); err != nil {
		return a, err
	}
	if a.Decline, err = r.toDecline(row); err != nil {
		return a, err
	}
	signed := row.Signature
	if signed.ByPerson == nil {
		return a, nil
	}
	s := Signature{
		Agreement:   a.ID,
		By:          article4.PersonID(*signed.ByPerson),
		At:          orZero(signed.At),
		Evidence:    article4.Evidence(orEmpty(signed.Evidence)),
		EvidenceKey: signed.EvidenceKey,
		Entry:       orEmpty(signed.Entry),
		EntryHash:   orEmpty(signed.EntryHash),
	}
	a.Signature = &s
	return a, r.openTexts(article4.OrganisationID(row.Keyset), row.ID, signatureTexts(&signed, &s))
}

func (r *Register) toDecline(row agreementRow) (*Decline, error) {
	declined := row.Decline
	if declined.ByPerson == nil {
		return nil, nil
	}
	n := Decline{
		Agreement: article4.AgreementID(row.ID),
		By:        article4.PersonID(*declined.ByPerson),
		At:        orZero(declined.At),
		Entry:     orEmpty(declined.Entry),
		EntryHash: orEmpty(declined.EntryHash),
	}
	var err error
	n.Reason, err = r.open(cell{article4.OrganisationID(row.Keyset), declineReason, row.ID}, declined.ReasonSealed)
	return &n, err
}

const declineReason = "agreement_decline.reason"

func signatureTexts(row *signatureRow, s *Signature) []text {
	return []text{
		{"signature.name", &row.NameSealed, &s.Name},
		{"signature.function", &row.FunctionSealed, &s.Function},
		{"signature.authority", &row.AuthoritySealed, &s.Authority},
		{"signature.text", &row.TextSealed, &s.Text},
		{"signature.evidence", &row.EvidenceSealed, &s.EvidenceText},
	}
}

// AddAgreement freezes a text; the same text twice for the same third party breaks agreement_text_is_frozen, unless the
// first was declined and the second names it.
func (r *Register) AddAgreement(ctx context.Context, tx *postgres.Tx, a Agreement) error {
	sealed, err := r.sealed(cell{a.ProposedByOrg, "agreement.text", string(a.ID)}, a.Text)
	if err != nil {
		return err
	}
	return agreementTable.add(ctx, tx, "agreement", string(a.ID), agreementRow{
		ID:            string(a.ID),
		Organisation:  string(a.Organisation),
		ProposedBy:    string(a.ProposedBy),
		ProposedByOrg: string(a.ProposedByOrg),
		TextSealed:    sealed,
		TextSHA256:    string(a.TextSHA),
		Document:      emptyNil(string(a.Document)),
		ProposedAt:    a.ProposedAt,
		Entry:         a.Entry,
		EntryHash:     a.EntryHash,
		Anew:          emptyNil(string(a.Anew)),
	})
}

// AddSignature records the one signature; a second breaks the primary key.
func (r *Register) AddSignature(ctx context.Context, tx *postgres.Tx, signer Organisation, s Signature) error {
	agreement, by, evidence := string(s.Agreement), string(s.By), string(s.Evidence)
	row := signatureRow{
		Agreement:   &agreement,
		ByPerson:    &by,
		At:          &s.At,
		Evidence:    &evidence,
		EvidenceKey: s.EvidenceKey,
		Entry:       &s.Entry,
		EntryHash:   &s.EntryHash,
	}
	if err := r.sealTexts(signer.SealedUnder(), agreement, signatureTexts(&row, &s)); err != nil {
		return err
	}
	return signatureTable.add(ctx, tx, "signature under", agreement, row)
}

// AddDecline records that a text is not signed; a second time breaks the primary key.
func (r *Register) AddDecline(ctx context.Context, tx *postgres.Tx, signer Organisation, n Decline) error {
	agreement, by := string(n.Agreement), string(n.By)
	sealed, err := r.sealed(cell{signer.SealedUnder(), declineReason, agreement}, n.Reason)
	if err != nil {
		return err
	}
	return declineTable.add(ctx, tx, "that somebody declined agreement", agreement, declineRow{
		Agreement:    &agreement,
		ByPerson:     &by,
		At:           &n.At,
		ReasonSealed: sealed,
		Entry:        &n.Entry,
		EntryHash:    &n.EntryHash,
	})
}

// Agreement reads one.
func (r *Register) Agreement(ctx context.Context, tx *postgres.Tx, id article4.AgreementID) (Agreement, error) {
	row, err := agreementTable.one(ctx, tx, "agreement", string(id), `WHERE a.id = $1`, id)
	if err != nil {
		return Agreement{}, err
	}
	return r.toAgreement(row)
}

// AgreementsWith lists the texts put to one third party, newest first.
func (r *Register) AgreementsWith(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID) ([]Agreement,
	error) {
	return r.agreements(ctx, tx, `WHERE a.organisation = $1 ORDER BY a.proposed_at DESC, a.id DESC`, o)
}

// AgreementPage lists the newest first; an empty organisation means all (for the Parties).
func (r *Register) AgreementPage(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, afterAt time.Time,
	after article4.AgreementID, limit int) ([]Listed[Agreement], error) {
	rows, err := agreementTable.all(ctx, tx, "agreements", "", `WHERE ($1 = '' OR a.organisation = $1)
		AND ($3 = '' OR (a.proposed_at, a.id) < ($2, $3)) ORDER BY a.proposed_at DESC, a.id DESC LIMIT $4`,
		o, orNil(afterAt), after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toAgreement, func(row agreementRow) Place {
		return Place{row.ProposedAt, row.ID, article4.DocumentID(orEmpty(row.Document))}
	}), nil
}

func (r *Register) agreements(ctx context.Context, tx *postgres.Tx, rest string, args ...any) ([]Agreement, error) {
	rows, err := agreementTable.all(ctx, tx, "agreements", "", rest, args...)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toAgreement)
}
