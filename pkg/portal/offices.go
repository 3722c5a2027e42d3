package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// members are the people of the own Party, of whom those who sit at a desk are chosen. Machines are not offered.
func (c *call) members(chosen []article4.PersonID) (question, error) {
	q := question{Name: "members", Label: c.t("office.members"), Hint: c.t("office.members.hint"), Kind: "several"}
	found, err := c.p.cfg.Gateway.People(c.ctx, c.actor(), c.organisation().ID,
		exchange.Paging{Limit: most, After: c.Query("people")})
	if err != nil {
		return q, err
	}
	c.without(found.LeftOut)
	c.learn(found.Items)
	if err := c.learnNames(chosen); err != nil {
		return q, err
	}
	q.Options = seats(found.Items, chosen, func(id article4.PersonID) string {
		return cmp.Or(c.known.names[id].Name, c.t("somebody"))
	})
	for _, id := range chosen {
		q.Values = append(q.Values, string(id))
	}
	if found.Next != "" {
		q.More = link{Says: c.t("sessions.more"), Href: c.Request.URL.Path + "?people=" + url.QueryEscape(found.Next)}
	}
	return q, nil
}

// seats are those whom a page offers for a desk: the people of one page of the Party's, and whoever sits there already,
// wherever in the Party's list they stand and whatever they are: a box that is not there cannot be sent.
func seats(found []exchange.Person, sit []article4.PersonID, name func(article4.PersonID) string) (out []option) {
	listed := map[article4.PersonID]bool{}
	for _, one := range found {
		if !one.Machine || slices.Contains(sit, one.ID) {
			listed[one.ID] = true
			out = append(out, option{Value: string(one.ID), Says: one.Name})
		}
	}
	for _, id := range sit {
		if !listed[id] {
			out = append(out, option{Value: string(id), Says: name(id)})
		}
	}
	return out
}

// learnNames asks the names of people of the own Party beyond those that the directory lists.
func (c *call) learnNames(people []article4.PersonID) error {
	for ids := range slices.Chunk(people, namesAtOnce) {
		names, err := c.p.cfg.Gateway.Names(c.ctx, c.actor(), ids)
		if err != nil {
			return err
		}
		c.learn(names)
	}
	return nil
}

// namesAtOnce is how many names the Gateway tells at a time.
const namesAtOnce = 100

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
	members, err := c.members(nil)
	if err != nil {
		return body, v, err
	}
	body.Forms = []form{{
		Title:  c.t("office.open"),
		Do:     "open",
		Denied: reasons,
		Button: c.t("office.open.button"),

		Effect:    c.t("office.effect"),
		Questions: []question{{Name: "name", Label: c.t("office.name"), Needed: true}, members},
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
	members, err := c.members(o.Members)
	if err != nil {
		return body, v, err
	}
	var names []string
	var sit []fact
	for _, id := range o.Members {
		names, sit = append(names, c.who(id, "")), append(sit, fact{Name: "sits", Says: string(id)})
	}
	body.Facts = []fact{{Name: c.t("office.members"), Says: orDash(strings.Join(names, "\n"))}}
	body.Forms = []form{{
		Do:     "seat",
		Denied: reasons,
		Button: c.t("office.seat.button"),

		Effect:    c.t("office.seat.effect"),
		Questions: []question{members},
		Hidden:    sit,
		Back:      "/offices",
	}}
	return body, v, nil
}

func (p *Portal) changeOffice(c *call, _ string) (string, error) {
	o, err := c.office()
	if err != nil {
		return "", err
	}
	in := seated(o.Members, c.peopleIn("sits"), c.peopleIn("members"))
	if len(in.Add)+len(in.Remove) == 0 {
		return "/offices", nil
	}
	_, err = p.cfg.Gateway.ChangeOffice(c.ctx, c.actor(), o.ID, in)
	return "/offices?done=office", err
}

// seated is what a form changes, whatever others changed since it was shown: nobody leaves a desk who was not shown to
// sit there, with a box that could be cleared, and nobody comes back because their box was left as it was.
func seated(sit, shown, ticked []article4.PersonID) (change exchange.OfficeChange) {
	for _, id := range ticked {
		if !slices.Contains(sit, id) && !slices.Contains(shown, id) {
			change.Add = append(change.Add, id)
		}
	}
	for _, id := range sit {
		if slices.Contains(shown, id) && !slices.Contains(ticked, id) {
			change.Remove = append(change.Remove, id)
		}
	}
	return change
}
