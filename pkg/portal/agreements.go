package portal

import (
	"net/url"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

type agreementLine struct {
	exchange.Agreement
	Of, By string
}

type agreementList struct {
	Lines []agreementLine
	Older string
}

// agreements answers GET /agreements.
func (p *Portal) agreements(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	found, err := p.cfg.Gateway.Agreements(c.ctx, c.actor(), exchange.Paging{Limit: 50, After: c.Query("after")})
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	body := agreementList{Older: c.onward("after", found.Next)}
	for _, a := range found.Items {
		body.Lines = append(body.Lines, agreementLine{a, c.known.org(a.Organisation), c.known.org(a.ProposedBy)})
	}
	return c.show("agreements", view{Title: c.t("agreements.title"), Nav: "agreements", Body: body})
}

// ceremony is the page on which an agreement is read whole, and signed: the text of the agreement first, then, once the
// signer has said who they are, the text of the signature itself.
type ceremony struct {
	agreementLine
	Signs, Declines           bool
	DeclinedBy                string
	Name, Function, Authority string
	Accepts                   bool
	Faults                    []fault
	Done                      string
	Head                      string // of the signature's canonical text, while it is shown
	Lines                     []canonLine
	Digest                    article4.Digest
	Changed                   bool // it was another when the signer read it
}

// Fault is what is wrong with a field.
func (a ceremony) Fault(field string) string { return ofField(a.Faults, field) }

// agreement answers GET /agreements/{id}.
func (p *Portal) agreement(c *call) error { return p.showAgreement(c, nil, nil) }

func (p *Portal) showAgreement(c *call, faults []fault, text *exchange.CanonicalText) error {
	a, err := p.cfg.Gateway.DescribeAgreement(c.ctx, c.actor(), of[article4.AgreementID](c, "id"))
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	body := ceremony{
		agreementLine: agreementLine{a, c.known.org(a.Organisation), c.known.org(a.ProposedBy)},

		Signs: a.State == "unsigned" && a.Organisation == c.organisation().ID && c.has(article4.RoleFocalPoint),

		Name:      c.session.Name,
		Function:  c.said("function"),
		Authority: c.said("authority"),
		Accepts:   c.said("accepts") != "",
		Faults:    faults,
	}
	if c.said("name") != "" {
		body.Name = c.said("name")
	}
	if text != nil {
		body.Digest, body.Changed = text.SHA256, c.said("signs") != ""
		body.Head, body.Lines = c.signatureLines(text.Text)
	}
	if done := c.justDone(); done == "signed" || done == "declined" {
		body.Done = c.t("done." + done)
	}
	body.Declines = c.declines(a)
	if a.Declined != nil {
		body.DeclinedBy = c.who(a.Declined.By, a.Organisation)
	}
	v := view{Title: c.t("agreement.title", body.Of), Nav: "agreements", Body: body}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("agreement", v)
}

// declines reports whether the reader could decline a text, at once or after a fresh sign-in.
func (c *call) declines(a exchange.Agreement) bool {
	may, told := a.Permissions[article4.ActDecline]
	return told && len(c.denied(article4.ActDecline, may)) == 0
}

// declining is the act of a third party that does not sign.
func (p *Portal) declining() []deed {
	return []deed{{"/agreements/:id/decline", p.declinePage, p.decline}}
}

func (p *Portal) declinePage(c *call) (sheet, view, error) {
	a, err := p.cfg.Gateway.DescribeAgreement(c.ctx, c.actor(), of[article4.AgreementID](c, "id"))
	if err != nil {
		return sheet{}, view{}, err
	}
	body, v, err := c.plain("", "agreements", link{Says: c.t("nav.agreements"), Href: "/agreements"})
	if err != nil {
		return body, v, err
	}
	by, at := c.known.org(a.ProposedBy), "/agreements/"+url.PathEscape(string(a.ID))
	v.Title = c.t("decline.page", by)
	body.Crumbs = append(body.Crumbs, link{Says: c.t("agreement.title", c.known.org(a.Organisation)), Href: at})
	body.State = c.t("agreement." + a.State)
	may, told := a.Permissions[article4.ActDecline]
	if !told {
		return body, v, nil
	}
	body.Forms = []form{{
		Do:        "decline",
		Says:      c.t("decline.says"),
		Questions: []question{c.askWhy()},
		Effect:    c.t("decline.effect", by),
		Button:    c.t("decline.button"),
		Warn:      true,
		Fresh:     true,
		Denied:    c.denied(article4.ActDecline, may),
		Back:      at,
	}}
	return body, v, nil
}

func (p *Portal) decline(c *call, _ string) (string, error) {
	id := of[article4.AgreementID](c, "id")
	_, err := p.cfg.Gateway.Decline(c.ctx, c.actor(), id, c.said("reason"))
	return "/agreements/" + url.PathEscape(string(id)) + "?done=declined", err
}

func (c *call) signatureLines(text string) (head string, lines []canonLine) {
	head, lines = canonical(text)
	for i := range lines {
		switch one := &lines[i]; one.Name {
		case "signature", "agreement sha-256":
			one.Key = true
		case "signatory":
			one.Gloss = c.t("canon.signatory", c.session.Name)
		}
	}
	return head, lines
}

// sign answers POST /agreements/{id}: what would be signed is shown first, whole; then it is signed, by a fresh sign-in
// for exactly that text.
func (p *Portal) sign(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	var faults []fault
	for _, field := range []string{"name", "function", "authority", "accepts"} {
		if c.said(field) == "" {
			says := c.t("fault." + field)
			if field == "accepts" {
				says = c.t("fault.agreement")
			}
			faults = append(faults, fault{field, says})
		}
	}
	if len(faults) > 0 {
		return p.showAgreement(c, faults, nil)
	}
	text, err := p.cfg.Gateway.DraftSignature(c.ctx, c.actor(), of[article4.AgreementID](c, "id"), c.signing())
	if err != nil {
		return err
	}
	if text.SHA256 != article4.Digest(c.said("signs")) {
		return p.showAgreement(c, nil, &text)
	}
	return p.stepUp(c, text.Nonce, "/agreements/"+c.Param("id"))
}

func (c *call) signing() exchange.Signing {
	return exchange.Signing{
		SHA256:    article4.Digest(c.said("text")),
		Name:      c.said("name"),
		Function:  c.said("function"),
		Authority: c.said("authority"),
		Accepts:   c.said("accepts") != "",
	}
}

// signedAgreement signs, once its own person has signed in for it: that sign-in is the evidence of the signature.
func (p *Portal) signedAgreement(c *call, id string, idToken string) error {
	s := c.signing()
	s.Evidence = exchange.EvidenceGiven{Kind: article4.EvidenceOIDC, IDToken: idToken}
	if _, err := p.cfg.Gateway.Sign(c.ctx, c.actor(), article4.AgreementID(id), s); err != nil {
		return err
	}
	return c.see("/agreements/%s?done=signed", url.PathEscape(id))
}
