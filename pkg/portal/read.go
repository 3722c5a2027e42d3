package portal

import (
	"strconv"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// readingPage is a document that is read where it is: its marked pages one below the other.
type readingPage struct {
	exchange.Disclosure
	Reference  string
	Title      string
	Conditions []condition
	Count      int
	Numbers    []int

	Proprietary bool
}

// read answers GET /disclosures/{id}/read. The pictures come one by one, as they come into view.
func (p *Portal) read(c *call) error {
	found, err := p.cfg.Gateway.Pages(c.ctx, c.actor(), of[article4.DisclosureID](c, "id"))
	if err != nil {
		return err
	}
	d := found.Disclosure
	body := readingPage{Disclosure: d, Count: found.Count}
	for n := range found.Count {
		body.Numbers = append(body.Numbers, n+1)
	}
	if doc, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), d.Document); err == nil {
		body.Reference, body.Title, body.Proprietary = doc.Reference, doc.Title, doc.Proprietary
		if _, err := c.directory(); err != nil {
			return err
		}
		terms := opening{Document: doc}
		if err := c.granted(doc, &terms); err != nil {
			return err
		}
		body.Conditions = terms.Conditions
	}
	return c.show("read", view{Title: c.t("read.title"), Nav: "documents", Body: body,
		Markings: []article4.Marking{d.Marking}})
}

// readPage answers GET /disclosures/{id}/pages/{n}: one marked page as a picture.
func (p *Portal) readPage(c *call) error {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return web.Fail(web.KindNotFound, err)
	}
	page, err := p.cfg.Gateway.Page(c.ctx, c.actor(), of[article4.DisclosureID](c, "id"), n)
	if err != nil {
		return err
	}
	c.Data(web.PageShown, "image/png", page.PNG)
	return nil
}
