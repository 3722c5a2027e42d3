package article4

import "github.com/cedar-policy/cedar-go/types"

// LoadText compiles other rules than those of the program, to see how broken ones fail.
func LoadText(text string) (*Rules, error) { return load(text) }

// RuleText, SchemaText and ArticleText are the embedded texts.
func RuleText() string    { return ruleText }
func SchemaText() string  { return schemaText }
func ArticleText() string { return articleText }

// FlattenedFacts flattens facts to the vocabulary of the schema.
func FlattenedFacts(f Facts) (types.RecordMap, bool) {
	s, sound := f.flatten()
	return s.words, sound
}
