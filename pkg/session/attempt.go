package session

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Purpose is what a sign-in is for.
type Purpose string

// The purposes.
const (
	ToSignIn Purpose = "sign-in"
	ToStepUp Purpose = "step-up" // the same person, once more and just now
	ToRenew  Purpose = "renew"   // without a page, for a living session
)

// maxTyped bounds what is kept of a form, in bytes.
const maxTyped = 64 << 10

// Typed is a form that somebody sent when they first had to sign in (again): it is kept sealed until they have, and
// given back to the same person only.
type Typed struct {
	Person article4.PersonID
	Path   string
	Form   url.Values
}

// Beginning is what an attempt is begun with.
type Beginning struct {
	Short   string // of the organisation
	Purpose Purpose
	Return  string // a path of ours; anything else becomes "/"
	Nonce   string // empty: a random one. For a consent it is the digest of the text
	Typed   *Typed
}

// attempt is what the seal of a row of sign_in holds.
type attempt struct {
	Nonce    string
	Verifier string // of PKCE
	Return   string
	Typed    *Typed
	At       time.Time
}

// ErrBusy says that too many sign-ins are under way.
var ErrBusy = errors.New("session: too many sign-ins are under way")

// ErrNoOrganisation says that nobody of that name signs in here.
var ErrNoOrganisation = errors.New("session: no such organisation")

// Begin records an attempt, gives the browser its cookie, and answers where the browser is to be sent. Step-up and
// renewal need the living session of this browser.
func (s *Sessions) Begin(ctx context.Context, w http.ResponseWriter, b Beginning, of *Session) (string, error) {
	o, found := s.byShort[b.Short]
	if !found {
		return "", ErrNoOrganisation
	}
	if b.Purpose != ToSignIn && (of == nil || of.issuer != o.Issuer) {
		return "", ErrNone
	}
	e, err := s.cfg.Providers.Endpoints(ctx, o.Issuer)
	if err != nil {
		return "", err
	}
	state, binding, verifier := newSecret(), newSecret(), newSecret()
	a := attempt{Nonce: b.Nonce, Verifier: verifier.text(), Return: Local(b.Return), Typed: bounded(b.Typed)}
	if a.Nonce == "" {
		a.Nonce = newSecret().text()
	}
	if err := s.keepAttempt(ctx, o.Issuer, b.Purpose, &a, state, binding, of); err != nil {
		return "", err
	}
	setCookie(w, attemptCookie(state.digest()), binding)
	return s.address(e.Authorization, o, b.Purpose, a, state), nil
}

// bounded drops what is too much to keep: the sign-in goes on without it.
func bounded(t *Typed) *Typed {
	if t == nil || len(t.Form.Encode()) > maxTyped {
		return nil
	}
	return t
}

func (s *Sessions) keepAttempt(ctx context.Context, issuer string, p Purpose, a *attempt, state, binding secret,
	of *Session) error {
	return s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		var under int
		err := tx.Ask(ctx, postgres.Clock(&a.At),
			postgres.Question{What: "session: forget attempts",
				SQL: "DELETE FROM sign_in WHERE expires_at < clock_timestamp()"},
			postgres.Question{What: "session: count attempts", SQL: "SELECT count(*) FROM sign_in",
				Row: func(r postgres.Row) error { return r.Scan(&under) }})
		if err != nil {
			return err
		}
		if under >= maxAttempts {
			return ErrBusy
		}
		sealed, err := seal("sign-in", a, state, binding)
		if err != nil {
			return err
		}
		var session []byte
		if of != nil {
			session = of.id[:]
		}
		key, bound := state.digest(), binding.digest()
		return tx.Ask(ctx, postgres.Question{What: "session: keep attempt", SQL: `INSERT INTO sign_in (state_sha256,
			binding_sha256, issuer, purpose, session_sha256, sealed, made_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7::timestamptz + make_interval(secs => $8))`,
			Args: []any{key[:], bound[:], issuer, string(p), session, sealed, a.At, attempts.Seconds()}})
	})
}

// address is the authorization request (OpenID Connect Core 3.1.2.1, RFC 7636 4.3).
func (s *Sessions) address(endpoint string, o Organisation, p Purpose, a attempt, state secret) string {
	challenge := sha256.Sum256([]byte(a.Verifier))
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {s.cfg.Providers.Client(o.Issuer)},
		"redirect_uri":          {s.redirect(o.Short)},
		"scope":                 {"openid profile groups"},
		"state":                 {state.text()},
		"nonce":                 {a.Nonce},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}
	s.cfg.Providers.AskStepUp(query, o.Issuer)
	switch p {
	case ToStepUp:
		query.Set("prompt", "login")
		query.Set("max_age", "0")
	case ToRenew:
		query.Set("prompt", "none")
	}
	return endpoint + "?" + query.Encode()
}

func (s *Sessions) redirect(short string) string { return s.cfg.PublicURL + CallbackPath(short) }

// Local is a path of ours to go back to: never another host's, in any spelling, and never the sign-in itself.
func Local(path string) string {
	u, err := url.Parse(path)
	switch {
	case err != nil, len(path) > 2048, u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "":
		return "/"
	case !strings.HasPrefix(path, "/"), strings.HasPrefix(path, "//"), strings.ContainsAny(path, "\\\r\n\t"):
		return "/"
	case strings.HasPrefix(u.Path, "//"), strings.Contains(u.Path, "\\"):
		return "/"
	}
	for _, own := range []string{"/sign-in", "/sign-out", "/api/"} {
		if strings.HasPrefix(u.Path, own) {
			return "/"
		}
	}
	return u.RequestURI()
}

// Answer is what an issuer sent back to a browser, as far as it can be judged without redeeming anything.
type Answer struct {
	Organisation Organisation
	Purpose      Purpose
	Return       string
	Typed        bool   // something that was typed waits to be sent
	Denied       string // the issuer's error code; empty: there is a code
	Code         string
	State        string
	Issuer       string // "iss" as it came; may be empty
}

// ErrForeign says that an answer belongs to no attempt of this browser: it was used before, is too old, or was begun
// elsewhere. Nothing is done.
var ErrForeign = errors.New("session: the answer belongs to no sign-in that was begun in this browser")

// Look judges the query of a callback. It changes nothing: loading the address again, or a scanner that does, takes
// nothing away.
func (s *Sessions) Look(ctx context.Context, short string, r *http.Request, from url.Values) (Answer, error) {
	o, found := s.byShort[short]
	if !found {
		return Answer{}, ErrNoOrganisation
	}
	row, err := s.judge(ctx, o, r, from)
	if err != nil {
		return Answer{}, err
	}
	return Answer{
		Organisation: o,
		Purpose:      row.purpose,
		Return:       row.Return,
		Typed:        row.Typed != nil,

		Denied: from.Get("error"),
		Code:   from.Get("code"),
		State:  from.Get("state"),
		Issuer: from.Get("iss"),
	}, nil
}

// attemptRow is a stored attempt, opened by what the browser holds.
type attemptRow struct {
	attempt
	purpose Purpose
	session []byte // of what it was begun in
	state   secret
}

// judge finds the attempt that the answer belongs to.
func (s *Sessions) judge(ctx context.Context, o Organisation, r *http.Request, from url.Values) (attemptRow, error) {
	for _, values := range from {
		if len(values) > 1 {
			return attemptRow{}, ErrForeign // two of anything: two readers would read two answers
		}
	}
	state, known := readSecret(from.Get("state"))
	if !known {
		return attemptRow{}, ErrForeign
	}
	binding, held := held(r, attemptCookie(state.digest()))
	if !held {
		return attemptRow{}, ErrForeign
	}
	e, err := s.cfg.Providers.Endpoints(ctx, o.Issuer)
	if err != nil {
		return attemptRow{}, err
	}
	if iss := from.Get("iss"); iss != o.Issuer && (iss != "" || e.NamesItself) { // RFC 9207 2.4
		return attemptRow{}, ErrForeign
	}
	out := attemptRow{state: state}
	err = s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return s.findAttempt(ctx, tx, o.Issuer, state, binding, "SELECT", &out)
	})
	return out, err
}

// findAttempt reads the row, or takes it away: how is SELECT or DELETE.
func (s *Sessions) findAttempt(ctx context.Context, tx *postgres.Tx, issuer string, state, binding secret, how string,
	out *attemptRow) error {
	const found = `FROM sign_in WHERE state_sha256 = $1 AND issuer = $2 AND expires_at > clock_timestamp()`
	const columns = `binding_sha256, purpose, session_sha256, sealed`
	sql := "SELECT " + columns + " " + found
	if how == "DELETE" {
		sql = "DELETE " + found + " RETURNING " + columns
	}
	key := state.digest()
	var bound, sealed []byte
	var purpose string
	err := tx.Ask(ctx, postgres.Question{What: "session: find attempt", SQL: sql, Args: []any{key[:], issuer},
		Row: func(r postgres.Row) error { return r.Scan(&bound, &purpose, &out.session, &sealed) }})
	if err != nil {
		return err
	}
	want := binding.digest()
	if sealed == nil || subtle.ConstantTimeCompare(bound, want[:]) != 1 {
		return ErrForeign
	}
	out.purpose, out.state = Purpose(purpose), state
	if err := open("sign-in", sealed, &out.attempt, state, binding); err != nil {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return nil
}

// take is judge that leaves nothing behind: an attempt is redeemed once, whatever comes of it.
func (s *Sessions) take(ctx context.Context, w http.ResponseWriter, r *http.Request, o Organisation,
	from url.Values) (attemptRow, error) {
	row, err := s.judge(ctx, o, r, from)
	if err != nil {
		return attemptRow{}, err
	}
	binding, _ := held(r, attemptCookie(row.state.digest()))
	var taken attemptRow
	err = s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return s.findAttempt(ctx, tx, o.Issuer, row.state, binding, "DELETE", &taken)
	})
	if err == nil {
		clearCookie(w, attemptCookie(row.state.digest()))
	}
	return taken, err
}
