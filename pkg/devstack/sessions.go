package devstack

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// sessionsLimit bounds the browsers that an issuer remembers.
const sessionsLimit = 10_000

// signedIn is a browser in which somebody signed in with an issuer.
type signedIn struct {
	id     string // "sid" of its ID tokens
	cookie string
	person PersonConfig
	acr    string
	at     time.Time
	asked  map[string]bool // the clients that had a code of it
}

// sessions are the browsers that an issuer knows again.
type sessions struct {
	mu   sync.Mutex
	held map[string]*signedIn // by cookie
}

func newSessions() *sessions { return &sessions{held: map[string]*signedIn{}} }

func cookieOf(p *provider) string { return "issuer-" + p.Name }

// begin remembers who chose in this browser; each choice is a session of its own.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request, p *provider, who PersonConfig,
	a authorization) signedIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := map[string]bool{a.client.ID: true}
	if c, err := r.Cookie(cookieOf(p)); err == nil {
		if before := s.held[c.Value]; before != nil && before.person.ID == who.ID {
			before.at, before.acr = p.now(), a.acr
			before.asked[a.client.ID] = true
			return *before
		}
		delete(s.held, c.Value)
	}
	if len(s.held) >= sessionsLimit {
		s.held = map[string]*signedIn{}
	}
	one := &signedIn{
		id:     rand.Text(),
		cookie: rand.Text(),
		person: who,
		acr:    a.acr,
		at:     p.now(),
		asked:  asked,
	}
	s.held[one.cookie] = one
	http.SetCookie(w, &http.Cookie{Name: cookieOf(p), Value: one.cookie, Path: "/" + p.Name, HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
	return *one
}

// of is the session of this browser.
func (s *sessions) of(r *http.Request, p *provider, client string) (signedIn, bool) {
	c, err := r.Cookie(cookieOf(p))
	if err != nil {
		return signedIn{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.held[c.Value]
	if one == nil {
		return signedIn{}, false
	}
	if client != "" {
		one.asked[client] = true
	}
	return *one, true
}

// end forgets the sessions that match, and answers them.
func (s *sessions) end(matches func(*signedIn) bool) []signedIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ended []signedIn
	for cookie, one := range s.held {
		if matches(one) {
			ended = append(ended, *one)
			delete(s.held, cookie)
		}
	}
	return ended
}

// renew answers prompt=none (OpenID Connect Core 3.1.2.1): a code for whoever is signed in, or login_required.
func (p *provider) renew(w http.ResponseWriter, r *http.Request, a authorization) {
	one, found := p.sessions.of(r, p, a.client.ID)
	if !found || a.acr == ACRMFA && one.acr != ACRMFA {
		p.redirect(w, r, a.redirect, url.Values{"error": {"login_required"},
			"error_description": {"nobody is signed in here so"}, "state": given(a.state)})
		return
	}
	p.give(w, r, a, one)
}

// endSession signs the browser out (OpenID Connect RP-Initiated Logout 1.0), tells the clients, and sends the browser
// back to an address that the client has for that.
func (p *provider) endSession(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	client, known := p.clients[query.Get("client_id")]
	back := query.Get("post_logout_redirect_uri")
	if !known || back != "" && !slices.Contains(client.PostLogoutURIs, back) {
		p.pageError(w, "The application that sent you here is not known, or wants you back at an address that is not "+
			"its own.")
		return
	}
	if one, found := p.sessions.of(r, p, ""); found {
		ended := p.sessions.end(func(s *signedIn) bool { return s.id == one.id })
		_ = p.tell(r.Context(), ended) // whoever does not listen is signed out here all the same
	}
	if back == "" {
		p.render(w, "done.html", http.StatusOK, "", page{Title: "You are signed out", SignedOut: true})
		return
	}
	if state := query.Get("state"); state != "" {
		back += "?" + url.Values{"state": {state}}.Encode()
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// tell sends a logout token to each client that had a code of the session (OpenID Connect Back-Channel Logout 1.0).
func (p *provider) tell(ctx context.Context, ended []signedIn) error {
	for _, one := range ended {
		for id := range one.asked {
			client := p.clients[id]
			if client.BackChannelURI == "" {
				continue
			}
			claims := p.claims(one.person.ID, id, 2*time.Minute)
			claims["jti"], claims["sid"] = rand.Text(), one.id
			claims["events"] = map[string]any{"http://schemas.openid.net/event/backchannel-logout": struct{}{}}
			token, err := p.keys.sign("logout+jwt", claims)
			if err != nil {
				return err
			}
			if err := post(ctx, client.BackChannelURI, url.Values{"logout_token": {token}}); err != nil {
				return err
			}
		}
	}
	return nil
}

func post(ctx context.Context, to string, form url.Values) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers a logout token with %d", to, resp.StatusCode)
	}
	return nil
}

// SignOut ends the person's sessions with the issuer, as its administrator would, and tells the clients of each.
func (s *Issuers) SignOut(ctx context.Context, issuer, person string) error {
	p, err := s.provider(issuer)
	if err != nil {
		return err
	}
	return p.tell(ctx, p.sessions.end(func(one *signedIn) bool { return one.person.ID == person }))
}
