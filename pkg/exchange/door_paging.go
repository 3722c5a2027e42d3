package exchange

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/invalid"
)

// limit bounds a page: 1 to 200, 50 when nothing is asked.
func (p Paging) limit() (int, error) {
	switch {
	case p.Limit == 0:
		return 50, nil
	case p.Limit < 1 || p.Limit > 200:
		return 0, invalid.One(invalid.PageOutOfRange, "limit", "", p.Limit)
	}
	return p.Limit, nil
}

// bounds reads both: how many items, and behind which.
func (p Paging) bounds() (int, cursor, error) {
	limit, err := p.limit()
	if err != nil {
		return 0, cursor{}, err
	}
	after, err := p.cursor()
	return limit, after, err
}

// cursor points behind one item of a list ordered by instant and identifier. It is opaque to callers.
type cursor struct {
	at time.Time
	id string
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.at.UnixMicro(), 36) + "." + c.id))
}

func (p Paging) cursor() (cursor, error) {
	if p.After == "" {
		return cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.After)
	at, id, ok := strings.Cut(string(raw), ".")
	micros, numberErr := strconv.ParseInt(at, 36, 64)
	if err != nil || !ok || numberErr != nil || len(p.After) > 200 || id == "" || strings.ContainsRune(id, 0) {
		return cursor{}, invalid.One(invalid.BadCursor, "after", "")
	}
	return cursor{at: time.UnixMicro(micros).UTC(), id: id}, nil
}

// pageOf is page with each item as the caller is shown it.
func pageOf[T, V any](items []T, limit int, behind func(T) cursor, show func(T) (V, error)) (Page[V], error) {
	cut := page(items, limit, behind)
	out := Page[V]{Next: cut.Next}
	for _, item := range cut.Items {
		shown, err := show(item)
		if err != nil {
			return Page[V]{}, err
		}
		out.Items = append(out.Items, shown)
	}
	return out, nil
}

// as makes of a view that always succeeds what pageOf takes.
func as[T, V any](view func(T) V) func(T) (V, error) {
	return func(item T) (V, error) { return view(item), nil }
}

// page cuts a list that was read one item too long, so that the last page is known without a count.
func page[T any](items []T, limit int, behind func(T) cursor) Page[T] {
	if len(items) <= limit {
		return Page[T]{Items: items}
	}
	return Page[T]{Items: items[:limit], Next: behind(items[limit-1]).String()}
}
