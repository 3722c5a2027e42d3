package exchange

import (
	"sync"

	"chancery.example/gateway/pkg/article4"
)

// maxKnown bounds the people whom the gateway knows again without asking the database.
const maxKnown = 4096

// actorCache are the people recognised recently, with the revision of the records by which they were. It spares the
// question who somebody is at each request, and decides nothing: behind the locks the door compares the revision, and
// recognises again where it is another.
type actorCache struct {
	mu     sync.Mutex
	people map[cachedActor]cached
}

// cached is who somebody is by the records of a revision.
type cached struct {
	person       article4.PersonID
	organisation Organisation
	revision     string
}

// cachedActor is what a token says of its bearer. With another name, address or role for the organisation, or as a
// machine who was a person, somebody is not found here, and so is recorded first.
type cachedActor struct {
	issuer, subject, name, email string
	answers, machine             bool
}

func cachedActorOf(c Claims) cachedActor {
	return cachedActor{c.Issuer, c.Subject, c.Name, c.Email, answersFor(c), c.Service != nil}
}

func (k *actorCache) find(c Claims) (Actor, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	one, found := k.people[cachedActorOf(c)]
	return Actor{person: one.person, organisation: one.organisation, claims: c, revision: one.revision}, found
}

func (k *actorCache) add(a Actor, revision string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	// Full, it is emptied: whoever is missing costs one question to the database.
	if k.people == nil || len(k.people) >= maxKnown {
		k.people = map[cachedActor]cached{}
	}
	k.people[cachedActorOf(a.claims)] = cached{a.person, a.organisation, revision}
}

func (k *actorCache) forget(c Claims) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.people, cachedActorOf(c))
}

func (k *actorCache) forgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.people = nil
}
