package ledger

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Row is what the grammar of the log says of one kind of entry. The gateway writes by it (Fits, in the sequencer), the
// verifier judges by it, and docs/log-entries.md is made of it.
type Row struct {
	Kind    Kind
	Records string // what a permitted one records, in a sentence
	Rests   string // the paragraph or reading that asks for the act
	By      []Writer
	Opens   Opens
	Steps   Steps
	After   []After // what has to stand before a permitted one
	Once    string  // of what there is one at most; empty: it may come often
	Needs   []string
	May     []string
	Private []string
	Refused Refusing
}

// Writer says who may write an entry: whose Organisation it bears.
type Writer string

// The writers. What only a longer log shows, who the Discloser of a document is, the verifier looks up.
const (
	ByGateway   Writer = "the gateway"
	ByDiscloser Writer = "the Discloser of the document"
	ByParty     Writer = "either Party"
	ByReader    Writer = "the organisation of the reader"
	ByRecipient Writer = "the organisation that terms.recipient names"
	ByEntity    Writer = "an entity concerned"
	BySource    Writer = "the Discloser of a document that it derives from"
	ByAnybody   Writer = "whoever has standing"
)

// Opens says which Parties have to be able to open an entry, and that no other may.
type Opens string

// The ways in which entries are open.
const (
	OpensBoth       Opens = "both Parties"
	OpensDiscloser  Opens = "the Discloser alone"
	OpensByWriter   Opens = "both Parties; the Discloser alone when an entity concerned wrote it, or that of a source"
	OpensDisclosure Opens = "both Parties; the Discloser alone when its own people read"
	OpensLike       Opens = "the Parties that open the entry of its disclosure"
	OpensBySteps    Opens = "of the first half the own Party; of the second both Parties"
	OpensOwn        Opens = "the writer's own Party, or those that the document concerns"
	OpensSubject    Opens = "the Parties that open the entry that is erased; both Parties for a person"
)

// Steps says how many people an act takes.
type Steps string

// The steps of an act.
const (
	OnePerson Steps = "one"
	TwoPeople Steps = "two"
	OneOrTwo  Steps = "one; two where it takes protection away"
)

// After says what an entry rests on.
type After string

// What may have to stand before.
const (
	AfterDeposit    After = "the deposit of its document"
	AfterRequest    After = "the request that terms.relies names"
	AfterDisclosure After = "the disclosure that it names"
	AfterAgreement  After = "the agreement that terms.relies names"
	AfterHold       After = "the hold that terms.relies names"
	AfterRelease    After = "the release that terms.relies names"
	AfterSeries     After = "the series that terms.relies names"
	AfterAuthority  After = "for a protected document, the request, each authorization and, for a third party, the " +
		"consent; else, for a third party, a release"
	AfterNothing After = ""
)

// Refusing says whether there are refused entries of a kind.
type Refusing string

// The outcomes of a kind.
const (
	EitherOutcome Refusing = "permit or refuse"
	PermitsOnly   Refusing = "permit"
	RefusalsOnly  Refusing = "refuse"
)

const maxReasons = 64 // of one refusal

// factsField is the private field of every entry that the rules decided: what they were asked (docs/decisions/0231).
const factsField = "facts"

// commonFields are those of every entry; the grammar speaks of the others.
var commonFields = []string{"v", "kind", "id", "at", "actor", "organisation", "issuer", "client", "acr", "auth_time",
	"outcome", "reasons", "rules", "build",
	"configuration", "private", "terms"}

// bodyFields and termFields are the other members of a body and those of its terms, in the order of the structs:
// "document", …, "terms.marking".
var bodyFields, termFields = fieldsOf[Body]("", commonFields), fieldsOf[Terms]("terms.", nil)

type fieldOf struct {
	name string
	at   int // in the struct
	bit  uint64
}

// fieldsOf gives each field a bit of its own: those of a body the upper ones.
func fieldsOf[T any](prefix string, without []string) []fieldOf {
	var out []fieldOf
	for i, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if slices.Contains(without, name) {
			continue
		}
		bit := uint64(1) << len(out)
		if prefix == "" {
			bit = 1 << (63 - len(out))
		}
		out = append(out, fieldOf{prefix + name, i, bit})
	}
	return out
}

// ruled is a row as Fits asks it.
type ruled struct {
	*Row
	needs, may uint64
	private    map[string]bool
}

var grammar = ruledBy(Grammar)

func ruledBy(rows []Row) map[Kind]*ruled {
	out := map[Kind]*ruled{}
	for i := range rows {
		r := &ruled{Row: &rows[i], private: map[string]bool{}}
		r.needs, r.may = bitsOf(rows[i].Needs), bitsOf(rows[i].May)
		for _, field := range rows[i].Private {
			r.private[field] = true
		}
		out[rows[i].Kind] = r
	}
	return out
}

// bitsOf panics over a name that is no field: a fault of the table, which no test passes.
func bitsOf(names []string) (bits uint64) {
	for _, name := range names {
		at := slices.IndexFunc(slices.Concat(bodyFields, termFields), func(f fieldOf) bool { return f.name == name })
		bits |= slices.Concat(bodyFields, termFields)[at].bit
	}
	return bits
}

// set says which fields of a body are there.
func set(b *Body) (bits uint64) {
	v := reflect.ValueOf(b).Elem()
	for _, f := range bodyFields {
		if !v.Field(f.at).IsZero() {
			bits |= f.bit
		}
	}
	if b.Terms == nil {
		return bits
	}
	v = reflect.ValueOf(b.Terms).Elem()
	for _, f := range termFields {
		if !v.Field(f.at).IsZero() {
			bits |= f.bit
		}
	}
	return bits
}

func namesOf(bits uint64) string {
	var out []string
	for _, f := range slices.Concat(bodyFields, termFields) {
		if bits&f.bit != 0 {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, ", ")
}

// ErrUnknownKind is what Fits answers to a kind that stands in no row: of a newer gateway, perhaps. A verifier cannot
// judge it.
var ErrUnknownKind = errors.New("a kind of entry that the grammar does not know")

// Fits holds one entry by itself against its row: who wrote it, how far that can be told, which Parties open it, and
// its fields. What has to stand before it only the whole log shows; Verify asks that.
func Fits(b *Body, opens []string) error {
	r := grammar[b.Kind]
	if r == nil {
		return fmt.Errorf("%q: %w", shorten(string(b.Kind)), ErrUnknownKind)
	}
	var err error
	if b.Outcome == Refused {
		err = r.refused(b)
	} else {
		err = r.permitted(b, opens)
	}
	if err != nil {
		return fmt.Errorf("an entry of kind %s: %w", b.Kind, err)
	}
	return nil
}

// refused entries say why, of what, on which facts, and no more; that no copy could be made also says of which
// disclosure.
func (r *ruled) refused(b *Body) error {
	has := set(b) &^ bitsOf([]string{"document", "request", "target"})
	switch {
	case r.Refused == PermitsOnly:
		return errors.New("is never refused")
	case len(b.Reasons) == 0 || len(b.Reasons) > maxReasons:
		return fmt.Errorf("a refusal with %d reasons", len(b.Reasons))
	case len(b.Private) > 1 || len(b.Private) == 1 && (b.Private[factsField] == "" || !r.private[factsField]):
		return errors.New("a refusal with private fields")
	case b.Kind == KindCopy:
		has &^= bitsOf([]string{"terms.subject", "terms.relies"})
	case b.Kind == KindTooMany:
		has &^= bitsOf([]string{"counted"})
	}
	if has != 0 {
		return fmt.Errorf("a refusal with %s", namesOf(has))
	}
	return nil
}

func (r *ruled) permitted(b *Body, opens []string) error {
	has := set(b)
	switch missing, foreign := r.needs&^has, has&^r.needs&^r.may; {
	case r.Refused == RefusalsOnly:
		return errors.New("is only ever refused")
	case missing != 0:
		return fmt.Errorf("%s is missing", namesOf(missing))
	case foreign != 0:
		return fmt.Errorf("%s has no place in it", namesOf(foreign))
	}
	for _, field := range slices.Sorted(maps.Keys(b.Private)) {
		if !r.private[field] {
			return fmt.Errorf("the private field %q has no place in it", shorten(field))
		}
	}
	if err := r.step(b); err != nil {
		return err
	}
	if !r.writer(b) {
		return fmt.Errorf("%q may not write it; who may: %s", shorten(b.Organisation), r.writers())
	}
	return r.open(b, opens)
}

func (r *ruled) step(b *Body) error {
	step := Step("")
	if b.Terms != nil {
		step = b.Terms.Step
	}
	switch {
	case step != "" && step != StepFirst && step != StepSecond:
		return fmt.Errorf("step %q", shorten(string(step)))
	case step == StepSecond && len(b.Terms.Relies) == 0:
		return errors.New("the second of two people names no first")
	}
	return nil
}

func (r *ruled) writers() string {
	out := make([]string, len(r.By))
	for i, w := range r.By {
		out[i] = string(w)
	}
	return strings.Join(out, ", or ")
}

// writer judges by the entry alone; what it cannot tell it lets pass.
func (r *ruled) writer(b *Body) bool {
	return slices.ContainsFunc(r.By, func(w Writer) bool {
		switch w {
		case ByGateway:
			return b.Organisation == "" && b.Actor == ""
		case ByDiscloser:
			return b.Organisation != "" && (b.Terms.Discloser == "" || b.Terms.Discloser == b.Organisation)
		case ByReader:
			return b.Organisation != "" && (b.Disclosure == nil || b.Disclosure.To == b.Organisation)
		case ByRecipient:
			return b.Organisation != "" && b.Terms.Recipient == b.Organisation
		}
		return b.Organisation != ""
	})
}

// discloser is that which the terms name, if any do.
func (b *Body) discloser() string {
	if b.Terms == nil {
		return ""
	}
	return b.Terms.Discloser
}

// open judges by the entry alone: it does not know who the Parties are, but that there are two, and that a Discloser is
// one.
func (r *ruled) open(b *Body, opens []string) error {
	both, want, discloser := len(opens) > 1, false, b.discloser()
	switch r.Opens {
	case OpensBoth:
		want = true
	case OpensDiscloser:
	case OpensDisclosure:
		discloser, want = b.Disclosure.From, b.Disclosure.From != b.Disclosure.To
	case OpensBySteps:
		want = b.Terms.Step == StepSecond
	case OpensOwn:
		discloser, want = "", both
	case OpensByWriter:
		want = both
		if !both && b.Organisation != discloser { // or the Discloser of a source: the verifier knows which
			discloser = ""
		}
	default:
		want = both
	}
	switch {
	case len(opens) == 0, both != want:
		return fmt.Errorf("%q may open it; who has to: %s", strings.Join(opens, ", "), r.Opens)
	case discloser != "" && !slices.Contains(opens, discloser):
		return fmt.Errorf("the Discloser %q cannot open it", shorten(discloser))
	}
	return nil
}
