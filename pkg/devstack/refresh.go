package devstack

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	grantRefresh    = "refresh_token"
	scopeOffline    = "offline_access" // OpenID Connect Core 11
	refreshLifetime = 12 * time.Hour
)

// refreshToken keeps a sign-in for a client that asked for offline_access; "" where it did not. The sign-in stays the
// one of then: neither its hour nor its nonce moves.
func (p *provider) refreshToken(g grant) (string, *tokenError) {
	if !slices.Contains(strings.Fields(g.scope), scopeOffline) {
		return "", nil
	}
	now := p.now()
	g.nonce = ""
	if g.expires = g.authTime.Add(refreshLifetime); now.After(g.expires) {
		return "", nil
	}
	token, err := p.refreshes.add(g, now)
	if err != nil {
		return "", &tokenError{"temporarily_unavailable", err.Error()}
	}
	return token, nil
}

// exchangeRefresh takes a refresh token, each once (RFC 9700 4.14.2).
func (p *provider) exchangeRefresh(client string, form url.Values) (*tokenAnswer, *tokenError) {
	g, found := p.refreshes.take(form.Get("refresh_token"), p.now())
	if !found || g.client != client {
		return nil, &tokenError{"invalid_grant", "the refresh token is unknown, used, expired, or not this client's"}
	}
	return p.answer(g)
}

// revoke forgets a refresh token (RFC 7009); of one that is unknown it says the same.
func (p *provider) revoke(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) || repeated(r.PostForm) {
		refuseToken(w, &tokenError{"invalid_request", "the form is not well formed"})
		return
	}
	if _, ok := p.authenticate(r); !ok {
		refuseToken(w, &tokenError{"invalid_client", "unknown client, or wrong secret"})
		return
	}
	p.refreshes.take(r.PostForm.Get("token"), p.now())
	w.WriteHeader(http.StatusOK)
}
