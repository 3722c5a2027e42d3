package portal

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// seriesPages are the pages of series of documents, and of the authorizations that stand for them between the Parties
// (reading 0111).
func (p *Portal) seriesPages() []deed {
	return []deed{
		{"/series", p.seriesList, p.openSeries},
		{"/series/:id", p.seriesPage, p.onSeries},
	}
}

func seriesAt(id article4.SeriesID) string { return "/series/" + url.PathEscape(string(id)) }

func (p *Portal) seriesList(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("series.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("series.lede")
	found, err := p.cfg.Gateway.SeriesKept(c.ctx, c.actor(), exchange.Paging{Limit: most, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	c.without(found.LeftOut)
	table := listing{None: c.t("series.none"), Older: c.older("/series", found.Next), Columns: []string{
		c.t("series.name"), c.t("series.between"), c.t("series.markings"), c.t("col.day")}}
	for _, s := range found.Items {
		table.Rows = append(table.Rows, []cell{{Says: s.Name, Href: seriesAt(s.ID)},
			{Says: c.known.org(s.Discloser) + " → " + c.known.org(s.Recipient)},
			{Says: c.markingsOf(s)}, {Says: day(c.in, s.OpenedAt)}})
	}
	body.Tables = []listing{table}
	if c.organisation().Kind != article4.Party {
		return body, v, nil
	}
	denied, told, err := c.would(article4.ActOpenSeries, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.OpenSeries(c.ctx, a, exchange.SeriesOpened{Name: "as supposed", EntitiesDeclared: true,
			Markings: []article4.Marking{article4.Restricted}, Purposes: c.known.codes()[:1]})
		return err
	})
	if err == nil && told {
		body.Forms = []form{c.openingForm(denied)}
	}
	return body, v, err
}

func (c *call) markingsOf(s exchange.Series) string {
	var out []string
	for _, m := range s.Markings {
		out = append(out, c.t("marking."+string(m)))
	}
	return strings.Join(out, ", ")
}

func (c *call) openingForm(denied []missing) form {
	markings := question{Name: "markings", Label: c.t("series.markings"), Kind: "several", Needed: true}
	for _, m := range []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential} {
		markings.Options = append(markings.Options, option{Value: string(m), Tag: m})
	}
	purposes := c.askPurpose(c.known.codes())
	purposes.Name, purposes.Kind, purposes.Label = "purposes", "several", c.t("series.purposes")
	entities := c.askOrganisation("entities", c.t("series.entities"), isThirdParty)
	entities.Kind, entities.Hint = "several", c.t("series.entities.hint")
	entities.Options = append(entities.Options, option{Value: "none", Says: c.t("series.entities.none")})
	return form{
		Title:  c.t("series.open"),
		Says:   c.t("series.open.says"),
		Do:     "open",
		Effect: c.t("series.open.effect"),
		Button: c.t("series.open.button"),
		Denied: denied,
		Questions: []question{{Name: "name", Label: c.t("series.name"), Needed: true}, markings, purposes, entities,
			{Name: "personal", Label: c.t("series.personal"), Kind: "tick"},
			{Name: "proprietary", Label: c.t("series.proprietary"), Kind: "tick"}},
	}
}

func (p *Portal) openSeries(c *call, _ string) (string, error) {
	sent := c.Request.PostForm
	in := exchange.SeriesOpened{Name: c.said("name"), PersonalData: c.said("personal") != "",
		Proprietary: c.said("proprietary") != "", EntitiesDeclared: len(sent["entities"]) > 0}
	for _, m := range sent["markings"] {
		in.Markings = append(in.Markings, article4.Marking(m))
	}
	for _, code := range sent["purposes"] {
		in.Purposes = append(in.Purposes, article4.PurposeCode(code))
	}
	for _, entity := range sent["entities"] {
		if entity != "none" {
			in.Entities = append(in.Entities, article4.OrganisationID(entity))
		}
	}
	if slices.Contains(sent["entities"], "none") && len(in.Entities) > 0 {
		in.EntitiesDeclared = false // both were said: neither counts
	}
	made, err := p.cfg.Gateway.OpenSeries(c.ctx, c.actor(), in)
	return seriesAt(made.ID) + "?done=series", err
}

func (p *Portal) seriesPage(c *call) (sheet, view, error) {
	body, v, err := c.plain("", "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"},
		link{Says: c.t("series.title"), Href: "/series"})
	if err != nil {
		return body, v, err
	}
	s, err := p.cfg.Gateway.SeriesByID(c.ctx, c.actor(), of[article4.SeriesID](c, "id"))
	if err != nil {
		return body, v, err
	}
	given, err := p.cfg.Gateway.StandingAuthorizations(c.ctx, c.actor(), s.ID)
	if err != nil {
		return body, v, err
	}
	c.meets(s.Recipient) // whom it names
	v.Title, body.Lede, body.Facts = s.Name, c.t("series.page.lede"), c.seriesFacts(s)
	table, mine := c.standingTable(given)
	body.Tables = []listing{table}
	if may, err := p.mayDeposit(c); err != nil {
		return body, v, err
	} else if may && c.organisation().ID == s.Discloser {
		body.Main = []link{{Says: c.t("deposit.title"), Href: "/documents/new"}}
	}
	if s.Permissions[article4.ActAuthorizeSeries].Allowed || c.organisation().ID == s.Discloser {
		body.Forms = append(body.Forms, c.authorizingForm(s))
	}
	if len(mine.Options) > 0 {
		body.Forms = append(body.Forms, form{
			Title:     c.t("series.withdraw"),
			Do:        "withdraw",
			Warn:      true,
			Effect:    c.t("series.withdraw.effect"),
			Button:    c.t("series.withdraw"),
			Denied:    c.denied(article4.ActWithdrawSeries, s.Permissions[article4.ActWithdrawSeries]),
			Questions: []question{mine, c.askWhy()},
		})
	}
	return body, v, nil
}

func (c *call) seriesFacts(s exchange.Series) []fact {
	var purposes, entities []string
	for _, code := range s.Purposes {
		purposes = append(purposes, c.known.purpose(code).Label)
	}
	for _, entity := range s.Entities {
		entities = append(entities, c.known.orgName(entity))
	}
	out := []fact{
		{Name: c.t("series.between"), Says: c.known.orgName(s.Discloser) + " → " + c.known.orgName(s.Recipient)},
		{Name: c.t("series.markings"), Says: c.markingsOf(s)},
		{Name: c.t("series.purposes"), Says: strings.Join(purposes, "; ")},
		{Name: c.t("series.personal"), Says: c.yes(s.PersonalData)},
		{Name: c.t("series.proprietary"), Says: c.yes(s.Proprietary)},
	}
	switch {
	case s.EntitiesNone:
		out = append(out, fact{Name: c.t("series.entities"), Says: c.t("series.entities.none")})
	case len(entities) > 0:
		out = append(out, fact{Name: c.t("series.entities"), Says: strings.Join(entities, "; ")})
	}
	return append(out, fact{Name: c.t("series.id"), Says: string(s.ID), Mono: true})
}

func (c *call) yes(is bool) string {
	if is {
		return c.t("yes")
	}
	return c.t("no")
}

// standingTable lists what stands and stood, and asks for one of the own organisation's that stands.
func (c *call) standingTable(given []exchange.StandingAuthorization) (listing, question) {
	table := listing{Title: c.t("series.given"), None: c.t("series.given.none"), Columns: []string{c.t("col.who"),
		c.t("open.purpose"), c.t("series.people"), c.t("delegate.until"), c.t("col.state")}}
	mine := question{Name: "which", Label: c.t("series.which"), Kind: "one", Needed: true}
	for _, a := range given {
		state := cell{Says: c.t("series.state." + a.State), Sign: map[string]string{"in-force": "yes", "expired": "no",
			"withdrawn": "stop"}[a.State]}
		if a.WithdrawnAt != nil {
			state.Under = a.WithdrawnWhy
		}
		var people []string
		for _, one := range a.People {
			name := string(one)
			if known, found := c.known.names[one]; found && known.Name != "" {
				name = known.Name
			}
			people = append(people, name)
		}
		label := c.known.purpose(a.Purpose).Label
		last := day(c.in, a.Until.Add(-time.Second))
		table.Rows = append(table.Rows, []cell{{Says: c.known.org(a.Organisation), Under: c.who(a.By, a.Organisation)},
			{Says: label, Under: a.Statement}, {Says: strings.Join(people, ", ")}, {Says: last}, state})
		if a.Organisation == c.organisation().ID && a.State == "in-force" {
			mine.Options = append(mine.Options, option{Value: string(a.ID), Says: label, Hint: last})
		}
	}
	return table, mine
}

func (c *call) authorizingForm(s exchange.Series) form {
	f := form{
		Title:  c.t("series.authorize"),
		Says:   c.t("series.authorize.says"),
		Do:     "authorize",
		Button: c.t("series.authorize.show"),
		Denied: c.denied(article4.ActAuthorizeSeries, s.Permissions[article4.ActAuthorizeSeries]),
	}
	f.Questions = append(f.Questions, c.askPurpose(s.Purposes))
	if c.organisation().ID == s.Discloser {
		people := question{Name: "people", Label: c.t("series.people"), Kind: "several"}
		for _, one := range c.meets(s.Recipient) {
			people.Options = append(people.Options, option{Value: string(one.ID), Says: one.Name})
		}
		f.Questions = append(f.Questions, people,
			question{Name: "others", Label: c.t("series.others"), Hint: c.t("series.others.hint"), Kind: "text"})
	}
	form := question{Name: "form", Label: c.t("series.form"), Kind: "one", Needed: true}
	for _, one := range []article4.Form{article4.View, article4.Stamped, article4.Original} {
		form.Options = append(form.Options, option{Value: string(one), Says: c.t("form." + string(one))})
	}
	f.Questions = append(f.Questions, question{Name: "until", Label: c.t("delegate.until"), Kind: "day", Needed: true},
		form, question{Name: "reason", Label: c.t("series.statement"), Kind: "text", Needed: true})
	return f
}

func (c *call) standing() exchange.StandingVerdict {
	in := exchange.StandingVerdict{
		Purpose:   article4.PurposeCode(c.said("purpose")),
		Form:      article4.Form(c.said("form")),
		Statement: c.said("reason"),
	}
	for _, one := range slices.Concat(c.Request.PostForm["people"], strings.Fields(c.said("others"))) {
		in.People = append(in.People, article4.PersonID(one))
	}
	if last := dayIn(c.said("until")); !last.IsZero() {
		in.Until = last.AddDate(0, 0, 1) // the day itself is meant, too
	}
	return in
}

func (p *Portal) onSeries(c *call, do string) (string, error) {
	id := of[article4.SeriesID](c, "id")
	if do == "withdraw" {
		_, err := p.cfg.Gateway.WithdrawStanding(c.ctx, c.actor(), id, article4.DecisionID(c.said("which")),
			exchange.Withdrawal{Statement: c.said("reason")})
		return seriesAt(id) + "?done=series-withdrawn", err
	}
	in := c.standing()
	if c.idToken != "" {
		in.Evidence = exchange.EvidenceGiven{Kind: article4.EvidenceOIDC, IDToken: c.idToken}
		_, err := p.cfg.Gateway.AuthorizeSeries(c.ctx, c.actor(), id, in)
		return seriesAt(id) + "?done=series-authorized", err
	}
	text, err := p.cfg.Gateway.DraftStanding(c.ctx, c.actor(), id, in)
	if err != nil {
		return "", err
	}
	if text.SHA256 != article4.Digest(c.said("signs")) {
		return "", p.showStanding(c, text)
	}
	return "", p.stepUp(c, text.Nonce, seriesAt(id))
}

// showStanding shows the text that would be authorized, whole, before anybody signs in for it.
func (p *Portal) showStanding(c *call, text exchange.CanonicalText) error {
	body, v, err := p.seriesPage(c)
	if err != nil {
		return err
	}
	f := form{
		Do:     "authorize",
		Hidden: []fact{{Name: "signs", Says: string(text.SHA256)}},
		Effect: c.t("series.authorize.effect"),
		Button: c.t("series.authorize"),
		Fresh:  true,
		Back:   seriesAt(of[article4.SeriesID](c, "id")),
	}
	for _, name := range []string{"purpose", "form", "reason", "until", "others"} {
		f.Hidden = append(f.Hidden, fact{Name: name, Says: c.said(name)})
	}
	for _, one := range c.Request.PostForm["people"] {
		f.Hidden = append(f.Hidden, fact{Name: "people", Says: one})
	}
	body.Tables, body.Text, body.Named, body.Forms = nil, text.Text, c.t("decide.text.says"), []form{f}
	v.Body = body
	return c.show("sheet", v)
}

// ownSeries are those into which the reader's Party may deposit.
func (c *call) ownSeries() ([]option, error) {
	found, err := c.p.cfg.Gateway.SeriesKept(c.ctx, c.actor(), exchange.Paging{Limit: most})
	var out []option
	for _, s := range found.Items {
		if s.Discloser == c.organisation().ID {
			out = append(out, option{Value: string(s.ID), Says: s.Name, Hint: c.markingsOf(s)})
		}
	}
	return out, err
}
