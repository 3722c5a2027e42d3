package rest

import (
	"context"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Sessions are those that people have with the pages. Somebody sees and ends their own, and a machine client has none.
type Sessions interface {
	// Of are the living ones of the caller, the newest first.
	Of(ctx context.Context, a exchange.Actor) ([]Session, error)
	// End ends the one of the caller's that id names, or with an empty id all of them, and answers what it ended:
	// nothing where id is somebody else's or nobody's. It answers the *exchange.Refusal of Actor.StepUp, and ends
	// nothing, where there is something to end and the caller did not sign in just now.
	End(ctx context.Context, a exchange.Actor, id string) ([]Session, error)
}

// Session is one, as its person sees it.
type Session struct {
	ID        string // opens nothing
	Browser   string // in a few known words
	CreatedAt time.Time
	SeenAt    time.Time // to the minute
	EndsAt    time.Time // at the latest
}

// noSessions is a gateway without pages.
type noSessions struct{}

func (noSessions) Of(context.Context, exchange.Actor) ([]Session, error)          { return nil, nil }
func (noSessions) End(context.Context, exchange.Actor, string) ([]Session, error) { return nil, nil }

// listSessions answers GET /me/sessions.
func (a *API) listSessions(c call, _ none, _ none) (*reply[api.PortalSessions], error) {
	found, err := a.sessions.Of(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(api.PortalSessions{Sessions: listed(found, portalSession)}), nil
}

// endSessions answers DELETE /me/sessions.
func (a *API) endSessions(c call, _ none, _ none) (*reply[api.PortalSessions], error) {
	ended, err := a.sessions.End(c.ctx, c.actor, "")
	if err != nil {
		return nil, err
	}
	return answer(api.PortalSessions{Sessions: listed(ended, portalSession)}), nil
}

// endSession answers DELETE /me/sessions/{id}.
func (a *API) endSession(c call, _ none, _ none) (*reply[api.PortalSession], error) {
	id := c.param("id")
	if id == "" { // would be all
		return nil, &exchange.NotFound{What: "session"}
	}
	ended, err := a.sessions.End(c.ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	if len(ended) == 0 {
		return nil, &exchange.NotFound{What: "session"}
	}
	return answer(portalSession(ended[0])), nil
}

// endSessionsOf answers DELETE /people/{id}/sessions.
func (a *API) endSessionsOf(c call, _ none, _ none) (*reply[api.SessionsEnded], error) {
	done, err := a.gateway.EndSessions(c.ctx, c.actor, article4.PersonID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(api.SessionsEnded{Ended: done.Ended, LogEntry: text(done.Entry)}), nil
}

func portalSession(s Session) api.PortalSession {
	return api.PortalSession{Id: s.ID, Browser: s.Browser, CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, EndsAt: s.EndsAt}
}
