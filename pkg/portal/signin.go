package portal

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/web"
)

// choice is the page on which an organisation is chosen.
type choice struct {
	Organisations []chosen
	Return        string
	Because       string // why a session is over
}

type chosen struct {
	session.Organisation
	People []Player
}

// chooser answers GET /sign-in.
func (p *Portal) chooser(c *call) error { return p.showChooser(c, session.Local(c.Query("return"))) }

func (p *Portal) showChooser(c *call, back string) error {
	body := choice{Return: back}
	for _, o := range p.cfg.Sessions.Organisations() {
		body.Organisations = append(body.Organisations, chosen{o, p.cfg.People[o.Short]})
	}
	if c.over != nil {
		body.Because = because(c.in, c.over.Because)
	}
	return c.show("chooser", view{Title: c.t("chooser.title"), Body: body})
}

// because is why a session is over; also where a later build, which serves beside this one, ended it for a reason of
// its own (decision 0450).
func because(in web.Language, ended session.Ended) string {
	if said, known := lookUp(in, "over."+string(ended)); known {
		return said
	}
	return worded(in, "over.other")
}

// askToSignIn answers whoever is not signed in. What they typed is kept, for the person whose session it was.
func (p *Portal) askToSignIn(c *call, r row) {
	if r.method == "GET" {
		web.SeeOther(c.Context, "/sign-in?return="+url.QueryEscape(c.Request.URL.RequestURI()))
		return
	}
	if c.over == nil || c.over.Short == "" {
		p.must(c, p.showChooser(c, "/"))
		return
	}
	typed := p.typed(c)
	if typed != nil {
		typed.Person = c.over.Person
	}
	p.must(c, p.send(c, session.Beginning{Short: c.over.Short, Purpose: session.ToSignIn, Return: p.back(c),
		Typed: typed},
		"onward.kept"))
}

// typed is the form that was just sent; nil where there was a file, which is not kept.
func (p *Portal) typed(c *call) *session.Typed {
	kind, _, _ := strings.Cut(c.GetHeader("Content-Type"), ";")
	if kind != "application/x-www-form-urlencoded" || c.form() != nil {
		return nil
	}
	return &session.Typed{Path: c.Request.URL.Path, Form: c.Request.PostForm}
}

// back is the page that a form stands on.
func (p *Portal) back(c *call) string {
	u, err := url.Parse(c.GetHeader("Referer"))
	if err != nil || u.Host != p.host {
		return "/"
	}
	return session.Local(u.RequestURI())
}

// askAgain has the issuer say again that all of it still is so. It reports false: the browser goes there first.
func (p *Portal) askAgain(c *call, r row) bool {
	b := session.Beginning{Short: c.session.Short, Purpose: session.ToRenew, Return: c.Request.URL.RequestURI()}
	if r.method == "POST" {
		b.Return, b.Typed = p.back(c), p.typed(c)
		if b.Typed != nil {
			b.Typed.Person = c.session.Person()
		}
	}
	p.must(c, p.send(c, b, "onward.again"))
	return false
}

func (p *Portal) must(c *call, err error) {
	if err != nil {
		p.answer(c, err)
	}
}

// onward is the page between ours and the issuer's: no form leads out of this host.
type onward struct{ To, Organisation, Says string }

// send begins a sign-in and sends the browser to the issuer.
func (p *Portal) send(c *call, b session.Beginning, says string) error {
	to, err := p.cfg.Sessions.Begin(c.ctx, c.Writer, b, c.session)
	switch {
	case errors.Is(err, session.ErrNoOrganisation):
		return web.Fail(web.KindNotFound, err)
	case errors.Is(err, session.ErrBusy), errors.Is(err, identity.ErrProviderAway):
		return web.Fail(web.KindUnavailable, err)
	case err != nil:
		return err
	}
	o, _ := p.cfg.Sessions.Organisation(b.Short)
	return c.show("onward", view{Title: c.t("onward.title", o.Name), Onward: to,
		Body: onward{To: to, Organisation: o.Name, Says: c.t(says)}})
}

// beginSignIn answers POST /sign-in/{short}.
func (p *Portal) beginSignIn(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	return p.send(c, session.Beginning{Short: c.Param("short"), Purpose: session.ToSignIn, Return: c.said("return")},
		"onward.sign-in")
}

// returned is the page that the issuer's answer is shown as.
type returned struct {
	session.Answer
	Short string
	Says  string
}

// callback answers the issuer's redirect. It gives nothing, but for a renewal of what the browser holds already.
func (p *Portal) callback(c *call) error {
	query := c.Request.URL.Query()
	answer, err := p.cfg.Sessions.Look(c.ctx, c.Param("short"), c.Request, query)
	if err != nil {
		return p.notSignedIn(c, err)
	}
	switch {
	case answer.Purpose == session.ToRenew:
		return p.renewed(c, query)
	case answer.Denied != "":
		return p.notSignedIn(c, &session.Denied{Code: answer.Denied})
	}
	body := returned{Answer: answer, Short: c.Param("short"), Says: c.t("callback.sign-in")}
	title := c.t("callback.title", answer.Organisation.Name)
	if answer.Purpose == session.ToStepUp {
		title, body.Says = c.t("callback.step-up.title"), c.t("callback.step-up")
	}
	return c.show("callback", view{Title: title, Body: body})
}

// renewed ends a session whose issuer does not stand by it any more.
func (p *Portal) renewed(c *call, query url.Values) error {
	done, err := p.cfg.Sessions.Finish(c.ctx, c.Writer, c.Request, c.Param("short"), query)
	var denied *session.Denied
	switch {
	case errors.As(err, &denied) && c.session != nil:
		if err := p.cfg.Sessions.EndThis(c.ctx, *c.session, session.ByIssuer); err != nil {
			return err
		}
		return c.see("/sign-in?return=%s", url.QueryEscape(done.Return))
	case errors.Is(err, session.ErrAnotherPerson) && c.session != nil:
		if err := p.cfg.Sessions.EndThis(c.ctx, *c.session, session.AnotherPerson); err != nil {
			return err
		}
		return c.see("/sign-in?return=/")
	case err != nil:
		return p.notSignedIn(c, err)
	}
	return p.goOn(c, done)
}

// finishSignIn answers the form of the page that the issuer's answer was shown as.
func (p *Portal) finishSignIn(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	done, err := p.cfg.Sessions.Finish(c.ctx, c.Writer, c.Request, c.Param("short"), c.Request.PostForm)
	if err != nil {
		return p.notSignedIn(c, err)
	}
	return p.goOn(c, done)
}

// goOn does what the sign-in was for.
func (p *Portal) goOn(c *call, done session.Finished) error {
	c.session = &done.Session
	web.SetActor(c.Context, done.Session.Actor)
	switch {
	case done.Typed == nil:
		web.SeeOther(c.Context, undone(done.Return))
		return nil
	case done.Purpose == session.ToStepUp:
		return p.stepped(c, done)
	}
	return c.show("kept", view{Title: c.t("kept.title"), Body: done.Typed})
}

// stepped does the one act that the fresh sign-in was asked for.
func (p *Portal) stepped(c *call, done session.Finished) error {
	parts := strings.Split(strings.Trim(done.Typed.Path, "/"), "/")
	c.Request.PostForm, c.Request.Form = done.Typed.Form, done.Typed.Form
	if d, params, found := p.deedAt(done.Typed.Path); found {
		c.Params, c.idToken = params, done.IDToken
		return p.done(c, d)
	}
	switch {
	case len(parts) == 3 && parts[0] == "documents" && parts[1] == "new":
		return p.deposited(c)
	case len(parts) == 2 && parts[0] == "inbox":
		return p.decided(c, parts[1], done.IDToken)
	case len(parts) == 1 && parts[0] == "decisions":
		return p.severalDecided(c, done.IDToken)
	case len(parts) == 2 && parts[0] == "agreements":
		return p.signedAgreement(c, parts[1], done.IDToken)
	case len(parts) == 4 && parts[0] == "documents" && parts[2] == "acts":
		return p.acted(c, parts[3], article4.DocumentID(parts[1]))
	case len(parts) == 2 && parts[0] == "me":
		return p.endedSessions(c)
	}
	web.SeeOther(c.Context, undone(done.Return))
	return nil
}

// stepUp asks for a fresh sign-in, and keeps what was sent until then.
func (p *Portal) stepUp(c *call, nonce, back string) error {
	typed := p.typed(c)
	if typed == nil {
		return web.Fail(web.KindBrokenBody, nil)
	}
	typed.Person = c.session.Person()
	return p.send(c, session.Beginning{Short: c.session.Short, Purpose: session.ToStepUp, Return: back, Nonce: nonce,
		Typed: typed}, "onward.step-up")
}

// refusedSignIn is the page of a sign-in that came to nothing.
type refusedSignIn struct{ Says string }

// notSignedIn says why nobody was signed in. Nothing was done.
func (p *Portal) notSignedIn(c *call, err error) error {
	var denied *session.Denied
	says := ""
	switch {
	case errors.Is(err, session.ErrForeign):
		says = c.t("sign-in.foreign")
	case errors.As(err, &denied):
		says = c.t("sign-in.denied")
	case errors.Is(err, session.ErrAnotherPerson):
		says = c.t("sign-in.another-person")
	case errors.Is(err, session.ErrNotFresh):
		says = c.t("sign-in.not-fresh")
	case errors.Is(err, exchange.ErrUnrecognised):
		says = c.t("sign-in.unrecognised")
	case identity.IsBadToken(err):
		p.cfg.Logger.Warn("sign-in refused", "request_id", web.RequestID(c.Context), "reason", err.Error())
		says = c.t("sign-in.bad-token")
	case errors.Is(err, identity.ErrProviderAway):
		return web.Fail(web.KindUnavailable, err)
	case errors.Is(err, session.ErrNoOrganisation):
		return web.Fail(web.KindNotFound, err)
	default:
		return err
	}
	return c.show("not-signed-in", view{Title: c.t("sign-in.refused"), Status: web.PageForbidden,
		Body: refusedSignIn{Says: says}})
}

// crossOrigin answers a form that no page of ours sent.
func (p *Portal) crossOrigin(c *call) {
	p.must(c, c.show("not-signed-in", view{Title: c.t("cross-origin.title"), Status: web.PageForbidden,
		Body: refusedSignIn{Says: c.t("cross-origin")}}))
}

// signOut answers POST /sign-out.
func (p *Portal) signOut(c *call) error {
	to, err := p.cfg.Sessions.End(c.ctx, c.Writer, c.Request)
	if err != nil {
		return err
	}
	c.Header("Clear-Site-Data", `"cache", "storage"`)
	if to == "" {
		return c.see(session.SignedOutPath)
	}
	name := ""
	if c.session != nil {
		o, _ := p.cfg.Sessions.Organisation(c.session.Short)
		name = o.Name
	}
	c.session = nil
	return c.show("onward", view{Title: c.t("onward.out.title"), Onward: to,
		Body: onward{To: to, Organisation: name, Says: c.t("onward.out")}})
}

// signedOut answers where the issuer sends the browser back to.
func (p *Portal) signedOut(c *call) error {
	return c.show("signed-out", view{Title: c.t("signed-out.title")})
}

// backChannel takes a logout token (OpenID Connect Back-Channel Logout 1.0, 2.5).
func (p *Portal) backChannel(c *gin.Context) {
	if err := p.cfg.Sessions.BackChannel(c.Request.Context(), c.PostForm("logout_token")); err != nil {
		p.cfg.Logger.Warn("logout token refused", "request_id", web.RequestID(c), "reason", err.Error())
		web.Unwell(c)
		return
	}
	web.Nothing(c)
}

// aboutMe is the page about oneself.
type aboutMe struct {
	exchange.Self
	Places []session.Place
	Fresh  bool
}

func (p *Portal) me(c *call) error {
	self, err := p.cfg.Gateway.Self(c.ctx, c.actor())
	if err != nil {
		return err
	}
	places, err := p.cfg.Sessions.Places(c.ctx, *c.session)
	if err != nil {
		return err
	}
	return c.show("me", view{Title: c.t("me.title"), Nav: "me", Body: aboutMe{self, places, c.session.Fresh}})
}

// stay answers POST /session: whoever presses the button of the warning is still there, which the request itself has
// said already.
func (p *Portal) stay(c *call) error { return c.see("/me") }

// endSessions answers POST /me/sessions: a stolen browser does not put its owner out.
func (p *Portal) endSessions(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	if !c.session.Fresh {
		return p.stepUp(c, "", "/me")
	}
	return p.endedSessions(c)
}

func (p *Portal) endedSessions(c *call) error {
	if _, err := p.cfg.Sessions.EndOther(c.ctx, *c.session, c.said("session")); err != nil {
		return err
	}
	return c.see("/me")
}
