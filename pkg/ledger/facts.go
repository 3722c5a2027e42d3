package ledger

import (
	"errors"
	"slices"
	"strings"
)

// facts are what the rules were asked in one decision, as the gateway wrote it down: the act, flags that are set, flags
// that are not, and words with their values (docs/decisions/0231).
type facts struct {
	act     string
	yes, no []string
	words   [][]string // name and values; of a word that is no set, one value behind "="
}

// parseFacts reads the form in which facts are kept: lines of words divided by spaces.
func parseFacts(text string) (f facts, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	f.act = lines[0]
	if len(lines) == 1 {
		return f, nil
	}
	if len(lines) == 2 {
		return f, errors.New("flags that are set, and no line of the others")
	}
	f.yes, f.no = strings.Split(lines[1], " "), strings.Split(lines[2], " ")
	if f.yes[0] != "yes" || f.no[0] != "no" {
		return f, errors.New("no lines of flags")
	}
	for _, line := range lines[3:] {
		f.words = append(f.words, strings.Split(line, " "))
	}
	return f, nil
}

// flag is one that was said; known is false where it was not.
func (f *facts) flag(name string) (is, known bool) {
	if slices.Contains(f.yes[1:], name) {
		return true, true
	}
	return false, slices.Contains(f.no[1:], name)
}

// word is the value of one that is no set; empty where it was not said.
func (f *facts) word(name string) string {
	at := slices.IndexFunc(f.words, func(w []string) bool { return w[0] == name })
	if at < 0 || len(f.words[at]) != 2 {
		return ""
	}
	return strings.TrimPrefix(f.words[at][1], "=")
}
