package portal

import (
	"net/url"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

func (p *Portal) loweringsPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("lowerings.title"), "inbox")
	if err != nil {
		return body, v, err
	}
	found, err := p.cfg.Gateway.Lowerings(c.ctx, c.actor(), exchange.Paging{Limit: 50, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	c.without(found.LeftOut)
	table := listing{None: c.t("lowerings.none"), Older: c.older("/lowerings", found.Next),
		Columns: []string{c.t("col.document"), c.t("col.from"), c.t("col.to"), c.t("col.state"), c.t("col.due")}}
	for _, l := range found.Items {
		v.Markings = append(v.Markings, l.From)
		state := cell{Says: c.t("lowering.open"), Sign: "wait"}
		if !l.Open {
			state = cell{Says: c.t("lowering.over"), Sign: "stop"}
		}
		table.Rows = append(table.Rows, []cell{{Says: orTitle(c, l.Title), Under: l.Reference,
			Href: "/lowerings/" + l.ID}, {Tag: l.From}, {Tag: l.To}, state, {Says: day(c.in, l.Until)}})
	}
	body.Lede, body.Tables = c.t("lowerings.lede"), []listing{table}
	return body, v, nil
}

func orTitle(c *call, title string) string {
	if title == "" {
		return c.t("document.no-title")
	}
	return title
}

func (p *Portal) loweringPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("lowering.title"), "inbox", link{Says: c.t("lowerings.title"), Href: "/lowerings"})
	if err != nil {
		return body, v, err
	}
	l, err := p.cfg.Gateway.DescribeLowering(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return body, v, err
	}
	v.Markings, body.Tag = []article4.Marking{l.From}, l.From
	body.Lede = c.t("lowering.lede", c.known.orgName(l.Discloser))
	body.Facts = []fact{
		{Name: c.t("request.document"), Says: orTitle(c, l.Title) + " (" + l.Reference + ")"},
		{Name: c.t("lowering.to"), Says: c.t("marking." + string(l.To))},
		{Name: c.t("lowering.why"), Says: orDash(l.Reason)},
		{Name: c.t("confirmation.until"), Says: when(c.in, l.Until)},
	}
	if l.Discloser == c.organisation().ID { // an entity concerned may have no more than its word on the marking
		body.Facts[0].Href = "/documents/" + string(l.Document)
	}
	table := listing{Title: c.t("lowering.said"), None: c.t("lowering.nobody"),
		Columns: []string{c.t("col.organisation"), c.t("col.what"), c.t("col.when")}}
	given := false
	for _, one := range l.Decisions {
		says := cell{Says: c.t("lowering.authorized"), Under: one.Statement, Sign: "yes"}
		if one.Act == article4.ActRefuseLowering {
			says = cell{Says: c.t("lowering.refused"), Under: one.Statement, Sign: "no"}
		}
		if !one.WithdrawnAt.IsZero() {
			says = cell{Says: c.t("state.withdrawn"), Under: one.WithdrawalText, Sign: "stop"}
		} else if one.Organisation == c.organisation().ID && one.Act == article4.ActAuthorizeLowering {
			given = true
		}
		table.Rows = append(table.Rows, []cell{{Says: c.known.orgName(one.Organisation)}, says,
			{Says: when(c.in, one.At)}})
	}
	body.Tables = []listing{table}
	if l.Discloser == c.organisation().ID || !l.Open {
		return body, v, nil
	}
	body.Forms, err = p.loweringForms(c, l, given)
	return body, v, err
}

// loweringForms are what an entity may say of a lowering: its word on it, that word taken back, and that it is not
// concerned.
func (p *Portal) loweringForms(c *call, l exchange.Lowering, given bool) (forms []form, err error) {
	if given {
		forms = []form{{Title: c.t("lowering.withdraw"), Do: "withdraw", Questions: []question{c.askWhy()},
			Button: c.t("lowering.withdraw")}}
	}
	for _, act := range []article4.Act{article4.ActAuthorizeLowering, article4.ActRefuseLowering,
		article4.ActNotConcerned} {
		reasons, told, err := c.would(act, func(a exchange.Actor) error {
			return p.sayOfLowering(c, a, l, act, "as supposed")
		})
		if err != nil {
			return nil, err
		}
		if !told || given && act != article4.ActNotConcerned || act == article4.ActNotConcerned && len(reasons) > 0 {
			continue
		}
		one := form{
			Title:     c.t("lowering." + string(act)),
			Do:        string(act),
			Denied:    reasons,
			Questions: []question{c.askWhy()},
			Fresh:     true,
			Button:    c.t("lowering." + string(act)),
			Effect:    c.t("lowering." + string(act) + ".effect"),
			Warn:      act != article4.ActAuthorizeLowering,
		}
		if act == article4.ActNotConcerned {
			one.Title, one.Button = c.t("not-concerned.title"), c.t("not-concerned.button")
			one.Effect = c.t("not-concerned.effect", c.known.orgName(c.organisation().ID))
		}
		forms = append(forms, one)
	}
	return forms, nil
}

// sayOfLowering is what an entity says, on a lowering or on being concerned at all.
func (p *Portal) sayOfLowering(c *call, a exchange.Actor, l exchange.Lowering, act article4.Act, why string) error {
	if act == article4.ActNotConcerned {
		_, err := p.cfg.Gateway.SayNotConcerned(c.ctx, a, l.Document, why)
		return err
	}
	_, err := p.cfg.Gateway.DecideLowering(c.ctx, a, l.ID, exchange.LoweringVerdict{Act: act, Statement: why})
	return err
}

func (p *Portal) decideLowering(c *call, do string) (string, error) {
	id := c.Param("id")
	back := "/lowerings/" + url.PathEscape(id) + "?done=lowering"
	if do == "withdraw" {
		_, err := p.cfg.Gateway.WithdrawLowering(c.ctx, c.actor(), id, exchange.Withdrawal{Statement: c.said("reason")})
		return back, err
	}
	l, err := p.cfg.Gateway.DescribeLowering(c.ctx, c.actor(), id)
	if err == nil {
		err = p.sayOfLowering(c, c.actor(), l, article4.Act(do), c.said("reason"))
	}
	if do == string(article4.ActNotConcerned) { // of what does not concern it, it sees no more
		back = "/?done=not-concerned"
	}
	return back, err
}
