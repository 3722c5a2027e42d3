package ledger

import "slices"

// Is a private field that is not shown gone by right? What is sealed for a Party its bundle shows, or two people erased
// it, which is an entry; and what a decision, a disclosure or an erasure is held against, nobody erases
// (docs/decisions/0044).
type privateChecker struct {
	*past
	withheld []withheld
	erased   map[[2]string]bool // entry and field, by two people
}

// withheld is a private field that its own Party's bundle does not show.
type withheld struct {
	index int64
	kind  Kind
	field [2]string // entry and field
}

// evident are the fields that are never erased.
var evident = []string{"entities", "added", "removed", "entity", "required", "id-token", "evidence-key", "given-by",
	"function", "authority", "legal-basis", factsField}

func newPrivateChecker(p *past) *privateChecker {
	return &privateChecker{past: p, erased: map[[2]string]bool{}}
}

func (c *privateChecker) see(e *seen) {
	if e.is(KindErasure) && e.done() {
		c.erased[[2]string{e.body.Terms.Subject, e.body.Terms.Field}] = true
		if slices.Contains(evident, e.body.Terms.Field) {
			c.wrong(CheckDetails, e, "%q is never erased: others are held against it", e.body.Terms.Field)
		}
	}
	if len(e.details) >= len(e.body.Private) || !c.sees(c.owner(e)) {
		return
	}
	if e.is(KindAcknowledgement) && e.body.Document == "" { // sealed for whose notice it answers
		return
	}
	for field := range e.body.Private {
		if _, shown := e.shown(field); !shown {
			c.withheld = append(c.withheld, withheld{e.index, e.body.Kind, [2]string{e.body.ID, field}})
		}
	}
}

// owner is the Party under whose keyset the fields are sealed: the only one that may open the entry, else the Discloser
// of the document or of the series, else whoever acted. A hold is either Party's, whose ever the document.
func (p *past) owner(e *seen) string {
	if len(e.opens) == 1 {
		return e.opens[0]
	}
	if e.is(KindStanding, KindStandingWithdrawal) && e.body.Terms != nil && p.series[e.body.Terms.Series] != nil {
		return p.series[e.body.Terms.Series].terms.Discloser
	}
	if d := p.document[e.body.Document]; d != nil && !e.is(KindHold, KindHoldEnded, KindSuspension, KindLifting) {
		return d.discloser
	}
	return e.body.Organisation
}

// finish wants an entry by two people for every private field that a bundle should show and does not.
func (c *privateChecker) finish() {
	removed := 0
	for _, w := range c.withheld {
		decided := slices.Contains(evident, w.field[1]) || w.field[1] == "text" && w.kind != KindMessage
		if c.erased[w.field] && !decided {
			removed++
			continue
		}
		c.fault(CheckDetails, w.index, w.field[0], "the value of %q is held back: no erasure of it stands in the log",
			shorten(w.field[1]))
	}
	if removed > 0 {
		c.say(CheckDetails, "%d erased, each by an entry of two people; their commitments stay", removed)
	}
}
