package register

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Person is who is behind a random identifier.
type Person struct {
	ID           article4.PersonID
	Organisation article4.OrganisationID
	Issuer       string
	Subject      string
	Name         string
}

type personRow struct {
	ID            string
	Organisation  string
	Issuer        string
	SubjectSealed []byte
	NameSealed    []byte
}

const personColumns = `id, organisation, issuer, subject_sealed, name_sealed`

func (r *Register) toPerson(row personRow) (Person, error) {
	owner := article4.OrganisationID(row.Organisation)
	subject, err := r.open(cell{owner, "person.subject", row.ID}, row.SubjectSealed)
	if err != nil {
		return Person{}, err
	}
	name, err := r.open(cell{owner, "person.name", row.ID}, row.NameSealed)
	return Person{ID: article4.PersonID(row.ID), Organisation: owner, Issuer: row.Issuer, Subject: subject, Name: name}, err
}

// subjectToken finds a person again without keeping the subject in clear: it may be an e-mail address.
func (r *Register) subjectToken(o article4.OrganisationID, subject string) ([]byte, error) {
	token, err := r.sealer.Token(string(o), "subject|"+subject)
	if err != nil {
		return nil, fmt.Errorf("subject of %s: %w: %w", o, ErrKeys, err)
	}
	return token, nil
}

// PersonOf finds (issuer, subject) of an organisation.
func (r *Register) PersonOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, issuer, subject string) (Person, error) {
	token, err := r.subjectToken(o, subject)
	if err != nil {
		return Person{}, err
	}
	var row personRow
	err = one(sql(ctx, tx).Raw(`SELECT `+personColumns+` FROM person WHERE issuer = ? AND subject_token = ? AND organisation = ?`,
		issuer, token, o), &row, "person of", string(o))
	if err != nil {
		return Person{}, err
	}
	return r.toPerson(row)
}

// Meet finds (issuer, subject), or records somebody who signs in for the first time.
// A person whom two replicas meet at once becomes one.
func (r *Register) Meet(ctx context.Context, tx *postgres.Tx, p Person, at time.Time) (Person, error) {
	known, err := r.PersonOf(ctx, tx, p.Organisation, p.Issuer, p.Subject)
	if !errors.Is(err, ErrNotFound) {
		return known, err
	}
	p.ID = article4.PersonID(NewID("per_"))
	token, err := r.subjectToken(p.Organisation, p.Subject)
	if err != nil {
		return Person{}, err
	}
	subject, err := r.sealed(cell{p.Organisation, "person.subject", string(p.ID)}, p.Subject)
	if err != nil {
		return Person{}, err
	}
	name, err := r.sealed(cell{p.Organisation, "person.name", string(p.ID)}, p.Name)
	if err != nil {
		return Person{}, err
	}
	err = sql(ctx, tx).Exec(`INSERT INTO person (id, organisation, issuer, subject_token, subject_sealed, name_sealed, first_seen)
		VALUES (?,?,?,?,?,?,?) ON CONFLICT ON CONSTRAINT person_is_issuer_and_subject DO NOTHING`,
		p.ID, p.Organisation, p.Issuer, token, subject, name, at).Error
	if err != nil {
		return Person{}, failed("person", string(p.ID), err)
	}
	return r.PersonOf(ctx, tx, p.Organisation, p.Issuer, p.Subject)
}

// Rename records the name that a person's identity provider now tells.
func (r *Register) Rename(ctx context.Context, tx *postgres.Tx, p Person) error {
	name, err := r.sealed(cell{p.Organisation, "person.name", string(p.ID)}, p.Name)
	if err != nil {
		return err
	}
	return failed("person", string(p.ID), sql(ctx, tx).Exec(`UPDATE person SET name_sealed = ? WHERE id = ?`, name, p.ID).Error)
}

// People finds several by identifier; unknown ones are left out.
func (r *Register) People(ctx context.Context, tx *postgres.Tx, ids []article4.PersonID) ([]Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []personRow
	err := sql(ctx, tx).Raw(`SELECT `+personColumns+` FROM person WHERE id IN ?`, ids).Scan(&rows).Error
	if err != nil {
		return nil, failed("people", "", err)
	}
	return r.toPeople(rows)
}

// PeopleOf lists an organisation's people after a given identifier.
func (r *Register) PeopleOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, after article4.PersonID, limit int) ([]Person, error) {
	var rows []personRow
	err := sql(ctx, tx).Raw(`SELECT `+personColumns+` FROM person WHERE organisation = ? AND id > ? ORDER BY id LIMIT ?`,
		o, after, limit).Scan(&rows).Error
	if err != nil {
		return nil, failed("people of", string(o), err)
	}
	return r.toPeople(rows)
}

func (r *Register) toPeople(rows []personRow) ([]Person, error) {
	out := make([]Person, len(rows))
	for i, row := range rows {
		p, err := r.toPerson(row)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

// FocalPoint is the official whom a Party designated (Article 5(3)).
type FocalPoint struct {
	Organisation article4.OrganisationID
	Subject      string // only for writing
	Name         string
	DesignatedOn time.Time
	Person       article4.PersonID // empty until that official first signed in
}

type focalPointRow struct {
	Organisation string
	NameSealed   []byte
	DesignatedOn time.Time
	Person       *string
}

// PutFocalPoint records a Party's focal point.
func (r *Register) PutFocalPoint(ctx context.Context, tx *postgres.Tx, f FocalPoint) error {
	token, err := r.subjectToken(f.Organisation, f.Subject)
	if err != nil {
		return err
	}
	name, err := r.sealed(cell{f.Organisation, "focal_point.name", string(f.Organisation)}, f.Name)
	if err != nil {
		return err
	}
	return failed("focal point of", string(f.Organisation), sql(ctx, tx).Exec(`
		INSERT INTO focal_point (organisation, subject_token, name_sealed, designated_on) VALUES (?,?,?,?)
		ON CONFLICT (organisation) DO UPDATE SET subject_token = excluded.subject_token, name_sealed = excluded.name_sealed,
			designated_on = excluded.designated_on`, f.Organisation, token, name, f.DesignatedOn).Error)
}

// FocalPoints lists those designated.
func (r *Register) FocalPoints(ctx context.Context, tx *postgres.Tx) ([]FocalPoint, error) {
	var rows []focalPointRow
	err := sql(ctx, tx).Raw(`SELECT f.organisation, f.name_sealed, f.designated_on, p.id AS person
		FROM focal_point f LEFT JOIN person p ON p.organisation = f.organisation AND p.subject_token = f.subject_token
		ORDER BY f.organisation`).Scan(&rows).Error
	if err != nil {
		return nil, failed("focal points", "", err)
	}
	out := make([]FocalPoint, len(rows))
	for i, row := range rows {
		name, err := r.open(cell{article4.OrganisationID(row.Organisation), "focal_point.name", row.Organisation}, row.NameSealed)
		if err != nil {
			return nil, err
		}
		out[i] = FocalPoint{Organisation: article4.OrganisationID(row.Organisation), Name: name,
			DesignatedOn: row.DesignatedOn.UTC(), Person: article4.PersonID(orEmpty(row.Person))}
	}
	return out, nil
}

// Designated lists the organisations that have a focal point.
func (r *Register) Designated(ctx context.Context, tx *postgres.Tx) ([]article4.OrganisationID, error) {
	var out []article4.OrganisationID
	err := sql(ctx, tx).Raw(`SELECT organisation FROM focal_point ORDER BY organisation`).Scan(&out).Error
	return out, failed("focal points", "", err)
}

// Delegation lets one official decide for a Party from one instant until another.
type Delegation struct {
	ID           article4.DelegationID
	Organisation article4.OrganisationID
	Subject      string // only for writing
	Acts         []article4.Act
	From         time.Time
	Until        time.Time
	Instrument   article4.Digest
	Digest       article4.Digest // of the whole clause; named by the entries that rest on it
}

type delegationRow struct {
	ID               string
	Organisation     string
	Acts             string
	ValidFrom        time.Time
	ValidUntil       time.Time
	InstrumentSHA256 string `gorm:"column:instrument_sha256"`
	Digest           string
}

func (row delegationRow) to() Delegation {
	d := Delegation{ID: article4.DelegationID(row.ID), Organisation: article4.OrganisationID(row.Organisation),
		From: row.ValidFrom.UTC(), Until: row.ValidUntil.UTC(), Instrument: article4.Digest(row.InstrumentSHA256), Digest: article4.Digest(row.Digest)}
	for act := range strings.SplitSeq(row.Acts, ",") {
		d.Acts = append(d.Acts, article4.Act(act))
	}
	return d
}

// PutDelegation files a Delegation; one that stands already is left as it is.
func (r *Register) PutDelegation(ctx context.Context, tx *postgres.Tx, d Delegation) error {
	token, err := r.subjectToken(d.Organisation, d.Subject)
	if err != nil {
		return err
	}
	acts := make([]string, len(d.Acts))
	for i, act := range d.Acts {
		acts[i] = string(act)
	}
	return failed("delegation", string(d.ID), sql(ctx, tx).Exec(`
		INSERT INTO delegation (id, organisation, subject_token, acts, valid_from, valid_until, instrument_sha256, digest)
		VALUES (?,?,?,?,?,?,?,?) ON CONFLICT ON CONSTRAINT delegation_filed_once DO NOTHING`,
		d.ID, d.Organisation, token, strings.Join(acts, ","), d.From, d.Until, d.Instrument, d.Digest).Error)
}

// DelegationsOf lists the Delegations of one person, newest first, in force or not.
func (r *Register) DelegationsOf(ctx context.Context, tx *postgres.Tx, p article4.PersonID) ([]Delegation, error) {
	var rows []delegationRow
	err := sql(ctx, tx).Raw(`SELECT d.id, d.organisation, d.acts, d.valid_from, d.valid_until, d.instrument_sha256, d.digest
		FROM delegation d JOIN person p ON p.organisation = d.organisation AND p.subject_token = d.subject_token
		WHERE p.id = ? ORDER BY d.valid_from DESC, d.id`, p).Scan(&rows).Error
	out := make([]Delegation, len(rows))
	for i, row := range rows {
		out[i] = row.to()
	}
	return out, failed("delegations of", string(p), err)
}

// DelegationsNamed finds Delegations by their digests.
func (r *Register) DelegationsNamed(ctx context.Context, tx *postgres.Tx, digests []article4.Digest) (map[article4.Digest]Delegation, error) {
	out := map[article4.Digest]Delegation{}
	if len(digests) == 0 {
		return out, nil
	}
	var rows []delegationRow
	err := sql(ctx, tx).Raw(`SELECT id, organisation, acts, valid_from, valid_until, instrument_sha256, digest
		FROM delegation WHERE digest IN ?`, digests).Scan(&rows).Error
	for _, row := range rows {
		out[article4.Digest(row.Digest)] = row.to()
	}
	return out, failed("delegations", "", err)
}

// Covers reports whether the Delegation lets its holder do an act at an instant.
func (d Delegation) Covers(act article4.Act, at time.Time) bool {
	return !at.Before(d.From) && at.Before(d.Until) && slices.Contains(d.Acts, act)
}
