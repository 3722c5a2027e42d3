package rest

import (
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// requestAccess answers POST /documents/{id}/requests.
func (a *API) requestAccess(c call, _ none, in api.Ask) (*reply[api.AccessRequest], error) {
	made, err := a.gateway.Request(c.ctx, c.actor, article4.DocumentID(c.param("id")), askOf(in))
	if err != nil {
		return nil, err
	}
	return answerMade(accessRequest(made, c), requestPath(made.ID)).tagged(made.ETag), nil
}

func askOf(in api.Ask) exchange.Ask {
	return exchange.Ask{
		For:       article4.OrganisationID(in.For.Organisation),
		People:    each[article4.PersonID](or(in.For.People)),
		Purpose:   article4.PurposeCode(in.Purpose),
		Statement: or(in.Statement),
		Until:     in.Until.UTC(),
		Form:      named[article4.Form](in.Form),
	}
}

// deliverDocument answers POST /documents/{id}/deliveries.
func (a *API) deliverDocument(c call, _ none, in api.Delivering) (*reply[api.AccessRequest], error) {
	made, err := a.gateway.Deliver(c.ctx, c.actor, article4.DocumentID(c.param("id")), exchange.Addressed{
		People:    each[article4.PersonID](or(in.AddressedTo.People)),
		Offices:   each[string](or(in.AddressedTo.Offices)),
		Purpose:   article4.PurposeCode(in.Purpose),
		Statement: or(in.Statement),
		Until:     in.Until.UTC(),
		Form:      named[article4.Form](in.Form),
	})
	if err != nil {
		return nil, err
	}
	return answerMade(accessRequest(made, c), requestPath(made.ID)).tagged(made.ETag), nil
}

// listDeliveries answers GET /documents/{id}/deliveries.
func (a *API) listDeliveries(c call, q api.ListDeliveriesParams, _ none) (*reply[api.AccessRequestPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Deliveries(c.ctx, c.actor, article4.DocumentID(c.param("id")), page)
	if err != nil {
		return nil, err
	}
	render := func(r exchange.AccessRequest) api.AccessRequest { return accessRequest(r, c) }
	return answer(api.AccessRequestPage{Items: listed(found.Items, render), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

// listRequests answers GET /requests.
func (a *API) listRequests(c call, q api.ListRequestsParams, _ none) (*reply[api.AccessRequestPage], error) {
	query, err := c.requestQuery(q)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Requests(c.ctx, c.actor, query)
	if err != nil {
		return nil, err
	}
	render := func(r exchange.AccessRequest) api.AccessRequest { return accessRequest(r, c) }
	return answer(api.AccessRequestPage{Items: listed(found.Items, render), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

func (c call) requestQuery(p api.ListRequestsParams) (exchange.RequestQuery, error) {
	box := api.Mine
	if p.Box != nil {
		box = *p.Box
	}
	page, err := c.paging(p.Limit, p.After)
	return exchange.RequestQuery{
		Paging:     page,
		Box:        string(box),
		Document:   named[article4.DocumentID](p.Document),
		State:      named[article4.RequestState](p.State),
		For:        named[article4.OrganisationID](p.For),
		EndsBefore: or(instant(or(p.EndsBefore))),
		Sort:       named[string](p.Sort),
	}, err
}

// getRequest answers GET /requests/{id}.
func (a *API) getRequest(c call, _ none, _ none) (*reply[api.AccessRequest], error) {
	found, err := a.gateway.DescribeRequest(c.ctx, c.actor, article4.RequestID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(accessRequest(found, c)).tagged(found.ETag), nil
}

// decideRequest answers POST /requests/{id}/decisions.
func (a *API) decideRequest(c call, q api.DecideRequestParams, in api.Deciding) (*reply[api.AccessRequest], error) {
	match, err := ifMatch(q.IfMatch)
	if err != nil {
		return nil, err
	}
	if match == "" {
		return nil, web.Fail(web.KindPreconditionRequired, nil)
	}
	decided, err := a.gateway.Decide(c.ctx, c.actor, article4.RequestID(c.param("id")), verdictOf(in, match))
	if err != nil {
		return nil, err
	}
	return answerMade(accessRequest(decided, c), requestPath(decided.ID)).tagged(decided.ETag), nil
}

// draftDecision answers POST /requests/{id}/decisions/draft: the text that would be given; nothing is decided.
func (a *API) draftDecision(c call, _ none, in api.Deciding) (*reply[api.CanonicalText], error) {
	text, err := a.gateway.Draft(c.ctx, c.actor, article4.RequestID(c.param("id")), verdictOf(in, ""))
	if err != nil {
		return nil, err
	}
	return answer(canonicalText(text)), nil
}

func canonicalText(t exchange.CanonicalText) api.CanonicalText {
	return api.CanonicalText{Text: t.Text, TextSha256: string(t.SHA256), Nonce: t.Nonce}
}

func verdictOf(in api.Deciding, match string) exchange.Verdict {
	return exchange.Verdict{
		Act:               article4.Act(in.Act),
		Statement:         or(in.Statement),
		Until:             or(instant(or(in.Until))),
		Form:              named[article4.Form](in.Form),
		Conditions:        or(in.Conditions),
		AgreementRequired: in.AgreementRequired,
		EarlierServes:     or(in.EarlierSignatureServes),
		TransferBasis:     or(in.TransferBasis),
		Evidence:          evidence(or(in.Evidence)),
		IfMatch:           match,
	}
}

func evidence(in api.Evidence) exchange.EvidenceGiven {
	return exchange.EvidenceGiven{
		Kind: article4.Evidence(in.Kind), IDToken: or(in.IdToken), LetterSHA256: article4.Digest(or(in.LetterSha256)),
	}
}

// ifMatch reads one strong ETag. "*" names no version, and a weak one none exactly (RFC 9110 13.1.1).
func ifMatch(header *string) (string, error) {
	if header == nil || *header == "" {
		return "", nil
	}
	inner, opened := strings.CutPrefix(*header, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !opened || !closed || inner == "" || strings.ContainsAny(inner, `",`) {
		return "", fault(invalid.BadIfMatch, "If-Match")
	}
	return web.StateOf(inner), nil
}

// admitPeople answers POST /requests/{id}/admissions.
func (a *API) admitPeople(c call, _ none, in api.Admission) (*reply[api.AccessRequest], error) {
	admitted, err := a.gateway.Admit(c.ctx, c.actor, article4.RequestID(c.param("id")),
		exchange.Admission{People: each[article4.PersonID](in.People)})
	if err != nil {
		return nil, err
	}
	return answerMade(accessRequest(admitted, c), requestPath(admitted.ID)).tagged(admitted.ETag), nil
}

// withdrawRequest answers POST /requests/{id}/withdrawal.
func (a *API) withdrawRequest(c call, _ none, in api.Withdrawal) (*reply[api.AccessRequest], error) {
	withdrawn, err := a.gateway.Withdraw(c.ctx, c.actor, article4.RequestID(c.param("id")),
		exchange.Withdrawal{Statement: in.Statement})
	if err != nil {
		return nil, err
	}
	return answerMade(accessRequest(withdrawn, c), requestPath(withdrawn.ID)).tagged(withdrawn.ETag), nil
}

func accessRequest(r exchange.AccessRequest, c call) api.AccessRequest {
	people := each[string](r.People)
	return api.AccessRequest{
		Id:                  string(r.ID),
		Document:            string(r.Document),
		Version:             string(r.Version),
		Reference:           r.Reference,
		Marking:             api.Marking(r.Marking),
		AskedBy:             string(r.AskedBy),
		AskedByOrganisation: string(r.AskedByOrg),
		For:                 api.Beneficiary{Organisation: string(r.For), People: &people},
		Admitted:            each[string](r.Admitted),
		Purpose:             string(r.Purpose),
		Statement:           text(r.Statement),
		Until:               r.Until.UTC(),
		Form:                api.Form(r.Form),
		MadeAt:              r.MadeAt.UTC(),
		Delivery:            optional(r.Delivery),
		Carries:             text(r.Carries),
		LapsesAt:            instant(r.LapsesAt),
		State:               api.RequestState(r.State),
		Missing:             listed(r.Missing, func(m article4.Missing) api.Missing { return missing(m, c.language) }),
		Met:                 some(r.Met, func(m exchange.Requirement) api.Met { return met(m, c.language) }),
		Decisions:           listed(r.Decisions, decision),
		Conditions:          text(r.Conditions),
		ConditionsSha256:    text(r.ConditionsSHA),
		Agreement:           text(r.Agreement),
		LogEntry:            text(r.Entry),
		Title:               text(r.Title),
		PersonalData:        r.PersonalData,
		Names:               some(r.Names, person),
		Permissions:         requestPermissions(r, c),
		CanDecide:           some(r.CanDecide, decider),
		Messages:            optional(r.Messages),
	}
}

func requestPermissions(r exchange.AccessRequest, c call) *map[string]api.Permission {
	return permitted(r.Permissions, func(act article4.Act) place {
		return place{callerOf(c.actor), act, r.Document, r.ID}
	}, c.language)
}

func decider(d exchange.Decider) api.Decider {
	return api.Decider{Person: string(d.ID), Name: d.Name, Organisation: string(d.Organisation),
		Act: api.DecisionAct(d.Act)}
}

func met(m exchange.Requirement, in web.Language) api.Met {
	english, french := m.Words()
	out := api.Met{
		What:     string(m.What),
		From:     text(m.From),
		Decision: text(m.Decision),
		By:       text(m.By),
		At:       instant(m.At),
		LogEntry: text(m.Entry),
		Title:    &english,
	}
	if in == web.French {
		out.Title = &french
	}
	if entry, known := article4.Lookup(m.What); known {
		out.Paragraph, out.Basis = text(entry.Paragraph), text(entry.Basis)
	}
	return out
}

func missing(m article4.Missing, in web.Language) api.Missing {
	w := worded(article4.Reason{Code: m.What, From: m.From}, place{}, in)
	return api.Missing{What: w.Code, Paragraph: text(w.Paragraph), Title: text(w.Title), From: text(w.From)}
}

func decision(l exchange.Decision) api.Decision {
	return api.Decision{
		Id:                  string(l.ID),
		Act:                 api.DecisionAct(l.Act),
		By:                  text(l.By),
		Organisation:        string(l.Organisation),
		At:                  l.At.UTC(),
		Until:               instant(l.Until),
		Statement:           text(l.Statement),
		TransferBasis:       text(l.TransferBasis),
		Evidence:            optional(api.EvidenceKind(l.Evidence)),
		TextSha256:          text(l.TextSHA256),
		Withdrawn:           l.Withdrawn,
		WithdrawnAt:         instant(l.WithdrawnAt),
		WithdrawalStatement: text(l.WithdrawalText),
		Series:              text(l.Series),
		Standing:            text(l.Standing),
		LogEntry:            text(l.Entry),
	}
}
