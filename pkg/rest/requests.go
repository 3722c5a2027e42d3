package rest

import (
	"context"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// RequestAccess answers POST /documents/{id}/requests.
func (a *API) RequestAccess(ctx context.Context, in RequestAccessRequestObject) (RequestAccessResponseObject, error) {
	c := callOf(ctx)
	ask, err := askOf(*in.Body)
	if err != nil {
		return nil, err
	}
	made, err := a.gateway.Request(c.ctx, c.actor, article4.DocumentID(in.Id), ask)
	if err != nil {
		return nil, err
	}
	return RequestAccess201JSONResponse{
		Body:    accessRequest(made, c.language),
		Headers: RequestAccess201ResponseHeaders{Location: requestPath(made.ID), ETag: tag(made.ETag)},
	}, nil
}

func askOf(in api.Ask) (exchange.Ask, error) {
	var f faults
	if in.Form != nil {
		f.known("form", *in.Form)
	}
	return exchange.Ask{
		For: article4.OrganisationID(in.For.Organisation), People: each[article4.PersonID](or(in.For.People)),
		Purpose: article4.PurposeCode(in.Purpose), Statement: or(in.Statement), Until: in.Until.UTC(),
		Form: named[article4.Form](in.Form),
	}, f.Err()
}

// ListRequests answers GET /requests.
func (a *API) ListRequests(ctx context.Context, in ListRequestsRequestObject) (ListRequestsResponseObject, error) {
	c := callOf(ctx)
	query, err := requestQuery(in.Params)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Requests(c.ctx, c.actor, query)
	if err != nil {
		return nil, err
	}
	render := func(r exchange.AccessRequest) api.AccessRequest { return accessRequest(r, c.language) }
	return ListRequests200JSONResponse{Items: listed(found.Items, render), Next: text(found.Next)}, nil
}

func requestQuery(p api.ListRequestsParams) (exchange.RequestQuery, error) {
	var f faults
	box := api.Mine
	if p.Box != nil {
		box = *p.Box
		f.known("box", box)
	}
	if p.State != nil {
		f.known("state", *p.State)
	}
	if err := f.Err(); err != nil {
		return exchange.RequestQuery{}, err
	}
	page, err := paging(p.Limit, p.After)
	return exchange.RequestQuery{
		Paging: page, Box: string(box), Document: named[article4.DocumentID](p.Document), State: named[article4.RequestState](p.State),
	}, err
}

// GetRequest answers GET /requests/{id}.
func (a *API) GetRequest(ctx context.Context, in GetRequestRequestObject) (GetRequestResponseObject, error) {
	c := callOf(ctx)
	found, err := a.gateway.DescribeRequest(c.ctx, c.actor, article4.RequestID(in.Id))
	if err != nil {
		return nil, err
	}
	return GetRequest200JSONResponse{
		Body:    accessRequest(found, c.language),
		Headers: GetRequest200ResponseHeaders{ETag: tag(found.ETag)},
	}, nil
}

// DecideRequest answers POST /requests/{id}/decisions, and with ?draft shows the text without deciding.
func (a *API) DecideRequest(ctx context.Context, in DecideRequestRequestObject) (DecideRequestResponseObject, error) {
	c := callOf(ctx)
	verdict, err := verdictOf(in.Params, *in.Body)
	if err != nil {
		return nil, err
	}
	if in.Params.Draft != nil {
		text, err := a.gateway.Draft(c.ctx, c.actor, article4.RequestID(in.Id), verdict)
		return DecideRequest200JSONResponse{Text: text.Text, TextSha256: string(text.SHA256), Nonce: text.Nonce}, err
	}
	decided, err := a.gateway.Decide(c.ctx, c.actor, article4.RequestID(in.Id), verdict)
	if err != nil {
		return nil, err
	}
	return DecideRequest201JSONResponse{
		Body:    accessRequest(decided, c.language),
		Headers: DecideRequest201ResponseHeaders{Location: requestPath(decided.ID), ETag: tag(decided.ETag)},
	}, nil
}

func verdictOf(p api.DecideRequestParams, in api.Deciding) (exchange.Verdict, error) {
	var f faults
	if p.Draft != nil {
		f.known("draft", *p.Draft)
	}
	f.known("act", in.Act)
	if in.Form != nil {
		f.known("form", *in.Form)
	}
	if in.Evidence != nil {
		f.known("evidence.kind", in.Evidence.Kind)
	}
	if err := f.Err(); err != nil {
		return exchange.Verdict{}, err
	}
	match, err := ifMatch(p.IfMatch)
	if err == nil && match == "" && p.Draft == nil {
		err = web.Fail(web.KindPreconditionRequired, nil)
	}
	return exchange.Verdict{
		Act: article4.Act(in.Act), Statement: or(in.Statement), Until: or(instant(or(in.Until))), Form: named[article4.Form](in.Form),
		Conditions: or(in.Conditions), AgreementRequired: in.AgreementRequired, EarlierServes: or(in.EarlierSignatureServes),
		Evidence: evidence(or(in.Evidence)), IfMatch: match,
	}, err
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
	return inner, nil
}

// AdmitPeople answers POST /requests/{id}/admissions.
func (a *API) AdmitPeople(ctx context.Context, in AdmitPeopleRequestObject) (AdmitPeopleResponseObject, error) {
	c := callOf(ctx)
	admitted, err := a.gateway.Admit(c.ctx, c.actor, article4.RequestID(in.Id),
		exchange.Admission{People: each[article4.PersonID](in.Body.People)})
	if err != nil {
		return nil, err
	}
	return AdmitPeople201JSONResponse{
		Body:    accessRequest(admitted, c.language),
		Headers: AdmitPeople201ResponseHeaders{Location: requestPath(admitted.ID), ETag: tag(admitted.ETag)},
	}, nil
}

// WithdrawRequest answers POST /requests/{id}/withdrawal.
func (a *API) WithdrawRequest(ctx context.Context, in WithdrawRequestRequestObject) (WithdrawRequestResponseObject, error) {
	c := callOf(ctx)
	withdrawn, err := a.gateway.Withdraw(c.ctx, c.actor, article4.RequestID(in.Id), exchange.Withdrawal{Statement: in.Body.Statement})
	if err != nil {
		return nil, err
	}
	return WithdrawRequest201JSONResponse{
		Body:    accessRequest(withdrawn, c.language),
		Headers: WithdrawRequest201ResponseHeaders{Location: requestPath(withdrawn.ID), ETag: tag(withdrawn.ETag)},
	}, nil
}

func accessRequest(r exchange.AccessRequest, in web.Language) api.AccessRequest {
	people := each[string](r.People)
	return api.AccessRequest{
		Id: string(r.ID), Document: string(r.Document), Version: string(r.Version), Reference: r.Reference,
		Marking: api.Marking(r.Marking), AskedBy: string(r.AskedBy), AskedByOrganisation: string(r.AskedByOrg),
		For:      api.Beneficiary{Organisation: string(r.For), People: &people},
		Admitted: each[string](r.Admitted), Purpose: string(r.Purpose), Statement: text(r.Statement), Until: r.Until.UTC(),
		Form: api.Form(r.Form), MadeAt: r.MadeAt.UTC(), LapsesAt: instant(r.LapsesAt), State: api.RequestState(r.State),
		Missing:    listed(r.Missing, func(m article4.Missing) api.Missing { return missing(m, in) }),
		Decisions:  listed(r.Decisions, decision),
		Conditions: text(r.Conditions), ConditionsSha256: text(r.ConditionsSHA), Agreement: text(r.Agreement), LogEntry: text(r.Entry),
	}
}

func missing(m article4.Missing, in web.Language) api.Missing {
	w := worded(article4.Reason{Code: m.What, From: m.From}, place{}, in)
	return api.Missing{What: w.Code, Paragraph: text(w.Paragraph), Title: text(w.Title), From: text(w.From)}
}

func decision(l exchange.Decision) api.Decision {
	return api.Decision{
		Id: string(l.ID), Act: api.DecisionAct(l.Act), By: text(l.By), Organisation: string(l.Organisation), At: l.At.UTC(),
		Until: instant(l.Until), Statement: text(l.Statement), Evidence: optional(api.EvidenceKind(l.Evidence)),
		TextSha256: text(l.TextSHA256), Withdrawn: l.Withdrawn, WithdrawnAt: instant(l.WithdrawnAt),
		WithdrawalStatement: text(l.WithdrawalText), LogEntry: text(l.Entry),
	}
}
