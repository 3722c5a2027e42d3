package article4_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

func TestTheTenParagraphsInTheirOrder(t *testing.T) {
	all := article4.Paragraphs()
	if len(all) != 10 || all[0].Number != "4(1)" || all[9].Number != "4(10)" {
		t.Fatalf("%v", all)
	}
	if p, ok := article4.Quote("4(8)"); !ok ||
		!strings.Contains(p.Text, "without the prior written consent of the Discloser") {
		t.Errorf("4(8): %v %q", ok, p.Text)
	}
	if _, ok := article4.Quote("4(11)"); ok {
		t.Error("Article 4 has ten paragraphs")
	}
}

// quoted are the paragraphs that rules cite.
func quoted() []string {
	return []string{"4(1)", "4(2)", "4(3)", "4(4)", "4(5)", "4(6)", "4(7)", "4(8)", "4(9)", "4(10)", "5(3)", "6(3)",
		"11(1)", "11(4)"}
}

// wordsAsSigned is the SHA-256 of their words, each on a line, as they were when they were last held against the
// instrument.
const wordsAsSigned = "2b23879a1ed11762986532b1ecccad2c23ca8e5a5b4d3a2767a0263a6f298a98"

// In any clone, without the instrument: nobody altered a word.
func TestNoWordOfTheArrangementWasAltered(t *testing.T) {
	var words strings.Builder
	for _, number := range quoted() {
		p, _ := article4.Quote(number)
		words.WriteString(number + " " + p.Text + "\n")
	}
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(words.String()))); got != wordsAsSigned {
		t.Errorf("the words have the digest %s, not that of those which were signed", got)
	}
}

// Word for word: every paragraph stands in the instrument as signed.
func TestTheWordsAreThoseOfTheArrangement(t *testing.T) {
	const instrument = "../../../shared/arrangement-as-signed.md"
	signed, err := os.ReadFile(instrument)
	if err != nil {
		t.Skipf("THE ARRANGEMENT IS NOT HERE, so its words are not compared: %v", err)
	}
	text := strings.ReplaceAll(string(signed), "*", "")
	for _, number := range quoted() {
		p, known := article4.Quote(number)
		_, count, _ := strings.Cut(strings.TrimSuffix(number, ")"), "(")
		if !known || strings.Count(text, "\n"+count+". "+p.Text+"\n")+
			strings.Count(text, "\n "+count+". "+p.Text+"\n") != 1 {
			t.Errorf("%s does not stand in the instrument once and word for word", number)
		}
	}
}
