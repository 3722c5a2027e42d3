package rest

import (
	"context"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// ListRules answers GET /rules. These words are public; the Gateway has nothing to decide on them.
func (a *API) ListRules(ctx context.Context, _ ListRulesRequestObject) (ListRulesResponseObject, error) {
	c := callOf(ctx)
	render := func(p article4.Paragraph) api.Rule { return rule(p, c.language) }
	return ListRules200JSONResponse{Items: listed(article4.Paragraphs(), render)}, nil
}

// GetRule answers GET /rules/{paragraph}, for each paragraph that a reason cites.
func (a *API) GetRule(ctx context.Context, in GetRuleRequestObject) (GetRuleResponseObject, error) {
	c := callOf(ctx)
	paragraph, found := article4.Quote(in.Paragraph)
	if !found {
		return nil, &exchange.NotFound{What: "paragraph"}
	}
	return GetRule200JSONResponse(rule(paragraph, c.language)), nil
}

// rule is a paragraph with the reasons that refuse in its name.
func rule(p article4.Paragraph, in web.Language) api.Rule {
	out := api.Rule{Paragraph: p.Number, Words: p.Text, Measures: []api.Measure{}}
	for _, code := range article4.Codes() {
		entry, _ := article4.Lookup(code)
		if entry.Paragraph != p.Number {
			continue
		}
		out.Measures = append(out.Measures, api.Measure{Code: text(code), Basis: entry.Basis, What: wordsIn(entry, in).Title})
	}
	return out
}
