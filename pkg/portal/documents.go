package portal

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// documentLine is one document of a list.
type documentLine struct {
	exchange.Document
	From, To string
}

func (c *call) documentLines(all []exchange.Document) []documentLine {
	var out []documentLine
	for _, d := range all {
		out = append(out, documentLine{d, c.known.org(d.Discloser), c.known.org(d.Recipient)})
	}
	return out
}

// documentList is the page of them.
type documentList struct {
	Lines      []documentLine
	Filter     exchange.DocumentQuery
	Purposes   []exchange.Purpose
	Older      string
	Filtered   bool
	MayDeposit bool
	Traces     bool // may ask whose copy one is
}

// documents answers GET /documents; the words that are searched for travel in the address, which is not logged.
func (p *Portal) documents(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	query := c.Request.URL.Query()
	f := exchange.DocumentQuery{Words: strings.TrimSpace(query.Get("words")),
		Marking:   article4.Marking(query.Get("marking")),
		Purpose:   article4.PurposeCode(query.Get("purpose")),
		Discloser: article4.OrganisationID(query.Get("discloser")),
		Paging:    exchange.Paging{Limit: 25, After: query.Get("after")}}
	asked := f
	if references, meant, _ := exchange.ReadReferences(f.Words); len(references)+len(meant) > 0 {
		all := append(references, meant...) // as it is read off a paper
		asked.Words, asked.References = "", all[:min(len(all), most)]
	}
	found, err := p.cfg.Gateway.List(c.ctx, c.actor(), asked)
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	body := documentList{
		Lines:    c.documentLines(found.Items),
		Filter:   f,
		Purposes: c.known.purposes,
		Traces: c.organisation().Kind == article4.Party &&
			(c.has(article4.RoleSignatory) || c.has(article4.RoleAuditor)),

		Filtered: f.Words != "" || f.Marking != "" || f.Purpose != "" || f.Discloser != "",
	}
	if body.MayDeposit, err = p.mayDeposit(c); err != nil {
		return err
	}
	if found.Next != "" {
		query.Set("after", found.Next)
		query.Del("lang")
		body.Older = "/documents?" + query.Encode()
	}
	return c.show("documents", view{Title: c.t("documents.title"), Nav: "documents", Body: body,
		Markings: markingsOf(found.Items)})
}

func isInvalid(err error) bool {
	_, is := err.(*exchange.Invalid)
	return is
}

// accounted is the accounting of a document's disclosures, line by line.
type accounted struct {
	exchange.Document
	Lines []accountedLine
	Next  string // behind which line it goes on; empty: these are the last
}

type accountedLine struct {
	exchange.HistoryItem
	Who, Purpose, What string
}

// accounting answers POST /documents/{id}/accounting: to look is an entry of the log, and the button says so.
func (p *Portal) accounting(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), of[article4.DocumentID](c, "id"))
	if err != nil {
		return err
	}
	found, err := p.cfg.Gateway.History(c.ctx, c.actor(), d.ID, exchange.Paging{Limit: most, After: c.said("after")})
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	body := accounted{Document: d, Next: found.Next}
	for _, h := range found.Items {
		body.Lines = append(body.Lines, accountedLine{h, c.who(h.Person, h.Organisation),
			c.known.purpose(h.Purpose).Label, c.kind(h.Kind, h.Outcome, "")})
	}
	return c.show("accounting", view{Title: c.t("accounting.title"), Nav: "documents", Body: body,
		Markings: []article4.Marking{d.Marking}})
}

// timeline answers POST /documents/{id}/timeline: what happened to a document. To look is an entry, too.
func (p *Portal) timeline(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	_, body, v, err := c.seen(c.t("timeline.title"))
	if err != nil {
		return err
	}
	found, err := p.cfg.Gateway.Timeline(c.ctx, c.actor(), of[article4.DocumentID](c, "id"),
		exchange.Paging{Limit: most, After: c.said("after")})
	if err != nil {
		return err
	}
	table := listing{None: c.t("timeline.none"), Columns: []string{c.t("col.when"), c.t("col.who"), c.t("col.what"),
		c.t("log.for")}}
	var people []article4.PersonID
	for _, h := range found.Items {
		if h.Person != "" && !slices.Contains(people, h.Person) {
			people = append(people, h.Person)
		}
	}
	if names, err := p.cfg.Gateway.Names(c.ctx, c.actor(), people[:min(len(people), 100)]); err == nil {
		c.learn(names)
	}
	for _, h := range found.Items {
		who := c.t("the-gateway")
		if h.Organisation != "" {
			who = c.who(h.Person, h.Organisation)
		}
		what := cell{Says: c.kind(h.Kind, "", h.Step), Tag: h.Marking}
		if h.Request != "" {
			what.Href = "/requests/" + string(h.Request)
		}
		if h.Standing != nil {
			what.Says = c.t("timeline.standing", what.Says)
		}
		benefits := cell{Says: "–"}
		if h.To != "" {
			benefits.Says = c.known.org(h.To)
		}
		table.Rows = append(table.Rows, []cell{{Says: when(c.in, h.At)}, {Says: who}, what, benefits})
	}
	body.Notes = []string{c.t("accounting.entry")}
	if found.Next != "" { // each page is an entry: none is a link
		body.Forms = []form{{Hidden: []fact{{Name: "after", Says: found.Next}}, Button: c.t("older")}}
	}
	body.Tables = []listing{table}
	return c.sheet(body, v, nil)
}
