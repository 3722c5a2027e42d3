package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/web"
)

// Base is where the API stands.
const Base = "/api/v1"

// Authenticator recognises callers; identity.Verifier is one.
type Authenticator interface {
	// Authenticate answers identity.ErrNoToken, *identity.BadToken, identity.ErrProviderAway, or what the Gateway's
	// Recognise answers. It reads headers only, never the body.
	Authenticate(ctx context.Context, r *http.Request) (exchange.Actor, error)
}

// Config is what New needs.
type Config struct {
	Gateway       *exchange.Gateway // required
	Authenticator Authenticator     // required
	Logger        *slog.Logger      // required
	ProblemBase   string            // required; the public address, of which problem types are made
	// StepUpACR is the acr (several: separated by blanks) that deciding acts want of an issuer's people; may be nil.
	StepUpACR func(issuer string) string
	// AuthorizationServers are the issuers of the Parties: where those who integrate get their tokens. Those of third
	// parties are told to nobody without a token: who is one is not public.
	AuthorizationServers []string
	// Pages says that "/" is a page of somebody else.
	Pages bool
	// Sessions are those of the pages; nil: there are none.
	Sessions Sessions
	// Mirror opens the checkpoint and the tiles of the log to whoever asks, for witnesses and mirrors.
	Mirror bool
}

// API is the REST API.
type API struct {
	gateway       *exchange.Gateway
	authenticator Authenticator
	logger        *slog.Logger
	problems      *web.Problems
	resource      resource
	pages         bool
	sessions      Sessions
	mirrored      bool
	rejected      sparse
}

// New makes the API.
func New(cfg Config) (*API, error) {
	if cfg.Gateway == nil || cfg.Authenticator == nil || cfg.Logger == nil {
		return nil, errors.New("rest: the gateway, an authenticator and a logger are needed")
	}
	problems, err := web.NewProblems(web.ProblemsConfig{
		PublicURL: cfg.ProblemBase, Logger: cfg.Logger, Reasons: reasonsOf, StepUpACR: cfg.StepUpACR,
		ResourceMetadata: cfg.ProblemBase + resourceMetadata,
	})
	if err != nil {
		return nil, err
	}
	if cfg.Sessions == nil {
		cfg.Sessions = noSessions{}
	}
	return &API{
		gateway:       cfg.Gateway,
		authenticator: cfg.Authenticator,
		logger:        cfg.Logger,
		problems:      problems,
		resource:      resourceOf(cfg),
		pages:         cfg.Pages,
		sessions:      cfg.Sessions,
		mirrored:      cfg.Mirror,
	}, nil
}

// authenticate lets nobody on who is not recognised; the body is not read for that.
func (a *API) authenticate(c *gin.Context) {
	actor, err := a.authenticator.Authenticate(c.Request.Context(), c.Request)
	if err != nil {
		a.logRejected(c, err)
		a.problems.Write(c, unrecognised(err))
		return
	}
	web.SetActor(c, actor)
	if err := web.Admit(c); err != nil {
		a.problems.Write(c, err)
	}
}

// logRejected keeps why tokens were rejected, sparsely: a stranger may send any number of them.
func (a *API) logRejected(c *gin.Context, err error) {
	var bad *identity.BadToken
	if !errors.As(err, &bad) {
		return
	}
	if held, now := a.rejected.let(time.Now()); now {
		a.logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "token rejected",
			slog.String("request_id", web.RequestID(c)), slog.String("reason", bad.Reason),
			slog.String("issuer", bad.Issuer), slog.Duration("ahead", bad.Ahead), slog.Int("unlogged", held))
	}
}

// unrecognised maps what identity says. A provider that is away proves nothing against a token: 503, never 401.
func unrecognised(err error) error {
	var bad *identity.BadToken
	switch {
	case errors.Is(err, identity.ErrNoToken):
		return web.Fail(web.KindNoToken, err)
	case errors.As(err, &bad):
		return web.FailBecause(web.KindBadToken, web.Technical(bad.Reason))
	case errors.Is(err, identity.ErrProviderAway):
		return web.Fail(web.KindUnavailable, err)
	}
	return err
}
