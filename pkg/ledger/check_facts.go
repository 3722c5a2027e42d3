package ledger

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// On which facts was it decided, and would the rules decide so again? An entry that the rules decided commits to what
// they were asked. What the log before it says of the same is held against that: a gateway that skipped a rule has to
// lie in one of the two. With a Decider the rules themselves are asked again (docs/decisions/0231).
type factsChecker struct {
	*past
	first   int64 // index of the first entry that committed to facts; -1: none did
	held    int64 // decisions whose facts were held against the log
	again   int64 // decisions that the rules took again
	before  int64 // decisions without facts, of earlier builds
	unruled int64 // under rules whose text is in no bundle
	by      map[string]int64
	known   map[string]*facts // that were read, by their text: most decisions are asked what others were
}

// factsKept is how many are remembered.
const factsKept = 1024

// Decider decides again, by rules that a bundle or the auditor brought. It is asked in the order of the log.
type Decider interface {
	// Rules takes a text of rules, whose digest is of the auditor's own making; an error says why it cannot be used.
	Rules(digest, text string) error
	// Again says in what the rules of that digest, asked the same, do not say what the entry says; nothing, when they
	// do. known is false where there are no such rules.
	Again(b *Body, facts string) (why string, known bool)
}

func newFactsChecker(p *past) *factsChecker {
	return &factsChecker{past: p, first: -1, by: map[string]int64{},
		known: map[string]*facts{}}
}

func (c *factsChecker) see(e *seen) {
	b := e.body
	if !e.row.private[factsField] {
		return
	}
	if b.Private[factsField] == "" {
		c.without(e)
		return
	}
	if c.first < 0 {
		c.first = e.index
	}
	text, shown := e.shown(factsField)
	if !shown {
		if !c.sees(c.owner(e)) { // else the checker of private fields says so
			c.wrong(CheckFacts, e, "the facts on which it was decided are held back")
		}
		return
	}
	f, err := c.parsed(text)
	switch {
	case err != nil:
		c.wrong(CheckFacts, e, "the facts on which it was decided cannot be read: %v", err)
		return
	case !slices.Contains(actsOf[b.Kind], f.act) && !(b.Kind == KindDeposit && f.act == "request"):
		c.wrong(CheckFacts, e, "the facts are those of another act, %q", shorten(f.act))
		return
	}
	if b.Outcome == Permitted {
		c.against(e, f)
	}
	c.decide(e, text)
}

func (c *factsChecker) parsed(text string) (*facts, error) {
	if f := c.known[text]; f != nil {
		return f, nil
	}
	f, err := parseFacts(text)
	if err == nil && len(c.known) < factsKept {
		c.known[text] = f
	}
	return f, err
}

// without: once the log has begun to commit to facts, every decision does. A refusal for what is absent, or because the
// gateway could not work, the rules did not decide.
func (c *factsChecker) without(e *seen) {
	ruled := e.body.Outcome == Permitted ||
		slices.ContainsFunc(e.body.Reasons, func(code string) bool { return strings.HasPrefix(code, "art") })
	switch {
	case !ruled:
	case c.first >= 0:
		c.wrong(CheckFacts, e, "it does not say on which facts it was decided, and the log has done so from index %d "+
			"on", c.first)
	default:
		c.before++
	}
}

// against holds what is said of the log against the log. Of a refusal nothing is: it gave nothing away.
func (c *factsChecker) against(e *seen, f *facts) {
	c.held++
	if f.flags == nil {
		c.wrong(CheckFacts, e, "it was permitted on no facts at all")
		return
	}
	d := c.document[e.body.Document]
	for _, rule := range flagsHeld {
		is, known := f.flags[rule.name]
		if !known || rule.act != "" && rule.act != f.act {
			continue
		}
		if want, told := rule.want(c.past, e, d); told && want != is {
			c.wrong(CheckFacts, e, "by its facts %s is %t; by the log before it, it is not", rule.name, is)
		}
	}
	for _, rule := range wordsHeld {
		if rule.act == "" || rule.act == f.act {
			c.word(e, f.words[rule.name], rule)
		}
	}
}

func (c *factsChecker) word(e *seen, said string, rule wordHeld) {
	if said == "" {
		return
	}
	if want := rule.want(c.past, e, c.document[e.body.Document]); want != "" && want != said {
		c.wrong(CheckFacts, e, "by its facts %s is %q; by the log before it, it is %q", rule.name, shorten(said), want)
	}
}

// decide has the rules asked again.
func (c *factsChecker) decide(e *seen, text string) {
	if c.options.Decider == nil {
		return
	}
	why, known := c.options.Decider.Again(e.body, text)
	switch {
	case !known:
		c.unruled++
	case why != "":
		c.wrong(CheckDecided, e, "%s", why)
	default:
		c.again++
		c.by[e.body.Rules]++
	}
}

func (c *factsChecker) finish() {
	if c.held > 0 {
		c.say(CheckFacts, "%s held against what the log before them says", Several(c.held, "permit"))
	}
	if c.options.Decider == nil {
		return
	}
	by := slices.Sorted(maps.Keys(c.by))
	if len(by) > 0 {
		c.say(CheckDecided, "%s again as they stand, by the rules %s", Several(c.again, "decision"),
			strings.Join(by, ", "))
	}
	c.gap("decisions of earlier builds, which do not say on which facts", c.before)
	c.gap("decisions under rules whose text is in no bundle: they were not taken again", c.unruled)
	c.limit("that the facts are true which no entry bears out (roles, sign-in, whether a signature checked out): " +
		"they are the gateway's word; and that the rules are those that you agreed to: read them, or compare their " +
		"digest")
}

// actsOf are the acts whose entries are of a kind.
var actsOf = map[Kind][]string{
	KindDeposit: {"deposit"}, KindDescribe: {"describe"}, KindRequest: {"request"}, KindMessage: {"ask", "answer"},
	KindAuthorization: {"authorize"}, KindFiling: {"file"}, KindConsent: {"consent"}, KindRefusal: {"refuse"},
	KindAdmission: {"admit"}, KindWithdrawal: {"withdraw"}, KindRelease: {"release"},
	KindAgreement: {"propose-agreement"}, KindSignature: {"sign"}, KindDisclosure: {"disclose"},
	KindMarking: {"mark"}, KindAmendment: {"amend"}, KindEntities: {"add-entity", "remove-entity"},
	KindNotConcerned:          {"not-concerned"},
	KindLoweringAuthorization: {"authorize-lowering"}, KindLoweringRefusal: {"refuse-lowering"},
	KindLoweringWithdrawal: {"withdraw-lowering"}, KindCorrection: {"correct"}, KindRecall: {"recall"},
	KindDestruction: {"destroy"}, KindAcknowledgement: {"acknowledge"}, KindSuspension: {"suspend"},
	KindLeak: {"report-leak"}, KindLifting: {"lift"}, KindHold: {"hold"}, KindOffice: {"keep-office"},
	KindSessionsEnded: {"end-sessions"},
	KindInstrument:    {"deposit-instrument"}, KindSeries: {"open-series"}, KindStanding: {"authorize-series"},
	KindStandingWithdrawal: {"withdraw-series"}, KindAgreementDeclined: {"decline-agreement"},
	KindHoldEnded: {"end-hold"}, KindDesignation: {"designate"}, KindDelegation: {"delegate"},
	KindReleaseEnded: {"end-release"},
	KindWebhook:      {"keep-webhook"}, KindWebhookEnded: {"keep-webhook"},
	KindRecognition: {"recognise"}, KindMandate: {"mandate"}, KindMandateEnded: {"mandate"},
	KindNotice: {"give-notice"}, KindErasure: {"erase"}, KindExplanation: {"explain"}, KindTracing: {"trace"},
	KindAccounting: {"account"}, KindReading: {"read-log"},
}

// flagHeld is a flag that the log bears out or does not; told is false where it says nothing of it.
type flagHeld struct {
	name, act string // act: of it alone; empty: of whichever
	want      func(p *past, e *seen, d *document) (is, told bool)
}

var flagsHeld = []flagHeld{
	{"own", "disclose", func(_ *past, e *seen, _ *document) (bool, bool) {
		return e.body.Disclosure.From == e.body.Disclosure.To, true
	}},
	{"protected", "", func(_ *past, e *seen, d *document) (bool, bool) {
		if e.is(KindDeposit) {
			return e.body.Terms.Marking != unprotected, true
		}
		return d != nil && d.marking != unprotected, d != nil
	}},
	{"proprietary", "", func(_ *past, _ *seen, d *document) (bool, bool) {
		return d != nil && d.proprietary, d != nil
	}},
	{"personal_data", "", func(_ *past, e *seen, d *document) (bool, bool) {
		if e.is(KindDeposit) {
			return e.body.Terms.PersonalData, true
		}
		return d != nil && d.personal, d != nil
	}},
	{"retention_over", "", func(_ *past, e *seen, d *document) (bool, bool) {
		return d != nil && d.personal && !e.body.At.Before(d.retain.AddDate(0, 0, 1)), d != nil
	}},
	{"stopped", "", func(p *past, e *seen, d *document) (bool, bool) {
		on := func(s stop) bool { return s.document == e.body.Document && s.person == "" }
		return slices.ContainsFunc(p.stops, on), d != nil
	}},
	{"suspended", "disclose", suspended},
	{"suspended", "end-sessions", suspended},
	{"version_closed", "disclose", func(_ *past, e *seen, d *document) (bool, bool) {
		_, closed := d.versionsEnded(e.body.Disclosure.Version)
		return closed, d != nil
	}},
	{"version_destroyed", "disclose", func(_ *past, e *seen, d *document) (bool, bool) {
		destroyed, _ := d.versionsEnded(e.body.Disclosure.Version)
		return destroyed, d != nil
	}},
	{"purpose_named", "disclose", func(_ *past, e *seen, _ *document) (bool, bool) {
		return e.body.Disclosure.Purpose != "", true
	}},
	{"purpose_permitted", "disclose", func(_ *past, e *seen, d *document) (bool, bool) {
		return d != nil && slices.Contains(d.purposes, e.body.Disclosure.Purpose), d != nil
	}},
	{"statement", "disclose", func(_ *past, e *seen, _ *document) (bool, bool) {
		return false, e.body.Private["statement"] == ""
	}},
	{"depositor", "", func(_ *past, e *seen, d *document) (bool, bool) {
		return d != nil && d.depositor == e.body.Actor, d != nil
	}},
	// what the Recipient says that it returned or destroyed since, the log keeps private
	{"copy_held", "request", func(_ *past, e *seen, d *document) (bool, bool) {
		return false, d != nil && !d.held[e.body.Terms.DocumentVersion]
	}},
	{"delivery", "request", func(_ *past, e *seen, _ *document) (bool, bool) { return e.body.Terms.Delivery, true }},
	{"operator", "", func(p *past, e *seen, _ *document) (bool, bool) {
		return false, p.isParty(e.body.Organisation)
	}},
	{"asker", "", func(p *past, e *seen, _ *document) (bool, bool) {
		for _, name := range e.body.relied() {
			if q := p.find(name); q != nil && q.body.Kind == KindRequest {
				return q.body.Actor == e.body.Actor, true
			}
		}
		return false, false
	}},
	{"unprotects", "mark", func(_ *past, e *seen, d *document) (bool, bool) {
		return d != nil && d.marking != unprotected && e.body.Terms.Marking == unprotected, d != nil
	}},
}

// suspended is whether the writer of an entry was stopped, alone or with the whole organisation.
func suspended(p *past, e *seen, _ *document) (is, told bool) {
	return slices.ContainsFunc(p.stops, func(s stop) bool {
		return s.person != "" && s.person == e.body.Actor || s.organisation != "" &&
			s.organisation == e.body.Organisation && s.document == "" && s.person == ""
	}), true
}

// versionsEnded reports whether a version was destroyed, and whether it was closed, and is there still.
func (d *document) versionsEnded(version string) (destroyed, closed bool) {
	if d == nil {
		return false, false
	}
	_, destroyed = d.destroyed[version]
	_, closed = d.superseded[version]
	return destroyed, closed && !destroyed
}

// relied are the body hashes that the terms of an entry rest on.
func (b *Body) relied() []string {
	if b.Terms == nil {
		return nil
	}
	return b.Terms.Relies
}

// wordHeld is a word that the log bears out or does not; what it wants is empty where it says nothing of it.
type wordHeld struct {
	name, act string
	want      func(p *past, e *seen, d *document) string
}

var wordsHeld = []wordHeld{
	{"phase", "", func(p *past, e *seen, _ *document) string {
		if !p.told {
			return ""
		}
		return p.phase(e.body.At)
	}},
	{"side", "", side},
	{"form", "disclose", func(_ *past, e *seen, _ *document) string { return e.body.Disclosure.Form }},
	{"grant_form", "disclose", func(p *past, e *seen, _ *document) string {
		if q := p.find(e.body.Disclosure.Grant); q != nil && q.body.Kind == KindRequest {
			return q.body.Terms.Form
		}
		return ""
	}},
	{"consent", "disclose", func(p *past, e *seen, _ *document) string {
		d := e.body.Disclosure
		switch {
		case d.From == d.To || d.Marking == unprotected || p.isParty(d.To):
			return ""
		case d.Consent == "":
			return "none"
		}
		return "matching"
	}},
	{"second", "", func(_ *past, e *seen, _ *document) string {
		return cmp.Or(string(stepOf(e.body)), string(StepFirst))
	}},
}

func stepOf(b *Body) Step {
	if b.Terms == nil {
		return ""
	}
	return b.Terms.Step
}

// side is where the writer of an entry stands to its document, or without one, to the Arrangement.
func side(p *past, e *seen, d *document) string {
	own := e.body.Organisation
	switch {
	case !p.isParty(own):
		return "third-party"
	case e.is(KindDeposit):
		return "discloser"
	case d == nil || !slices.Contains(besideDocument, e.body.Kind):
		return ""
	case own == d.discloser:
		return "discloser"
	}
	return "recipient"
}

// besideDocument are the kinds whose facts say on which side of a document their writer stands.
var besideDocument = []Kind{KindRequest, KindMessage, KindAuthorization, KindFiling, KindConsent, KindRefusal,
	KindAdmission, KindWithdrawal, KindRelease, KindDisclosure, KindMarking, KindAmendment, KindEntities,
	KindNotConcerned,
	KindLoweringAuthorization, KindLoweringRefusal, KindLoweringWithdrawal, KindCorrection, KindRecall,
	KindDestruction}
