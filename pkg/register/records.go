package register

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Records are the Arrangement's own: who there is, for what purposes, who is designated and who may decide. They change
// seldom and every decision looks at them, so they are kept beside the revision that they were read at. Each change of
// theirs gives the Arrangement's row another revision in the same transaction (triggers records_have_a_new_revision),
// and whoever has read that row behind its lock knows whether what is kept still stands.
type Records struct {
	Revision      string
	Parties       []Organisation // in the order of identifiers
	Purposes      []Purpose      // in the order of the instrument
	Designated    []article4.OrganisationID
	Altered       error // what is not among them since its row is not what the log says, or does not open; else nil
	organisations map[article4.OrganisationID]Organisation
	issuers       map[string]Organisation
	delegations   map[article4.Digest]Delegation
	holders       map[article4.Digest]string // of Delegations, as ledger.HolderOf has them; where the log says it
}

// Organisation finds one by its identifier.
func (r *Records) Organisation(id article4.OrganisationID) (Organisation, error) {
	o, ok := r.organisations[id]
	if !ok {
		return Organisation{}, failed("organisation", string(id), ErrNotFound)
	}
	return o, nil
}

// OfIssuer finds the one organisation that an issuer may speak for.
func (r *Records) OfIssuer(issuer string) (Organisation, error) {
	o, ok := r.issuers[issuer]
	if !ok {
		return Organisation{}, failed("issuer", issuer, ErrNotFound)
	}
	return o, nil
}

// Delegation finds one by its digest, as far as the log bears it out.
func (r *Records) Delegation(digest article4.Digest) (Delegation, bool) {
	d, ok := r.delegations[digest]
	return d, ok
}

// Records gives those of a revision that was read from the Arrangement's row in this transaction.
func (r *Register) Records(ctx context.Context, tx *postgres.Tx, revision string) (*Records, error) {
	if kept := r.records.Load(); kept != nil && kept.Revision == revision {
		return kept, nil
	}
	read, err := r.ReadRecords(ctx, tx)
	if err != nil {
		return nil, err
	}
	// Without a lock on the row they may have changed between two statements: then they serve this once.
	now, err := r.Arrangement(ctx, tx, Unlocked)
	if err != nil {
		return nil, err
	}
	if now.Revision == revision {
		read.Revision = revision
		r.records.Store(read)
	}
	return read, nil
}

// ReadRecords reads them as they stand in this transaction, its own changes included.
func (r *Register) ReadRecords(ctx context.Context, tx *postgres.Tx) (*Records, error) {
	all, err := r.organisations(ctx, tx, `ORDER BY o.id`)
	if err != nil {
		return nil, err
	}
	kept := keptRecords{Organisations: all}
	if kept.Purposes, err = r.Purposes(ctx, tx); err != nil {
		return nil, err
	}
	if kept.Designated, err = r.Designated(ctx, tx); err != nil {
		return nil, err
	}
	altered, err := r.borneOut(ctx, tx, &kept)
	if err != nil {
		return nil, err
	}
	out := kept.indexed()
	out.Altered = altered
	return out, nil
}

// keptRecords are the records as they can be written down.
type keptRecords struct {
	Revision      string
	Organisations []Organisation
	Purposes      []Purpose
	Designated    []article4.OrganisationID
	Delegations   []Delegation
	Holders       map[article4.Digest]string
}

func (k keptRecords) indexed() *Records {
	out := &Records{
		Revision:      k.Revision,
		Purposes:      k.Purposes,
		Designated:    k.Designated,
		organisations: map[article4.OrganisationID]Organisation{},
		issuers:       map[string]Organisation{},
		delegations:   map[article4.Digest]Delegation{},
		holders:       k.Holders,
	}
	for _, o := range k.Organisations {
		out.organisations[o.ID], out.issuers[o.Issuer] = o, o
		if o.Kind == article4.Party {
			out.Parties = append(out.Parties, o)
		}
	}
	for _, d := range k.Delegations {
		out.delegations[d.Digest] = d
	}
	return out
}

// MarshalJSON writes the records down, each in the order of its name, so that a decision on them can be taken again
// later.
func (r *Records) MarshalJSON() ([]byte, error) {
	k := keptRecords{Revision: r.Revision, Purposes: r.Purposes, Designated: r.Designated, Holders: r.holders}
	for _, id := range slices.Sorted(maps.Keys(r.organisations)) {
		k.Organisations = append(k.Organisations, r.organisations[id])
	}
	for _, digest := range slices.Sorted(maps.Keys(r.delegations)) {
		k.Delegations = append(k.Delegations, r.delegations[digest])
	}
	return json.Marshal(k)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Records) UnmarshalJSON(text []byte) error {
	var k keptRecords
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	*r = *k.indexed()
	return nil
}
