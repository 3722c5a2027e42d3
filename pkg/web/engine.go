package web

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/traces"
)

// EngineConfig is what NewEngine needs.
type EngineConfig struct {
	Logger    *slog.Logger // required; the operations log
	Metrics   *Metrics     // required
	PublicURL string       // required; where the gateway is reached from outside, without a trailing slash
	MaxUpload int64        // required; bytes of the largest content that is taken
	// Patience is how long a peer may take for each 16 KiB of a body, and for taking what is sent to it; zero is 30 s.
	Patience time.Duration
	Rates    Rates // the zero value bounds nothing
	// Proxies are those in front: what they say of addresses, by X-Forwarded-For or by the PROXY protocol, is taken.
	Proxies Proxies
	Now     func() time.Time // default time.Now; measures durations only
	Tracer  *traces.Tracer   // nil: no request is traced
}

// NewEngine makes an engine with the middleware that every route shares, and no route.
//
// It trusts no word about addresses but that of cfg.Proxies. gin.Recovery is not used: it would end a torn response
// cleanly.
func NewEngine(cfg EngineConfig) (*gin.Engine, error) {
	if cfg.Logger == nil || cfg.Metrics == nil {
		return nil, errors.New("web: the engine needs a logger and metrics")
	}
	if cfg.MaxUpload <= 0 {
		return nil, errors.New("web: the engine needs the size of the largest upload")
	}
	if err := cfg.Rates.check(); err != nil {
		return nil, err
	}
	problems, err := newProblems(ProblemsConfig{PublicURL: cfg.PublicURL, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	if cfg.Patience == 0 {
		cfg.Patience = defaultPatience
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.ContextWithFallback = true // a handler's context ends with its request
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	if err := engine.SetTrustedProxies(nil); err != nil {
		return nil, err
	}
	engine.Use(
		traced(cfg.Tracer, cfg.Proxies.forwarding()), // before addresses are put right: it asks who connects
		forwarded(cfg.Proxies.forwarding()),
		identify,
		observe(cfg.Logger, cfg.Metrics, cfg.Now),
		recovery(problems, cfg.Logger),
		secure,
		metered(cfg.Rates, cfg.Proxies, cfg.Now, problems),
		patient(cfg.Patience),
		bounded(cfg.MaxUpload),
	)
	engine.NoRoute(func(c *gin.Context) { problems.Write(c, Fail(KindNotFound, nil)) })
	engine.NoMethod(func(c *gin.Context) { problems.Write(c, Fail(KindMethodNotAllowed, nil)) })
	return engine, nil
}
