package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

const maxPage = 200

// paging reads limit and after; an explicit limit is 1 to 200. A cursor is of the list that gave it: the same path, the
// same filters, the same order.
func (c call) paging(limit *int, after *string) (exchange.Paging, error) {
	var f faults
	if limit != nil && (*limit < 1 || *limit > maxPage) {
		f.Add(invalid.LimitOutOfRange, "limit", "", maxPage)
	}
	inner := or(after)
	if inner != "" {
		list, rest, _ := strings.Cut(inner, "~")
		if inner = rest; list != c.list() {
			f.Add(invalid.OtherList, "after", "")
		}
	}
	return exchange.Paging{Limit: or(limit), After: inner}, f.Err()
}

// next is the cursor behind a page, bound to the list.
func (c call) next(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return text(c.list() + "~" + cursor)
}

// list names the list that is read: its address without limit and after.
func (c call) list() string {
	query, _ := url.ParseQuery(c.Request.URL.RawQuery) // it was read before
	query.Del("limit")
	query.Del("after")
	sum := sha256.Sum256([]byte(c.Request.URL.Path + "?" + query.Encode()))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// part is a page of a list that the Gateway gives whole.
func part[T any](c call, all []T, limit *int, after *string) (items []T, next *string, err error) {
	page, err := c.paging(limit, after)
	if err != nil {
		return nil, nil, err
	}
	first := 0
	if page.After != "" {
		if first, err = strconv.Atoi(page.After); err != nil || first < 0 {
			return nil, nil, fault(invalid.OtherList, "after")
		}
	}
	size := page.Limit
	if size == 0 {
		size = 50
	}
	first = min(first, len(all))
	last := min(first+size, len(all))
	if last < len(all) {
		next = c.next(strconv.Itoa(last))
	}
	return all[first:last], next, nil
}

// leftOut is how many records a page is without; nil where it has all.
func leftOut(n int) *api.LeftOut {
	if n == 0 {
		return nil
	}
	return &n
}
