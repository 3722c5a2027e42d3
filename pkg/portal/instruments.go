package portal

import (
	"io"
	"net/url"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// papers are the pages of signed papers: what Delegations, Mandates, designations and filed authorizations rest on.
func (p *Portal) papers() []deed {
	return []deed{{"/instruments", p.instrumentsPage, p.depositInstrument}}
}

func (p *Portal) instrumentsPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("instruments.title"), "arrangement",
		link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("instruments.lede")
	found, err := p.cfg.Gateway.Instruments(c.ctx, c.actor(), exchange.InstrumentQuery{
		SHA256: article4.Digest(c.Query("sha256")), Paging: exchange.Paging{Limit: most, After: c.Query("after")}})
	if err != nil {
		return body, v, err
	}
	c.without(found.LeftOut)
	table := listing{None: c.t("instruments.none"), Columns: []string{c.t("instruments.paper"),
		c.t("col.organisation"), c.t("instruments.deposited"), c.t("instruments.until")}}
	for _, i := range found.Items {
		until := cell{Says: c.t("instruments.named"), Sign: "yes"}
		if !i.ExpiresAt.IsZero() {
			until = cell{Says: c.t("instruments.waits", when(c.in, i.ExpiresAt)), Sign: "wait"}
		}
		table.Rows = append(table.Rows, []cell{
			{Says: c.paperName(i), Under: string(i.SHA256), Href: "/instruments/" + url.PathEscape(i.ID)},
			{Says: c.known.org(i.Organisation)}, {Says: when(c.in, i.DepositedAt)}, until})
	}
	table.Older = c.older("/instruments", found.Next)
	body.Tables = []listing{table}
	request := article4.RequestID(c.Query("request"))
	reasons, told, err := c.would(article4.ActDepositInstrument, func(a exchange.Actor) error {
		_, err := p.cfg.Gateway.DepositInstrument(c.ctx, a, exchange.InstrumentDeposit{Request: request}, nil)
		return err
	})
	if err != nil || !told {
		return body, v, err
	}
	f := form{
		Title:  c.t("instruments.deposit"),
		Do:     "deposit",
		Upload: true,
		Denied: reasons,
		Button: c.t("instruments.button"),
		Effect: c.t("instruments.effect"),
		Back:   "/arrangement",
		Questions: []question{{Name: "content", Label: c.t("instruments.file"), Hint: c.t("instruments.file.hint"),
			Kind: "file", Needed: true}},
	}
	if request != "" {
		f.Says, f.Back = c.t("instruments.for-request"), "/requests/"+url.PathEscape(string(request))
		f.Action = "/instruments?request=" + url.QueryEscape(string(request))
	}
	body.Forms = []form{f}
	return body, v, nil
}

func (p *Portal) depositInstrument(c *call, _ string) (string, error) {
	request := article4.RequestID(c.Query("request"))
	_, err := p.cfg.Gateway.DepositInstrument(c.ctx, c.actor(), exchange.InstrumentDeposit{Request: request},
		func() (io.Reader, exchange.ContentPart, error) { return c.sent.content() })
	if err != nil {
		return "", err
	}
	if request != "" {
		return "/requests/" + url.PathEscape(string(request)) + "/file?done=instrument", nil
	}
	return "/instruments?done=instrument", nil
}

// instrument answers GET /instruments/{id}: the paper itself, to be kept as a file.
func (p *Portal) instrument(c *call) error {
	i, paper, err := p.cfg.Gateway.InstrumentContent(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return err
	}
	name := i.FileName
	if name == "" {
		name = i.ID
	}
	c.Header("Content-Disposition", web.Attachment(name))
	c.Data(web.PageShown, i.MediaType, paper)
	return nil
}

// paperName is what a paper is called: by its file, or to the other Party by its identifier.
func (c *call) paperName(i exchange.Instrument) string {
	if i.FileName != "" {
		return i.FileName
	}
	return i.ID
}

// askInstrument lets the reader choose among the papers that lie here, for one request or for none, and leads to where
// one is deposited.
func (c *call) askInstrument(request article4.RequestID) (question, error) {
	q := question{
		Name:   "instrument_sha256",
		Label:  c.t("ask.instrument"),
		Hint:   c.t("ask.instrument.hint"),
		Kind:   "one",
		Needed: true,
		None:   c.t("ask.instrument.none"),
		More:   link{Says: c.t("instruments.deposit"), Href: "/instruments"},
	}
	if request != "" {
		q.More.Href += "?request=" + url.QueryEscape(string(request))
	}
	found, err := c.p.cfg.Gateway.Instruments(c.ctx, c.actor(),
		exchange.InstrumentQuery{Paging: exchange.Paging{Limit: most}})
	for _, i := range found.Items {
		if i.Organisation == c.organisation().ID && i.Request == request {
			q.Options = append(q.Options, option{Value: string(i.SHA256), Says: c.paperName(i),
				Hint: c.t("instruments.option", when(c.in, i.DepositedAt), c.who(i.Person, i.Organisation))})
		}
	}
	return q, err
}
