package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"

	"chancery.example/gateway/pkg/postgres"
)

// SignedOutPath is where an issuer sends the browser back to after signing out.
const SignedOutPath = "/sign-out/done"

// End ends the browser's session and answers the address at which its issuer ends its own; empty where it has none. Its
// cookie goes even where there was no session.
func (s *Sessions) End(ctx context.Context, w http.ResponseWriter, r *http.Request) (string, error) {
	token, found := held(r, Cookie)
	clearCookie(w, Cookie)
	if !found {
		return "", nil
	}
	id := token.digest()
	var issuer string
	err := s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return tx.Ask(ctx, postgres.Question{What: "session: end", SQL: `UPDATE session SET ended = $2, sealed = ''
			WHERE id_sha256 = $1 AND ended IS NULL RETURNING issuer`, Args: []any{id[:], string(SignedOut)},
			Row: func(r postgres.Row) error { return r.Scan(&issuer) }})
	})
	if err != nil || issuer == "" {
		return "", err
	}
	e, err := s.cfg.Providers.Endpoints(ctx, issuer)
	if err != nil || e.EndSession == "" {
		return "", nil // signed out here in any case
	}
	// OpenID Connect RP-Initiated Logout 1.0, 2: without id_token_hint, because no ID token is kept.
	return e.EndSession + "?" + url.Values{"client_id": {s.cfg.Providers.Client(issuer)},
		"post_logout_redirect_uri": {s.cfg.PublicURL + SignedOutPath}}.Encode(), nil
}

// EndThis ends a session that is not to go on, for that reason.
func (s *Sessions) EndThis(ctx context.Context, of Session, because Ended) error {
	return s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return tx.Ask(ctx, postgres.Question{What: "session: end", SQL: `UPDATE session SET ended = $2, sealed = ''
			WHERE id_sha256 = $1 AND ended IS NULL`, Args: []any{of.id[:], string(because)}})
	})
}

// EndOther ends another living session of the same person, or with an empty id all others, and answers what it ended.
// It answers the *exchange.Refusal of Actor.StepUp, and ends nothing, where there is something to end and the person
// did not sign in just now.
func (s *Sessions) EndOther(ctx context.Context, of Session, id string) ([]Place, error) {
	var out []Place
	err := s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		err := tx.Ask(ctx, places(&out, "session: end others", `UPDATE session SET ended = $4, sealed = ''
			WHERE `+theirs+` AND id_sha256 <> $2 AND ($3 = '' OR encode(sha256(id_sha256), 'hex') = $3)
			RETURNING `+placeColumns, of, id, string(Elsewhere)))
		if err != nil || len(out) == 0 {
			return err
		}
		return of.Actor.StepUp() // a refusal takes back what was asked above
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ErrTaken says that a logout token was taken before.
var ErrTaken = errors.New("session: a logout token comes once")

// BackChannel takes a logout token, from server to server: no cookie is read. By the issuer's own session where the
// token names one, else by the person.
func (s *Sessions) BackChannel(ctx context.Context, token string) error {
	told, err := s.cfg.Providers.Logout(ctx, token)
	if err != nil {
		return err
	}
	key := sha256.Sum256([]byte(told.Issuer + "\x00" + told.ID))
	return s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		fresh := false
		err := tx.Ask(ctx,
			postgres.Question{What: "session: forget logouts",
				SQL: "DELETE FROM issuer_logout WHERE expires_at < clock_timestamp() - interval '10 minutes'"},
			postgres.Question{What: "session: take a logout", SQL: `INSERT INTO issuer_logout (id_sha256, expires_at)
				VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true`, Args: []any{key[:], told.Expires},
				Row: func(r postgres.Row) error { return r.Scan(&fresh) }})
		if err != nil {
			return err
		}
		if !fresh {
			return ErrTaken
		}
		if told.Session != "" {
			return tx.Ask(ctx, postgres.Question{What: "session: end by issuer", SQL: `UPDATE session SET ended = $3,
				sealed = '' WHERE issuer = $1 AND issuer_session_sha256 = $2 AND ended IS NULL`,
				Args: []any{told.Issuer, digestOf(told.Issuer, told.Session), string(ByIssuer)}})
		}
		return tx.Ask(ctx, postgres.Question{What: "session: end by issuer", SQL: `UPDATE session SET ended = $3,
			sealed = '' WHERE issuer = $1 AND subject_sha256 = $2 AND ended IS NULL`,
			Args: []any{told.Issuer, digestOf(told.Issuer, told.Subject), string(ByIssuer)}})
	})
}
