package rest

import (
	"errors"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// markDocument answers POST /documents/{id}/marking.
func (a *API) markDocument(c call, q api.MarkDocumentParams, in api.MarkingChange) (*reply[api.Document], error) {
	change, err := markingOf(q.IfMatch, in)
	if err != nil {
		return nil, err
	}
	marked, waits, err := a.gateway.Mark(c.ctx, c.actor, article4.DocumentID(c.param("id")), change)
	switch {
	case errors.Is(err, exchange.ErrChanged) && change.IfMatch == "":
		return nil, web.Fail(web.KindPreconditionRequired, err)
	case err != nil:
		return nil, err
	case waits != nil:
		return answerWaits[api.Document](*waits).tagged(marked.ETag), nil
	}
	return answer(document(marked, c)).tagged(marked.ETag), nil
}

func markingOf(header *string, in api.MarkingChange) (exchange.MarkingChange, error) {
	match, err := ifMatch(header)
	return exchange.MarkingChange{
		Marking: article4.Marking(in.Marking), Proprietary: in.Proprietary, Reason: in.Statement, IfMatch: match,
	}, err
}

// amendDocument answers PATCH /documents/{id}.
func (a *API) amendDocument(c call, q api.AmendDocumentParams, in api.Amendment) (*reply[api.Document], error) {
	amending, err := amendmentOf(q.IfMatch, in)
	if err != nil {
		return nil, err
	}
	if amending.IfMatch == "" {
		return nil, web.Fail(web.KindPreconditionRequired, nil)
	}
	amended, err := a.gateway.Amend(c.ctx, c.actor, article4.DocumentID(c.param("id")), amending)
	if err != nil {
		return nil, err
	}
	return answer(document(amended, c)).tagged(amended.ETag), nil
}

func amendmentOf(header *string, in api.Amendment) (exchange.Amendment, error) {
	match, err := ifMatch(header)
	out := exchange.Amendment{
		Title:     in.Title,
		ShowTitle: in.ShowTitle,
		Handling:  in.Handling,
		Alias:     in.Alias,
		Countries: in.Countries,
		Reason:    in.Statement,
		IfMatch:   match,
	}
	if in.Purposes != nil {
		purposes := each[article4.PurposeCode](*in.Purposes)
		out.Purposes = &purposes
	}
	if in.ReviewBy == nil || err != nil {
		return out, err
	}
	var by time.Time
	if *in.ReviewBy != "" {
		if by, err = time.Parse(time.DateOnly, *in.ReviewBy); err != nil {
			return out, fault(invalid.NotADay, "review_by")
		}
	}
	out.ReviewBy = &by
	return out, nil
}

// changeEntities answers POST /documents/{id}/entities.
func (a *API) changeEntities(c call, _ none, in api.EntitiesChange) (*reply[api.Document], error) {
	changed, waits, err := a.gateway.ChangeEntities(c.ctx, c.actor, article4.DocumentID(c.param("id")),
		exchange.EntitiesChange{
			Add: each[article4.OrganisationID](or(in.Add)), Remove: named[article4.OrganisationID](in.Remove),
			Reason: in.Statement,
		})
	if err != nil {
		return nil, err
	}
	if waits != nil {
		return answerWaits[api.Document](*waits), nil
	}
	return answer(document(changed, c)).tagged(changed.ETag), nil
}

// releaseDocument answers POST /documents/{id}/releases.
func (a *API) releaseDocument(c call, _ none, in api.Releasing) (*reply[api.Release], error) {
	made, err := a.gateway.Release(c.ctx, c.actor, article4.DocumentID(c.param("id")), exchange.Release{
		To: article4.OrganisationID(in.Organisation), Purpose: article4.PurposeCode(in.Purpose),
		Statement: or(in.Statement), TransferBasis: or(in.TransferBasis),
	})
	if err != nil {
		return nil, err
	}
	return answerMade(c.release(made), documentPath(made.Document)), nil
}

// listReleases answers GET /documents/{id}/releases.
func (a *API) listReleases(c call, q api.ListReleasesParams, _ none) (*reply[api.ReleasePage], error) {
	found, err := a.gateway.Releases(c.ctx, c.actor, article4.DocumentID(c.param("id")))
	if err != nil {
		return nil, err
	}
	items, next, err := part(c, found, q.Limit, q.After)
	return answer(api.ReleasePage{Items: listed(items, c.release), Next: next}), err
}

// endRelease answers POST /documents/{id}/releases/{release}/ending.
func (a *API) endRelease(c call, _ none, in api.Justification) (*reply[api.Release], error) {
	ended, err := a.gateway.EndRelease(c.ctx, c.actor, article4.DocumentID(c.param("id")), c.param("release"),
		in.Statement)
	if err != nil {
		return nil, err
	}
	return answer(c.release(ended)), nil
}

func (c call) release(r exchange.Release) api.Release {
	return api.Release{
		Id:             r.ID,
		Document:       string(r.Document),
		Organisation:   string(r.To),
		Purpose:        string(r.Purpose),
		Statement:      text(r.Statement),
		TransferBasis:  text(r.TransferBasis),
		ByDiscloser:    r.ByDiscloser,
		By:             string(r.By),
		ByOrganisation: string(r.ByOrg),
		At:             r.At.UTC(),
		LogEntry:       text(r.Entry),

		EndedAt:             instant(or(r.EndedAt)),
		EndedBy:             text(r.EndedBy),
		EndedByOrganisation: text(r.EndedByOrg),
		EndStatement:        text(r.EndStatement),
		EndEntry:            text(r.EndEntry),
		Permissions:         permittedOn(r.Permissions, c),
	}
}

// recallDocument answers POST /documents/{id}/recall.
func (a *API) recallDocument(c call, _ none, in api.Justification) (*reply[api.Document], error) {
	recalled, err := a.gateway.Recall(c.ctx, c.actor, article4.DocumentID(c.param("id")), in.Statement)
	if err != nil {
		return nil, err
	}
	return answer(document(recalled, c)).tagged(recalled.ETag), nil
}

// listHistory answers GET /documents/{id}/history.
func (a *API) listHistory(c call, q api.ListHistoryParams, _ none) (*reply[api.HistoryPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.History(c.ctx, c.actor, article4.DocumentID(c.param("id")), page)
	if err != nil {
		return nil, err
	}
	return answer(api.HistoryPage{Items: listed(found.Items, historyItem), Next: c.next(found.Next)}), nil
}

func historyItem(h exchange.HistoryItem) api.HistoryItem {
	out := api.HistoryItem{
		At:           h.At.UTC(),
		Kind:         h.Kind,
		Organisation: string(h.Organisation),
		Person:       string(h.Person),
		Purpose:      text(h.Purpose),
		Version:      text(h.Version),
		CopyNumber:   text(h.CopyNumber),
		Form:         optional(api.Form(h.Form)),
		Outcome:      api.Outcome(h.Outcome),
		Request:      text(h.Request),
		Bytes:        optional(h.Bytes),
		LogEntry:     text(h.Entry),
	}
	if len(h.Reasons) > 0 {
		reasons := each[string](h.Reasons)
		out.Reasons = &reasons
	}
	return out
}
