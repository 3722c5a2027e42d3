package devstack

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"
)

// How people signed in, in the order of strength.
const (
	ACRPassword = "pwd" // where the request asked for nothing
	ACRMFA      = "mfa" // where the request's acr_values asked for it
)

const (
	longestAccess   = 15 * time.Minute
	accessLifetime  = 10 * time.Minute
	idTokenLifetime = 10 * time.Minute
)

// TokenOptions change what Token puts into its tokens; the zero value is a fresh, strong sign-in.
type TokenOptions struct {
	Client   string        // the issuer's first client when empty
	AuthTime time.Time     // now when zero
	ACR      string        // ACRMFA when empty
	Nonce    string        // of the ID token
	Session  string        // "sid" of the ID token; none when empty
	Audience string        // of the access token; the issuer's when empty
	Lifetime time.Duration // of the access token, at most 15 minutes; 10 minutes when zero
	Groups   []string      // the person's when nil
}

// Token makes an access token (RFC 9068) and an ID token of the person, as the token endpoint would.
func (s *Issuers) Token(issuer, person string, o TokenOptions) (access, id string, err error) {
	p, err := s.provider(issuer)
	if err != nil {
		return "", "", err
	}
	who, known := p.people[person]
	if !known {
		return "", "", fmt.Errorf("issuer %s knows no person %q", issuer, person)
	}
	if o.Client == "" {
		if len(p.Clients) == 0 {
			return "", "", fmt.Errorf("issuer %s has no client", issuer)
		}
		o.Client = p.Clients[0].ID
	}
	if o.Lifetime < 0 || o.Lifetime > longestAccess {
		return "", "", fmt.Errorf("access tokens live at most %s: use Sign for others", longestAccess)
	}
	if o.AuthTime.IsZero() {
		o.AuthTime = p.now()
	}
	if o.ACR == "" {
		o.ACR = ACRMFA
	}
	if o.Groups == nil {
		o.Groups = who.Groups
	}
	return p.personTokens(who, o, "openid")
}

// ServiceToken makes an access token of the machine client.
func (s *Issuers) ServiceToken(issuer, service string) (access string, err error) {
	p, err := s.provider(issuer)
	if err != nil {
		return "", err
	}
	if _, known := p.services[service]; !known {
		return "", fmt.Errorf("issuer %s knows no service %q", issuer, service)
	}
	return p.serviceToken(service)
}

// personTokens makes both tokens; o is complete but for what falls back to the issuer's own.
func (p *provider) personTokens(who PersonConfig, o TokenOptions, scope string) (access, id string, err error) {
	claims := p.claims(who.ID, orElse(o.Audience, p.Audience), orElse(o.Lifetime, accessLifetime))
	claims["client_id"] = o.Client
	claims["scope"] = scope
	claims["jti"] = rand.Text()
	p.describe(claims, who, o)
	access, err = p.keys.sign("at+jwt", claims)
	if err != nil {
		return "", "", err
	}
	claims = p.claims(who.ID, o.Client, idTokenLifetime)
	half := sha256.Sum256([]byte(access))
	claims["at_hash"] = base64url(half[:16]) // OpenID Connect Core 3.1.3.6
	if o.Nonce != "" {
		claims["nonce"] = o.Nonce
	}
	if o.Session != "" {
		claims["sid"] = o.Session
	}
	p.describe(claims, who, o)
	id, err = p.keys.sign("JWT", claims)
	return access, id, err
}

func (p *provider) serviceToken(service string) (string, error) {
	claims := p.claims(service, p.Audience, accessLifetime)
	claims["client_id"] = service // RFC 9068 2.2: a client that acts for itself is its own subject
	claims["jti"] = rand.Text()
	return p.keys.sign("at+jwt", claims)
}

func (p *provider) claims(subject, audience string, lifetime time.Duration) map[string]any {
	now := p.now()
	return map[string]any{
		"iss": p.url, "sub": subject, "aud": audience, "iat": now.Unix(), "exp": now.Add(lifetime).Unix(),
	}
}

func (p *provider) describe(claims map[string]any, who PersonConfig, o TokenOptions) {
	claims["name"] = who.Name
	if who.Email != "" {
		claims["email"], claims["email_verified"] = who.Email, true
	}
	claims["groups"] = append([]string{}, o.Groups...)
	claims["acr"] = o.ACR
	claims["auth_time"] = o.AuthTime.Unix()
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
