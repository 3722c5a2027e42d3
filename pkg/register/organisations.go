package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Organisation is a Party, a third party or the operator.
type Organisation struct {
	ID          article4.OrganisationID
	Short       string
	Name        string
	Kind        article4.OrganisationKind
	Type        string
	Country     string
	Issuer      string
	SignedOn    time.Time // of a Party; zero while unsigned
	ProposedBy  article4.OrganisationID
	ConfirmedBy article4.OrganisationID
	// of legal name, type, country and binding: a change suspends what named the old one
	Record article4.Digest
	Entry  string                  // of the recognition by both Parties; empty: as the Arrangement file says
	Keyset article4.OrganisationID // whose keyset seals the names of its people; empty: its own
}

// SealedUnder is whose keyset seals the names of its people.
func (o Organisation) SealedUnder() article4.OrganisationID {
	if o.Keyset == "" {
		return o.ID
	}
	return o.Keyset
}

type organisationRow struct {
	ID           string
	Short        string
	Name         string
	Kind         string
	Type         string
	Country      string
	Issuer       string
	SignedOn     *time.Time
	ProposedBy   *string
	ConfirmedBy  *string
	RecordSHA256 string
	Entry        string
	Keyset       *string
}

var organisationTable = newTable[organisationRow](`organisation o`, nil)

func (row organisationRow) to() Organisation {
	return Organisation{
		ID:          article4.OrganisationID(row.ID),
		Short:       row.Short,
		Name:        row.Name,
		Kind:        article4.OrganisationKind(row.Kind),
		Type:        row.Type,
		Country:     row.Country,
		Issuer:      row.Issuer,
		SignedOn:    orZero(row.SignedOn),
		ProposedBy:  article4.OrganisationID(orEmpty(row.ProposedBy)),
		ConfirmedBy: article4.OrganisationID(orEmpty(row.ConfirmedBy)),
		Record:      article4.Digest(row.RecordSHA256),
		Entry:       row.Entry,
		Keyset:      article4.OrganisationID(orEmpty(row.Keyset)),
	}
}

// PutOrganisation records an organisation, or what changed of it; whose keyset seals its people's names never changes.
// What the Arrangement file says leaves a record as it is that both Parties recognised since. Where its provider is
// another, what its people began under the one before ends: the same person would be a second one.
func (r *Register) PutOrganisation(ctx context.Context, tx *postgres.Tx, o Organisation) error {
	err := organisationTable.add(ctx, tx, "organisation", string(o.ID), organisationRow{
		ID:           string(o.ID),
		Short:        o.Short,
		Name:         o.Name,
		Kind:         string(o.Kind),
		Type:         o.Type,
		Country:      o.Country,
		Issuer:       o.Issuer,
		SignedOn:     orNil(o.SignedOn),
		ProposedBy:   emptyNil(string(o.ProposedBy)),
		ConfirmedBy:  emptyNil(string(o.ConfirmedBy)),
		RecordSHA256: string(o.Record),
		Entry:        o.Entry,
		Keyset:       emptyNil(string(o.Keyset)),
	}, `ON CONFLICT (id) DO UPDATE SET short = excluded.short, name = excluded.name, type = excluded.type,
		country = excluded.country, issuer = excluded.issuer, signed_on = excluded.signed_on,
		proposed_by = excluded.proposed_by, confirmed_by = excluded.confirmed_by,
		record_sha256 = excluded.record_sha256, entry = excluded.entry
		WHERE o.entry = '' OR excluded.entry <> ''`)
	if err != nil {
		return err
	}
	return failed("organisation", string(o.ID), sql(ctx, tx).Exec(`UPDATE pending SET ended_at = clock_timestamp()
		FROM person x, organisation o WHERE pending.ended_at IS NULL AND x.id = pending.by_person
		AND o.id = x.organisation AND o.id = ? AND x.issuer <> o.issuer`, o.ID).Error)
}

// Organisation finds one by its identifier.
func (r *Register) Organisation(ctx context.Context, tx *postgres.Tx, id article4.OrganisationID) (Organisation,
	error) {
	row, err := organisationTable.one(ctx, tx, "organisation", string(id), `WHERE o.id = $1`, id)
	return row.to(), err
}

// Organisations lists those after a given identifier, in the order of identifiers.
func (r *Register) Organisations(ctx context.Context, tx *postgres.Tx, after article4.OrganisationID,
	limit int) ([]Organisation, error) {
	return r.organisations(ctx, tx, `WHERE o.id > $1 ORDER BY o.id LIMIT $2`, after, limit)
}

// OrganisationsKnownTo lists, in the order of identifiers, what somebody who may know of no third party may know of:
// the two Parties and their own organisation.
func (r *Register) OrganisationsKnownTo(ctx context.Context, tx *postgres.Tx, own, after article4.OrganisationID,
	limit int) ([]Organisation, error) {
	return r.organisations(ctx, tx, `WHERE (o.kind = 'party' OR o.id = $1) AND o.id > $2 ORDER BY o.id LIMIT $3`, own,
		after, limit)
}

// Parties lists the two Parties in the order of identifiers.
func (r *Register) Parties(ctx context.Context, tx *postgres.Tx) ([]Organisation, error) {
	return r.organisations(ctx, tx, `WHERE o.kind = 'party' ORDER BY o.id`)
}

func (r *Register) organisations(ctx context.Context, tx *postgres.Tx, where string, args ...any) ([]Organisation,
	error) {
	rows, err := organisationTable.all(ctx, tx, "organisations", "", where, args...)
	out := make([]Organisation, len(rows))
	for i, row := range rows {
		out[i] = row.to()
	}
	return out, err
}

// OrganisationTaken reports whether a short name, or an issuer, stands for another organisation than the one given.
func (r *Register) OrganisationTaken(ctx context.Context, tx *postgres.Tx, id article4.OrganisationID, short,
	issuer string) (bool, error) {
	var taken bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM organisation WHERE id <> ? AND (short = ? OR issuer = ?))`,
		id, short, issuer).Scan(&taken).Error
	return taken, failed("organisation", string(id), err)
}
