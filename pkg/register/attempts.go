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
	Fingerprint, Result string
	At                  time.Time
}

func (row attemptRow) to(p article4.PersonID, k AttemptKey) *Attempt {
	return &Attempt{
		Person:      p,
		Operation:   k.Operation,
		Key:         k.Key,
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
	var found *Attempt
	return found, tx.Ask(ctx, postgres.Question{What: "attempt of " + string(p),
		Args: []any{string(p), k.Operation, k.Key},
		SQL:  `SELECT fingerprint, result, at FROM attempt WHERE person = $1 AND operation = $2 AND key = $3`,
		Row: func(row postgres.Row) error {
			var a attemptRow
			err := row.Scan(&a.Fingerprint, &a.Result, &a.At)
			found = a.to(p, k)
			return err
		}})
}

// AddAttempt records the result in the act's own transaction, with its next trip to the database or its commit. A
// result that is older than since gives way; a fresh one breaks one_result_of_a_repeated_act: the act came twice at
// once, and the other was first.
func (r *Register) AddAttempt(tx *postgres.Tx, a Attempt, since time.Time) {
	what := "attempt of " + string(a.Person)
	tx.LaterRows(what, `DELETE FROM attempt USING unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS over
		(person, operation, key, since)
		WHERE attempt.person = over.person AND attempt.operation = over.operation AND attempt.key = over.key AND
		attempt.at <= over.since`,
		[]string{string(a.Person)}, []string{a.Operation}, []string{a.Key}, []time.Time{since})
	tx.LaterRows(what, `INSERT INTO attempt (person, operation, key, fingerprint, result, at)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])`,
		[]string{string(a.Person)}, []string{a.Operation}, []string{a.Key}, []string{string(a.Fingerprint)},
		[]string{a.Result}, []time.Time{a.At})
}

// ForgetAttempts removes results older than before.
func (r *Register) ForgetAttempts(ctx context.Context, tx *postgres.Tx, before time.Time) error {
	return failed("attempts", "", sql(ctx, tx).Exec(`DELETE FROM attempt WHERE at <= ?`, before).Error)
}
