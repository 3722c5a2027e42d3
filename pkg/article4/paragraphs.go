package article4

import (
	_ "embed" // the words of the Arrangement are part of the program
	"strings"
)

//go:embed article-4.txt
var articleText string

// Paragraph is one paragraph of the Arrangement, word for word.
type Paragraph struct {
	Number string // "4(8)"
	Text   string
}

// Paragraphs are the ten of Article 4, in their order.
func Paragraphs() []Paragraph { return quoted()[:10] }

// Quote finds the words of a paragraph that reasons cite: those of Article 4, and 5(3), 6(3), 11(1), 11(4).
func Quote(number string) (Paragraph, bool) {
	for _, p := range quoted() {
		if p.Number == number {
			return p, true
		}
	}
	return Paragraph{}, false
}

// quoted reads the embedded text: blocks of a line with the number and a line with the words.
func quoted() []Paragraph {
	var paragraphs []Paragraph
	for block := range strings.SplitSeq(strings.TrimSpace(articleText), "\n\n") {
		number, text, _ := strings.Cut(block, "\n")
		paragraphs = append(paragraphs, Paragraph{Number: number, Text: text})
	}
	return paragraphs
}
