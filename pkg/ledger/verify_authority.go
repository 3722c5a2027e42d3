package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// judge follows the entries in their order and holds each disclosure against what stands earlier (Article 4(4), 4(8)).
type judge struct {
	v         *verifier
	parties   []string // of the Arrangement
	own       []string // whose bundles are there
	present   []string // of these, whose bundle reaches the index that is looked at
	index     int64
	newest    time.Time
	known     map[Hash]*standing
	gone      map[Hash]int64 // decisions and requests taken back, by body hash: where, which is never index 0
	missing   map[Hash]int64 // authority that nobody showed: the disclosure that named it
	doc       map[string]*documentState
	opened    map[Hash]*transferState
	exports   map[string]exported
	tokens    map[string]int64 // digests of evidence: where it was used
	keys      map[string]*IssuerKey
	closed    int64 // authorizations that cannot be seen
	unseen    int64 // OIDC evidence that the bundle does not show
	deferred  int64
	unsettled int64 // conditions that cannot be seen whole
	life      life
	withheld  []withheld
	erased    map[[2]string]bool // entry and field, by two people
}

// withheld is a private field that its own Party's bundle does not show.
type withheld struct {
	index int64
	field [2]string // entry and field
}

// standing is an entry that others may rest on.
type standing struct {
	index    int64
	body     *Body
	from     string // a decision: whose it is
	admitted []string
	ended    string   // a request: lapsed, refused
	refused  []string // a request: by these entities
}

type transferState struct {
	id, entry                string
	index                    int64
	at                       time.Time
	closed, complete, unused bool
}

func newJudge(v *verifier) *judge {
	return &judge{v: v, known: map[Hash]*standing{}, gone: map[Hash]int64{}, missing: map[Hash]int64{}, doc: map[string]*documentState{},
		opened: map[Hash]*transferState{}, exports: map[string]exported{}, tokens: map[string]int64{}, keys: map[string]*IssuerKey{},
		life: newLife(), erased: map[[2]string]bool{}}
}

// exported is an entry that may be that of an export.
type exported struct {
	index int64
	rules string
}

// look takes the next entry. present are the Parties whose bundles reach it.
func (j *judge) look(index int64, l *looked, present []string) {
	j.index, j.present = index, present
	if !l.opened || l.body.Kind == "" {
		return
	}
	b := &l.body
	j.v.report.Kinds[string(b.Kind)]++
	if b.At.After(j.newest) {
		j.newest = b.At
	}
	if at, named := j.missing[l.name]; named {
		j.fault(CheckAuthority, b, "the disclosure at index %d rests on this entry, which came later", at)
	}
	j.under(b)
	j.private(l)
	if b.Outcome != Permitted {
		return
	}
	switch b.Kind {
	case KindDisclosure:
		j.disclosure(b, l.name)
	case KindCompletion:
		j.completion(b)
	case KindReading:
		j.exports[b.ID] = exported{index, b.Rules}
	default:
		if b.Terms != nil {
			j.note(l)
		}
	}
}

// private notes what a bundle would show if it were still there: the private fields that are sealed for its Party.
func (j *judge) private(l *looked) {
	if len(l.details) >= len(l.body.Private) {
		return
	}
	owner := l.body.Organisation
	if d := j.doc[l.body.Document]; d != nil && l.body.Kind != KindHold && l.body.Kind != KindHoldEnded { // either Party's, whose ever the document
		owner = d.discloser
	}
	if len(l.leaf.Parties) == 1 {
		owner = l.leaf.Parties[0].Party
	}
	if !j.sees(owner) || l.body.Kind == KindAcknowledgement && l.body.Document == "" { // sealed for whose notice it answers
		return
	}
	for field := range l.body.Private {
		if !slices.ContainsFunc(l.details, func(d Detail) bool { return d.Field == field }) {
			j.withheld = append(j.withheld, withheld{j.index, [2]string{l.body.ID, field}})
		}
	}
}

// note keeps what later disclosures rest on. The first half of an act of two people does nothing yet.
func (j *judge) note(l *looked) {
	body := l.body // what is kept does not keep the chunk
	b, t := &body, body.Terms
	if t.Step == StepFirst {
		j.life.firsts[l.name] = half{j.index, b.Kind, b.Actor, b.Organisation}
		return
	}
	j.second(b)
	j.records(b)
	shown := map[string]string{}
	for _, d := range l.details {
		shown[d.Field] = d.Value
	}
	j.document(b, shown)
	one := &standing{index: j.index, body: b, from: b.Organisation}
	switch b.Kind {
	case KindWithdrawal, KindRecall:
		j.withdrawal(b)
		return
	case KindLapse, KindRefusal:
		j.end(b)
		return
	case KindAdmission:
		for _, name := range t.Relies {
			if q := j.find(name); q != nil {
				q.admitted = append(q.admitted, t.People...)
			}
		}
		return
	case KindErasure:
		j.erased[[2]string{t.Subject, t.Field}] = true
	case KindFiling:
		one.from = shown["entity"]
		j.mandate(b, "authorize")
	case KindAuthorization:
		j.mandate(b, "authorize")
	case KindConsent:
		j.mandate(b, "consent")
		j.consent(b, shown)
	}
	j.known[l.name] = one
}

// withdrawal takes back decisions, or without any the request itself (reading 0006).
func (j *judge) withdrawal(b *Body) {
	named := b.Terms.Withdraws
	if len(named) == 0 {
		named = b.Terms.Relies
	}
	for _, name := range named {
		if h, err := ParseHash(name); err == nil {
			j.gone[h] = j.index
		}
	}
}

// end is silence or a "no": the Discloser's ends the request, an entity's blocks it for as long as it is concerned.
func (j *judge) end(b *Body) {
	for _, name := range b.Terms.Relies {
		q := j.find(name)
		if q == nil || q.body.Kind != KindRequest {
			continue
		}
		if b.Kind == KindLapse {
			q.ended = "lapsed"
		} else if q.body.Terms.Discloser == b.Organisation {
			q.ended = "refused"
		} else {
			q.refused = append(q.refused, b.Organisation)
		}
	}
}

func (j *judge) find(name string) *standing {
	h, err := ParseHash(name)
	if err != nil {
		return nil
	}
	return j.known[h]
}

func (j *judge) fault(check string, b *Body, why string, args ...any) {
	j.v.fault(check, j.index, b.ID, why, args...)
}

// disclosure holds one permitted disclosure against the log before it.
func (j *judge) disclosure(b *Body, name Hash) {
	d, counts := b.Disclosure, &j.v.report.Disclosures
	if d == nil {
		j.fault(CheckAuthority, b, "it does not say what was disclosed")
		return
	}
	j.opened[name] = &transferState{id: d.ID, entry: b.ID, index: j.index, at: b.At}
	doc := j.doc[b.Document]
	if doc == nil {
		j.fault(CheckAuthority, b, "no deposit of %s stands earlier", b.Document)
		return
	}
	j.ofDocument(b, doc)
	j.stopped(b)
	j.inEffect(b)
	switch {
	case d.From == d.To:
		counts.Own++
	case d.Marking == unprotected:
		counts.Unprotected++
		if !slices.Contains(j.parties, d.To) {
			j.release(b, doc)
		}
	default:
		counts.Protected++
		j.authority(b, doc)
	}
}

// authority wants the grant, the decision of the Discloser, and that of each entity concerned, to stand earlier, unexpired
// and not taken back at this index, for this version, recipient and purpose (reading 0001).
func (j *judge) authority(b *Body, doc *documentState) {
	d := b.Disclosure
	q := j.grant(b)
	given := map[string]bool{}
	var leaves []*standing
	for _, name := range d.Authorizations {
		l := j.decision(b, doc, name, false)
		if leaves = append(leaves, l); l != nil {
			given[l.from] = true
		}
	}
	third := !slices.Contains(j.parties, d.To)
	if third {
		j.v.report.Disclosures.ThirdParty++
	}
	switch {
	case third && d.Consent == "":
		j.fault(CheckAuthority, b, "no written consent of %s is named (Article 4(8))", d.From)
	case d.Consent != "":
		l := j.decision(b, doc, d.Consent, true)
		if leaves = append(leaves, l); l != nil && l.from != d.From {
			j.fault(CheckAuthority, b, "the consent at index %d is not of the Discloser %s", l.index, d.From)
		} else if l != nil {
			j.agreement(b, l.body.Terms)
		}
	case !given[d.From]:
		j.fault(CheckAuthority, b, "no authorization of the Discloser %s stands (Article 4(4))", d.From)
	}
	for _, l := range leaves {
		relied := l != nil && l.from == d.From && (d.Consent == "" || l.body.Kind == KindConsent) // what else the Discloser gave is beside it
		if relied && d.Delegation != "" && l.body.Terms.Delegation != d.Delegation {
			j.fault(CheckAuthority, b, "it names another Delegation than the %s at index %d", l.body.Kind, l.index)
		}
	}
	j.conditions(b, doc, leaves)
	if doc.hidden || !j.sees(d.From) {
		j.deferred++
		return
	}
	for _, entity := range doc.entities {
		if entity == d.From {
			continue
		}
		if !given[entity] {
			j.fault(CheckAuthority, b, "no authorization of the entity concerned %s stands (Article 4(4))", entity)
		}
		if q != nil && slices.Contains(q.refused, entity) {
			j.fault(CheckAuthority, b, "the entity concerned %s had refused (Article 4(4))", entity)
		}
	}
}

// conditions wants the reader to have accepted what the decisions ask for, all of it under one hash. A leave that was taken back,
// of somebody who is concerned no longer, may have set some of it and is not named any more.
func (j *judge) conditions(b *Body, doc *documentState, leaves []*standing) {
	if slices.Contains(leaves, nil) {
		j.unsettled++
		return
	}
	slices.SortFunc(leaves, func(a, b *standing) int { return cmp.Compare(a.index, b.index) })
	want := ""
	for _, l := range leaves {
		switch next := l.body.Terms.Conditions; {
		case want == "":
			want = next
		case next != "":
			want = digestOf(want + "\n" + next)
		}
	}
	switch accepted := b.Disclosure.Conditions; {
	case accepted == want:
	case accepted != "" && (doc.withdrawn || !j.sees(b.Disclosure.From)):
		j.unsettled++
	default:
		j.fault(CheckAuthority, b, "the reader did not accept the conditions that the decisions set")
	}
}

// sees reports whether a bundle of this Party is there and reaches the index.
func (j *judge) sees(party string) bool { return slices.Contains(j.present, party) }

// grant checks the request that the disclosure rests on, and that the reader is of it.
func (j *judge) grant(b *Body) *standing {
	d := b.Disclosure
	q := j.find(d.Grant)
	if q == nil || q.body.Kind != KindRequest {
		j.fault(CheckAuthority, b, "the request it rests on stands nowhere earlier")
		return nil
	}
	if h, _ := ParseHash(d.Grant); j.gone[h] > 0 {
		j.fault(CheckAuthority, b, "the request at index %d was withdrawn at index %d", q.index, j.gone[h])
	}
	if q.ended != "" {
		j.fault(CheckAuthority, b, "the request at index %d was %s", q.index, q.ended)
	}
	j.terms(b, q)
	asked := q.body.Actor == b.Actor || slices.Contains(q.body.Terms.People, b.Actor) || slices.Contains(q.admitted, b.Actor)
	if !asked {
		j.fault(CheckAuthority, b, "the reader is neither asker, named nor admitted (Article 4(6))")
	}
	return q
}

// decision checks one authorization or consent; nil when it cannot be relied on, or cannot be seen.
func (j *judge) decision(b *Body, doc *documentState, name string, consent bool) *standing {
	h, err := ParseHash(name)
	if err != nil {
		j.fault(CheckAuthority, b, "authority is named by %q, which is no hash", shorten(name))
		return nil
	}
	l := j.known[h]
	what := "authorization"
	if consent {
		what = "consent"
	}
	switch {
	case l == nil && !consent && !j.sees(b.Disclosure.From):
		// Whose authorization it is, only the Discloser may see.
		j.closed++
		j.missing[h] = j.index
		return nil
	case l == nil:
		j.missing[h] = j.index
		j.fault(CheckAuthority, b, "the %s that it names stands nowhere earlier", what)
		return nil
	case consent && l.body.Kind != KindConsent, !consent && l.body.Kind != KindAuthorization && l.body.Kind != KindConsent && l.body.Kind != KindFiling:
		j.fault(CheckAuthority, b, "what it names as %s, at index %d, is of kind %s", what, l.index, l.body.Kind)
		return nil
	case j.gone[h] > 0:
		j.fault(CheckAuthority, b, "the %s at index %d was withdrawn at index %d, before the disclosure", what, l.index, j.gone[h])
		return nil
	case l.index < doc.recalled:
		j.fault(CheckAuthority, b, "the document was recalled at index %d, after the %s at index %d", doc.recalled, what, l.index)
		return nil
	case j.life.records[b.Disclosure.To] != "" && j.life.records[b.Disclosure.To] != l.body.Terms.RecipientRecord:
		j.fault(CheckAuthority, b, "the %s at index %d is for what %s was before both Parties recognised it anew (Article 4(8))", what, l.index, b.Disclosure.To)
		return nil
	case !slices.Contains(l.body.Terms.Relies, b.Disclosure.Grant):
		j.fault(CheckAuthority, b, "the %s at index %d was given on another request", what, l.index)
		return nil
	}
	if !j.terms(b, l) {
		return nil
	}
	return l
}

// terms holds a request or a decision against the disclosure.
func (j *judge) terms(b *Body, s *standing) bool {
	d, t := b.Disclosure, s.body.Terms
	why := ""
	switch {
	case s.body.Document != b.Document:
		why = "is about another document"
	case t.DocumentVersion != d.Version:
		why = "is for another version"
	case t.Recipient != d.To:
		why = "is for another recipient, " + t.Recipient
	case !slices.Contains(t.Purposes, d.Purpose):
		why = "is for another purpose"
	case !b.At.Before(t.Until):
		why = fmt.Sprintf("ended on %s", t.Until.Format(time.RFC3339))
	case t.Form == "stamped" && d.Form == "original":
		why = "asks for the marked form"
	default:
		return true
	}
	j.fault(CheckAuthority, b, "the %s at index %d %s", s.body.Kind, s.index, why)
	return false
}

// agreement wants the signature of the Confidentiality Agreement that the consent asks for (Article 4(8)).
func (j *judge) agreement(b *Body, consent *Terms) {
	if !consent.AgreementRequired {
		return
	}
	s := j.find(b.Disclosure.Agreement)
	if s == nil || s.body.Kind != KindSignature || s.body.Organisation != b.Disclosure.To {
		j.fault(CheckAuthority, b, "no signature of %s under a Confidentiality Agreement stands earlier, and the consent asks for one", b.Disclosure.To)
	}
}

// completion holds the end of a transfer against its beginning.
func (j *judge) completion(b *Body) {
	c := b.Completion
	if c == nil {
		j.fault(CheckCompletions, b, "it does not say what it closes")
		return
	}
	h, err := ParseHash(c.Closes)
	d := j.opened[h]
	switch {
	case err != nil || d == nil || d.id != c.Disclosure:
		j.fault(CheckCompletions, b, "it closes a disclosure that stands nowhere earlier")
	case c.Bytes < 0 || c.Bytes > c.Length || c.Offset < 0, c.End == EndComplete && c.Bytes != c.Length, c.End == EndUnused && c.Length != 0:
		j.fault(CheckCompletions, b, "%s with %d of %d bytes", c.End, c.Bytes, c.Length)
	case d.unused || c.End == EndUnused && d.closed:
		j.fault(CheckCompletions, b, "it was never fetched, says one of its completions, and another that it was")
	default:
		d.closed, d.unused = true, c.End == EndUnused
		d.complete = d.complete || c.End == EndComplete
	}
}
