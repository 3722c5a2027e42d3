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
	out := Page[V]{Next: cut.Next}
	for _, line := range cut.Items {
		var shown V
		err := line.Unread
		if err == nil {
			shown, err = show(line.Record)
		}
		switch {
		case v.leavesOut(line.Document, err):
			out.LeftOut++
		case err != nil:
			return Page[V]{}, err
		default:
			out.Items = append(out.Items, shown)
		}
	}
	return out, nil
}

func behindLine[T any](line register.Listed[T]) cursor { return cursor{line.At, line.ID} }

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

// apart does something for several documents at once or, where something of one of them was altered, for each by
// itself, and counts those that it leaves out. Where do fails it has done nothing.
func (v *visit) apart(documents []register.Document, do func([]register.Document) error) (left int, err error) {
	if err = do(documents); faultCode(err) != codeAltered {
		return 0, err
	}
	for _, d := range documents {
		err := do([]register.Document{d})
		if v.leavesOut(d.ID, err) {
			left++
		} else if err != nil {
			return left, err
		}
	}
	return left, nil
}

// readable are the documents of a list that can be read, and how many cannot.
func (v *visit) readable(lines []register.Listed[register.Document]) (docs []register.Document, left int, err error) {
	for _, line := range lines {
		switch {
		case v.leavesOut(line.Document, line.Unread):
			left++
		case line.Unread != nil:
			return nil, left, line.Unread
		default:
			docs = append(docs, line.Record)
		}
	}
	return docs, left, nil
}

// waitingOn tells of each target whether an act on it waits for a second person; what was altered waits for nobody.
func (v *visit) waitingOn(ctx context.Context, act article4.Act, targets []string) (map[string]register.Pending,
	error) {
	found, err := v.register.PendingOnEach(ctx, v.tx, act, targets, v.at)
	if faultCode(err) != codeAltered {
		return found, err
	}
	for _, target := range targets {
		one, err := v.register.PendingOnEach(ctx, v.tx, act, []string{target}, v.at)
		if v.leavesOut("", err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(found, one)
	}
	return found, nil
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
