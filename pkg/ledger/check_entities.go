package ledger

import "slices"

// Did the entities concerned have their say? The Discloser takes one off only before anything was put to it; afterwards
// only its own word does. A lowering takes the authorization of each of them, for this lowering (Article 4(4), readings
// 0001 and 0002).
type entitiesChecker struct {
	*past
	lowered  int64 // with the authorization of everybody concerned
	deferred int64 // lowerings whose entities concerned are the other Party's to show
}

// lowering is the first half of one, as it was put to the entities concerned.
type lowering struct {
	marking     string
	proprietary bool
	given       map[string]Hash // by entity, what it authorized and did not take back
}

func (c *entitiesChecker) see(e *seen) {
	b := e.body
	doc := c.document[b.Document]
	if doc == nil || b.Outcome != Permitted || b.Terms == nil {
		return
	}
	switch b.Kind {
	case KindRequest:
		doc.put = doc.put || b.Terms.Recipient != doc.discloser
	case KindEntities:
		c.takenOff(e, doc)
	case KindNotConcerned:
		c.known(e, doc)
		doc.takeOff(b.Organisation)
	case KindMarking:
		c.marked(e, doc)
	case KindLoweringAuthorization, KindLoweringRefusal:
		c.decided(e, doc)
	case KindLoweringWithdrawal:
		c.withdrawn(e, doc)
	}
}

// takenOff: by the Discloser only before anything was put to anybody.
func (c *entitiesChecker) takenOff(e *seen, doc *document) {
	if who, shown := e.shown("removed"); shown && doc.put && e.done() {
		c.wrong(CheckAuthority, e, "the Discloser takes %s off those concerned after something was put to it (Article "+
			"4(4), reading 0001)", who)
	}
}

// known wants whoever acts as an entity concerned to be one, where the bundle shows who is.
func (c *entitiesChecker) known(e *seen, doc *document) {
	if !doc.hidden && c.sees(doc.discloser) && !slices.Contains(doc.entities, e.body.Organisation) {
		c.wrong(CheckAuthority, e, "%s is no entity concerned", e.body.Organisation)
	}
}

func (c *entitiesChecker) marked(e *seen, doc *document) {
	t := e.body.Terms
	if lowers := doc.marking != unprotected && t.Marking == unprotected || doc.proprietary && !t.Proprietary; !lowers {
		return
	}
	if t.Step == StepFirst {
		doc.lowerings[e.name] = &lowering{t.Marking, t.Proprietary, map[string]Hash{}}
		doc.put = doc.put || slices.ContainsFunc(doc.entities, func(o string) bool { return o != doc.discloser })
		return
	}
	if doc.hidden || !c.sees(doc.discloser) {
		c.deferred++
		return
	}
	c.lowered++
	c.authorized(e, doc)
}

// authorized wants what each entity concerned said of the lowering.
func (c *entitiesChecker) authorized(e *seen, doc *document) {
	said := c.lowering(e, doc)
	for _, entity := range doc.entities {
		if entity != doc.discloser && (said == nil || said.given[entity] == (Hash{})) {
			c.wrong(CheckAuthority, e, "it takes protection away without the authorization of the entity concerned %s "+
				"(Article 4(4), readings 0001 and 0002)", entity)
		}
	}
}

// lowering is the one that an entry rests on, as it is marked there.
func (c *entitiesChecker) lowering(e *seen, doc *document) *lowering {
	for _, name := range e.body.Terms.Relies {
		h, _ := ParseHash(name)
		l := doc.lowerings[h]
		if l != nil && l.marking == e.body.Terms.Marking && l.proprietary == e.body.Terms.Proprietary {
			return l
		}
	}
	return nil
}

func (c *entitiesChecker) decided(e *seen, doc *document) {
	c.known(e, doc)
	l := c.lowering(e, doc)
	switch {
	case l == nil:
		c.wrong(CheckAuthority, e, "the lowering that it decides on stands nowhere earlier")
	case e.is(KindLoweringAuthorization):
		l.given[e.body.Organisation] = e.name
	}
}

func (c *entitiesChecker) withdrawn(e *seen, doc *document) {
	for _, name := range e.body.Terms.Withdraws {
		h, _ := ParseHash(name)
		for _, l := range doc.lowerings {
			if l.given[e.body.Organisation] == h {
				delete(l.given, e.body.Organisation)
			}
		}
	}
}

func (c *entitiesChecker) finish() {
	if c.lowered > 0 {
		c.say(CheckAuthority, "%s of documents whose entities concerned are shown, each with the authorization of all "+
			"of them", Several(c.lowered, "lowering"))
	}
	c.gap("lowerings of documents whose entities concerned are the Discloser's to show: that each authorized it",
		c.deferred)
}
