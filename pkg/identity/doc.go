// Package identity says who is calling: it verifies bearer tokens of several OpenID Connect issuers and the ID tokens
// that are the evidence of a consent.
//
// Each issuer is bound to one organisation, and an issuer can only ever assert people of its own: the same subject at
// two issuers is two persons. What a token says is checked twice. First this package reads the JOSE header and the
// claims by itself (size, algorithm, key id, type, times), because the library below accepts what we refuse, such
// as a missing key id; then go-oidc verifies issuer, audience, expiry and signature. Nothing is ever skipped.
//
// A provider that is away is not a reason to call somebody a stranger: keys once fetched serve for ten minutes, after
// which callers get ErrProviderAway, never a *BadToken.
//
// Besides exchange this package uses the pure words of article4 (Role, SignIn, ServiceLimits), of which
// exchange.Claims is made.
package identity
