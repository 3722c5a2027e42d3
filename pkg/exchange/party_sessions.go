package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// SessionsEnded is what became of the sessions that people had with the pages.
type SessionsEnded struct {
	Ended int
	Entry string // empty: there was none to end, and nothing was recorded
}

// EndSessions ends the sessions that somebody of the caller's own Party has with the pages, by its signatory and a
// fresh sign-in. Who was signed in is told; nobody is kept from signing in again. Where there is no session, as of a
// machine client, it ends nothing and has no entry. People whom the caller may not know of are *NotFound.
func (g *Gateway) EndSessions(ctx context.Context, a Actor, person article4.PersonID) (SessionsEnded, error) {
	return perform(ctx, g, a, act[SessionsEnded]{
		operation: operation{act: article4.ActEndSessions, what: "person", target: string(person),
			lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				own, err := v.ownSubject(ctx, Suspension{Person: person})
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: own}
				return err
			}},
		do: func(ctx context.Context, v *visit) (SessionsEnded, error) { return v.endSessions(ctx, person) },
	})
}

func (v *visit) endSessions(ctx context.Context, person article4.PersonID) (SessionsEnded, error) {
	ended, err := v.register.EndSessions(ctx, v.tx, person, "", register.EndedByParty)
	if err != nil || ended == 0 {
		return SessionsEnded{}, err
	}
	body := v.body(ledger.KindSessionsEnded, ledger.Permitted)
	body.Terms = &ledger.Terms{People: []string{string(person)}}
	entry, err := v.record(ctx, body, v.ownParties(), nil)
	if err != nil {
		return SessionsEnded{}, err
	}
	o, err := v.organisation(v.actor.organisation.ID)
	if err != nil {
		return SessionsEnded{}, err
	}
	return SessionsEnded{Ended: ended, Entry: entry.id}, v.tell(ctx, register.Notice{
		Kind:   noticeSessionsEnded,
		Owner:  o.SealedUnder(),
		To:     o.ID,
		Person: person,
		Facts:  facts{"since": instant(v.at)},
		Entry:  entry.id,
	})
}

// SessionsOf says whose sessions the operator ends; everybody's where it names neither.
type SessionsOf struct {
	Person       article4.PersonID
	Organisation article4.OrganisationID // of the people of this one
}

// OperatorEndSessions ends the sessions that people have with the pages, as the operator does at the host. Its entry,
// which both Parties open, says that it was the operator; where there is no session nothing is recorded. It is in one
// transaction: what cannot be recorded does not happen. An error where there is no such person or organisation.
func (g *Gateway) OperatorEndSessions(ctx context.Context, of SessionsOf) (SessionsEnded, error) {
	var out SessionsEnded
	end := func(ctx context.Context, v *visit) error {
		out = SessionsEnded{}
		body := v.body(ledger.KindOperatorEndedSessions, ledger.Permitted)
		if of.Organisation != "" {
			if _, err := v.organisation(of.Organisation); err != nil {
				return fmt.Errorf("%s: %w", of.Organisation, err)
			}
			body.Terms = &ledger.Terms{Recipient: string(of.Organisation)}
		}
		if of.Person != "" {
			found, err := g.register.People(ctx, v.tx, []article4.PersonID{of.Person})
			if err == nil && len(found) == 0 {
				err = register.ErrNotFound
			}
			if err != nil {
				return fmt.Errorf("%s: %w", of.Person, err)
			}
			body.Terms = &ledger.Terms{People: []string{string(of.Person)}}
		}
		var err error
		out.Ended, err = g.register.EndSessions(ctx, v.tx, of.Person, of.Organisation,
			register.EndedByOperator)
		if err != nil || out.Ended == 0 {
			return err
		}
		entry, err := v.record(ctx, body, v.parties, nil)
		out.Entry = entry.id
		return err
	}
	err := again(func() error { return g.bySystem(ctx, operation{}, end) })
	if err != nil {
		return SessionsEnded{}, err
	}
	g.sequencer.Wake()
	return out, nil
}
