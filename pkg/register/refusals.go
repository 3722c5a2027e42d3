package register

import (
	"context"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Refusals is how often one person was refused in one minute. Silent are those beyond the bound, without an entry each,
// of which no entry told yet; some may be of a minute before.
type Refusals struct {
	Person               article4.PersonID
	Organisation         article4.OrganisationID
	Since                time.Time // when the minute began
	Refused              int       // in this minute, the silent ones included
	Silent               int
	SilentFrom, SilentTo time.Time                 // the first and the last of them
	Parties              []article4.OrganisationID // entitled to any of them
	Told                 bool                      // in this minute an entry told of some already
}

type refusalsRow struct {
	Person       string
	Organisation string
	Since        time.Time
	Refused      int
	Silent       int
	SilentFrom   *time.Time
	SilentTo     *time.Time
	Parties      string
	Told         bool
}

var refusalsTable = newTable[refusalsRow](`refusals c`, nil)

func (row refusalsRow) to() Refusals {
	out := Refusals{
		Person:       article4.PersonID(row.Person),
		Organisation: article4.OrganisationID(row.Organisation),
		Since:        row.Since.UTC(),
		Refused:      row.Refused,
		Silent:       row.Silent,
		SilentFrom:   orZero(row.SilentFrom),
		SilentTo:     orZero(row.SilentTo),
		Told:         row.Told,
	}
	if row.Parties == "" {
		return out
	}
	for _, party := range strings.Split(row.Parties, ",") {
		out.Parties = append(out.Parties, article4.OrganisationID(party))
	}
	return out
}

// CountRefusal counts one more and holds the count until the transaction ends. A minute that began at over or earlier
// gives way to one that begins now.
func (r *Register) CountRefusal(ctx context.Context, tx *postgres.Tx, p article4.PersonID, o article4.OrganisationID,
	at, over time.Time) (Refusals, error) {
	var row refusalsRow
	err := tx.Ask(ctx, postgres.Question{What: "refusals of " + string(p), SQL: `INSERT INTO refusals AS c
		(person, organisation, since, refused) VALUES (@p, @o, @at, 1)
		ON CONFLICT (person) DO UPDATE SET refused = CASE WHEN c.since <= @over THEN 1 ELSE c.refused + 1 END,
			told = c.told AND c.since > @over, since = CASE WHEN c.since <= @over THEN excluded.since ELSE c.since END
		RETURNING ` + refusalsTable.list(), Args: []any{postgres.Named{"p": p, "o": o, "at": at, "over": over}},
		Row: func(r postgres.Row) error { return r.Scan(refusalsTable.into(&row)...) }})
	return row.to(), err
}

// RefusalsOf finds the count of a person, held until the transaction ends; ErrNotFound where nothing is counted.
func (r *Register) RefusalsOf(ctx context.Context, tx *postgres.Tx, p article4.PersonID) (Refusals, error) {
	row, err := refusalsTable.one(ctx, tx, "refusals of", string(p), `WHERE c.person = $1 FOR UPDATE`, p)
	return row.to(), err
}

// SilentRefusals lists, behind an identifier, the people of whom some in minutes that began before are silent.
func (r *Register) SilentRefusals(ctx context.Context, tx *postgres.Tx, before time.Time, after article4.PersonID,
	limit int) ([]article4.PersonID, error) {
	var out []article4.PersonID
	err := sql(ctx, tx).Raw(`SELECT person FROM refusals WHERE since <= ? AND silent > 0 AND person > ?
		ORDER BY person LIMIT ?`, before, after, limit).Scan(&out).Error
	return out, failed("silent refusals", "", err)
}

// KeepSilent records what is silent of a count, and whether an entry told of some.
func (r *Register) KeepSilent(ctx context.Context, tx *postgres.Tx, c Refusals) error {
	parties := make([]string, len(c.Parties))
	for i, party := range c.Parties {
		parties[i] = string(party)
	}
	return failed("refusals of", string(c.Person),
		sql(ctx, tx).Exec(`UPDATE refusals SET silent = ?, silent_from = ?, silent_to = ?, parties = ?, told = ?
		WHERE person = ?`, c.Silent, orNil(c.SilentFrom), orNil(c.SilentTo), strings.Join(parties, ","), c.Told,
			c.Person).Error)
}

// ForgetRefusals removes the counts of minutes that began before and of which everything was told.
func (r *Register) ForgetRefusals(ctx context.Context, tx *postgres.Tx, before time.Time) error {
	return failed("refusals", "", sql(ctx, tx).Exec(`DELETE FROM refusals WHERE since <= ? AND silent = 0`,
		before).Error)
}
