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
func (a *API) correctDocument(c call, _ none, form *depositForm) (*reply[api.Document], error) {
	correction, said, err := form.correction()
	if err != nil {
		return nil, err
	}
	if c.actor, err = repeatable(c.Context, c.actor, said); err != nil {
		return nil, err
	}
	corrected, err := a.gateway.Correct(c.ctx, c.actor, article4.DocumentID(c.param("id")), correction, form.content)
	if form.broken != nil { // as for a deposit
		return nil, form.broken
	}
	if err != nil {
		return nil, err
	}
	return answerMade(document(corrected, c), documentPath(corrected.ID)).tagged(corrected.ETag), nil
}

// correction reads the first part of a new version.
func (f *depositForm) correction() (exchange.Correction, api.CorrectionMetadata, error) {
	var in api.CorrectionMetadata
	if err := f.declared(&in); err != nil {
		return exchange.Correction{}, in, err
	}
	sources, declared, err := sourcesOf(in.DerivedFrom)
	if err != nil {
		return exchange.Correction{}, in, err
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
		Size:                size,
		SHA256:              article4.Digest(or(in.Sha256)),
	}, in, err
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
