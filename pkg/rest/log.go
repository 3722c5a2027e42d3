package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ListLogEntries answers GET /log/entries.
func (a *API) ListLogEntries(ctx context.Context, in ListLogEntriesRequestObject) (ListLogEntriesResponseObject, error) {
	c := callOf(ctx)
	p := in.Params
	query, err := logQuery(api.Export{
		Since: p.Since, Until: p.Until, Organisation: p.Organisation, Document: p.Document, Kind: p.Kind, Outcome: p.Outcome, Paragraph: p.Paragraph,
	})
	if err != nil {
		return nil, err
	}
	if query.Paging, err = paging(p.Limit, p.After); err != nil {
		return nil, err
	}
	found, err := a.gateway.LogEntries(c.ctx, c.actor, query)
	if err != nil {
		return nil, err
	}
	return ListLogEntries200JSONResponse{Items: listed(found.Items, logEntry), Next: text(found.Next)}, nil
}

func logQuery(in api.Export) (exchange.LogQuery, error) {
	var f faults
	if in.Outcome != nil {
		f.known("outcome", *in.Outcome)
	}
	return exchange.LogQuery{
		Since: or(instant(or(in.Since))), Until: or(instant(or(in.Until))), Organisation: named[article4.OrganisationID](in.Organisation),
		Document: named[article4.DocumentID](in.Document), Kind: or(in.Kind), Outcome: named[string](in.Outcome), Paragraph: or(in.Paragraph),
	}, f.Err()
}

// GetLogEntry answers GET /log/entries/{id}.
func (a *API) GetLogEntry(ctx context.Context, in GetLogEntryRequestObject) (GetLogEntryResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.LogEntry(c.ctx, c.actor, in.Id)
	if err != nil {
		return nil, err
	}
	return GetLogEntry200JSONResponse(logEntry(found)), nil
}

func logEntry(e exchange.LogEntry) api.LogEntry {
	out := api.LogEntry{
		Id: e.ID, Index: e.Index, Number: e.Number, Kind: e.Kind, At: e.At.UTC(), Actor: text(e.Actor), Organisation: text(e.Organisation),
		Document: text(e.Document), Request: text(e.Request), Parties: each[string](e.Parties), Outcome: api.Outcome(e.Outcome),
	}
	if len(e.Reasons) > 0 {
		reasons := each[string](e.Reasons)
		out.Reasons = &reasons
	}
	if len(e.Body) > 0 {
		details := listed(e.Details, logDetail)
		out.Body, out.BodySha256, out.Nonce = text(string(e.Body)), text(e.BodySHA256), &e.Nonce
		out.Leaf, out.Details = text(string(e.Leaf)), &details
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

// ListLogKeys answers GET /log/keys.
func (a *API) ListLogKeys(ctx context.Context, _ ListLogKeysRequestObject) (ListLogKeysResponseObject, error) {
	c := callOf(ctx)
	keys, err := a.gateway.LogKeys(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return ListLogKeys200JSONResponse{Keys: each[string](keys)}, nil
}
