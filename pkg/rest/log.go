package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listLogEntries answers GET /log/entries.
func (a *API) listLogEntries(c call, q api.ListLogEntriesParams, _ none) (*reply[api.LogEntryPage], error) {
	p := q
	query := logQuery(api.Export{
		Since:        p.Since,
		Until:        p.Until,
		Organisation: p.Organisation,
		Document:     p.Document,
		Kind:         p.Kind,
		Outcome:      p.Outcome,
		Paragraph:    p.Paragraph,
	})
	var err error
	if query.Paging, err = c.paging(p.Limit, p.After); err != nil {
		return nil, err
	}
	found, err := a.gateway.LogEntries(c.ctx, c.actor, query)
	if err != nil {
		return nil, err
	}
	return answer(api.LogEntryPage{Items: listed(found.Items, logEntry), Next: c.next(found.Next)}), nil
}

func logQuery(in api.Export) exchange.LogQuery {
	return exchange.LogQuery{
		Since:        or(instant(or(in.Since))),
		Until:        or(instant(or(in.Until))),
		Organisation: named[article4.OrganisationID](in.Organisation),
		Document:     named[article4.DocumentID](in.Document),
		Kind:         or(in.Kind),
		Outcome:      named[string](in.Outcome),
		Paragraph:    or(in.Paragraph),
	}
}

// getLogEntry answers GET /log/entries/{id}.
func (a *API) getLogEntry(c call, _ none, _ none) (*reply[api.LogEntry], error) {
	found, err := a.gateway.LogEntry(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(logEntry(found)), nil
}

func logEntry(e exchange.LogEntry) api.LogEntry {
	out := api.LogEntry{
		Id:           e.ID,
		Index:        e.Index,
		Number:       e.Number,
		Kind:         e.Kind,
		At:           e.At.UTC(),
		Actor:        text(e.Actor),
		Organisation: text(e.Organisation),
		Document:     text(e.Document),
		Request:      text(e.Request),
		Parties:      each[string](e.Parties),
		Outcome:      api.Outcome(e.Outcome),
	}
	if len(e.Reasons) > 0 {
		reasons := each[string](e.Reasons)
		out.Reasons = &reasons
	}
	if len(e.Body) > 0 {
		details := listed(e.Details, logDetail)
		out.Body, out.BodySha256, out.Nonce = text(string(e.Body)), text(e.BodySHA256), &e.Nonce
		rests := listed(e.RestsOn, logReference)
		out.Leaf, out.Details, out.RestsOn = text(string(e.Leaf)), &details, &rests
	}
	return out
}

func logReference(r exchange.LogReference) api.LogReference {
	out := api.LogReference{As: api.LogReferenceAs(r.As), BodySha256: r.BodySHA256}
	if r.ID != "" {
		at := r.At.UTC()
		out.Id, out.Number, out.Kind, out.At = text(r.ID), &r.Number, text(r.Kind), &at
		out.Actor, out.Organisation = text(r.Actor), text(r.Organisation)
	}
	return out
}

func logDetail(d exchange.LogDetail) api.LogDetail {
	out := api.LogDetail{Field: d.Field, Commitment: d.Commitment}
	if d.Salt != nil {
		out.Salt, out.Value = &d.Salt, &d.Value
	}
	return out
}

// listLogKeys answers GET /log/keys.
func (a *API) listLogKeys(c call, _ none, _ none) (*reply[api.LogKeys], error) {
	keys, err := a.gateway.LogKeys(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(api.LogKeys{Keys: each[string](keys)}), nil
}
