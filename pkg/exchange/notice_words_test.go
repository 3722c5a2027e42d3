package exchange_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/exchange"
)

// english is what a notice says in English.
func english(n exchange.Notice) string {
	said, _ := n.Words()
	return said
}

// noticesOf are the notices of one kind.
func noticesOf(all []exchange.Notice, kind string) []exchange.Notice {
	return slices.DeleteFunc(slices.Clone(all), func(n exchange.Notice) bool { return n.Kind != kind })
}

// A replica tells of what a later build did, which serves beside it, that there is something to read.
func TestANoticeOfALaterBuildIsNotEmpty(t *testing.T) {
	english, french := exchange.Notice{Kind: "of-a-later-build"}.Words()
	if !strings.Contains(english, "again later") || !strings.Contains(french, "plus tard") {
		t.Errorf("it says %q, and %q", english, french)
	}
}

// Every kind of notice of the contract is worded, in both languages, from the same facts.
func TestEveryNoticeIsWordedInBothLanguages(t *testing.T) {
	for where, words := range exchange.NoticeTexts() {
		if words[0] == "" || words[1] == "" {
			t.Errorf("%s: a wording is missing: %q, %q", where, words[0], words[1])
		}
		english, french := exchange.PlacesIn(words[0]), exchange.PlacesIn(words[1])
		if len(english) != len(french) {
			t.Errorf("%s: English says %q, French %q", where, english, french)
			continue
		}
		for i := range english {
			if english[i] != french[i] {
				t.Errorf("%s: English says %q, French %q", where, english[i], french[i])
			}
		}
	}
}
