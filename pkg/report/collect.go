package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// asked is a request on its way.
type asked struct {
	Entry
	id, by, organisation, recipient string
	until                           time.Time
	granted, ended                  bool
}

// collector gathers the lines while the verifier walks the log.
type collector struct {
	options     Options
	since       int64                // the size of the checkpoint that was kept; -1: none was
	relied      map[string]Authority // what others may rest on, by the name of its body
	documents   map[string]*Document
	names       map[string]string // of organisations and people
	parties     map[string]bool
	disclosures []*Disclosure
	named       map[string]*Disclosure // by the name of the entry's body
	decisions   []*Decision
	refusals    []*Refusal
	third       map[string]*ThirdParty
	requests    map[string]*asked
	fresh       map[ledger.Kind]int // as Report.Fresh has them
	weakening   []Unusual
	wrong       map[int64][]string
	texts       map[string]string // words that come often, once
}

func newCollector(o Options) *collector {
	c := &collector{
		options:   o,
		since:     -1,
		relied:    map[string]Authority{},
		documents: map[string]*Document{},
		names:     map[string]string{},
		parties:   map[string]bool{},
		named:     map[string]*Disclosure{},
		third:     map[string]*ThirdParty{},
		requests:  map[string]*asked{},
		fresh:     map[ledger.Kind]int{},
		wrong:     map[int64][]string{},
		texts:     map[string]string{},
	}
	if o.Verify.Since != nil {
		if size, err := ledger.ClaimedSize(o.Verify.Since); err == nil { // the verifier says what is wrong with it
			c.since = size
		}
	}
	return c
}

// textsKept is how many words are kept once.
const textsKept = 4096

// plain is a text of an entry as a line may keep it: with nothing that commands a terminal, and by itself, since the
// texts of an entry share its bytes and would keep all of them.
func (c *collector) plain(s string) string {
	s = ledger.Plain(s)
	if kept, found := c.texts[s]; found {
		return kept
	}
	s = strings.Clone(s)
	if len(c.texts) < textsKept {
		c.texts[s] = s
	}
	return s
}

// find takes a finding: of an entry, or of the bundle, which stands in the verdict.
func (c *collector) find(f ledger.Finding) {
	if f.Index >= 0 {
		c.wrong[f.Index] = append(c.wrong[f.Index], f.Check+": "+f.Why)
	}
}

// take gathers what one entry says. Whatever it keeps of the details it copies.
func (c *collector) take(s ledger.Shown) {
	b := s.Body
	e := Entry{
		Index: s.Index,
		ID:    c.plain(b.ID),
		Leaf:  s.Leaf.String(),
		At:    b.At,
		New:   c.since >= 0 && s.Index >= c.since,
	}
	switch {
	case e.New && b.Outcome == ledger.Refused:
		c.fresh[""]++
	case e.New && terms(b).Step == ledger.StepFirst:
		c.fresh[Begun]++
	case e.New:
		c.fresh[b.Kind]++
	}
	for _, p := range s.Opens {
		c.parties[p] = true
	}
	c.learn(b, s.Details)
	if b.Outcome == ledger.Refused {
		c.refused(e, b)
		return
	}
	name := s.Name.String()
	if relied(b.Kind) {
		c.relied[name] = Authority{b.Kind, c.personOf(b), e, c.plain(terms(b).Evidence)}
	}
	switch b.Kind {
	case ledger.KindRequest:
		c.asks(e, b)
	case ledger.KindAuthorization, ledger.KindFiling, ledger.KindConsent, ledger.KindRefusal, ledger.KindWithdrawal,
		ledger.KindRelease:
		c.decided(e, b, s.Details)
	case ledger.KindLapse, ledger.KindExpiry:
		if q := c.requests[b.Request]; q != nil {
			q.ended = true
		}
	case ledger.KindSignature:
		c.partyOf(b.Organisation).Signed = b.At
	case ledger.KindDisclosure:
		c.disclosed(e, name, b, s.Details)
	case ledger.KindCopy, ledger.KindCompletion:
		c.went(b)
	case ledger.KindConfiguration:
		c.configured(e, b)
	}
}

// relied reports whether others rest on entries of this kind.
func relied(k ledger.Kind) bool {
	return slices.Contains([]ledger.Kind{ledger.KindRequest, ledger.KindAuthorization, ledger.KindFiling,
		ledger.KindConsent, ledger.KindSignature}, k)
}

// learn keeps what describes documents, and the names that stand behind commitments.
func (c *collector) learn(b *ledger.Body, details []ledger.Detail) {
	if b.Document != "" && b.Terms != nil && b.Outcome != ledger.Refused && b.Terms.Step != ledger.StepFirst {
		d := c.document(b.Document)
		if b.Terms.Marking != "" {
			d.Marking = c.plain(b.Terms.Marking)
		}
		if b.Kind == ledger.KindDeposit {
			d.Title = shown(details, "title")
		}
	}
	switch name := shown(details, "name"); {
	case name == "":
	case b.Kind == ledger.KindSignature:
		c.names[b.Actor] = name
	case b.Kind == ledger.KindRecognition && b.Terms != nil:
		c.names[b.Terms.Subject] = name
	}
}

func (c *collector) document(id string) *Document {
	d := c.documents[id]
	if d == nil {
		d = &Document{ID: c.plain(id)}
		c.documents[id] = d
	}
	return d
}

// at is the document as the entry says that it was.
func (c *collector) at(id, version, marking string) Document {
	if id == "" {
		return Document{}
	}
	d := *c.document(id)
	d.Version = c.plain(version)
	if marking != "" {
		d.Marking = c.plain(marking)
	}
	return d
}

// shown is what stands behind a commitment, as plain text; a copy.
func shown(details []ledger.Detail, field string) string {
	for _, d := range details {
		if d.Field == field {
			return strings.Clone(ledger.Plain(d.Value))
		}
	}
	return ""
}

func (c *collector) personOf(b *ledger.Body) Person {
	return Person{c.plain(b.Actor), c.plain(b.Organisation)}
}

// partyOf gives the line of a third party; of a Party it is one that nobody reads.
func (c *collector) partyOf(organisation string) *ThirdParty {
	t := c.third[organisation]
	if t == nil {
		t = &ThirdParty{ID: c.plain(organisation), documents: map[string]bool{}}
		c.third[organisation] = t
	}
	return t
}

func (c *collector) asks(e Entry, b *ledger.Body) {
	t := terms(b)
	c.requests[b.Request] = &asked{
		Entry:        e,
		id:           c.plain(b.Request),
		by:           b.Actor,
		organisation: b.Organisation,
		recipient:    t.Recipient,
		until:        t.Until,
	}
	c.partyOf(t.Recipient).Requests++
}

func terms(b *ledger.Body) ledger.Terms {
	if b.Terms == nil {
		return ledger.Terms{}
	}
	return *b.Terms
}

func (c *collector) decided(e Entry, b *ledger.Body, details []ledger.Detail) {
	t := terms(b)
	if t.Step == ledger.StepFirst {
		return
	}
	if q := c.requests[b.Request]; q != nil {
		q.granted = q.granted || b.Kind == ledger.KindAuthorization || b.Kind == ledger.KindConsent
		q.ended = q.ended || b.Kind == ledger.KindRefusal || b.Kind == ledger.KindWithdrawal
	}
	switch b.Kind {
	case ledger.KindConsent:
		c.partyOf(t.Recipient).Consents++
	case ledger.KindRelease:
		c.partyOf(t.Recipient).Releases++
	case ledger.KindRefusal:
		c.partyOf(t.Recipient).Refusals++
	}
	c.decisions = append(c.decisions, &Decision{
		Entry:      e,
		Kind:       b.Kind,
		By:         c.personOf(b),
		Document:   c.at(b.Document, t.DocumentVersion, t.Marking),
		Request:    c.plain(b.Request),
		For:        c.plain(t.Recipient),
		Purposes:   c.plainAll(t.Purposes),
		Until:      t.Until,
		Evidence:   c.plain(t.Evidence),
		Statement:  shown(details, "statement"),
		Conditions: t.Conditions != "",
	})
}

func (c *collector) plainAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = c.plain(text)
	}
	return out
}

func (c *collector) refused(e Entry, b *ledger.Body) {
	r := &Refusal{
		Entry:    e,
		By:       c.personOf(b),
		Act:      b.Kind,
		Document: c.at(b.Document, "", ""),
		Reasons:  c.plainAll(b.Reasons),
		Times:    1,
	}
	if b.Counted != nil {
		r.Times = b.Counted.Refusals
	}
	if b.Kind == ledger.KindCopy {
		c.went(b)
	}
	c.refusals = append(c.refusals, r)
}

func (c *collector) disclosed(e Entry, name string, b *ledger.Body, details []ledger.Detail) {
	said := b.Disclosure
	if said == nil {
		return
	}
	d := &Disclosure{
		Entry:     e,
		ID:        c.plain(said.ID),
		To:        Person{c.plain(b.Actor), c.plain(said.To)},
		From:      c.plain(said.From),
		Document:  c.at(b.Document, said.Version, said.Marking),
		Purpose:   c.plain(said.Purpose),
		Statement: shown(details, "statement"),
		Form:      c.plain(said.Form),
		Copy:      c.plain(said.CopyNumber),
	}
	rests := append(slices.Clone(said.Authorizations), said.SourceConsents...)
	for _, name := range append(rests, said.Consent, said.Agreement) {
		if a, found := c.relied[name]; found {
			d.Authority = append(d.Authority, a)
		}
	}
	c.disclosures = append(c.disclosures, d)
	c.named[name] = d
	t := c.partyOf(said.To)
	t.Disclosures++
	t.documents[d.Document.ID], t.Last = true, b.At
}

// went takes what became of a disclosure: its copy was made, a transfer ended.
func (c *collector) went(b *ledger.Body) {
	switch {
	case b.Completion != nil:
		if d := c.named[b.Completion.Closes]; d != nil {
			d.End, d.Bytes = c.plain(string(b.Completion.End)), d.Bytes+b.Completion.Bytes
		}
	case b.Terms != nil && len(b.Terms.Relies) > 0:
		if d := c.named[b.Terms.Relies[0]]; d != nil && b.Outcome == ledger.Permitted {
			d.Digest = c.plain(b.Terms.Digest)
		}
	}
}

func (c *collector) configured(e Entry, b *ledger.Body) {
	if b.Configured == nil {
		return
	}
	for _, what := range b.Configured.Weakening {
		c.weakening = append(c.weakening,
			Unusual{Kind: "weakening", Count: 1, What: c.plain(what), Entries: []Entry{e}})
	}
}

// within reports whether an entry is of the period that was asked for.
func (c *collector) within(e Entry) bool {
	return (c.options.From.IsZero() || !e.At.Before(c.options.From)) &&
		(c.options.To.IsZero() || e.At.Before(c.options.To))
}

// listed are the lines of the period, the newest first, each with the verdict of the verifier on its entry.
func listed[T interface{ place() *Entry }](c *collector, all []T) []T {
	var out []T
	for _, line := range slices.Backward(all) {
		e := line.place()
		for _, why := range c.wrong[e.Index] {
			e.Wrong = append(e.Wrong, c.plain(why))
		}
		if c.within(*e) {
			out = append(out, line)
		}
	}
	return out
}

// report is what was gathered, the newest first.
func (c *collector) report(verdict ledger.Report, words words) *Report {
	r := &Report{
		Verdict: verdict,
		Options: c.options,
		words:   words,
		names:   c.names,
		Since:   c.since,
		Fresh:   c.fresh,
		Unusual: c.unusual(verdict),
	}
	for _, n := range verdict.Names {
		if r.names[n.ID] == "" {
			r.names[n.ID] = n.Name
		}
	}
	for _, d := range c.disclosures {
		d.Third = !c.parties[d.To.Organisation]
	}
	r.Disclosures = listed(c, c.disclosures)
	r.Decisions = listed(c, c.decisions)
	r.Refusals = listed(c, c.refusals)
	for _, id := range slices.Sorted(maps.Keys(c.third)) {
		if t := c.third[id]; !c.parties[id] && id != "" {
			t.Documents = len(t.documents)
			r.ThirdParties = append(r.ThirdParties, t)
		}
	}
	slices.SortStableFunc(r.ThirdParties,
		func(a, b *ThirdParty) int { return cmp.Compare(b.Disclosures, a.Disclosures) })
	return r
}
