package exchange

import (
	"context"
	"encoding/base64"
	"maps"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
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

// readPage is pageOf of records that may have been altered.
func readPage[T, V any](v *visit, lines []register.Listed[T], limit int, show func(T) (V, error)) (Page[V], error) {
	cut := page(lines, limit, behindLine)
	shown, left, err := readEach(v, cut.Items, show)
	if err != nil {
		return Page[V]{}, err
	}
	return Page[V]{Items: shown, Next: cut.Next, LeftOut: left}, nil
}

func behindLine[T any](line register.Listed[T]) cursor { return cursor{line.At, line.ID} }

// readEach shows the records of a list that can be read, and counts those that were altered.
func readEach[T, V any](v *visit, lines []register.Listed[T], show func(T) (V, error)) (out []V, left int, err error) {
	for _, line := range lines {
		var shown V
		err := line.Unread
		if err == nil {
			shown, err = show(line.Record)
		}
		switch {
		case v.leavesOut(line.Document, err):
			left++
		case err != nil:
			return nil, left, err
		default:
			out = append(out, shown)
		}
	}
	return out, left, nil
}

// leavesOut reports whether a list goes on without a record, since that was altered: the operations log says so at
// once, and the auditors of both Parties are told behind the list.
func (v *visit) leavesOut(document article4.DocumentID, err error) bool {
	if faultCode(err) != codeAltered {
		return false
	}
	v.logger.Error("outage", "act", v.act, "code", codeAltered, "error", err)
	v.meets(document)
	return true
}

// apart does something for several things at once or, where something that one of them rests on was altered, for each
// by itself, and counts those that it leaves out; about names the document that one is about. Where do fails it has
// done nothing.
func apart[T any](v *visit, all []T, about func(T) article4.DocumentID, do func([]T) error) (left int, err error) {
	if err = do(all); faultCode(err) != codeAltered {
		return 0, err
	}
	for _, one := range all {
		err := do([]T{one})
		if v.leavesOut(about(one), err) {
			left++
		} else if err != nil {
			return left, err
		}
	}
	return left, nil
}

// waitingOn tells of each target whether an act on it waits for a second person; what was altered waits for nobody.
func (v *visit) waitingOn(ctx context.Context, act article4.Act, targets []string) (map[string]register.Pending,
	error) {
	out := map[string]register.Pending{}
	_, err := apart(v, targets, func(string) article4.DocumentID { return "" }, func(some []string) error {
		found, err := v.register.PendingOnEach(ctx, v.tx, act, some, v.at)
		maps.Copy(out, found)
		return err
	})
	return out, err
}

// as makes of a view that always succeeds what pageOf takes.
func as[T, V any](view func(T) V) func(T) (V, error) {
	return func(item T) (V, error) { return view(item), nil }
}

// itself shows a record as it was read.
func itself[T any](record T) (T, error) { return record, nil }

func idOf(d register.Document) article4.DocumentID { return d.ID }

// page cuts a list that was read one item too long, so that the last page is known without a count.
func page[T any](items []T, limit int, behind func(T) cursor) Page[T] {
	if len(items) <= limit {
		return Page[T]{Items: items}
	}
	return Page[T]{Items: items[:limit], Next: behind(items[limit-1]).String()}
}
