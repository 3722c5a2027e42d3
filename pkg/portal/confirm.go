package portal

import (
	"fmt"
	"net/url"

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
	onDocument := one.Act == article4.ActMark || one.Act == article4.ActRemoveEntity || one.Act == article4.ActDestroy
	if one.Over || onDocument && one.Document == "" { // of which the reader may not know
		return sheet{}, view{}, &exchange.NotFound{What: "confirmation"}
	}
	body, v, err := c.plain(c.confirms(one), "confirmations",
		link{Says: c.t("confirmations.title"), Href: "/confirmations"})
	if err != nil {
		return body, v, err
	}
	etag, err := c.begun(&body, &v, one)
	if err != nil {
		return body, v, err
	}
	if one.Mine {
		body.Lede = c.whoConfirms(one)
		if one.Act == article4.ActDeposit && one.By != c.actor().Person() {
			may, err := p.mayDeposit(c)
			if may {
				body.Main = []link{{Says: c.t("deposit.title"), Href: "/documents/new"}}
			}
			return body, v, err
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
		done := string(one.Act)
		if keepsMarking(one) {
			done = "confirmed"
		}
		return fmt.Sprintf("/documents/%s?done=%s", url.PathEscape(string(one.Document)), done), nil
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
