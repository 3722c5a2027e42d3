package identity

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// verify checks an access token (RFC 9068 section 4) and says whose it is.
func (v *Verifier) verify(ctx context.Context, raw string) (_ exchange.Claims, err error) {
	now := v.now()
	if t, found := v.remembered.find(raw, now); found {
		ring, err := t.provider.current(ctx)
		if err != nil {
			return exchange.Claims{}, err
		}
		if ring == t.ring {
			return t.provider.issuer.atInstant(t.claims, now), nil
		}
	}
	t, err := readToken(raw)
	if err != nil {
		return exchange.Claims{}, err
	}
	p, err := issuerOf(v.providers, t)
	if err != nil {
		return exchange.Claims{}, err
	}
	defer func() {
		if bad := (*BadToken)(nil); errors.As(err, &bad) {
			bad.Issuer = p.issuer.URL
		}
	}()
	if err := p.issuer.checkAccess(t, now); err != nil {
		return exchange.Claims{}, err
	}
	ring, keys, err := p.keysFor(ctx, t)
	if err != nil {
		return exchange.Claims{}, err
	}
	if _, err := p.check(ctx, t, signatureOf{t, keys}, p.issuer.Audience); err != nil {
		return exchange.Claims{}, err
	}
	claims, err := p.issuer.claimsOf(t)
	if err != nil {
		return exchange.Claims{}, err
	}
	expires, _ := t.claims.instant("exp")
	v.remembered.add(raw, verified{provider: p, ring: ring, claims: claims, since: now, expires: expires})
	return p.issuer.atInstant(claims, now), nil
}

// issuerOf chooses the provider by the unverified "iss", among those configured only; what it says is verified by that
// provider's keys afterwards.
func issuerOf(providers map[string]*provider, t *token) (*provider, error) {
	iss, _ := t.claims.text("iss")
	p := providers[iss]
	if p == nil {
		return nil, refuse("issuer is not one of those configured")
	}
	return p, nil
}

// check lets go-oidc verify issuer, audience, expiry and signature.
func (p *provider) check(ctx context.Context, t *token, keys oidc.KeySet, audience string) (*oidc.IDToken, error) {
	verifier := oidc.NewVerifier(p.issuer.URL, keys, &oidc.Config{
		ClientID:             audience,
		SupportedSigningAlgs: []string{t.alg},
		Now:                  p.now,
	})
	verified, err := verifier.Verify(ctx, t.raw)
	if err != nil {
		return nil, refuse("not verified: %s", verifyFault(err))
	}
	return verified, nil
}

// verifyFault keeps the library's words, which may quote audiences, out of what callers see.
func verifyFault(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "signature"):
		return "signature"
	case strings.Contains(text, "expired"):
		return "expired"
	case strings.Contains(text, "audience"):
		return "audience"
	}
	return "malformed"
}

// checkAccess refuses what is not an access token for this API, before any key is looked for.
func (i Issuer) checkAccess(t *token, now time.Time) error {
	if err := i.checkType(t); err != nil {
		return err
	}
	if err := i.checkAudience(t); err != nil {
		return err
	}
	if err := i.checkScope(t); err != nil {
		return err
	}
	return checkTimes(t, now, i.MaxLifetime)
}

// checkScope refuses a token that was given for less than the API. There is nothing of ours that authorization_details
// (RFC 9396) could be about, so that a token with them is for something else.
func (i Issuer) checkScope(t *token) error {
	if t.claims.has("authorization_details") {
		return refuse("given for authorization_details, of which this API has none")
	}
	if i.Scope == "" {
		return nil
	}
	for _, claim := range []string{"scope", "scp"} {
		for _, said := range t.claims.texts(claim) {
			if slices.Contains(strings.Fields(said), i.Scope) {
				return nil
			}
		}
	}
	return refuse("given without the scope of this API")
}

func (i Issuer) checkAudience(t *token) error {
	if !slices.Contains(t.claims.texts("aud"), i.Audience) {
		return refuse("not meant for this API")
	}
	return nil
}

func (i Issuer) checkType(t *token) error {
	switch t.typ {
	case "at+jwt":
	case "jwt", "":
		if !i.PlainJWT {
			return refuse("not of type at+jwt")
		}
	default:
		return refuse("not of type at+jwt")
	}
	for _, name := range []string{"nonce", "at_hash", "c_hash", "s_hash"} {
		if t.claims.has(name) {
			return refuse("an ID token is not an access token")
		}
	}
	// Keycloak writes its kind of token here as well.
	if kind, ok := t.claims.text("typ"); ok && !strings.EqualFold(kind, "Bearer") &&
		!strings.EqualFold(kind, "at+jwt") {
		return refuse("an access token is wanted")
	}
	return nil
}

// checkTimes wants iat and exp, in order, at most lifetime apart, and now between them.
func checkTimes(t *token, now time.Time, lifetime time.Duration) error {
	issued, ok := t.claims.instant("iat")
	if !ok {
		return refuse("no time of issue")
	}
	expires, ok := t.claims.instant("exp")
	if !ok {
		return refuse("no expiry")
	}
	if !expires.After(now) {
		return refuse("expired")
	}
	if issued.After(now.Add(skew)) {
		return &BadToken{Reason: "issued in the future", Ahead: issued.Sub(now)}
	}
	if notBefore, ok := t.claims.instant("nbf"); t.claims.has("nbf") && (!ok || notBefore.After(now.Add(skew))) {
		return refuse("not yet valid")
	}
	if expires.Sub(issued) > lifetime {
		return refuse("lives longer than %s", lifetime)
	}
	return nil
}

// claimsOf reads verified claims; what they amount to now says atInstant.
func (i Issuer) claimsOf(t *token) (exchange.Claims, error) {
	subject, ok := t.claims.text("sub")
	if !ok || !plainSubject(subject) {
		return exchange.Claims{}, refuse("no usable subject")
	}
	client, err := clientOf(t.claims)
	if err != nil {
		return exchange.Claims{}, err
	}
	c := exchange.Claims{Issuer: i.URL, Subject: subject, Client: client, Name: displayName(t.claims)}
	limits, listed := i.Services[client]
	if listed || subject == client {
		// RFC 9068 2.2: a client that acts for itself has itself as subject. Groups give a machine nothing.
		return serviceClaims(c, limits, listed), nil
	}
	if !slices.Contains(i.Clients, client) {
		return exchange.Claims{}, refuse("client is not one of those configured")
	}
	c.Roles = i.rolesOf(t.claims)
	c.Email = verifiedAddress(t.claims)
	c.ACR = i.acrOf(t.claims)
	c.AuthTime, _ = t.claims.instant("auth_time")
	return c, nil
}

// atInstant adds what depends on the clock: whether the sign-in is fresh. A machine never signed in.
func (i Issuer) atInstant(c exchange.Claims, now time.Time) exchange.Claims {
	if c.Service == nil {
		c.SignIn = i.signIn(c.ACR, c.AuthTime, now)
	}
	return c
}

// serviceClaims confines a machine client to its limits; one that is not listed has no role, and may do nothing. A
// machine never signed in, so it never decides. Its client's identifier is its name where the provider gives it none.
func serviceClaims(c exchange.Claims, limits article4.ServiceLimits, listed bool) exchange.Claims {
	c.Service = &article4.ServiceLimits{Purposes: slices.Clone(limits.Purposes),
		Markings: slices.Clone(limits.Markings)}
	c.SignIn = article4.SignInWeak
	if c.Name == "" {
		c.Name = c.Client
	}
	if listed {
		c.Roles = []article4.Role{article4.RoleService}
	}
	return c
}

// clientOf is client_id (RFC 9068 2.2) or azp; the two may not contradict each other.
func clientOf(c claims) (string, error) {
	client, isClient := c.text("client_id")
	party, isParty := c.text("azp")
	if isClient && isParty && client != party {
		return "", refuse("client_id and azp differ")
	}
	if !isClient {
		client = party
	}
	if client == "" || !plainSubject(client) {
		return "", refuse("no client named")
	}
	return client, nil
}

// signIn compares the sign-in with what deciding acts want (RFC 9470): the issuer's acr, and auth_time at most ten
// minutes old by the real clock.
func (i Issuer) signIn(acr string, at, now time.Time) article4.SignIn {
	if len(i.StepUpACR) > 0 && !slices.Contains(i.StepUpACR, acr) {
		return article4.SignInWeak
	}
	if at.IsZero() || at.After(now.Add(skew)) || now.Sub(at) > freshFor {
		return article4.SignInStale
	}
	return article4.SignInFresh
}

// acrOf is how somebody signed in: of several values, the first that deciding acts want.
func (i Issuer) acrOf(c claims) string {
	if i.ACRClaim == "" {
		acr, _ := c.text("acr")
		return acr
	}
	said := append(c.texts(i.ACRClaim), "")
	if at := slices.IndexFunc(said, func(acr string) bool { return slices.Contains(i.StepUpACR, acr) }); at >= 0 {
		return said[at]
	}
	return said[0]
}

// rolesOf maps groups to roles, each role once, in the order of their names.
func (i Issuer) rolesOf(c claims) []article4.Role {
	var roles []article4.Role
	for _, group := range c.groups(i.RoleClaim) {
		if role, known := i.Roles[group]; known && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles
}

// groups finds the claim by its exact name, or else along the dots of its path ("realm_access.roles").
func (c claims) groups(claim string) []string {
	if c.has(claim) {
		return c.texts(claim)
	}
	head, rest, nested := strings.Cut(claim, ".")
	if !nested || !c.has(head) {
		return nil
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(c[head], &inner) != nil {
		return nil
	}
	return claims(inner).groups(rest)
}

// plainSubject wants 1 to 255 printable ASCII characters (OpenID Connect Core 2).
func plainSubject(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e }) < 0
}

// verifiedAddress is the e-mail address that the provider says it verified (OpenID Connect Core 5.1); empty: none.
func verifiedAddress(c claims) string {
	var verified bool
	if !c.has("email_verified") || json.Unmarshal(c["email_verified"], &verified) != nil || !verified {
		return ""
	}
	address, _ := c.text("email")
	at := strings.LastIndexByte(address, '@')
	wrong := strings.IndexFunc(address, func(r rune) bool {
		return !unicode.IsPrint(r) || unicode.IsSpace(r) || strings.ContainsRune("<>()[],;:\\\"", r)
	})
	if at < 1 || at == len(address)-1 || len(address) > 254 || wrong >= 0 {
		return ""
	}
	return address
}

// displayName is the name claim without characters that steer a page, at most 200 of them.
func displayName(c claims) string {
	name, _ := c.text("name")
	shown := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
	return strings.TrimSpace(string(shown[:min(len(shown), 200)]))
}
