package exchange

import (
	"context"
	"slices"
	"sync"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Waiting counts what waits for a person: each number is the length of the list that it names, at most MostWaiting.
type Waiting struct {
	ToDecide         int // requests that wait for the own organisation's decision, to whoever may decide
	ToDecideSoon     int // of these, those that lapse within three days
	Questions        int // questions on the own requests that were not answered
	Confirmations    int // what began with somebody else and waits for a second person
	Notices          int // to be answered
	AgreementsToSign int // texts put to the own organisation that nobody signed, to whoever may sign
	EndingSoon       int // grants that the own organisation decided on and that end within fourteen days
	Overdue          int // of the Arrangement: a focal point that the own Party has yet to designate
}

// MostWaiting is how far anything is counted.
const MostWaiting = 100

// waitingKept is for how long the numbers are kept: a page that asks every few seconds costs one reading.
const waitingKept = 10 * time.Second

// Waiting counts what waits for the caller. It writes no entry: each thing counted could be listed without one.
func (g *Gateway) Waiting(ctx context.Context, a Actor) (Waiting, error) {
	if kept, found := g.waiting.of(a); found {
		return kept, nil
	}
	var out Waiting
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = Waiting{}
		if !v.sees() {
			return nil
		}
		return v.count(ctx, &out)
	})
	if err == nil {
		g.waiting.keep(a, out)
	}
	return out, err
}

func (v *visit) count(ctx context.Context, out *Waiting) error {
	viewer := v.viewer()
	counted, err := v.register.Counts(ctx, v.tx, viewer, MostWaiting)
	if err != nil {
		return err
	}
	out.Questions, out.Notices = counted.Questions, counted.Notices
	if viewer.SeesOwn {
		if out.ToDecide, out.ToDecideSoon, err = v.toDecide(ctx); err != nil {
			return err
		}
		out.EndingSoon, out.AgreementsToSign = counted.Ending, counted.Unsigned
	}
	if !v.ofParty() || !answers(v.actor) {
		return nil
	}
	if out.Confirmations, err = v.toConfirm(ctx); err != nil {
		return err
	}
	points, err := v.focalPoints(ctx, v.signedOn())
	for _, f := range points {
		if f.Overdue && f.Organisation == v.actor.organisation.ID {
			out.Overdue++
		}
	}
	return err
}

// toDecide counts the inbox as it is listed. Of a Party's people the query knows what they may see; of others each
// request has to be read.
func (v *visit) toDecide(ctx context.Context) (all, soon int, err error) {
	if v.ofParty() {
		return v.register.CountInbox(ctx, v.tx, v.viewer(), v.at.AddDate(0, 0, 3), MostWaiting)
	}
	found, err := v.reader().requestsIn(ctx, register.RequestFilter{Box: register.BoxInbox, Order: register.ByLapse,
		Limit: MostWaiting + 1}, "")
	for _, q := range found.Items {
		all++
		if !q.LapsesAt.IsZero() && q.LapsesAt.Before(v.at.AddDate(0, 0, 3)) {
			soon++
		}
	}
	return all, soon, err
}

// toConfirm counts what the caller did not begin.
func (v *visit) toConfirm(ctx context.Context) (int, error) {
	found, err := v.register.PendingPage(ctx, v.tx, register.PendingFilter{Of: v.actor.organisation.ID,
		Besides: ofTwoParties(), Now: v.at, Limit: MostWaiting})
	if err != nil {
		return 0, err
	}
	mine, _, err := readEach(v, found, as(v.mine))
	n := 0
	for _, own := range mine {
		if !own {
			n++
		}
	}
	return n, err
}

// signedOn is the day from which the Arrangement counts; zero while not both have signed.
func (v *visit) signedOn() time.Time {
	day, _ := v.dates.InEffectFrom()
	return day
}

// waitingFor keeps the numbers of each person in each set of roles, in this process alone.
type waitingFor struct {
	mu   sync.Mutex
	kept map[article4.PersonID]keptWaiting
}

type keptWaiting struct {
	waiting Waiting
	roles   []article4.Role
	until   time.Time
}

func (w *waitingFor) of(a Actor) (Waiting, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k, found := w.kept[a.person]
	fresh := found && time.Now().Before(k.until) && slices.Equal(k.roles, a.claims.Roles)
	return k.waiting, fresh
}

func (w *waitingFor) keep(a Actor, n Waiting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for person, k := range w.kept {
		if now.After(k.until) {
			delete(w.kept, person)
		}
	}
	w.kept[a.person] = keptWaiting{n, a.claims.Roles, now.Add(waitingKept)}
}
