package portal

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// giving are the pages on which a document is given to people of the other Party, and on which a Party says at which
// desks it may be reached.
func (p *Portal) giving() []deed {
	return []deed{
		{"/documents/:id/give", p.givePage, p.give},
		{"/offices", p.officesPage, p.openOffice},
		{"/offices/:id", p.officePage, p.changeOffice},
	}
}

// addressees are the desks and people of a document's Recipient whom the reader may name.
func (c *call) addressees(of article4.OrganisationID) (offices, people []option, err error) {
	found, err := c.p.cfg.Gateway.Offices(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return nil, nil, err
	}
	for _, o := range found.Items {
		if o.Organisation == of && !o.Empty {
			offices = append(offices, option{Value: o.ID, Says: o.Name})
		}
	}
	for _, one := range c.meets(of) {
		hint := ""
		if c.known.focalPoint(of) == one.Name {
			hint = c.t("give.focal")
		}
		people = append(people, option{Value: string(one.ID), Says: one.Name, Hint: hint})
	}
	return offices, people, nil
}

// mayGive asks the rules whether the reader could give a document to whoever can be named first.
func (c *call) mayGive(d exchange.Document, offices, people []option) ([]missing, bool, error) {
	in := exchange.Addressed{Statement: "as supposed", Until: time.Now().AddDate(0, 0, 1)}
	if len(d.Purposes) > 0 {
		in.Purpose = d.Purposes[0]
	}
	switch {
	case len(people) > 0:
		in.People = []article4.PersonID{article4.PersonID(people[0].Value)}
	case len(offices) > 0:
		in.Offices = []string{offices[0].Value}
	default:
		return nil, false, nil
	}
	return c.would(article4.ActRequest, func(a exchange.Actor) error {
		_, err := c.p.cfg.Gateway.Deliver(c.ctx, a, d.ID, in)
		return err
	})
}

func (p *Portal) givePage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("give.title"))
	if err != nil {
		return body, v, err
	}
	offices, people, err := c.addressees(d.Recipient)
	if err != nil {
		return body, v, err
	}
	given, err := p.cfg.Gateway.Deliveries(c.ctx, c.actor(), d.ID, exchange.Paging{Limit: 20})
	if err != nil {
		return body, v, err
	}
	c.without(given.LeftOut)
	table := listing{Title: c.t("give.given"), Columns: []string{c.t("col.to"), c.t("col.day"), c.t("col.state"),
		c.t("col.until")}}
	for _, q := range given.Items {
		c.learn(q.Names)
		var names []string
		for _, id := range slices.Concat(q.People, q.Admitted) {
			names = append(names, c.who(id, q.For))
		}
		table.Rows = append(table.Rows, []cell{{Says: strings.Join(names, "; "), Href: "/requests/" + string(q.ID)},
			{Says: day(c.in, q.MadeAt)}, c.stateCell(q.State), {Says: day(c.in, q.Until)}})
	}
	reasons, told, err := c.mayGive(d, offices, people)
	if err != nil {
		return body, v, err
	}
	switch {
	case c.organisation().ID != d.Discloser:
		return body, v, web.Fail(web.KindNotFound, nil)
	case len(offices)+len(people) == 0:
		body.Notes = append(body.Notes, c.t("give.nobody", c.known.orgName(d.Recipient)))
	case told:
		effect := c.t("give.effect.waits")
		if c.has(article4.RoleSignatory) {
			effect = c.t("give.effect.own")
		}
		body.Forms = []form{{

			Do:     "give",
			Denied: reasons,
			Fresh:  c.has(article4.RoleSignatory) && len(d.Entities) == 0,

			Effect: effect,
			Button: c.t("give.button"),
			Back:   "/documents/" + string(d.ID),

			Questions: []question{
				{Name: "people", Label: c.t("give.people", c.known.org(d.Recipient)), Hint: c.t("give.people.hint"),
					Kind: "several", Options: people},
				{Name: "offices", Label: c.t("give.offices"), Hint: c.t("give.offices.hint"), Kind: "several",
					Options: offices},
				c.askPurpose(d.Purposes),
				{Name: "statement", Label: c.t("give.statement"), Kind: "text", Needed: true,
					Value: d.PurposeStatement},
				{
					Name:    "until",
					Label:   c.t("ask.until"),
					Kind:    "one",
					Needed:  true,
					Options: c.ends(),

					Value: c.ends()[1].Value,
				},
			},
		}}
		if len(offices) == 0 { // a question that has no answer is none
			body.Forms[0].Questions = slices.Delete(body.Forms[0].Questions, 1, 2)
		}
	}
	if len(table.Rows) > 0 {
		body.Tables = []listing{table}
	}
	return body, v, nil
}

// ends are the ready ends of a grant.
func (c *call) ends() []option {
	var out []option
	for _, one := range c.terms(time.Now()) {
		out = append(out, option{Value: one.Value, Says: one.Says})
	}
	return out
}

func (c *call) stateCell(s article4.RequestState) cell {
	sign := "stop"
	switch s {
	case article4.StateInForce:
		sign = "yes"
	case article4.StateOpen:
		sign = "wait"
	case article4.StateRefused, article4.StateWithdrawn:
		sign = "no"
	}
	return cell{Says: c.t("state." + string(s)), Sign: sign}
}

func (p *Portal) give(c *call, _ string) (string, error) {
	in := exchange.Addressed{Offices: c.Request.PostForm["offices"], Purpose: article4.PurposeCode(c.said("purpose")),
		Statement: c.said("statement"), Until: dayIn(c.said("until"))}
	for _, id := range c.Request.PostForm["people"] {
		in.People = append(in.People, article4.PersonID(id))
	}
	if len(in.People)+len(in.Offices) == 0 {
		d, _, _ := p.deedAt("/documents/" + c.Param("id") + "/give")
		return "", p.showSheet(c, d, []fault{{"people", c.t("give.choose")}})
	}
	q, err := p.cfg.Gateway.Deliver(c.ctx, c.actor(), of[article4.DocumentID](c, "id"), in)
	if err != nil {
		return "", err
	}
	done := "gives"
	if q.State == article4.StateInForce {
		done = "given"
	}
	return "/requests/" + url.PathEscape(string(q.ID)) + "?done=" + done, nil
}

// older is the address of what comes after a page of a list; empty where nothing does.
func (c *call) older(path, next string) string {
	if next == "" {
		return ""
	}
	return path + "?after=" + url.QueryEscape(next)
}

func (c *call) peopleIn(name string) []article4.PersonID {
	var out []article4.PersonID
	for _, id := range c.Request.PostForm[name] {
		out = append(out, article4.PersonID(id))
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
