package rest

import (
	"encoding/json"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// requestSeveral answers POST /requests.
func (a *API) requestSeveral(c call, _ none, in api.AskSeveral) (*reply[api.AskedSeveral], error) {
	found, err := a.gateway.RequestSeveral(c.ctx, c.actor, each[article4.DocumentID](in.Documents), askOf(api.Ask{
		For: in.For, Purpose: in.Purpose, Statement: in.Statement, Until: in.Until, Form: in.Form}))
	if err != nil {
		return nil, err
	}
	return answer(api.AskedSeveral{Items: listed(found, func(one exchange.AskedFor) api.AskedOne {
		out := api.AskedOne{Document: string(one.Document)}
		out.Request, out.Problem = a.either(c, one.Request, one.Err)
		return out
	})}), nil
}

// carryOver answers POST /requests/{id}/carry-over.
func (a *API) carryOver(c call, _ none, in api.CarryOver) (*reply[api.AccessRequest], error) {
	made, err := a.gateway.CarryOver(c.ctx, c.actor, article4.RequestID(c.param("id")), or(in.Statement),
		or(instant(or(in.Until))))
	if err != nil {
		return nil, err
	}
	return answerMade(accessRequest(made, c), requestPath(made.ID)).tagged(made.ETag), nil
}

// decideSeveral answers POST /decisions.
func (a *API) decideSeveral(c call, _ none, in api.DecidingSeveral) (*reply[api.DecidedSeveral], error) {
	all, err := severalOf(in)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.DecideSeveral(c.ctx, c.actor, all, evidence(or(in.Evidence)))
	if err != nil {
		return nil, err
	}
	return answer(api.DecidedSeveral{Items: listed(found, func(one exchange.Decided) api.DecidedOne {
		out := api.DecidedOne{RequestId: string(one.ID)}
		out.Request, out.Problem = a.either(c, one.Request, one.Err)
		return out
	})}), nil
}

// draftSeveral answers POST /decisions/draft.
func (a *API) draftSeveral(c call, _ none, in api.DecidingSeveral) (*reply[api.DraftedSeveral], error) {
	all, err := severalOf(in)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.DraftSeveral(c.ctx, c.actor, all)
	if err != nil {
		return nil, err
	}
	return answer(api.DraftedSeveral{Nonce: text(found.Nonce),
		Items: listed(found.Decisions, func(one exchange.Decided) api.DraftedOne {
			out := api.DraftedOne{RequestId: string(one.ID)}
			if one.Err != nil {
				out.Problem = a.problem(c, one.Err)
				return out
			}
			out.Text = &api.CanonicalText{Text: one.Text.Text, TextSha256: string(one.Text.SHA256),
				Nonce: one.Text.Nonce}
			out.IfMatch = text(one.Text.State)
			return out
		})}), nil
}

// severalOf reads what is decided on each request; a state that is no ETag is none.
func severalOf(in api.DecidingSeveral) ([]exchange.Deciding, error) {
	out := make([]exchange.Deciding, len(in.Decisions))
	for i, one := range in.Decisions {
		match := ""
		if one.IfMatch != nil {
			quoted := `"` + strings.Trim(*one.IfMatch, `"`) + `"`
			var err error
			if match, err = ifMatch(&quoted); err != nil {
				return nil, err
			}
		}
		out[i] = exchange.Deciding{Request: article4.RequestID(one.Request), Verdict: verdictOf(api.Deciding{
			Act:                    one.Act,
			Statement:              one.Statement,
			Until:                  one.Until,
			Form:                   one.Form,
			Conditions:             one.Conditions,
			AgreementRequired:      one.AgreementRequired,
			EarlierSignatureServes: one.EarlierSignatureServes,
			Evidence:               in.Evidence,
		}, match)}
	}
	return out, nil
}

// either is the request, or the problem that stands in its way.
func (a *API) either(c call, q exchange.AccessRequest, err error) (*api.AccessRequest, *api.Problem) {
	if err != nil {
		return nil, a.problem(c, err)
	}
	return optionalOf(accessRequest(q, c)), nil
}

// problem is the problem document of one of several acts, within the answer to all.
func (a *API) problem(c call, err error) *api.Problem {
	said := a.problems.Of(err, c.actor, c.language)
	said.RequestID = web.RequestID(c.Context)
	text, fault := json.Marshal(said)
	var out api.Problem
	if fault != nil || json.Unmarshal(text, &out) != nil {
		panic("a problem document is no problem document") // strings and numbers always encode
	}
	return &out
}

func optionalOf[T any](v T) *T { return &v }
