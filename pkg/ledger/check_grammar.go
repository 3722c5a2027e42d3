package ledger

import (
	"errors"
	"hash/maphash"
	"slices"
)

// Is each entry one that may stand here? By its row of the grammar: who may write it, what has to stand before it, and
// what of it there is one of at most (docs/decisions/0090).
type grammarChecker struct {
	*past
	seed    maphash.Seed
	once    map[uint64]bool
	unknown int64
}

func newGrammarChecker(p *past) *grammarChecker {
	return &grammarChecker{past: p, seed: maphash.MakeSeed(), once: map[uint64]bool{}}
}

// fits says what is wrong with the entry by itself. What does not fit, or is of no known kind, no other checker sees.
func (c *grammarChecker) fits(index int64, l *looked) bool {
	switch {
	case errors.Is(l.fits, ErrUnknownKind):
		c.unknown++
		return false
	case l.fits != nil:
		c.fault(CheckGrammar, index, l.body.ID, "%v", l.fits)
		return false
	}
	return true
}

func (c *grammarChecker) see(e *seen) {
	if e.body.Outcome != Permitted {
		return
	}
	if !slices.ContainsFunc(e.row.By, func(w Writer) bool { return c.writes(e, w) }) {
		c.wrong(CheckGrammar, e, "%q may not write a %s here; who may: %s", shorten(e.body.Organisation), e.body.Kind,
			e.row.writers())
	}
	for _, after := range e.row.After {
		c.after(e, after)
	}
	c.often(e)
}

// writes reports whether the entry is by such a writer, as far as the log before it says.
func (c *grammarChecker) writes(e *seen, w Writer) bool {
	b := e.body
	switch w {
	case ByGateway:
		return b.Organisation == ""
	case ByParty:
		return c.isParty(b.Organisation)
	case ByDiscloser:
		return c.isParty(b.Organisation) && (b.Kind == KindDeposit || c.discloser(b) == b.Organisation)
	case ByEntity:
		d := c.document[b.Document]
		return c.isEntity(d, b.Organisation) || e.is(KindLoweringWithdrawal) && slices.Contains(d.off, b.Organisation)
	case BySource:
		return c.isSource(c.document[b.Document], b.Organisation)
	case ByRecipient:
		return b.Terms != nil && b.Terms.Recipient == b.Organisation
	}
	return b.Organisation != "" // its reader: the transfers' checker knows whose disclosure it is
}

// isEntity is whether an organisation is concerned by a document, or may be, as far as the bundle shows who is.
func (c *grammarChecker) isEntity(d *document, organisation string) bool {
	return d == nil || d.hidden || !c.sees(d.discloser) || slices.Contains(d.entities, organisation)
}

func (c *grammarChecker) isSource(d *document, organisation string) bool {
	return d != nil && slices.Contains(c.sourceDisclosers(d), organisation)
}

// after wants what the row wants to stand before; authority and disclosures have checkers of their own.
func (c *grammarChecker) after(e *seen, after After) {
	want := map[After]Kind{AfterRequest: KindRequest, AfterAgreement: KindAgreement, AfterHold: KindHold,
		AfterRelease: KindRelease, AfterSeries: KindSeries}[after]
	switch {
	case after == AfterDeposit && c.document[e.body.Document] == nil:
		c.wrong(CheckGrammar, e, "no deposit of %q stands earlier", shorten(e.body.Document))
	case want == "":
	case !slices.ContainsFunc(e.body.Terms.Relies, func(name string) bool {
		s := c.find(name)
		return s != nil && s.body.Kind == want && c.sameMatter(s.body, e.body)
	}):
		c.wrong(CheckGrammar, e, "it rests on a %s that stands nowhere earlier, or on one of another document", want)
	}
}

// sameMatter reports whether an entry may rest on another: both are about the same document; of an agreement, which may
// have been put for one, about the same text and third party.
func (c *grammarChecker) sameMatter(on, b *Body) bool {
	if on.Kind == KindAgreement {
		return on.Terms.Agreement == b.Terms.Agreement && on.Terms.AgreementText == b.Terms.AgreementText &&
			on.Terms.Recipient == b.Terms.Recipient
	}
	return on.Document == b.Document
}

// often wants one of a kind for each of what the row says.
func (c *grammarChecker) often(e *seen) {
	b, of := e.body, ""
	switch e.row.Once {
	case "":
		return
	case "document":
		of = b.Document
	case "request":
		of = b.Request
	case "disclosure":
		of = b.Disclosure.ID
	case "terms.series":
		of = b.Terms.Series
	case "terms.subject":
		of = b.Terms.Subject
	case "terms.decision":
		of = b.Terms.Decision
	case "terms.agreement":
		of = b.Terms.Agreement
	case "terms.document_version":
		of = b.Terms.DocumentVersion
	}
	step := ""
	if b.Terms != nil {
		step = string(b.Terms.Step)
	}
	key := maphash.String(c.seed, string(b.Kind)+" "+step+" "+of)
	if c.once[key] {
		c.wrong(CheckGrammar, e, "a second %s of %q: there is one at most", b.Kind, shorten(of))
	}
	c.once[key] = true
}

func (c *grammarChecker) finish() {
	c.say(CheckGrammar, "each entry is one that may stand where it does (docs/log-entries.md)")
	c.gap("entries of kinds that this build does not know: take a newer one", c.unknown)
}
