package portal

import (
	"io"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// tracing is the page on which a copy that turned up is traced.
func (p *Portal) tracing() []deed {
	return []deed{
		{"/trace", p.tracePage, p.trace},
	}
}

func (p *Portal) tracePage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("trace.title"), "documents")
	if err != nil {
		return body, v, err
	}
	reasons, _, err := c.would(article4.ActTrace, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.Trace(c.ctx, a, exchange.Clue{Text: "as supposed"})
		return err
	})
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("trace.lede")
	body.Forms = []form{
		{
			Title:  c.t("trace.by-file"),
			Do:     "file",
			Upload: true,
			Denied: reasons,
			Effect: c.t("trace.effect"),

			Button: c.t("trace.button"),
			Questions: []question{{Name: "content", Label: c.t("trace.file"),
				Hint: c.t("trace.file.hint"), Kind: "file", Needed: true}},
		},
		{
			Title:  c.t("trace.by-text"),
			Do:     "text",
			Denied: reasons,
			Effect: c.t("trace.effect"),

			Button: c.t("trace.button"),
			Questions: []question{{Name: "text", Label: c.t("trace.text"),
				Hint: c.t("trace.text.hint"), Kind: "text", Needed: true}},
		},
	}
	if len(reasons) > 0 {
		body.Forms = body.Forms[:1]
	}
	return body, v, nil
}

// trace shows what was found. It is no page to come back to: each asking is an entry.
func (p *Portal) trace(c *call, do string) (string, error) {
	clue := exchange.Clue{Text: c.said("text")}
	if do == "file" {
		clue = exchange.Clue{Content: func() (io.Reader, exchange.ContentPart, error) { return c.sent.content() }}
	}
	found, err := p.cfg.Gateway.Trace(c.ctx, c.actor(), clue)
	if err != nil {
		return "", err
	}
	var ids []article4.PersonID
	for _, one := range found.Found {
		ids = append(ids, one.Person)
	}
	if names, err := p.cfg.Gateway.Names(c.ctx, c.actor(), ids[:min(len(ids), 100)]); err == nil {
		c.learn(names)
	}
	body := sheet{Crumbs: []link{{Says: c.t("trace.title"), Href: "/trace"}},
		Facts: []fact{{Name: c.t("refusal.entry"), Says: found.Entry, Mono: true}},
		Main:  []link{{Says: c.t("trace.again"), Href: "/trace"}}}
	v := view{Title: c.t("trace.found", len(found.Found)), Nav: "documents"}
	if found.SHA256 != "" {
		body.Facts = append(body.Facts, fact{Name: c.t("trace.digest"), Says: string(found.SHA256), Mono: true})
	}
	if len(found.Numbers) > 0 {
		body.Facts = append(body.Facts, fact{Name: c.t("trace.numbers"), Says: strings.Join(found.Numbers, " "),
			Mono: true})
	}
	if found.Unread != "" {
		body.Notes = append(body.Notes, c.t("trace.unread"))
	}
	table := listing{None: c.t("trace.none"), Columns: []string{c.t("col.copy"), c.t("trace.how"), c.t("col.who"),
		c.t("col.document"), c.t("col.for"), c.t("col.when")}}
	for _, one := range found.Found {
		how := cell{Says: c.t("trace." + one.By), Sign: "yes"}
		if one.By == exchange.ByLookAlike {
			how.Sign = "wait"
		}
		table.Rows = append(table.Rows, []cell{{Says: one.CopyNumber, Mono: true, Href: "/log/" + one.Entry}, how,
			{Says: c.who(one.Person, one.Organisation)},
			{Says: one.Reference, Mono: true, Href: "/documents/" + string(one.Document)},
			{Says: c.known.purpose(one.Purpose).Label}, {Says: when(c.in, one.At)}})
		if d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), one.Document); err == nil {
			v.Markings = append(v.Markings, d.Marking)
		}
		if !c.has(article4.RoleAuditor) { // the entry opens to auditors alone
			table.Rows[len(table.Rows)-1][0].Href = ""
		}
	}
	body.Tables = []listing{table}
	return "", c.sheet(body, v, nil)
}
