package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

const (
	// maxToken bounds a token before anything of it is decoded.
	maxToken = 16 << 10
	// maxLifetime is how long an access token may live from iat to exp.
	maxLifetime = 15 * time.Minute
	// freshFor is how old auth_time may be for a deciding act (RFC 9470).
	freshFor = 10 * time.Minute
	// skew is how far a provider's clock may run ahead of ours.
	skew = 60 * time.Second
)

// Recogniser turns verified claims into an Actor; the Gateway is one.
type Recogniser interface {
	// Recognise answers exchange.ErrUnrecognised when the issuer is bound to no organisation in force.
	Recognise(ctx context.Context, c exchange.Claims) (exchange.Actor, error)
}

// Issuer is one identity provider, bound to one organisation by the Arrangement.
type Issuer struct {
	// URL is the issuer identifier, compared character by character. It is https, or http on loopback.
	URL string
	// Audience is the API's own audience; an access token for anything else is refused (RFC 9068 section 4).
	Audience string
	// Clients are the sign-in clients through which people come, and the audiences of their ID tokens.
	Clients []string
	// RoleClaim names the claim that holds a person's groups: an exact name, or a path with dots. Default "groups".
	RoleClaim string
	// Roles maps groups to roles; an unknown group gives nothing.
	Roles map[string]article4.Role
	// StepUpACR are the values of acr that deciding acts want; empty asks for none.
	StepUpACR []string
	// ACRClaim names the claim that says how somebody signed in, where it is not acr: "acrs" of Microsoft Entra ID, a
	// list. One of its values has to be in StepUpACR.
	ACRClaim string `json:",omitzero"`
	// Scope is the word of scope (or scp) that an access token has to have, for providers that give tokens for less
	// than all of the API; empty asks for none.
	Scope string `json:",omitzero"`
	// Services are the machine clients, each with its limits; another machine client has no role.
	Services map[string]article4.ServiceLimits
	// MaxLifetime bounds exp - iat of an access token; zero means 15 minutes, and more is refused.
	MaxLifetime time.Duration
	// PlainJWT accepts access tokens of type "JWT" beside "at+jwt", for providers that know no other.
	PlainJWT bool
	// RSA2048 accepts signatures of RSA keys from 2,048 bits, for providers that have no longer ones; otherwise 3,072.
	RSA2048 bool
}

// Config is what New needs.
type Config struct {
	Issuers []Issuer // at least one, each URL once
	// Providers are shared with others in the place of Issuers, HTTPClient and Logger: what one of them learns of a
	// provider, keys or that it is away, all know. Nil: ones of its own.
	Providers *Providers
	Gateway   Recogniser       // required
	Now       func() time.Time // the real clock; default time.Now
	// HTTPClient reaches the providers; its redirects and response sizes are bounded here whatever it says.
	HTTPClient *http.Client
	Logger     *slog.Logger // default slog.Default()
}

// Verifier recognises callers. It is safe for concurrent use.
type Verifier struct {
	providers  map[string]*provider
	gateway    Recogniser
	now        func() time.Time
	remembered remembered
}

// New makes a Verifier; it reaches no provider, so that the gateway starts while one is away.
func New(cfg Config) (*Verifier, error) {
	if cfg.Gateway == nil {
		return nil, errors.New("identity: no gateway to recognise callers")
	}
	providers, err := newProviders(cfg)
	if err != nil {
		return nil, err
	}
	return &Verifier{providers: providers, gateway: cfg.Gateway, now: clock(cfg.Now)}, nil
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

// newProviders are those that are shared, or new ones.
func newProviders(cfg Config) (map[string]*provider, error) {
	if cfg.Providers != nil {
		return cfg.Providers.by, nil
	}
	if len(cfg.Issuers) == 0 {
		return nil, errors.New("identity: no issuers")
	}
	logger := cfg.Logger
	if logger == nil {
		logger = slog.Default()
	}
	client := boundedClient(cfg.HTTPClient)
	providers := make(map[string]*provider, len(cfg.Issuers))
	for _, issuer := range cfg.Issuers {
		if err := issuer.Check(); err != nil {
			return nil, fmt.Errorf("identity: issuer %q: %w", issuer.URL, err)
		}
		if providers[issuer.URL] != nil {
			return nil, fmt.Errorf("identity: issuer %q stands twice", issuer.URL)
		}
		if issuer.RoleClaim == "" {
			issuer.RoleClaim = "groups"
		}
		if issuer.MaxLifetime == 0 {
			issuer.MaxLifetime = maxLifetime
		}
		providers[issuer.URL] = &provider{issuer: issuer, client: client, now: clock(cfg.Now), logger: logger}
	}
	return providers, nil
}

// Check refuses an issuer that would verify less than this package promises.
func (i Issuer) Check() error {
	if err := checkURL(i.URL); err != nil {
		return err
	}
	if i.Audience == "" {
		return errors.New("no audience: access tokens need the API's own")
	}
	if len(i.Clients) == 0 && len(i.Services) == 0 {
		return errors.New("no client through which anybody could come")
	}
	if _, isService := i.Services[i.Audience]; isService || slices.Contains(i.Clients, i.Audience) {
		return errors.New("the audience is a client's identifier: its ID tokens would pass for access tokens")
	}
	for _, client := range i.Clients {
		if _, isService := i.Services[client]; isService || client == "" {
			return fmt.Errorf("client %q is empty, or a sign-in client and a machine client at once", client)
		}
	}
	for group, role := range i.Roles {
		if !grantable(role) {
			return fmt.Errorf("group %q maps to %q, which no group gives", group, role)
		}
	}
	if strings.ContainsFunc(i.Scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
		return fmt.Errorf("scope %q is no one word of RFC 6749", i.Scope)
	}
	if i.MaxLifetime < 0 || i.MaxLifetime > maxLifetime {
		return fmt.Errorf("access tokens may live at most %s", maxLifetime)
	}
	return nil
}

// grantable holds the roles that a group may give; a service is a machine client, never a group.
func grantable(r article4.Role) bool {
	switch r {
	case article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory, article4.RoleAuditor,
		article4.RoleOperator:
		return true
	}
	return false
}

// checkURL wants https, or http on loopback, and nothing that would make two spellings of one address.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return errors.New("not an absolute URL without user, query and fragment")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return errors.New("must be https (http only on loopback)")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Authenticate verifies the request's bearer token and recognises its bearer.
//
// It answers ErrNoToken when the request brings none, *BadToken when it brings one that is not accepted,
// ErrProviderAway when the issuer's keys cannot be had, and what the Recogniser answers.
func (v *Verifier) Authenticate(ctx context.Context, r *http.Request) (exchange.Actor, error) {
	raw, err := bearer(r)
	if err != nil {
		return exchange.Actor{}, err
	}
	claims, err := v.verify(ctx, raw)
	if err != nil {
		return exchange.Actor{}, err
	}
	actor, err := v.gateway.Recognise(ctx, claims)
	if err != nil {
		return exchange.Actor{}, fmt.Errorf("recognise caller of %s: %w", claims.Issuer, err)
	}
	return actor, nil
}

// bearer takes the token out of the one Authorization header (RFC 6750 2.1); tokens in queries or forms are not read.
func bearer(r *http.Request) (string, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return "", ErrNoToken
	}
	if len(headers) > 1 {
		return "", refuse("more than one Authorization header")
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", ErrNoToken
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", ErrNoToken
	}
	return token, nil
}

func refuse(format string, args ...any) error {
	return &BadToken{Reason: fmt.Sprintf(format, args...)}
}
