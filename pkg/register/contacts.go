package register

import (
	"context"
	"errors"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Contact is where and how a person is sent word.
type Contact struct {
	Person   article4.PersonID
	Address  string // verified by the identity provider; empty: none is known
	Answers  bool   // for the organisation, by the roles of the last sign-in: is sent what that is told
	Daily    bool   // once a day, and not at once
	Courtesy bool   // also of what asks nothing of the person
	Language string // "en", "fr"; empty: both
	Bounced  time.Time
}

type contactRow struct {
	Person        string
	AddressSealed []byte
	Answers       bool
	Daily         bool
	Courtesy      bool
	Language      string
	BouncedAt     *time.Time
	Keyset        string
}

const contactSelect = `SELECT c.person, c.address_sealed, c.answers, c.daily, c.courtesy, c.language, c.bounced_at,
	COALESCE(o.keyset, o.id) AS keyset
	FROM contact c JOIN person p ON p.id = c.person JOIN organisation o ON o.id = p.organisation `

func addressCell(keyset article4.OrganisationID, p article4.PersonID) cell {
	return cell{keyset, "contact.address", string(p)}
}

func (r *Register) toContact(row contactRow) (Contact, error) {
	c := Contact{
		Person:   article4.PersonID(row.Person),
		Answers:  row.Answers,
		Daily:    row.Daily,
		Courtesy: row.Courtesy,
		Language: row.Language,
		Bounced:  orZero(row.BouncedAt),
	}
	var err error
	c.Address, err = r.open(addressCell(article4.OrganisationID(row.Keyset), c.Person), row.AddressSealed)
	return c, err
}

// ContactOf reads how a person is sent word; of whom nothing was ever kept, word would be sent at once.
func (r *Register) ContactOf(ctx context.Context, tx *postgres.Tx, p article4.PersonID) (Contact, error) {
	var row contactRow
	err := one(sql(ctx, tx).Raw(contactSelect+`WHERE c.person = ?`, p), &row, "contact", string(p))
	if errors.Is(err, ErrNotFound) {
		return Contact{Person: p, Courtesy: true}, nil
	}
	if err != nil {
		return Contact{}, err
	}
	return r.toContact(row)
}

// Reach records what a sign-in tells of where a person is sent word. Another address than before is tried anew.
func (r *Register) Reach(ctx context.Context, tx *postgres.Tx, p Person, address string, answers bool) error {
	sealed, err := r.seal(addressCell(p.keyset(), p.ID), address)
	if err != nil {
		return err
	}
	return failed("contact", string(p.ID), sql(ctx, tx).Exec(`INSERT INTO contact (person, address_sealed, answers)
		VALUES (?,?,?) ON CONFLICT (person) DO UPDATE SET address_sealed = excluded.address_sealed,
			answers = excluded.answers, bounced_at = NULL, bounce_told = false`, p.ID, sealed, answers).Error)
}

// Prefer records how a person wants to be sent word, and that an address that bounced is to be tried anew.
func (r *Register) Prefer(ctx context.Context, tx *postgres.Tx, c Contact) error {
	return failed("contact", string(c.Person), sql(ctx, tx).Exec(`INSERT INTO contact (person, daily, courtesy, language)
		VALUES (?,?,?,?) ON CONFLICT (person) DO UPDATE SET daily = excluded.daily, courtesy = excluded.courtesy,
			language = excluded.language, bounced_at = NULL, bounce_told = false`,
		c.Person, c.Daily, c.Courtesy, c.Language).Error)
}

// ForgetAddress erases where a person is sent word.
func (r *Register) ForgetAddress(ctx context.Context, tx *postgres.Tx, p article4.PersonID) error {
	return failed("contact", string(p),
		sql(ctx, tx).Exec(`UPDATE contact SET address_sealed = NULL WHERE person = ?`, p).Error)
}

// Bounced lists, behind an identifier, the people whose mail came back and of whom nobody was told.
func (r *Register) Bounced(ctx context.Context, tx *postgres.Tx, after article4.PersonID,
	limit int) ([]article4.PersonID, error) {
	var out []article4.PersonID
	err := sql(ctx, tx).Raw(`SELECT person FROM contact WHERE bounced_at IS NOT NULL AND NOT bounce_told AND person > ?
		ORDER BY person LIMIT ?`, after, limit).Scan(&out).Error
	return out, failed("people whose mail came back", "", err)
}

// BounceTold records that whoever answers for a person was told that mail to them came back, and reports false where
// somebody else was first.
func (r *Register) BounceTold(ctx context.Context, tx *postgres.Tx, p article4.PersonID) (bool, error) {
	q := sql(ctx, tx).Exec(`UPDATE contact SET bounce_told = true WHERE person = ? AND bounced_at IS NOT NULL
		AND NOT bounce_told`, p)
	return q.RowsAffected == 1, failed("contact", string(p), q.Error)
}
