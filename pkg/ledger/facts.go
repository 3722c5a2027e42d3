package ledger

import (
	"errors"
	"strings"
)

// facts are what the rules were asked in one decision, as the gateway wrote it down: the act, flags that are set, flags
// that are not, and words with their values (docs/decisions/0231).
type facts struct {
	act   string
	flags map[string]bool   // nil: there was nothing to ask
	words map[string]string // those with one value
}

// parseFacts reads the form in which facts are kept: lines of words divided by spaces.
func parseFacts(text string) (*facts, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	f := &facts{act: lines[0]}
	if len(lines) == 1 {
		return f, nil
	}
	f.flags, f.words = map[string]bool{}, map[string]string{}
	if len(lines) == 2 {
		return nil, errors.New("flags that are set, and no line of the others")
	}
	yes, no := strings.Split(lines[1], " "), strings.Split(lines[2], " ")
	if yes[0] != "yes" || no[0] != "no" {
		return nil, errors.New("no lines of flags")
	}
	for _, name := range yes[1:] {
		f.flags[name] = true
	}
	for _, name := range no[1:] {
		f.flags[name] = false
	}
	for _, line := range lines[3:] {
		if name, value, one := strings.Cut(line, " ="); one {
			f.words[name] = value
		}
	}
	return f, nil
}
