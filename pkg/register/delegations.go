package register

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Delegation lets one official decide for a Party from one instant until another; of a third party it is a Mandate, by
// which one of its people decides and signs for it.
type Delegation struct {
	ID           article4.DelegationID
	Organisation article4.OrganisationID
	Subject      string                  // only for writing
	Name         string                  // of the holder, as the Party wrote it
	Function     string                  // of a Mandate: what the holder is there
	Authority    string                  // of a Mandate: by what the holder may decide and sign
	Keyset       article4.OrganisationID // under which these words are sealed; empty: the organisation's own
	Holders      article4.OrganisationID // only for writing: under which its people are sealed; empty: its own
	Acts         []article4.Act
	From         time.Time
	Until        time.Time
	Instrument   article4.Digest
	Digest       article4.Digest   // of the whole clause; named by the entries that rest on it
	EndedAt      time.Time         // zero while it was not ended before its term
	Entry        string            // of the filing; empty: as the Arrangement file says
	Holder       article4.PersonID // only from reading; empty until that official first signed in
}

type delegationRow struct {
	ID               string
	Organisation     string
	SubjectToken     []byte
	NameSealed       []byte
	FunctionSealed   []byte
	AuthoritySealed  []byte
	Acts             string
	ValidFrom        time.Time
	ValidUntil       time.Time
	InstrumentSHA256 string
	Digest           string
	EndedAt          *time.Time
	Entry            string
	EndedEntry       string
	Holder           *string
	Keyset           *string
}

var delegationTable = newTable[delegationRow](`delegation d JOIN organisation o ON o.id = d.organisation
	LEFT JOIN person p ON p.organisation = d.organisation AND p.issuer = o.issuer
		AND p.subject_token = d.subject_token`, map[string]string{"Holder": `p.id`})

func (r *Register) toDelegation(row delegationRow) (Delegation, error) {
	d := Delegation{
		ID:           article4.DelegationID(row.ID),
		Organisation: article4.OrganisationID(row.Organisation),
		From:         row.ValidFrom.UTC(),
		Until:        row.ValidUntil.UTC(),
		Instrument:   article4.Digest(row.InstrumentSHA256),
		Digest:       article4.Digest(row.Digest),
		EndedAt:      orZero(row.EndedAt),
		Entry:        row.Entry,
		Holder:       article4.PersonID(orEmpty(row.Holder)),
	}
	for act := range strings.SplitSeq(row.Acts, ",") {
		d.Acts = append(d.Acts, article4.Act(act))
	}
	d.Keyset = article4.OrganisationID(orEmpty(row.Keyset))
	for _, one := range d.sealedWords() {
		var err error
		if *one.text, err = r.open(one.cell, *one.in(&row)); err != nil {
			return d, err
		}
	}
	return d, nil
}

// sealedWord is one of the words of a Delegation, and where it stands sealed.
type sealedWord struct {
	cell cell
	text *string
	in   func(*delegationRow) *[]byte
}

func (d *Delegation) sealedWords() []sealedWord {
	of := func(column string) cell { return cell{d.keyset(), column, string(d.Digest)} }
	return []sealedWord{
		{of("delegation.name"), &d.Name, func(row *delegationRow) *[]byte { return &row.NameSealed }},
		{of("delegation.function"), &d.Function, func(row *delegationRow) *[]byte { return &row.FunctionSealed }},
		{of("delegation.authority"), &d.Authority, func(row *delegationRow) *[]byte { return &row.AuthoritySealed }},
	}
}

func (d *Delegation) keyset() article4.OrganisationID { return cmp.Or(d.Keyset, d.Organisation) }

// PutDelegation files a Delegation; one that stands already is left as it is, but for a name that was not kept before.
func (r *Register) PutDelegation(ctx context.Context, tx *postgres.Tx, d Delegation) error {
	token, err := Person{Organisation: d.Organisation, Subject: d.Subject, Keyset: d.Holders}.token(r)
	if err != nil {
		return err
	}
	acts := make([]string, len(d.Acts))
	for i, act := range d.Acts {
		acts[i] = string(act)
	}
	row := delegationRow{
		ID:               string(d.ID),
		Organisation:     string(d.Organisation),
		SubjectToken:     token,
		Acts:             strings.Join(acts, ","),
		ValidFrom:        d.From,
		ValidUntil:       d.Until,
		InstrumentSHA256: string(d.Instrument),
		Digest:           string(d.Digest),
		Entry:            d.Entry,
		Keyset:           emptyNil(string(d.Keyset)),
	}
	for _, one := range d.sealedWords() {
		if *one.in(&row), err = r.seal(one.cell, *one.text); err != nil {
			return err
		}
	}
	return delegationTable.add(ctx, tx, "delegation", string(d.ID), row, `ON CONFLICT ON CONSTRAINT delegation_filed_once DO UPDATE SET name_sealed = excluded.name_sealed
		WHERE d.name_sealed IS NULL`)
}

// EndDelegation ends one before its term. One that was ended already stays as it is, and is ErrNotFound.
func (r *Register) EndDelegation(ctx context.Context, tx *postgres.Tx, id article4.DelegationID, at time.Time,
	entry string) error {
	done := sql(ctx, tx).Exec(`UPDATE delegation SET ended_at = ?, ended_entry = ? WHERE id = ? AND ended_at IS NULL`,
		at, entry, id)
	if done.Error == nil && done.RowsAffected == 0 {
		return failed("delegation in force", string(id), ErrNotFound)
	}
	return failed("delegation", string(id), done.Error)
}

// Delegation reads one.
func (r *Register) Delegation(ctx context.Context, tx *postgres.Tx, id article4.DelegationID) (Delegation, error) {
	row, err := delegationTable.one(ctx, tx, "delegation", string(id), `WHERE d.id = $1`, id)
	if err != nil {
		return Delegation{}, err
	}
	return r.toDelegation(row)
}

// Delegations lists those of both Parties, in force or not, the newest first.
func (r *Register) Delegations(ctx context.Context, tx *postgres.Tx, afterFrom time.Time, after article4.DelegationID,
	limit int) ([]Delegation, error) {
	return r.delegations(ctx, tx, `WHERE o.kind = 'party' AND ($1 = '' OR (d.valid_from, d.id) < ($2, $1))
		ORDER BY d.valid_from DESC, d.id DESC LIMIT $3`, after, orNil(afterFrom), limit)
}

// MandatesOf lists those of one third party, in force or not, the newest first, at most limit.
func (r *Register) MandatesOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID,
	limit int) ([]Delegation, error) {
	return r.delegations(ctx, tx, `WHERE o.kind = 'third-party' AND d.organisation = $1
		ORDER BY d.valid_from DESC, d.id DESC LIMIT $2`, o, limit)
}

const delegationsOfPerson = `WHERE p.id = $1 ORDER BY d.valid_from DESC, d.id`

// DelegationsOf lists the Delegations of one person, newest first, in force or not.
func (r *Register) DelegationsOf(ctx context.Context, tx *postgres.Tx, p article4.PersonID) ([]Delegation, error) {
	return r.delegations(ctx, tx, delegationsOfPerson, p)
}

// DelegationsNamed finds Delegations by their digests.
func (r *Register) DelegationsNamed(ctx context.Context, tx *postgres.Tx,
	digests []article4.Digest) (map[article4.Digest]Delegation, error) {
	out := map[article4.Digest]Delegation{}
	if len(digests) == 0 {
		return out, nil
	}
	found, err := r.delegations(ctx, tx, `WHERE d.digest = ANY($1)`, digests)
	for _, d := range found {
		out[d.Digest] = d
	}
	return out, err
}

func (r *Register) delegations(ctx context.Context, tx *postgres.Tx, where string, args ...any) ([]Delegation, error) {
	rows, err := delegationTable.all(ctx, tx, "delegations", "", where, args...)
	if err != nil {
		return nil, err
	}
	return r.openedDelegations(rows), nil
}

// openedDelegations leaves out what does not open: it is not in force, and told by whoever reads the Records.
func (r *Register) openedDelegations(rows []delegationRow) []Delegation {
	out, _ := openedEach(rows, r.toDelegation)
	return out
}

// Covers reports whether the Delegation lets its holder do an act at an instant: from the first until its term or its
// end. What was decided while it was in force is not touched by its end.
func (d Delegation) Covers(act article4.Act, at time.Time) bool {
	return !at.Before(d.From) && at.Before(d.Until) && (d.EndedAt.IsZero() || at.Before(d.EndedAt)) &&
		slices.Contains(d.Acts, act)
}
