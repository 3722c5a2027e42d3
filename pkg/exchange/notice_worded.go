package exchange

import (
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
)

// wordsOf are the words of a notice with these facts; an error names what is missing.
func wordsOf(kind string, facts map[string]string) (noticeWords, error) {
	words, known := noticeKinds[kind].words[facts["how"]]
	if !known {
		return noticeWords{}, fmt.Errorf("a notice of kind %q (%q) has no words", kind, facts["how"])
	}
	for _, name := range placesIn(words.English) {
		if _, given := facts[name]; !given && !slices.Contains(noticeOwn, name) {
			return noticeWords{}, fmt.Errorf("a notice of kind %q (%q) lacks the fact %q", kind, facts["how"], name)
		}
	}
	return words, nil
}

// noticeOfLater is what a notice says for which this build has no words.
var noticeOfLater = noticeWords{"Something concerns you, and this part of the gateway has no words for it yet: the " +
	"gateway is being renewed. Please read this notice again later, or ask its operator.",
	"Un fait vous concerne, que cette partie de la passerelle ne sait pas encore exprimer : la passerelle est en " +
		"cours de renouvellement. Veuillez relire cet avis plus tard, ou interroger son exploitant."}

// noticeOwn are the places in words that the notice itself fills.
var noticeOwn = []string{"reference", "request", "subject"}

// placesIn are the names in braces of a text, sorted, each once.
func placesIn(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, "{") {
		if name, _, found := strings.Cut(part, "}"); found {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Words are what a notice says, in both languages. One from before there were facts says what it said then, and one of
// a later build, which serves beside this one, that there is something to read (decision 0450).
func (n Notice) Words() (english, french string) {
	if n.text != "" {
		return n.text, n.text
	}
	words, known := noticeKinds[n.Kind].words[n.facts["how"]]
	if !known {
		words = noticeOfLater
	}
	return n.worded(words.English, 0), n.worded(words.French, 1)
}

// worded fills the places of a text in one of the languages. Each is filled once: what a fact says is not read again.
func (n Notice) worded(text string, language int) string {
	pairs := []string{"{reference}", n.Reference, "{request}", string(n.Request), "{subject}", n.Subject}
	for name, value := range n.facts {
		if said, isWord := factWords[value]; isWord && (name == "marking" || name == "weakening") {
			value = said[language]
		}
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.TrimSpace(strings.NewReplacer(pairs...).Replace(text))
}

// factWords are facts that are words of ours: an absent one, and the markings.
var factWords = map[string][2]string{
	"":                               {"none", "néant"},
	string(article4.Confidential):    {"confidential", "confidentiel"},
	string(article4.Restricted):      {"restricted", "à diffusion restreinte"},
	string(article4.NonConfidential): {"non-confidential", "non confidentiel"},
}

// NoticeTexts are all texts of notices, English and French, by kind and way, with their places in braces: for those who
// look after the words.
func NoticeTexts() map[string][2]string {
	out := map[string][2]string{}
	for kind, k := range noticeKinds {
		for how, words := range k.words {
			out[strings.TrimSuffix(kind+" "+how, " ")] = [2]string{words.English, words.French}
		}
	}
	return out
}
