package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListVersions answers GET /documents/{id}/versions.
func (a *API) ListVersions(ctx context.Context, in ListVersionsRequestObject) (ListVersionsResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.Versions(c.ctx, c.actor, article4.DocumentID(in.Id))
	if err != nil {
		return nil, err
	}
	return ListVersions200JSONResponse{Items: listed(found, version)}, nil
}

func version(v exchange.VersionRecord) api.DocumentVersion {
	return api.DocumentVersion{
		Id: string(v.ID), Number: v.Number, Kind: optional(api.CorrectionKind(v.Kind)), Explanation: text(v.Explanation),
		FileName: v.FileName, MediaType: v.MediaType, Size: v.Size, Sha256: string(v.SHA256), CreatedAt: v.CreatedAt.UTC(),
		Closed: v.Closed, Destroyed: v.Destroyed, LogEntry: text(v.DepositEntry),
	}
}

// CorrectDocument answers POST /documents/{id}/versions.
func (a *API) CorrectDocument(ctx context.Context, in CorrectDocumentRequestObject) (CorrectDocumentResponseObject, error) {
	c := callOf(ctx)
	form := depositForm{parts: in.Body, body: bodyOf(ctx)}
	correction, err := form.correction()
	if err != nil {
		return nil, err
	}
	if c.actor, err = form.declaredBy(ctx, c.actor); err != nil {
		return nil, err
	}
	corrected, err := a.gateway.Correct(c.ctx, c.actor, article4.DocumentID(in.Id), correction, form.content)
	if form.broken != nil { // as for a deposit
		return nil, form.broken
	}
	if err != nil {
		return nil, err
	}
	return CorrectDocument201JSONResponse{
		Body:    document(corrected, c),
		Headers: CorrectDocument201ResponseHeaders{Location: documentPath(corrected.ID), ETag: tag(corrected.ETag)},
	}, nil
}

// correction reads the first part of a new version.
func (f *depositForm) correction() (exchange.Correction, error) {
	var in api.CorrectionMetadata
	if err := f.declared(&in, "kind", "explanation"); err != nil {
		return exchange.Correction{}, err
	}
	var wrong faults
	wrong.known("kind", in.Kind)
	if err := wrong.Err(); err != nil {
		return exchange.Correction{}, err
	}
	size, err := declaredSize(in.Size)
	return exchange.Correction{
		Kind: article4.CorrectionKind(in.Kind), Explanation: in.Explanation, KeepPrevious: or(in.KeepPrevious),
		MarkingConfirmation: or(in.MarkingConfirmation),
		Size:                size, SHA256: article4.Digest(or(in.Sha256)),
	}, err
}

// DestroyVersion answers POST /documents/{id}/versions/{version}/destruction.
func (a *API) DestroyVersion(ctx context.Context, in DestroyVersionRequestObject) (DestroyVersionResponseObject, error) {
	c := callOf(ctx)
	waits, err := a.gateway.Destroy(c.ctx, c.actor, article4.DocumentID(in.Id), article4.VersionID(in.Version), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return DestroyVersion202JSONResponse(waiting(*waits)), nil
	}
	return DestroyVersion200JSONResponse{Document: in.Id, Version: in.Version, Destroyed: true}, nil
}
