package rest

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listLogEntries answers GET /log/entries.
func (a *API) listLogEntries(c call, q api.ListLogEntriesParams, _ none) (*reply[api.LogEntryPage], error) {
	query := logQuery(api.Export{
		Since:        q.Since,
		Until:        q.Until,
		Organisation: q.Organisation,
		Document:     q.Document,
		Kind:         q.Kind,
		Outcome:      q.Outcome,
		Paragraph:    q.Paragraph,
	})
	query.Without, query.Person, query.Request = or(q.Without), named[article4.PersonID](q.Person),
		named[article4.RequestID](q.Request)
	query.Reason, query.Marking = named[article4.Code](q.Reason), named[article4.Marking](q.Marking)
	query.Beneficiary = named[article4.OrganisationID](q.Beneficiary)
	var err error
	if query.Paging, err = c.paging(q.Limit, q.After); err != nil {
		return nil, err
	}
	found, err := a.gateway.LogEntries(c.ctx, c.actor, query)
	if err != nil {
		return nil, err
	}
	next := c.next(found.Next)
	if c.wantsTable() {
		return logTable(c, found.Items, next), nil
	}
	return answer(api.LogEntryPage{Items: listed(found.Items, logEntry), Next: next}), nil
}

// wantsTable reports whether the caller asks for comma-separated values.
func (c call) wantsTable() bool {
	kind, _, _ := strings.Cut(c.GetHeader("Accept"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/csv")
}

// logTable is a page of entries as a table: identifiers, codes and instants, and nothing that somebody wrote.
func logTable(c call, entries []exchange.LogEntry, next *string) *reply[api.LogEntryPage] {
	rows := [][]string{{"number", "index", "id", "at", "kind", "outcome", "actor", "organisation", "document",
		"request", "reasons", "parties", "reference", "step"}}
	for _, e := range entries {
		rows = append(rows, []string{strconv.FormatInt(e.Number, 10), strconv.FormatInt(e.Index, 10), e.ID,
			e.At.UTC().Format(time.RFC3339Nano), e.Kind, e.Outcome, string(e.Actor), string(e.Organisation),
			string(e.Document), string(e.Request), strings.Join(each[string](e.Reasons), " "),
			strings.Join(each[string](e.Parties), " "), e.Reference, string(e.Step)})
	}
	return &reply[api.LogEntryPage]{body: c.table(rows, next)}
}

// table is a page as comma-separated values (RFC 4180), the names of the columns first; Link leads on.
func (c call) table(rows [][]string, next *string) raw {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.WriteAll(rows) // a buffer takes everything
	if next != nil {
		at := *c.Request.URL
		q := at.Query()
		q.Set("after", *next)
		c.Header("Link", "<"+at.Path+"?"+q.Encode()+`>; rel="next"`)
	}
	return raw{"text/csv; charset=utf-8; header=present", out.Bytes()}
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
		Reference:    text(e.Reference),
		Request:      text(e.Request),
		Parties:      each[string](e.Parties),
		Outcome:      api.Outcome(e.Outcome),
		Step:         optional(api.ActStep(e.Step)),
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
