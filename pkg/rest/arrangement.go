package rest

import (
	"context"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// GetMe answers GET /me.
func (a *API) GetMe(ctx context.Context, _ GetMeRequestObject) (GetMeResponseObject, error) {
	c := callOf(ctx)
	self, err := a.gateway.Self(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return GetMe200JSONResponse{
		Person:       string(self.Person.ID),
		Name:         self.Person.Name,
		Organisation: organisation(self.Organisation),
		Roles:        each[api.Role](self.Roles),
		Delegations:  listed(self.Delegations, delegation),
		Issuer:       self.Issuer,
	}, nil
}

func delegation(d exchange.Delegation) api.Delegation {
	return api.Delegation{
		Id: string(d.ID), Acts: each[api.Act](d.Acts), From: d.From.UTC(), Until: d.Until.UTC(), InstrumentSha256: text(d.Instrument),
	}
}

// GetArrangement answers GET /arrangement.
func (a *API) GetArrangement(ctx context.Context, _ GetArrangementRequestObject) (GetArrangementResponseObject, error) {
	c := callOf(ctx)
	arrangement, err := a.gateway.Arrangement(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return GetArrangement200JSONResponse{
		Title:         arrangement.Title,
		Phase:         api.Phase(arrangement.Phase),
		InEffectFrom:  day(arrangement.InEffectFrom),
		NoticeGivenOn: day(or(arrangement.NoticeGiven)),
		EndsOn:        day(lastDay(or(arrangement.EndsAt))),
		Parties:       listed(arrangement.Parties, organisation),
		FocalPoints:   listed(arrangement.FocalPoints, focalPoint),
		Custody:       api.Custody(arrangement.Custody),

		SpecificArrangements: specificArrangements(arrangement.SpecificArrangements),
		NoticeWaiting:        terminationNotice(arrangement.NoticeWaiting),
	}, nil
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
		Id: s.ID, Title: s.Title, SignedOn: or(day(s.SignedOn)), EndsOn: day(or(s.EndsOn)), InstrumentSha256: text(s.InstrumentSHA256),
		InForce: s.InForce, Purposes: listed(s.Purposes, purpose),
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
		Organisation: string(f.Organisation), Person: text(f.Person), Name: text(f.Name),
		DesignatedOn: day(f.DesignatedOn), DueBy: day(f.DueBy), Overdue: f.Overdue, Waiting: designationWaiting(f.Waiting),
	}
}

func designationWaiting(d *exchange.DesignationWaiting) *api.DesignationWaiting {
	if d == nil {
		return nil
	}
	return &api.DesignationWaiting{
		Subject: d.Subject, Name: d.Name, InstrumentSha256: text(d.InstrumentSHA256), Pending: *pending(&d.Pending),
	}
}

// ListPeople answers GET /people.
func (a *API) ListPeople(ctx context.Context, in ListPeopleRequestObject) (ListPeopleResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.People(c.ctx, c.actor, article4.OrganisationID(or(in.Params.Organisation)), page)
	if err != nil {
		return nil, err
	}
	return ListPeople200JSONResponse{Items: listed(found.Items, person), Next: text(found.Next)}, nil
}

func person(p exchange.Person) api.Person {
	return api.Person{Id: string(p.ID), Name: p.Name, Organisation: string(p.Organisation)}
}

// ListPurposes answers GET /purposes.
func (a *API) ListPurposes(ctx context.Context, _ ListPurposesRequestObject) (ListPurposesResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.Purposes(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return ListPurposes200JSONResponse{Items: listed(found, purpose)}, nil
}

func purpose(p exchange.Purpose) api.Purpose {
	return api.Purpose{Code: string(p.Code), Label: p.Label, Paragraph: p.Paragraph, Open: p.Open}
}
