package identity

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"chancery.example/gateway/pkg/exchange"
)

// logoutLives is how long a logout token may live from iat to exp.
const logoutLives = 10 * time.Minute

// Browser is the client as which the pages of the gateway are known to one issuer.
type Browser struct {
	ID     string     // one of the issuer's Clients
	Secret string     // empty where there is a Key, and for a public client, which PKCE alone protects
	Key    *ClientKey // nil: the client has a secret, or is public
	// Audience is what assertions with Key are made for; empty: the issuer's URL.
	Audience string
}

// SignInConfig is what NewSignIn needs.
type SignInConfig struct {
	Config                      // Gateway is not used
	Browsers map[string]Browser // by issuer URL; an issuer without one signs nobody in here
}

// SignIn asks identity providers who sits at a browser: authorization code with PKCE, and what an issuer says when
// somebody signs out there. It keeps no token. It is safe for concurrent use.
type SignIn struct {
	providers map[string]*provider
	browsers  map[string]Browser
	now       func() time.Time

	mu    sync.Mutex
	known map[string]foundEndpoints
}

type foundEndpoints struct {
	Endpoints
	at time.Time
}

// Endpoints are what an issuer's metadata says of signing in and out.
type Endpoints struct {
	Authorization string
	Token         string
	EndSession    string // empty: the issuer cannot be told that somebody signed out
	NamesItself   bool   // the issuer says who it is in each answer (RFC 9207), so that an answer without is refused
	BackChannel   bool   // the issuer says by itself that somebody signed out there
}

// NewSignIn makes a SignIn; it reaches no provider.
func NewSignIn(cfg SignInConfig) (*SignIn, error) {
	providers, err := newProviders(cfg.Config)
	if err != nil {
		return nil, err
	}
	for issuer, browser := range cfg.Browsers {
		p := providers[issuer]
		if p == nil {
			return nil, fmt.Errorf("identity: a browser client of issuer %q, which is not configured", issuer)
		}
		if !slices.Contains(p.issuer.Clients, browser.ID) {
			return nil, fmt.Errorf("identity: issuer %q: %q is none of its sign-in clients", issuer, browser.ID)
		}
		if browser.Key != nil && browser.Secret != "" {
			return nil, fmt.Errorf("identity: issuer %q: the pages' client has a key and a secret", issuer)
		}
	}
	return &SignIn{providers: providers, browsers: cfg.Browsers, now: clock(cfg.Now),
			known: map[string]foundEndpoints{}},
		nil
}

// Client is the identifier by which the issuer knows the pages; empty where it does not.
func (s *SignIn) Client(issuer string) string { return s.browsers[issuer].ID }

// AskStepUp asks in a request for authorization for what deciding acts want of the issuer's sign-ins: by acr_values,
// or, where another claim says it, for that claim (OpenID Connect Core 3.1.2.1, 5.5).
func (s *SignIn) AskStepUp(query url.Values, issuer string) {
	p := s.providers[issuer]
	if p == nil || len(p.issuer.StepUpACR) == 0 {
		return
	}
	if p.issuer.ACRClaim == "" {
		query.Set("acr_values", strings.Join(p.issuer.StepUpACR, " "))
		return
	}
	wanted := map[string]any{"essential": true, "values": p.issuer.StepUpACR}
	if len(p.issuer.StepUpACR) == 1 {
		wanted = map[string]any{"essential": true, "value": p.issuer.StepUpACR[0]}
	}
	text, err := json.Marshal(map[string]any{"id_token": map[string]any{p.issuer.ACRClaim: wanted}})
	if err == nil { // of names and values that were read out of a configuration
		query.Set("claims", string(text))
	}
}

// Endpoints reads the issuer's metadata, at most every ten minutes.
func (s *SignIn) Endpoints(ctx context.Context, issuer string) (Endpoints, error) {
	p, known := s.providers[issuer]
	if _, browses := s.browsers[issuer]; !known || !browses {
		return Endpoints{}, refuse("issuer signs nobody in here")
	}
	s.mu.Lock()
	found, cached := s.known[issuer]
	s.mu.Unlock()
	if age := s.now().Sub(found.at); cached && age >= 0 && age < keysServe {
		return found.Endpoints, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	e, err := p.endpoints(ctx)
	p.met(err)
	if err != nil {
		return Endpoints{}, p.away(err)
	}
	s.mu.Lock()
	s.known[issuer] = foundEndpoints{e, s.now()}
	s.mu.Unlock()
	return e, nil
}

func (p *provider) endpoints(ctx context.Context) (Endpoints, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.issuer.URL)
	if err != nil {
		return Endpoints{}, fmt.Errorf("discover: %w", err)
	}
	var metadata struct {
		Authorization string `json:"authorization_endpoint"`
		Token         string `json:"token_endpoint"`
		EndSession    string `json:"end_session_endpoint"`
		NamesItself   bool   `json:"authorization_response_iss_parameter_supported"`
		BackChannel   bool   `json:"backchannel_logout_supported"`
	}
	if err := found.Claims(&metadata); err != nil {
		return Endpoints{}, fmt.Errorf("discover: %w", err)
	}
	wanted := []string{metadata.Authorization, metadata.Token}
	if metadata.EndSession != "" {
		wanted = append(wanted, metadata.EndSession)
	}
	for _, address := range wanted {
		if err := checkURL(address); err != nil {
			return Endpoints{}, fmt.Errorf("endpoint: %w", err)
		}
	}
	return Endpoints(metadata), nil
}

// Redemption is a code that came back to a browser, with what was kept of the request for it.
type Redemption struct {
	Issuer   string
	Code     string
	Verifier string // of PKCE
	Redirect string // as the request named it
	Nonce    string // as the request named it
}

// SignedIn is who signed in. The ID token is evidence of a consent where the nonce is a text's digest; it is kept by
// nobody else.
type SignedIn struct {
	Claims  exchange.Claims
	IDToken string
	Session string // the issuer's own name for its session ("sid"); may be empty
}

// Redeem exchanges a code for an ID token and checks it: signature by a current key, issuer, our client, expiry, made
// just now, and exactly that nonce. The access token that comes with it is dropped. *BadToken, or ErrProviderAway.
func (s *SignIn) Redeem(ctx context.Context, r Redemption) (SignedIn, error) {
	e, err := s.Endpoints(ctx, r.Issuer)
	if err != nil {
		return SignedIn{}, err
	}
	raw, err := s.exchange(ctx, e.Token, r)
	if err != nil {
		return SignedIn{}, err
	}
	return s.read(ctx, r.Issuer, raw, r.Nonce)
}

// exchange asks the token endpoint (RFC 6749 4.1.3, RFC 7636 4.5).
func (s *SignIn) exchange(ctx context.Context, endpoint string, r Redemption) (string, error) {
	p := s.providers[r.Issuer]
	form := url.Values{"grant_type": {"authorization_code"}, "code": {r.Code}, "redirect_uri": {r.Redirect},
		"code_verifier": {r.Verifier}}
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	req, err := s.asClient(ctx, endpoint, r.Issuer, form)
	if err != nil {
		return "", p.away(err)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return "", p.away(err)
	}
	defer resp.Body.Close()
	var answer struct {
		ID string `json:"id_token"`
	}
	fault := json.NewDecoder(resp.Body).Decode(&answer)
	switch {
	case resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests:
		return "", p.away(fmt.Errorf("token endpoint: status %d", resp.StatusCode))
	case resp.StatusCode != http.StatusOK:
		return "", refuse("the issuer does not redeem the code")
	case fault != nil || answer.ID == "":
		return "", refuse("the issuer gives no ID token")
	}
	return answer.ID, nil
}

// asClient is a call of the token endpoint in the name of the pages' client: with an assertion (RFC 7523), a secret
// (RFC 6749 2.3.1), or as a public client.
func (s *SignIn) asClient(ctx context.Context, endpoint, issuer string, form url.Values) (*http.Request, error) {
	browser := s.browsers[issuer]
	switch {
	case browser.Key != nil:
		if err := browser.Key.assert(form, browser.ID, cmp.Or(browser.Audience, issuer), s.now()); err != nil {
			return nil, err
		}
	case browser.Secret == "":
		form.Set("client_id", browser.ID)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if browser.Key == nil && browser.Secret != "" {
		req.SetBasicAuth(url.QueryEscape(browser.ID), url.QueryEscape(browser.Secret))
	}
	return req, nil
}

// read checks an ID token of our own browser client.
func (s *SignIn) read(ctx context.Context, issuer, raw, nonce string) (SignedIn, error) {
	t, err := readToken(raw)
	if err != nil {
		return SignedIn{}, err
	}
	p := s.providers[issuer]
	if err := s.checkSignIn(t, p.issuer, nonce); err != nil {
		return SignedIn{}, err
	}
	_, keys, err := p.keysFor(ctx, t)
	if err != nil {
		return SignedIn{}, err
	}
	if _, err := p.check(ctx, t, signatureOf{t, keys}, s.browsers[issuer].ID); err != nil {
		return SignedIn{}, err
	}
	subject, _ := t.claims.text("sub")
	c := exchange.Claims{Issuer: issuer, Subject: subject, Client: s.browsers[issuer].ID, Name: displayName(t.claims),
		Roles: p.issuer.rolesOf(t.claims)}
	c.ACR = p.issuer.acrOf(t.claims)
	c.AuthTime, _ = t.claims.instant("auth_time")
	session, _ := t.claims.text("sid")
	return SignedIn{Claims: p.issuer.atInstant(c, s.now()), IDToken: raw, Session: session}, nil
}

func (s *SignIn) checkSignIn(t *token, i Issuer, nonce string) error {
	client, err := i.signInClient(t)
	if err != nil {
		return err
	}
	if client != s.browsers[i.URL].ID {
		return refuse("issued to another client")
	}
	if iss, _ := t.claims.text("iss"); iss != i.URL {
		return refuse("issuer is another")
	}
	got, _ := t.claims.text("nonce")
	if nonce == "" || subtle.ConstantTimeCompare([]byte(got), []byte(nonce)) != 1 {
		return refuse("nonce is another")
	}
	if subject, _ := t.claims.text("sub"); !plainSubject(subject) {
		return refuse("no usable subject")
	}
	now := s.now()
	issued, ok := t.claims.instant("iat")
	if expires, expiring := t.claims.instant("exp"); !ok || !expiring || !expires.After(now) {
		return refuse("no time of issue, no expiry, or expired")
	}
	if issued.After(now.Add(skew)) || now.Sub(issued) > freshFor {
		return refuse("issued in the future, or more than %s ago", freshFor)
	}
	return nil
}

// Fresh says of claims that were verified before whether the sign-in serves deciding acts now.
func (s *SignIn) Fresh(c exchange.Claims) exchange.Claims {
	if p := s.providers[c.Issuer]; p != nil {
		return p.issuer.atInstant(c, s.now())
	}
	return exchange.Claims{} // an issuer that is configured no more says nothing
}

// Logout is what an issuer says by itself: this person, or this one session, is signed out there.
type Logout struct {
	Issuer  string
	Subject string // empty where only a session is named
	Session string // empty where the person is signed out of all
	ID      string // of the token, so that it is taken once
	Expires time.Time
}

// Logout checks a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). *BadToken, or ErrProviderAway.
func (s *SignIn) Logout(ctx context.Context, raw string) (Logout, error) {
	t, err := readToken(raw)
	if err != nil {
		return Logout{}, err
	}
	p, err := issuerOf(s.providers, t)
	if err != nil {
		return Logout{}, err
	}
	if err := s.checkLogout(t, p.issuer); err != nil {
		return Logout{}, err
	}
	_, keys, err := p.keysFor(ctx, t)
	if err != nil {
		return Logout{}, err
	}
	if _, err := p.check(ctx, t, signatureOf{t, keys}, s.browsers[p.issuer.URL].ID); err != nil {
		return Logout{}, err
	}
	out := Logout{Issuer: p.issuer.URL}
	out.Subject, _ = t.claims.text("sub")
	out.Session, _ = t.claims.text("sid")
	out.ID, _ = t.claims.text("jti")
	out.Expires, _ = t.claims.instant("exp")
	if out.ID == "" || out.Subject == "" && out.Session == "" {
		return Logout{}, refuse("names neither itself nor whom it signs out")
	}
	return out, nil
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

func (s *SignIn) checkLogout(t *token, i Issuer) error {
	if t.typ != "logout+jwt" {
		return refuse("a logout token is wanted")
	}
	if t.claims.has("nonce") {
		return refuse("a logout token has no nonce")
	}
	var events map[string]json.RawMessage
	if raw, ok := t.claims["events"]; !ok || json.Unmarshal(raw, &events) != nil || events[logoutEvent] == nil {
		return refuse("says nothing of a logout")
	}
	client := s.browsers[i.URL].ID
	if client == "" || !slices.Contains(t.claims.texts("aud"), client) {
		return refuse("not meant for our client")
	}
	return checkTimes(t, s.now(), logoutLives)
}

// IsBadToken reports whether err says that a token or a code proves nobody, rather than that a provider is away.
func IsBadToken(err error) bool {
	var bad *BadToken
	return errors.As(err, &bad)
}
