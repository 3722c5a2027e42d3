package rest

import (
	"strings"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// getMe answers GET /me.
func (a *API) getMe(c call, _ none, _ none) (*reply[api.Me], error) {
	self, err := a.gateway.Self(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(api.Me{
		Person:       string(self.Person.ID),
		Name:         self.Person.Name,
		Organisation: organisation(self.Organisation),
		Roles:        each[api.Role](self.Roles),
		Delegations:  listed(self.Delegations, delegation),
		Issuer:       self.Issuer,
		Service:      serviceLimits(self.Service),
		Standing:     standingForSelf(self.Standing),
		Permissions:  *permittedOn(self.Permissions, c),
	}), nil
}

// serviceLimits are absent of a person.
func serviceLimits(in *article4.ServiceLimits) *api.ServiceLimits {
	if in == nil {
		return nil
	}
	return &api.ServiceLimits{Purposes: each[string](in.Purposes), Markings: each[api.Marking](in.Markings)}
}

// standingForSelf is absent where nothing stands for the caller.
func standingForSelf(in []exchange.StandingForSelf) *[]api.StandingForSelf {
	if len(in) == 0 {
		return nil
	}
	out := listed(in, func(s exchange.StandingForSelf) api.StandingForSelf {
		return api.StandingForSelf{
			Series:        string(s.Series),
			Authorization: string(s.Authorization),
			Name:          s.Name,
			Discloser:     string(s.Discloser),
			Recipient:     string(s.Recipient),
			Markings:      each[api.Marking](s.Markings),
			Purpose:       string(s.Purpose),
			Until:         s.Until.UTC(),
			Form:          api.Form(s.Form),
			Named:         s.Named,
		}
	})
	return &out
}

func delegation(d exchange.Delegation) api.Delegation {
	return api.Delegation{
		Id: string(d.ID), Acts: each[api.Act](d.Acts), Since: d.From.UTC(), Until: d.Until.UTC(),
		InstrumentSha256: text(d.Instrument),
	}
}

// getArrangement answers GET /arrangement.
func (a *API) getArrangement(c call, _ none, _ none) (*reply[api.Arrangement], error) {
	arrangement, err := a.gateway.Arrangement(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(api.Arrangement{
		Title:         arrangement.Title,
		Phase:         api.Phase(arrangement.Phase),
		InEffectFrom:  day(arrangement.InEffectFrom),
		NoticeGivenOn: day(or(arrangement.NoticeGiven)),
		EndsOn:        day(lastDay(or(arrangement.EndsAt))),
		Parties:       listed(arrangement.Parties, organisation),
		FocalPoints:   listed(arrangement.FocalPoints, focalPoint),
		Custody:       api.Custody(arrangement.Custody),

		SpecificArrangements: specificArrangements(arrangement.SpecificArrangements),
		NoticeWaiting:        terminationNotice(arrangement.PendingNotice),
		Permissions:          permittedOn(arrangement.Permissions, c),
	}), nil
}

// specificArrangements are absent where there are none.
func specificArrangements(in []exchange.SpecificArrangement) *[]api.SpecificArrangement {
	if len(in) == 0 {
		return nil
	}
	out := listed(in, specificArrangement)
	return &out
}

func specificArrangement(s exchange.SpecificArrangement) api.SpecificArrangement {
	return api.SpecificArrangement{
		Id:               s.ID,
		Title:            s.Title,
		SignedOn:         or(day(s.SignedOn)),
		EndsOn:           day(or(s.EndsOn)),
		InstrumentSha256: text(s.InstrumentSHA256),
		InForce:          s.InForce,
		Purposes:         listed(s.Purposes, purpose),
	}
}

// lastDay is the day whose 24:00 UTC the end is (Article 11(4), reading 0008).
func lastDay(end time.Time) time.Time {
	if end.IsZero() {
		return end
	}
	return end.Add(-time.Nanosecond)
}

func focalPoint(f exchange.FocalPoint) api.FocalPoint {
	return api.FocalPoint{
		Organisation: string(f.Organisation),
		Person:       text(f.Person),
		Name:         text(f.Name),
		DesignatedOn: day(f.DesignatedOn),
		DueBy:        day(f.DueBy),
		Overdue:      f.Overdue,
		Waiting:      designationWaiting(f.Pending),
	}
}

func designationWaiting(d *exchange.PendingDesignation) *api.DesignationWaiting {
	if d == nil {
		return nil
	}
	return &api.DesignationWaiting{
		Subject: d.Subject, Name: d.Name, InstrumentSha256: text(d.InstrumentSHA256), Waiting: *pending(&d.Pending),
	}
}

// listPeople answers GET /people.
func (a *API) listPeople(c call, q api.ListPeopleParams, _ none) (*reply[api.PersonPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.People(c.ctx, c.actor, article4.OrganisationID(or(q.Organisation)), page)
	if err != nil {
		return nil, err
	}
	return answer(api.PersonPage{Items: listed(found.Items, person), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// listNames answers GET /names.
func (a *API) listNames(c call, q api.ListNamesParams, _ none) (*reply[api.PersonPage], error) {
	told, err := a.gateway.Names(c.ctx, c.actor, each[article4.PersonID](strings.Split(q.People, ",")))
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, told, q.Limit, q.After)
	return answer(api.PersonPage{Items: listed(items, person), Next: next}), err
}

func person(p exchange.Person) api.Person {
	return api.Person{Id: string(p.ID), Name: p.Name, Organisation: string(p.Organisation)}
}

// listPurposes answers GET /purposes.
func (a *API) listPurposes(c call, q api.ListPurposesParams, _ none) (*reply[api.PurposePage], error) {
	found, err := a.gateway.Purposes(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, found, q.Limit, q.After)
	return answer(api.PurposePage{Items: listed(items, purpose), Next: next}), err
}

func purpose(p exchange.Purpose) api.Purpose {
	return api.Purpose{
		Code:      string(p.Code),
		Label:     p.Label,
		LabelFr:   optional(p.LabelFR),
		Paragraph: p.Paragraph,
		Open:      p.Open,
	}
}
