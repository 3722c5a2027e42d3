package article4

import (
	"maps"
	"slices"

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
	without.byAct[act] = slices.DeleteFunc(slices.Clone(r.byAct[act]),
		func(p policy) bool { return string(p.id) == id })
	return &without
}

// PermitsAlone are the rules without any obligation: whatever they permit, the permits name.
func PermitsAlone(r *Rules) *Rules {
	alone := *r
	alone.byAct = map[Act]policyList{}
	for act, list := range r.byAct {
		alone.byAct[act] = slices.DeleteFunc(slices.Clone(list), func(p policy) bool { return r.byID[p.id].Code != "" })
	}
	return &alone
}

// AllActs are the acts that the rules know.
func AllActs() []Act { return allActs() }

// FlattenedFacts flattens facts to the vocabulary of the schema.
func FlattenedFacts(f Facts) (types.RecordMap, bool) {
	s, sound := f.flatten()
	return s.words, sound
}

// FirstRule is the rule that is evaluated first for an act.
func FirstRule(r *Rules, act Act) string {
	for id := range r.byAct[act].All() {
		return string(id)
	}
	return ""
}
