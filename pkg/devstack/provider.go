package devstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// provider serves one issuer.
type provider struct {
	Issuer
	url      string
	now      func() time.Time
	keys     *keyring
	clients  map[string]ClientConfig
	people   map[string]PersonConfig
	services map[string]ServiceConfig
	codes    *grants // by authorization code
	// refreshes are sign-ins that a client may use for longer, by refresh token.
	refreshes *grants
	sessions  *sessions
	devices   *devices

	assertedMu sync.Mutex
	assertions map[string]time.Time // until when each assertion that was taken would serve
}

var issuerName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,60}$`)

func newProvider(i Issuer, base string, kept []jose.JSONWebKey, now func() time.Time) (*provider, error) {
	p := &provider{
		Issuer:    i,
		url:       base + "/" + i.Name,
		now:       now,
		clients:   map[string]ClientConfig{},
		people:    map[string]PersonConfig{},
		services:  map[string]ServiceConfig{},
		codes:     newGrants(),
		refreshes: newGrants(),
		sessions:  newSessions(),
		devices:   newDevices(),

		assertions: map[string]time.Time{},
	}
	if err := p.index(); err != nil {
		return nil, err
	}
	var err error
	p.keys, err = newKeyring(kept)
	return p, err
}

// index refuses what is missing or stands twice.
func (p *provider) index() error {
	if !issuerName.MatchString(p.Name) || p.Organisation == "" || p.Audience == "" {
		return errors.New("a name of a-z, 0-9 and -, an organisation and an audience are needed")
	}
	seen := map[string]bool{"": true, p.Audience: true}
	take := func(id string) error {
		if seen[id] {
			return fmt.Errorf("%q is empty, the audience, or stands twice", id)
		}
		seen[id] = true
		return nil
	}
	for _, c := range p.Clients {
		if err := take(c.ID); err != nil {
			return fmt.Errorf("client: %w", err)
		}
		p.clients[c.ID] = c
	}
	for _, s := range p.Services {
		if err := take(s.ID); err != nil {
			return fmt.Errorf("service: %w", err)
		}
		if s.Secret == "" {
			return fmt.Errorf("service %s has no secret", s.ID)
		}
		p.services[s.ID] = s
	}
	for _, who := range p.People {
		if err := take(who.ID); err != nil {
			return fmt.Errorf("person: %w", err)
		}
		p.people[who.ID] = who
	}
	return nil
}

func (p *provider) route(mux *http.ServeMux) {
	own := http.NewCrossOriginProtection() // a page elsewhere signs nobody in
	at := "/" + p.Name
	mux.HandleFunc("GET "+at+"/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET "+at+"/jwks",
		func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, p.keys.public()) })
	mux.HandleFunc("GET "+at+"/authorize", p.authorize)
	mux.Handle("POST "+at+"/authorize", own.Handler(http.HandlerFunc(p.authorize)))
	mux.HandleFunc("POST "+at+"/token", p.token)
	mux.HandleFunc("POST "+at+"/revoke", p.revoke)
	mux.HandleFunc("GET "+at+"/end-session", p.endSession)
	mux.HandleFunc("POST "+at+"/device_authorization", p.deviceAuthorization)
	mux.HandleFunc("GET "+at+"/device", p.devicePage)
	mux.Handle("POST "+at+"/device", own.Handler(http.HandlerFunc(p.deviceAnswer)))
	mux.HandleFunc("GET "+at+"/style.css", serveStyle)
}

// discovery is the document of OpenID Connect Discovery 4.2.
func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                p.url,
		"authorization_endpoint":                p.url + "/authorize",
		"token_endpoint":                        p.url + "/token",
		"device_authorization_endpoint":         p.url + "/device_authorization",
		"revocation_endpoint":                   p.url + "/revoke",
		"end_session_endpoint":                  p.url + "/end-session",
		"backchannel_logout_supported":          true,
		"backchannel_logout_session_supported":  true,
		"jwks_uri":                              p.url + "/jwks",
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"grant_types_supported":                 []string{grantCode, grantCredentials, grantDevice, grantRefresh},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"},
		"scopes_supported":                      []string{"openid", "profile", "groups", scopeOffline},
		"claims_supported": []string{"iss", "sub", "aud", "exp", "iat", "auth_time",
			"acr", "nonce", "name", "groups", "sid"},
		"acr_values_supported":             []string{ACRPassword, ACRMFA},
		"prompt_values_supported":          []string{"none", "login", "select_account", "consent"},
		"code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"none", "client_secret_basic", "client_secret_post",
			"private_key_jwt"},
		"authorization_response_iss_parameter_supported": true,
		"claims_parameter_supported":                     false,
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false,
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader may have gone
}

// redirectAllowed compares a redirect URI with those of the client.
func (c ClientConfig) redirectAllowed(raw string) bool {
	for _, registered := range c.RedirectURIs {
		if raw == registered || sameButPort(raw, registered) {
			return true
		}
	}
	return false
}

// sameButPort admits any port where a loopback address is registered without one (RFC 8252 7.3).
func sameButPort(raw, registered string) bool {
	got, err1 := url.Parse(raw)
	want, err2 := url.Parse(registered)
	if err1 != nil || err2 != nil || want.Port() != "" || want.Scheme != "http" {
		return false
	}
	if host := want.Hostname(); host != "127.0.0.1" && host != "::1" {
		return false
	}
	// Whatever else the address says is compared as it stands.
	return got.Port() != "" && raw == got.Scheme+"://"+got.Host+got.EscapedPath() &&
		got.Hostname() == want.Hostname() &&
		got.Scheme == want.Scheme && got.EscapedPath() == want.EscapedPath() && want.RawQuery == ""
}
