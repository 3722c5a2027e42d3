package rest

import (
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

const maxPage = 200

// paging reads limit and after; an explicit limit is 1 to 200.
func paging(limit *int, after *string) (exchange.Paging, error) {
	if limit != nil && (*limit < 1 || *limit > maxPage) {
		return exchange.Paging{}, fault(invalid.LimitOutOfRange, "limit", maxPage)
	}
	return exchange.Paging{Limit: or(limit), After: or(after)}, nil
}
