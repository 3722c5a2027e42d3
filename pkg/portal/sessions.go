package portal

import (
	"net/url"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// signingOut is the page on which a Party's signatory ends the sessions of its own people.
func (p *Portal) signingOut() []deed { return []deed{{"/sessions", p.sessionsPage, p.endSessionsOf}} }

// signsForAParty reports whether the reader is a signatory of a Party: only they end sessions of colleagues, and erase.
func (c *call) signsForAParty() bool {
	return c.organisation().Kind == article4.Party && c.has(article4.RoleSignatory)
}

func (p *Portal) sessionsPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("sessions.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	if !c.signsForAParty() {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	found, err := p.cfg.Gateway.People(c.ctx, c.actor(), c.organisation().ID,
		exchange.Paging{Limit: most, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	c.without(found.LeftOut)
	who := question{Name: "person", Label: c.t("sessions.whose"), Hint: c.t("sessions.whose.hint"), Kind: "one",
		Needed: true}
	for _, one := range found.Items {
		if one.ID != c.actor().Person() && !one.Machine { // one's own are ended at /me; a machine has none
			who.Options = append(who.Options, option{Value: string(one.ID), Says: one.Name})
		}
	}
	if found.Next != "" {
		who.More = link{Says: c.t("sessions.more"), Href: "/sessions?after=" + url.QueryEscape(found.Next)}
	}
	reasons, _, err := c.would(article4.ActEndSessions, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.EndSessions(c.ctx, a, a.Person())
		return err
	})
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("sessions.lede")
	denied, err := c.maySuspend(exchange.Suspension{Person: c.actor().Person()})
	if len(denied) == 0 {
		body.Main = []link{{Says: c.t("suspend.title"), Href: "/stops/new"}}
	}
	body.Forms = []form{{
		Do:        "end",
		Fresh:     true,
		Warn:      true,
		Questions: []question{who},
		Effect:    c.t("sessions.effect"),
		Button:    c.t("sessions.button"),
		Denied:    reasons,
		Back:      "/arrangement",
	}}
	return body, v, err
}

func (p *Portal) endSessionsOf(c *call, _ string) (string, error) {
	done, err := p.cfg.Gateway.EndSessions(c.ctx, c.actor(), article4.PersonID(c.said("person")))
	if err != nil {
		return "", err
	}
	if done.Ended == 0 {
		return "/sessions?done=nobody-there", nil
	}
	return "/sessions?done=signed-out", nil
}
