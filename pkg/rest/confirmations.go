package rest

import (
	"encoding/json"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
)

// listConfirmations answers GET /confirmations.
func (a *API) listConfirmations(c call, q api.ListConfirmationsParams, _ none) (*reply[api.ConfirmationPage], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.Confirmations(c.ctx, c.actor, page)
	if err != nil {
		return nil, err
	}
	return answer(api.ConfirmationPage{Items: listed(found.Items, confirmation), Next: c.next(found.Next),
		LeftOut: leftOut(found.LeftOut)}), nil
}

func confirmation(u exchange.Confirmation) api.Confirmation {
	out := api.Confirmation{
		Pending:      *pending(&u.Pending),
		Organisation: string(u.Organisation),
		Document:     text(u.Document),
		Version:      text(u.Version),
		Request:      text(u.Request),
		Subject:      text(u.Subject),
		Says:         members(saidBody(u.Says)),
	}
	if !u.Mine {
		out.Confirm = &api.Remedy{Method: "POST", Href: confirmationPath(u.ID)}
	}
	return out
}

func confirmationPath(pending string) string { return Base + "/confirmations/" + pending }

// saidBody is the body that the first person sent, without the reason.
func saidBody(says any) any {
	switch s := says.(type) {
	case exchange.MarkingChange:
		return api.MarkingChange{Marking: api.Marking(s.Marking), Proprietary: s.Proprietary}
	case exchange.EntitiesChange:
		return api.EntitiesChange{Remove: text(s.Remove)}
	case exchange.FiledAuthorization:
		return api.Filing{
			Entity:           string(s.Entity),
			GivenBy:          s.GivenBy,
			GivenOn:          openapi_types.Date{Time: s.GivenOn},
			InstrumentSha256: string(s.InstrumentSHA256),
			Statement:        s.Statement,
			Until:            instant(s.Until),
		}
	case exchange.Erasure:
		return api.Erasing{Entry: text(s.Entry), Field: text(s.Field), Person: text(s.Person), LegalBasis: s.LegalBasis}
	case exchange.DelegationFiled:
		return delegationBody(s)
	case exchange.Designation:
		return api.Designating{Subject: s.Subject, Name: s.Name, InstrumentSha256: text(s.InstrumentSHA256)}
	case exchange.NoticeOfTermination:
		return api.Terminating{GivenOn: openapi_types.Date{Time: s.GivenOn}, Statement: s.Statement}
	case exchange.WebhookProposed:
		return api.WebhookProposed{Address: s.Address}
	case exchange.MandateProposed:
		return mandateBody(s)
	case exchange.OrganisationProposed:
		return api.OrganisationProposed{
			Changes: text(s.Changes),
			Short:   text(s.Short),
			Name:    s.Name,
			Type:    s.Type,
			Country: text(s.Country),
			Issuer:  s.Issuer,
		}
	}
	return nil
}

func delegationBody(s exchange.DelegationFiled) api.DelegationFiled {
	out := api.DelegationFiled{
		Subject:          text(s.Subject),
		Name:             text(s.Name),
		Since:            instant(s.From),
		Until:            instant(s.Until),
		InstrumentSha256: text(s.InstrumentSHA256),
		Ends:             text(s.Ends),
	}
	if len(s.Acts) > 0 {
		acts := each[api.Act](s.Acts)
		out.Acts = &acts
	}
	return out
}

// members are those of a body as it would be sent; none of no body.
func members(body any) map[string]any {
	out := map[string]any{}
	raw, err := json.Marshal(body)
	if err == nil && body != nil {
		_ = json.Unmarshal(raw, &out) // what was encoded as an object decodes as one
		if out["statement"] == "" {
			delete(out, "statement") // each of the two gives their own
		}
	}
	return out
}
