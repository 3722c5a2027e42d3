package exchange

import (
	"sync"

	"chancery.example/gateway/pkg/article4"
)

// maxKnown bounds the people whom the gateway knows again without asking the database.
const maxKnown = 4096

// acquaintances are the people recognised of late, with the revision of the records by which they were. It spares the
// question who somebody is at each request, and decides nothing: behind the locks the door compares the revision, and
// recognises again where it is another.
type acquaintances struct {
	mu     sync.Mutex
	people map[acquaintance]acquainted
}

// acquainted is who somebody is by the records of a revision.
type acquainted struct {
	person       article4.PersonID
	organisation Organisation
	revision     string
}

// acquaintance is what a token says of who bears it; another name is to be recorded first.
type acquaintance struct{ issuer, subject, name string }

func acquaintanceOf(c Claims) acquaintance { return acquaintance{c.Issuer, c.Subject, c.Name} }

func (k *acquaintances) find(c Claims) (Actor, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	one, found := k.people[acquaintanceOf(c)]
	return Actor{person: one.person, organisation: one.organisation, claims: c, revision: one.revision}, found
}

func (k *acquaintances) add(a Actor, revision string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.people == nil || len(k.people) >= maxKnown {
		k.people = map[acquaintance]acquainted{}
	}
	k.people[acquaintanceOf(a.claims)] = acquainted{a.person, a.organisation, revision}
}

func (k *acquaintances) forget(c Claims) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.people, acquaintanceOf(c))
}

func (k *acquaintances) forgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.people = nil
}
