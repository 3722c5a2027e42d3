package session

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// skew is how far an issuer's clock may be behind ours at a step-up.
const skew = 30 * time.Second

// ErrAnotherPerson says that somebody else signed in than whom the session is of. Nothing was done for either.
var ErrAnotherPerson = errors.New("session: another person signed in")

// ErrNotFresh says that the issuer let the person through without the sign-in that was asked for.
var ErrNotFresh = errors.New("session: the sign-in is not the one that was asked for")

// Denied says that the issuer signed nobody in.
type Denied struct{ Code string }

func (d *Denied) Error() string { return "session: the issuer signed nobody in: " + d.Code }

// Finished is what came of an attempt.
type Finished struct {
	Session Session
	Purpose Purpose
	Return  string
	Typed   *Typed // what the same person typed before
	IDToken string // of a step-up: evidence, to be handed on at once and kept by nobody
}

// Finish redeems what an issuer sent back, as the form of our own page hands it in: it ends the attempt, asks the
// issuer for the ID token, and gives the browser a session, always with a new identifier.
func (s *Sessions) Finish(ctx context.Context, w http.ResponseWriter, r *http.Request, short string,
	from url.Values) (Finished, error) {
	o, found := s.byShort[short]
	if !found {
		return Finished{}, ErrNoOrganisation
	}
	row, err := s.take(ctx, w, r, o, from)
	if err != nil {
		return Finished{}, err
	}
	out := Finished{Purpose: row.purpose, Return: row.Return}
	if code := from.Get("error"); code != "" || from.Get("code") == "" {
		return out, &Denied{Code: code}
	}
	in, err := s.cfg.Providers.Redeem(ctx, identity.Redemption{Issuer: o.Issuer, Code: from.Get("code"),
		Verifier: row.Verifier, Redirect: s.redirect(short), Nonce: row.Nonce})
	if err != nil {
		return out, err
	}
	actor, err := s.cfg.Gateway.Recognise(ctx, in.Claims)
	if err != nil {
		return out, err
	}
	before, secret, living := s.living(ctx, r)
	if err := judgeFinished(row, in, actor, before, living); err != nil {
		return out, err
	}
	if row.Typed != nil && row.Typed.Person == actor.Person() {
		out.Typed = row.Typed
	}
	if row.purpose == ToRenew {
		out.Session, err = s.extend(ctx, o, before, secret, in)
		return out, err
	}
	if row.purpose == ToStepUp {
		out.IDToken = in.IDToken
	}
	out.Session, err = s.start(ctx, w, r, o, in, actor, before.id, living)
	if err == nil && row.purpose == ToSignIn {
		s.noticed(ctx, actor, place(r))
	}
	return out, err
}

// judgeFinished wants of a step-up and a renewal the same person, in the same session, and of a step-up that the
// sign-in was made after it was asked for.
func judgeFinished(row attemptRow, in identity.SignedIn, actor exchange.Actor, before sessionRow, living bool) error {
	if row.purpose == ToSignIn {
		return nil
	}
	if !living || !bytes.Equal(row.session, before.id[:]) {
		return ErrForeign // begun in a session that is over
	}
	if article4.PersonID(before.person) != actor.Person() {
		return ErrAnotherPerson
	}
	if row.purpose == ToStepUp &&
		(in.Claims.SignIn != article4.SignInFresh || in.Claims.AuthTime.Before(row.At.Add(-skew))) {
		return ErrNotFresh
	}
	return nil
}

// start makes the session: a new identifier, whatever the browser held before, which ends.
func (s *Sessions) start(ctx context.Context, w http.ResponseWriter, r *http.Request, o Organisation,
	in identity.SignedIn, actor exchange.Actor, before digest, living bool) (Session, error) {
	token := newSecret()
	sealed, err := seal("session", kept{Claims: in.Claims}, token)
	if err != nil {
		return Session{}, err
	}
	again, err := s.askAgainAfter(ctx, o.Issuer)
	if err != nil {
		return Session{}, err
	}
	id := token.digest()
	err = s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if living {
			tx.Later("session: end the one before", `UPDATE session SET ended = $2, sealed = '' WHERE id_sha256 = $1`,
				before[:], string(Renewed))
		}
		return s.insert(ctx, tx, id, actor.Person(), o.Issuer, in, sealed, browserOf(r), again)
	})
	if err != nil {
		return Session{}, err
	}
	setCookie(w, Cookie, token)
	return s.read(ctx, token, false)
}

func (s *Sessions) insert(ctx context.Context, tx *postgres.Tx, id digest, person article4.PersonID, issuer string,
	in identity.SignedIn, sealed []byte, browser string, again time.Duration) error {
	var issuerSession []byte
	if in.Session != "" {
		issuerSession = digestOf(issuer, in.Session)
	}
	return tx.Ask(ctx,
		postgres.Question{What: "session: one sign-in of a person at a time",
			SQL:  "SELECT pg_advisory_xact_lock(hashtextextended('chancery session ' || $1, 0))",
			Args: []any{string(person)}},
		postgres.Question{What: "session: forget", SQL: `DELETE FROM session WHERE ends_at < clock_timestamp()`},
		postgres.Question{What: "session: end the oldest", SQL: `UPDATE session SET ended = $2, sealed = ''
			WHERE id_sha256 IN (SELECT id_sha256 FROM session WHERE person = $1 AND ` + register.SessionLives + `
				ORDER BY created_at DESC OFFSET $3)`,
			Args: []any{string(person), string(TooMany), atMost - 1}},
		postgres.Question{What: "session: begin", SQL: `INSERT INTO session (id_sha256, person, issuer, subject_sha256,
			issuer_session_sha256, sealed, browser, created_at, seen_at, ends_at, asked_again_after)
			SELECT $1, $2, $3, $4, $5, $6, $7, t.now, t.now, t.now + make_interval(secs => $8),
				t.now + make_interval(secs => $9) FROM (SELECT clock_timestamp() AS now) t`,
			Args: []any{id[:], string(person), issuer, digestOf(issuer, in.Claims.Subject), issuerSession, sealed,
				browser,
				absolute.Seconds(), again.Seconds()}})
}

// askAgainAfter is shorter where the issuer would not say by itself that somebody signed out.
func (s *Sessions) askAgainAfter(ctx context.Context, issuer string) (time.Duration, error) {
	e, err := s.cfg.Providers.Endpoints(ctx, issuer)
	if err != nil {
		return 0, err
	}
	if e.BackChannel {
		return askAgainTold, nil
	}
	return askAgain, nil
}

// extend gives a living session what the issuer says now; its ends stay.
func (s *Sessions) extend(ctx context.Context, o Organisation, before sessionRow, token secret,
	in identity.SignedIn) (Session, error) {
	sealed, err := seal("session", kept{Claims: in.Claims}, token)
	if err != nil {
		return Session{}, err
	}
	again, err := s.askAgainAfter(ctx, o.Issuer)
	if err != nil {
		return Session{}, err
	}
	err = s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return tx.Ask(ctx, postgres.Question{What: "session: extend", SQL: `UPDATE session SET sealed = $2,
			asked_again_after = clock_timestamp() + make_interval(secs => $3) WHERE id_sha256 = $1 AND ended IS NULL`,
			Args: []any{before.id[:], sealed, again.Seconds()}})
	})
	if err != nil {
		return Session{}, err
	}
	return s.read(ctx, token, false)
}
