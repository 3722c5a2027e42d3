package rest

import (
	"encoding/json"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// stageFile answers POST /staged.
func (a *API) stageFile(c call, _ none, form *depositForm) (*reply[api.Staged], error) {
	var said api.StagedFile
	err := form.declared(&said)
	if err != nil {
		return nil, err
	}
	file := exchange.StagedFile{
		Document: article4.DocumentID(or(said.Document)),
		Marking:  article4.Marking(or(said.Marking)),
		SHA256:   article4.Digest(or(said.Sha256)),
	}
	if file.Size, err = declaredSize(said.Size); err != nil {
		return nil, err
	}
	if c.actor, err = repeatable(c.Context, c.actor, said); err != nil {
		return nil, err
	}
	made, err := a.gateway.Stage(c.ctx, c.actor, file, form.content)
	if form.broken != nil { // what was wrong with the body explains whatever the Gateway made of it
		return nil, form.broken
	}
	if err != nil {
		return nil, err
	}
	return answerMade(staged(made), stagedPath(made.ID)), nil
}

// listStaged answers GET /staged.
func (a *API) listStaged(c call, q api.ListStagedParams, _ none) (*reply[api.StagedPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.StagedFiles(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.StagedPage{Items: listed(found.Items, staged), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// getStaged answers GET /staged/{id}.
func (a *API) getStaged(c call, _ none, _ none) (*reply[api.Staged], error) {
	found, err := a.gateway.Staged(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(staged(found)), nil
}

// dropStaged answers DELETE /staged/{id}.
func (a *API) dropStaged(c call, _ none, _ none) (*reply[api.Staged], error) {
	gone, err := a.gateway.Unstage(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(staged(gone)), nil
}

// getStagedPreview answers GET /staged/{id}/preview.
func (a *API) getStagedPreview(c call, _ none, _ none) (*reply[raw], error) {
	png, err := a.gateway.StagedPreview(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(raw{"image/png", png}), nil
}

func staged(s exchange.Staged) api.Staged {
	out := api.Staged{
		Id:            s.ID,
		Document:      text(string(s.Document)),
		Marking:       api.Marking(s.Marking),
		FileName:      text(s.FileName),
		Size:          s.Size,
		Sha256:        string(s.SHA256),
		MediaType:     s.MediaType,
		Pages:         optional(s.Pages),
		Preview:       s.Preview,
		Unmarkable:    text(s.Unmarkable),
		PassengerData: s.PassengerData,
		Resembles:     some(s.Resembles, func(id article4.DocumentID) string { return string(id) }),
		NotLookedInto: some(s.NotLookedInto, notLookedInto),
		StagedAt:      s.StagedAt.UTC(),
		ExpiresAt:     s.ExpiresAt.UTC(),
	}
	if len(s.Headers) > 0 {
		out.HeadersFound = &s.Headers
	}
	return out
}

// stagedMetadata is the metadata of a deposit whose file was staged: the members are those of any deposit.
func stagedMetadata(in api.StagedDeposit) (exchange.Metadata, error) {
	id := in.Staged
	said, err := json.Marshal(in)
	if err != nil {
		return exchange.Metadata{}, err
	}
	var rest api.DepositMetadata
	if err := json.Unmarshal(said, &rest); err != nil {
		return exchange.Metadata{}, err
	}
	out, err := metadataOf(rest)
	out.Staged = id
	return out, err
}
