package exchange

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// Notifications is how a person is sent word that something waits. What is asked of people is never left unsent.
type Notifications struct {
	Mail     string // "at-once" or "daily"; what is urgent comes at once all the same
	Courtesy bool   // also of what asks nothing of the person
	Language string // "en", "fr" or "both"
	Address  string // as the identity provider told and verified it; empty: none is known. Only from reading
	Bounced  *time.Time
}

// How a person may want to be sent word, and in which languages, as the records keep it.
const (
	mailAtOnce = "at-once"
	mailDaily  = "daily"
)

var mailLanguages = map[string]string{"both": "", "en": "en", "fr": "fr"}

// answersFor reports whether somebody sees what the whole organisation is told.
func answersFor(c Claims) bool {
	return slices.Contains(c.Roles, article4.RoleFocalPoint) || slices.Contains(c.Roles, article4.RoleSignatory)
}

// keepContact keeps where somebody is sent word, as this sign-in tells it. A token that tells no address leaves the
// one that is known; a machine has none.
func (v *visit) keepContact(ctx context.Context, p register.Person, c Claims) error {
	if c.Service != nil {
		return nil
	}
	known, err := v.register.ContactOf(ctx, v.tx, p.ID)
	if err != nil {
		return err
	}
	address := c.Email
	if address == "" {
		address = known.Address
	}
	if address == known.Address && answersFor(c) == known.Answers {
		return nil
	}
	return v.register.Reach(ctx, v.tx, p, address, answersFor(c))
}

// Notifications tells the caller how they are sent word.
func (g *Gateway) Notifications(ctx context.Context, a Actor) (Notifications, error) {
	var out Notifications
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		c, err := g.register.ContactOf(ctx, v.tx, a.person)
		out = notificationsView(c)
		return err
	})
	return out, err
}

// SetNotifications records how the caller wants to be sent word. It is no act under the Arrangement and has no entry.
// An address that bounced is tried anew.
func (g *Gateway) SetNotifications(ctx context.Context, a Actor, in Notifications) (Notifications, error) {
	if a.person == "" {
		return Notifications{}, ErrUnrecognised
	}
	var c checks
	if in.Mail != mailAtOnce && in.Mail != mailDaily {
		c.Add(invalid.NotAMailSetting, "mail", "")
	}
	language, known := mailLanguages[in.Language]
	if !known {
		c.Add(invalid.NotALanguage, "language", "")
	}
	if err := c.Err(); err != nil {
		return Notifications{}, err
	}
	var out Notifications
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		err := g.register.Prefer(ctx, v.tx, register.Contact{Person: a.person, Daily: in.Mail == mailDaily,
			Courtesy: in.Courtesy, Language: language})
		if err != nil {
			return err
		}
		c, err := g.register.ContactOf(ctx, v.tx, a.person)
		out = notificationsView(c)
		return err
	})
	return out, g.fault(article4.ActDescribe, err)
}

func notificationsView(c register.Contact) Notifications {
	out := Notifications{Mail: mailAtOnce, Courtesy: c.Courtesy, Language: c.Language, Address: c.Address}
	if c.Daily {
		out.Mail = mailDaily
	}
	if c.Language == "" {
		out.Language = "both"
	}
	if !c.Bounced.IsZero() {
		out.Bounced = &c.Bounced
	}
	return out
}

// NewSignIn tells somebody that they signed in from a place where they had not signed in before: whoever keeps sessions
// says so, in few words, and only the person is told.
func (g *Gateway) NewSignIn(ctx context.Context, a Actor, place string) error {
	if a.person == "" {
		return ErrUnrecognised
	}
	return g.fault(article4.ActDescribe, g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		o, err := v.organisation(a.organisation.ID)
		if err != nil {
			return err
		}
		return v.tell(ctx, register.Notice{
			Kind:   noticeSignIn,
			Owner:  o.SealedUnder(),
			To:     a.organisation.ID,
			Person: a.person,
			Facts:  facts{"since": instant(v.at), "place": place},
		})
	}))
}

// tellBounces tells whoever answers for an organisation whose people mail does not reach.
func (g *Gateway) tellBounces(ctx context.Context) error {
	return each(ctx, g, chore[article4.PersonID]{
		find: func(ctx context.Context, v *visit, after article4.PersonID) ([]article4.PersonID, error) {
			return g.register.Bounced(ctx, v.tx, after, closeAtATime)
		},
		about: func(article4.PersonID) operation { return operation{} },
		do: func(ctx context.Context, v *visit, id article4.PersonID) error {
			first, err := g.register.BounceTold(ctx, v.tx, id)
			if err != nil || !first {
				return err
			}
			people, err := g.register.People(ctx, v.tx, []article4.PersonID{id})
			if err != nil {
				return err
			}
			for _, p := range people {
				err := v.tell(ctx, register.Notice{Kind: noticeBounced, Owner: p.Keyset, To: p.Organisation,
					Facts: facts{"name": p.Name}})
				if err != nil {
					return err
				}
			}
			return nil
		},
	})
}
