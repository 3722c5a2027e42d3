package register

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// SessionEnd is who ended a session that is somebody else's; pkg/session tells it to whoever held it.
type SessionEnd string

// Who ends other people's sessions.
const (
	EndedByOperator SessionEnd = "operator"
	EndedByParty    SessionEnd = "party"
)

// SessionsOf says whose sessions; everybody's where it names neither.
type SessionsOf struct {
	Person       article4.PersonID
	Organisation article4.OrganisationID // of the people of this one
}

// EndSessions ends the sessions that people have with the pages, on every replica at once, and answers how many there
// were. Nobody is kept from signing in again.
func (r *Register) EndSessions(ctx context.Context, tx *postgres.Tx, of SessionsOf, by SessionEnd) (int, error) {
	done := sql(ctx, tx).Exec(`UPDATE session SET ended = ?, sealed = '' WHERE ended IS NULL
		AND ends_at > clock_timestamp() AND (? = '' OR person = ?)
		AND (? = '' OR person IN (SELECT id FROM person WHERE organisation = ?))`,
		by, of.Person, of.Person, of.Organisation, of.Organisation)
	return int(done.RowsAffected), failed("sessions", string(of.Person), done.Error)
}
