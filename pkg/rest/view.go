package rest

import (
	"strconv"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
)

// getPages answers GET /disclosures/{id}/pages.
func (a *API) getPages(c call, _ none, _ none) (*reply[api.Pages], error) {
	found, err := a.gateway.Pages(c.ctx, c.actor, article4.DisclosureID(c.param("id")))
	if err != nil {
		return nil, err
	}
	shown := found.Shown
	if shown == nil {
		shown = []int{}
	}
	return answer(api.Pages{Disclosure: disclosure(found.Disclosure, c), Pages: found.Count, Shown: shown}), nil
}

// getPage answers GET /disclosures/{id}/pages/{n}. What is no number is a page that there is not.
func (a *API) getPage(c call, _ none, _ none) (*reply[raw], error) {
	n, err := strconv.Atoi(c.param("n"))
	if err != nil {
		n = 0
	}
	page, err := a.gateway.Page(c.ctx, c.actor, article4.DisclosureID(c.param("id")), n)
	if err != nil {
		return nil, err
	}
	return answer(raw{"image/png", page.PNG}), nil
}
