package portal

import "chancery.example/gateway/pkg/exchange"

// settings are the pages about how somebody is sent word.
func (p *Portal) settings() []deed {
	return []deed{{"/me/mail", p.mailPage, p.setMail}}
}

func (p *Portal) mailPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("mail.title"), "me", link{Says: c.t("me.title"), Href: "/me"})
	if err != nil {
		return body, v, err
	}
	now, err := p.cfg.Gateway.Notifications(c.ctx, c.actor())
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("mail.lede")
	body.Facts = []fact{{Name: c.t("mail.address"), Says: now.Address}}
	if now.Address == "" {
		body.Facts[0].Says = c.t("mail.no-address")
	}
	if now.Bounced != nil {
		body.Notes = []string{c.t("mail.bounced", day(c.in, *now.Bounced))}
	}
	courtesy := question{Name: "courtesy", Label: c.t("mail.courtesy"), Hint: c.t("mail.courtesy.hint"), Kind: "tick"}
	if now.Courtesy {
		courtesy.Value = "yes"
	}
	body.Forms = []form{{Do: "mail", Button: c.t("mail.button"), Back: "/me", Questions: []question{
		{
			Name:   "mail",
			Label:  c.t("mail.when"),
			Kind:   "one",
			Needed: true,
			Value:  now.Mail,
			Options: []option{
				{Value: "at-once", Says: c.t("mail.at-once")},
				{Value: "daily", Says: c.t("mail.daily"), Hint: c.t("mail.daily.hint")}},
		},
		courtesy,
		{
			Name:   "language",
			Label:  c.t("mail.language"),
			Kind:   "one",
			Needed: true,
			Value:  now.Language,

			Options: []option{{Value: "en", Says: "English"}, {Value: "fr", Says: "Français"},
				{Value: "both", Says: c.t("mail.both")}},
		}}}}
	return body, v, nil
}

func (p *Portal) setMail(c *call, _ string) (string, error) {
	_, err := p.cfg.Gateway.SetNotifications(c.ctx, c.actor(), exchange.Notifications{Mail: c.said("mail"),
		Courtesy: c.said("courtesy") != "", Language: c.said("language")})
	return "/me/mail?done=mail", err
}
