package portal

import "chancery.example/gateway/pkg/exchange"

// most is how much of a list is read at once, and mostRead how much of one that a page needs whole.
const (
	most     = 200
	mostRead = 2000
)

// whole reads a list to its end, or as far as mostRead: cut says that more follows.
func whole[T any](c *call, read func(exchange.Paging) (exchange.Page[T], error)) (all []T, cut bool, err error) {
	for p := (exchange.Paging{Limit: most}); ; {
		found, err := read(p)
		if err != nil {
			return nil, false, err
		}
		all = append(all, found.Items...)
		c.without(found.LeftOut)
		if p.After = found.Next; p.After == "" || len(all) >= mostRead {
			return all, p.After != "", nil
		}
	}
}

// among looks through a list for the one that is meant.
func among[T any](read func(exchange.Paging) (exchange.Page[T], error), meant func(T) bool) (one T, found bool,
	err error) {
	for p := (exchange.Paging{Limit: most}); ; {
		page, err := read(p)
		if err != nil {
			return one, false, err
		}
		for _, item := range page.Items {
			if meant(item) {
				return item, true, nil
			}
		}
		if p.After = page.Next; p.After == "" {
			return one, false, nil
		}
	}
}

// without says on the page that a list of it is not whole: records were altered, and left out.
func (c *call) without(records int) { c.leftOut = c.leftOut || records > 0 }

// onward is the address of this page with what follows of one of its lists; empty where nothing does.
func (c *call) onward(list, next string) string {
	if next == "" {
		return ""
	}
	query := c.Request.URL.Query()
	query.Set(list, next)
	query.Del("lang")
	query.Del("done")
	return c.Request.URL.Path + "?" + query.Encode()
}
