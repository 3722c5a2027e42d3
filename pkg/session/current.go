package session

import (
	"context"
	"net/http"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// sessionRow is a row of table session, with whether it is over by the database's clock.
type sessionRow struct {
	id                         digest
	person, issuer             string
	sealed                     []byte
	created, ends, idle        time.Time
	again, overByTime, present bool
	ended                      string
}

// Current is the session that the request's cookie is of. It answers ErrNone, or *Over with why. With look the request
// keeps nobody signed in: counts and progress come by themselves.
func (s *Sessions) Current(ctx context.Context, r *http.Request, look bool) (Session, error) {
	token, found := held(r, Cookie)
	if !found {
		return Session{}, ErrNone
	}
	return s.read(ctx, token, !look)
}

// living is the row of the browser's session, if that is alive; nothing is moved.
func (s *Sessions) living(ctx context.Context, r *http.Request) (sessionRow, secret, bool) {
	token, found := held(r, Cookie)
	if !found {
		return sessionRow{}, secret{}, false
	}
	row, err := s.row(ctx, token.digest(), false)
	return row, token, err == nil && row.present && row.ended == "" && !row.overByTime
}

func (s *Sessions) read(ctx context.Context, token secret, seen bool) (Session, error) {
	row, err := s.row(ctx, token.digest(), seen)
	switch {
	case err != nil:
		return Session{}, err
	case !row.present:
		return Session{}, ErrNone
	case row.ended != "":
		return Session{}, s.over(row, Ended(row.ended))
	case row.overByTime:
		return Session{}, s.over(row, TimeOver)
	}
	var k kept
	if err := open("session", row.sealed, &k, token); err != nil {
		return Session{}, ErrNone
	}
	claims := s.cfg.Providers.Fresh(k.Claims)
	actor, err := s.cfg.Gateway.Recognise(ctx, claims)
	if err != nil {
		return Session{}, err
	}
	if actor.Person() != article4.PersonID(row.person) {
		return Session{}, ErrNone
	}
	out := Session{
		Actor:     actor,
		Name:      claims.Name,
		CreatedAt: row.created,
		EndsAt:    row.ends,
		IdleAt:    row.idle,

		AskAgain: row.again,
		Fresh:    actor.StepUp() == nil,
		id:       row.id,
		issuer:   row.issuer,
		secret:   token,
	}
	out.Short = s.shortOf(row.issuer)
	return out, nil
}

func (s *Sessions) over(row sessionRow, because Ended) *Over {
	return &Over{Because: because, Person: article4.PersonID(row.person), Short: s.shortOf(row.issuer)}
}

func (s *Sessions) shortOf(issuer string) string {
	for _, o := range s.cfg.Organisations {
		if o.Issuer == issuer {
			return o.Short
		}
	}
	return ""
}

// row reads a session and, at most once a minute, that it was seen.
func (s *Sessions) row(ctx context.Context, id digest, seen bool) (sessionRow, error) {
	out := sessionRow{id: id}
	err := s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if seen {
			tx.Later("session: seen", `UPDATE session SET seen_at = clock_timestamp() WHERE id_sha256 = $1
				AND seen_at <= clock_timestamp() - interval '1 minute' AND `+register.SessionLives, id[:])
		}
		return tx.Ask(ctx, postgres.Question{What: "session: find", SQL: `SELECT person, issuer, sealed, created_at,
			ends_at,
			seen_at + make_interval(secs => $2), asked_again_after < clock_timestamp(), coalesce(ended, ''),
			NOT ` + register.SessionInTime + ` FROM session WHERE id_sha256 = $1`, Args: []any{id[:], idle.Seconds()},
			Row: func(r postgres.Row) error {
				out.present = true
				return r.Scan(&out.person, &out.issuer, &out.sealed, &out.created, &out.ends, &out.idle, &out.again,
					&out.ended, &out.overByTime)
			}})
	})
	return out, err
}
