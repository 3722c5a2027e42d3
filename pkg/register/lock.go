package register

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Lock says how the Arrangement or a document is held until the transaction ends.
type Lock int

// The locks. An act that only adds permission takes ForShare; one that takes permission away takes ForUpdate, and so
// stands wholly before or after each disclosure. Both are advisory locks by name, and no row is locked.
const (
	Unlocked Lock = iota
	ForShare
	ForUpdate
)

// What is held has a name, and the lock is on the name (docs/decisions/0060): who wants it alone stands in the queue,
// and whoever comes after waits behind. On a row, new sharers would pass the one who waits, for as long as there are
// any.
const theArrangement = `'arrangement'`

// take waits for the lock. What is asked by a later statement is as it stands behind it.
func (l Lock) take(name string) string { return l.function("pg_advisory_xact_lock", name) }

// try says whether the lock could be had at once. Somebody who waits for it alone is not passed.
func (l Lock) try(name string) string { return l.function("pg_try_advisory_xact_lock", name) }

func (l Lock) function(called, name string) string {
	if l == ForShare {
		called += "_shared"
	}
	return called + `(hashtextextended(` + name + `, 0))`
}

// BeginReview reports whether no other transaction of any replica counts for a review of this Party, and keeps others
// from it until this one ends.
func (r *Register) BeginReview(ctx context.Context, tx *postgres.Tx, party article4.OrganisationID) (bool, error) {
	var alone bool
	err := tx.Ask(ctx, postgres.Question{What: "reviews under way", SQL: `SELECT ` + ForUpdate.try(`'review ' || $1`),
		Args: []any{string(party)}, Row: func(row postgres.Row) error { return row.Scan(&alone) }})
	return alone, err
}
