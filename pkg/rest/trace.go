package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// TraceCopy answers POST /trace.
func (a *API) TraceCopy(ctx context.Context, in TraceCopyRequestObject) (TraceCopyResponseObject, error) {
	c := callOf(ctx)
	clue, form := exchange.Clue{}, depositForm{parts: in.MultipartBody, body: bodyOf(ctx), alone: true}
	switch {
	case in.JSONBody != nil:
		clue = exchange.Clue{Text: or(in.JSONBody.Text), SHA256: article4.Digest(or(in.JSONBody.Sha256))}
	case in.MultipartBody != nil:
		clue.Content = form.content
	}
	found, err := a.gateway.Trace(c.ctx, c.actor, clue)
	if form.broken != nil { // what was wrong with the body explains whatever the Gateway made of it
		return nil, form.broken
	}
	if err != nil {
		return nil, err
	}
	out := TraceCopy200JSONResponse{Items: listed(found.Found, traced), Sha256: text(found.SHA256), Unread: text(found.Unread), LogEntry: found.Entry}
	if found.Numbers != nil {
		out.Numbers = &found.Numbers
	}
	return out, nil
}

func traced(t exchange.Traced) api.TracedCopy {
	return api.TracedCopy{
		CopyNumber: t.CopyNumber, By: api.TracedCopyBy(t.By), Document: string(t.Document), Reference: t.Reference, Version: string(t.Version),
		Organisation: string(t.Organisation), Person: string(t.Person), Purpose: text(string(t.Purpose)), Form: api.Form(t.Form),
		At: t.At.UTC(), Disclosure: string(t.Disclosure), LogEntry: t.Entry,
	}
}

// ReportLeak answers POST /documents/{id}/leak-reports.
func (a *API) ReportLeak(ctx context.Context, in ReportLeakRequestObject) (ReportLeakResponseObject, error) {
	c := callOf(ctx)
	stop, err := a.gateway.ReportLeak(c.ctx, c.actor, article4.DocumentID(in.Id), in.Body.Statement)
	if err != nil {
		return nil, err
	}
	return ReportLeak201JSONResponse(suspension(stop)), nil
}
