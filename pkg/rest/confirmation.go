package rest

import (
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// getConfirmation answers GET /confirmations/{id}.
func (a *API) getConfirmation(c call, _ none, _ none) (*reply[api.Confirmation], error) {
	found, err := a.gateway.Confirmation(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	if found.Over {
		return nil, &exchange.NotFound{What: "confirmation"}
	}
	state, err := a.stateOf(c, found)
	if err != nil {
		return nil, err
	}
	out := confirmation(found)
	could, applies, err := exchange.Would(c.actor, func(as exchange.Actor) error {
		second := c
		second.actor = as.Confirming(found.ID)
		_, err := a.confirmed(second, found, state, "as supposed")
		return err
	})
	if err != nil {
		return nil, err
	}
	if applies {
		out.Permissions = permittedOn(map[article4.Act]exchange.Permission{"confirm": could}, c)
	}
	return answer(out).tagged(found.ID + separator + state), nil
}

// separator stands between the identifier of what waits and the state of the thing that it is about.
const separator = "/"

// stateOf is what the second person relies on beside what waits, which never changes under its identifier: the document
// whose marking is lowered, the record of the organisation.
func (a *API) stateOf(c call, u exchange.Confirmation) (string, error) {
	switch u.Act {
	case article4.ActMark:
		found, err := a.gateway.Describe(c.ctx, c.actor, u.Document)
		return found.ETag, err
	case article4.ActRecognise:
		found, err := a.gateway.Organisation(c.ctx, c.actor, article4.OrganisationID(u.Subject))
		return found.ETag, err
	}
	return "", nil
}

// confirm answers POST /confirmations/{id}.
func (a *API) confirm(c call, q api.ConfirmParams, in maybe[api.Confirming]) (*reply[api.Confirmed], error) {
	match, err := ifMatch(q.IfMatch)
	if err != nil {
		return nil, err
	}
	if match == "" {
		return nil, web.Fail(web.KindPreconditionRequired, nil)
	}
	found, err := a.gateway.Confirmation(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	id, state, _ := strings.Cut(match, separator)
	if id != found.ID {
		return nil, exchange.ErrChanged
	}
	c.actor = c.actor.Confirming(found.ID)
	at, err := a.confirmed(c, found, state, or(in.Said.Statement))
	if err != nil {
		return nil, err
	}
	done := answer(api.Confirmed{
		Id:           found.ID,
		Act:          api.Act(found.Act),
		Organisation: string(found.Organisation),
		Document:     text(found.Document),
		Version:      text(found.Version),
		Request:      text(found.Request),
		Subject:      text(found.Subject),
	})
	done.location = at
	return done, nil
}

// confirmed does the act as the second person, and tells where the thing is that it was on.
func (a *API) confirmed(c call, u exchange.Confirmation, state, statement string) (at string, err error) {
	switch said := u.Says.(type) {
	case exchange.MarkingChange:
		said.Reason, said.IfMatch = statement, state
		_, _, err = a.gateway.Mark(c.ctx, c.actor, u.Document, said)
		return documentPath(u.Document), err
	case exchange.EntitiesChange:
		said.Reason = statement
		_, _, err = a.gateway.ChangeEntities(c.ctx, c.actor, u.Document, said)
		return documentPath(u.Document), err
	case exchange.FiledAuthorization:
		_, err = a.gateway.ConfirmFiled(c.ctx, c.actor, u.Request, u.ID)
		return requestPath(u.Request), err
	case exchange.Erasure:
		_, err = a.gateway.Erase(c.ctx, c.actor, said)
		return Base + "/erasures", err
	case exchange.DelegationFiled:
		_, err = a.gateway.ConfirmDelegation(c.ctx, c.actor, u.ID)
		return Base + "/arrangement/delegations", err
	case exchange.Designation:
		_, err = a.gateway.ConfirmDesignation(c.ctx, c.actor, u.ID)
		return Base + "/arrangement/focal-points", err
	case exchange.NoticeOfTermination:
		_, err = a.gateway.ConfirmNotice(c.ctx, c.actor)
		return Base + "/arrangement", err
	case exchange.WebhookProposed:
		_, _, err = a.gateway.KeepWebhook(c.ctx, c.actor, said)
		return webhooksPath, err
	case exchange.MandateProposed:
		of := article4.OrganisationID(u.Subject)
		_, _, err = a.gateway.Mandate(c.ctx, c.actor, of, said)
		return mandatesPath(of), err
	case exchange.OrganisationProposed:
		id := article4.OrganisationID(u.Subject)
		_, err = a.gateway.ConfirmOrganisation(c.ctx, c.actor, id, state)
		return organisationPath(id), err
	}
	return a.ended(c, u, statement)
}

// ended confirms the acts that have nothing but a statement.
func (a *API) ended(c call, u exchange.Confirmation, statement string) (at string, err error) {
	switch u.Act {
	case article4.ActDestroy:
		_, err = a.gateway.Destroy(c.ctx, c.actor, u.Document, u.Version, statement)
		return documentPath(u.Document), err
	case article4.ActLift:
		_, _, err = a.gateway.Lift(c.ctx, c.actor, u.Subject, statement)
		return Base + "/suspensions", err
	case article4.ActEndHold:
		_, _, err = a.gateway.EndHold(c.ctx, c.actor, u.Subject, statement)
		return Base + "/holds", err
	}
	return "", &exchange.NotFound{What: "confirmation"}
}
