package session_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/session"
)

func TestSomebodySignsInIsKnownOnEveryReplicaAndSignsOut(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	in := b.signIn("wco", "focal.wco")
	if in.Name != "Fiona of wco" || in.Short != "wco" || len(in.Actor.Roles()) != 1 || in.AskAgain {
		t.Errorf("session %+v", in)
	}
	for name, replica := range map[string]*session.Sessions{"the same": w.sessions, "another": w.replica()} {
		now, err := replica.Current(t.Context(), b.request("GET", "/"), false)
		if err != nil || now.Person() != in.Person() {
			t.Errorf("%s replica: %v", name, err)
		}
	}
	cookie := b.ours[session.Cookie]
	rw := httptest.NewRecorder()
	to, err := b.s.End(t.Context(), rw, b.request("POST", "/sign-out"))
	must(t, err)
	b.answered(rw)
	if !strings.HasPrefix(to, w.issuers.URL("wco")+"/end-session?") || strings.Contains(to, "id_token_hint") {
		t.Errorf("the issuer is told at %s", to)
	}
	if b.ours[session.Cookie] != "" {
		t.Error("the cookie stays")
	}
	b.ours[session.Cookie] = cookie // a thief kept it
	var over *session.Over
	if _, err := w.replica().Current(t.Context(), b.request("GET", "/"), false); !errors.As(err, &over) ||
		over.Because != session.SignedOut || !errors.Is(err, session.ErrNone) {
		t.Errorf("a cookie stolen before sign-out: %v", err)
	}
}

func TestSessionFixationASignInAndAStepUpGiveANewIdentifier(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	planted := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	b.ours[session.Cookie] = planted
	b.signIn("wco", "focal.wco")
	first := b.ours[session.Cookie]
	if first == planted || first == "" {
		t.Fatal("the planted identifier became a session")
	}
	now, err := b.current()
	must(t, err)
	f, err := b.finish("wco", b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToStepUp}, &now),
		"focal.wco"))
	must(t, err)
	if b.ours[session.Cookie] == first || !f.Session.Fresh || f.IDToken == "" {
		t.Error("a step-up keeps the identifier, is not fresh, or brings no evidence")
	}
	b.ours[session.Cookie] = first
	if _, err := b.current(); !errors.Is(err, session.ErrNone) {
		t.Errorf("the identifier before the step-up: %v", err)
	}
}

func TestLoginCSRFACodePlantedInAnothersBrowserGivesNothing(t *testing.T) {
	w := newWorld(t)
	attacker, victim := w.browser(), w.browser()
	answer := attacker.choose(attacker.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil),
		"staff.wco")
	if _, err := victim.s.Look(t.Context(), "wco", victim.request("GET", "/"), answer); !errors.Is(err,
		session.ErrForeign) {
		t.Errorf("a victim with no attempt: %v", err)
	}
	// A victim who is signing in meanwhile has a cookie, of another attempt.
	victim.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil)
	if _, err := victim.finish("wco", answer); !errors.Is(err, session.ErrForeign) {
		t.Errorf("a victim with an attempt: %v", err)
	}
	if victim.ours[session.Cookie] != "" {
		t.Error("the victim is signed in as the attacker")
	}
	// The code under the victim's own state: the issuer binds it to the attacker's challenge and nonce.
	own := victim.choose(victim.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil), "focal.wco")
	own.Set("code", answer.Get("code"))
	if _, err := victim.finish("wco", own); !identity.IsBadToken(err) {
		t.Errorf("the attacker's code under the victim's state: %v", err)
	}
}

func TestAStateIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	address := b.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil)
	kept := map[string]string{}
	for name, value := range b.ours {
		kept[name] = value
	}
	answer := b.choose(address, "focal.wco")
	for range 2 { // looking takes nothing away
		if _, err := b.s.Look(t.Context(), "wco", b.request("GET", "/"), answer); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.finish("wco", answer); err != nil {
		t.Fatal(err)
	}
	for name, value := range kept {
		b.ours[name] = value
	}
	if _, err := b.finish("wco", answer); !errors.Is(err, session.ErrForeign) {
		t.Errorf("the second time: %v", err)
	}
}

func TestAnAnswerOfAnotherIssuerOrWithoutItsNameIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(url.Values){
		"another issuer": func(v url.Values) { v.Set("iss", w.issuers.URL("unoct")) },
		"no issuer":      func(v url.Values) { v.Del("iss") },
		"two states":     func(v url.Values) { v.Add("state", v.Get("state")) },
		"another state":  func(v url.Values) { v.Set("state", strings.Repeat("A", 43)) },
	} {
		b := w.browser()
		answer := b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil), "focal.wco")
		change(answer)
		if _, err := b.finish("wco", answer); !errors.Is(err, session.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := w.browser()
	answer := b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil), "focal.wco")
	if _, err := b.finish("unoct", answer); !errors.Is(err, session.ErrForeign) {
		t.Errorf("at another organisation's address: %v", err)
	}
}

func TestBothEndsOfASessionAreMeasuredByTheDatabase(t *testing.T) {
	w := newWorld(t)
	for name, sql := range map[string]string{
		"idle":     `UPDATE session SET seen_at = clock_timestamp() - interval '30 minutes 1 second'`,
		"absolute": `UPDATE session SET ends_at = clock_timestamp() - interval '1 second'`,
	} {
		b := w.browser()
		b.signIn("wco", "focal.wco")
		w.change(sql)
		var over *session.Over
		if _, err := b.current(); !errors.As(err, &over) || over.Because != session.TimeOver {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := w.browser()
	in := b.signIn("wco", "staff.wco")
	if in.EndsAt.Sub(in.CreatedAt).Hours() != 10 || in.IdleAt.Sub(in.CreatedAt).Minutes() != 30 {
		t.Errorf("ends %s, idle %s after %s", in.EndsAt, in.IdleAt, in.CreatedAt)
	}
	// A count that comes by itself keeps nobody signed in; a page does.
	w.change(`UPDATE session SET seen_at = clock_timestamp() - interval '20 minutes' WHERE person = $1`,
		string(in.Person()))
	before, err := b.s.Current(t.Context(), b.request("GET", "/"), true)
	must(t, err)
	again, err := b.s.Current(t.Context(), b.request("GET", "/"), true)
	must(t, err)
	if !again.IdleAt.Equal(before.IdleAt) {
		t.Error("a look moved the idle end")
	}
	if after, err := b.current(); err != nil || !after.IdleAt.After(before.IdleAt) {
		t.Errorf("a page moved nothing: %v", err)
	}
}

func TestAPersonHasAtMostFiveSessionsAndTheOldestIsToldWhy(t *testing.T) {
	w := newWorld(t)
	var all []*browser
	for range 6 {
		b := w.browser()
		b.signIn("wco", "focal.wco")
		all = append(all, b)
	}
	var over *session.Over
	if _, err := all[0].current(); !errors.As(err, &over) || over.Because != session.TooMany {
		t.Errorf("the oldest: %v", err)
	}
	for i, b := range all[1:] {
		if _, err := b.current(); err != nil {
			t.Errorf("session %d: %v", i+2, err)
		}
	}
	now, err := all[5].current()
	must(t, err)
	places, err := w.sessions.Places(t.Context(), now)
	must(t, err)
	if len(places) != 5 || !places[0].Here {
		t.Errorf("places %+v", places)
	}
}

// Whoever held a session that somebody else ended reads who it was; others go on.
func TestASessionThatSomebodyElseEndedSaysWhoEndedIt(t *testing.T) {
	w := newWorld(t)
	focal, staff, other := w.browser(), w.browser(), w.browser()
	focal.signIn("wco", "focal.wco")
	staff.signIn("wco", "staff.wco")
	other.signIn("unoct", "staff.unoct")
	ended := func(by session.Ended, want int, over map[*browser]session.Ended, done exchange.SessionsEnded, err error) {
		t.Helper()
		must(t, err)
		if done.Ended != want {
			t.Errorf("%s: %d ended, %d expected", by, done.Ended, want)
		}
		for _, b := range []*browser{focal, staff, other} {
			_, err := b.current()
			var is *session.Over
			gone := errors.As(err, &is)
			if gone != (over[b] != "") || gone && is.Because != over[b] || !gone && err != nil {
				t.Errorf("by %s: %v; want over %q", by, err, over[b])
			}
		}
	}
	now, err := focal.current()
	must(t, err)
	signs, err := w.gateway.Recognise(t.Context(), exchange.Claims{Issuer: w.issuers.URL("wco"), Subject: "signs.wco",
		Client: "portal", Roles: []article4.Role{article4.RoleSignatory}, SignIn: article4.SignInFresh})
	must(t, err)
	done, err := w.gateway.EndSessions(t.Context(), signs, now.Person())
	over := map[*browser]session.Ended{focal: session.ByParty}
	ended(session.ByParty, 1, over, done, err)
	done, err = w.gateway.OperatorEndSessions(t.Context(), exchange.SessionsOf{Organisation: "org_wco"})
	over[staff] = session.ByOperator
	ended(session.ByOperator, 1, over, done, err)
	done, err = w.gateway.OperatorEndSessions(t.Context(), exchange.SessionsOf{})
	over[other] = session.ByOperator
	ended(session.ByOperator, 1, over, done, err)
}

func TestEndingOtherSessionsAsksForAFreshSignIn(t *testing.T) {
	w := newWorld(t)
	here, there, stranger := w.browser(), w.browser(), w.browser()
	there.signIn("wco", "focal.wco")
	stranger.signIn("wco", "staff.wco")
	here.signIn("wco", "focal.wco")
	here.s = w.replicaAt(func() time.Time { return time.Now().Add(11 * time.Minute) })
	now, err := here.current()
	must(t, err)
	here.s = w.sessions
	_, err = w.sessions.EndOther(t.Context(), now, "")
	asksToSignIn(t, err, "gateway/step-up")
	if _, err := there.current(); err != nil {
		t.Fatalf("without a fresh sign-in it ended: %v", err)
	}
	f, err := here.finish("wco", here.choose(here.begin(session.Beginning{Short: "wco", Purpose: session.ToStepUp},
		&now),
		"focal.wco"))
	must(t, err)
	_, err = w.sessions.EndOther(t.Context(), f.Session, "")
	must(t, err)
	var over *session.Over
	if _, err := there.current(); !errors.As(err, &over) || over.Because != session.Elsewhere {
		t.Errorf("the other session: %v", err)
	}
	if _, err := here.current(); err != nil {
		t.Errorf("this session: %v", err)
	}
	if _, err := stranger.current(); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
}

// asksToSignIn wants a refusal for that reason alone.
func asksToSignIn(t *testing.T, err error, code article4.Code) {
	t.Helper()
	var refusal *exchange.Refusal
	if !errors.As(err, &refusal) || len(refusal.Reasons) != 1 || refusal.Reasons[0].Code != code {
		t.Fatalf("%v, not refused for %s", err, code)
	}
}

// Whoever comes with a token sees and ends their own sessions: with a fresh sign-in alone, on every replica at once,
// and nobody else's.
func TestATokenEndsThePersonsOwnSessionsOnEveryReplica(t *testing.T) {
	w := newWorld(t)
	first, second, stranger := w.browser(), w.browser(), w.browser()
	first.signIn("wco", "focal.wco")
	second.signIn("wco", "focal.wco")
	stranger.signIn("wco", "staff.wco")
	other := w.replica()
	verifier, err := identity.New(identity.Config{Issuers: w.bound(), Gateway: w.gateway})
	must(t, err)
	bringing := func(person string, o devstack.TokenOptions) session.Session {
		t.Helper()
		token, _, err := w.issuers.Token("wco", person, o)
		must(t, err)
		r := httptest.NewRequest("DELETE", public+"/api/v1/me/sessions", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		actor, err := verifier.Authenticate(t.Context(), r)
		must(t, err)
		return session.Outside(actor)
	}
	lives := func(b *browser, want bool) {
		t.Helper()
		var over *session.Over
		switch _, err := b.current(); {
		case want && err != nil:
			t.Errorf("it ended: %v", err)
		case !want && (!errors.As(err, &over) || over.Because != session.Elsewhere):
			t.Errorf("it was not ended by its person: %v", err)
		}
	}
	fresh := bringing("focal.wco", devstack.TokenOptions{})
	mine, err := other.Places(t.Context(), fresh)
	must(t, err)
	if len(mine) != 2 || mine[0].Here || mine[1].Here {
		t.Fatalf("the person's sessions: %+v", mine)
	}
	for code, o := range map[article4.Code]devstack.TokenOptions{
		"gateway/step-up":          {AuthTime: time.Now().Add(-11 * time.Minute)},
		"gateway/sign-in-too-weak": {ACR: "urn:example:password"},
	} {
		for _, id := range []string{"", mine[0].ID} {
			_, err := other.EndOther(t.Context(), bringing("focal.wco", o), id)
			asksToSignIn(t, err, code)
		}
	}
	theirs := bringing("staff.wco", devstack.TokenOptions{})
	for _, id := range []string{mine[0].ID, strings.Repeat("0", 64)} {
		if ended, err := other.EndOther(t.Context(), theirs, id); err != nil || len(ended) > 0 {
			t.Errorf("somebody else ended %+v, %v", ended, err)
		}
	}
	lives(first, true)
	lives(second, true)
	ended, err := other.EndOther(t.Context(), fresh, mine[0].ID)
	must(t, err)
	if len(ended) != 1 || ended[0] != mine[0] {
		t.Errorf("ended %+v", ended)
	}
	lives(second, false)
	lives(first, true)
	if ended, err := other.EndOther(t.Context(), fresh, mine[0].ID); err != nil || len(ended) > 0 {
		t.Errorf("ended twice: %+v, %v", ended, err)
	}
	ended, err = other.EndOther(t.Context(), fresh, "")
	must(t, err)
	if len(ended) != 1 {
		t.Errorf("ended %+v", ended)
	}
	lives(first, false)
	lives(stranger, true)
}

func TestAtAStepUpAnotherPersonDoesNothingForEither(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	now := b.signIn("wco", "focal.wco")
	typed := &session.Typed{Person: now.Person(), Path: "/x", Form: url.Values{"statement": {"mine"}}}
	answer := b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToStepUp, Typed: typed}, &now),
		"staff.wco")
	f, err := b.finish("wco", answer)
	if !errors.Is(err, session.ErrAnotherPerson) || f.IDToken != "" || f.Typed != nil {
		t.Errorf("answered %+v, %v", f, err)
	}
	if still, err := b.current(); err != nil || still.Person() != now.Person() {
		t.Errorf("the session before: %v", err)
	}
}

func TestAStepUpIsAFreshSignInAfterItWasAskedFor(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	now := b.signIn("wco", "focal.wco")
	for _, p := range []session.Purpose{session.ToSignIn, session.ToRenew} {
		if at := b.begin(session.Beginning{Short: "wco", Purpose: p}, &now); !strings.Contains(at, "acr_values=mfa") {
			t.Errorf("%s asks for %s, without the factors that protected content takes", p, at)
		}
	}
	address := b.begin(session.Beginning{Short: "wco", Purpose: session.ToStepUp}, &now)
	query, err := url.Parse(address)
	must(t, err)
	if q := query.Query(); q.Get("prompt") != "login" || q.Get("max_age") != "0" || q.Get("acr_values") != "mfa" {
		t.Errorf("asked with %v", q)
	}
	// An issuer that passes over what was asked: the parameters do not arrive.
	q := query.Query()
	q.Del("acr_values")
	query.RawQuery = q.Encode()
	if f, err := b.finish("wco", b.choose(query.String(), "focal.wco")); !errors.Is(err, session.ErrNotFresh) ||
		f.IDToken != "" {
		t.Errorf("a weaker sign-in: %v", err)
	}
}

func TestTheNonceOfAStepUpIsTheDigestOfAText(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	now := b.signIn("wco", "focal.wco")
	const nonce = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	f, err := b.finish("wco", b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToStepUp, Nonce: nonce},
		&now), "focal.wco"))
	must(t, err)
	evidence, err := identity.NewEvidence(identity.Config{Issuers: w.bound()})
	must(t, err)
	if found, err := evidence.Verify(t.Context(), w.issuers.URL("wco"), f.IDToken, nonce); err != nil ||
		found.Subject != "focal.wco" {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestWhatWasTypedComesBackToTheSamePersonOnly(t *testing.T) {
	w := newWorld(t)
	for person, comes := range map[string]bool{"focal.wco": true, "staff.wco": false} {
		b := w.browser()
		now := b.signIn("wco", "focal.wco")
		typed := &session.Typed{Person: now.Person(), Path: "/requests/req_1",
			Form: url.Values{"statement": {"a secret"}}}
		address := b.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn, Typed: typed}, nil)
		if rows := w.rows(); strings.Contains(rows, "a secret") || strings.Contains(rows, "req_1") {
			t.Error("what was typed stands open in the database")
		}
		f, err := b.finish("wco", b.choose(address, person))
		must(t, err)
		if got := f.Typed != nil && f.Typed.Form.Get("statement") == "a secret"; got != comes {
			t.Errorf("%s gets %+v", person, f.Typed)
		}
	}
}

func TestTheDatabaseAloneHoldsNoSession(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.signIn("wco", "focal.wco")
	rows := w.rows()
	for _, value := range b.ours {
		raw, err := base64.RawURLEncoding.DecodeString(value)
		must(t, err)
		if strings.Contains(rows, value) || bytes.Contains([]byte(rows), raw) {
			t.Error("a cookie stands in the database")
		}
	}
	for _, open := range []string{"Fiona", "focal.wco", "eyJ"} {
		if strings.Contains(rows, open) {
			t.Errorf("%q stands open in the database", open)
		}
	}
	// A row moved under another identifier opens with no cookie but its own.
	other := w.browser()
	other.signIn("wco", "staff.wco")
	w.change(`UPDATE session SET sealed = (SELECT sealed FROM session ORDER BY created_at LIMIT 1),
		person = (SELECT person FROM session ORDER BY created_at LIMIT 1)`)
	if _, err := other.current(); !errors.Is(err, session.ErrNone) {
		t.Errorf("a row with another's seal: %v", err)
	}
}

// rows is everything that the tables of sessions hold.
func (w *world) rows() string {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(context.Background())
	var all string
	must(w.t, conn.QueryRow(w.t.Context(), `SELECT coalesce(string_agg(encode(x::bytea, 'escape'), ' '), '') FROM (
		SELECT session::text AS x FROM session UNION ALL SELECT encode(sealed, 'escape') FROM session
		UNION ALL SELECT sign_in::text FROM sign_in UNION ALL SELECT encode(sealed, 'escape') FROM sign_in)
			t`).Scan(&all))
	return all
}

func TestTheIssuerEndsASessionOnEveryReplica(t *testing.T) {
	w := newWorld(t)
	focal, staff := w.browser(), w.browser()
	focal.signIn("wco", "focal.wco")
	staff.signIn("wco", "staff.wco")
	must(t, w.issuers.SignOut(t.Context(), "wco", "focal.wco"))
	focal.s = w.replica()
	var over *session.Over
	if _, err := focal.current(); !errors.As(err, &over) || over.Because != session.ByIssuer {
		t.Errorf("who was signed out: %v", err)
	}
	if _, err := staff.current(); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}

func TestALogoutTokenIsCheckedAndTakenOnce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.signIn("wco", "focal.wco")
	token := func(header, change map[string]any) string {
		claims := map[string]any{
			"iss": w.issuers.URL("wco"),
			"aud": "portal",
			"sub": "focal.wco",
			"jti": "one",

			"iat": now(),
			"exp": now() + 60,

			"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
		}
		for name, value := range change {
			claims[name] = value
			if value == nil {
				delete(claims, name)
			}
		}
		head := map[string]any{"typ": "logout+jwt"}
		for name, value := range header {
			head[name] = value
		}
		raw, err := w.issuers.Sign("wco", head, claims)
		must(t, err)
		return raw
	}
	for name, raw := range map[string]string{
		"another type":   token(map[string]any{"typ": "JWT"}, nil),
		"unsigned":       token(map[string]any{"alg": "none"}, nil),
		"a nonce":        token(nil, map[string]any{"nonce": "x"}),
		"no event":       token(nil, map[string]any{"events": map[string]any{}}),
		"another client": token(nil, map[string]any{"aud": "cli"}),
		"another issuer": token(nil, map[string]any{"iss": w.issuers.URL("unoct")}),
		"nobody named":   token(nil, map[string]any{"sub": nil}),
		"no identifier":  token(nil, map[string]any{"jti": nil}),
		"long over":      token(nil, map[string]any{"iat": now() - 600, "exp": now() - 300}),
	} {
		if err := w.sessions.BackChannel(t.Context(), raw); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := b.current(); err != nil {
		t.Fatalf("after tokens that were refused: %v", err)
	}
	good := token(nil, nil)
	must(t, w.sessions.BackChannel(t.Context(), good))
	if _, err := b.current(); !errors.Is(err, session.ErrNone) {
		t.Errorf("after a logout token: %v", err)
	}
	b.signIn("wco", "focal.wco")
	if err := w.replica().BackChannel(t.Context(), good); !errors.Is(err, session.ErrTaken) {
		t.Errorf("the same token again: %v", err)
	}
	if _, err := b.current(); err != nil {
		t.Errorf("a token that came again ended a session: %v", err)
	}
}

func TestARenewalAsksTheIssuerWithoutAPageAndOnlyRenews(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.signIn("wco", "focal.wco")
	w.change(`UPDATE session SET asked_again_after = clock_timestamp() - interval '1 second'`)
	now, err := b.current()
	must(t, err)
	if !now.AskAgain {
		t.Fatal("the issuer is not to be asked again")
	}
	before := b.ours[session.Cookie]
	f, err := b.finish("wco", b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToRenew}, &now), ""))
	must(t, err)
	if f.Session.AskAgain || b.ours[session.Cookie] != before || !f.Session.EndsAt.Equal(now.EndsAt) {
		t.Error("a renewal moved the identifier or an end, or renewed nothing")
	}
	// The person signed out at the issuer: no page, no code.

	b.issuers = map[string]*http.Cookie{}
	var denied *session.Denied
	if _, err := b.finish("wco", b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToRenew}, &now),
		"")); !errors.As(err, &denied) || denied.Code != "login_required" {
		t.Errorf("a renewal for nobody: %v", err)
	}
	// A renewal signs nobody in where there is no session.
	lost := b.begin(session.Beginning{Short: "wco", Purpose: session.ToRenew}, &now)
	delete(b.ours, session.Cookie)
	lost = strings.Replace(lost, "prompt=none", "prompt=login", 1)
	if _, err := b.finish("wco", b.choose(lost, "focal.wco")); !errors.Is(err, session.ErrForeign) {
		t.Errorf("a renewal without a session: %v", err)
	}
}

func TestOpenRedirectOnlyOurOwnPathsAreGoneBackTo(t *testing.T) {
	for given, want := range map[string]string{
		"/documents?marking=restricted": "/documents?marking=restricted",
		"/inbox/req_1#decide":           "/inbox/req_1",
		"":                              "/",
		"documents":                     "/",
		"//evil.example":                "/",
		`/\evil.example`:                "/",
		`\\evil.example`:                "/",
		"https://evil.example/":         "/",
		"https:evil.example":            "/",
		"javascript:alert(1)":           "/",
		"/%2f/evil.example":             "/",
		"/%5cevil.example":              "/",
		"/a\r\nSet-Cookie: x=y":         "/",
		"/\t/evil.example":              "/",
		"/sign-in/wco":                  "/",
		"/sign-out":                     "/",
		"/api/v1/me":                    "/",
		"/" + strings.Repeat("a", 2100): "/",
	} {
		if got := session.Local(given); got != want {
			t.Errorf("%q goes to %q, want %q", given, got, want)
		}
	}
}

func TestTwoCookiesOfANameAreBelievedNeither(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.signIn("wco", "focal.wco")
	r := b.request("GET", "/")
	r.Header.Add("Cookie", session.Cookie+"="+strings.Repeat("A", 43))
	if _, err := b.s.Current(t.Context(), r, false); !errors.Is(err, session.ErrNone) {
		t.Errorf("two cookies: %v", err)
	}
}

func TestWhoseRoleWasTakenAwayKeepsItUntilTheIssuerIsAskedAgainAtMost(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	if in := b.signIn("wco", "focal.wco"); len(in.Actor.Roles()) != 1 || in.Actor.Roles()[0] != article4.RoleStaff {
		t.Fatalf("roles %v", in.Actor.Roles())
	}
	var again bool
	conn, err := pgx.Connect(t.Context(), w.db.SuperuserURL())
	must(t, err)
	defer conn.Close(context.Background())
	must(t, conn.QueryRow(t.Context(), `SELECT asked_again_after <= created_at + interval '1 hour 1 second'
		FROM session`).Scan(&again))
	if !again {
		t.Error("the issuer is asked again later than within the hour")
	}
}

func now() int64 { return time.Now().Unix() }

// Somebody signs in at the office every day, and one night from elsewhere: the person is told, with the browser and the
// network, and nobody else is; neither the first place nor a known one is told, on any replica.
func TestASignInFromANewPlaceIsToldToThePerson(t *testing.T) {
	w := newWorld(t)
	from := func(s *session.Sessions, person, agent, address string) session.Session {
		b := w.browser()
		b.s, b.agent, b.address = s, agent, address
		return b.signIn("wco", person)
	}
	told := func(of session.Session) (out []string) {
		page, err := w.gateway.Notices(t.Context(), of.Actor, exchange.NoticeQuery{Kind: "sign-in"})
		must(t, err)
		for _, n := range page.Items {
			english, _ := n.Words()
			out = append(out, english)
		}
		return out
	}
	const office, phone = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0 (iPhone) Safari/605"
	me := from(w.sessions, "staff.wco", office, "192.0.2.7:40000")
	from(w.sessions, "staff.wco", office, "192.0.2.99:40001") // the same network
	if got := told(me); len(got) != 0 {
		t.Errorf("told of the first place: %q", got)
	}
	other := from(w.sessions, "focal.wco", office, "203.0.113.4:1")
	from(w.replica(), "staff.wco", office, "203.0.113.4:40000") // another's place is not one's own
	from(w.sessions, "staff.wco", office, "203.0.113.9:40000")
	from(w.sessions, "staff.wco", phone, "[2001:db8:7:9::1]:40000")
	got := strings.Join(told(me), "|")
	if len(told(me)) != 2 || !strings.Contains(got, "Firefox, Linux, 203.0.113.0/24") ||
		!strings.Contains(got, "Safari, iPhone, 2001:db8:7::/48") {
		t.Errorf("told: %q", got)
	}
	if got := told(other); len(got) != 0 {
		t.Errorf("another was told: %q", got)
	}
	w.change(`UPDATE session_place SET seen_at = now() - interval '2 years'`)
	from(w.sessions, "staff.wco", office, "198.51.100.1:1")
	if len(told(me)) != 2 {
		t.Error("a place after all were forgotten is the first again")
	}
}

// The word of a sign-in from a new place is told at the next sign-in from there where it could not be told at first.
func TestASignInFromANewPlaceThatCouldNotBeToldIsToldAtTheNext(t *testing.T) {
	w := newWorld(t)
	const office = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
	from := func(address string) session.Session {
		b := w.browser()
		b.agent, b.address = office, address
		return b.signIn("wco", "staff.wco")
	}
	told := func(of session.Session) int {
		page, err := w.gateway.Notices(t.Context(), of.Actor, exchange.NoticeQuery{Kind: "sign-in"})
		must(t, err)
		return len(page.Items)
	}
	conn, err := pgx.Connect(t.Context(), w.db.SuperuserURL())
	must(t, err)
	defer conn.Close(context.Background())
	notices := func(may string) {
		_, err := conn.Exec(t.Context(), may)
		must(t, err)
	}
	from("192.0.2.7:40000")
	notices(`REVOKE INSERT ON notice FROM chancery_app`)
	me := from("203.0.113.4:40000")
	notices(`GRANT INSERT ON notice TO chancery_app`)
	if n := told(me); n != 0 {
		t.Fatalf("told %d times while nothing can be told", n)
	}
	for range 2 {
		from("203.0.113.9:40000")
		if n := told(me); n != 1 {
			t.Errorf("told %d times; want once, at the next sign-in from there", n)
		}
	}
}

// private_key_jwt: whoever has all but the key of the pages' client redeems no code, and neither does one who has a
// secret or nothing where a key is registered.
func TestACodeIsRedeemedWithTheKeyOfThePagesClientAlone(t *testing.T) {
	w := newWorld(t)
	w.browser().signIn("wco", "focal.wco")
	for name, browser := range map[string]identity.Browser{
		"another key":      {ID: "portal", Key: newClientKey(t)},
		"for another":      {ID: "portal", Key: w.key, Audience: w.issuers.URL("unoct")},
		"as a public one":  {ID: "portal"},
		"with some secret": {ID: "portal", Secret: "secret of one test"},
	} {
		b := w.browser()
		answer := b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil), "focal.wco")
		b.s = w.replicaWith(time.Now, browser)
		if _, err := b.finish("wco", answer); !identity.IsBadToken(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := w.browser()
	answer := b.choose(b.begin(session.Beginning{Short: "wco", Purpose: session.ToSignIn}, nil), "focal.wco")
	b.s = w.replicaWith(time.Now, identity.Browser{ID: "portal", Key: w.key, Audience: w.issuers.URL("wco") + "/token"})
	if _, err := b.finish("wco", answer); err != nil {
		t.Errorf("made for the token endpoint: %v", err)
	}
}

// counted is what a query of the superuser counts.
func (w *world) counted(sql string) (n int) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(context.Background())
	must(w.t, conn.QueryRow(w.t.Context(), sql).Scan(&n))
	return n
}

// A superuser past every grant: a row that is deleted signs its person out on every replica, permits nothing, and
// leaves no word in the log; whoever has it back as it was has that browser back, and nobody else's (docs/trust.md).
func TestASuperuserWhoDeletesASessionsRowSignsItsPersonOutAndTheLogSaysNothing(t *testing.T) {
	w := newWorld(t)
	b, other := w.browser(), w.browser()
	was := b.signIn("wco", "focal.wco")
	other.signIn("unoct", "staff.unoct")
	elsewhere := w.replica()
	said := func() int {
		return w.counted(`SELECT (SELECT count(*) FROM log_entry) + (SELECT count(*) FROM notice)`)
	}
	before := said()
	w.change(`CREATE TABLE kept AS SELECT * FROM session`)
	w.change(`DELETE FROM session WHERE person = $1`, was.Person())
	for name, s := range map[string]*session.Sessions{"here": w.sessions, "at another replica": elsewhere} {
		if _, err := s.Current(t.Context(), b.request("GET", "/"), false); !errors.Is(err, session.ErrNone) {
			t.Errorf("%s: %v; want that there is no session", name, err)
		}
	}
	asked := b.begin(session.Beginning{Short: "wco", Purpose: session.ToStepUp}, &was)
	if f, err := b.finish("wco", b.choose(asked, "focal.wco")); err == nil {
		t.Errorf("a step-up of the session that is gone gave %+v", f)
	}
	if _, err := other.current(); err != nil {
		t.Errorf("somebody else is signed out: %v", err)
	}
	signs, err := w.gateway.Recognise(t.Context(), exchange.Claims{Issuer: w.issuers.URL("wco"), Subject: "signs.wco",
		Client: "portal", Roles: []article4.Role{article4.RoleSignatory}, SignIn: article4.SignInFresh})
	must(t, err)
	done, err := w.gateway.EndSessions(t.Context(), signs, was.Person())
	must(t, err)
	if done.Ended != 0 || done.Entry != "" || said() != before {
		t.Errorf("%+v, and %d entries and notices where there were %d", done, said(), before)
	}

	// Put back, though a signatory ended it meanwhile: nothing tells it from one that goes on. It is the holder of the
	// cookie who is signed in again, and nobody who reads the database.
	w.change(`INSERT INTO session SELECT * FROM kept WHERE person = $1`, was.Person())
	done, err = w.gateway.EndSessions(t.Context(), signs, was.Person())
	must(t, err)
	var over *session.Over
	if _, err := b.current(); done.Ended != 1 || !errors.As(err, &over) {
		t.Errorf("%+v: %v; want one that was ended", done, err)
	}
	w.change(`UPDATE session SET ended = NULL WHERE person = $1`, was.Person())
	if _, err := b.current(); !errors.Is(err, session.ErrNone) {
		t.Errorf("its end undone, without its seal: %v", err)
	}
	w.change(`UPDATE session s SET sealed = k.sealed FROM kept k WHERE k.id_sha256 = s.id_sha256 AND s.person = $1`,
		was.Person())
	if now, err := b.current(); err != nil || now.Person() != was.Person() {
		t.Errorf("its end undone, with its seal: %v", err)
	}
}
