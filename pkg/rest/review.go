package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
)

// getReview answers GET /arrangement/review.
func (a *API) getReview(c call, q api.GetReviewParams, _ none) (*reply[api.Review], error) {
	found, err := a.gateway.Review(c.ctx, c.actor, q.Since, q.Until)
	if err != nil {
		return nil, err
	}
	if c.wantsTable() {
		rows := append([][]string{exchange.ReviewColumns()}, found.Table()...)
		return &reply[api.Review]{body: c.table(rows, nil)}, nil
	}
	return answer(api.Review{
		Organisation: string(found.Party),
		Since:        found.Since,
		Until:        found.Until,
		At:           found.At.UTC(),
		Counts:       listed(found.Counts, reviewCount),
		Open:         waitingFor(found.Open),
	}), nil
}

func reviewCount(c exchange.ReviewCount) api.ReviewCount {
	return api.ReviewCount{DocumentsOf: string(c.Discloser), What: string(c.What), Count: c.Count,
		ByMarking: textual(c.ByMarking), ByPurpose: textual(c.ByPurpose)}
}

func textual[K ~string](in map[K]int) map[string]int {
	out := map[string]int{}
	for key, n := range in {
		out[string(key)] = n
	}
	return out
}
