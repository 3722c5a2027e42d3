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
	Machine      bool                    // a machine client, as its last token said
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
	SubjectToken  []byte
	SubjectSealed []byte
	NameSealed    []byte
	FirstSeen     time.Time
	Machine       bool
	Keyset        string
}

var personTable = newTable[personRow](`person p JOIN organisation o ON o.id = p.organisation`,
	map[string]string{"Keyset": `COALESCE(o.keyset, o.id)`})

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
		Machine:      row.Machine,
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
	row, err := personTable.one(ctx, tx, "person of", string(p.Organisation),
		`WHERE p.issuer = $1 AND p.subject_token = $2 AND p.organisation = $3`, p.Issuer, token, p.Organisation)
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
	err = personTable.add(ctx, tx, "person", string(p.ID), personRow{
		ID:            string(p.ID),
		Organisation:  string(p.Organisation),
		Issuer:        p.Issuer,
		SubjectToken:  token,
		SubjectSealed: subject,
		NameSealed:    name,
		FirstSeen:     at,
		Machine:       p.Machine,
	}, `ON CONFLICT ON CONSTRAINT person_is_issuer_and_subject DO NOTHING`)
	if err != nil {
		return Person{}, err
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

// SetMachine records whether somebody is a machine client, as their token now says.
func (r *Register) SetMachine(ctx context.Context, tx *postgres.Tx, p Person) error {
	return failed("person", string(p.ID),
		sql(ctx, tx).Exec(`UPDATE person SET machine = ? WHERE id = ?`, p.Machine, p.ID).Error)
}

// People finds several by identifier; unknown ones are left out.
func (r *Register) People(ctx context.Context, tx *postgres.Tx, ids []article4.PersonID) ([]Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := personTable.all(ctx, tx, "people", "", `WHERE p.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toPerson)
}

// HasPeople reports whether somebody of an organisation has ever signed in.
func (r *Register) HasPeople(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID) (bool, error) {
	var found bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM person WHERE organisation = ?)`, o).Scan(&found).Error
	return found, failed("people of", string(o), err)
}

// PeopleOf lists an organisation's people after a given identifier.
func (r *Register) PeopleOf(ctx context.Context, tx *postgres.Tx, o article4.OrganisationID, after article4.PersonID,
	limit int) ([]Listed[Person], error) {
	rows, err := personTable.all(ctx, tx, "people of", string(o),
		`WHERE p.organisation = $1 AND p.id > $2 ORDER BY p.id LIMIT $3`, o, after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toPerson, placeOfPerson), nil
}

func placeOfPerson(row personRow) Place { return Place{ID: row.ID} }

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
	SubjectToken []byte
	NameSealed   []byte
	DesignatedOn time.Time
	Entry        string
	Person       *string
}

var focalPointTable = newTable[focalPointRow](`focal_point f LEFT JOIN person p
	ON p.organisation = f.organisation AND p.subject_token = f.subject_token`, map[string]string{"Person": `p.id`})

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
	return focalPointTable.add(ctx, tx, "focal point of", string(f.Organisation), focalPointRow{
		Organisation: string(f.Organisation),
		SubjectToken: token,
		NameSealed:   name,
		DesignatedOn: f.DesignatedOn,
		Entry:        f.Entry,
	}, `ON CONFLICT (organisation) DO UPDATE SET subject_token = excluded.subject_token,
		name_sealed = excluded.name_sealed, designated_on = excluded.designated_on, entry = excluded.entry
		WHERE f.entry = '' OR excluded.entry <> ''`)
}

// FocalPoints lists those designated.
func (r *Register) FocalPoints(ctx context.Context, tx *postgres.Tx) ([]FocalPoint, error) {
	rows, err := focalPointTable.all(ctx, tx, "focal points", "", `ORDER BY f.organisation`)
	if err != nil {
		return nil, err
	}
	return opened(rows, func(row focalPointRow) (FocalPoint, error) {
		f := FocalPoint{Organisation: article4.OrganisationID(row.Organisation), DesignatedOn: row.DesignatedOn.UTC(),
			Person: article4.PersonID(orEmpty(row.Person))}
		var err error
		f.Name, err = r.open(cell{f.Organisation, "focal_point.name", row.Organisation}, row.NameSealed)
		return f, err
	})
}

// Designated lists the organisations that have a focal point.
func (r *Register) Designated(ctx context.Context, tx *postgres.Tx) ([]article4.OrganisationID, error) {
	var out []article4.OrganisationID
	err := sql(ctx, tx).Raw(`SELECT organisation FROM focal_point ORDER BY organisation`).Scan(&out).Error
	return out, failed("focal points", "", err)
}
