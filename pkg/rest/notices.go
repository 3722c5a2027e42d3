package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// listNotices answers GET /notices.
func (a *API) listNotices(c call, q api.ListNoticesParams, _ none) (*reply[api.NoticePage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Notices(c.ctx, c.actor, exchange.NoticeQuery{Paging: page, Unanswered: q.State != nil,
		Document: named[article4.DocumentID](q.Document), Kind: named[string](q.Kind)})
	if err != nil {
		return nil, err
	}
	return answer(api.NoticePage{Items: listed(found.Items, c.notice), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// getWaiting answers GET /waiting.
func (a *API) getWaiting(c call, _ none, _ none) (*reply[api.WaitingFor], error) {
	n, err := a.gateway.Waiting(c.ctx, c.actor)
	return answer(waitingFor(n)), err
}

func waitingFor(n exchange.Waiting) api.WaitingFor {
	return api.WaitingFor{
		ToDecide:         n.ToDecide,
		ToDecideSoon:     n.ToDecideSoon,
		Questions:        n.Questions,
		Confirmations:    n.Confirmations,
		Notices:          n.Notices,
		AgreementsToSign: n.AgreementsToSign,
		EndingSoon:       n.EndingSoon,
		Overdue:          n.Overdue,
	}
}

// acknowledgeNotice answers POST /notices/{id}/acknowledgement.
func (a *API) acknowledgeNotice(c call, _ none, in api.Acknowledging) (*reply[api.Notice], error) {
	said := exchange.Acknowledgement{Disposition: named[string](in.Disposition), Statement: or(in.Statement)}
	for _, one := range or(in.Copies) {
		said.Copies = append(said.Copies, exchange.CopyAnswer{Number: one.CopyNumber,
			Disposition: string(one.Disposition), Statement: or(one.Statement)})
	}
	answered, err := a.gateway.Acknowledge(c.ctx, c.actor, c.param("id"), said)
	if err != nil {
		return nil, err
	}
	return answer(c.notice(answered)), nil
}

// notice words a notice in the language of whoever reads it.
func (c call) notice(n exchange.Notice) api.Notice {
	said, french := n.Words()
	if c.language == web.French {
		said = french
	}
	out := api.Notice{
		Id:          n.ID,
		Kind:        api.NoticeKind(n.Kind),
		Document:    text(n.Document),
		Reference:   text(n.Reference),
		Request:     text(n.Request),
		Subject:     text(n.Subject),
		To:          string(n.To),
		Person:      text(n.Person),
		CopyNumbers: each[string](n.CopyNumbers),
		Text:        said,
		At:          n.At.UTC(),
		Permissions: permittedOn(n.Permissions, c),
	}
	if k := n.Acknowledged; k != nil {
		out.Acknowledged = &api.Acknowledgement{
			By: string(k.By), At: k.At.UTC(), Disposition: api.Disposition(k.Disposition), Statement: text(k.Statement),
		}
	}
	if len(n.Answers) > 0 {
		answers := listed(n.Answers, copyAnswer)
		out.Answers = &answers
	}
	return out
}

func copyAnswer(a exchange.CopyAnswer) api.CopyAnswer {
	return api.CopyAnswer{
		CopyNumber:  a.Number,
		Disposition: api.Disposition(a.Disposition),
		Statement:   text(a.Statement),
		By:          string(a.By),
		At:          a.At.UTC(),
	}
}

// getNotifications answers GET /me/notifications.
func (a *API) getNotifications(c call, _ none, _ none) (*reply[api.Notifications], error) {
	out, err := a.gateway.Notifications(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(notifications(out)), nil
}

// putNotifications answers PUT /me/notifications.
func (a *API) putNotifications(c call, _ none, in api.NotificationSettings) (*reply[api.Notifications], error) {
	out, err := a.gateway.SetNotifications(c.ctx, c.actor, exchange.Notifications{Mail: string(in.Mail),
		Courtesy: in.Courtesy, Language: string(in.Language)})
	if err != nil {
		return nil, err
	}
	return answer(notifications(out)), nil
}

func notifications(n exchange.Notifications) api.Notifications {
	return api.Notifications{Mail: api.MailSetting(n.Mail), Courtesy: n.Courtesy,
		Language: api.MailLanguage(n.Language), Address: text(n.Address), BouncedAt: instant(or(n.Bounced))}
}

// listSuspensions answers GET /suspensions.
func (a *API) listSuspensions(c call, q api.ListSuspensionsParams, _ none) (*reply[api.SuspensionPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Suspensions(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.SuspensionPage{Items: listed(found.Items, c.suspension), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// suspend answers POST /suspensions.
func (a *API) suspend(c call, _ none, in api.Suspending) (*reply[api.Suspension], error) {
	made, err := a.gateway.Suspend(c.ctx, c.actor, exchange.Suspension{
		Document: named[article4.DocumentID](in.Document), Person: named[article4.PersonID](in.Person),
		Organisation: named[article4.OrganisationID](in.Organisation), Reason: in.Statement,
	})
	if err != nil {
		return nil, err
	}
	return answerMade(c.suspension(made), Base+"/suspensions"), nil
}

// endSuspension answers POST /suspensions/{id}/ending.
func (a *API) endSuspension(c call, _ none, in api.Justification) (*reply[api.Suspension], error) {
	lifted, waits, err := a.gateway.Lift(c.ctx, c.actor, c.param("id"), in.Statement)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Suspension](*waits), nil
	}
	return answer(c.suspension(lifted)), nil
}

func (c call) suspension(s exchange.Suspension) api.Suspension {
	return api.Suspension{
		Id:             s.ID,
		Document:       text(s.Document),
		Person:         text(s.Person),
		Organisation:   text(s.Organisation),
		Statement:      s.Reason,
		By:             string(s.By),
		ByOrganisation: string(s.ByOrg),
		At:             s.At.UTC(),
		EndedAt:        instant(or(s.LiftedAt)),
		Waiting:        pending(s.Pending),
		Permissions:    permittedOn(s.Permissions, c),
		LogEntry:       text(s.Entry),
	}
}
