package ledger

import "slices"

// Were there two people? What takes protection away, speaks for a Party as a whole, or destroys, takes two (reading
// 0002, docs/decisions/0031): the second names the first half, which stands earlier, by somebody else, and serves once.
type pairsChecker struct {
	*past
	firsts map[Hash]half
	pairs  int64
	hidden int64 // first halves that only the other Party may see
}

// half is the first half of an act that takes two people.
type half struct {
	index               int64
	kind                Kind
	actor, organisation string
}

func newPairsChecker(p *past) *pairsChecker { return &pairsChecker{past: p, firsts: map[Hash]half{}} }

func (c *pairsChecker) see(e *seen) {
	b := e.body
	if e.is(KindDeposit, KindCorrection) {
		c.resembling(e)
	}
	if b.Outcome != Permitted || b.Terms == nil || b.Terms.Step == "" {
		return
	}
	if b.Terms.Step == StepFirst {
		c.firsts[e.name] = half{e.index, b.Kind, b.Actor, b.Organisation}
		return
	}
	for _, name := range b.Terms.Relies {
		h, _ := ParseHash(name)
		first, stands := c.firsts[h]
		if !stands || first.kind != b.Kind {
			continue
		}
		delete(c.firsts, h)
		c.pairs++
		c.other(e, first)
		return
	}
	own := e.row.Opens == OpensBySteps || e.row.Opens == OpensSubject
	if own && !c.sees(b.Organisation) {
		c.hidden++ // what one official begins, only the own Party is shown
		return
	}
	c.wrong(CheckTwoPeople, e, "the first of two people stands nowhere earlier")
}

// resembles is why the first of two who say that a file derives from nothing is refused.
const resembles = "art4.9/resembles-received"

// resembling: that a file which resembles something received does not derive from it takes two people of the
// depositor's Party, of whom the first was refused for the resemblance alone (reading 0110).
func (c *pairsChecker) resembling(e *seen) {
	b := e.body
	if b.Outcome == Refused {
		if slices.Equal(b.Reasons, []string{resembles}) {
			c.firsts[e.name] = half{e.index, b.Kind, b.Actor, b.Organisation}
		}
		return
	}
	if b.Private["not-derived"] == "" {
		return
	}
	for _, name := range b.Terms.Relies {
		h, _ := ParseHash(name)
		if first, stands := c.firsts[h]; stands && first.kind == b.Kind {
			delete(c.firsts, h)
			c.pairs++
			c.other(e, first)
			return
		}
	}
	if !c.sees(b.Organisation) {
		c.hidden++
		return
	}
	c.wrong(CheckTwoPeople, e, "that it derives from nothing which it resembles takes two people, and no first of "+
		"them stands earlier (reading 0110)")
}

// other wants somebody else: of the same organisation, but for a third party and whoever speaks for it, which one Party
// proposes and the other confirms.
func (c *pairsChecker) other(e *seen, first half) {
	b := e.body
	fits := first.organisation == b.Organisation
	if e.is(KindRecognition, KindMandate) {
		fits = !fits && c.isParty(first.organisation) && c.isParty(b.Organisation)
	}
	if first.actor == b.Actor || !fits {
		c.wrong(CheckTwoPeople, e, "its first half, at index %d, is of %s of %s", first.index, first.actor,
			first.organisation)
	}
}

func (c *pairsChecker) finish() {
	c.say(CheckTwoPeople, "%s by two, each with its first half by somebody else", Several(c.pairs, "act"))
	c.gap("first halves of acts of two people that only the other Party may see", c.hidden)
}
