package mark

import (
	"regexp"
	"slices"
	"strings"
)

// markings are the words that headers use, in English and French. A word that is denied ("non confidentiel") does not
// count.
var markings = regexp.MustCompile(
	`(?i)(\b(?:non|not|un|ni|pas|kein)[\s\-_]*)?\b(diffusion\s+restreinte|confidential|confidentielles?|` +
		`confidentiels?|restricted|restreinte?s?|secret)\b`)

const (
	shortLine = 90 // characters that a header's line has at most; longer ones are sentences that only speak of the word
)

// markingWords finds the words that a line of a header shows. Running text that merely mentions one does not count: the
// line is short, and the word stands in capitals, or begins or ends the line.
func markingWords(line string) []string {
	line = strings.Join(strings.Fields(line), " ")
	if line == "" || len(line) > 4096 {
		return nil
	}
	var out []string
	for _, at := range markings.FindAllStringSubmatchIndex(line, 8) {
		if at[2] >= 0 {
			continue
		}
		word := line[at[4]:at[5]]
		capitals := word == strings.ToUpper(word)
		atEdge := at[4] == 0 || at[5] == len(line)
		if capitals && len(line) <= 3*shortLine || atEdge && len(line) <= shortLine/2 {
			out = append(out, strings.ToUpper(word))
		}
	}
	return out
}

// WordSet collects the marking words that the headers of a file show, sorted and once each.
type WordSet struct{ words []string }

func (s *WordSet) Add(line string) {
	for _, w := range markingWords(line) {
		if !slices.Contains(s.words, w) {
			s.words = append(s.words, w)
		}
	}
}

func (s *WordSet) Found() []string {
	slices.Sort(s.words)
	return s.words
}
