package portal

import (
	"net/url"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// opening is the page on which a reader says what a document is for.
type opening struct {
	exchange.Document
	Purposes   []exchange.Purpose // those that serve first
	Forms      []article4.Form
	Ground     string
	Conditions []condition
	Accepted   []string // the digests of those that were accepted
	Purpose    string
	Statement  string
	Form       string
	Faults     []fault
	Denied     []missing // why nothing is opened; nil: the reader may
	Step       *step     // the act that takes most of it away
}

// condition is what whoever gave access for a purpose asks of its readers.
type condition struct {
	Purpose exchange.Purpose
	Says    string
	Digest  article4.Digest
}

// openForm answers GET /documents/{id}/open.
func (p *Portal) openForm(c *call) error { return p.showOpening(c, nil) }

func (p *Portal) showOpening(c *call, faults []fault) error {
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), of[article4.DocumentID](c, "id"))
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	body := opening{
		Document:  d,
		Faults:    faults,
		Purpose:   c.said("purpose"),
		Statement: c.said("statement"),
		Form:      c.said("form"),
		Accepted:  c.Request.PostForm["accepts"],
	}
	may := d.Permissions[article4.ActDisclose]
	body.Denied = c.denied(article4.ActDisclose, may)
	if len(body.Denied) > 0 {
		body.Step = c.nextStep(&exchange.Refusal{Act: article4.ActDisclose, Document: d.ID, Request: may.Nearest,
			Reasons: may.Reasons})
	}
	if may.Forms != nil {
		body.Forms = may.Forms.May
		english, french := may.Forms.Ground.Words()
		if body.Ground = english; c.in == web.French {
			body.Ground = french
		}
	}
	if err := c.granted(d, &body); err != nil {
		return err
	}
	v := view{Title: c.t("open.title"), Nav: "documents", Body: body, Markings: []article4.Marking{d.Marking}}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("open", v)
}

// granted fills in what the reader's grants say: the purposes that they are for, and the conditions to be accepted.
// Where one of several grants for a purpose has none, none need be.
func (c *call) granted(d exchange.Document, body *opening) error {
	codes := slices.Clone(d.Purposes)
	free := map[article4.PurposeCode]bool{}
	if c.organisation().ID != d.Discloser {
		found, err := c.p.cfg.Gateway.Requests(c.ctx, c.actor(), exchange.RequestQuery{Box: "for-us", Document: d.ID,
			State: article4.StateInForce, Paging: exchange.Paging{Limit: 20}})
		if err != nil {
			return err
		}
		for i, q := range found.Items {
			if i == 0 {
				codes = nil
			}
			if !slices.Contains(codes, q.Purpose) {
				codes = append(codes, q.Purpose)
			}
			one := condition{c.known.purpose(q.Purpose), q.Conditions, q.ConditionsSHA}
			if one.Digest == "" {
				free[q.Purpose] = true
			} else if !slices.Contains(body.Conditions, one) {
				body.Conditions = append(body.Conditions, one)
			}
		}
	}
	body.Conditions = slices.DeleteFunc(body.Conditions, func(one condition) bool { return free[one.Purpose.Code] })
	for _, code := range codes {
		body.Purposes = append(body.Purposes, c.known.purpose(code))
	}
	if len(body.Purposes) == 1 && body.Purpose == "" {
		body.Purpose = string(body.Purposes[0].Code)
	}
	return nil
}

// open answers POST /documents/{id}/open.
func (p *Portal) open(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	var faults []fault
	if c.said("purpose") == "" {
		faults = append(faults, fault{"purpose", c.t("fault.purpose")})
	}
	if c.said("statement") == "" {
		faults = append(faults, fault{"statement", c.t("fault.statement")})
	}
	accepted, asked := c.accepted()
	if asked && accepted == "" {
		faults = append(faults, fault{"accepts", c.t("fault.accepts")})
	}
	if len(faults) > 0 {
		return p.showOpening(c, faults)
	}
	reading := exchange.Reading{Purpose: article4.PurposeCode(c.said("purpose")), Statement: c.said("statement"),
		Form: article4.Form(c.said("form")), ConditionsSHA256: accepted}
	made, err := p.cfg.Gateway.Disclose(c.ctx, c.actor(), of[article4.DocumentID](c, "id"), reading)
	if err != nil {
		return err
	}
	return c.see("/disclosures/%s", url.PathEscape(string(made.ID)))
}

// accepted are the conditions for the purpose chosen that the reader accepts, of those that the form asked about.
func (c *call) accepted() (digest article4.Digest, asked bool) {
	for _, one := range c.Request.PostForm["conditions"] {
		of, purpose, _ := strings.Cut(one, " ")
		if purpose != c.said("purpose") {
			continue
		}
		asked = true
		if slices.Contains(c.Request.PostForm["accepts"], of) {
			digest = article4.Digest(of)
		}
	}
	return digest, asked
}

// copyPage is one disclosure: being made, to be fetched, or over.
type copyPage struct {
	exchange.Disclosure
	Reference string
	Ground    string
	Reason    *web.Reason
	Told      []string // of the file: what the copy does not keep, and what it can do
	Labelled  bool     // there is a file, and so a label to lie beside it
}

// disclosure answers GET /disclosures/{id}.
func (p *Portal) disclosure(c *call) error {
	d, err := p.cfg.Gateway.Disclosed(c.ctx, c.actor(), of[article4.DisclosureID](c, "id"))
	if err != nil {
		return err
	}
	body := copyPage{Disclosure: d, Told: c.warnings(d.Warnings)}
	if doc, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), d.Document); err == nil {
		body.Reference = doc.Reference
	}
	v := view{Title: c.t("copy.ready"), Nav: "documents", Markings: []article4.Marking{d.Marking}}
	switch {
	case d.State == exchange.CopyInProgress:
		v.Title, v.Reload = c.t("copy.making"), 2
	case d.Reason != "":
		reason := reasonIn(c.in, article4.Reason{Code: d.Reason})
		v.Title, body.Reason = c.t("copy.failed"), &reason
	}
	body.Labelled = d.State != exchange.CopyInProgress && d.Reason == "" && d.Form != article4.View
	v.Body = body
	return c.show("copy", v)
}

// label answers GET /disclosures/{id}/label: what lies beside a copy, and lets anybody check it without the gateway.
func (p *Portal) label(c *call) error {
	d, err := p.cfg.Gateway.Disclosed(c.ctx, c.actor(), of[article4.DisclosureID](c, "id"))
	if err != nil {
		return err
	}
	signed, err := p.cfg.Gateway.Label(c.ctx, c.actor(), d.ID)
	if err != nil {
		return err
	}
	name := d.FileName
	if name == "" {
		name = d.CopyNumber
	}
	c.Header("Content-Disposition", web.Attachment(name+".label.json"))
	c.Data(web.PageShown, "application/json", signed)
	return nil
}

// content answers GET /disclosures/{id}/content: the bytes, by the same way as over the API.
func (p *Portal) content(c *call) error {
	wanted := web.ParseRange(c.GetHeader("Range"))
	delivery, err := p.cfg.Gateway.Content(c.ctx, c.actor(), of[article4.DisclosureID](c, "id"), wanted)
	if err != nil {
		return err
	}
	return web.Sending{
		Transfer:   delivery,
		Disclosure: delivery.Disclosure,
		Partial:    wanted != nil,
		Offset:     delivery.Offset,
		Length:     delivery.Length,
		Logger:     p.cfg.Logger,
	}.Send(c.Context)
}

// fault is something to be mended in a form.
type fault struct{ Field, Says string }

// ofField finds what is wrong with one field.
func ofField(all []fault, field string) string {
	for _, f := range all {
		if f.Field == field {
			return f.Says
		}
	}
	return ""
}

// joinNames lists names.
func joinNames(all []string) string { return strings.Join(all, ", ") }
