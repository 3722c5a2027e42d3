package portal

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/web"
)

// Config is what New needs; everything but People is required.
type Config struct {
	Gateway   *exchange.Gateway
	Sessions  *session.Sessions
	Logger    *slog.Logger
	PublicURL string // where browsers reach the gateway, without a trailing slash
	// People are shown on the page where an organisation is chosen, by the organisation's short name: those of the
	// demo, who have no passwords. Nil anywhere else.
	People map[string][]Player
}

// Player is somebody of the demo.
type Player struct {
	Name  string
	Roles []article4.Role
}

// Portal is the pages.
type Portal struct {
	cfg      Config
	host     string
	problems *web.Problems
	pages    map[web.Language]pageSet
	assets   assets
}

// New makes the pages; a template that does not parse, or a word that is missing, is found here.
func New(cfg Config) (*Portal, error) {
	if cfg.Gateway == nil || cfg.Sessions == nil || cfg.Logger == nil {
		return nil, errors.New("portal: a gateway, sessions and a logger are needed")
	}
	u, err := url.Parse(cfg.PublicURL)
	if err != nil || u.Host == "" {
		return nil, errors.New("portal: the public address is needed")
	}
	p := &Portal{cfg: cfg, host: u.Host, assets: newAssets()}
	if p.problems, err = web.NewProblems(web.ProblemsConfig{PublicURL: cfg.PublicURL, Logger: cfg.Logger,
		Reasons: reasonsOf}); err != nil {
		return nil, err
	}
	p.pages, err = newPages(p.assets)
	return p, err
}

// row is one page or one act.
type row struct {
	method, path string
	serve        func(*call) error
	open         bool // for those who are not signed in, too
}

// table is every page.
func (p *Portal) table() []row {
	return []row{
		{"GET", "/", p.home, true},
		{"GET", "/sign-in", p.chooser, true},
		{"POST", "/sign-in/:short", p.beginSignIn, true},
		{"GET", "/sign-in/:short/callback", p.callback, true},
		{"POST", "/sign-in/:short/callback", p.finishSignIn, true},
		{"POST", "/sign-out", p.signOut, true},
		{"GET", session.SignedOutPath, p.signedOut, true},
		{"GET", "/rules", p.rules, true},
		{"GET", "/rules/:paragraph", p.rule, true},
		{"GET", "/help", p.help, true},
		{"GET", "/accessibility", p.accessibility, true},
		{"GET", "/privacy", p.privacy, true},
		{"GET", "/tour", p.showTour, true},
		{"GET", "/me", p.me, false},
		{"POST", "/session", p.stay, false},
		{"POST", "/me/sessions", p.endSessions, false},
		{"GET", "/documents", p.documents, false},
		{"GET", "/documents/new", p.stageForm, false},
		{"POST", "/documents/new", p.stage, false},
		{"GET", "/documents/new/:staged", p.depositForm, false},
		{"POST", "/documents/new/:staged", p.deposit, false},
		{"PATCH", "/documents/new/:staged", p.takePart, false},
		{"DELETE", "/documents/new/:staged", p.endArrival, false},
		{"GET", "/documents/new/:staged/preview", p.stagedPreview, false},
		{"POST", "/documents/new/:staged/drop", p.dropStaged, false},
		{"GET", "/documents/:id", p.document, false},
		{"GET", "/documents/:id/open", p.openForm, false},
		{"POST", "/documents/:id/open", p.open, false},
		{"GET", "/documents/:id/request", p.requestForm, false},
		{"POST", "/documents/:id/request", p.request, false},
		{"POST", "/documents/:id/accounting", p.accounting, false},
		{"POST", "/documents/:id/timeline", p.timeline, false},
		{"GET", "/documents/:id/acts/:act", p.actForm, false},
		{"POST", "/documents/:id/acts/:act", p.act, false},
		{"GET", "/disclosures/:id", p.disclosure, false},
		{"GET", "/disclosures/:id/content", p.content, false},
		{"GET", "/disclosures/:id/label", p.label, false},
		{"GET", "/disclosures/:id/read", p.read, false},
		{"GET", "/disclosures/:id/pages/:n", p.readPage, false},
		{"GET", "/instruments/:id", p.instrument, false},
		{"GET", "/requests", p.requests, false},
		{"GET", "/requests/:id", p.requestPage, false},
		{"POST", "/requests/:id/messages", p.message, false},
		{"POST", "/requests/:id/withdrawal", p.withdraw, false},
		{"POST", "/requests/:id/admissions", p.admit, false},
		{"POST", "/requests/:id/carry-over", p.carryOver, false},
		{"GET", "/inbox", p.inbox, false},
		{"GET", "/inbox/:id", p.decision, false},
		{"POST", "/inbox/:id", p.decide, false},
		{"GET", "/decisions", p.severalForm, false},
		{"POST", "/decisions", p.several, false},
		{"GET", "/agreements", p.agreements, false},
		{"GET", "/agreements/:id", p.agreement, false},
		{"POST", "/agreements/:id", p.sign, false},
		{"GET", "/notices", p.notices, false},
		{"POST", "/notices/:id", p.acknowledge, false},
		{"GET", "/confirmations", p.confirmations, false},
		{"GET", "/arrangement", p.arrangement, false},
		{"GET", "/log", p.log, false},
		{"GET", "/log/:id", p.logEntry, false},
		{"POST", "/log/:id", p.logProof, false},
	}
}

// Register puts the pages on an engine that web.NewEngine made. What is at no address is answered with a page to those
// who read pages, and as before to programs.
func (p *Portal) Register(engine *gin.Engine) {
	rows := p.table()
	for _, d := range p.deeds() {
		rows = append(rows, row{"GET", d.path, p.sheetOf(d), false})
		if d.does != nil {
			rows = append(rows, row{"POST", d.path, p.doing(d), false})
		}
	}
	for _, r := range rows {
		engine.Handle(r.method, r.path, p.serve(r))
		if r.method == "GET" {
			engine.Handle("HEAD", r.path, p.serve(r))
		}
	}
	engine.GET("/assets/:name", p.assets.serve)
	engine.POST("/back-channel-logout", p.backChannel) // from server to server: no cookie is read, no origin looked at
	missing := func(c *gin.Context) {
		if strings.HasPrefix(c.Request.URL.Path, "/api/") || !web.WantsPage(c.Request) {
			p.problems.Write(c, web.Fail(web.KindNotFound, nil))
			return
		}
		p.answer(p.callOf(c), web.Fail(web.KindNotFound, nil))
	}
	engine.NoRoute(missing)
}

// serve is what every page has in common.
func (p *Portal) serve(r row) gin.HandlerFunc {
	return func(c *gin.Context) {
		if r.method == "GET" && c.Request.Host != p.host {
			web.SeeOther(c, p.cfg.PublicURL+c.Request.URL.RequestURI()) // cookies are of one host
			return
		}
		at := p.callOf(c)
		if err := web.SameOrigin(c.Request); err != nil {
			p.crossOrigin(at)
			return
		}
		if wait := p.recognise(at, r); !wait {
			return
		}
		if err := r.serve(at); err != nil {
			p.answer(at, err)
		}
	}
}
