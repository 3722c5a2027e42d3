package portal

import (
	"net/url"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

func (p *Portal) releasePage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("release.title"))
	if err != nil {
		return body, v, err
	}
	if c.organisation().Kind != article4.Party {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	f := form{
		Do:     "release",
		Fresh:  true,
		Button: c.t("release.button"),
		Effect: c.t("release.effect"),

		Back: "/documents/" + string(d.ID),

		Denied: c.denied(article4.ActRelease, d.Permissions[article4.ActRelease]),

		Questions: []question{c.askOrganisation("organisation", c.t("release.to"), isThirdParty),
			c.askPurpose(d.Purposes),
			{Name: "statement", Label: c.t("release.statement"), Kind: "text", Needed: true}},
	}
	if d.PersonalData.Present {
		f.Questions = append(f.Questions, question{Name: "transfer_basis", Label: c.t("release.basis"),
			Hint: c.t("release.basis.hint"), Kind: "text", Needed: true})
	}
	body.Forms = []form{f}
	found, err := p.cfg.Gateway.Releases(c.ctx, c.actor(), d.ID)
	if err != nil {
		return body, v, err
	}
	table := listing{Title: c.t("releases.title"), None: c.t("releases.none"),
		Columns: []string{c.t("release.to"), c.t("document.purpose"), c.t("col.since"), c.t("col.state")}}
	for _, rel := range found {
		state := cell{Says: c.t("release.in-force"), Sign: "yes"}
		if rel.EndedAt != nil {
			state = cell{Says: c.t("release.ended", day(c.in, *rel.EndedAt)), Sign: "stop"}
		}
		table.Rows = append(table.Rows, []cell{{Says: c.known.orgName(rel.To),
			Href: "/documents/" + string(d.ID) + "/releases/" + rel.ID}, {Says: c.known.purpose(rel.Purpose).Label},
			{Says: day(c.in, rel.At)}, state})
	}
	body.Tables = []listing{table}
	return body, v, nil
}

// releasedPage is one Release, and the form that ends it.
func (p *Portal) releasedPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("release.one"))
	if err != nil {
		return body, v, err
	}
	found, err := p.cfg.Gateway.Releases(c.ctx, c.actor(), d.ID)
	if err != nil {
		return body, v, err
	}
	at := slices.IndexFunc(found, func(rel exchange.Release) bool { return rel.ID == c.Param("release") })
	if at < 0 {
		return body, v, &exchange.NotFound{What: "release"}
	}
	rel := found[at]
	body.Facts = append(body.Facts, fact{Name: c.t("release.to"), Says: c.known.orgName(rel.To)},
		fact{Name: c.t("document.purpose"), Says: c.known.purpose(rel.Purpose).Label},
		fact{Name: c.t("col.who"), Says: c.who(rel.By, rel.ByOrg)},
		fact{Name: c.t("col.since"), Says: when(c.in, rel.At)})
	for _, said := range []term{{c.t("release.statement"), rel.Statement}, {c.t("release.basis"), rel.TransferBasis}} {
		if said.Says != "" {
			body.Facts = append(body.Facts, fact{Name: said.Value, Says: said.Says})
		}
	}
	body.Facts = append(body.Facts, fact{Name: c.t("refusal.entry"), Says: orDash(rel.Entry), Mono: true})
	if rel.EndedAt != nil {
		body.Notes = append(body.Notes, c.t("release.ended", when(c.in, *rel.EndedAt)))
		if rel.EndStatement != "" {
			body.Notes = append(body.Notes, rel.EndStatement)
		}
		return body, v, nil
	}
	body.Forms = []form{{
		Do:        "end",
		Questions: []question{c.askWhy()},
		Effect:    c.t("release.end.effect", c.known.orgName(rel.To)),
		Button:    c.t("release.end.button"),
		Warn:      true,
		Denied:    c.denied(article4.ActEndRelease, rel.Permissions[article4.ActEndRelease]),
		Back:      "/documents/" + string(d.ID),
	}}
	return body, v, nil
}

func (p *Portal) endRelease(c *call, _ string) (string, error) {
	id := of[article4.DocumentID](c, "id")
	at := "/documents/" + url.PathEscape(string(id))
	_, err := p.cfg.Gateway.EndRelease(c.ctx, c.actor(), id, c.Param("release"), c.said("reason"))
	return at + "?done=release-ended", err
}

func (p *Portal) release(c *call, _ string) (string, error) {
	id := of[article4.DocumentID](c, "id")
	_, err := p.cfg.Gateway.Release(c.ctx, c.actor(), id, exchange.Release{
		To:            article4.OrganisationID(c.said("organisation")),
		Purpose:       article4.PurposeCode(c.said("purpose")),
		Statement:     c.said("statement"),
		TransferBasis: c.said("transfer_basis"),
	})
	return "/documents/" + url.PathEscape(string(id)) + "?done=release", err
}
