package portal

import (
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// notices answers GET /notices.
func (p *Portal) notices(c *call) error {
	found, err := p.cfg.Gateway.Notices(c.ctx, c.actor(), exchange.NoticeQuery{Paging: exchange.Paging{Limit: 50,
		After: c.Query("after")}})
	if err != nil {
		return err
	}
	body := noticeList{Next: found.Next}
	for _, n := range found.Items {
		line := noticeLine{Notice: n, Answers: n.Acknowledged == nil && n.Permissions[article4.ActAcknowledge].Allowed}
		english, french := n.Words()
		if line.Says = english; c.in == web.French {
			line.Says = french
		}
		body.Items = append(body.Items, line)
	}
	return c.show("notices", view{Title: c.t("notices.title"), Nav: "notices", Body: body})
}

type noticeList struct {
	Items []noticeLine
	Next  string
}

// noticeLine is one notice in words; Answers: the reader may answer it.
type noticeLine struct {
	exchange.Notice
	Says    string
	Answers bool
}

// acknowledge answers POST /notices/{id}.
func (p *Portal) acknowledge(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	_, err := p.cfg.Gateway.Acknowledge(c.ctx, c.actor(), c.Param("id"),
		exchange.Acknowledgement{Disposition: c.said("disposition"), Statement: c.said("statement")})
	if err != nil {
		return err
	}
	return c.see("/notices")
}

type waitingLine struct {
	exchange.Confirmation
	Says, By string
}

// confirmations answers GET /confirmations: what was begun and needs a second person.
func (p *Portal) confirmations(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	found, err := p.cfg.Gateway.Confirmations(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return err
	}
	var lines []waitingLine
	for _, one := range found.Items {
		lines = append(lines, c.waitingLine(one))
	}
	return c.show("confirmations", view{Title: c.t("confirmations.title"), Nav: "confirmations", Body: lines})
}

func (c *call) waitingLine(one exchange.Confirmation) waitingLine {
	return waitingLine{one, c.t("confirms." + string(one.Act)), c.who(one.By, c.organisation().ID)}
}

// confirmation answers GET /confirmations/{id}.
func (p *Portal) confirmation(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	one, err := p.cfg.Gateway.Confirmation(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return err
	}
	if one.Over {
		return &exchange.NotFound{What: "confirmation"}
	}
	body := confirming{waitingLine: c.waitingLine(one), Facts: c.facts(one)}
	v := view{Nav: "confirmations", Title: body.Says}
	if one.Document != "" {
		d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), one.Document)
		if err != nil {
			return err
		}
		body.Document, body.ETag = d, d.ETag
		v.Markings = []article4.Marking{d.Marking}
	}
	_, byAPI := one.Says.(exchange.NoticeOfTermination)
	_, alsoByAPI := one.Says.(exchange.OrganisationProposed)
	_, erasure := one.Says.(exchange.Erasure)
	body.Elsewhere = byAPI || alsoByAPI || erasure
	v.Body = body
	return c.show("confirmation", v)
}

// confirming is the page on which a second person confirms.
type confirming struct {
	waitingLine
	Document  exchange.Document
	ETag      string
	Facts     []term // what the first person said, field by field
	Elsewhere bool   // confirmed over the API so far
}

// facts are what the first person said, in words.
func (c *call) facts(one exchange.Confirmation) []term {
	switch said := one.Says.(type) {
	case exchange.MarkingChange:
		return []term{{c.t("confirmation.new-marking"), c.t("marking." + string(said.Marking))}}
	case exchange.EntitiesChange:
		return []term{{c.t("confirmation.removes"), c.known.orgName(said.Remove)}}
	case exchange.FiledAuthorization:
		return []term{{c.t("confirmation.entity"), c.known.orgName(said.Entity)},
			{c.t("confirmation.given-by"), said.GivenBy}, {c.t("confirmation.given-on"), day(c.in, said.GivenOn)},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	case exchange.DelegationFiled:
		return []term{{c.t("confirmation.name"), said.Name},
			{c.t("confirmation.term"), day(c.in, said.From) + " – " + day(c.in, said.Until)},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	case exchange.Designation:
		return []term{{c.t("confirmation.name"), said.Name},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	}
	return nil
}

// instrument is the Arrangement as it stands.
type instrument struct {
	exchange.Arrangement
	Delegations []delegationLine
	Focal       []focalLine
}

type delegationLine struct {
	exchange.DelegationRecord
	Org, Acts string
}

type focalLine struct {
	exchange.FocalPoint
	Org string
}

// arrangement answers GET /arrangement.
func (p *Portal) arrangement(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	body := instrument{Arrangement: c.known.arrangement}
	for _, d := range c.known.officials {
		var acts []string
		for _, a := range d.Acts {
			acts = append(acts, c.t("act-short."+string(a)))
		}
		body.Delegations = append(body.Delegations, delegationLine{d, c.known.org(d.Organisation),
			strings.Join(acts, ", ")})
	}
	for _, f := range c.known.focal {
		body.Focal = append(body.Focal, focalLine{f, c.known.org(f.Organisation)})
	}
	return c.show("arrangement", view{Title: c.t("arrangement.title"), Nav: "arrangement", Body: body})
}

// rules answers GET /rules: the ten paragraphs, word for word.
func (p *Portal) rules(c *call) error {
	return c.show("rules", view{Title: c.t("rules.title"), Nav: "rules", Body: article4.Paragraphs()})
}

// ruled is one paragraph, and every reason that rests on it.
type ruled struct {
	article4.Paragraph
	Reasons []web.Reason
}

// rule answers GET /rules/{paragraph}.
func (p *Portal) rule(c *call) error {
	quote, found := article4.Quote(c.Param("paragraph"))
	if !found {
		return web.Fail(web.KindNotFound, nil)
	}
	body := ruled{Paragraph: quote}
	for _, code := range article4.Codes() {
		if entry, _ := article4.Lookup(code); entry.Paragraph == quote.Number {
			body.Reasons = append(body.Reasons, reasonIn(c.in, article4.Reason{Code: code}))
		}
	}
	return c.show("rule", view{Title: article(c.in, quote.Number), Nav: "rules", Body: body})
}

func (p *Portal) help(c *call) error {
	var focal []focalLine
	if c.session != nil {
		if _, err := c.directory(); err != nil {
			return err
		}
		for _, f := range c.known.focal {
			focal = append(focal, focalLine{f, c.known.orgName(f.Organisation)})
		}
	}
	return c.show("help", view{Title: c.t("help.title"), Nav: "help", Body: focal})
}

func (p *Portal) accessibility(c *call) error {
	return c.show("text", view{Title: c.t("accessibility.title"), Body: strings.Split(c.t("accessibility.text"), "\n")})
}

func (p *Portal) privacy(c *call) error {
	return c.show("text", view{Title: c.t("privacy.title"), Body: strings.Split(c.t("privacy.text"), "\n")})
}

// confirm answers POST /confirmations/{id}: as the second person, what the first began and the page showed.
func (p *Portal) confirm(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	u, err := p.cfg.Gateway.Confirmation(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return err
	}
	actor, reason := c.actor().Confirming(u.ID), c.said("reason")
	to := "/confirmations"
	switch said := u.Says.(type) {
	case exchange.MarkingChange:
		said.Reason, said.IfMatch = reason, c.said("etag")
		_, _, err = p.cfg.Gateway.Mark(c.ctx, actor, u.Document, said)
		to = "/documents/" + string(u.Document) + "?done=mark"
	case exchange.EntitiesChange:
		said.Reason = reason
		_, _, err = p.cfg.Gateway.ChangeEntities(c.ctx, actor, u.Document, said)
	case exchange.FiledAuthorization:
		_, err = p.cfg.Gateway.ConfirmFiled(c.ctx, actor, u.Request, u.ID)
	case exchange.DelegationFiled:
		_, err = p.cfg.Gateway.ConfirmDelegation(c.ctx, actor, u.ID)
	case exchange.Designation:
		_, err = p.cfg.Gateway.ConfirmDesignation(c.ctx, actor, u.ID)
	default:
		err = p.confirmEnd(c, actor, u, reason)
	}
	if err != nil {
		return err
	}
	return c.see("%s", to)
}

// confirmEnd confirms the acts that have nothing but a reason. What has no page yet is confirmed over the API.
func (p *Portal) confirmEnd(c *call, actor exchange.Actor, u exchange.Confirmation, reason string) (err error) {
	switch u.Act {
	case article4.ActDestroy:
		_, err = p.cfg.Gateway.Destroy(c.ctx, actor, u.Document, u.Version, reason)
	case article4.ActLift:
		_, _, err = p.cfg.Gateway.Lift(c.ctx, actor, u.Subject, reason)
	case article4.ActEndHold:
		_, _, err = p.cfg.Gateway.EndHold(c.ctx, actor, u.Subject, reason)
	default:
		err = web.Fail(web.KindNotFound, nil)
	}
	return err
}
