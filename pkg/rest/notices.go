package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListNotices answers GET /notices.
func (a *API) ListNotices(ctx context.Context, in ListNoticesRequestObject) (ListNoticesResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Notices(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return ListNotices200JSONResponse{Items: listed(found.Items, notice), Next: text(found.Next)}, nil
}

// AcknowledgeNotice answers POST /notices/{id}/acknowledgement.
func (a *API) AcknowledgeNotice(ctx context.Context, in AcknowledgeNoticeRequestObject) (AcknowledgeNoticeResponseObject, error) {
	c := callOf(ctx)
	var f faults
	f.known("disposition", in.Body.Disposition)
	if err := f.Err(); err != nil {
		return nil, err
	}
	answered, err := a.gateway.Acknowledge(c.ctx, c.actor, in.Id, exchange.Acknowledgement{
		Disposition: string(in.Body.Disposition), Statement: or(in.Body.Statement),
	})
	if err != nil {
		return nil, err
	}
	return AcknowledgeNotice200JSONResponse(notice(answered)), nil
}

func notice(n exchange.Notice) api.Notice {
	out := api.Notice{
		Id: n.ID, Kind: api.NoticeKind(n.Kind), Document: text(n.Document), Reference: text(n.Reference), To: string(n.To),
		Person: text(n.Person), CopyNumbers: each[string](n.CopyNumbers), Text: n.Text, At: n.At.UTC(),
	}
	if k := n.Acknowledged; k != nil {
		out.Acknowledged = &api.Acknowledgement{
			By: string(k.By), At: k.At.UTC(), Disposition: api.Disposition(k.Disposition), Statement: text(k.Statement),
		}
	}
	return out
}

// ListSuspensions answers GET /suspensions.
func (a *API) ListSuspensions(ctx context.Context, in ListSuspensionsRequestObject) (ListSuspensionsResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Suspensions(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return ListSuspensions200JSONResponse{Items: listed(found.Items, suspension), Next: text(found.Next)}, nil
}

// Suspend answers POST /suspensions.
func (a *API) Suspend(ctx context.Context, in SuspendRequestObject) (SuspendResponseObject, error) {
	c := callOf(ctx)
	made, err := a.gateway.Suspend(c.ctx, c.actor, exchange.Suspension{
		Document: named[article4.DocumentID](in.Body.Document), Person: named[article4.PersonID](in.Body.Person),
		Organisation: named[article4.OrganisationID](in.Body.Organisation), Reason: in.Body.Reason,
	})
	if err != nil {
		return nil, err
	}
	return Suspend201JSONResponse(suspension(made)), nil
}

// LiftSuspension answers POST /suspensions/{id}/lifting.
func (a *API) LiftSuspension(ctx context.Context, in LiftSuspensionRequestObject) (LiftSuspensionResponseObject, error) {
	c := callOf(ctx)
	lifted, waits, err := a.gateway.Lift(c.ctx, c.actor, in.Id, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return LiftSuspension202JSONResponse(waiting(*waits)), nil
	}
	return LiftSuspension200JSONResponse(suspension(lifted)), nil
}

func suspension(s exchange.Suspension) api.Suspension {
	return api.Suspension{
		Id: s.ID, Document: text(s.Document), Person: text(s.Person), Organisation: text(s.Organisation), Reason: s.Reason,
		By: string(s.By), ByOrganisation: string(s.ByOrg), At: s.At.UTC(), LiftedAt: instant(or(s.LiftedAt)),
		Waiting: pending(s.Waiting), LogEntry: text(s.Entry),
	}
}
