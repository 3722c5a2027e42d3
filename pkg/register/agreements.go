package register

import (
	"context"
	"encoding/json"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Agreement is the frozen text of a Confidentiality Agreement put to one third party, and its signature if any.
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

	Signature *Signature
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

// AgreementPut is what a decision looks at of an agreement: which text, since when, and whether it was signed. It is
// read with each request for the organisation that the text was put to.
type AgreementPut struct {
	ID         article4.AgreementID    `json:"id"`
	ProposedBy article4.OrganisationID `json:"proposed_by"` // the Party that put it to the third party
	TextSHA    article4.Digest         `json:"text_sha256"`
	ProposedAt time.Time               `json:"proposed_at"`
	Signature  string                  `json:"signature,omitempty"` // hash of the signature's entry; empty: unsigned
	Proof      *SignatureProof         `json:"proof,omitempty"`     // nil: unsigned
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
	'keyset', COALESCE(o.keyset, o.id)) ORDER BY a.proposed_at DESC, a.id DESC)::text
	FROM agreement a JOIN organisation o ON o.id = a.organisation LEFT JOIN signature s ON s.agreement = a.id
	LEFT JOIN person p ON p.id = s.by_person AND s.evidence = 'oidc'
	WHERE a.organisation = q.beneficiary), '')`

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

	Signature signatureRow
	Keyset    string // under which the signature is sealed
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

var agreementTable = newTable[agreementRow](`agreement a JOIN organisation o ON o.id = a.organisation
	LEFT JOIN signature s ON s.agreement = a.id`,
	map[string]string{"Signature": `s`, "Keyset": `COALESCE(o.keyset, o.id)`})

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
	}
	var err error
	signed := row.Signature
	if a.Text, err = r.open(cell{a.ProposedByOrg, "agreement.text", row.ID}, row.TextSealed); err != nil ||
		signed.ByPerson == nil {
		return a, err
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

func signatureTexts(row *signatureRow, s *Signature) []text {
	return []text{
		{"signature.name", &row.NameSealed, &s.Name},
		{"signature.function", &row.FunctionSealed, &s.Function},
		{"signature.authority", &row.AuthoritySealed, &s.Authority},
		{"signature.text", &row.TextSealed, &s.Text},
		{"signature.evidence", &row.EvidenceSealed, &s.EvidenceText},
	}
}

// AddAgreement freezes a text; the same text twice for the same third party breaks agreement_text_is_frozen.
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
	after article4.AgreementID, limit int) ([]Agreement, error) {
	return r.agreements(ctx, tx, `WHERE ($1 = '' OR a.organisation = $1)
		AND ($3 = '' OR (a.proposed_at, a.id) < ($2, $3)) ORDER BY a.proposed_at DESC, a.id DESC LIMIT $4`,
		o, orNil(afterAt), after, limit)
}

func (r *Register) agreements(ctx context.Context, tx *postgres.Tx, rest string, args ...any) ([]Agreement, error) {
	rows, err := agreementTable.all(ctx, tx, "agreements", "", rest, args...)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toAgreement)
}
