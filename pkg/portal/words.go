package portal

import (
	_ "embed" // the words are part of the program
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/web"
)

//go:embed words.txt
var wordsText string

// word is one thing that pages say.
type word struct{ english, french string }

var catalogue = readWords(wordsText)

// readWords reads blocks of three lines: key, English, French. A block that is none of that is left out, and missed by
// a
// test.
func readWords(text string) map[string]word {
	out := map[string]word{}
	for block := range strings.SplitSeq(text, "\n\n") {
		lines := strings.Split(strings.Trim(block, "\n"), "\n")
		if len(lines) != 3 {
			continue
		}
		set := strings.NewReplacer(`\n`, "\n", "'", "’")
		out[lines[0]] = word{set.Replace(lines[1]), set.Replace(unbroken.Replace(lines[2]))}
	}
	return out
}

// unbroken sets the spaces of French at which no line breaks.
var unbroken = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", "« ", "«\u00a0",
	" »", "\u00a0»", "par. ", "par.\u00a0", "0 %", "0\u00a0%")

// colon stands between a name and what is said of it; in French behind a space at which no line breaks.
func colon(in web.Language) string {
	if in == web.French {
		return "\u00a0: "
	}
	return ": "
}

// lookUp finds words by their key.
func lookUp(in web.Language, key string) (string, bool) {
	w, found := catalogue[key]
	if in == web.French {
		return w.french, found
	}
	return w.english, found
}

// isOne reports whether a number takes the singular; in French none does, too.
func isOne(n any, in web.Language) bool { return n == 1 || n == 0 && in == web.French }

// worded says something in a language. A key that is missing is shown as it stands: the page goes on, and a test fails.
func worded(in web.Language, key string, args ...any) string {
	text, found := lookUp(in, key)
	switch {
	case !found:
		return key
	case len(args) == 0:
		return text
	}
	if one, many, counted := strings.Cut(text, "|"); counted { // "one|several"
		if text = many; isOne(args[0], in) {
			text = one
		}
	}
	if !strings.Contains(text, "%") {
		return text // one thing, in words
	}
	return fmt.Sprintf(text, args...)
}
