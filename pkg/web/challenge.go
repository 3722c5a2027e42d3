package web

import (
	"errors"
	"strings"

	"github.com/gin-gonic/gin"
)

// challenge is the WWW-Authenticate of a 401 (RFC 6750 3, RFC 9470 3), with where tokens come from (RFC 9728 5.1).
func (p *Problems) challenge(c *gin.Context, problem Problem, err error) string {
	said := p.challengeFor(c, problem, err)
	if p.cfg.ResourceMetadata != "" {
		said += `, resource_metadata=` + quoted(p.cfg.ResourceMetadata)
	}
	return said
}

func (p *Problems) challengeFor(c *gin.Context, problem Problem, err error) string {
	for _, reason := range problem.Reasons {
		if reason.Challenge {
			return p.stepUp(c, problem.Title)
		}
	}
	var failure *Failure
	if errors.As(err, &failure) && failure.Kind == KindNoToken {
		return `Bearer realm="chancery"` // no error code where no token was brought
	}
	why := problem.Detail
	if failure != nil && failure.Because.English != "" {
		why = failure.Because.English // the header holds ASCII alone
	}
	return `Bearer realm="chancery", error="invalid_token", error_description=` + quoted(why)
}

// stepUp asks for a sign-in of the last ten minutes, and for the acr that the caller's issuer is bound with.
func (p *Problems) stepUp(c *gin.Context, why string) string {
	challenge := `Bearer realm="chancery", error="insufficient_user_authentication", error_description=` + quoted(why)
	if p.cfg.StepUpACR != nil {
		if acr := p.cfg.StepUpACR(ActorOf(c).Organisation().Issuer); acr != "" {
			challenge += `, acr_values=` + quoted(acr)
		}
	}
	return challenge + `, max_age=600`
}

// quoted makes a quoted-string of RFC 9110 5.6.4 in ASCII.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0x20 && r < 0x7f:
			b.WriteRune(r)
		default:
			b.WriteByte('?')
		}
	}
	b.WriteByte('"')
	return b.String()
}
