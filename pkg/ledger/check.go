package ledger

import (
	"slices"
	"time"
)

// The judge walks the log once, and asks several checkers about each entry. Each answers one question, in a file of its
// own that begins with the paragraph that asks it; see takes the next entry, finish says what is known only at the end.
// docs/auditing.md says in which order to read them.
type checker interface {
	see(e *seen)
	finish()
}

// seen is an entry on its way past the checkers: it fits its row of the grammar by itself.
type seen struct {
	index   int64
	name    Hash // of the body
	body    *Body
	row     *ruled
	opens   []string
	details []Detail // shown, as committed
}

// done reports whether the entry says that something happened: it was permitted, and is not the first half of an act of
// two.
func (e *seen) done() bool {
	return e.body.Outcome == Permitted && (e.body.Terms == nil || e.body.Terms.Step != StepFirst)
}

func (e *seen) is(kinds ...Kind) bool { return slices.Contains(kinds, e.body.Kind) }

// shown is the value of a private field, where the bundle shows it.
func (e *seen) shown(field string) (string, bool) {
	for _, d := range e.details {
		if d.Field == field {
			return d.Value, true
		}
	}
	return "", false
}

// past is what the log said before the entry that is looked at. Each part is written by one checker and read by others.
type past struct {
	*reporter
	options  Options
	present  []string            // whose bundles reach the entry
	parties  []string            // of the Arrangement: as the first configuration says, until then as the bundle says
	known    map[Hash]*standing  // what a disclosure may rest on
	gone     map[Hash]withdrawal // decisions and requests taken back
	document map[string]*document
	series   map[string]*seriesOf
	// agreements are the texts put to third parties, by agreement and third party; newest, the last of each Party, by
	// Party and third party.
	agreements, newest map[[2]string]*textPut
	arrangement
}

// standing is an entry that others may rest on.
type standing struct {
	index    int64
	at       time.Time
	body     *Body
	name     string // its hash, as others name it
	from     string // a decision: whose it is
	admitted []string
	ended    string   // a request: lapsed, refused
	refused  []string // a request: by these entities
}

type withdrawal struct {
	index int64
	at    time.Time
}

// textPut is the text of a Confidentiality Agreement that a Party put to a third party, and what that answered.
type textPut struct {
	index            int64
	signed, declined int64 // where; -1: it did not
}

// sees reports whether a bundle of this Party is there and reaches the entry.
func (p *past) sees(party string) bool { return slices.Contains(p.present, party) }

// isParty reports whether an organisation is one of the Parties.
func (p *past) isParty(organisation string) bool { return slices.Contains(p.parties, organisation) }

// discloser is that of the document which an entry is about; empty when there is none.
func (p *past) discloser(b *Body) string {
	if d := p.document[b.Document]; d != nil {
		return d.discloser
	}
	if b.Document == "" && b.Terms != nil && b.Terms.Series != "" {
		return b.Terms.Discloser
	}
	return ""
}

// find gives the entry of this name that stands earlier.
func (p *past) find(name string) *standing {
	h, err := ParseHash(name)
	if err != nil {
		return nil
	}
	return p.known[h]
}

func (p *past) wrong(check string, e *seen, why string, args ...any) {
	p.fault(check, e.index, e.body.ID, why, args...)
}

// judge asks the checkers in this order: an entry is held against what stands before it, then the past grows by it.
type judge struct {
	*past
	grammar   *grammarChecker
	transfers *transfersChecker
	exports   map[string]exported
	all       []checker
}

// exported is an entry that may be that of an export.
type exported struct {
	index int64
	rules string
}

func newJudge(r *reporter, o Options) *judge {
	p := &past{
		reporter:    r,
		options:     o,
		known:       map[Hash]*standing{},
		gone:        map[Hash]withdrawal{},
		document:    map[string]*document{},
		series:      map[string]*seriesOf{},
		agreements:  map[[2]string]*textPut{},
		newest:      map[[2]string]*textPut{},
		arrangement: newArrangement(),
	}
	j := &judge{past: p, exports: map[string]exported{}}
	j.grammar, j.transfers = newGrammarChecker(p), newTransfersChecker(p)
	j.all = []checker{
		j.grammar, &timeChecker{past: p}, newFactsChecker(p), &lifeChecker{past: p},
		newPairsChecker(p), &entitlementChecker{past: p},
		newPrivateChecker(p),
		newConsentChecker(p), &entitiesChecker{past: p}, &documentsChecker{past: p}, newHoldsChecker(p),
		&seriesChecker{past: p}, newSessionsChecker(p),
		newAuthorityChecker(p, j.transfers), j.transfers,
	}
	return j
}

// look takes the next entry. present are the Parties whose bundles reach it.
func (j *judge) look(index int64, l *looked, present []string) {
	j.present = present
	if !l.opened || l.body == nil {
		return
	}
	b := l.body
	j.report.Kinds[string(b.Kind)]++
	if b.Kind == KindReading && b.Outcome == Permitted {
		j.exports[b.ID] = exported{index, b.Rules}
	}
	if !j.grammar.fits(index, l) {
		return
	}
	e := &seen{index: index, name: l.name, body: b, row: grammar[b.Kind], details: l.details}
	for _, p := range l.leaf.Parties {
		e.opens = append(e.opens, p.Party)
	}
	for _, c := range j.all {
		c.see(e)
	}
}

func (j *judge) finish() {
	for _, c := range j.all {
		c.finish()
	}
}
