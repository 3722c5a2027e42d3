package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// GiveNotice answers POST /arrangement/notice.
func (a *API) GiveNotice(ctx context.Context, in GiveNoticeRequestObject) (GiveNoticeResponseObject, error) {
	c := callOf(ctx)
	given, err := a.gateway.GiveNotice(c.ctx, c.actor, exchange.NoticeOfTermination{GivenOn: in.Body.GivenOn.Time, Statement: in.Body.Statement})
	if err != nil {
		return nil, err
	}
	if given.Pending != nil {
		return GiveNotice202JSONResponse{
			Body: *terminationNotice(&given), Headers: GiveNotice202ResponseHeaders{Location: Base + "/arrangement/notice/confirmation"},
		}, nil
	}
	return GiveNotice201JSONResponse{
		Body: *terminationNotice(&given), Headers: GiveNotice201ResponseHeaders{Location: Base + "/arrangement"},
	}, nil
}

// ConfirmNotice answers POST /arrangement/notice/confirmation.
func (a *API) ConfirmNotice(ctx context.Context, _ ConfirmNoticeRequestObject) (ConfirmNoticeResponseObject, error) {
	c := callOf(ctx)
	given, err := a.gateway.ConfirmNotice(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return ConfirmNotice201JSONResponse{
		Body: *terminationNotice(&given), Headers: ConfirmNotice201ResponseHeaders{Location: Base + "/arrangement"},
	}, nil
}

func terminationNotice(n *exchange.NoticeOfTermination) *api.TerminationNotice {
	if n == nil {
		return nil
	}
	return &api.TerminationNotice{
		GivenOn: or(day(n.GivenOn)), Statement: n.Statement, Pending: pending(n.Pending), EndsOn: day(or(n.EndsOn)),
	}
}

// ListWindDown answers GET /arrangement/wind-down.
func (a *API) ListWindDown(ctx context.Context, in ListWindDownRequestObject) (ListWindDownResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.WindDown(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	render := func(i exchange.WindDownItem) api.WindDownItem { return windDownItem(i, c.language) }
	return ListWindDown200JSONResponse{Items: listed(found.Items, render), Next: text(found.Next)}, nil
}

func windDownItem(i exchange.WindDownItem, in web.Language) api.WindDownItem {
	return api.WindDownItem{Request: accessRequest(i.AccessRequest, in), BeyondEnd: i.BeyondEnd, Survives: i.Survives}
}
