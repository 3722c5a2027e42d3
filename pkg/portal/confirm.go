package portal

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// confirming is the page on which a second person confirms what a first one began: field by field, as it was said.
func (p *Portal) confirming() []deed {
	return []deed{{"/confirmations/:id", p.confirmationPage, p.confirm}}
}

func (p *Portal) confirmationPage(c *call) (sheet, view, error) {
	one, err := p.cfg.Gateway.Confirmation(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return sheet{}, view{}, err
	}
	if one.Over {
		return sheet{}, view{}, &exchange.NotFound{What: "confirmation"}
	}
	body, v, err := c.plain(c.t("confirms."+string(one.Act)), "confirmations",
		link{Says: c.t("confirmations.title"), Href: "/confirmations"})
	if err != nil {
		return body, v, err
	}
	body.Facts = []fact{{Name: c.t("confirmation.begun"), Says: c.who(one.By, one.Organisation) + ", " +
		when(c.in, one.At)}}
	etag := ""
	if one.Document != "" {
		d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), one.Document)
		if err != nil {
			return body, v, err
		}
		etag, body.Tag, v.Markings = d.ETag, d.Marking, []article4.Marking{d.Marking}
		body.Facts = append(body.Facts, fact{Name: c.t("request.document"), Href: "/documents/" + string(d.ID),
			Says: orTitle(c, d.Title) + " (" + d.Reference + ")"})
	}
	if one.Request != "" {
		body.Facts = append(body.Facts, fact{Name: c.t("col.request"), Says: c.t("confirmation.see-request"),
			Href: "/requests/" + string(one.Request)})
	}
	for _, said := range c.facts(one) {
		f := fact{Name: said.Value, Says: said.Says, Mono: isDigest(said.Says)}
		if f.Mono { // of the paper: whoever confirms opens it first
			f.Href = "/instruments?sha256=" + said.Says
		}
		body.Facts = append(body.Facts, f)
	}
	if _, erases := one.Says.(exchange.Erasure); erases {
		basis, err := c.basisOf(one.ID)
		if err != nil {
			return body, v, err
		}
		body.Facts = append(body.Facts, fact{Name: c.t("erasures.basis"), Says: basis})
	}
	body.Facts = append(body.Facts, fact{Name: c.t("confirmation.until"), Says: when(c.in, one.ExpiresAt)})
	if o, proposed := one.Says.(exchange.OrganisationProposed); proposed {
		if etag, err = c.proposalOf(&body, one, o); err != nil {
			return body, v, err
		}
	}
	if err := c.saidOfLowering(&body, one); err != nil {
		return body, v, err
	}
	if one.Mine {
		if body.Lede = c.t("confirmation.mine"); one.By != c.actor().Person() {
			body.Lede = c.t("third.mine")
		}
		return body, v, nil
	}
	body.Lede = c.t("confirmation.second")
	reasons, _, err := c.would(one.Act, func(a exchange.Actor) error {
		return p.confirmAs(c, a, one, "as supposed", etag)
	})
	if err != nil {
		return body, v, err
	}
	if len(reasons) > 0 {
		body.Lede = c.t("confirmation.not-you")
	}
	body.Forms = []form{{
		Do:     "confirm",
		Fresh:  true,
		Denied: reasons,
		Effect: c.t("confirmation.effect"),

		Button:    c.t("confirmation.button"),
		Back:      "/confirmations",
		Questions: []question{c.askWhy()},

		Hidden: []fact{{Name: "etag", Says: etag}},
	}}
	switch one.Says.(type) { // what says everything by itself takes no reason of the second
	case exchange.FiledAuthorization, exchange.DelegationFiled, exchange.Designation, exchange.NoticeOfTermination,
		exchange.OrganisationProposed, exchange.MandateProposed, exchange.Erasure, exchange.WebhookProposed:
		body.Forms[0].Questions = nil
	}
	return body, v, nil
}

func isDigest(s string) bool { return len(s) == 64 && !strings.Contains(s, " ") }

// proposalOf shows a third party as the other Party proposed it.
func (c *call) proposalOf(body *sheet, one exchange.Confirmation, said exchange.OrganisationProposed) (string, error) {
	id := said.Changes
	if id == "" {
		id = article4.OrganisationID(one.Subject)
	}
	o, err := c.p.cfg.Gateway.Organisation(c.ctx, c.actor(), id)
	if err == nil && o.Proposal != nil {
		c.proposal(body, o, nil)
		body.Forms, body.Notes = nil, nil
	}
	return o.ETag, err
}

// saidOfLowering shows what the entities concerned said of a marking that would be lowered.
func (c *call) saidOfLowering(body *sheet, one exchange.Confirmation) error {
	if one.Act != article4.ActMark {
		return nil
	}
	l, err := c.p.cfg.Gateway.DescribeLowering(c.ctx, c.actor(), one.ID)
	if absent(err) {
		return nil // it was put to nobody
	}
	if err == nil {
		body.Facts = append(body.Facts, fact{Name: c.t("lowering.said"), Says: c.t("lowering.count", len(l.Decisions)),
			Href: "/lowerings/" + l.ID})
	}
	return err
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
		if said.Ends != "" {
			return []term{{c.t("confirmation.ends"), c.delegationName(said.Ends)},
				{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
		}
		var acts []string
		for _, act := range said.Acts {
			acts = append(acts, c.t("act-short."+string(act)))
		}
		return []term{{c.t("confirmation.name"), said.Name}, {c.t("official.subject"), said.Subject},
			{c.t("col.may"), strings.Join(acts, ", ")},
			{c.t("confirmation.term"), day(c.in, said.From) + " – " + day(c.in, said.Until.Add(-time.Second))},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	case exchange.WebhookProposed:
		return []term{{c.t("webhooks.address"), said.Address}}
	case exchange.Designation:
		return []term{{c.t("confirmation.name"), said.Name}, {c.t("official.subject"), said.Subject},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	case exchange.MandateProposed:
		return []term{{c.t("col.third-party"), c.known.orgName(article4.OrganisationID(one.Subject))},
			{c.t("confirmation.name"), said.Name}, {c.t("official.subject"), said.Subject},
			{c.t("sign.function"), said.Function}, {c.t("mandates.authority"), said.Authority},
			{c.t("delegate.until"), day(c.in, said.Until.Add(-time.Second))},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	case exchange.NoticeOfTermination:
		return []term{{c.t("notice.day"), day(c.in, said.GivenOn)}, {c.t("notice.statement"), said.Statement}}
	case exchange.Erasure:
		if said.Person != "" {
			return []term{{c.t("erasures.who"), c.who(said.Person, "")}}
		}
		return []term{{c.t("erasures.entry"), said.Entry}, {c.t("erasures.which"), said.Field}}
	}
	return nil
}

// basisOf is the legal basis that the first of two signatories gave for an erasure: the second says the same.
func (c *call) basisOf(pending string) (string, error) {
	all, err := c.p.cfg.Gateway.Erasures(c.ctx, c.actor())
	for _, one := range all {
		if one.Pending != nil && one.Pending.ID == pending {
			return one.LegalBasis, nil
		}
	}
	return "", err
}

func (c *call) delegationName(id article4.DelegationID) string {
	for _, d := range c.known.officials {
		if d.ID == id && d.Ends == "" {
			return d.Name
		}
	}
	return short(id)
}

// confirm does, as the second person, what the first began and the page showed.
func (p *Portal) confirm(c *call, _ string) (string, error) {
	one, err := p.cfg.Gateway.Confirmation(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return "", err
	}
	if err := p.confirmAs(c, c.actor(), one, c.said("reason"), c.said("etag")); err != nil {
		return "", err
	}
	switch {
	case one.Act == article4.ActGiveNotice:
		return "/arrangement/wind-down", nil
	case one.Act == article4.ActMark || one.Act == article4.ActDestroy:
		return fmt.Sprintf("/documents/%s?done=%s", url.PathEscape(string(one.Document)), one.Act), nil
	}
	return "/confirmations?done=confirmed", nil
}

// confirmAs calls the verb that a confirmation is of, with what the first person said.
func (p *Portal) confirmAs(c *call, a exchange.Actor, one exchange.Confirmation, reason, etag string) (err error) {
	a = a.Confirming(one.ID)
	switch said := one.Says.(type) {
	case exchange.MarkingChange:
		said.Reason, said.IfMatch = reason, etag
		_, _, err = p.cfg.Gateway.Mark(c.ctx, a, one.Document, said)
	case exchange.EntitiesChange:
		said.Reason = reason
		_, _, err = p.cfg.Gateway.ChangeEntities(c.ctx, a, one.Document, said)
	case exchange.FiledAuthorization:
		_, err = p.cfg.Gateway.ConfirmFiled(c.ctx, a, one.Request, one.ID)
	case exchange.DelegationFiled:
		_, err = p.cfg.Gateway.ConfirmDelegation(c.ctx, a, one.ID)
	case exchange.WebhookProposed:
		_, _, err = p.cfg.Gateway.KeepWebhook(c.ctx, a, said)
	case exchange.Designation:
		_, err = p.cfg.Gateway.ConfirmDesignation(c.ctx, a, one.ID)
	case exchange.NoticeOfTermination:
		_, err = p.cfg.Gateway.ConfirmNotice(c.ctx, a)
	case exchange.OrganisationProposed:
		id := said.Changes
		if id == "" {
			id = article4.OrganisationID(one.Subject)
		}
		_, err = p.cfg.Gateway.ConfirmOrganisation(c.ctx, a, id, etag)
	case exchange.MandateProposed:
		_, _, err = p.cfg.Gateway.Mandate(c.ctx, a, article4.OrganisationID(one.Subject), said)
	case exchange.Erasure:
		if said.LegalBasis == "" {
			said.LegalBasis, err = c.basisOf(one.ID)
		}
		if err != nil {
			return err
		}
		_, err = p.cfg.Gateway.Erase(c.ctx, a, said)
	default:
		err = p.confirmPlain(c, a, one, reason)
	}
	return err
}

// confirmPlain confirms the acts that have nothing but a reason.
func (p *Portal) confirmPlain(c *call, a exchange.Actor, one exchange.Confirmation, reason string) (err error) {
	switch one.Act {
	case article4.ActDestroy:
		_, err = p.cfg.Gateway.Destroy(c.ctx, a, one.Document, one.Version, reason)
	case article4.ActLift:
		_, _, err = p.cfg.Gateway.Lift(c.ctx, a, one.Subject, reason)
	case article4.ActEndHold:
		_, _, err = p.cfg.Gateway.EndHold(c.ctx, a, one.Subject, reason)
	default:
		err = web.Fail(web.KindNotFound, nil)
	}
	return err
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
