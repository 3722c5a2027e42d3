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
	Entry     string
	EntryHash string
}

// AgreementPut is what a decision looks at of an agreement: which text, since when, and whether it was signed. It is
// read with each request for the organisation that the text was put to.
type AgreementPut struct {
	ID         article4.AgreementID    `json:"id"`
	ProposedBy article4.OrganisationID `json:"proposed_by"` // the Party that put it to the third party
	TextSHA    article4.Digest         `json:"text_sha256"`
	ProposedAt time.Time               `json:"proposed_at"`
	Signature  string                  `json:"signature,omitempty"` // hash of the signature's entry; empty: unsigned
}

// agreementsPut reads them beside a request q, as one value.
const agreementsPut = `COALESCE((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'proposed_by', a.proposed_by_org,
	'text_sha256', a.text_sha256, 'proposed_at', a.proposed_at,
	'signature', COALESCE(s.entry_hash, '')) ORDER BY a.proposed_at DESC, a.id DESC)::text
	FROM agreement a LEFT JOIN signature s ON s.agreement = a.id WHERE a.organisation = q.beneficiary), '')`

func toAgreementsPut(text string) ([]AgreementPut, error) {
	if text == "" {
		return nil, nil
	}
	var out []AgreementPut
	err := json.Unmarshal([]byte(text), &out)
	for i := range out {
		out[i].ProposedAt = out[i].ProposedAt.UTC()
	}
	return out, err
}

type agreementRow struct {
	ID            string
	Organisation  string
	ProposedBy    string
	ProposedByOrg string
	TextSealed    []byte
	TextSHA256    string `gorm:"column:text_sha256"`
	Document      *string
	ProposedAt    time.Time
	Entry         string
	EntryHash     string

	SBy              *string
	SAt              *time.Time
	SNameSealed      []byte
	SFunctionSealed  []byte
	SAuthoritySealed []byte
	SEntry           *string
	SEntryHash       *string
	Keyset           string
}

const agreementSelect = `SELECT a.*, s.by_person AS s_by, s.at AS s_at, s.name_sealed AS s_name_sealed,
	s.function_sealed AS s_function_sealed,
	s.authority_sealed AS s_authority_sealed, s.entry AS s_entry, s.entry_hash AS s_entry_hash, COALESCE(o.keyset, o.id)
		AS keyset
	FROM agreement a JOIN organisation o ON o.id = a.organisation LEFT JOIN signature s ON s.agreement = a.id `

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
	if a.Text, err = r.open(cell{a.ProposedByOrg, "agreement.text", row.ID}, row.TextSealed); err != nil ||
		row.SBy == nil {
		return a, err
	}
	s := Signature{Agreement: a.ID, By: article4.PersonID(*row.SBy), At: orZero(row.SAt), Entry: orEmpty(row.SEntry),
		EntryHash: orEmpty(row.SEntryHash)}
	a.Signature = &s
	return a, r.openTexts(article4.OrganisationID(row.Keyset), row.ID, signatureTexts(&row, &s))
}

func signatureTexts(row *agreementRow, s *Signature) []text {
	return []text{
		{"signature.name", &row.SNameSealed, &s.Name},
		{"signature.function", &row.SFunctionSealed, &s.Function},
		{"signature.authority", &row.SAuthoritySealed, &s.Authority},
	}
}

// AddAgreement freezes a text; the same text twice for the same third party breaks agreement_text_is_frozen.
func (r *Register) AddAgreement(ctx context.Context, tx *postgres.Tx, a Agreement) error {
	sealed, err := r.sealed(cell{a.ProposedByOrg, "agreement.text", string(a.ID)}, a.Text)
	if err != nil {
		return err
	}
	return failed("agreement", string(a.ID), sql(ctx, tx).Exec(`INSERT INTO agreement
		(id, organisation, proposed_by, proposed_by_org, text_sealed, text_sha256, document, proposed_at, entry,
			entry_hash)
		VALUES (?,?,?,?,?,?,?,?,?,?)`, a.ID, a.Organisation, a.ProposedBy, a.ProposedByOrg, sealed, a.TextSHA,
		emptyNil(string(a.Document)), a.ProposedAt, a.Entry, a.EntryHash).Error)
}

// AddSignature records the one signature; a second breaks the primary key.
func (r *Register) AddSignature(ctx context.Context, tx *postgres.Tx, signer Organisation, s Signature) error {
	var row agreementRow
	if err := r.sealTexts(signer.SealedUnder(), string(s.Agreement), signatureTexts(&row, &s)); err != nil {
		return err
	}
	return failed("signature under", string(s.Agreement), sql(ctx, tx).Exec(`INSERT INTO signature
		(agreement, by_person, at, name_sealed, function_sealed, authority_sealed, entry, entry_hash) VALUES
		(?,?,?,?,?,?,?,?)`,
		s.Agreement, s.By, s.At, row.SNameSealed, row.SFunctionSealed, row.SAuthoritySealed, s.Entry,
		s.EntryHash).Error)
}

// Agreement reads one.
func (r *Register) Agreement(ctx context.Context, tx *postgres.Tx, id article4.AgreementID) (Agreement, error) {
	var row agreementRow
	if err := one(sql(ctx, tx).Raw(agreementSelect+`WHERE a.id = ?`, id), &row, "agreement", string(id)); err != nil {
		return Agreement{}, err
	}
	return r.toAgreement(row)
}

// AgreementsWith lists the texts put to one third party, newest first.
func (r *Register) AgreementsWith(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID) ([]Agreement,
	error) {
	return r.agreements(ctx, tx, agreementSelect+`WHERE a.organisation = ? ORDER BY a.proposed_at DESC, a.id DESC`, o)
}

// AgreementPage lists the newest first; an empty organisation means all (for the Parties).
func (r *Register) AgreementPage(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, afterAt time.Time,
	after article4.AgreementID, limit int) ([]Agreement, error) {
	return r.agreements(ctx, tx, agreementSelect+
		`WHERE (? = '' OR a.organisation = ?) AND (? = '' OR (a.proposed_at, a.id) < (?, ?))
		ORDER BY a.proposed_at DESC, a.id DESC LIMIT ?`, o, o, after, orNil(afterAt), after, limit)
}

func (r *Register) agreements(ctx context.Context, tx *postgres.Tx, query string, args ...any) ([]Agreement, error) {
	var rows []agreementRow
	if err := sql(ctx, tx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, failed("agreements", "", err)
	}
	out := make([]Agreement, len(rows))
	for i, row := range rows {
		a, err := r.toAgreement(row)
		if err != nil {
			return nil, err
		}
		out[i] = a
	}
	return out, nil
}
