package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Explanation is what a gateway makes of a token, for whoever sets up an identity provider. It holds no part of the
// token but the values of claims, which whoever made it may have chosen: quote them.
type Explanation struct {
	Refusals []Remark // all that can be told at once; empty: it is accepted
	Missing  []Remark // claims whose absence costs something
	Issuer   string   // the configured one that the token names; empty: it names none
	Claims   exchange.Claims
	Groups   []string // as the provider wrote them
	Expires  time.Time
	Verified bool // by a key of the issuer's
}

// Remark is about one claim or header parameter: what is wrong, or what comes of it, and what to do.
type Remark struct{ About, What, Cure string }

// Explain verifies a token as Authenticate does, and goes on where that stops. Keys are a JWK set's text (RFC 7517);
// without, the token's issuer is asked for its own. The error is of the keys; what is wrong with the token is in the
// Explanation.
func Explain(ctx context.Context, cfg Config, raw string, keys []byte) (Explanation, error) {
	cfg.Logger = slog.New(slog.DiscardHandler)
	providers, err := newProviders(cfg)
	if err != nil {
		return Explanation{}, err
	}
	var e Explanation
	t, err := readToken(raw)
	if err != nil {
		e.refuse("token", err, "bring the access token itself, whole: three parts with dots between")
		return e, nil
	}
	p, err := issuerOf(providers, t)
	if err != nil {
		e.refuse("iss", err, fmt.Sprintf("it says %s; configured are %s, compared character by character",
			said(t.claims, "iss"), quoted(urlsOf(cfg.Issuers))))
		return e, nil
	}
	now := clock(cfg.Now)()
	e.Issuer = p.issuer.URL
	e.access(p.issuer, t, now)
	e.bearer(p.issuer, t, now)
	return e, e.signature(ctx, p, t, keys)
}

func (e *Explanation) refuse(about string, err error, cure string) {
	if err == nil {
		return
	}
	what := err.Error()
	if bad := (*BadToken)(nil); errors.As(err, &bad) {
		what = bad.Reason
	}
	e.Refusals = append(e.Refusals, Remark{about, what, cure})
}

func (e *Explanation) lacks(about, what, cure string) {
	e.Missing = append(e.Missing, Remark{about, what, cure})
}

// access holds the token against what an access token for this API is.
func (e *Explanation) access(i Issuer, t *token, now time.Time) {
	e.refuse("typ", i.checkType(t), fmt.Sprintf("the header says %q: have the provider issue at+jwt (RFC 9068), or "+
		"see plain_jwt; an ID token is none", t.typ))
	e.refuse("aud", i.checkAudience(t), fmt.Sprintf("it says %s, and audience of the issuer is %q", said(t.claims,
		"aud"), i.Audience))
	e.refuse("scope", i.checkScope(t), fmt.Sprintf("it says %s, and scope of the issuer is %q; nothing of this API is "+
		"given by authorization_details", said(t.claims, "scope"), i.Scope))
	issued, _ := t.claims.instant("iat")
	e.Expires, _ = t.claims.instant("exp")
	e.refuse("iat, exp", checkTimes(t, now, i.MaxLifetime), fmt.Sprintf("it says from %s to %s, and it is %s; a "+
		"token lives at most %s, and a clock may be %s ahead", utc(issued), utc(e.Expires), utc(now), i.MaxLifetime,
		skew))
}

// bearer says whom the token names and what that gives.
func (e *Explanation) bearer(i Issuer, t *token, now time.Time) {
	claims, err := i.claimsOf(t)
	if err != nil {
		e.refuse("sub, client_id, azp", err, fmt.Sprintf("it says sub %s, client_id %s, azp %s; clients are %s, "+
			"machine clients %s", said(t.claims, "sub"), said(t.claims, "client_id"), said(t.claims, "azp"),
			quoted(i.Clients), quoted(slices.Sorted(maps.Keys(i.Services)))))
		return
	}
	e.Claims = i.atInstant(claims, now)
	if claims.Service != nil {
		if len(claims.Roles) == 0 {
			e.lacks("services", "this machine client is not listed, so it may do nothing",
				"list "+fmt.Sprintf("%q", claims.Client)+" under services, with purposes and markings")
		}
		return
	}
	e.Groups = t.claims.groups(i.RoleClaim)
	e.person(i, t)
}

// person tells what the absence of a claim costs somebody who signed in.
func (e *Explanation) person(i Issuer, t *token) {
	switch {
	case len(e.Groups) == 0:
		e.lacks(i.RoleClaim, "no groups, so no role", "have the provider put groups into access tokens, or correct "+
			"role_claim")
	case len(e.Claims.Roles) == 0:
		e.lacks(i.RoleClaim, "none of its groups "+quoted(e.Groups)+" is mapped to a role",
			"roles maps "+quoted(slices.Sorted(maps.Keys(i.Roles))))
	}
	if len(i.StepUpACR) > 0 && !slices.Contains(i.StepUpACR, e.Claims.ACR) {
		e.lacks(cmp.Or(i.ACRClaim, "acr"),
			fmt.Sprintf("%q is none of step_up_acr: no protected content, deposit, log or decision", e.Claims.ACR),
			"sign in with several factors; the provider has to say so by one of "+quoted(i.StepUpACR))
	}
	switch e.Claims.SignIn {
	case article4.SignInFresh, article4.SignInWeak:
	default:
		e.lacks("auth_time", "the sign-in is older than "+freshFor.String()+", or its time is not told: no decision",
			"have the provider put auth_time into access tokens; for a decision sign in anew (max_age)")
	}
	if _, named := t.claims.text("name"); !named {
		e.lacks("name", "others see the person by another claim, or by subject",
			"have the provider put name into access tokens")
	}
	if e.Claims.Email == "" {
		e.lacks("email, email_verified", "no mail is sent to this person",
			"have the provider put both into access tokens")
	}
}

// signature asks for the keys, unless they were brought.
func (e *Explanation) signature(ctx context.Context, p *provider, t *token, brought []byte) error {
	ring, err := p.explained(ctx, brought)
	if err != nil {
		return err
	}
	keys := ring.find(t.kid, t.alg)
	if len(keys) == 0 {
		e.refuse("kid", errors.New("issuer has no key of that id for that algorithm"),
			fmt.Sprintf("the header says %q and %s; the issuer publishes %s", t.kid, t.alg, ring.described()))
		return nil
	}
	signed := signatureOf{t, keys}
	if _, _, err := signed.verify(t.raw); err != nil {
		e.refuse("signature", errors.New("signature does not verify"), "the token was altered or cut, or signed by "+
			"another key of the same id")
		return nil
	}
	e.Verified = true
	if len(e.Refusals) == 0 { // whatever else Authenticate would find
		_, err := p.check(ctx, t, signed, p.issuer.Audience)
		e.refuse("token", err, "have the provider issue it as RFC 9068 says")
	}
	return nil
}

// explained is the keyring of a JWK set, or else the provider's.
func (p *provider) explained(ctx context.Context, brought []byte) (*keyring, error) {
	if brought == nil {
		return p.current(ctx)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(brought, &set); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	ring, err := readKeys(set.Keys)
	if err != nil {
		return nil, err
	}
	return p.longEnough(ring), nil
}

func (k *keyring) described() string {
	all := make([]string, len(k.keys))
	for i, key := range k.keys {
		all[i] = strings.TrimSpace(fmt.Sprintf("%q %s", key.KeyID, key.Algorithm))
	}
	return strings.Join(all, ", ")
}

// said is a claim as the token has it, quoted and bounded: whoever made the token chose it.
func said(c claims, name string) string {
	raw, present := c[name]
	if !present {
		return "nothing"
	}
	text := string(raw)
	if one, isText := c.text(name); isText {
		text = one
	}
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return fmt.Sprintf("%q", text)
}

func quoted(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = fmt.Sprintf("%q", one)
	}
	return strings.Join(out, ", ")
}

func urlsOf(issuers []Issuer) []string {
	urls := make([]string, len(issuers))
	for i, issuer := range issuers {
		urls[i] = issuer.URL
	}
	return urls
}

func utc(at time.Time) string {
	if at.IsZero() {
		return "no time"
	}
	return at.UTC().Format("2006-01-02 15:04:05Z")
}
