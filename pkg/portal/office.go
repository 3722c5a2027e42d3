package portal

import (
	"maps"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// notices answers GET /notices.
func (p *Portal) notices(c *call) error {
	found, err := p.cfg.Gateway.Notices(c.ctx, c.actor(), exchange.NoticeQuery{Paging: exchange.Paging{Limit: 50,
		After: c.Query("after")}})
	if err != nil {
		return err
	}
	body := noticeList{Next: found.Next}
	var markings []article4.Marking
	for _, n := range found.Items {
		line := noticeLine{Notice: n, Answers: n.Permissions[article4.ActAcknowledge].Allowed}
		line.Href = whereOf(n)
		english, french := n.Words()
		if line.Says = dated(c.in, english); c.in == web.French {
			line.Says = dated(c.in, french)
		}
		body.Items, markings = append(body.Items, line), append(markings, n.Marking)
	}
	return c.show("notices", view{Title: c.t("notices.title"), Nav: "notices", Body: body, Markings: markings})
}

// whereOf is the page of what a notice tells of; empty where there is none that its reader would surely see.
func whereOf(n exchange.Notice) string {
	switch {
	case n.Kind == "lowering":
		return "/lowerings"
	case n.Kind == "confirmation":
		return "/confirmations"
	case n.Kind == "webhook":
		return "/webhooks/" + n.Subject
	case strings.HasPrefix(n.Subject, "ser_"):
		return "/series/" + n.Subject
	case n.Kind == "sign-in", n.Kind == "sessions-ended":
		return "/me"
	case n.Kind == "bounced":
		return "/me/mail"
	case n.Request != "":
		return "/requests/" + string(n.Request)
	case n.Document != "" && n.Kind != "not-concerned":
		return "/documents/" + string(n.Document)
	case n.Kind == "agreement":
		return "/agreements"
	}
	return ""
}

// Said is what was answered for a copy; empty: nothing yet.
func (n noticeLine) Said(number string) string {
	for _, a := range n.Notice.Answers {
		if a.Number == number {
			return a.Disposition
		}
	}
	return ""
}

type noticeList struct {
	Items []noticeLine
	Next  string
}

// noticeLine is one notice in words; Answers: the reader may answer it.
type noticeLine struct {
	exchange.Notice
	Says    string
	Answers bool
	Href    string // where what it tells of is seen
}

// acknowledge answers POST /notices/{id}.
func (p *Portal) acknowledge(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	said := exchange.Acknowledgement{Disposition: c.said("disposition"), Statement: c.said("statement")}
	for _, field := range slices.Sorted(maps.Keys(c.Request.PostForm)) {
		if number, of := strings.CutPrefix(field, "copy-"); of && c.said(field) != "" {
			said.Copies = append(said.Copies, exchange.CopyAnswer{Number: number, Disposition: c.said(field)})
		}
	}
	if _, err := p.cfg.Gateway.Acknowledge(c.ctx, c.actor(), c.Param("id"), said); err != nil {
		return err
	}
	return c.see("/notices")
}

type waitingLine struct {
	exchange.Confirmation
	Says, By string
}

// confirmations answers GET /confirmations: what was begun and needs a second person.
func (p *Portal) confirmations(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	found, err := p.cfg.Gateway.Confirmations(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return err
	}
	var lines []waitingLine
	for _, one := range found.Items {
		lines = append(lines, c.waitingLine(one))
	}
	return c.show("confirmations", view{Title: c.t("confirmations.title"), Nav: "confirmations", Body: lines})
}

func (c *call) waitingLine(one exchange.Confirmation) waitingLine {
	return waitingLine{one, c.t("confirms." + string(one.Act)), c.who(one.By, c.organisation().ID)}
}

// instrument is the Arrangement as it stands.
type instrument struct {
	exchange.Arrangement
	Delegations []delegationLine
	Focal       []focalLine
	Acts        []link // what the reader may do to it
	Mandates    string // where the reader's organisation sees its own; empty: it has none
}

// LastDay is the last day in effect.
func (i instrument) LastDay() time.Time {
	if i.EndsAt == nil {
		return time.Time{}
	}
	return i.EndsAt.Add(-time.Second)
}

type delegationLine struct {
	exchange.DelegationRecord
	Org, Acts string
}

type focalLine struct {
	exchange.FocalPoint
	Org string
}

// arrangement answers GET /arrangement.
func (p *Portal) arrangement(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	body := instrument{Arrangement: c.known.arrangement}
	if c.organisation().Kind == article4.ThirdParty {
		body.Mandates = mandatesOf(c.organisation().ID)
	}
	for _, d := range c.known.officials {
		var acts []string
		for _, a := range d.Acts {
			acts = append(acts, c.t("act-short."+string(a)))
		}
		body.Delegations = append(body.Delegations, delegationLine{d, c.known.org(d.Organisation),
			strings.Join(acts, ", ")})
	}
	for _, f := range c.known.focal {
		body.Focal = append(body.Focal, focalLine{f, c.known.org(f.Organisation)})
	}
	for _, one := range []struct {
		act       article4.Act
		key, href string
	}{{article4.ActDesignate, "designate.title", "/arrangement/focal-point"},
		{article4.ActDelegate, "delegate.title", "/arrangement/delegations/new"},
		{article4.ActGiveNotice, "notice.title", "/arrangement/notice"}} {
		may, told := body.Permissions[one.act]
		if told && len(c.denied(one.act, may)) == 0 && (one.act != article4.ActGiveNotice || body.NoticeGiven == nil) {
			body.Acts = append(body.Acts, link{Says: c.t(one.key), Href: one.href})
		}
	}
	if c.organisation().Kind == article4.Party && (c.has(article4.RoleFocalPoint) || c.has(article4.RoleSignatory) ||
		c.has(article4.RoleAuditor)) {
		body.Acts = append(body.Acts, link{Says: c.t("webhooks.title"), Href: "/webhooks"})
	}
	if c.reviews() {
		body.Acts = append(body.Acts, link{Says: c.t("review.title"), Href: "/review"})
	}
	if c.signsOut() {
		body.Acts = append(body.Acts, link{Says: c.t("sessions.title"), Href: "/sessions"})
	}
	if c.has(article4.RoleSignatory) {
		body.Acts = append(body.Acts, link{Says: c.t("erasures.title"), Href: "/erasures"})
	}
	return c.show("arrangement", view{Title: c.t("arrangement.title"), Nav: "arrangement", Body: body})
}

// rules answers GET /rules: the ten paragraphs, word for word.
func (p *Portal) rules(c *call) error {
	return c.show("rules", view{Title: c.t("rules.title"), Nav: "rules", Body: article4.Paragraphs()})
}

// ruled is one paragraph, and every reason that rests on it.
type ruled struct {
	article4.Paragraph
	Reasons []web.Reason
}

// rule answers GET /rules/{paragraph}.
func (p *Portal) rule(c *call) error {
	quote, found := article4.Quote(c.Param("paragraph"))
	if !found {
		return web.Fail(web.KindNotFound, nil)
	}
	body := ruled{Paragraph: quote}
	for _, code := range article4.Codes() {
		if entry, _ := article4.Lookup(code); entry.Paragraph == quote.Number {
			body.Reasons = append(body.Reasons, reasonIn(c.in, article4.Reason{Code: code}))
		}
	}
	return c.show("rule", view{Title: article(c.in, quote.Number), Nav: "rules", Body: body})
}

func (p *Portal) help(c *call) error {
	var focal []focalLine
	if c.session != nil {
		if _, err := c.directory(); err != nil {
			return err
		}
		for _, f := range c.known.focal {
			focal = append(focal, focalLine{f, c.known.orgName(f.Organisation)})
		}
	}
	return c.show("help", view{Title: c.t("help.title"), Nav: "help", Body: focal})
}

func (p *Portal) accessibility(c *call) error {
	return c.show("text", view{Title: c.t("accessibility.title"), Body: strings.Split(c.t("accessibility.text"), "\n")})
}

func (p *Portal) privacy(c *call) error {
	return c.show("text", view{Title: c.t("privacy.title"), Body: strings.Split(c.t("privacy.text"), "\n")})
}
