package portal

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// members are the people of the own Party, of whom those who sit at a desk are chosen.
func (c *call) members(chosen []article4.PersonID) question {
	q := question{Name: "members", Label: c.t("office.members"), Hint: c.t("office.members.hint"), Kind: "several"}
	for _, one := range c.meets(c.organisation().ID) {
		q.Options = append(q.Options, option{Value: string(one.ID), Says: one.Name})
	}
	for _, id := range chosen {
		q.Values = append(q.Values, string(id))
	}
	return q
}

func (p *Portal) officesPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("offices.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	if c.organisation().Kind != article4.Party {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	body.Lede = c.t("offices.lede")
	found, err := p.cfg.Gateway.Offices(c.ctx, c.actor(), exchange.Paging{Limit: most, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	table := listing{Columns: []string{c.t("col.office"), c.t("col.organisation"), c.t("col.members")},
		None: c.t("offices.none")}
	for _, o := range found.Items {
		name, who := cell{Says: o.Name}, cell{Says: c.t("offices.reachable"), Sign: "yes"}
		if o.Empty {
			who = cell{Says: c.t("offices.empty"), Sign: "stop"}
		}
		if o.Organisation == c.organisation().ID {
			name.Href = "/offices/" + o.ID
			var names []string
			for _, id := range o.Members {
				names = append(names, c.who(id, ""))
			}
			if len(names) > 0 {
				who = cell{Says: strings.Join(names, "; ")}
			}
		}
		table.Rows = append(table.Rows, []cell{name, {Says: c.known.org(o.Organisation)}, who})
	}
	table.Older = c.older("/offices", found.Next)
	body.Tables = []listing{table}
	reasons, _, err := c.would(article4.ActKeepOffice, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.OpenOffice(c.ctx, a, exchange.OfficeOpened{Name: "as supposed"})
		return err
	})
	if err != nil {
		return body, v, err
	}
	body.Forms = []form{{
		Title:  c.t("office.open"),
		Do:     "open",
		Denied: reasons,
		Button: c.t("office.open.button"),

		Effect: c.t("office.effect"),
		Questions: []question{{Name: "name", Label: c.t("office.name"), Needed: true},
			c.members(nil)},
	}}
	return body, v, nil
}

func (p *Portal) openOffice(c *call, _ string) (string, error) {
	_, err := p.cfg.Gateway.OpenOffice(c.ctx, c.actor(), exchange.OfficeOpened{Name: c.said("name"),
		Members: c.peopleIn("members")})
	return "/offices?done=office", err
}

func (c *call) office() (exchange.Office, error) {
	for after := ""; ; {
		found, err := c.p.cfg.Gateway.Offices(c.ctx, c.actor(), exchange.Paging{Limit: most, After: after})
		if err != nil {
			return exchange.Office{}, err
		}
		for _, o := range found.Items {
			if o.ID == c.Param("id") && o.Organisation == c.organisation().ID {
				return o, nil
			}
		}
		if after = found.Next; after == "" {
			return exchange.Office{}, web.Fail(web.KindNotFound, nil)
		}
	}
}

func (p *Portal) officePage(c *call) (sheet, view, error) {
	body, v, err := c.plain("", "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"},
		link{Says: c.t("offices.title"), Href: "/offices"})
	if err != nil {
		return body, v, err
	}
	o, err := c.office()
	if err != nil {
		return body, v, err
	}
	v.Title = o.Name
	reasons, _, err := c.would(article4.ActKeepOffice, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.ChangeOffice(c.ctx, a, o.ID,
			exchange.OfficeChange{Remove: []article4.PersonID{c.actor().Person()}})
		return err
	})
	if err != nil {
		return body, v, err
	}
	var names []string
	for _, id := range o.Members {
		names = append(names, c.who(id, ""))
	}
	body.Facts = []fact{{Name: c.t("office.members"), Says: orDash(strings.Join(names, "\n"))}}
	body.Forms = []form{{
		Do:     "seat",
		Denied: reasons,
		Button: c.t("office.seat.button"),

		Effect:    c.t("office.seat.effect"),
		Questions: []question{c.members(o.Members)},
		Back:      "/offices",
	}}
	return body, v, nil
}

func (p *Portal) changeOffice(c *call, _ string) (string, error) {
	o, err := c.office()
	if err != nil {
		return "", err
	}
	var in exchange.OfficeChange
	now := c.peopleIn("members")
	for _, id := range now {
		if !slices.Contains(o.Members, id) {
			in.Add = append(in.Add, id)
		}
	}
	for _, id := range o.Members {
		if !slices.Contains(now, id) {
			in.Remove = append(in.Remove, id)
		}
	}
	if len(in.Add)+len(in.Remove) > 0 {
		if _, err := p.cfg.Gateway.ChangeOffice(c.ctx, c.actor(), o.ID, in); err != nil {
			return "", err
		}
	}
	return "/offices?done=office", nil
}
