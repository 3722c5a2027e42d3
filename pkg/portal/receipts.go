package portal

import (
	"strconv"

	"chancery.example/gateway/pkg/article4"
)

// receipts are the pages of what the log says of acts of the reader's own, to which the page of a refusal leads.
func (p *Portal) receipts() []deed {
	return []deed{{"/receipts/:id", p.receiptPage, p.takeReceipt}}
}

func (p *Portal) receiptPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("receipt.title"), "me")
	if err != nil {
		return body, v, err
	}
	e, err := p.cfg.Gateway.EntryOf(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("receipt.lede", c.kind(e.Kind, e.Outcome, e.Step))
	body.Facts = []fact{
		{Name: c.t("refusal.when"), Says: when(c.in, e.At)},
		{Name: c.t("refusal.entry"), Says: e.ID, Mono: true}}
	if e.Number > 0 {
		body.Facts = append(body.Facts, fact{Name: c.t("receipt.number"), Says: strconv.FormatInt(e.Number, 10)})
	}
	body.Facts = append(body.Facts, fact{Name: c.t("receipt.place"), Says: strconv.FormatInt(e.Index+1, 10)},
		fact{Name: c.t("receipt.digest"), Says: e.BodySHA256, Mono: true})
	for _, code := range e.Reasons {
		body.Notes = append(body.Notes, reasonIn(c.in, article4.Reason{Code: code}).Title)
	}
	body.Forms = []form{{Do: "take", Says: c.t("receipt.says"), Button: c.t("receipt.button")}}
	return body, v, nil
}

// takeReceipt shows the proof, to be kept.
func (p *Portal) takeReceipt(c *call, _ string) (string, error) {
	proof, err := p.cfg.Gateway.ReceiptOf(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return "", err
	}
	body, v, err := c.plain(c.t("receipt.proof"), "me",
		link{Says: c.t("receipt.title"), Href: "/receipts/" + c.Param("id")})
	if err != nil {
		return "", err
	}
	body.Lede, body.Named, body.Text = c.t("receipt.kept"), c.t("receipt.proof"), string(proof)
	return "", c.sheet(body, v, nil)
}
