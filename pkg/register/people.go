package register

import (
	"context"
	"errors"
	"fmt"
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
	Keyset       article4.OrganisationID // under which subject and name are sealed; empty: the organisation's own
}

// keyset is whose keyset seals the person.
func (p Person) keyset() article4.OrganisationID {
	if p.Keyset == "" {
		return p.Organisation
	}
	return p.Keyset
}

type personRow struct {
	ID            string
	Organisation  string
	Issuer        string
	SubjectSealed []byte
	NameSealed    []byte
	Keyset        string
}

const personSelect = `SELECT p.id, p.organisation, p.issuer, p.subject_sealed, p.name_sealed, COALESCE(o.keyset, o.id)
	AS keyset
	FROM person p JOIN organisation o ON o.id = p.organisation `

func (r *Register) toPerson(row personRow) (Person, error) {
	keyset := article4.OrganisationID(row.Keyset)
	subject, err := r.open(cell{keyset, "person.subject", row.ID}, row.SubjectSealed)
	if err != nil {
		return Person{}, err
	}
	name, err := r.open(cell{keyset, "person.name", row.ID}, row.NameSealed)
	return Person{
		ID:           article4.PersonID(row.ID),
		Organisation: article4.OrganisationID(row.Organisation),
		Issuer:       row.Issuer,
		Subject:      subject,
		Name:         name,
		Keyset:       keyset,
	}, err
}

// token finds a person again without keeping the subject in clear: it may be an e-mail address. Under another
// organisation's keyset it tells the same subject of two organisations apart.
func (p Person) token(r *Register) ([]byte, error) {
	if p.keyset() == p.Organisation {
		return r.subjectToken(p.Organisation, p.Subject)
	}
	return r.subjectToken(p.keyset(), string(p.Organisation)+"|"+p.Subject)
}

func (r *Register) subjectToken(o article4.OrganisationID, subject string) ([]byte, error) {
	token, err := r.sealer.Token(string(o), "subject|"+subject)
	if err != nil {
		return nil, fmt.Errorf("subject of %s: %w: %w", o, ErrKeys, err)
	}
	return token, nil
}

// PersonOf finds (issuer, subject) of an organisation.
func (r *Register) PersonOf(ctx context.Context, tx *postgres.Tx, p Person) (Person, error) {
	token, err := p.token(r)
	if err != nil {
		return Person{}, err
	}
	var row personRow
	err = one(sql(ctx, tx).Raw(personSelect+`WHERE p.issuer = ? AND p.subject_token = ? AND p.organisation = ?`,
		p.Issuer, token, p.Organisation), &row, "person of", string(p.Organisation))
	if err != nil {
		return Person{}, err
	}
	found, err := r.toPerson(row)
	if err == nil && found.Subject != p.Subject { // the token was moved: somebody would be taken for somebody else
		err = fmt.Errorf("subject of %s: %w", found.ID, ErrAltered)
	}
	return found, err
}

// Meet finds (issuer, subject), or records somebody who signs in for the first time.
// A person whom two replicas meet at once becomes one.
func (r *Register) Meet(ctx context.Context, tx *postgres.Tx, p Person, at time.Time) (Person, error) {
	known, err := r.PersonOf(ctx, tx, p)
	if !errors.Is(err, ErrNotFound) {
		return known, err
	}
	p.ID = article4.PersonID(NewID("per_"))
	token, err := p.token(r)
	if err != nil {
		return Person{}, err
	}
	subject, err := r.sealed(cell{p.keyset(), "person.subject", string(p.ID)}, p.Subject)
	if err != nil {
		return Person{}, err
	}
	name, err := r.sealed(cell{p.keyset(), "person.name", string(p.ID)}, p.Name)
	if err != nil {
		return Person{}, err
	}
	err = sql(ctx, tx).Exec(`INSERT INTO person (id, organisation, issuer, subject_token, subject_sealed, name_sealed,
		first_seen)
		VALUES (?,?,?,?,?,?,?) ON CONFLICT ON CONSTRAINT person_is_issuer_and_subject DO NOTHING`,
		p.ID, p.Organisation, p.Issuer, token, subject, name, at).Error
	if err != nil {
		return Person{}, failed("person", string(p.ID), err)
	}
	return r.PersonOf(ctx, tx, p)
}

// Rename records the name that a person's identity provider now tells.
func (r *Register) Rename(ctx context.Context, tx *postgres.Tx, p Person) error {
	name, err := r.sealed(cell{p.keyset(), "person.name", string(p.ID)}, p.Name)
	if err != nil {
		return err
	}
	return failed("person", string(p.ID),
		sql(ctx, tx).Exec(`UPDATE person SET name_sealed = ? WHERE id = ?`, name, p.ID).Error)
}

// People finds several by identifier; unknown ones are left out.
func (r *Register) People(ctx context.Context, tx *postgres.Tx, ids []article4.PersonID) ([]Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []personRow
	err := sql(ctx, tx).Raw(personSelect+`WHERE p.id IN ?`, ids).Scan(&rows).Error
	if err != nil {
		return nil, failed("people", "", err)
	}
	return r.toPeople(rows)
}

// HasPeople reports whether somebody of an organisation has ever signed in.
func (r *Register) HasPeople(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID) (bool, error) {
	var found bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM person WHERE organisation = ?)`, o).Scan(&found).Error
	return found, failed("people of", string(o), err)
}

// PeopleOf lists an organisation's people after a given identifier.
func (r *Register) PeopleOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, after article4.PersonID,
	limit int) ([]Person, error) {
	var rows []personRow
	err := sql(ctx, tx).Raw(personSelect+`WHERE p.organisation = ? AND p.id > ? ORDER BY p.id LIMIT ?`,
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
	Entry        string            // of the designation; empty: as the Arrangement file says
}

type focalPointRow struct {
	Organisation string
	NameSealed   []byte
	DesignatedOn time.Time
	Person       *string
}

// PutFocalPoint records a Party's focal point. What the Arrangement file says leaves a later designation as it is.
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
		INSERT INTO focal_point (organisation, subject_token, name_sealed, designated_on, entry) VALUES (?,?,?,?,?)
		ON CONFLICT (organisation) DO UPDATE SET subject_token = excluded.subject_token, name_sealed =
			excluded.name_sealed,
			designated_on = excluded.designated_on, entry = excluded.entry
		WHERE focal_point.entry = '' OR excluded.entry <> ''`, f.Organisation, token, name, f.DesignatedOn,
		f.Entry).Error)
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
		name, err := r.open(cell{article4.OrganisationID(row.Organisation), "focal_point.name", row.Organisation},
			row.NameSealed)
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
