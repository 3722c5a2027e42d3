package portal

import (
	"net/url"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// thirdParties are the pages on which the two Parties say together who may receive anything at all beside them.
func (p *Portal) thirdParties() []deed {
	return []deed{
		{"/third-parties", p.thirdPartiesPage, nil},
		{"/third-parties/new", p.newThirdPartyPage, p.proposeThirdParty},
		{"/third-parties/:id", p.thirdPartyPage, p.actOnThirdParty},
	}
}

// ofParty lets nobody else see a page.
func (c *call) ofParty() error {
	if c.organisation().Kind != article4.Party {
		return web.Fail(web.KindNotFound, nil)
	}
	return nil
}

func (p *Portal) thirdPartiesPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("third.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	if err := c.ofParty(); err != nil {
		return body, v, err
	}
	found, err := p.cfg.Gateway.Organisations(c.ctx, c.actor(), exchange.Paging{Limit: 50, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	table := listing{None: c.t("third.none"), Next: c.onward("after", found.Next), Columns: []string{
		c.t("col.third-party"), c.t("third.type"), c.t("third.country"), c.t("col.state")}}
	for _, o := range found.Items {
		if o.Kind != article4.ThirdParty {
			continue
		}
		state := cell{Says: c.t("third.in-force"), Sign: "yes"}
		switch {
		case o.State == "proposed":
			state = cell{Says: c.t("third.proposed"), Sign: "wait"}
		case o.Proposal != nil:
			state = cell{Says: c.t("third.changing"), Sign: "wait"}
		}
		table.Rows = append(table.Rows, []cell{{Says: o.Name, Href: "/third-parties/" + string(o.ID)},
			{Says: c.t("third.type." + o.Type)}, {Says: orDash(o.Country)}, state})
	}
	body.Lede, body.Tables = c.t("third.lede"), []listing{table}
	if may, told := c.known.arrangement.Permissions[article4.ActRecognise]; told &&
		len(c.denied(article4.ActRecognise, may)) == 0 {
		body.Main = []link{{Says: c.t("third.new"), Href: "/third-parties/new"}}
	}
	return body, v, nil
}

// thirdPartyTypes are those that the instrument knows, in the order in which they are offered.
var thirdPartyTypes = []string{"member-state-authority", "passenger-information-unit", "international-organisation",
	"regional-organisation", "carrier", "contractor"}

func (c *call) askRecord(o exchange.OrganisationProposed, changes bool) []question {
	kind := question{Name: "type", Label: c.t("third.type"), Kind: "one", Needed: true, Value: o.Type}
	for _, one := range thirdPartyTypes {
		kind.Options = append(kind.Options, option{Value: one, Says: c.t("third.type." + one)})
	}
	out := []question{{Name: "name", Label: c.t("third.name"), Needed: true, Value: o.Name}, kind,
		{Name: "country", Label: c.t("third.country"), Hint: c.t("third.country.hint"), Value: o.Country},
		{Name: "issuer", Label: c.t("third.issuer"), Hint: c.t("third.issuer.hint"), Needed: true, Value: o.Issuer}}
	if changes {
		return out
	}
	return append([]question{{Name: "short", Label: c.t("third.short"), Hint: c.t("third.short.hint"), Needed: true}},
		out...)
}

func (p *Portal) newThirdPartyPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("third.new"), "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"},
		link{Says: c.t("third.title"), Href: "/third-parties"})
	if err != nil {
		return body, v, err
	}
	if err := c.ofParty(); err != nil {
		return body, v, err
	}
	body.Lede = c.t("third.new.lede")
	body.Forms = []form{{
		Do:     "propose",
		Fresh:  true,
		Effect: c.t("third.effect"),
		Button: c.t("third.propose"),

		Back:      "/third-parties",
		Questions: c.askRecord(exchange.OrganisationProposed{}, false),

		Denied: c.denied(article4.ActRecognise, c.known.arrangement.Permissions[article4.ActRecognise]),
	}}
	return body, v, nil
}

func (c *call) recordIn(changes article4.OrganisationID) exchange.OrganisationProposed {
	return exchange.OrganisationProposed{
		Changes: changes,
		Short:   c.said("short"),
		Name:    c.said("name"),

		Type:    c.said("type"),
		Country: strings.ToUpper(c.said("country")),
		Issuer:  c.said("issuer"),
	}
}

func (p *Portal) proposeThirdParty(c *call, _ string) (string, error) {
	o, _, err := p.cfg.Gateway.ProposeOrganisation(c.ctx, c.actor(), c.recordIn(""))
	return "/third-parties/" + url.PathEscape(string(o.ID)) + "?done=proposed", err
}

func (p *Portal) thirdPartyPage(c *call) (sheet, view, error) {
	body, v, err := c.plain("", "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"},
		link{Says: c.t("third.title"), Href: "/third-parties"})
	if err != nil {
		return body, v, err
	}
	if err := c.ofParty(); err != nil {
		return body, v, err
	}
	o, err := p.cfg.Gateway.Organisation(c.ctx, c.actor(), of[article4.OrganisationID](c, "id"))
	if err != nil {
		return body, v, err
	}
	if o.Kind != article4.ThirdParty {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	v.Title = o.Name
	if o.State == "in-force" {
		body.Main = []link{{Says: c.t("mandates.see"), Href: mandatesOf(o.ID)}}
	}
	body.Facts = append(c.recordFacts(o.Name, o.Type, o.Country, o.Issuer),
		fact{Name: c.t("third.record"), Says: string(o.Record), Mono: true})
	agreements, err := c.agreementsWith(o.ID)
	if err != nil {
		return body, v, err
	}
	may := c.denied(article4.ActRecognise, c.known.arrangement.Permissions[article4.ActRecognise])
	if o.Proposal != nil {
		c.proposal(&body, o, may)
		return body, v, nil
	}
	body.Tables = []listing{agreements}
	body.Forms = []form{
		{
			Title: c.t("third.agreement"),
			Says:  c.t("third.agreement.says"),
			Do:    "agreement",

			Button: c.t("third.agreement.button"),
			Effect: c.t("third.agreement.effect"),

			Questions: []question{{Name: "text", Label: c.t("third.agreement.text"), Kind: "text", Needed: true,
				Of: 12}},
		},
		{
			Title:  c.t("third.change"),
			Do:     "change",
			Fresh:  true,
			Warn:   true,
			Effect: c.t("third.change.effect"),

			Button: c.t("third.change.button"),
			Denied: may,
			Questions: c.askRecord(exchange.OrganisationProposed{
				Name: o.Name, Type: o.Type, Country: o.Country, Issuer: o.Issuer}, true),
		},
	}
	reasons, told, err := c.would(article4.ActPropose, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.Propose(c.ctx, a, exchange.Proposal{Organisation: o.ID, Text: "as supposed"})
		return err
	})
	if !told && err == nil {
		body.Forms = body.Forms[1:]
	} else {
		body.Forms[0].Denied = reasons
	}
	return body, v, err
}

func (c *call) recordFacts(name, kind, country, issuer string) []fact {
	return []fact{{Name: c.t("third.name"), Says: name}, {Name: c.t("third.type"), Says: c.t("third.type." + kind)},
		{Name: c.t("third.country"), Says: orDash(country)}, {Name: c.t("third.issuer"), Says: issuer, Mono: true}}
}

func (c *call) agreementsWith(id article4.OrganisationID) (listing, error) {
	table := listing{Title: c.t("agreements.title"), None: c.t("third.no-agreement"),
		Columns: []string{c.t("col.day"), c.t("col.put-by"), c.t("col.state")}}
	found, cut, err := whole(c, func(p exchange.Paging) (exchange.Page[exchange.Agreement], error) {
		return c.p.cfg.Gateway.Agreements(c.ctx, c.actor(), p)
	})
	if cut {
		table.Lede = c.t("cut", mostRead)
	}
	for _, a := range found {
		if a.Organisation == id {
			sign := map[string]string{"signed": "yes", "unsigned": "wait", "superseded": "stop"}[a.State]
			table.Rows = append(table.Rows, []cell{{Says: day(c.in, a.ProposedAt), Href: "/agreements/" + string(a.ID)},
				{Says: c.known.org(a.ProposedBy)}, {Says: c.t("agreement." + a.State), Sign: sign}})
		}
	}
	return table, err
}

// proposal shows what the one Party proposed, old beside new, and lets the other confirm it.
func (c *call) proposal(body *sheet, o exchange.Organisation, may []missing) {
	q := o.Proposal
	table := listing{Title: c.t("third.proposal"), Columns: []string{c.t("col.what"), c.t("third.now"),
		c.t("third.then")}}
	for _, one := range []struct{ name, now, then string }{
		{c.t("third.name"), o.Name, q.Name},
		{c.t("third.type"), c.t("third.type." + o.Type), c.t("third.type." + q.Type)},
		{c.t("third.country"), o.Country, q.Country}, {c.t("third.issuer"), o.Issuer, q.Issuer},
		{c.t("third.record"), string(o.Record), string(q.Record)},
	} {
		if o.State == "proposed" {
			one.now = ""
		}
		then := cell{Says: orDash(one.then)}
		if one.now != one.then {
			then.Sign = "wait"
		}
		table.Rows = append(table.Rows, []cell{{Says: one.name}, {Says: orDash(one.now)}, then})
	}
	body.Tables = append(body.Tables, table)
	body.State = c.t("third.proposed-by", c.known.org(q.ProposedBy), when(c.in, q.ExpiresAt))
	if q.ProposedBy == c.organisation().ID {
		body.Notes = append(body.Notes, c.t("third.mine"))
		return
	}
	body.Forms = []form{{
		Do:     "confirm",
		Fresh:  true,
		Button: c.t("third.confirm"),
		Effect: c.t("third.confirm.effect"),

		Denied: may,
		Hidden: []fact{{Name: "etag", Says: o.ETag}},
		Back:   "/third-parties",
	}}
}

func (p *Portal) actOnThirdParty(c *call, do string) (string, error) {
	id := of[article4.OrganisationID](c, "id")
	var err error
	done := "confirmed"
	switch do {
	case "confirm":
		_, err = p.cfg.Gateway.ConfirmOrganisation(c.ctx, c.actor(), id, c.said("etag"))
	case "change":
		_, _, err = p.cfg.Gateway.ProposeOrganisation(c.ctx, c.actor(), c.recordIn(id))
		done = "proposed"
	default:
		a, err := p.cfg.Gateway.Propose(c.ctx, c.actor(), exchange.Proposal{Organisation: id, Text: c.said("text")})
		return "/agreements/" + url.PathEscape(string(a.ID)), err
	}
	return "/third-parties/" + url.PathEscape(string(id)) + "?done=" + done, err
}
