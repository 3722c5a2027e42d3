package rest_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/session"
)

// ownSessions asks the sessions of the pages, as the gateway does. They are made when they are asked for first: their
// connections are none of those that a test counts or strikes.
type ownSessions struct{ all func() *session.Sessions }

func (o ownSessions) Of(ctx context.Context, a exchange.Actor) ([]rest.Session, error) {
	found, err := o.all().Places(ctx, session.Outside(a))
	return shownOf(found), err
}

func (o ownSessions) End(ctx context.Context, a exchange.Actor, id string) ([]rest.Session, error) {
	ended, err := o.all().EndOther(ctx, session.Outside(a), id)
	return shownOf(ended), err
}

func shownOf(places []session.Place) (out []rest.Session) {
	for _, p := range places {
		out = append(out, rest.Session{ID: p.ID, Browser: p.Browser, CreatedAt: p.CreatedAt, SeenAt: p.SeenAt,
			EndsAt: p.EndsAt})
	}
	return out
}

func (w *world) ownSessions(g *exchange.Gateway) rest.Sessions {
	return ownSessions{sync.OnceValue(func() *session.Sessions {
		providers, err := identity.NewSignIn(identity.SignInConfig{Config: identity.Config{Issuers: w.bound()}})
		must(w.t, err)
		s, err := session.New(session.Config{DB: w.open(w.db, "_app", postgres.App), Providers: providers, Gateway: g,
			Organisations: []session.Organisation{{Short: "wco", Name: "wco", Issuer: w.issuers.URL("wco")}},
			PublicURL:     "https://gateway.example"})
		must(w.t, err)
		return s
	})}
}

// signedIn gives somebody a session of the pages, and answers its identifier.
func (w *world) signedIn(person string) (id string) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(context.Background())
	must(w.t, conn.QueryRow(w.t.Context(), `INSERT INTO session (id_sha256, person, issuer, subject_sha256, sealed,
		browser, created_at, seen_at, ends_at, asked_again_after)
		SELECT sha256(gen_random_uuid()::text::bytea), $1, '', '', '', 'Firefox, Linux', now, now,
			now + interval '10 hours', now + interval '15 minutes' FROM clock_timestamp() AS now
		RETURNING encode(sha256(id_sha256), 'hex')`, w.personOf(person)).Scan(&id))
	return id
}

// sessionsOf are the identifiers of the sessions that somebody is shown.
func (w *world) sessionsOf(person string) string {
	w.t.Helper()
	var ids []string
	for _, s := range want[api.PortalSessions](w.t, w.as(person, "GET", "/me/sessions", ""), 200).Sessions {
		ids = append(ids, s.Id)
	}
	return strings.Join(ids, " ")
}

// A token is not enough to put somebody out: it takes the sign-in that deciding takes, and what is refused ends
// nothing.
func TestSessionsAreEndedByAFreshSignInOfTheirPersonAlone(t *testing.T) {
	w := newWorld(t)
	first, theirs := w.signedIn("staff.wco"), w.signedIn("focal.wco")
	second := w.signedIn("staff.wco")
	if got := w.sessionsOf("staff.wco"); got != second+" "+first {
		t.Fatalf("shown are %s, want %s %s", got, second, first)
	}
	for code, o := range map[string]devstack.TokenOptions{
		"gateway/step-up":          {AuthTime: time.Now().Add(-20 * time.Minute)},
		"gateway/sign-in-too-weak": {ACR: "urn:example:password"},
	} {
		for _, path := range []string{"/me/sessions", "/me/sessions/" + first} {
			a := w.as("staff.wco", "DELETE", path, "", "Authorization", "Bearer "+w.token("staff.wco", o))
			p := refused(t, a, 401, code)
			if said := a.Header.Get("WWW-Authenticate"); !strings.Contains(said, "insufficient_user_authentication") ||
				!strings.Contains(said, "max_age=600") || p.LogEntry != "" {
				t.Errorf("DELETE %s: %s, entry %q", path, said, p.LogEntry)
			}
		}
	}
	refused(t, w.as("staff.wco", "DELETE", "/me/sessions/"+theirs, ""), 404, "request/not-found")
	if a := w.as("staff.wco", "DELETE", "/me/sessions/", ""); a.StatusCode < 400 {
		t.Errorf("the session without an identifier: %d %s", a.StatusCode, a.body)
	}
	if got := w.sessionsOf("staff.wco"); got != second+" "+first {
		t.Fatalf("after refusals there are %s", got)
	}
	ended := want[api.PortalSession](t, w.as("staff.wco", "DELETE", "/me/sessions/"+first, ""), 200)
	if ended.Id != first || ended.Browser != "Firefox, Linux" {
		t.Errorf("ended is %+v", ended)
	}
	refused(t, w.as("staff.wco", "DELETE", "/me/sessions/"+first, ""), 404, "request/not-found")
	all := want[api.PortalSessions](t, w.as("staff.wco", "DELETE", "/me/sessions", ""), 200).Sessions
	if len(all) != 1 || all[0].Id != second || w.sessionsOf("staff.wco") != "" {
		t.Errorf("ended are %+v", all)
	}
	if got := w.sessionsOf("focal.wco"); got != theirs {
		t.Errorf("of somebody else there are %s, want %s", got, theirs)
	}
}

func TestAMachineHasNoSessionsAndIsNotToldToSignIn(t *testing.T) {
	w := newWorld(t)
	theirs := w.signedIn("staff.wco")
	for _, method := range []string{"GET", "DELETE"} {
		a := w.as("machine.wco", method, "/me/sessions", "")
		if got := want[api.PortalSessions](t, a, 200).Sessions; len(got) > 0 {
			t.Errorf("%s: %+v", method, got)
		}
	}
	refused(t, w.as("machine.wco", "DELETE", "/me/sessions/"+theirs, ""), 404, "request/not-found")
}

// Decision 0410: a Party's signatory signs people of the Party out over the API, with a fresh sign-in; others are
// refused, an unknown person does not exist, and what is not there is not ended.
func TestAPartysSignatorySignsItsPeopleOut(t *testing.T) {
	w := newWorld(t)
	w.signedIn("staff.wco")
	w.signedIn("staff.wco")
	kept := w.signedIn("focal.wco")
	path := "/people/" + w.personOf("staff.wco") + "/sessions"
	for code, o := range map[string]devstack.TokenOptions{
		"gateway/step-up":          {AuthTime: time.Now().Add(-20 * time.Minute)},
		"gateway/sign-in-too-weak": {ACR: "urn:example:password"},
	} {
		a := w.as("focal.wco", "DELETE", path, "", "Authorization", "Bearer "+w.token("focal.wco", o))
		if p := refused(t, a, 401, code); p.LogEntry == "" ||
			!strings.Contains(a.Header.Get("WWW-Authenticate"), "insufficient_user_authentication") {
			t.Errorf("%s: entry %q, %s", code, p.LogEntry, a.Header.Get("WWW-Authenticate"))
		}
	}
	refused(t, w.as("staff.wco", "DELETE", path, ""), 403, "gateway/no-authority")
	refused(t, w.as("machine.wco", "DELETE", path, ""), 403, "gateway/no-authority")
	refused(t, w.as("focal.unoct", "DELETE", path, ""), 404, "request/not-found")
	refused(t, w.as("focal.wco", "DELETE", "/people/per_nobody/sessions", ""), 404, "request/not-found")
	done := want[api.SessionsEnded](t, w.as("focal.wco", "DELETE", path, ""), 200)
	if done.Ended != 2 || done.LogEntry == nil || w.sessionsOf("staff.wco") != "" || w.sessionsOf("focal.wco") != kept {
		t.Errorf("%+v", done)
	}
	again := want[api.SessionsEnded](t, w.as("focal.wco", "DELETE", path, ""), 200)
	if again.Ended != 0 || again.LogEntry != nil {
		t.Errorf("once more: %+v", again)
	}
}
