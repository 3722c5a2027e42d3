package article4

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go/types"
)

// Asked is what the rules were asked in one decision: the act, and the flattened facts in the words of
// rules.cedarschema. Whoever has it and the rules can decide again. It names nobody: no person, organisation or
// document stands in any word (decision 0231).
type Asked struct {
	act   Act
	words []byte // empty: the facts missed a part, and there was nothing to ask
	// what the rules said to the same words before, beside which the text is kept; nil: it is written each time
	kept *answer
}

// IsZero reports whether nothing was decided.
func (a Asked) IsZero() bool { return a.act == "" }

// String is a in the one form in which the log keeps it, lines of words divided by spaces, each in the order of the
// alphabet: the act; "yes" and the flags that are set; "no" and those that are not; and for each other word a line with
// its name and its value, or the values of its set.
//
//	authorize
//	yes delegated protected statement
//	no suspended
//	phase in-effect
//	roles signatory staff
func (a Asked) String() string {
	if a.kept == nil {
		return a.write()
	}
	a.kept.once.Do(func() { a.kept.text = a.write() })
	return a.kept.text
}

func (a Asked) write() string {
	var out strings.Builder
	out.WriteString(string(a.act) + "\n")
	if len(a.words) == 0 {
		return out.String()
	}
	yes, no, others := []string{"yes"}, []string{"no"}, []string{}
	for name, value := range recordOf(a.words) {
		switch value := value.(type) {
		case types.Boolean:
			if value {
				yes = append(yes, string(name))
			} else {
				no = append(no, string(name))
			}
		case types.String:
			others = append(others, string(name)+" ="+plainWord(string(value)))
		case types.Set:
			items := []string{string(name)}
			for item := range value.All() {
				items = append(items, plainWord(string(item.(types.String))))
			}
			slices.Sort(items[1:])
			others = append(others, strings.Join(items, " "))
		}
	}
	slices.Sort(yes[1:])
	slices.Sort(no[1:])
	slices.Sort(others)
	for _, line := range append([]string{strings.Join(yes, " "), strings.Join(no, " ")}, others...) {
		out.WriteString(line + "\n")
	}
	return out.String()
}

// plainWord takes whatever divides words out of a value; none of the schema's has it.
func plainWord(value string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '?'
	}, value)
}

// readAsked undoes String; it takes nothing that String does not write.
func readAsked(text string) (Asked, error) {
	act, rest, found := strings.Cut(text, "\n")
	a := Asked{act: Act(act)}
	words := newWordList()
	for n, line := range strings.Split(strings.TrimSuffix(rest, "\n"), "\n") {
		if rest == "" {
			break
		}
		said := strings.Split(line, " ")
		switch {
		case n < 2:
			for _, name := range said[1:] {
				words.flag(name, n == 0)
			}
		case len(said) == 2 && strings.HasPrefix(said[1], "="):
			words.text(said[0], said[1][1:])
		default:
			setOf(words, said[0], said[1:])
		}
	}
	a.words = words.said
	if again := a.String(); !found || again != text || strings.Contains(text, "  ") {
		return Asked{}, fmt.Errorf("these are no facts of a decision, or not in the form in which they are kept")
	}
	return a, nil
}
