package register

import (
	"context"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Office is a desk of a Party that the other may address.
type Office struct {
	ID           string
	Organisation article4.OrganisationID
	Name         string
	By           article4.PersonID
	At           time.Time
	Entry        string
	Members      []article4.PersonID // who sits there now; only from reading
}

// AddOffice records one; a second of the same name in a Party violates one_office_of_a_name_in_a_party.
func (r *Register) AddOffice(ctx context.Context, tx *postgres.Tx, o Office) error {
	return failed("office", o.ID, sql(ctx, tx).Exec(`INSERT INTO office (id, organisation, name, by_person, at, entry)
		VALUES (?,?,?,?,?,?)`, o.ID, o.Organisation, o.Name, o.By, o.At, o.Entry).Error)
}

// Seat lets people sit at an office, or ends that; once is enough.
func (r *Register) Seat(ctx context.Context, tx *postgres.Tx, office string, people []article4.PersonID, sits bool,
	at time.Time, entry string) error {
	for _, p := range people {
		statement := `UPDATE office_member SET ended_at = @at, ended_entry = @entry
			WHERE office = @office AND person = @person AND ended_at IS NULL`
		if sits {
			statement = `INSERT INTO office_member (office, person, at, entry) VALUES (@office, @person, @at, @entry)
				ON CONFLICT DO NOTHING`
		}
		err := sql(ctx, tx).Exec(statement, map[string]any{"office": office, "person": p, "at": at,
			"entry": entry}).Error
		if err != nil {
			return failed("office", office, err)
		}
	}
	return nil
}

// Office reads one with who sits there.
func (r *Register) Office(ctx context.Context, tx *postgres.Tx, id string) (Office, error) {
	found, err := r.offices(ctx, tx, `WHERE o.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = failed("office", id, ErrNotFound)
	}
	if err != nil {
		return Office{}, err
	}
	return found[0], nil
}

// Offices lists those of both Parties behind an identifier.
func (r *Register) Offices(ctx context.Context, tx *postgres.Tx, after string, limit int) ([]Office, error) {
	return r.offices(ctx, tx, `WHERE o.id > ? ORDER BY o.id LIMIT ?`, after, limit)
}

func (r *Register) offices(ctx context.Context, tx *postgres.Tx, where string, args ...any) ([]Office, error) {
	var rows []struct {
		ID, Organisation, Name, ByPerson, Entry, Members string
		At                                               time.Time
	}
	err := sql(ctx, tx).Raw(`SELECT o.id, o.organisation, o.name, o.by_person, o.at, o.entry,
		COALESCE((SELECT string_agg(m.person, ' ' ORDER BY m.person) FROM office_member m WHERE m.office = o.id
			AND `+seated+`), '') AS members FROM office o `+where, args...).Scan(&rows).Error
	if err != nil {
		return nil, failed("offices", "", err)
	}
	out := make([]Office, len(rows))
	for i, row := range rows {
		out[i] = Office{
			ID:           row.ID,
			Organisation: article4.OrganisationID(row.Organisation),
			Name:         row.Name,
			By:           article4.PersonID(row.ByPerson),
			At:           row.At.UTC(),
			Entry:        row.Entry,
			Members:      named[article4.PersonID](strings.Fields(row.Members)),
		}
	}
	return out, nil
}

// Seated are the people who sit at offices of an organisation now; known: each of the offices is one of its own.
func (r *Register) Seated(ctx context.Context, tx *postgres.Tx, of article4.OrganisationID,
	offices []string) (people []article4.PersonID, known bool, err error) {
	if len(offices) == 0 {
		return nil, true, nil
	}
	found, err := r.offices(ctx, tx, `WHERE o.id IN ? AND o.organisation = ? ORDER BY o.id`, offices, of)
	if err != nil {
		return nil, false, err
	}
	ids := map[string]bool{}
	for _, o := range found {
		ids[o.ID] = true
		people = append(people, o.Members...)
	}
	known = true
	for _, id := range offices {
		known = known && ids[id]
	}
	return people, known, nil
}

// seated asks whether somebody sits at an office now, by a row m and by the log: a row that somebody added, or opened
// again, seats nobody.
const seated = `m.ended_at IS NULL AND EXISTS (SELECT FROM log_seat k
	WHERE k.office = m.office AND k.person = m.person)`

// addressable are the people p of a Party whom the other Party's people may address: its designated focal point, and
// whoever sits at one of its offices.
const addressable = `(EXISTS (SELECT FROM office_member m WHERE m.person = p.id AND ` + seated + `)
	OR EXISTS (SELECT FROM focal_point f WHERE f.organisation = p.organisation AND f.subject_token = p.subject_token))`

// Addressable reports whether the viewer may address each of these people of an organisation: one who may be addressed
// by everybody, or whose name the viewer is told.
func (r *Register) Addressable(ctx context.Context, tx *postgres.Tx, v Viewer, of article4.OrganisationID,
	people []article4.PersonID) (bool, error) {
	if len(people) == 0 {
		return true, nil
	}
	lines, err := r.Told(ctx, tx, v, false, people)
	if err != nil {
		return false, err
	}
	told, err := Whole(lines)
	if err != nil {
		return false, err
	}
	may := map[article4.PersonID]bool{}
	for _, p := range told {
		may[p.ID] = p.Organisation == of
	}
	var open []article4.PersonID
	err = sql(ctx, tx).Raw(`SELECT p.id FROM person p WHERE p.id IN ? AND p.organisation = ? AND `+addressable, people,
		of).Scan(&open).Error
	for _, id := range open {
		may[id] = true
	}
	for _, id := range people {
		if !may[id] {
			return false, failed("people of", string(of), err)
		}
	}
	return true, failed("people of", string(of), err)
}

// AddressableOf lists the people of a Party whom everybody of the other may address, after a given identifier.
func (r *Register) AddressableOf(ctx context.Context, tx *postgres.Tx, of article4.OrganisationID,
	after article4.PersonID, limit int) ([]Listed[Person], error) {
	rows, err := personTable.all(ctx, tx, "people of", string(of),
		`WHERE p.organisation = $1 AND p.id > $2 AND `+addressable+` ORDER BY p.id LIMIT $3`, of, after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toPerson, placeOfPerson), nil
}
