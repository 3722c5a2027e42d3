package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
)

// noticeSaid is what both officials say.
type noticeSaid struct {
	GivenOn   time.Time `json:"given_on"`
	Statement string    `json:"statement"`
}

// GiveNotice gives ninety days written notice of termination (Article 11(4)). The first official of a Party says the
// day from which it counts, today or later (reading 0008), and it waits, Pending set; a second confirms it, or gives
// the same. Then it is put before the other Party's focal point, and EndsOn is the last day in effect. A notice that
// was given stands: its day never changes, and a second notice is ErrConflict.
func (g *Gateway) GiveNotice(ctx context.Context, a Actor, in NoticeOfTermination) (NoticeOfTermination, error) {
	said := noticeSaid{GivenOn: in.GivenOn.UTC(), Statement: in.Statement}
	if err := said.check(); err != nil {
		return NoticeOfTermination{}, err
	}
	return g.notice(ctx, a, &said, func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
		return v.second(ctx, string(a.organisation.ID), said)
	})
}

// ConfirmNotice confirms, as a second official, the notice that waits for the own Party. It must still be before the
// end of the day from which it counts.
func (g *Gateway) ConfirmNotice(ctx context.Context, a Actor) (NoticeOfTermination, error) {
	var said noticeSaid
	return g.notice(ctx, a, &said, func(ctx context.Context, v *visit) (*article4.SecondFacts, error) {
		waiting, err := g.register.PendingOn(ctx, v.tx, article4.ActGiveNotice, string(a.organisation.ID), v.at)
		if err != nil {
			return nil, err
		}
		return v.ownPendingNamed(ctx, waiting.ID, &said)
	})
}

func (s noticeSaid) check() error {
	var c checks
	switch {
	case s.GivenOn.IsZero():
		c.Add(invalid.MissingDayOfNotice, "given_on", "11(4)")
	case !s.GivenOn.Equal(s.GivenOn.Truncate(24 * time.Hour)):
		c.Add(invalid.NotADay, "given_on", "11(4)")
	}
	c.date("given_on", "11(4)", s.GivenOn)
	c.required("statement", "11(4)", s.Statement, maxStatement)
	return c.Err()
}

func (g *Gateway) notice(ctx context.Context, a Actor, said *noticeSaid,
	second func(context.Context, *visit) (*article4.SecondFacts, error)) (NoticeOfTermination, error) {
	return perform(ctx, g, a, act[NoticeOfTermination]{
		operation: operation{act: article4.ActGiveNotice, what: "notice", target: string(a.organisation.ID),
			alone: true,
			facts: func(ctx context.Context, v *visit) error {
				first, err := second(ctx, v)
				v.facts.Change = &article4.ChangeFacts{Second: first, GivenOn: said.GivenOn, OwnSubject: v.ofParty(),
					ReasonPresent: strings.TrimSpace(said.Statement) != ""}
				return err
			}},
		do: func(ctx context.Context, v *visit) (NoticeOfTermination, error) { return v.giveNotice(ctx, *said) },
		replay: func(ctx context.Context, made string) (NoticeOfTermination, error) {
			return g.replayNotice(ctx, a, made)
		},
	})
}

// replayNotice answers the repetition of either half of a notice of termination.
func (g *Gateway) replayNotice(ctx context.Context, a Actor, made string) (NoticeOfTermination, error) {
	var said noticeSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return NoticeOfTermination{}, err
	}
	return shown(ctx, g, a, operation{act: article4.ActGiveNotice, what: "notice", target: made},
		func(context.Context, *visit) (NoticeOfTermination, error) {
			out := terminationView(said)
			if waits != nil {
				out.Pending, out.EndsOn = waits, nil
			}
			return out, nil
		})
}

func (v *visit) giveNotice(ctx context.Context, said noticeSaid) (NoticeOfTermination, error) {
	if given := v.arrangement.NoticeGivenOn; !given.IsZero() {
		return NoticeOfTermination{}, fmt.Errorf("%w: notice was given already and counts from %s", ErrConflict,
			given.Format(time.DateOnly))
	}
	out := terminationView(said)
	body := v.officialBody(string(v.actor.organisation.ID), "")
	body.Terms.Given = said.GivenOn
	var err error
	out.Pending, err = v.twice(ctx, halves{
		target:  string(v.actor.organisation.ID),
		payload: said,
		body:    body,
		parties: v.entitledByStep(),
		fields:  []private{{"statement", said.Statement}},
		done: func(entry written) error {
			if err := v.register.GiveNotice(ctx, v.tx, said.GivenOn); err != nil {
				return err
			}
			if err := v.tellOtherParty(ctx, noticeTermination, entry.id, v.noticeFacts(said, *out.EndsOn)); err != nil {
				return err
			}
			return v.announceRevocation(ctx, everything)
		},
	})
	if out.Pending != nil {
		out.EndsOn = nil
	}
	return out, err
}

// terminationView computes the last day in effect: the ninetieth after the day from which notice counts (reading 0008).
func terminationView(said noticeSaid) NoticeOfTermination {
	last := said.GivenOn.AddDate(0, 0, article4.NoticeDays)
	return NoticeOfTermination{GivenOn: said.GivenOn, Statement: said.Statement, EndsOn: &last}
}

func (v *visit) noticeFacts(said noticeSaid, last time.Time) facts {
	return facts{"organisation": v.actor.organisation.Name, "since": day(said.GivenOn), "until": day(last),
		"statement": said.Statement}
}

// pendingNotice is the own Party's notice that waits for a second official.
func (v *visit) pendingNotice(ctx context.Context) (*NoticeOfTermination, error) {
	waiting, err := v.ownPending(ctx, article4.ActGiveNotice)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	var said noticeSaid
	if err := json.Unmarshal([]byte(waiting[0].Payload), &said); err != nil {
		return nil, fmt.Errorf("pending %s: %w", waiting[0].ID, err)
	}
	return &NoticeOfTermination{GivenOn: said.GivenOn, Statement: said.Statement, Pending: pendingView(waiting[0])}, nil
}
