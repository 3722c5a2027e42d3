package portal

import (
	"net/url"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// mandates are the pages on which it is said who may decide and sign for a third party: to both Parties, and to the
// third party itself.
func (p *Portal) mandates() []deed {
	return []deed{
		{"/mandates/:id", p.mandatesPage, p.mandate},
	}
}

func mandatesOf(id article4.OrganisationID) string { return "/mandates/" + url.PathEscape(string(id)) }

func (p *Portal) mandatesPage(c *call) (sheet, view, error) {
	body, v, err := c.plain("", "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	id := of[article4.OrganisationID](c, "id")
	found, err := p.cfg.Gateway.Mandates(c.ctx, c.actor(), id)
	if err != nil {
		return body, v, err
	}
	v.Title = c.t("mandates.title", c.known.orgName(id))
	body.Lede = c.t("mandates.lede")
	denied, told, err := c.would(article4.ActMandate, func(a exchange.Actor) error {
		_, _, err := p.cfg.Gateway.Mandate(c.ctx, a, id, exchange.MandateProposed{
			Subject:   "as-supposed",
			Name:      "as supposed",
			Function:  "as supposed",
			Authority: "as supposed",
			Until:     time.Now().UTC().AddDate(1, 0, 0),

			InstrumentSHA256: article4.Digest(supposedDigest),
		})
		return err
	})
	if err != nil {
		return body, v, err
	}
	table, inForce := c.mandateTable(found)
	body.Tables = []listing{table}
	if !told {
		return body, v, nil
	}
	instrument, err := c.askInstrument("")
	if err != nil {
		return body, v, err
	}
	body.Forms = []form{{
		Title:  c.t("mandates.new"),
		Says:   c.t("mandates.new.says"),
		Do:     "propose",
		Fresh:  true,
		Effect: c.t("mandates.effect"),
		Button: c.t("mandates.button"),

		Denied: denied,
		Questions: []question{
			{Name: "subject", Label: c.t("mandates.subject"), Hint: c.t("official.subject.hint"), Needed: true},
			{Name: "name", Label: c.t("mandates.name"), Needed: true},
			{Name: "function", Label: c.t("sign.function"), Needed: true},
			{Name: "authority", Label: c.t("mandates.authority"), Needed: true},
			{Name: "until", Label: c.t("delegate.until"), Kind: "day", Needed: true}, instrument},
	}}
	if len(table.Rows) == 0 {
		body.Forms[0].Says = ""
	}
	if len(inForce.Options) > 0 && c.organisation().Kind == article4.Party {
		body.Forms = append(body.Forms, form{
			Title:  c.t("mandates.end"),
			Do:     "end",
			Fresh:  true,
			Warn:   true,
			Effect: c.t("mandates.end.effect"),
			Button: c.t("mandates.end"),
			Denied: denied,

			Questions: []question{inForce},
		})
	}
	return body, v, nil
}

// supposedDigest stands for that of an instrument where the rules are only asked.
const supposedDigest = "0000000000000000000000000000000000000000000000000000000000000000"

// mandateTable lists them, and asks for one of those in force.
func (c *call) mandateTable(found []exchange.MandateRecord) (listing, question) {
	table := listing{None: c.t("mandates.none"), Columns: []string{c.t("col.who"), c.t("mandates.by"),
		c.t("col.term"), c.t("col.state")}}
	inForce := question{Name: "which", Label: c.t("mandates.which"), Kind: "one", Needed: true}
	for _, m := range found {
		var state cell
		term := day(c.in, m.From) + " – " + day(c.in, m.Until.Add(-time.Second))
		switch {
		case m.Pending != nil:
			term = c.t("mandates.until", day(c.in, m.Until.Add(-time.Second)))
			state = cell{Says: c.t("mandates.proposed", c.known.org(m.ProposedBy)), Sign: "wait",
				Href: "/confirmations/" + url.PathEscape(m.Pending.ID)}
		case m.EndedAt != nil:
			state = cell{Says: c.t("mandates.ended", day(c.in, *m.EndedAt)), Sign: "stop"}
		case !time.Now().Before(m.Until):
			state = cell{Says: c.t("mandates.over"), Sign: "stop"}
		default:
			state = cell{Says: c.t("mandates.in-force"), Sign: "yes"}
			inForce.Options = append(inForce.Options, option{Value: string(m.ID), Says: m.Name, Hint: m.Function})
		}
		table.Rows = append(table.Rows, []cell{{Says: m.Name, Under: m.Function}, {Says: m.Authority}, {Says: term},
			state})
	}
	return table, inForce
}

func (p *Portal) mandate(c *call, do string) (string, error) {
	id := of[article4.OrganisationID](c, "id")
	in := exchange.MandateProposed{
		Subject:   c.said("subject"),
		Name:      c.said("name"),
		Function:  c.said("function"),
		Authority: c.said("authority"),

		InstrumentSHA256: article4.Digest(c.said("instrument_sha256")),
	}
	done := "mandate"
	if do == "end" {
		in, done = exchange.MandateProposed{Ends: article4.DelegationID(c.said("which"))}, "mandate-ended"
	} else if last := dayIn(c.said("until")); !last.IsZero() {
		in.Until = last.AddDate(0, 0, 1) // the day itself is meant, too
	}
	_, pending, err := p.cfg.Gateway.Mandate(c.ctx, c.actor(), id, in)
	return to(pending, mandatesOf(id)+"?done="+done), err
}
