package rest

import (
	"context"
	"errors"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// MarkDocument answers POST /documents/{id}/marking.
func (a *API) MarkDocument(ctx context.Context, in MarkDocumentRequestObject) (MarkDocumentResponseObject, error) {
	c := callOf(ctx)
	change, err := markingOf(in.Params.IfMatch, *in.Body)
	if err != nil {
		return nil, err
	}
	marked, waits, err := a.gateway.Mark(c.ctx, c.actor, article4.DocumentID(in.Id), change)
	switch {
	case errors.Is(err, exchange.ErrChanged) && change.IfMatch == "":
		return nil, web.Fail(web.KindPreconditionRequired, err)
	case err != nil:
		return nil, err
	case waits != nil:
		return MarkDocument202JSONResponse{Body: waiting(*waits), Headers: MarkDocument202ResponseHeaders{ETag: tag(marked.ETag)}}, nil
	}
	return MarkDocument200JSONResponse{
		Body: document(marked, c), Headers: MarkDocument200ResponseHeaders{ETag: tag(marked.ETag)},
	}, nil
}

func markingOf(header *string, in api.MarkingChange) (exchange.MarkingChange, error) {
	var f faults
	f.known("marking", in.Marking)
	if err := f.Err(); err != nil {
		return exchange.MarkingChange{}, err
	}
	match, err := ifMatch(header)
	return exchange.MarkingChange{
		Marking: article4.Marking(in.Marking), Proprietary: in.Proprietary, Reason: or(in.Reason), IfMatch: match,
	}, err
}

// ChangeEntities answers POST /documents/{id}/entities.
func (a *API) ChangeEntities(ctx context.Context, in ChangeEntitiesRequestObject) (ChangeEntitiesResponseObject, error) {
	c := callOf(ctx)
	changed, waits, err := a.gateway.ChangeEntities(c.ctx, c.actor, article4.DocumentID(in.Id), exchange.EntitiesChange{
		Add: each[article4.OrganisationID](or(in.Body.Add)), Remove: named[article4.OrganisationID](in.Body.Remove), Reason: or(in.Body.Reason),
	})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return ChangeEntities202JSONResponse(waiting(*waits)), nil
	}
	return ChangeEntities200JSONResponse{
		Body: document(changed, c), Headers: ChangeEntities200ResponseHeaders{ETag: tag(changed.ETag)},
	}, nil
}

// ReleaseDocument answers POST /documents/{id}/releases.
func (a *API) ReleaseDocument(ctx context.Context, in ReleaseDocumentRequestObject) (ReleaseDocumentResponseObject, error) {
	c := callOf(ctx)
	made, err := a.gateway.Release(c.ctx, c.actor, article4.DocumentID(in.Id), exchange.Release{
		To: article4.OrganisationID(in.Body.Organisation), Purpose: article4.PurposeCode(in.Body.Purpose),
		Statement: or(in.Body.Statement), TransferBasis: or(in.Body.TransferBasis),
	})
	if err != nil {
		return nil, err
	}
	return ReleaseDocument201JSONResponse{
		Body: release(made), Headers: ReleaseDocument201ResponseHeaders{Location: documentPath(made.Document)},
	}, nil
}

func release(r exchange.Release) api.Release {
	return api.Release{
		Id: r.ID, Document: string(r.Document), Organisation: string(r.To), Purpose: string(r.Purpose), Statement: text(r.Statement),
		TransferBasis: text(r.TransferBasis), ByDiscloser: r.ByDiscloser, By: string(r.By), ByOrganisation: string(r.ByOrg),
		At: r.At.UTC(), LogEntry: text(r.Entry),
	}
}

// RecallDocument answers POST /documents/{id}/recall.
func (a *API) RecallDocument(ctx context.Context, in RecallDocumentRequestObject) (RecallDocumentResponseObject, error) {
	c := callOf(ctx)
	recalled, err := a.gateway.Recall(c.ctx, c.actor, article4.DocumentID(in.Id), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return RecallDocument200JSONResponse{
		Body: document(recalled, c), Headers: RecallDocument200ResponseHeaders{ETag: tag(recalled.ETag)},
	}, nil
}

// ListHistory answers GET /documents/{id}/history.
func (a *API) ListHistory(ctx context.Context, in ListHistoryRequestObject) (ListHistoryResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.History(c.ctx, c.actor, article4.DocumentID(in.Id), page)
	if err != nil {
		return nil, err
	}
	return ListHistory200JSONResponse{Items: listed(found.Items, historyItem), Next: text(found.Next)}, nil
}

func historyItem(h exchange.HistoryItem) api.HistoryItem {
	out := api.HistoryItem{
		At: h.At.UTC(), Kind: h.Kind, Organisation: string(h.Organisation), Person: string(h.Person), Purpose: text(h.Purpose),
		Version: text(h.Version), CopyNumber: text(h.CopyNumber), Form: optional(api.Form(h.Form)), Outcome: api.Outcome(h.Outcome),
		Request: text(h.Request), Bytes: optional(h.Bytes), LogEntry: text(h.Entry),
	}
	if len(h.Reasons) > 0 {
		reasons := each[string](h.Reasons)
		out.Reasons = &reasons
	}
	return out
}
