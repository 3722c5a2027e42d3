package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listVersions answers GET /documents/{id}/versions.
func (a *API) listVersions(c call, q api.ListVersionsParams, _ none) (*reply[api.VersionPage], error) {
	found, err := a.gateway.Versions(c.ctx, c.actor, article4.DocumentID(c.param("id")))
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, found, q.Limit, q.After)
	return answer(api.VersionPage{Items: listed(items, version), Next: next}), err
}

func version(v exchange.VersionRecord) api.DocumentVersion {
	return api.DocumentVersion{
		Id:        string(v.ID),
		Number:    v.Number,
		Kind:      optional(api.CorrectionKind(v.Kind)),
		Statement: text(v.Explanation),
		FileName:  v.FileName,
		MediaType: v.MediaType,
		Size:      v.Size,
		Sha256:    string(v.SHA256),
		CreatedAt: v.CreatedAt.UTC(),
		Closed:    v.Closed,
		Destroyed: v.Destroyed,
		LogEntry:  text(v.DepositEntry),
	}
}

// correctDocument answers POST /documents/{id}/versions.
func (a *API) correctDocument(c call, _ none, in either[api.StagedCorrection]) (*reply[api.Document], error) {
	correction, content, err := c.correcting(in)
	if err != nil {
		return nil, err
	}
	corrected, err := a.gateway.Correct(c.ctx, c.actor, article4.DocumentID(c.param("id")), correction, content)
	if in.Form != nil && in.Form.broken != nil { // as for a deposit
		return nil, in.Form.broken
	}
	if err != nil {
		return nil, err
	}
	return answerMade(document(corrected, c), documentPath(corrected.ID)).tagged(corrected.ETag), nil
}

// correcting is what a new version declares, and where its content comes from: in parts, or staged before.
func (c *call) correcting(in either[api.StagedCorrection]) (exchange.Correction, exchange.ContentSource, error) {
	if in.Form == nil {
		out, err := correctionOf(*in.JSON)
		return out, nil, err
	}
	var said api.CorrectionMetadata
	if err := in.Form.declared(&said); err != nil {
		return exchange.Correction{}, nil, err
	}
	out, err := correctionOf(api.StagedCorrection{
		Kind:                said.Kind,
		Statement:           said.Statement,
		KeepPrevious:        said.KeepPrevious,
		MarkingConfirmation: said.MarkingConfirmation,
		DerivedFrom:         said.DerivedFrom,
		NotDerived:          said.NotDerived,
		Size:                said.Size,
		Sha256:              said.Sha256,
	})
	if err != nil {
		return out, nil, err
	}
	c.actor, err = repeatable(c.Context, c.actor, said)
	return out, in.Form.content, err
}

func correctionOf(in api.StagedCorrection) (exchange.Correction, error) {
	sources, declared, err := sourcesOf(in.DerivedFrom)
	if err != nil {
		return exchange.Correction{}, err
	}
	size, err := declaredSize(in.Size)
	return exchange.Correction{
		SourcesDeclared:     declared,
		DerivedFrom:         sources,
		NotDerived:          or(in.NotDerived),
		Kind:                article4.CorrectionKind(in.Kind),
		Explanation:         in.Statement,
		KeepPrevious:        or(in.KeepPrevious),
		MarkingConfirmation: or(in.MarkingConfirmation),
		Staged:              in.Staged,
		Size:                size,
		SHA256:              article4.Digest(or(in.Sha256)),
	}, err
}

// destroyVersion answers POST /documents/{id}/versions/{version}/destruction.
func (a *API) destroyVersion(c call, _ none, in api.Justification) (*reply[api.Destroyed], error) {
	waits, err := a.gateway.Destroy(c.ctx, c.actor, article4.DocumentID(c.param("id")),
		article4.VersionID(c.param("version")), in.Statement)
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Destroyed](*waits), nil
	}
	return answer(api.Destroyed{Document: c.param("id"), Version: c.param("version"), Destroyed: true}), nil
}
