package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// listDocuments answers GET /documents.
func (a *API) listDocuments(c call, q api.ListDocumentsParams, _ none) (*reply[api.DocumentPage], error) {
	query, err := c.documentQuery(q)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.List(c.ctx, c.actor, query)
	if err != nil {
		return nil, err
	}
	render := func(d exchange.Document) api.Document { return document(d, c) }
	return answer(api.DocumentPage{Items: listed(found.Items, render), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

func (c call) documentQuery(p api.ListDocumentsParams) (exchange.DocumentQuery, error) {
	page, err := c.paging(p.Limit, p.After)
	return exchange.DocumentQuery{
		Paging:    page,
		Words:     or(p.Q),
		Marking:   named[article4.Marking](p.Marking),
		Purpose:   named[article4.PurposeCode](p.Purpose),
		Discloser: named[article4.OrganisationID](p.Discloser),
		Sort:      named[string](p.Sort),
	}, err
}

// depositDocument answers POST /documents.
func (a *API) depositDocument(c call, _ none, in either[api.StagedDeposit]) (*reply[api.Document], error) {
	metadata, content, err := c.depositing(in)
	if err != nil {
		return nil, err
	}
	made, err := a.gateway.Deposit(c.ctx, c.actor, metadata, content)
	if in.Form != nil && in.Form.broken != nil { // it explains whatever the Gateway made of it
		return nil, in.Form.broken
	}
	if err != nil {
		return nil, err
	}
	return answerMade(document(made, c), documentPath(made.ID)).tagged(made.ETag), nil
}

// depositing is what a deposit declares, and where its content comes from: in parts, or staged before.
func (c *call) depositing(in either[api.StagedDeposit]) (exchange.Metadata, exchange.ContentSource, error) {
	if in.Form == nil {
		metadata, err := stagedMetadata(*in.JSON)
		return metadata, nil, err
	}
	metadata, said, err := in.Form.metadata()
	if err != nil {
		return metadata, nil, err
	}
	c.actor, err = repeatable(c.Context, c.actor, said)
	return metadata, in.Form.content, err
}

// getDocument answers GET /documents/{id}.
func (a *API) getDocument(c call, _ none, _ none) (*reply[api.Document], error) {
	found, err := a.gateway.Describe(c.ctx, c.actor, article4.DocumentID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(document(found, c)).tagged(found.ETag), nil
}

// document renders a stub, or the whole.
func document(d exchange.Document, c call) api.Document {
	out := api.Document{
		Id:          string(d.ID),
		Reference:   d.Reference,
		Discloser:   string(d.Discloser),
		Recipient:   string(d.Recipient),
		Marking:     api.Marking(d.Marking),
		DepositedOn: or(day(d.DepositedOn)),
		Title:       text(d.Title),
		Purposes:    each[string](d.Purposes),
		Whole:       d.Whole,
		Permissions: permissions(d, c),
		State:       some(d.State, documentState),
	}
	if d.Whole {
		addWhole(&out, d, c)
	}
	return out
}

func documentState(s exchange.DocumentState) api.DocumentState {
	return api.DocumentState{What: s.What, Since: instant(s.Since), Until: instant(s.Until),
		ByOrganisation: text(s.By), LogEntry: text(s.Entry)}
}

func addWhole(out *api.Document, d exchange.Document, c call) {
	out.DepositedAt, out.Depositor = instant(d.DepositedOn), text(d.Depositor)
	out.Version, out.VersionNumber, out.FileName = text(d.Version), optional(d.VersionNumber), text(d.FileName)
	out.MediaType, out.Size, out.Sha256 = text(d.MediaType), optional(d.Size), text(d.SHA256)
	out.PurposeStatement, out.PersonalData = text(d.PurposeStatement), personalData(d.PersonalData)
	out.EntitiesConcerned = entitiesConcerned(d.Entities, d.EntitiesNone)
	out.DerivedFrom, out.Warnings = derivedFrom(d), copyWarnings(d.Warnings, c.language)
	out.Delivery, out.Series = text(d.Delivery), text(d.Series)
	out.Deliveries = some(d.Deliveries, func(id article4.RequestID) string { return string(id) })
	out.NotLookedInto = some(d.NotLookedInto, notLookedInto)
	out.Proprietary, out.Handling, out.Alias = &d.Proprietary, text(d.Handling), text(d.Alias)
	out.AsOf, out.ReviewBy, out.ShowTitle = day(d.AsOf), day(d.ReviewBy), &d.ShowTitle
	out.Unmarkable = text(d.Unmarkable)
	if d.Malware != "" {
		out.Malware = optional(api.DocumentMalware(d.Malware))
	}
	if len(d.Countries) > 0 {
		out.Countries = &d.Countries
	}
	out.LogEntry = text(d.Entry)
}

func personalData(p exchange.PersonalData) *api.PersonalDataDeclaration {
	return &api.PersonalDataDeclaration{
		Present: &p.Present, Regime: text(p.Regime), LegalBasis: text(p.LegalBasis), RetainUntil: day(p.RetainUntil),
	}
}

// entitiesConcerned is absent for whom they are not to be told: nil and not none.
func entitiesConcerned(entities []article4.OrganisationID, none bool) *api.EntitiesConcerned {
	var out api.EntitiesConcerned
	switch {
	case none:
		_ = out.FromEntitiesConcerned0(api.EntitiesConcerned0None) // a string always encodes
	case len(entities) > 0:
		_ = out.FromEntitiesConcerned1(each[string](entities)) // and so do several
	default:
		return nil
	}
	return &out
}

// derivedFrom is told to the Discloser's people, who alone are told of the entities concerned.
func derivedFrom(d exchange.Document) *api.DerivedFrom {
	var out api.DerivedFrom
	switch {
	case len(d.DerivedFrom) > 0:
		_ = out.FromDerivedFrom1(each[string](d.DerivedFrom)) // strings always encode
	case len(d.Entities) > 0 || d.EntitiesNone:
		_ = out.FromDerivedFrom0(api.DerivedFrom0None)
	default:
		return nil
	}
	return &out
}

// copyWarnings are nil where there are none.
func copyWarnings(found []exchange.Warning, in web.Language) *[]api.CopyWarning {
	return some(found, func(w exchange.Warning) api.CopyWarning {
		english, french := w.Words()
		if in == web.French {
			english = french
		}
		return api.CopyWarning{Code: api.CopyWarningCode(w), Title: english}
	})
}

func notLookedInto(gap exchange.Gap) api.NotLookedInto {
	return api.NotLookedInto{Part: gap.Part, Why: api.NotLookedIntoWhy(gap.Reason)}
}

func permissions(d exchange.Document, c call) *map[string]api.Permission {
	nearest := func(act article4.Act) place {
		return place{callerOf(c.actor), act, d.ID, d.Permissions[act].Nearest}
	}
	return permitted(d.Permissions, nearest, c.language)
}

// permittedOn renders what the caller could do with a thing that is neither a document nor a request.
func permittedOn(all map[article4.Act]exchange.Permission, c call) *map[string]api.Permission {
	return permitted(all, func(act article4.Act) place { return place{by: callerOf(c.actor), act: act} }, c.language)
}

// permitted renders what the caller could do with a thing, each with where to go for what is missing.
func permitted(all map[article4.Act]exchange.Permission, at func(article4.Act) place,
	in web.Language) *map[string]api.Permission {
	if all == nil {
		return nil
	}
	out := make(map[string]api.Permission, len(all))
	for act, p := range all {
		out[string(act)] = api.Permission{Allowed: p.Allowed, Reasons: apiReasons(p.Reasons, at(act), in),
			Forms: formChoice(p.Forms, in)}
	}
	return &out
}
