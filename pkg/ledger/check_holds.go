package ledger

import "slices"

// Was anything destroyed or erased under a Hold? While one stands, by its entry and until two people of the Party that
// placed it ended it, nothing of its document is erased and no version destroyed, but for one that the other Party's
// Hold does not keep: it was never given it (docs/decisions/0044, 0107).
type holdsChecker struct {
	*past
	stands map[string][]held  // by document
	given  map[[2]string]bool // version and organisation
}

// held is a Hold that nobody ended.
type held struct {
	index  int64
	id, by string
}

func newHoldsChecker(p *past) *holdsChecker {
	return &holdsChecker{past: p, stands: map[string][]held{}, given: map[[2]string]bool{}}
}

func (c *holdsChecker) see(e *seen) {
	if !e.done() {
		return
	}
	b := e.body
	switch b.Kind {
	case KindDisclosure:
		c.given[[2]string{b.Disclosure.Version, b.Disclosure.To}] = true
	case KindHold:
		c.stands[b.Document] = append(c.stands[b.Document], held{e.index, b.Terms.Subject, b.Organisation})
	case KindHoldEnded:
		c.stands[b.Document] = slices.DeleteFunc(c.stands[b.Document],
			func(h held) bool { return h.id == b.Terms.Subject && h.by == b.Organisation })
	case KindDestruction:
		for _, h := range c.stands[b.Document] {
			if h.by == b.Organisation || c.given[[2]string{b.Terms.DocumentVersion, h.by}] {
				c.wrong(CheckDocuments, e, "version %s was destroyed under the Hold of %s at index %d",
					shorten(b.Terms.DocumentVersion), h.by, h.index)
			}
		}
	case KindErasure:
		for _, h := range c.stands[b.Document] {
			c.wrong(CheckDocuments, e, "%q of entry %s was erased under the Hold of %s at index %d",
				shorten(b.Terms.Field), shorten(b.Terms.Subject), h.by, h.index)
		}
	}
}

func (c *holdsChecker) finish() {}
