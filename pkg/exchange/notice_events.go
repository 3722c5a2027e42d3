package exchange

import (
	"context"
	"errors"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// Event is that the caller was told something: a notice by its identifiers, without what it says. What the caller has
// no standing for any more is not named.
type Event struct {
	ID       string // of the notice
	Kind     string
	Document article4.DocumentID
	Request  article4.RequestID
	Subject  string
	At       time.Time
}

// EventQuery asks for what was told behind the event After, or for everything that is kept.
type EventQuery struct {
	After string        // the identifier of the last event that the caller has; empty: from the beginning
	Limit int           // 1 to 200; 0 means 50
	Wait  time.Duration // 0 to MaxEventWait: how long an answer without events is put off
}

// EventPage is what was told, in the order in which it was told. Whoever goes on behind the last of Items misses none.
type EventPage struct {
	Items []Event
	More  bool // there are more now
}

const (
	// EventsKept is how long an event is listed.
	EventsKept = 30 * 24 * time.Hour
	// MaxEventWait is the longest that an answer is put off.
	MaxEventWait = 30 * time.Second
)

// Events lists what the caller was told, the earliest first, each event once for whoever goes on behind the last; after
// a break, or where the gateway answered and nobody read it, once more. What the caller may see is asked anew each
// time: an event of a notice that is not the caller's to see any more is not listed. With Wait it answers as soon as
// there is something. A *TooManyWaits says that the caller, or everybody, waits too often. Invalid are an After that
// names no event of the caller's, and one behind which something was told that is kept no longer: it stands among the
// Notices, and the caller begins anew.
func (g *Gateway) Events(ctx context.Context, a Actor, q EventQuery) (EventPage, error) {
	limit, err := Paging{Limit: q.Limit}.limit()
	if err != nil {
		return EventPage{}, err
	}
	if q.Wait <= 0 {
		return g.eventsNow(ctx, a, q.After, limit)
	}
	waiting, err := g.events.wait(a)
	if err != nil {
		return EventPage{}, err
	}
	defer g.events.leave(waiting)
	over := time.NewTimer(min(q.Wait, MaxEventWait))
	defer over.Stop()
	for {
		found, err := g.eventsNow(ctx, a, q.After, limit)
		if err != nil || len(found.Items) > 0 {
			return found, err
		}
		select {
		case <-waiting.woken:
		case <-over.C:
			return found, nil
		case <-g.events.stopped:
			return found, nil
		case <-ctx.Done():
			return EventPage{}, ctx.Err()
		}
	}
}

// eventsNow reads one page; nothing of the database is held when it returns.
func (g *Gateway) eventsNow(ctx context.Context, a Actor, after string, limit int) (EventPage, error) {
	var out EventPage
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = EventPage{}
		if !v.sees() && (!v.hasRole() || v.ofParty()) {
			return nil
		}
		found, missed, err := g.register.Events(ctx, v.tx, v.viewer(), register.EventFilter{After: after,
			Since: v.at.Add(-EventsKept), Limit: limit + 1})
		if errors.Is(err, register.ErrNotFound) {
			return invalid.One(invalid.NotAnEvent, "after", "")
		}
		if err != nil {
			return err
		}
		if missed {
			return invalid.One(invalid.EventsMissed, "after", "")
		}
		if out.More = len(found) > limit; out.More {
			found = found[:limit]
		}
		out.Items, err = v.eventsShown(ctx, found)
		return err
	})
	return out, err
}

// eventsShown names of each event what the caller has standing for now.
func (v *visit) eventsShown(ctx context.Context, found []register.Event) ([]Event, error) {
	ids := []article4.DocumentID{}
	for _, e := range found {
		if e.Document != "" {
			ids = append(ids, e.Document)
		}
	}
	known, err := v.standingFor(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(found))
	for i, e := range found {
		out[i] = Event{ID: e.ID, Kind: e.Kind, Subject: e.Subject, At: e.At}
		if e.Document == "" || known[e.Document] {
			out[i].Document, out[i].Request = e.Document, e.Request
		}
	}
	return out, nil
}

// standingFor are those of the documents that the caller has standing for now; none of what was altered.
func (v *visit) standingFor(ctx context.Context, ids []article4.DocumentID) (map[article4.DocumentID]bool, error) {
	known := map[article4.DocumentID]bool{}
	if len(ids) == 0 || !v.sees() {
		return known, nil
	}
	lines, err := v.register.Documents(ctx, v.tx, v.viewer(), register.DocumentFilter{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, err
	}
	docs, _, err := readEach(v, lines, itself)
	if err != nil {
		return nil, err
	}
	_, err = apart(v, docs, idOf, func(some []register.Document) error {
		rests, err := v.restsOn(ctx, some, nil)
		if err != nil {
			return err
		}
		for _, d := range some {
			one, by := v.of(d), rests[d.ID]
			if err := one.access(by.requests, by.releases); err != nil {
				return err
			}
			known[d.ID] = article4.StandingOf(one.facts)
		}
		return nil
	})
	return known, err
}
