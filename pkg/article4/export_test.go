package article4

import (
	"maps"
	"slices"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// LoadText compiles other rules than those of the program, to see how broken ones fail.
func LoadText(text string) (*Rules, error) { return load(text) }

// RuleText and SchemaText are the embedded texts.
func RuleText() string   { return ruleText }
func SchemaText() string { return schemaText }

// WithoutRule are the rules without one of them for one act.
func WithoutRule(r *Rules, act Act, id string) *Rules {
	without := *r
	without.byAct = maps.Clone(r.byAct)
	without.byAct[act] = r.byAct[act].but(func(p policy) bool { return string(p.id) == id })
	return &without
}

// PermitsAlone are the rules without any obligation: whatever they permit, the permits name.
func PermitsAlone(r *Rules) *Rules {
	alone := *r
	alone.byAct = map[Act]*actRules{}
	for act, rules := range r.byAct {
		alone.byAct[act] = rules.but(func(p policy) bool { return r.byID[p.id].Code != "" })
	}
	return &alone
}

// but are the rules of one act without some of them, and without their answers.
func (a *actRules) but(without func(policy) bool) *actRules {
	return &actRules{act: a.act, byID: a.byID, policies: slices.DeleteFunc(slices.Clone(a.policies), without)}
}

// AllActs are the acts that the rules know.
func AllActs() []Act { return allActs() }

// FlattenedFacts flattens facts to the vocabulary of the schema.
func FlattenedFacts(f Facts) (types.RecordMap, bool) {
	s, sound := f.flatten()
	if !sound {
		return nil, false
	}
	return recordOf(s.words.said), true
}

// FirstRule is the rule that is evaluated first for an act.
func FirstRule(r *Rules, act Act) string {
	for id := range r.byAct[act].policies.All() {
		return string(id)
	}
	return ""
}

// AnswersKept and WordsKept are the bounds of what the rules of one act keep.
const (
	AnswersKept = answersKept
	WordsKept   = wordsKept
)

// Said is a list of words written down as a situation writes it, in the order of the names.
func Said(record types.RecordMap) string {
	words := newWordList()
	for _, name := range slices.Sorted(maps.Keys(record)) {
		switch value := record[name].(type) {
		case types.Boolean:
			words.flag(string(name), bool(value))
		case types.String:
			words.text(string(name), string(value))
		case types.Set:
			var items []types.String
			for item := range value.All() {
				items = append(items, item.(types.String))
			}
			slices.Sort(items)
			setOf(words, string(name), items)
		}
	}
	return string(words.said)
}

// ReadBack is what the rules are told of a list of words.
func ReadBack(said string) types.RecordMap { return recordOf([]byte(said)) }

// Answer is what the rules of an act say of a list of words, kept or not.
func Answer(r *Rules, act Act, said string) (permit, erred bool, applied []string) {
	answer := r.byAct[act].answerTo(&wordList{said: []byte(said)})
	for _, rule := range answer.applied {
		applied = append(applied, rule.ID)
	}
	return answer.permit, answer.erred, applied
}

// Kept counts the answers that the rules keep for an act.
func Kept(r *Rules, act Act) int {
	r.byAct[act].mu.RLock()
	defer r.byAct[act].mu.RUnlock()
	return len(r.byAct[act].kept)
}

// AsCedar evaluates the policies of an act on a record that nobody wrote down, with a person and a document.
func AsCedar(r *Rules, act Act, record types.RecordMap) (permit, erred bool, applied []string) {
	decision, diagnostic := cedar.Authorize(r.byAct[act].policies, types.EntityMap{}, cedar.Request{
		Principal: types.NewEntityUID("Person", "per_1"),
		Action:    types.NewEntityUID("Action", types.String(act)),
		Resource:  types.NewEntityUID("Document", "doc_1"),
		Context:   types.NewRecord(record),
	})
	for _, reason := range diagnostic.Reasons {
		if r.byID[reason.PolicyID].Code != "" {
			applied = append(applied, string(reason.PolicyID))
		}
	}
	erred = len(diagnostic.Errors) > 0
	return decision == cedar.Allow && !erred, erred, applied
}
