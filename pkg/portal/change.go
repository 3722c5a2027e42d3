package portal

import (
	"net/url"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// changing are the pages on which a document is kept right: new versions, the entities concerned and what they say of a
// lowering, and what is released of it.
func (p *Portal) changing() []deed {
	return []deed{
		{"/documents/:id/version", p.versionPage, p.correct},
		{"/documents/:id/details", p.detailsPage, p.amend},
		{"/documents/:id/entities", p.entitiesPage, p.changeEntities},
		{"/documents/:id/not-concerned", p.notConcernedPage, p.sayNotConcerned},
		{"/documents/:id/proprietary", p.proprietaryPage, p.stateProprietary},
		{"/documents/:id/release", p.releasePage, p.release},
		{"/documents/:id/releases/:release", p.releasedPage, p.endRelease},
		{"/lowerings", p.loweringsPage, nil},
		{"/lowerings/:id", p.loweringPage, p.decideLowering},
		{"/requests/:id/file", p.filePage, p.fileAuthorization},
	}
}

func (p *Portal) versionPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("version.title"))
	if err != nil {
		return body, v, err
	}
	if c.organisation().ID != d.Discloser {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	kinds := question{Name: "kind", Label: c.t("version.kind"), Kind: "one", Needed: true}
	for _, kind := range []article4.CorrectionKind{article4.Corrects, article4.Updates, article4.Replaces} {
		kinds.Options = append(kinds.Options, option{Value: string(kind), Says: c.t("version." + string(kind)),
			Hint: c.t("version." + string(kind) + ".hint")})
	}
	file, err := c.askVersion(d)
	if err != nil {
		return body, v, err
	}
	derived := question{Name: "derived", Label: c.t("version.derived"), Kind: "text", Hint: c.t("deposit.sources.hint")}
	body.Forms = []form{{

		Do:     "version",
		Denied: c.denied(article4.ActCorrect, d.Permissions[article4.ActCorrect]),
		Upload: true,

		Effect: c.t("version.effect"),
		Button: c.t("version.button"),
		Back:   "/documents/" + string(d.ID),

		Questions: append([]question{kinds,
			{Name: "statement", Label: c.t("version.statement"), Hint: c.t("version.statement.hint"), Kind: "text",
				Needed: true}, derived,
			{Name: "not_derived", Label: c.t("version.not-derived"), Hint: c.t("deposit.not-derived.hint"),
				Kind: "text"},
			{Name: "keep_previous", Label: c.t("version.keep"), Kind: "tick"},
			{Name: "marking_confirmation", Label: c.t("deposit.confirmation"), Hint: c.t("deposit.confirmation.hint")},
		}, file...),
	}}
	return body, v, nil
}

// askVersion asks for the new file, or for one that was sent before and waits.
func (c *call) askVersion(d exchange.Document) ([]question, error) {
	file := question{Name: "content", Label: c.t("version.file"), Hint: c.t("version.file.hint"), Kind: "file"}
	found, err := c.p.cfg.Gateway.StagedFiles(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return nil, err
	}
	waiting := question{Name: "staged", Label: c.t("version.staged"), Hint: c.t("version.staged.hint"), Kind: "one"}
	for _, s := range found.Items {
		if s.Document == d.ID {
			waiting.Options = append(waiting.Options, option{Value: s.ID, Says: s.FileName,
				Hint: c.t("version.staged.until", size(c.in, s.Size), when(c.in, s.ExpiresAt))})
		}
	}
	if len(waiting.Options) == 0 {
		file.Needed = true
		return []question{file}, nil
	}
	return []question{waiting, file}, nil
}

// correct puts a new version. The file waits by itself before the rest is decided on: what is refused for another
// answer need not be chosen again.
func (p *Portal) correct(c *call, _ string) (string, error) {
	id := of[article4.DocumentID](c, "id")
	staged := c.said("staged")
	if c.sent.part != nil && c.sent.part.FileName() != "" {
		made, err := p.cfg.Gateway.Stage(c.ctx, c.actor(), exchange.StagedFile{Document: id, Size: -1}, c.sent.content)
		if err != nil {
			return "", err
		}
		staged = made.ID
	}
	if staged == "" {
		return "", invalid.One(invalid.Required, "content", "4(9)")
	}
	sources, unknown, err := c.meant(c.said("derived"))
	if err != nil {
		return "", err
	}
	if len(unknown) > 0 {
		d, _, _ := p.deedAt(c.Request.URL.Path)
		return "", p.showSheet(c, d, []fault{{"derived", c.t("fault.sources", joinNames(unknown))}})
	}
	in := exchange.Correction{
		Kind:                article4.CorrectionKind(c.said("kind")),
		Explanation:         c.said("statement"),
		MarkingConfirmation: c.said("marking_confirmation"),
		SourcesDeclared:     true,
		DerivedFrom:         sources,
		NotDerived:          c.said("not_derived"),
		KeepPrevious:        c.said("keep_previous") != "",
		Staged:              staged,
		Size:                -1,
	}
	_, err = p.cfg.Gateway.Correct(c.ctx, c.actor(), id, in, nil)
	return "/documents/" + url.PathEscape(string(id)) + "?done=version", err
}

func (p *Portal) entitiesPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("entities.title"))
	if err != nil {
		return body, v, err
	}
	if c.organisation().ID != d.Discloser {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	table := listing{Title: c.t("document.entities"), None: c.t("none-concerned"),
		Columns: []string{c.t("col.organisation"), c.t("col.decisions")}}
	decided, err := c.decidedBy(d)
	if err != nil {
		return body, v, err
	}
	for _, id := range d.Entities {
		says := cell{Says: c.t("entities.undecided"), Sign: "wait"}
		if n := decided[id]; n > 0 {
			says = cell{Says: c.t("entities.decided", n), Sign: "yes"}
		}
		table.Rows = append(table.Rows, []cell{{Says: c.known.orgName(id)}, says})
	}
	body.Lede, body.Tables = c.t("entities.lede"), []listing{table}
	add := c.askOrganisation("add", c.t("entities.add"), func(o exchange.Organisation) bool {
		return o.ID != d.Discloser && (o.Kind == article4.Party || o.Kind == article4.ThirdParty) &&
			o.State == "in-force" && !slices.Contains(d.Entities, o.ID)
	})
	add.Kind = "several"
	body.Forms = []form{{
		Title: c.t("act.add-entity"),
		Do:    "add",
		Questions: []question{add,
			{Name: "statement", Label: c.t("act.reason"), Kind: "text"}},
		Button: c.t("entities.add.button"),

		Effect: c.t("entities.add.effect"),

		Denied: c.denied(article4.ActAddEntity, d.Permissions[article4.ActAddEntity]),
	}}
	if may, told := d.Permissions[article4.ActRemoveEntity]; told {
		remove := c.askOrganisation("remove", c.t("entities.remove"),
			func(o exchange.Organisation) bool { return slices.Contains(d.Entities, o.ID) })
		body.Forms = append(body.Forms, form{
			Title: c.t("entities.remove.title"),
			Do:    "remove",
			Fresh: true,

			Questions: []question{remove, {Name: "statement", Label: c.t("act.reason"), Kind: "text", Needed: true}},

			Button: c.t("entities.remove.button"),
			Effect: c.t("entities.remove.effect"),
			Warn:   true,

			Denied: c.denied(article4.ActRemoveEntity, may),
		})
	}
	return body, v, nil
}

// decidedBy counts what each organisation decided on requests for a document, as far as the reader is told.
func (c *call) decidedBy(d exchange.Document) (map[article4.OrganisationID]int, error) {
	found, err := c.p.cfg.Gateway.Requests(c.ctx, c.actor(), exchange.RequestQuery{Box: "asked-of-us", Document: d.ID,
		Paging: exchange.Paging{Limit: most}})
	out := map[article4.OrganisationID]int{}
	for _, q := range found.Items {
		for _, one := range q.Decisions {
			out[one.Organisation]++
		}
	}
	return out, err
}

func (p *Portal) changeEntities(c *call, do string) (string, error) {
	in := exchange.EntitiesChange{Reason: c.said("statement")}
	if do == "remove" {
		in.Remove = article4.OrganisationID(c.said("remove"))
	} else {
		for _, id := range c.Request.PostForm["add"] {
			in.Add = append(in.Add, article4.OrganisationID(id))
		}
	}
	id := of[article4.DocumentID](c, "id")
	_, pending, err := p.cfg.Gateway.ChangeEntities(c.ctx, c.actor(), id, in)
	return to(pending, "/documents/"+url.PathEscape(string(id))+"/entities?done=entities"), err
}

func (p *Portal) notConcernedPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("not-concerned.title"))
	if err != nil {
		return body, v, err
	}
	reasons, told, err := c.would(article4.ActNotConcerned, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.SayNotConcerned(c.ctx, a, d.ID, "as supposed")
		return err
	})
	if err != nil {
		return body, v, err
	}
	if !told || c.organisation().ID == d.Discloser {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	body.Forms = []form{{
		Do:        "say",
		Denied:    reasons,
		Fresh:     true,
		Questions: []question{c.askWhy()},
		Warn:      true,

		Effect: c.t("not-concerned.effect", c.known.orgName(c.organisation().ID)),
		Button: c.t("not-concerned.button"),

		Back: "/documents/" + string(d.ID),
	}}
	return body, v, nil
}

func (p *Portal) sayNotConcerned(c *call, _ string) (string, error) {
	_, err := p.cfg.Gateway.SayNotConcerned(c.ctx, c.actor(), of[article4.DocumentID](c, "id"), c.said("reason"))
	return "/?done=not-concerned", err
}

// proprietaryPage: either Party states that a document is proprietary; the Discloser's two people take it back.
func (p *Portal) proprietaryPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("proprietary.title"))
	if err != nil {
		return body, v, err
	}
	if c.organisation().Kind != article4.Party {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	states := !d.Proprietary
	reasons, told, err := c.mayState(d, states)
	if err != nil {
		return body, v, err
	}
	if !told || d.Proprietary && c.organisation().ID != d.Discloser {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	f := form{
		Do:        "state",
		Denied:    reasons,
		Questions: []question{c.askWhy()},
		Effect:    c.t("proprietary.effect"),
		Button:    c.t("proprietary.button"),
		Back:      "/documents/" + string(d.ID),
	}
	if !states {
		f.Do, f.Fresh, f.Warn = "drop", true, true
		f.Effect, f.Button = c.t("proprietary.drop.effect"), c.t("proprietary.drop.button")
	}
	body.Forms = []form{f}
	return body, v, nil
}

// mayState asks the rules whether the reader could state that a document is proprietary, or that it is not.
func (c *call) mayState(d exchange.Document, proprietary bool) (reasons []missing, told bool, err error) {
	return c.would(article4.ActMark, func(a exchange.Actor) error {
		_, _, err := c.p.cfg.Gateway.Mark(c.ctx, a, d.ID,
			exchange.MarkingChange{Marking: d.Marking, Proprietary: &proprietary, Reason: "as supposed"})
		return err
	})
}

func (p *Portal) stateProprietary(c *call, do string) (string, error) {
	id := of[article4.DocumentID](c, "id")
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), id)
	if err != nil {
		return "", err
	}
	proprietary := do == "state"
	_, pending, err := p.cfg.Gateway.Mark(c.ctx, c.actor(), id, exchange.MarkingChange{Marking: d.Marking,
		Proprietary: &proprietary, Reason: c.said("reason"), IfMatch: d.ETag})
	return to(pending, "/documents/"+url.PathEscape(string(id))+"?done=proprietary"), err
}

func (p *Portal) filePage(c *call) (sheet, view, error) {
	id := of[article4.RequestID](c, "id")
	q, err := p.cfg.Gateway.DescribeRequest(c.ctx, c.actor(), id)
	if err != nil {
		return sheet{}, view{}, err
	}
	body, v, err := c.plain(c.t("file.title"), "requests", link{Says: c.t("nav.requests"), Href: "/requests"},
		link{Href: "/requests/" + string(id)})
	if err != nil {
		return body, v, err
	}
	body.Crumbs[1].Says = c.t("request.title", c.known.org(q.For))
	v.Markings, body.Tag, body.Lede = []article4.Marking{q.Marking}, q.Marking, c.t("file.lede")
	may, told := q.Permissions[article4.ActFile]
	entity := question{Name: "entity", Label: c.t("confirmation.entity"), Kind: "one", Needed: true}
	for _, m := range q.Missing {
		if o, known := c.known.organisations[m.From]; known && o.Kind == article4.ThirdParty && m.From != q.For {
			entity.Options = append(entity.Options, option{Value: string(o.ID), Says: o.Name})
		}
	}
	if !told || len(entity.Options) == 0 {
		body.Notes = []string{c.t("file.nothing")}
		return body, v, nil
	}
	instrument, err := c.askInstrument(id)
	if err != nil {
		return body, v, err
	}
	body.Forms = []form{{

		Do:     "file",
		Fresh:  true,
		Denied: c.denied(article4.ActFile, may),
		Effect: c.t("file.effect"),

		Button: c.t("file.button"),
		Back:   "/requests/" + string(id),

		Questions: []question{entity, {Name: "given_by", Label: c.t("confirmation.given-by"), Needed: true},
			{Name: "given_on", Label: c.t("confirmation.given-on"), Kind: "day", Needed: true}, instrument,
			{Name: "statement", Label: c.t("file.statement"), Kind: "text", Needed: true}},
	}}
	return body, v, nil
}

func (p *Portal) fileAuthorization(c *call, _ string) (string, error) {
	id := of[article4.RequestID](c, "id")
	_, pending, err := p.cfg.Gateway.FileAuthorization(c.ctx, c.actor(), id, exchange.FiledAuthorization{
		Entity:           article4.OrganisationID(c.said("entity")),
		GivenBy:          c.said("given_by"),
		GivenOn:          dayIn(c.said("given_on")),
		InstrumentSHA256: article4.Digest(c.said("instrument_sha256")),
		Statement:        c.said("statement"),
	})
	return to(pending, "/requests/"+url.PathEscape(string(id))), err
}
