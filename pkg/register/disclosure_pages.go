package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// ShowPage records that a page of a disclosure is about to be shown; ErrNotFound when the disclosure was closed
// meanwhile. It waits for whoever looks whether to close it.
func (r *Register) ShowPage(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID, page int,
	at time.Time) error {
	var open bool
	err := sql(ctx, tx).Raw(`SELECT true FROM disclosure WHERE id = ? AND closed_at IS NULL FOR KEY SHARE`,
		id).Scan(&open).Error
	if err == nil && !open {
		return fmt.Errorf("open disclosure %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return failed("disclosure", string(id), err)
	}
	return failed("page of", string(id), sql(ctx, tx).Exec(`INSERT INTO page_shown (disclosure, page, shown_at)
		VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, id, page, at).Error)
}

// PagesShown are the pages that were shown of a disclosure, in their order, and when the first one was.
func (r *Register) PagesShown(ctx context.Context, tx *postgres.Tx, id article4.DisclosureID) (pages []int,
	first time.Time, err error) {
	var rows []struct {
		Page    int
		ShownAt time.Time
	}
	err = sql(ctx, tx).Raw(`SELECT page, shown_at FROM page_shown WHERE disclosure = ? ORDER BY page`,
		id).Scan(&rows).Error
	for _, row := range rows {
		pages = append(pages, row.Page)
		if at := row.ShownAt.UTC(); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return pages, first, failed("pages of", string(id), err)
}
