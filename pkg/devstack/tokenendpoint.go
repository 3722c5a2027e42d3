package devstack

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	grantCode        = "authorization_code"
	grantCredentials = "client_credentials"
	grantDevice      = "urn:ietf:params:oauth:grant-type:device_code"
)

// tokenError is an answer of the token endpoint (RFC 6749 5.2).
type tokenError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// tokenAnswer is a successful answer (RFC 6749 5.1, OpenID Connect Core 3.1.3.3).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	IDToken     string `json:"id_token,omitempty"`
	Refresh     string `json:"refresh_token,omitempty"`
	Scope       string `json:"scope,omitempty"`
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) || repeated(r.PostForm) {
		refuseToken(w, &tokenError{"invalid_request", "the form is not well formed"})
		return
	}
	client, ok := p.authenticate(r)
	if !ok {
		refuseToken(w, &tokenError{"invalid_client", "unknown client, or wrong secret"})
		return
	}
	var answer *tokenAnswer
	var refused *tokenError
	switch r.PostForm.Get("grant_type") {
	case grantCode:
		answer, refused = p.exchangeCode(client, r.PostForm)
	case grantDevice:
		answer, refused = p.exchangeDevice(client, r.PostForm)
	case grantRefresh:
		answer, refused = p.exchangeRefresh(client, r.PostForm)
	case grantCredentials:
		answer, refused = p.exchangeCredentials(client)
	default:
		refused = &tokenError{"unsupported_grant_type", ""}
	}
	if refused != nil {
		refuseToken(w, refused)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func repeated(form url.Values) bool {
	for _, values := range form {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

func refuseToken(w http.ResponseWriter, e *tokenError) {
	status := http.StatusBadRequest
	switch e.Code {
	case "invalid_client":
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Basic realm="token endpoint"`)
	case "server_error":
		status = http.StatusInternalServerError
	}
	writeJSON(w, status, e)
}

// authenticate says which client or service is calling: by an assertion, by basic authentication, by secret in the
// form, or, for a public client, by its name alone.
func (p *provider) authenticate(r *http.Request) (id string, ok bool) {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if p.clients[id].Key != nil || r.PostForm.Has("client_assertion") {
		return id, p.asserted(p.clients[id], r.PostForm)
	}
	if user, password, basic := r.BasicAuth(); basic {
		// RFC 6749 2.3.1: both are form-encoded before they are put together.
		name, err1 := url.QueryUnescape(user)
		key, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil || secret != "" || id != "" && id != name {
			return "", false
		}
		id, secret = name, key
	}
	var want string
	if c, known := p.clients[id]; known {
		want = c.Secret
	} else if s, known := p.services[id]; known {
		want = s.Secret
	} else {
		return "", false
	}
	return id, subtle.ConstantTimeCompare([]byte(want), []byte(secret)) == 1
}

// asserted checks an assertion of a client (RFC 7523 3): signed with its key, by and about itself, made for this
// issuer, not expired, and not seen before.
func (p *provider) asserted(c ClientConfig, form url.Values) bool {
	const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	if c.Key == nil || form.Get("client_assertion_type") != jwtBearer {
		return false
	}
	signed, err := jose.ParseSigned(form.Get("client_assertion"),
		[]jose.SignatureAlgorithm{jose.SignatureAlgorithm(c.Key.Algorithm)})
	if err != nil {
		return false
	}
	text, err := signed.Verify(c.Key)
	var claims struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
		ID       string `json:"jti"`
		Expires  int64  `json:"exp"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return false
	}
	expires := time.Unix(claims.Expires, 0)
	if claims.Issuer != c.ID || claims.Subject != c.ID || claims.ID == "" {
		return false
	}
	if claims.Audience != p.url && claims.Audience != p.url+"/token" {
		return false
	}
	if !expires.After(p.now()) || expires.Sub(p.now()) > time.Hour {
		return false
	}
	return p.taken(claims.ID, expires)
}

// taken notes an assertion, and is false for one that was taken before.
func (p *provider) taken(assertion string, until time.Time) bool {
	p.assertedMu.Lock()
	defer p.assertedMu.Unlock()
	maps.DeleteFunc(p.assertions, func(_ string, until time.Time) bool { return !until.After(p.now()) })
	_, before := p.assertions[assertion]
	p.assertions[assertion] = until
	return !before
}

func (p *provider) exchangeCode(client string, form url.Values) (*tokenAnswer, *tokenError) {
	g, found := p.codes.take(form.Get("code"), p.now())
	if !found || g.client != client || g.redirect != form.Get("redirect_uri") {
		return nil, &tokenError{"invalid_grant", "the code is unknown, used, expired, or not this client's"}
	}
	verifier := form.Get("code_verifier")
	digest := sha256.Sum256([]byte(verifier))
	if len(verifier) < 43 || len(verifier) > 128 ||
		subtle.ConstantTimeCompare([]byte(base64url(digest[:])), []byte(g.challenge)) != 1 {
		return nil, &tokenError{"invalid_grant", "the code_verifier does not match (RFC 7636 4.6)"}
	}
	return p.answer(g)
}

func (p *provider) exchangeCredentials(client string) (*tokenAnswer, *tokenError) {
	if _, isService := p.services[client]; !isService {
		return nil, &tokenError{"unauthorized_client", "only a service acts for itself"}
	}
	access, err := p.serviceToken(client)
	if err != nil {
		return nil, &tokenError{"server_error", ""}
	}
	return &tokenAnswer{AccessToken: access, TokenType: "Bearer", ExpiresIn: int(accessLifetime.Seconds())}, nil
}

func (p *provider) answer(g grant) (*tokenAnswer, *tokenError) {
	access, id, err := p.personTokens(g.person, TokenOptions{

		Client:   g.client,
		AuthTime: g.authTime,
		ACR:      g.acr,
		Nonce:    g.nonce,
		Groups:   g.person.Groups,

		Session: g.session,
	}, g.scope)
	if err != nil {
		return nil, &tokenError{"server_error", ""}
	}
	refresh, refused := p.refreshToken(g)
	if refused != nil {
		return nil, refused
	}
	return &tokenAnswer{
		AccessToken: access,
		TokenType:   "Bearer",
		ExpiresIn:   int(accessLifetime.Seconds()),
		IDToken:     id,
		Refresh:     refresh,
		Scope:       g.scope,
	}, nil
}
