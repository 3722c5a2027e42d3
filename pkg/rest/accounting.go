package rest

import (
	"encoding/json"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// getAccounting answers GET /log/accounting; each item in its canonical bytes, which a bundle gives as well.
func (a *API) getAccounting(c call, q api.GetAccountingParams, _ none) (*reply[raw], error) {
	page, err := c.paging(q.Limit, q.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.LogAccounting(c.ctx, c.actor, exchange.AccountingQuery{
		Paging:   page,
		Document: named[article4.DocumentID](q.Document),
		To:       named[article4.OrganisationID](q.Organisation),
		Person:   named[article4.PersonID](q.Person),
		Consent:  named[article4.Digest](q.Consent),
		Since:    or(instant(or(q.Since))),
		Until:    or(instant(or(q.Until))),
	})
	if err != nil {
		return nil, err
	}
	next := c.next(found.Next)
	if c.wantsTable() {
		rows := [][]string{exchange.AccountingColumns()}
		for _, item := range found.Items {
			rows = append(rows, item.Row())
		}
		return &reply[raw]{body: c.table(rows, next)}, nil
	}
	items := make([]json.RawMessage, len(found.Items))
	for i, item := range found.Items {
		if items[i], err = item.Bytes(); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(struct {
		Items []json.RawMessage `json:"items"`
		Next  string            `json:"next,omitempty"`
	}{items, or(next)})
	return answer(raw{"application/json", data}), err
}
