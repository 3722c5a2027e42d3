package register

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// sealedSample is a value that was sealed under an organisation's keyset.
type sealedSample struct {
	Keyset string
	Place  string // "person.name", "delegation.name"
	Row    string
	Sealed []byte
}

// ForeignKeyset is the first organisation of whose sealed words its keyset opens none: another keyset stands in the
// place of the one that they were sealed under. It is empty when all fit. One value that does not open beside others
// that do is damage to that value, and is found when it is read.
func (r *Register) ForeignKeyset(ctx context.Context, tx *postgres.Tx) (article4.OrganisationID, error) {
	// A few of each organisation: the oldest, and the newest.
	var samples []sealedSample
	err := sql(ctx, tx).Raw(`WITH sealed (keyset, place, row, sealed, at) AS (
			SELECT COALESCE(o.keyset, o.id), 'person.name', p.id, p.name_sealed, p.first_seen FROM person p JOIN
				organisation o ON o.id = p.organisation
			WHERE octet_length(p.name_sealed) > 0
			UNION ALL SELECT COALESCE(d.keyset, d.organisation), 'delegation.name', d.digest, d.name_sealed,
				d.valid_from FROM delegation d
				WHERE d.name_sealed IS NOT NULL),
		ranked AS (SELECT *, row_number() OVER (PARTITION BY keyset, place ORDER BY at, row) AS first,
			row_number() OVER (PARTITION BY keyset, place ORDER BY at DESC, row) AS last FROM sealed)
		SELECT keyset, place, row, sealed FROM ranked WHERE first <= 3 OR last <= 3 ORDER BY keyset, place, row`).Scan(
		&samples).Error
	if err != nil {
		return "", fmt.Errorf("keysets: %w", err)
	}
	opened, tried, at := 0, 0, ""
	for _, s := range append(samples, sealedSample{}) { // the last one closes the row of organisations
		if s.Keyset != at {
			if tried > 0 && opened == 0 {
				return article4.OrganisationID(at), nil
			}
			opened, tried, at = 0, 0, s.Keyset
		}
		tried++
		if _, err := r.open(cell{article4.OrganisationID(s.Keyset), s.Place, s.Row}, s.Sealed); err == nil {
			opened++
		}
	}
	return "", nil
}
