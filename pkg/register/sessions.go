package register

import (
	"context"
	"fmt"
	"time"

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

// SessionIdle is how long a session of the pages lasts of which nothing is seen.
const SessionIdle = 30 * time.Minute

// What is over of a session, and what lives, as conditions of SQL on table session, by the database's clock: these say
// it for every package that asks. SessionInTime is one that neither of its two ends has reached, SessionLives one that
// nobody ended before them either.
var (
	SessionInTime = fmt.Sprintf(`(ends_at > clock_timestamp()
		AND seen_at > clock_timestamp() - make_interval(secs => %d))`, SessionIdle/time.Second)
	SessionLives = "(ended IS NULL AND " + SessionInTime + ")"
)

// EndSessions ends the living sessions that somebody has with the pages, or the people of an organisation, or, where it
// names neither, everybody; on every replica at once. It answers how many there were. Nobody is kept from signing in
// again.
func (r *Register) EndSessions(ctx context.Context, tx *postgres.Tx, person article4.PersonID,
	organisation article4.OrganisationID, by SessionEnd) (int, error) {
	done := sql(ctx, tx).Exec(`UPDATE session SET ended = ?, sealed = '' WHERE `+SessionLives+`
		AND (? = '' OR person = ?) AND (? = '' OR person IN (SELECT id FROM person WHERE organisation = ?))`,
		by, person, person, organisation, organisation)
	return int(done.RowsAffected), failed("sessions", string(person), done.Error)
}
