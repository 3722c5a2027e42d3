package portal

import (
	"encoding/csv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// auditing are the pages on which an auditor takes along what can be verified without the gateway.
func (p *Portal) auditing() []deed {
	return []deed{
		{"/audit", p.auditPage, p.audit},
	}
}

// auditPage says what there is; each of it is an entry, and is read by a button.
func (p *Portal) auditPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("audit.title"), "log", link{Says: c.t("log.title"), Href: "/log"})
	if err != nil {
		return body, v, err
	}
	if !c.has(article4.RoleAuditor) {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	year := time.Now().UTC().Truncate(24 * time.Hour)
	body.Notes = []string{c.t("audit.entry")}
	body.Lede, body.Named, body.Text = c.t("audit.lede"), c.t("audit.verify"), "chancery verify chancery-log.tar"
	body.Forms = []form{
		{Title: c.t("audit.bundle"), Says: c.t("audit.bundle.says"), Do: "bundle", Button: c.t("audit.bundle.button")},
		{Title: c.t("audit.checkpoint"), Says: c.t("audit.checkpoint.says"), Do: "checkpoint",
			Button: c.t("audit.checkpoint.button")},
		{
			Title: c.t("audit.consistency"),
			Says:  c.t("audit.consistency.says"),
			Do:    "consistency",

			Button: c.t("audit.consistency.button"),

			Questions: []question{{Name: "first", Label: c.t("audit.first"), Needed: true},
				{Name: "second", Label: c.t("audit.second"), Needed: true}},
		},
		{
			Title:  c.t("audit.report"),
			Says:   c.t("audit.report.says"),
			Do:     "report",
			Button: c.t("audit.report.button"),
			Questions: []question{
				{Name: "from", Label: c.t("audit.from"), Kind: "day", Needed: true,
					Value: year.AddDate(0, -3, 0).Format(time.DateOnly)},
				{Name: "to", Label: c.t("audit.to"), Kind: "day", Needed: true, Value: year.Format(time.DateOnly)}},
		},
		{
			Title: c.t("audit.accounting"),
			Says:  c.t("audit.accounting.says"),
			Do:    "accounting",

			Button: c.t("audit.accounting.button"),

			Questions: c.askAccounting(),
		},
	}
	return body, v, nil
}

func (p *Portal) audit(c *call, do string) (string, error) {
	switch do {
	case "bundle":
		return "", p.bundle(c)
	case "checkpoint":
		text, err := p.cfg.Gateway.LogCheckpoint(c.ctx, c.actor())
		return "", c.kept(err, c.t("audit.checkpoint"), c.t("audit.checkpoint.kept"), string(text))
	case "consistency":
		first, wrong := strconv.ParseInt(c.said("first"), 10, 64)
		second, alsoWrong := strconv.ParseInt(c.said("second"), 10, 64)
		if wrong != nil || alsoWrong != nil {
			d, _, _ := p.deedAt("/audit")
			return "", p.showSheet(c, d, []fault{{"first", c.t("audit.numbers")}})
		}
		text, err := p.cfg.Gateway.LogConsistency(c.ctx, c.actor(), first, second)
		return "", c.kept(err, c.t("audit.consistency"), c.t("audit.consistency.kept"), string(text))
	case "report":
		return "", p.report(c)
	}
	return "", p.logAccounting(c)
}

// kept shows something to be taken along, letter by letter.
func (c *call) kept(err error, title, lede, text string) error {
	if err != nil {
		return err
	}
	return c.sheet(sheet{Crumbs: []link{{Says: c.t("audit.title"), Href: "/audit"}}, Lede: lede,
		Named: title, Text: text},
		view{Title: title, Nav: "log"}, nil)
}

// bundle sends the whole log, opened as far as the auditor's Party is entitled, with a view of what the address asks
// for. One that breaks off is torn.
func (p *Portal) bundle(c *call) error {
	var q exchange.LogQuery
	if query := c.Request.URL.Query(); len(query) > 0 {
		q = logQueryIn(query)
	}
	write, err := p.cfg.Gateway.LogExport(c.ctx, c.actor(), q)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/x-tar")
	c.Header("Content-Disposition", `attachment; filename="chancery-log.tar"`)
	return write(c.Writer)
}

func (p *Portal) report(c *call) error {
	from, until := dayIn(c.said("from")), dayIn(c.said("to"))
	found, err := p.cfg.Gateway.Monitoring(c.ctx, c.actor(), from, until.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	exchanged := listing{Title: c.t("report.exchanged"), None: c.t("report.nothing"),
		Columns: []string{c.t("col.marking"), c.t("col.count")}}
	for _, m := range []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential} {
		if n := found.Exchanged[string(m)]; n > 0 {
			exchanged.Rows = append(exchanged.Rows, []cell{{Tag: m}, {Says: strconv.Itoa(n)}})
		}
	}
	consents := listing{Title: c.t("report.consents"), Columns: []string{c.t("col.what"), c.t("col.count")}}
	for _, one := range []struct {
		key string
		n   int
	}{{"asked", found.Consents.Asked}, {"given", found.Consents.Given}, {"refused", found.Consents.Refused},
		{"lapsed", found.Consents.Lapsed}} {
		consents.Rows = append(consents.Rows, []cell{{Says: c.t("report." + one.key)}, {Says: strconv.Itoa(one.n)}})
	}
	if median := found.Consents.MedianSeconds; median != nil {
		consents.Rows = append(consents.Rows, []cell{{Says: c.t("report.median")},
			{Says: c.t("report.hours", float64(*median)/3600)}})
	}
	refusals := listing{Title: c.t("report.refusals"), None: c.t("report.no-refusal"),
		Columns: []string{c.t("log.paragraph"), c.t("col.count")}}
	for _, paragraph := range sortedKeys(found.Refusals) {
		refusals.Rows = append(refusals.Rows, []cell{{Says: article(c.in, paragraph)},
			{Says: strconv.Itoa(found.Refusals[paragraph])}})
	}
	return c.sheet(sheet{Crumbs: []link{{Says: c.t("audit.title"), Href: "/audit"}}, Lede: c.t("report.lede",
		day(c.in, from), day(c.in, until)), Tables: []listing{exchanged, consents, refusals}},
		view{Title: c.t("audit.report"), Nav: "log"}, nil)
}

func sortedKeys(m map[string]int) []string {
	var out []string
	for key := range m {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// askAccounting are the questions of what an accounting is; an address may answer them beforehand.
func (c *call) askAccounting() []question {
	who := c.askOrganisation("organisation", c.t("audit.organisation"),
		func(o exchange.Organisation) bool { return o.Kind != article4.Operator })
	who.Needed, who.Value = false, c.Query("organisation")
	return []question{
		{Name: "document", Label: c.t("audit.document"), Hint: c.t("audit.document.hint"), Value: c.Query("document")},
		who,
		{Name: "person", Label: c.t("audit.person"), Hint: c.t("audit.person.hint"), Value: c.Query("person")},
		{Name: "consent", Label: c.t("audit.consent"), Hint: c.t("audit.consent.hint"), Value: c.Query("consent")},
		{Name: "from", Label: c.t("audit.from"), Kind: "day", Value: c.Query("from")},
		{Name: "to", Label: c.t("audit.to"), Kind: "day", Value: c.Query("to")},
		{Name: "table", Label: c.t("audit.table"), Hint: c.t("audit.table.hint"), Kind: "tick"},
	}
}

// logAccounting lists who got copies, each with what permitted it; or sends all of them as a table.
func (p *Portal) logAccounting(c *call) error {
	q := exchange.AccountingQuery{
		Paging:   exchange.Paging{Limit: most},
		Document: article4.DocumentID(c.said("document")),
		To:       article4.OrganisationID(c.said("organisation")),
		Person:   article4.PersonID(c.said("person")),
		Consent:  article4.Digest(c.said("consent")),
		Since:    dayIn(c.said("from")),
		Until:    dayIn(c.said("to")),
	}
	if !q.Until.IsZero() {
		q.Until = q.Until.AddDate(0, 0, 1) // the day itself is meant, too
	}
	if c.said("table") == "yes" {
		return p.accountingTable(c, q)
	}
	found, err := p.cfg.Gateway.LogAccounting(c.ctx, c.actor(), q)
	if err != nil {
		return err
	}
	v := view{Title: c.t("audit.accounting"), Nav: "log"}
	body := sheet{Crumbs: []link{{Says: c.t("audit.title"), Href: "/audit"}}, Facts: c.accountedFacts(q)}
	if d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), q.Document); q.Document != "" && err == nil {
		v.Markings, body.Lede = []article4.Marking{d.Marking}, d.Reference
	}
	body.Tables = []listing{c.accountedTable(found.Items)}
	if found.Next != "" {
		body.Notes = []string{c.t("audit.more", most)}
	}
	return c.sheet(body, v, nil)
}

// accountedFacts say of what an accounting is.
func (c *call) accountedFacts(q exchange.AccountingQuery) []fact {
	var out []fact
	add := func(name, says, href string, mono bool) {
		if says != "" {
			out = append(out, fact{Name: c.t(name), Says: says, Href: href, Mono: mono})
		}
	}
	add("audit.document", string(q.Document), "/documents/"+url.PathEscape(string(q.Document)), true)
	if q.To != "" {
		add("audit.organisation", c.known.org(q.To), "", false)
	}
	add("audit.person", string(q.Person), "", true)
	add("audit.consent", string(q.Consent), "", true)
	add("audit.from", c.said("from"), "", false)
	add("audit.to", c.said("to"), "", false)
	return out
}

func (c *call) accountedTable(items []exchange.AccountedDisclosure) listing {
	var ids []article4.PersonID
	for _, one := range items {
		if id := article4.PersonID(one.Person); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if names, err := c.p.cfg.Gateway.Names(c.ctx, c.actor(), ids[:min(len(ids), 100)]); err == nil {
		c.learn(names)
	}
	table := listing{None: c.t("accounting.none"), Columns: []string{c.t("col.when"), c.t("col.document"),
		c.t("col.who"), c.t("col.for"), c.t("col.copy"), c.t("audit.rests")}}
	for _, one := range items {
		rests := cell{Says: c.t("audit.rests.purpose")}
		switch {
		case one.Consent != "":
			rests = cell{Says: c.t("audit.rests.consent"), Href: "/audit?consent=" + url.QueryEscape(one.Consent)}
		case len(one.Authorizations) > 0 || one.Grant != "":
			rests = cell{Says: c.t("audit.rests.authorization")}
		}
		table.Rows = append(table.Rows, []cell{{Says: when(c.in, one.At), Href: "/log/" + one.Entry},
			{Tag: article4.Marking(one.Marking), Says: one.Document, Href: "/documents/" + one.Document, Mono: true},
			{Says: c.who(article4.PersonID(one.Person), article4.OrganisationID(one.To))},
			{Says: c.known.purpose(article4.PurposeCode(one.Purpose)).Label}, {Says: one.CopyNumber, Mono: true},
			rests})
	}
	return table
}

// accountingTable sends every disclosure that fits as comma-separated values. A table that breaks off is torn.
func (p *Portal) accountingTable(c *call, q exchange.AccountingQuery) error {
	w := csv.NewWriter(c.Writer)
	w.UseCRLF = true
	for first := true; first || q.After != ""; first = false {
		found, err := p.cfg.Gateway.LogAccounting(c.ctx, c.actor(), q)
		if err != nil {
			return err
		}
		if first {
			c.Header("Content-Type", "text/csv; charset=utf-8; header=present")
			c.Header("Content-Disposition", `attachment; filename="accounting.csv"`)
			_ = w.Write(exchange.AccountingColumns()) // what cannot be written is said by Flush
		}
		for _, one := range found.Items {
			_ = w.Write(one.Row())
		}
		if w.Flush(); w.Error() != nil {
			return w.Error()
		}
		q.After = found.Next
	}
	return nil
}
