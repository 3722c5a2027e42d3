package exchange

import (
	"log/slog"
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Claims is what identity verified about a caller; nothing in it is unverified.
type Claims struct {
	Issuer   string
	Subject  string
	Client   string // client_id or azp
	Name     string
	Email    string          // of a person, verified by the provider; empty: it gives none
	Roles    []article4.Role // through the configured map; an unknown group gives nothing
	ACR      string
	AuthTime time.Time
	SignIn   article4.SignIn // AuthTime and ACR against what deciding acts want, by the real clock
	Service  *article4.ServiceLimits
}

// LogValue keeps subjects and names out of the operations log.
func (c Claims) LogValue() slog.Value {
	return slog.GroupValue(slog.String("issuer", c.Issuer), slog.String("client", c.Client))
}

// Actor is a recognised caller. Only Recognise makes one; the door refuses the zero value.
type Actor struct {
	person       article4.PersonID
	organisation Organisation
	claims       Claims
	revision     string     // of the records, where Recognise answered from its cache: the door compares
	attempt      *attempt   // this call may be repeated; nil: it may not
	confirms     string     // what this call confirms; empty: it confirms nothing named
	supposing    *supposing // this call is only to be decided; nil: it is meant
}

// Person is the caller's random identifier.
func (a Actor) Person() article4.PersonID { return a.person }

// Organisation is the organisation that the caller's issuer is bound to.
func (a Actor) Organisation() Organisation { return a.organisation }

// Roles are what the identity provider's claim gave through the configured map.
func (a Actor) Roles() []article4.Role { return a.claims.Roles }

// StepUp answers nil where the caller signed in as deciding acts want it, and otherwise the Refusal that asks for such
// a sign-in (RFC 9470). It is for what is no act of the Arrangement and has no entry; of acts, the rules ask.
func (a Actor) StepUp() error {
	code := article4.Code("gateway/sign-in-too-weak")
	switch a.claims.SignIn {
	case article4.SignInFresh:
		return nil
	case article4.SignInStale:
		code = "gateway/step-up"
	}
	return &Refusal{Reasons: []article4.Reason{{Code: code}}}
}

// LogValue names the caller by identifiers only.
func (a Actor) LogValue() slog.Value {
	if a.person == "" {
		return slog.GroupValue(slog.String("person", ""), slog.String("organisation", ""))
	}
	return slog.GroupValue(slog.String("person", string(a.person)),
		slog.String("organisation", string(a.organisation.ID)), slog.String("client", a.claims.Client),
		slog.String("acr", a.claims.ACR))
}
