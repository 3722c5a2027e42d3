package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listOffices answers GET /offices.
func (a *API) listOffices(c call, q api.ListOfficesParams, _ none) (*reply[api.OfficePage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Offices(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.OfficePage{Items: listed(found.Items, office), Next: c.next(found.Next)}), nil
}

// openOffice answers POST /offices.
func (a *API) openOffice(c call, _ none, in api.OfficeOpened) (*reply[api.Office], error) {
	made, err := a.gateway.OpenOffice(c.ctx, c.actor, exchange.OfficeOpened{Name: in.Name,
		Members: each[article4.PersonID](or(in.Members))})
	if err != nil {
		return nil, err
	}
	return answerMade(office(made), Base+"/offices"), nil
}

// changeOffice answers POST /offices/{id}/members.
func (a *API) changeOffice(c call, _ none, in api.OfficeChange) (*reply[api.Office], error) {
	changed, err := a.gateway.ChangeOffice(c.ctx, c.actor, c.param("id"), exchange.OfficeChange{
		Add: each[article4.PersonID](or(in.Add)), Remove: each[article4.PersonID](or(in.Remove))})
	if err != nil {
		return nil, err
	}
	return answer(office(changed)), nil
}

func office(o exchange.Office) api.Office {
	out := api.Office{Id: o.ID, Organisation: string(o.Organisation), Name: o.Name, Empty: o.Empty,
		LogEntry: text(o.Entry)}
	if len(o.Members) > 0 {
		members := each[string](o.Members)
		out.Members = &members
	}
	return out
}
