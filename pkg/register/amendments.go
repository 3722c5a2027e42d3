package register

import (
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Amend records what a document says of itself from now on: title, handling instruction, alias, whether the title is
// shown, countries, the day by which it is to be reviewed, and its purposes. Whatever else differs in next is left as
// it is. The row must be held by the caller.
func (r *Register) Amend(ctx context.Context, tx *postgres.Tx, d *Document, next Document) error {
	before := *d
	d.Title, d.Handling, d.Alias, d.ShowTitle = next.Title, next.Handling, next.Alias, next.ShowTitle
	d.Countries, d.ReviewBy, d.Purposes = next.Countries, next.ReviewBy, next.Purposes
	row, err := r.fromDocument(*d)
	if err != nil {
		return err
	}
	err = sql(ctx, tx).Exec(`UPDATE document SET title_sealed = ?, handling_sealed = ?, alias_sealed = ?,
		show_title = ?, countries = ?, review_by = ?, terms_sealed = ? WHERE id = ?`, row.TitleSealed,
		row.HandlingSealed, row.AliasSealed, d.ShowTitle, strings.Join(d.Countries, ","), row.ReviewBy,
		row.TermsSealed, d.ID).Error
	if err != nil {
		return failed("document", row.ID, err)
	}
	if err := r.amendPurposes(ctx, tx, before, *d); err != nil || d.Title == before.Title {
		return err
	}
	db := sql(ctx, tx)
	if err := db.Exec(`DELETE FROM document_word WHERE document = ?`, d.ID).Error; err != nil {
		return failed("words of document", row.ID, err)
	}
	return r.addWords(db, *d)
}

func (r *Register) amendPurposes(ctx context.Context, tx *postgres.Tx, before, after Document) error {
	db := sql(ctx, tx)
	for _, code := range before.Purposes {
		if slices.Contains(after.Purposes, code) {
			continue
		}
		err := db.Exec(`DELETE FROM document_purpose WHERE document = ? AND code = ?`, after.ID, code).Error
		if err != nil {
			return failed("purpose of document", string(after.ID), err)
		}
	}
	return addPurposes(db, after.ID, without(after.Purposes, before.Purposes...))
}

// RequestsFor lists the requests on a document for some purposes.
func (r *Register) RequestsFor(ctx context.Context, tx *postgres.Tx, id article4.DocumentID,
	purposes []article4.PurposeCode) ([]Request, error) {
	return r.requests(ctx, tx, "requests on", string(id), `WHERE q.document = $1 AND q.purpose = ANY($2)
		ORDER BY q.made_at, q.id`, id, purposes)
}
