package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/web"
)

// call is one request to a page.
type call struct {
	*gin.Context
	p       *Portal
	ctx     context.Context
	in      web.Language
	session *session.Session // nil: nobody is signed in
	over    *session.Over    // why a session that the browser holds a cookie of is over
	known   *directory
	sent    uploaded // a form's file, once its fields were read
	idToken string   // of the sign-in that was made for the one act that goes on now; empty: none was
	leftOut bool     // a list that was read is without records that were altered
}

const languageCookie = "__Host-language"

// callOf reads who asks in which language. A language that is asked for in the address is kept in a cookie.
func (p *Portal) callOf(c *gin.Context) *call {
	at := &call{Context: c, p: p, ctx: c.Request.Context(), in: web.Preferred(c.GetHeader("Accept-Language"))}
	if kept := c.Request.CookiesNamed(languageCookie); len(kept) == 1 && isLanguage(kept[0].Value) {
		at.in = web.Language(kept[0].Value)
	}
	if asked := c.Query("lang"); isLanguage(asked) {
		at.in = web.Language(asked)
		http.SetCookie(c.Writer, &http.Cookie{
			Name:     languageCookie,
			Value:    asked,
			Path:     "/",
			Secure:   true,
			HttpOnly: true,
			MaxAge:   365 * 24 * 3600,
			SameSite: http.SameSiteLaxMode,
		})
	}
	return at
}

func isLanguage(s string) bool { return s == string(web.English) || s == string(web.French) }

// t words something in the reader's language.
func (c *call) t(key string, args ...any) string { return worded(c.in, key, args...) }

func (c *call) actor() exchange.Actor { return c.session.Actor }

func (c *call) organisation() exchange.Organisation { return c.actor().Organisation() }

func (c *call) has(role article4.Role) bool {
	if c.session == nil {
		return false
	}
	for _, r := range c.actor().Roles() {
		if r == role {
			return true
		}
	}
	return false
}

// of is an identifier in the address.
func of[T ~string](c *call, name string) T { return T(c.Param(name)) }

// recognise finds the session. It answers by itself, and reports false, where the page is not for whoever asks.
func (p *Portal) recognise(c *call, r row) bool {
	found, err := p.cfg.Sessions.Current(c.ctx, c.Request, false)
	var over *session.Over
	switch {
	case err == nil:
		c.session = &found
		web.SetActor(c.Context, found.Actor)
	case errors.As(err, &over):
		c.over = over
	case errors.Is(err, session.ErrNone):
	default:
		p.answer(c, err)
		return false
	}
	if r.open {
		return true
	}
	if c.session == nil {
		p.askToSignIn(c, r)
		return false
	}
	if err := web.Admit(c.Context); err != nil {
		p.answer(c, err)
		return false
	}
	if found.AskAgain {
		return p.askAgain(c, r)
	}
	return true
}

// form is what a page of ours sent; the body is bounded by package web.
func (c *call) form() error {
	if err := c.Request.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return web.Fail(web.KindBrokenBody, err)
	}
	return nil
}

// said is one field of a form, without blanks around it and with plain line ends.
func (c *call) said(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(c.Request.PostFormValue(name), "\r\n", "\n"))
}

// justDone is what was just done, where the address says so and the browser comes from a page of ours, as it does where
// a form of ours sends it. To whoever follows a link from anywhere else, and whoever does not say where they come from,
// no page states an act that never was.
func (c *call) justDone() string {
	if c.Request.Method != http.MethodGet || c.GetHeader("Sec-Fetch-Site") != "same-origin" {
		return ""
	}
	return c.Query("done")
}

// undone is an address without what it says was done. Whoever goes on there has signed in, and did nothing else.
func undone(address string) string {
	path, query, _ := strings.Cut(address, "?")
	values, _ := url.ParseQuery(query) // of what cannot be read pages read nothing either
	if !values.Has("done") {
		return address
	}
	values.Del("done")
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// see sends the browser on after an act.
func (c *call) see(format string, args ...any) error {
	web.SeeOther(c.Context, fmt.Sprintf(format, args...))
	return nil
}
