package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// listRules answers GET /rules. These words are public; the Gateway has nothing to decide on them.
func (a *API) listRules(c call, q api.ListRulesParams, _ none) (*reply[api.RulePage], error) {
	render := func(p article4.Paragraph) api.Rule { return rule(p, c.language) }
	items, next, err := part(c, article4.Paragraphs(), q.Limit, q.After)
	return answer(api.RulePage{Items: listed(items, render), Next: next}), err
}

// getRule answers GET /rules/{paragraph}, for each paragraph that a reason cites.
func (a *API) getRule(c call, _ none, _ none) (*reply[api.Rule], error) {
	paragraph, found := article4.Quote(c.param("paragraph"))
	if !found {
		return nil, &exchange.NotFound{What: "paragraph"}
	}
	return answer(rule(paragraph, c.language)), nil
}

// rule is a paragraph with the reasons that refuse in its name.
func rule(p article4.Paragraph, in web.Language) api.Rule {
	out := api.Rule{Paragraph: p.Number, Words: p.Text, Measures: []api.Measure{}}
	for _, code := range article4.Codes() {
		entry, _ := article4.Lookup(code)
		if entry.Paragraph != p.Number {
			continue
		}
		out.Measures = append(out.Measures,
			api.Measure{Code: text(code), Basis: entry.Basis, What: wordsIn(entry, in).Title})
	}
	return out
}
