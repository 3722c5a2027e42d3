package exchange

import (
	"fmt"
	"strings"
	"sync"

	"chancery.example/gateway/pkg/article4"
)

const (
	maxWaitsOfOne = 4    // calls of one person that wait for events at once, on one replica
	maxWaits      = 1000 // of everybody
)

// TooManyWaits says that somebody waits for events as often at once as is waited, or that everybody together does.
type TooManyWaits struct{ Most int }

func (e *TooManyWaits) Error() string {
	return fmt.Sprintf("more than %d calls wait for events at once", e.Most)
}

// eventWait is a call that waits on this replica. It holds no connection of the database.
type eventWait struct {
	person       article4.PersonID
	organisation article4.OrganisationID
	woken        chan struct{} // holds one while there may be something new
}

// eventWaits are those of this replica.
type eventWaits struct {
	mu       sync.Mutex
	all      map[*eventWait]struct{}
	ofPerson map[article4.PersonID]int
	stopped  chan struct{} // closed once nobody is to wait any more
	stop     sync.Once
}

func newEventWaits() *eventWaits {
	return &eventWaits{
		all:      map[*eventWait]struct{}{},
		ofPerson: map[article4.PersonID]int{},
		stopped:  make(chan struct{}),
	}
}

func (w *eventWaits) wait(a Actor) (*eventWait, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ofPerson[a.person] >= maxWaitsOfOne {
		return nil, &TooManyWaits{Most: maxWaitsOfOne}
	}
	if len(w.all) >= maxWaits {
		return nil, &TooManyWaits{Most: maxWaits}
	}
	one := &eventWait{person: a.person, organisation: a.organisation.ID, woken: make(chan struct{}, 1)}
	w.all[one] = struct{}{}
	w.ofPerson[a.person]++
	return one, nil
}

func (w *eventWaits) leave(one *eventWait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, one)
	if w.ofPerson[one.person]--; w.ofPerson[one.person] == 0 {
		delete(w.ofPerson, one.person)
	}
}

// wake has those look whose organisation is among the named; everything: all of them.
func (w *eventWaits) wake(organisations string) {
	named := map[article4.OrganisationID]bool{}
	for id := range strings.FieldsSeq(organisations) {
		named[article4.OrganisationID(id)] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		if named[one.organisation] || organisations == everything {
			select {
			case one.woken <- struct{}{}:
			default:
			}
		}
	}
}

// count is how many calls wait.
func (w *eventWaits) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all)
}

// EndWaits answers whoever waits for events now, and lets nobody wait any more: the gateway is being stopped.
func (g *Gateway) EndWaits() { g.events.stop.Do(func() { close(g.events.stopped) }) }
