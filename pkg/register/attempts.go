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

// HoldAttempt lets one transaction at a time go on with an act under a key, until it ends.
func (r *Register) HoldAttempt(ctx context.Context, tx *postgres.Tx, p article4.PersonID, operation, key string) error {
	err := sql(ctx, tx).Exec(`SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, strings.Join([]string{"attempt", string(p), operation, key}, " ")).Error
	return failed("attempt of", string(p), err)
}

// Attempt finds what came of an act under a key, since an instant; ErrNotFound when nothing did.
func (r *Register) Attempt(ctx context.Context, tx *postgres.Tx, p article4.PersonID, operation, key string, since time.Time) (Attempt, error) {
	var row struct {
		Fingerprint, Result string
		At                  time.Time
	}
	err := one(sql(ctx, tx).Raw(`SELECT fingerprint, result, at FROM attempt WHERE person = ? AND operation = ? AND key = ? AND at > ?`,
		p, operation, key, since), &row, "attempt of", string(p))
	return Attempt{Person: p, Operation: operation, Key: key, Fingerprint: article4.Digest(row.Fingerprint), Result: row.Result, At: row.At.UTC()}, err
}

// AddAttempt records the result in the act's own transaction. A result that is older than since gives way; a fresh one
// breaks one_result_of_a_repeated_act: the act came twice at once, and the other was first.
func (r *Register) AddAttempt(ctx context.Context, tx *postgres.Tx, a Attempt, since time.Time) error {
	db := sql(ctx, tx)
	err := db.Exec(`DELETE FROM attempt WHERE person = ? AND operation = ? AND key = ? AND at <= ?`, a.Person, a.Operation, a.Key, since).Error
	if err == nil {
		err = db.Exec(`INSERT INTO attempt (person, operation, key, fingerprint, result, at) VALUES (?,?,?,?,?,?)`,
			a.Person, a.Operation, a.Key, a.Fingerprint, a.Result, a.At).Error
	}
	return failed("attempt of", string(a.Person), err)
}

// ForgetAttempts removes results older than before.
func (r *Register) ForgetAttempts(ctx context.Context, tx *postgres.Tx, before time.Time) error {
	return failed("attempts", "", sql(ctx, tx).Exec(`DELETE FROM attempt WHERE at <= ?`, before).Error)
}
