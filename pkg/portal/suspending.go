package portal

import (
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// suspendPage is where a Party stops one of its own people, or a third party; a document is stopped from its own page.
func (p *Portal) suspendPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("suspend.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"}, link{Says: c.t("stops.title"), Href: "/stops"})
	if err != nil {
		return body, v, err
	}
	if err := c.ofParty(); err != nil {
		return body, v, err
	}
	body.Lede = c.t("suspend.lede")
	denied, err := c.maySuspend(exchange.Suspension{Person: c.actor().Person()})
	if err != nil {
		return body, v, err
	}
	who, err := c.askColleague(c.t("suspend.person"), c.t("suspend.person.hint"))
	if err != nil {
		return body, v, err
	}
	third := c.askOrganisation("organisation", c.t("suspend.organisation"), isThirdParty)
	third.None, third.Value = c.t("third.none"), c.Query("organisation")
	for _, one := range []struct {
		do  string
		who question
	}{{"person", who}, {"organisation", third}} {
		body.Forms = append(body.Forms, form{
			Title:     c.t("suspend." + one.do + ".title"),
			Do:        one.do,
			Warn:      true,
			Questions: []question{one.who, c.askWhy()},
			Effect:    c.t("suspend." + one.do + ".effect"),
			Button:    c.t("suspend." + one.do + ".button"),
			Denied:    denied,
			Back:      "/stops",
		})
	}
	if len(third.Options) > 0 {
		body.Forms[1].Denied, err = c.maySuspend(exchange.Suspension{
			Organisation: article4.OrganisationID(third.Options[0].Value)})
	}
	return body, v, err
}

// maySuspend says why the reader cannot suspend somebody; nil: they can.
func (c *call) maySuspend(whom exchange.Suspension) ([]missing, error) {
	whom.Reason = "as supposed"
	reasons, _, err := c.would(article4.ActSuspend, func(a exchange.Actor) error {
		_, err := c.p.cfg.Gateway.Suspend(c.ctx, a, whom)
		return err
	})
	return reasons, err
}

// askColleague lets the reader choose one of their own organisation's people, themselves excepted.
func (c *call) askColleague(label, hint string) (question, error) {
	found, err := c.p.cfg.Gateway.People(c.ctx, c.actor(), c.organisation().ID,
		exchange.Paging{Limit: most, After: c.Query("after")})
	c.without(found.LeftOut)
	q := question{
		Name:   "person",
		Label:  label,
		Hint:   hint,
		Kind:   "one",
		Needed: true,
		Value:  c.Query("person"),
		More:   link{Says: c.t("sessions.more"), Href: c.onward("after", found.Next)},
	}
	for _, one := range found.Items {
		if one.ID != c.actor().Person() {
			of := option{Value: string(one.ID), Says: one.Name}
			if one.Machine {
				of.Hint = c.t("role.service")
			}
			q.Options = append(q.Options, of)
		}
	}
	return q, err
}

func (p *Portal) suspend(c *call, do string) (string, error) {
	in := exchange.Suspension{Reason: c.said("reason")}
	if do == "person" {
		in.Person = article4.PersonID(c.said("person"))
	} else {
		in.Organisation = article4.OrganisationID(c.said("organisation"))
	}
	made, err := p.cfg.Gateway.Suspend(c.ctx, c.actor(), in)
	if err != nil {
		return "", err
	}
	return "/stops/" + made.ID + "?done=stopped", nil
}
