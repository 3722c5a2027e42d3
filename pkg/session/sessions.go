package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// The ends of a session and of an attempt to sign in.
const (
	absolute = 10 * time.Hour
	idle     = register.SessionIdle
	attempts = 10 * time.Minute
	// askAgain is how long claims are believed where the issuer tells nobody of a sign-out; with a back channel longer.
	askAgain     = 15 * time.Minute
	askAgainTold = time.Hour
	// Idle is how long a session lasts of which nothing is seen.
	Idle = idle
	// atMost is how many sessions one person has; the oldest ends for a further one.
	atMost = 5
	// maxAttempts bounds the attempts that are under way at all: a stranger can begin one.
	maxAttempts = 20_000
)

// ErrNone says that the browser holds no session.
var ErrNone = errors.New("session: none")

// Ended is why a session is over that the browser still holds a cookie of.
type Ended string

// The reasons.
const (
	SignedOut     Ended = "signed-out"                    // by its own person, here
	TooMany       Ended = "too-many"                      // the person signed in once more than may be
	Elsewhere     Ended = "elsewhere"                     // by its own person, from another session
	ByIssuer      Ended = "issuer"                        // the issuer said that the person signed out there
	Renewed       Ended = "renewed"                       // a sign-in in this browser took its place
	AnotherPerson Ended = "another-person"                // the issuer says that somebody else sits there now
	ByOperator          = Ended(register.EndedByOperator) // the operator of the gateway, at its host
	ByParty             = Ended(register.EndedByParty)    // a signatory of the person's own Party
	TimeOver      Ended = "time-over"
)

// Over says that the session ended; it answers errors.Is(err, ErrNone).
type Over struct {
	Because Ended
	Person  article4.PersonID // of whom it was: what they typed is kept for them, and for nobody else
	Short   string            // of their organisation
}

func (o *Over) Error() string        { return "session: over: " + string(o.Because) }
func (o *Over) Is(target error) bool { return target == ErrNone }

// Providers are what a session asks of identity; *identity.SignIn is it.
type Providers interface {
	Client(issuer string) string
	AskStepUp(query url.Values, issuer string)
	Endpoints(ctx context.Context, issuer string) (identity.Endpoints, error)
	Redeem(ctx context.Context, r identity.Redemption) (identity.SignedIn, error)
	Fresh(c exchange.Claims) exchange.Claims
	Logout(ctx context.Context, token string) (identity.Logout, error)
}

// Organisation is somebody through whom people sign in.
type Organisation struct {
	Short  string // in addresses: a-z, 0-9 and hyphens
	Name   string
	Issuer string
}

// Config is what New needs; everything but Logger is required.
type Config struct {
	DB            *postgres.DB // the app role
	Providers     Providers
	Gateway       Gateway
	Organisations []Organisation
	PublicURL     string // where the browser reaches the gateway, without a trailing slash
	Logger        *slog.Logger
}

// Sessions are those of one gateway. It is safe for concurrent use, and several may run over one database.
type Sessions struct {
	cfg     Config
	byShort map[string]Organisation
}

// New makes Sessions.
func New(cfg Config) (*Sessions, error) {
	if cfg.DB == nil || cfg.Providers == nil || cfg.Gateway == nil || len(cfg.Organisations) == 0 {
		return nil, errors.New("session: a database, providers, a gateway and organisations are needed")
	}
	u, err := url.Parse(cfg.PublicURL)
	if err != nil || u.Host == "" || strings.HasSuffix(cfg.PublicURL, "/") {
		return nil, fmt.Errorf("session: %q is no public address", cfg.PublicURL)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Sessions{cfg: cfg, byShort: map[string]Organisation{}}
	for _, o := range cfg.Organisations {
		s.byShort[o.Short] = o
	}
	return s, nil
}

// Organisations are those through whom people sign in here, in the order given.
func (s *Sessions) Organisations() []Organisation { return s.cfg.Organisations }

// Organisation finds one by its short name.
func (s *Sessions) Organisation(short string) (Organisation, bool) {
	o, found := s.byShort[short]
	return o, found
}

// CallbackPath is where that organisation's issuer sends browsers back to; each issuer has one of its own.
func CallbackPath(short string) string { return "/sign-in/" + short + "/callback" }

// Session is a living one, at one request.
type Session struct {
	Actor     exchange.Actor
	Name      string // as the issuer tells it
	Short     string // of the organisation
	CreatedAt time.Time
	EndsAt    time.Time // whatever happens
	IdleAt    time.Time // unless something is asked before
	AskAgain  bool      // the issuer is to be asked again whether this still is so
	Fresh     bool      // signed in just now, as deciding acts want it

	id     digest
	issuer string
	secret secret // of the cookie; seals what is kept for this session
}

// Outside is how somebody asks about their sessions who brings a token and no cookie: none of them is Here.
func Outside(a exchange.Actor) Session { return Session{Actor: a, Fresh: a.StepUp() == nil} }

// Person is who the session is of.
func (s Session) Person() article4.PersonID { return s.Actor.Person() }

// kept is what the seal of a row holds.
type kept struct {
	Claims exchange.Claims
}
