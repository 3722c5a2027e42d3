package portal

import (
	"net/url"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// stopping are the pages of what stops something, or keeps it: destruction, suspensions, Holds, erasures.
func (p *Portal) stopping() []deed {
	return []deed{
		{"/documents/:id/destroy", p.destroyPage, p.destroy},
		{"/stops", p.stopsPage, nil},
		{"/stops/new", p.suspendPage, p.suspend},
		{"/stops/:id", p.stopPage, p.endStop},
		{"/erasures", p.erasuresPage, p.erase},
	}
}

func (p *Portal) destroyPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("destroy.title"))
	if err != nil {
		return body, v, err
	}
	if c.organisation().ID != d.Discloser {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	versions, err := p.cfg.Gateway.Versions(c.ctx, c.actor(), d.ID)
	if err != nil {
		return body, v, err
	}
	which := question{Name: "version", Label: c.t("destroy.which"), Kind: "one", Needed: true}
	for _, one := range versions {
		if !one.Destroyed {
			which.Options = append(which.Options, option{Value: string(one.ID), Says: c.t("version", one.Number),
				Hint: one.FileName + ", " + day(c.in, one.CreatedAt)})
		}
	}
	if len(which.Options) == 0 {
		body.Notes = []string{c.t("destroy.nothing")}
		return body, v, nil
	}
	body.Forms = []form{{
		Do:     "destroy",
		Fresh:  true,
		Warn:   true,
		Effect: c.t("destroy.effect"),

		Button:    c.t("destroy.button"),
		Back:      "/documents/" + string(d.ID),
		Questions: []question{which, c.askWhy()},

		Denied: c.denied(article4.ActDestroy, d.Permissions[article4.ActDestroy]),
	}}
	return body, v, nil
}

func (p *Portal) destroy(c *call, _ string) (string, error) {
	id := of[article4.DocumentID](c, "id")
	out, err := p.cfg.Gateway.Destroy(c.ctx, c.actor(), id, article4.VersionID(c.said("version")), c.said("reason"))
	if err != nil {
		return "", err
	}
	return to(out, "/documents/"+url.PathEscape(string(id))+"?done=destroy"), nil
}

func (c *call) suspensions(p exchange.Paging) (exchange.Page[exchange.Suspension], error) {
	return c.p.cfg.Gateway.Suspensions(c.ctx, c.actor(), p)
}

func (c *call) holds(p exchange.Paging) (exchange.Page[exchange.Hold], error) {
	return c.p.cfg.Gateway.Holds(c.ctx, c.actor(), p)
}

func (p *Portal) stopsPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("stops.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	suspensions, err := c.suspensions(exchange.Paging{Limit: 50, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	holds, err := c.holds(exchange.Paging{Limit: 50, After: c.Query("held")})
	if err != nil {
		return body, v, err
	}
	c.without(suspensions.LeftOut + holds.LeftOut)
	columns := []string{c.t("col.about"), c.t("col.who"), c.t("col.since"), c.t("col.state")}
	first := listing{Title: c.t("stops.suspensions"), None: c.t("stops.no-suspension"), Columns: columns,
		Older: c.onward("after", suspensions.Next)}
	for _, s := range suspensions.Items {
		state := cell{Says: c.t("stops.stands"), Sign: "stop"}
		switch {
		case s.LiftedAt != nil:
			state = cell{Says: c.t("stops.lifted", day(c.in, *s.LiftedAt)), Sign: "yes"}
		case s.Pending != nil:
			state = cell{Says: c.t("waits-second"), Sign: "wait"}
		}
		about, marking := c.about(s)
		about.Href, about.Under = "/stops/"+s.ID, s.Reason
		v.Markings = append(v.Markings, marking)
		first.Rows = append(first.Rows, []cell{about, {Says: c.who(s.By, s.ByOrg)}, {Says: day(c.in, s.At)}, state})
	}
	second := listing{Title: c.t("stops.holds"), None: c.t("stops.no-hold"), Columns: columns,
		Older: c.onward("held", holds.Next)}
	for _, h := range holds.Items {
		state := cell{Says: c.t("stops.stands"), Sign: "stop"}
		switch {
		case h.EndedAt != nil:
			state = cell{Says: c.t("stops.ended", day(c.in, *h.EndedAt)), Sign: "yes"}
		case h.Pending != nil:
			state = cell{Says: c.t("waits-second"), Sign: "wait"}
		}
		reference, marking := c.reference(h.Document)
		v.Markings = append(v.Markings, marking)
		second.Rows = append(second.Rows, []cell{{Says: reference, Href: "/stops/" + h.ID, Mono: true,
			Under: h.Reason}, {Says: c.who(h.By, h.ByOrg)}, {Says: day(c.in, h.At)}, state})
	}
	body.Lede, body.Tables = c.t("stops.lede"), []listing{first, second}
	if c.organisation().Kind != article4.Party {
		return body, v, nil
	}
	denied, err := c.maySuspend(exchange.Suspension{Person: c.actor().Person()})
	if err == nil && len(denied) == 0 {
		body.Main = []link{{Says: c.t("suspend.title"), Href: "/stops/new"}}
	}
	return body, v, err
}

// about is what a suspension stops: a document with its marking, a person or an organisation.
func (c *call) about(s exchange.Suspension) (cell, article4.Marking) {
	switch {
	case s.Document != "":
		reference, marking := c.reference(s.Document)
		return cell{Says: reference, Mono: true}, marking
	case s.Person != "":
		return cell{Says: c.who(s.Person, s.Organisation)}, ""
	}
	return cell{Says: c.known.orgName(s.Organisation)}, ""
}

// reference is what people call a document, and how it is marked, as far as the reader sees it.
func (c *call) reference(id article4.DocumentID) (string, article4.Marking) {
	if d, err := c.p.cfg.Gateway.Describe(c.ctx, c.actor(), id); err == nil {
		return d.Reference, d.Marking
	}
	return short(id), ""
}

func (p *Portal) stopPage(c *call) (sheet, view, error) {
	body, v, err := c.plain("", "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"},
		link{Says: c.t("stops.title"), Href: "/stops"})
	if err != nil {
		return body, v, err
	}
	id := c.Param("id")
	s, suspended, err := among(c.suspensions, func(s exchange.Suspension) bool { return s.ID == id })
	if err != nil {
		return body, v, err
	}
	if suspended {
		v.Title = c.t("stops.suspension")
		about, marking := c.about(s)
		body.Tag, v.Markings = marking, []article4.Marking{marking}
		body.Facts = c.stopFacts(about.Says, s.Document, s.Reason, c.who(s.By, s.ByOrg), when(c.in, s.At), s.Entry)
		if s.LiftedAt != nil {
			body.Notes = []string{c.t("stops.lifted", day(c.in, *s.LiftedAt))}
			return body, v, nil
		}
		c.ending(&body, s.Pending, article4.ActLift, "lift", s.Permissions)
		return body, v, nil
	}
	h, held, err := among(c.holds, func(h exchange.Hold) bool { return h.ID == id })
	if err != nil {
		return body, v, err
	}
	if held {
		v.Title = c.t("stops.hold")
		about, marking := c.reference(h.Document)
		body.Tag, v.Markings = marking, []article4.Marking{marking}
		body.Facts = c.stopFacts(about, h.Document, h.Reason, c.who(h.By, h.ByOrg), when(c.in, h.At), h.Entry)
		if h.EndedAt != nil {
			body.Notes = []string{c.t("stops.ended", day(c.in, *h.EndedAt))}
			return body, v, nil
		}
		c.ending(&body, h.Pending, article4.ActEndHold, "end-hold", h.Permissions)
		return body, v, nil
	}
	return body, v, web.Fail(web.KindNotFound, nil)
}

func (c *call) stopFacts(about string, d article4.DocumentID, reason, who, at, entry string) []fact {
	out := []fact{{Name: c.t("col.about"), Says: about}, {Name: c.t("lowering.why"), Says: orDash(reason)},
		{Name: c.t("col.who"), Says: who}, {Name: c.t("col.since"), Says: at},
		{Name: c.t("refusal.entry"), Says: orDash(entry), Mono: true}}
	if d != "" {
		out[0].Href = "/documents/" + string(d)
	}
	return out
}

// ending is the form that ends a suspension or a Hold; where the first of two did it already, the way to the second's.
func (c *call) ending(body *sheet, pending *exchange.Pending, act article4.Act, do string,
	may map[article4.Act]exchange.Permission) {
	if pending != nil {
		body.Notes = append(body.Notes, c.t("stops.waits"))
		body.Main = []link{{Says: c.t("stops.see"), Href: "/confirmations/" + pending.ID}}
		return
	}
	body.Forms = []form{{
		Do:        do,
		Fresh:     true,
		Questions: []question{c.askWhy()},
		Effect:    c.t("stops." + do + ".effect"),

		Button: c.t("stops." + do),
		Denied: c.denied(act, may[act]),
		Back:   "/stops",
	}}
}

func (p *Portal) endStop(c *call, do string) (string, error) {
	var pending *exchange.Pending
	var err error
	if do == "lift" {
		_, pending, err = p.cfg.Gateway.Lift(c.ctx, c.actor(), c.Param("id"), c.said("reason"))
	} else {
		_, pending, err = p.cfg.Gateway.EndHold(c.ctx, c.actor(), c.Param("id"), c.said("reason"))
	}
	return to(pending, "/stops?done=ended"), err
}

func (p *Portal) erasuresPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("erasures.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	if !c.signsForAParty() {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	found, err := p.cfg.Gateway.Erasures(c.ctx, c.actor())
	if err != nil {
		return body, v, err
	}
	table := listing{Title: c.t("erasures.wait"), None: c.t("erasures.none"),
		Columns: []string{c.t("erasures.what"), c.t("col.why"), c.t("col.due")}}
	for _, one := range found {
		what := cell{Says: one.Entry, Under: one.Field, Mono: true}
		if one.Person != "" {
			what = cell{Says: c.who(one.Person, ""), Under: string(one.Person)}
		}
		due := cell{}
		if one.Pending != nil {
			what.Href, due.Says = "/confirmations/"+one.Pending.ID, when(c.in, one.Pending.ExpiresAt)
		}
		table.Rows = append(table.Rows, []cell{what, {Says: one.LegalBasis}, due})
	}
	body.Lede, body.Tables = c.t("erasures.lede"), []listing{table}
	body.Forms = []form{
		{
			Title:  c.t("erasures.field"),
			Do:     "field",
			Fresh:  true,
			Warn:   true,
			Button: c.t("erasures.button"),

			Effect: c.t("erasures.effect"),
			Questions: []question{
				{Name: "entry", Label: c.t("erasures.entry"), Hint: c.t("erasures.entry.hint"), Needed: true,
					Value: c.Query("entry")},
				{Name: "field", Label: c.t("erasures.which"), Hint: c.t("erasures.which.hint"), Needed: true},
				{Name: "legal_basis", Label: c.t("erasures.basis"), Kind: "text", Needed: true}},
		},
		{
			Title:  c.t("erasures.person"),
			Do:     "person",
			Fresh:  true,
			Warn:   true,
			Button: c.t("erasures.button"),

			Effect: c.t("erasures.person.effect"),
			Questions: []question{
				{Name: "person", Label: c.t("erasures.who"), Hint: c.t("erasures.who.hint"), Needed: true},
				{Name: "legal_basis", Label: c.t("erasures.basis"), Kind: "text", Needed: true}},
		},
	}
	return body, v, nil
}

func (p *Portal) erase(c *call, do string) (string, error) {
	in := exchange.Erasure{LegalBasis: c.said("legal_basis")}
	if do == "person" {
		in.Person = article4.PersonID(c.said("person"))
	} else {
		in.Entry, in.Field = c.said("entry"), c.said("field")
	}
	out, err := p.cfg.Gateway.Erase(c.ctx, c.actor(), in)
	return to(out.Pending, "/erasures?done=erased"), err
}
