package portal

import (
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// instrument is the Arrangement as it stands.
type instrument struct {
	exchange.Arrangement
	Delegations []delegationLine
	Older       string
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
	held, err := p.cfg.Gateway.Delegations(c.ctx, c.actor(), exchange.Paging{Limit: 50, After: c.Query("after")})
	if err != nil {
		return err
	}
	body.Older = c.onward("after", held.Next)
	for _, d := range held.Items {
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
	if c.signsForAParty() {
		body.Acts = append(body.Acts, link{Says: c.t("sessions.title"), Href: "/sessions"},
			link{Says: c.t("erasures.title"), Href: "/erasures"})
	}
	return c.show("arrangement", view{Title: c.t("arrangement.title"), Nav: "arrangement", Body: body})
}
