package register

import (
	"chancery.example/gateway/pkg/article4"
)

// text pairs one sealed column with its clear text, for both directions.
type text struct {
	column string
	sealed *[]byte
	clear  *string
}

func documentTexts(row *documentRow, d *Document) []text {
	return []text{
		{"document.title", &row.TitleSealed, &d.Title},
		{"document.purpose", &row.PurposeSealed, &d.Purpose},
		{"document.handling", &row.HandlingSealed, &d.Handling},
		{"document.alias", &row.AliasSealed, &d.Alias},
		{"document.regime", &row.RegimeSealed, &d.Regime},
		{"document.legal_basis", &row.LegalBasisSealed, &d.LegalBasis},
	}
}

func (r *Register) sealTexts(owner article4.OrganisationID, id string, texts []text) error {
	for _, t := range texts {
		sealed, err := r.seal(cell{owner, t.column, id}, *t.clear)
		if err != nil {
			return err
		}
		*t.sealed = sealed
	}
	return nil
}

func (r *Register) openTexts(owner article4.OrganisationID, id string, texts []text) error {
	for _, t := range texts {
		clear, err := r.open(cell{owner, t.column, id}, *t.sealed)
		if err != nil {
			return err
		}
		*t.clear = clear
	}
	return nil
}
