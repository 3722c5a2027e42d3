package portal

import (
	"encoding/base64"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// sending are the pages of the addresses that a Party is sent word at.
func (p *Portal) sending() []deed {
	return []deed{
		{"/webhooks", p.webhooksPage, p.keepWebhook},
		{"/webhooks/:id", p.webhookPage, p.changeWebhook},
	}
}

func (p *Portal) webhooksPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("webhooks.title"), "arrangement", link{Says: c.t("nav.arrangement"),
		Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	if c.organisation().Kind != article4.Party ||
		!c.has(article4.RoleFocalPoint) && !c.has(article4.RoleSignatory) && !c.has(article4.RoleAuditor) {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	found, err := p.cfg.Gateway.Webhooks(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return body, v, err
	}
	c.without(found.LeftOut)
	table := listing{Title: c.t("webhooks.there"), None: c.t("webhooks.none"),
		Columns: []string{c.t("webhooks.address"), c.t("webhooks.confirmed"), c.t("col.since"), c.t("col.state")}}
	for _, w := range found.Items {
		table.Rows = append(table.Rows, []cell{{Says: w.Address, Href: "/webhooks/" + w.ID, Mono: true},
			{Says: c.who(w.ConfirmedBy, w.Organisation)}, {Says: when(c.in, w.At)}, c.stateOfWebhook(w)})
	}
	proposed, err := c.webhooksProposed()
	if err != nil {
		return body, v, err
	}
	table.Rows = append(proposed, table.Rows...)
	keys, err := p.cfg.Gateway.WebhookKeys(c.ctx, c.actor())
	if err != nil {
		return body, v, err
	}
	signs := listing{Title: c.t("webhooks.keys"), None: c.t("webhooks.no-key"),
		Columns: []string{c.t("webhooks.key"), c.t("col.since")}}
	for _, k := range keys {
		public := "whpk_" + base64.StdEncoding.EncodeToString(k.Public)
		signs.Rows = append(signs.Rows, []cell{{Says: public, Mono: true}, {Says: when(c.in, k.At)}})
	}
	reasons, told, err := c.would(article4.ActKeepWebhook, func(a exchange.Actor) error {
		_, _, err := p.cfg.Gateway.KeepWebhook(c.ctx, a,
			exchange.WebhookProposed{Address: "https://receiver.invalid/"})
		return err
	})
	if err != nil {
		return body, v, err
	}
	body.Lede, body.Tables = c.t("webhooks.lede"), []listing{table, signs}
	if told {
		body.Forms = []form{{
			Title:  c.t("webhooks.add"),
			Do:     "keep",
			Fresh:  true,
			Effect: c.t("webhooks.add.effect"),
			Button: c.t("webhooks.add.button"),
			Denied: reasons,
			Questions: []question{{Name: "address", Label: c.t("webhooks.address"), Hint: c.t("webhooks.hint"),
				Needed: true}},
		}}
	}
	return body, v, nil
}

// webhooksProposed are the addresses that wait for a focal point.
func (c *call) webhooksProposed() (rows [][]cell, err error) {
	found, err := c.p.cfg.Gateway.Confirmations(c.ctx, c.actor(), exchange.Paging{Limit: most})
	for _, one := range found.Items {
		if said, proposed := one.Says.(exchange.WebhookProposed); proposed && !one.Over {
			rows = append(rows, []cell{{Says: said.Address, Mono: true, Href: to(&one.Pending, "")}, {Says: "–"},
				{Says: when(c.in, one.At)}, {Says: c.t("webhooks.awaits"), Sign: "wait"}})
		}
	}
	return rows, err
}

// faultOfWebhook is why an attempt failed, in the reader's language.
func (c *call) faultOfWebhook(english string) string {
	if says, found := lookUp(c.in, "webhooks.fault."+strings.ReplaceAll(english, " ", "-")); found {
		return says
	}
	return english
}

func (c *call) stateOfWebhook(w exchange.Webhook) cell {
	switch {
	case w.DisabledAt != nil:
		return cell{Says: c.t("webhooks.disabled"), Sign: "stop"}
	case w.FailingSince != nil:
		return cell{Says: c.t("webhooks.failing", when(c.in, *w.FailingSince)), Sign: "wait"}
	}
	return cell{Says: c.t("webhooks.good"), Sign: "yes"}
}

func (p *Portal) keepWebhook(c *call, _ string) (string, error) {
	_, pending, err := p.cfg.Gateway.KeepWebhook(c.ctx, c.actor(), exchange.WebhookProposed{Address: c.said("address")})
	return to(pending, "/webhooks?done=webhook"), err
}

// webhookPage is one address: what was sent there, and how it is taken away.
func (p *Portal) webhookPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("webhooks.one"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"}, link{Says: c.t("webhooks.title"), Href: "/webhooks"})
	if err != nil {
		return body, v, err
	}
	found, err := p.cfg.Gateway.Webhooks(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return body, v, err
	}
	for _, w := range found.Items {
		if w.ID == c.Param("id") {
			return p.webhookShown(c, w, body, v)
		}
	}
	return body, v, web.Fail(web.KindNotFound, nil)
}

func (p *Portal) webhookShown(c *call, w exchange.Webhook, body sheet, v view) (sheet, view, error) {
	sent, err := p.cfg.Gateway.WebhookDeliveries(c.ctx, c.actor(), w.ID, exchange.Paging{Limit: most})
	if err != nil {
		return body, v, err
	}
	state := c.stateOfWebhook(w)
	body.Facts = []fact{{Name: c.t("webhooks.address"), Says: w.Address, Mono: true},
		{Name: c.t("webhooks.proposed"), Says: c.who(w.ProposedBy, w.Organisation)},
		{Name: c.t("webhooks.confirmed"), Says: c.who(w.ConfirmedBy, w.Organisation)},
		{Name: c.t("col.since"), Says: when(c.in, w.At)}, {Name: c.t("col.state"), Says: state.Says},
		{Name: c.t("refusal.entry"), Says: orDash(w.Entry), Mono: true}}
	table := listing{Title: c.t("webhooks.sent"), None: c.t("webhooks.sent.none"),
		Columns: []string{c.t("webhooks.event"), c.t("webhooks.told"), c.t("webhooks.attempts"), c.t("col.state")}}
	dead := w.DisabledAt != nil
	for _, d := range sent.Items {
		signs := map[string]string{"waiting": "wait", "delivered": "yes", "dead": "stop"}
		table.Rows = append(table.Rows, []cell{{Says: d.Notice, Mono: true}, {Says: when(c.in, d.ToldAt)},
			{Says: strconv.Itoa(d.Attempts)}, {Says: c.t("webhooks." + d.State), Under: c.faultOfWebhook(d.Fault),
				Sign: signs[d.State]}})
		dead = dead || d.State == "dead"
	}
	body.Tables = []listing{table}
	if !c.has(article4.RoleFocalPoint) && !c.has(article4.RoleSignatory) {
		return body, v, nil
	}
	if dead {
		body.Forms = []form{{Title: c.t("webhooks.again.title"), Do: "again", Effect: c.t("webhooks.again.effect"),
			Button: c.t("webhooks.again"), Back: "/webhooks"}}
	}
	body.Forms = append(body.Forms, form{
		Title:  c.t("webhooks.end.title"),
		Do:     "end",
		Warn:   true,
		Effect: c.t("webhooks.end.effect"),
		Button: c.t("webhooks.end"),
		Back:   "/webhooks",
	})
	return body, v, nil
}

func (p *Portal) changeWebhook(c *call, do string) (string, error) {
	if do == "again" {
		_, err := p.cfg.Gateway.Redeliver(c.ctx, c.actor(), c.Param("id"), nil)
		return "/webhooks/" + c.Param("id"), err
	}
	_, err := p.cfg.Gateway.EndWebhook(c.ctx, c.actor(), c.Param("id"))
	return "/webhooks?done=webhook-ended", err
}
