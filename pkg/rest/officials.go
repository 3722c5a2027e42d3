package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListDelegations answers GET /arrangement/delegations.
func (a *API) ListDelegations(ctx context.Context, in ListDelegationsRequestObject) (ListDelegationsResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Delegations(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return ListDelegations200JSONResponse{Items: listed(found.Items, delegationRecord), Next: text(found.Next)}, nil
}

func delegationRecord(d exchange.DelegationRecord) api.DelegationRecord {
	return api.DelegationRecord{
		Id: text(d.ID), Organisation: string(d.Organisation), Holder: text(d.Holder), Name: d.Name, Acts: each[api.Act](d.Acts),
		From: instant(d.From), Until: instant(d.Until), InstrumentSha256: text(d.Instrument), EndedAt: instant(or(d.EndedAt)),
		Waiting: pending(d.Waiting), Ends: text(d.Ends), LogEntry: text(d.Entry),
	}
}

// FileDelegation answers POST /arrangement/delegations.
func (a *API) FileDelegation(ctx context.Context, in FileDelegationRequestObject) (FileDelegationResponseObject, error) {
	c := callOf(ctx)
	wanted, err := delegationFiled(*in.Body)
	if err != nil {
		return nil, err
	}
	filed, waits, err := a.gateway.FileDelegation(c.ctx, c.actor, wanted)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return FileDelegation202JSONResponse{
			Body: waiting(*waits), Headers: FileDelegation202ResponseHeaders{Location: confirmationPath("delegations", waits.ID)},
		}, nil
	}
	return FileDelegation201JSONResponse(delegation(filed)), nil
}

func delegationFiled(in api.DelegationFiled) (exchange.DelegationFiled, error) {
	var f faults
	for _, act := range or(in.Acts) {
		f.known("acts", act)
	}
	return exchange.DelegationFiled{
		Subject: or(in.Subject), Name: or(in.Name), Acts: each[article4.Act](or(in.Acts)), From: or(instant(or(in.From))),
		Until: or(instant(or(in.Until))), InstrumentSHA256: named[article4.Digest](in.InstrumentSha256), Ends: named[article4.DelegationID](in.Ends),
	}, f.Err()
}

// ConfirmDelegation answers POST /arrangement/delegations/{id}/confirmation.
func (a *API) ConfirmDelegation(ctx context.Context, in ConfirmDelegationRequestObject) (ConfirmDelegationResponseObject, error) {
	c := callOf(ctx)
	confirmed, err := a.gateway.ConfirmDelegation(c.ctx, c.actor, in.Id)
	if err != nil {
		return nil, err
	}
	return ConfirmDelegation201JSONResponse(delegation(confirmed)), nil
}

// ListFocalPoints answers GET /arrangement/focal-points.
func (a *API) ListFocalPoints(ctx context.Context, _ ListFocalPointsRequestObject) (ListFocalPointsResponseObject, error) {
	c := callOf(ctx)
	arrangement, err := a.gateway.Arrangement(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return ListFocalPoints200JSONResponse{Items: listed(arrangement.FocalPoints, focalPoint)}, nil
}

// DesignateFocalPoint answers POST /arrangement/focal-points.
func (a *API) DesignateFocalPoint(ctx context.Context, in DesignateFocalPointRequestObject) (DesignateFocalPointResponseObject, error) {
	c := callOf(ctx)
	designated, waits, err := a.gateway.Designate(c.ctx, c.actor, exchange.Designation{
		Subject: in.Body.Subject, Name: in.Body.Name, InstrumentSHA256: named[article4.Digest](in.Body.InstrumentSha256),
	})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return DesignateFocalPoint202JSONResponse{
			Body: waiting(*waits), Headers: DesignateFocalPoint202ResponseHeaders{Location: confirmationPath("focal-points", waits.ID)},
		}, nil
	}
	return DesignateFocalPoint201JSONResponse(focalPoint(designated)), nil
}

// ConfirmFocalPoint answers POST /arrangement/focal-points/{id}/confirmation.
func (a *API) ConfirmFocalPoint(ctx context.Context, in ConfirmFocalPointRequestObject) (ConfirmFocalPointResponseObject, error) {
	c := callOf(ctx)
	confirmed, err := a.gateway.ConfirmDesignation(c.ctx, c.actor, in.Id)
	if err != nil {
		return nil, err
	}
	return ConfirmFocalPoint201JSONResponse(focalPoint(confirmed)), nil
}

func confirmationPath(of, pending string) string {
	return Base + "/arrangement/" + of + "/" + pending + "/confirmation"
}
