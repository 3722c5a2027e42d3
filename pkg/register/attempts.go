package register

import (
	"context"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Attempt is an act that may come again under the same key, and what came of it the first time.
type Attempt struct {
	Person      article4.PersonID
	Operation   string
	Key         string
	Fingerprint article4.Digest // of what was handed in
	Result      string          // identifier of what the act made or changed
	At          time.Time
}

// AttemptKey is what an attempt is known by, beside its person.
type AttemptKey struct{ Operation, Key string }

// name is what the lock is on.
func (k AttemptKey) name(p article4.PersonID) string {
	return strings.Join([]string{"attempt", string(p), k.Operation, k.Key}, " ")
}

type attemptRow struct {
	Person      string
	Operation   string
	Key         string
	Fingerprint string
	Result      string
	At          time.Time
}

var attemptTable = newTable[attemptRow](`attempt a`, nil)

func (row attemptRow) to() *Attempt {
	return &Attempt{
		Person:      article4.PersonID(row.Person),
		Operation:   row.Operation,
		Key:         row.Key,
		Fingerprint: article4.Digest(row.Fingerprint),
		Result:      row.Result,
		At:          row.At.UTC(),
	}
}

// HoldAttempt lets one transaction at a time go on with an act under a key, until it ends.
func (r *Register) HoldAttempt(ctx context.Context, tx *postgres.Tx, p article4.PersonID, k AttemptKey) error {
	return tx.Ask(ctx, postgres.Question{What: "attempt of " + string(p), SQL: `SELECT ` + ForUpdate.take(`$1::text`),
		Args: []any{k.name(p)}})
}

// Attempt finds what came of an act under a key; nil when nothing did.
func (r *Register) Attempt(ctx context.Context, tx *postgres.Tx, p article4.PersonID, k AttemptKey) (*Attempt, error) {
	found, err := attemptTable.all(ctx, tx, "attempt of", string(p),
		`WHERE a.person = $1 AND a.operation = $2 AND a.key = $3`, p, k.Operation, k.Key)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].to(), nil
}

// AddAttempt records the result in the act's own transaction, with its next trip to the database or its commit. A
// result that is older than since gives way; a fresh one breaks one_result_of_a_repeated_act: the act came twice at
// once, and the other was first.
func (r *Register) AddAttempt(tx *postgres.Tx, a Attempt, since time.Time) {
	tx.LaterRows("attempt of "+string(a.Person), `DELETE FROM attempt USING unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS over
		(person, operation, key, since)
		WHERE attempt.person = over.person AND attempt.operation = over.operation AND attempt.key = over.key AND
		attempt.at <= over.since`,
		[]string{string(a.Person)}, []string{a.Operation}, []string{a.Key}, []time.Time{since})
	attemptTable.addLater(tx, "attempt of", string(a.Person), attemptRow{
		Person:      string(a.Person),
		Operation:   a.Operation,
		Key:         a.Key,
		Fingerprint: string(a.Fingerprint),
		Result:      a.Result,
		At:          a.At,
	})
}

// ForgetAttempts removes results older than before.
func (r *Register) ForgetAttempts(ctx context.Context, tx *postgres.Tx, before time.Time) error {
	return failed("attempts", "", sql(ctx, tx).Exec(`DELETE FROM attempt WHERE at <= ?`, before).Error)
}

// AttemptWithin finds any of the acts of one call that did several under a key; nil when none was done.
func (r *Register) AttemptWithin(ctx context.Context, tx *postgres.Tx, p article4.PersonID, k AttemptKey) (*Attempt,
	error) {
	found, err := attemptTable.all(ctx, tx, "attempt of", string(p),
		`WHERE a.person = $1 AND a.key = $2 AND starts_with(a.operation, $3) LIMIT 1`, p, k.Key, k.Operation+" ")
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].to(), nil
}
