package report

import (
	_ "embed" // the words are part of the program
	"fmt"
	"strings"
)

//go:embed words.txt
var wordsText string

// words are those of one language.
type words struct {
	language string
	of       map[string]string
}

// wordsOf reads blocks of three lines: key, English, French.
func wordsOf(language string) (words, error) {
	line := map[string]int{"": 1, "en": 1, "fr": 2}[language]
	if line == 0 {
		return words{}, fmt.Errorf("the report is written in en or fr, not in %q", language)
	}
	w := words{[]string{"", "en", "fr"}[line], map[string]string{}}
	for block := range strings.SplitSeq(wordsText, "\n\n") {
		if lines := strings.Split(strings.Trim(block, "\n"), "\n"); len(lines) == 3 {
			w.of[lines[0]] = typeset.Replace(lines[line])
		}
	}
	return w, nil
}

// typeset sets apostrophes, and the spaces of French at which no line breaks.
var typeset = strings.NewReplacer("'", "’", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", "« ", "«\u00a0",
	" »", "\u00a0»", "par. ", "par.\u00a0")

// say says something; a key that is missing is shown as it stands, and a test fails. Of "one|several" the first
// argument decides.
func (w words) say(key string, args ...any) string {
	text, found := w.of[key]
	if !found {
		_, last, _ := strings.Cut(key, ".")
		return last
	}
	if one, many, counted := strings.Cut(text, "|"); counted && len(args) > 0 {
		if text = many; args[0] == 1 || args[0] == 0 && w.language == "fr" {
			text = one
		}
	}
	if len(args) == 0 || !strings.Contains(text, "%") {
		return text
	}
	return fmt.Sprintf(text, args...)
}
