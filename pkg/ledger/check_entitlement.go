package ledger

import (
	"slices"
	"strings"
)

// Could each Party open what concerns it? Running numbers prove that a Party was given all entries that name it; this
// asks whether each entry names whom its row wants: both Parties, or the one whose affair it is (docs/decisions/0014,
// 0090).
type entitlementChecker struct{ *past }

func (c *entitlementChecker) see(e *seen) {
	if e.body.Outcome != Permitted {
		return
	}
	want, any := c.entitled(e)
	if any || len(want) == len(e.opens) &&
		!slices.ContainsFunc(want, func(p string) bool { return !slices.Contains(e.opens, p) }) {
		return
	}
	c.wrong(CheckEntitled, e, "%s may open this %s; who has to: %s", strings.Join(e.opens, " and "), e.body.Kind,
		e.row.Opens)
}

// entitled are the Parties that have to open an entry, and no others; any when that cannot be told.
func (c *entitlementChecker) entitled(e *seen) (want []string, any bool) {
	b, own := e.body, []string{c.discloser(e.body)}
	switch e.row.Opens {
	case OpensBoth:
		return c.parties, false
	case OpensDiscloser:
		return own, own[0] == ""
	case OpensByWriter:
		byEntity := !c.isParty(b.Organisation) && b.Terms.Recipient != b.Organisation
		return c.byWriter(e, own, byEntity)
	case OpensDisclosure:
		if b.Disclosure.From == b.Disclosure.To {
			return []string{b.Disclosure.From}, false
		}
		return c.parties, false
	case OpensBySteps:
		if b.Terms.Step == StepFirst {
			return []string{b.Organisation}, false
		}
		return c.parties, false
	case OpensOwn:
		return nil, !c.isParty(b.Organisation) || slices.Contains(e.opens, b.Organisation)
	}
	return nil, true // as the disclosure's: see the transfers' checker; an erasure's: as the entry's that is gone
}

// byWriter: what an entity concerned writes is open to the Discloser alone, unless it is itself to receive; that of a
// source of the other Party, whom the Discloser is not told, to that Party alone.
func (c *entitlementChecker) byWriter(e *seen, own []string, byEntity bool) ([]string, bool) {
	if byEntity && len(e.opens) == 1 {
		if d := c.document[e.body.Document]; d != nil && slices.Contains(c.sourceDisclosers(d), e.opens[0]) {
			return e.opens, false
		}
		return own, own[0] == ""
	}
	return c.parties, false
}

func (c *entitlementChecker) finish() {
	c.say(CheckEntitled, "each entry opens to the Parties that it concerns")
}
